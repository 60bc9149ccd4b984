import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from claims import desk, ledger, queries
from claims.desk.claims import Credit, Part
from claims.models import (
    Appearance,
    Claim,
    ClaimLink,
    Comment,
    Event,
    Evidence,
    Lead,
    Question,
)
from claims.models.columns import now
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import Kind, SpeakerType, Stance, State
from tests.factories import (
    a_claim,
    a_member,
    an_article,
    an_editor,
    some_evidence,
    the_rating,
)


def settled(session, claim, *, published=False):
    editor = an_editor(session)
    ids = queries.standing.basis(session, claim).evidence
    true = the_rating(session, "true")
    desk.verdicts.give(session, claim, true, "The register says so.", rests_on=ids, by=editor)
    desk.rulings.settle(session, claim, true, "The register says so.", read=0, by=editor)
    if published:
        desk.rulings.publish(session, claim, by=editor)
    session.commit()


def found_by(session, claim):
    words = session.execute(
        sa.text("SELECT words FROM claim_words WHERE claim_id = :id"), {"id": claim.id}
    )
    return set(words.scalar_one().split())


def actions(session, claim):
    events = session.exec(
        select(Event).where(Event.claim_id == claim.id).order_by(col(Event.seq))
    ).all()
    return [event.action for event in events]


def revise(session, claim, *, by, read=None, **changes):
    held = desk.claims.words(session, claim)
    credit = Credit(held["speaker"], held["role"], held["same_as"] or None)
    values = {
        "statement": claim.statement,
        "kind": claim.kind,
        "credit": credit if held["speaker"] else None,
        "tags": queries.claims.tags(session, claim),
    } | changes
    desk.claims.revise(
        session, claim, **values, read=claim.version if read is None else read, by=by
    )


def test_a_reworded_claim_is_found_by_its_new_words_and_its_history_keeps_the_old(session):
    claim = a_claim(session, "The made-up dam holds 40 million litres", quotation="holds a lot")

    desk.claims.reword(session, claim, "The made-up dam can hold 41 barrels", by=a_member(session))
    session.commit()

    assert {"41", "barrels"} <= found_by(session, claim)
    event = session.exec(select(Event).where(Event.action == "claim reworded")).one()
    assert event.before == {"statement": "The made-up dam holds 40 million litres"}
    assert event.after == {"statement": "The made-up dam can hold 41 barrels"}


def test_what_is_not_changed_leaves_no_event(session):
    claim = a_claim(session, speaker="Made-up Speaker")
    before = actions(session, claim)

    revise(session, claim, by=a_member(session))

    assert actions(session, claim) == before


def test_a_revision_tells_each_change_in_an_event_of_its_own(session):
    claim = a_claim(session)

    revise(
        session,
        claim,
        statement="The made-up dam leaks",
        kind=Kind.FACT,
        credit=Credit("Made-up Engineer", "made-up role", "https://people.example/engineer"),
        tags=["water", "dams"],
        by=a_member(session),
    )
    session.commit()

    assert actions(session, claim)[-4:] == [
        "claim reworded",
        "kind changed",
        "speaker changed",
        "tags changed",
    ]
    assert desk.claims.words(session, claim) == {
        "statement": "The made-up dam leaks",
        "kind": "fact",
        "speaker": "Made-up Engineer",
        "role": "made-up role",
        "speaker_type": "",
        "same_as": "https://people.example/engineer",
        "tags": "dams, water",
    }
    assert ledger.verify(session).broken is None


def test_two_who_reword_the_same_claim_do_not_overwrite_each_other(session):
    claim = a_claim(session)
    read = claim.version
    revise(session, claim, statement="The made-up dam leaks a little", by=a_member(session))
    session.commit()

    with pytest.raises(Conflict) as conflict:
        revise(session, claim, statement="The dam is dry", read=read, by=a_member(session))

    assert conflict.value.now["statement"] == "The made-up dam leaks a little"
    assert claim.statement == "The made-up dam leaks a little"


def test_evidence_added_meanwhile_does_not_stop_whoever_rewords_the_claim(session):
    claim = a_claim(session, evidence=[])
    read = claim.version
    some_evidence(session, claim)
    desk.discussion.ask(session, claim, "Litres or gallons?", by=a_member(session))
    desk.claims.assign(session, claim, a_member(session), by=a_member(session))
    session.commit()

    revise(session, claim, statement="The made-up dam leaks", read=read, by=a_member(session))

    assert claim.statement == "The made-up dam leaks"
    assert claim.evidence_count == 1
    assert claim.state is State.IN_REVIEW


def test_the_words_under_a_published_ruling_stay_until_it_is_reopened(session):
    claim = a_claim(session)
    settled(session, claim, published=True)
    ada = a_member(session)

    with pytest.raises(Refused, match="Reopen"):
        desk.claims.reword(session, claim, "The made-up dam is dry", by=ada)
    with pytest.raises(Refused, match="Reopen"):
        desk.claims.change_kind(session, claim, Kind.OPINION, by=ada)
    desk.claims.retag(session, claim, ["dams"], by=ada)

    assert queries.claims.tags(session, claim) == ["dams"]


def test_a_claim_can_be_credited_to_the_article_itself(session):
    claim = a_claim(session, speaker="Made-up Speaker")

    desk.claims.change_speaker(session, claim, None, by=a_member(session))
    session.commit()

    assert claim.speaker_id is None
    assert "speaker" not in found_by(session, claim)


def test_a_link_that_identified_one_speaker_is_not_carried_over_to_another(session):
    claim = a_claim(session, speaker="Made-up Speaker")
    other = desk.claims.speaker(session, "Somebody Else", "made-up role")
    ada = a_member(session)
    link = "https://people.example/made-up-speaker"
    identified = Credit("Made-up Speaker", "made-up role", link)
    desk.claims.change_speaker(session, claim, identified, by=ada)

    desk.claims.change_speaker(
        session, claim, Credit("Somebody Else", "made-up role", link), by=ada
    )

    assert claim.speaker_id == other.id
    assert other.same_as is None


def test_a_claim_is_handed_only_to_somebody_who_reviews(session):
    claim = a_claim(session)
    ada = a_member(session)
    left = a_member(session)
    left.removed_at = now()

    with pytest.raises(Refused, match="review"):
        desk.claims.assign(session, claim, left, by=ada)
    desk.claims.assign(session, claim, ada, by=ada)
    desk.claims.assign(session, claim, None, by=ada)

    assert claim.assignee_id is None
    assert actions(session, claim)[-2:] == ["claim assigned", "claim assigned"]


def test_a_withdrawn_claim_keeps_its_page_and_can_be_restored(session):
    claim = a_claim(session)
    ada = a_member(session)

    desk.claims.withdraw(session, claim, "It says the same as claim 3.", by=ada)
    session.commit()

    assert claim.withdrawn_at is not None
    with pytest.raises(Refused, match="withdrawn"):
        desk.claims.reword(session, claim, "Something else", by=ada)
    with pytest.raises(Refused, match="withdrawn"):
        desk.claims.withdraw(session, claim, "Again.", by=ada)

    desk.claims.restore(session, claim, by=ada)

    assert claim.withdrawn_at is None
    assert claim.withdrawal_reason is None
    with pytest.raises(Refused, match="not withdrawn"):
        desk.claims.restore(session, claim, by=ada)


def test_a_claim_with_a_published_ruling_is_not_withdrawn_behind_its_readers(session):
    claim = a_claim(session)
    settled(session, claim, published=True)

    with pytest.raises(Refused, match="void"):
        desk.claims.withdraw(session, claim, "We were wrong.", by=an_editor(session))


def test_a_split_gives_each_part_a_number_the_quotations_and_a_copy_of_what_was_chosen(session):
    ada = a_member(session)
    claim = a_claim(
        session,
        "The dam holds 40 million litres because it was raised",
        speaker="Made-up Speaker",
        evidence=[Stance.SUPPORTS, Stance.REFUTES],
    )
    desk.claims.retag(session, claim, ["dams"], by=ada)
    desk.claims.assign(session, claim, ada, by=ada)
    number, read = claim.number, claim.version
    chosen = queries.evidence.on_claim(session, claim).supports

    made = desk.claims.split(
        session,
        claim,
        "The dam holds 40 million litres",
        [Part("The dam was raised", Kind.FACT), Part("That is why it holds more", Kind.CAUSAL)],
        copied=chosen,
        read=read,
        by=ada,
    )
    session.commit()

    assert (claim.number, claim.statement) == (number, "The dam holds 40 million litres")
    assert [new.number for new in made] == [number + 1, number + 2]
    assert [new.kind for new in made] == [Kind.FACT, Kind.CAUSAL]
    assert claim.evidence_count == 2
    for new in made:
        assert new.split_from_id == claim.id
        assert new.speaker_id == claim.speaker_id
        assert new.assignee_id == ada.id
        assert queries.claims.tags(session, new) == ["dams"]
        quoted = [a.quotation for a in queries.claims.appearances(session, new)]
        assert quoted == [a.quotation for a in queries.claims.appearances(session, claim)]
        copies = queries.evidence.on_claim(session, new).standing
        assert [(p.source_id, p.excerpt) for p in copies] == [
            (p.source_id, p.excerpt) for p in chosen
        ]
        assert new.state is State.IN_REVIEW
    assert ledger.verify(session).broken is None


def test_a_claim_is_split_into_at_least_two(session):
    claim = a_claim(session)

    with pytest.raises(Refused, match="at least one further"):
        desk.claims.split(session, claim, "The same", [], read=claim.version, by=a_member(session))


def a_claim_with_everything(session, article, n):
    ada = a_member(session)
    claim = a_claim(
        session,
        f"Made-up statement {n}",
        article=article,
        quotation=f"quotation {n}",
        evidence=[Stance.SUPPORTS] * n + [Stance.REFUTES],
    )
    for i in range(n):
        question = desk.discussion.ask(session, claim, f"Question {i}?", by=ada)
        desk.discussion.hint(session, claim, f"Lead {i}", by=ada)
        desk.discussion.comment(session, claim, f"Comment {i}", by=ada)
        if i:
            desk.discussion.withdraw(session, claim, question, "Asked twice.", by=ada)
    desk.claims.retag(session, claim, [f"tag {n}", "shared"], by=ada)
    session.commit()
    return claim


def everything(session):
    return {
        table.__tablename__: session.exec(select(sa.func.count()).select_from(table)).one()
        for table in (Evidence, Question, Lead, Comment, Claim)
    }


def on(session, table, claim):
    return session.exec(select(table.id).where(table.claim_id == claim.id)).all()


@pytest.mark.parametrize(("left", "right"), [(1, 2), (3, 1), (2, 2)])
def test_merging_loses_nothing(session, left, right):
    article = an_article(session)
    claim = a_claim_with_everything(session, article, left)
    into = a_claim_with_everything(session, article, right)
    before = everything(session)
    tables = (Evidence, Question, Lead, Comment)
    together = {t: {*on(session, t, claim), *on(session, t, into)} for t in tables}

    desk.claims.merge(session, claim, into, by=a_member(session))
    session.commit()
    session.expire_all()

    assert everything(session) == before
    for table in tables:
        assert set(on(session, table, into)) == together[table]
        assert on(session, table, claim) == []
    quoted = {a.quotation for a in queries.claims.appearances(session, into)}
    assert quoted == {f"quotation {left}", f"quotation {right}"}
    assert set(queries.claims.tags(session, into)) == {f"tag {left}", f"tag {right}", "shared"}
    assert into.evidence_count == left + right + 2
    assert (claim.merged_into_id, claim.evidence_count) == (into.id, 0)
    assert claim.withdrawn_at is not None
    assert f"quotation {left}".split()[1] in found_by(session, into)
    event = session.exec(select(Event).where(Event.action == "claim merged")).one()
    assert len(event.after["evidence_moved"]) == left + 1
    assert ledger.verify(session).broken is None


def test_what_bore_on_a_merged_claim_bears_on_the_other_one(session):
    ada = a_member(session)
    article = an_article(session)
    claim, into, third, fourth = (a_claim(session, article=article) for _ in range(4))
    for one, other, note in (
        (claim, into, "same number"),
        (claim, third, "follows from it"),
        (claim, fourth, "its cause"),
        (fourth, into, "its source"),
    ):
        desk.claims.link(session, one, other, note, by=ada)

    desk.claims.merge(session, claim, into, by=ada)
    session.commit()

    held = {
        (link.claim_id, link.other_id): link.note for link in session.exec(select(ClaimLink)).all()
    }
    assert held == {
        (into.id, third.id): "follows from it",
        (into.id, fourth.id): "its source; its cause",
    }


def test_a_merged_claim_is_not_restored_since_what_was_on_it_is_elsewhere(session):
    article = an_article(session)
    claim, into = a_claim(session, article=article), a_claim(session, article=article)
    desk.claims.merge(session, claim, into, by=a_member(session))

    with pytest.raises(Refused, match="merged"):
        desk.claims.restore(session, claim, by=a_member(session))
    with pytest.raises(Refused, match="withdrawn"):
        desk.claims.merge(session, into, claim, by=a_member(session))


def test_claims_that_cannot_be_one_are_not_merged(session):
    article = an_article(session)
    claim, ruled = a_claim(session, article=article), a_claim(session, article=article)
    settled(session, ruled)
    ada = a_member(session)

    with pytest.raises(Refused, match="itself"):
        desk.claims.merge(session, claim, claim, by=ada)
    with pytest.raises(Refused, match="same article"):
        desk.claims.merge(session, claim, a_claim(session), by=ada)
    with pytest.raises(Refused, match="neither has a ruling"):
        desk.claims.merge(session, claim, ruled, by=ada)
    with pytest.raises(Refused, match="neither has a ruling"):
        desk.claims.merge(session, ruled, claim, by=ada)


def test_a_link_is_told_in_the_history_of_both_claims(session):
    ada = a_member(session)
    claim, other = a_claim(session), a_claim(session)

    held = desk.claims.link(session, other, claim, "Both quote one count.", by=ada)
    with pytest.raises(Refused, match="already"):
        desk.claims.link(session, claim, other, "", by=ada)
    with pytest.raises(Refused, match="itself"):
        desk.claims.link(session, claim, claim, "", by=ada)
    desk.claims.unlink(session, held, "They quote two counts.", by=ada)
    with pytest.raises(Refused, match="withdrawn already"):
        desk.claims.unlink(session, held, "Again.", by=ada)
    desk.claims.relink(session, held, by=ada)
    with pytest.raises(Refused, match="stands"):
        desk.claims.relink(session, held, by=ada)
    session.commit()

    for one in (claim, other):
        told = ["claims linked", "claims unlinked", "claims linked again"]
        assert actions(session, one)[-3:] == told
    assert (held.withdrawn_at, held.note) == (None, "Both quote one count.")


def test_a_withdrawn_link_can_be_made_anew_and_does_not_move_when_claims_are_merged(session):
    ada = a_member(session)
    article = an_article(session)
    claim, into = a_claim(session, article=article), a_claim(session, article=article)
    third, fourth = a_claim(session), a_claim(session)
    stays = desk.claims.link(session, claim, third, "Wrong", by=ada)
    moves = desk.claims.link(session, claim, fourth, "Right", by=ada)
    revived = desk.claims.link(session, into, fourth, "Old", by=ada)
    session.flush()
    for link in (stays, revived, moves):
        desk.claims.unlink(session, link, "Mistaken.", by=ada)
    again = desk.claims.link(session, fourth, claim, "Right", by=ada)
    assert again is moves

    desk.claims.merge(session, claim, into, by=ada)
    session.commit()

    assert queries.related.link(session, into, third) is None
    assert (revived.withdrawn_at, revived.note) == (None, "Right")


def test_an_added_claim_gets_the_next_number_and_a_given_number_is_not_given_again(session):
    article = an_article(session)

    def add(number=None):
        quoted = [Appearance(quotation="quoted")]
        return desk.claims.add(
            session, article, "S", Kind.FACT, by=None, number=number, appearances=quoted
        )

    assert [add().number, add(7).number, add(3).number, add().number] == [1, 7, 3, 8]
    session.commit()
    session.expire_all()
    assert article.claims_numbered == 8


def test_that_a_speaker_is_a_body_holds_for_all_claims_of_theirs(session):
    ada = a_member(session)
    first = a_claim(session, speaker="Made-up Dam Board")
    second = a_claim(session, speaker="Made-up Dam Board")
    credit = Credit("Made-up Dam Board", "made-up role", type=SpeakerType.BODY)

    desk.claims.change_speaker(session, first, credit, by=ada)
    session.commit()

    assert desk.claims.words(session, second)["speaker_type"] == "body"
    event = queries.ledger.recent(
        session, viewer=ada, policy=queries.standing.desk(session).policy
    ).rows[0]
    assert (event.action, event.after) == ("speaker identified", {"type": "body"})
