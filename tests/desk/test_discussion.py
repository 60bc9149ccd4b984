import pytest
from sqlmodel import col, select

from claims import desk, ledger
from claims.models import Event
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import QuestionStatus
from tests.factories import a_claim, a_member, an_editor, some_evidence


def last_event(session):
    return session.exec(select(Event).order_by(col(Event.seq).desc())).first()


def a_question(session, claim, text="Litres or gallons?"):
    question = desk.discussion.ask(session, claim, text, by=a_member(session))
    session.commit()
    return question


def test_a_question_is_answered_by_evidence_and_can_be_opened_again(session):
    ada = a_member(session)
    claim = a_claim(session)
    evidence = some_evidence(session, claim)
    question = a_question(session, claim)

    desk.discussion.answer(
        session,
        claim,
        question,
        "Litres: the register counts in them.",
        evidence=evidence,
        read=question.version,
        by=ada,
    )
    session.commit()

    assert question.status is QuestionStatus.ANSWERED
    assert question.evidence_id == evidence.id
    assert last_event(session).action == "question answered"

    desk.discussion.reopen(session, claim, question, by=ada)
    session.commit()

    assert (question.status, question.answer, question.evidence_id) == (
        QuestionStatus.OPEN,
        None,
        None,
    )
    assert last_event(session).before["answer"] == "Litres: the register counts in them."
    with pytest.raises(Refused, match="open already"):
        desk.discussion.reopen(session, claim, question, by=ada)


def test_what_nothing_can_answer_is_recorded_with_the_reason(session):
    claim = a_claim(session)
    question = a_question(session, claim)

    desk.discussion.answer(
        session,
        claim,
        question,
        "The register of that year burnt.",
        evidence=some_evidence(session, claim),
        unanswerable=True,
        read=question.version,
        by=a_member(session),
    )

    assert question.status is QuestionStatus.UNANSWERABLE
    assert question.answer == "The register of that year burnt."
    assert question.evidence_id is None


def test_two_who_answer_at_once_do_not_overwrite_each_other(session):
    claim = a_claim(session)
    question = a_question(session, claim)
    read = question.version

    def answer(text):
        desk.discussion.answer(session, claim, question, text, read=read, by=a_member(session))
        session.commit()

    answer("Litres.")
    with pytest.raises(Conflict) as conflict:
        answer("Gallons.")

    assert conflict.value.now["answer"] == "Litres."


def test_a_question_can_be_reworded_and_taken_back(session):
    claim = a_claim(session)
    ada = a_member(session)
    question = a_question(session, claim)

    desk.discussion.reword_question(
        session, claim, question, "Litres or barrels?", read=question.version, by=ada
    )
    desk.discussion.withdraw(session, claim, question, "Asked elsewhere.", by=ada)
    session.commit()

    assert question.withdrawn_at is not None
    with pytest.raises(Refused, match="withdrawn"):
        desk.discussion.reword_question(
            session, claim, question, "Pints?", read=question.version, by=ada
        )
    assert ledger.verify(session).broken is None


def test_a_lead_can_be_reworded_and_taken_back_and_never_counts_as_evidence(session):
    claim = a_claim(session, evidence=[])
    ada = a_member(session)

    lead = desk.discussion.hint(session, claim, "The made-up register", by=ada)
    session.flush()
    desk.discussion.reword_lead(
        session, claim, lead, "The made-up register of 1999", read=lead.version, by=ada
    )
    session.commit()

    assert claim.evidence_count == 0
    assert last_event(session).before == {"text": "The made-up register"}
    with pytest.raises(Conflict):
        desk.discussion.reword_lead(session, claim, lead, "Another", read=0, by=ada)

    desk.discussion.withdraw(session, claim, lead, "It led nowhere.", by=ada)
    with pytest.raises(Refused, match="withdrawn"):
        desk.discussion.withdraw(session, claim, lead, "Again.", by=ada)


def test_only_whoever_wrote_a_comment_edits_it(session):
    ada, ben = a_member(session), an_editor(session)
    comment = desk.discussion.comment(session, a_claim(session), "Is that so?", by=ada)
    session.commit()
    read = comment.version

    with pytest.raises(Refused, match="wrote"):
        desk.discussion.edit_comment(session, comment, "It is.", read=read, by=ben)
    desk.discussion.edit_comment(session, comment, "It is so.", read=read, by=ada)
    session.commit()

    assert comment.edited_at is not None
    assert last_event(session).before["text"] == "Is that so?"
    with pytest.raises(Conflict):
        desk.discussion.edit_comment(session, comment, "No.", read=read, by=ada)


def test_a_comment_is_withdrawn_by_its_writer_or_an_editor_and_the_history_keeps_it(session):
    ada, ben, editor = a_member(session), a_member(session), an_editor(session)
    claim = a_claim(session)
    first = desk.discussion.comment(session, claim, "First", by=ada)
    second = desk.discussion.comment(session, claim, "Second", by=ada)

    with pytest.raises(Refused, match="editor"):
        desk.discussion.withdraw(session, claim, first, "Not mine.", by=ben)
    desk.discussion.withdraw(session, claim, first, "Said in haste.", by=ada)
    desk.discussion.withdraw(session, claim, second, "It names a witness.", by=editor)
    session.commit()

    assert (first.text, first.withdrawal_reason) == ("First", "Said in haste.")
    assert (second.withdrawn_by_id, last_event(session).after["withdrawal_reason"]) == (
        editor.id,
        "It names a witness.",
    )
    desk.discussion.restore(session, claim, first, by=ada)
    with pytest.raises(Refused, match="only an editor"):
        desk.discussion.restore(session, claim, second, by=ada)
    desk.discussion.restore(session, claim, second, by=editor)
    assert (second.withdrawn_at, second.withdrawn_by_id, second.withdrawal_reason) == (None,) * 3
    assert last_event(session).before["withdrawal_reason"] == "It names a witness."


def test_what_stands_is_not_restored_and_nothing_is_restored_on_a_withdrawn_claim(session):
    ada = a_member(session)
    claim = a_claim(session)
    question = a_question(session, claim)
    with pytest.raises(Refused, match="stands"):
        desk.discussion.restore(session, claim, question, by=ada)
    desk.discussion.withdraw(session, claim, question, "Asked elsewhere.", by=ada)
    desk.claims.withdraw(session, claim, "Not a claim.", by=ada)

    with pytest.raises(Refused, match="claim is withdrawn"):
        desk.discussion.restore(session, claim, question, by=ada)


def test_nothing_is_asked_or_hinted_on_a_withdrawn_claim_but_it_can_be_discussed(session):
    ada = a_member(session)
    claim = a_claim(session)
    desk.claims.withdraw(session, claim, "Not a claim.", by=ada)

    with pytest.raises(Refused, match="withdrawn"):
        desk.discussion.ask(session, claim, "Why?", by=ada)
    with pytest.raises(Refused, match="withdrawn"):
        desk.discussion.hint(session, claim, "There", by=ada)
    desk.discussion.comment(session, claim, "It is one, I think.", by=ada)
