import pytest

from claims import desk, ledger, queries
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import Stance, State
from tests.factories import a_claim, a_member, a_source


def a_finding(stance=Stance.SUPPORTS, excerpt="The register lists 40 million litres.", **rest):
    return Finding(stance, excerpt, **rest)


def weigh(session, claim, finding=None, *, source=None, by=None):
    evidence = desk.evidence.attach(
        session,
        claim,
        source or a_source(session),
        finding or a_finding(),
        by=by or a_member(session),
    )
    session.commit()
    return queries.evidence.one(session, claim.id, evidence.id)


def test_evidence_puts_a_claim_in_review_and_is_searched_with_it(session):
    claim = a_claim(session, evidence=[])
    assert claim.state == State.TO_CHECK

    weigh(session, claim, a_finding(excerpt="A dam of forty megalitres"))

    session.refresh(claim)
    assert claim.state == State.IN_REVIEW
    assert claim.evidence_count == 1
    search = queries.filters.Filters(q="megalitre")
    assert session.exec(queries.lists.matching(search, a_member(session))).all() == [claim]


def test_evidence_stands_on_the_side_that_it_points_to(session):
    claim = a_claim(session, evidence=[])
    for stance in (Stance.REFUTES, Stance.SUPPORTS, Stance.CONTEXT, Stance.SUPPORTS):
        weigh(session, claim, a_finding(stance))
    session.expunge_all()

    found = queries.evidence.on_claim(session, claim)

    sides = (found.supports, found.context, found.refutes, found.withdrawn)
    assert [len(side) for side in sides] == [2, 1, 1, 0]
    assert len(found.standing) == 4
    assert found.supports[0].source.title == "Register of made-up dams"
    assert found.supports[0].created_by.name == "Reviewer One"


@pytest.mark.parametrize(("excerpt", "note"), [("", ""), (" \n", "\t")])
def test_a_finding_that_says_nothing_is_refused(session, excerpt, note):
    claim = a_claim(session, evidence=[])

    with pytest.raises(Refused, match="Quote what the source says"):
        weigh(session, claim, a_finding(excerpt=excerpt, note=note))


def test_a_note_alone_is_a_finding(session):
    claim = a_claim(session, evidence=[])

    evidence = weigh(session, claim, a_finding(excerpt="", note="She said so on the telephone."))

    assert evidence.excerpt == ""
    assert evidence.note == "She said so on the telephone."


def test_a_withdrawn_source_or_claim_takes_no_evidence(session):
    member = a_member(session)
    source = desk.sources.add(session, Facts("Withdrawn record"), by=member)
    desk.sources.withdraw(session, source, "Made up.", by=member)
    session.commit()
    claim = a_claim(session, evidence=[])

    with pytest.raises(Refused, match="This source is withdrawn"):
        weigh(session, claim, source=source)

    desk.claims.withdraw(session, claim, "Said twice.", by=member)
    session.commit()
    with pytest.raises(Refused, match="This claim is withdrawn"):
        weigh(session, claim)


def test_withdrawn_evidence_leaves_counts_state_and_search_and_comes_back(session):
    member = a_member(session)
    claim = a_claim(session, evidence=[])
    evidence = weigh(session, claim, a_finding(excerpt="Forty megalitres"))

    desk.evidence.withdraw(session, evidence, "Another dam of the same name.", by=member)
    session.commit()
    session.refresh(claim)

    found = queries.evidence.on_claim(session, claim)
    search = queries.filters.Filters(q="megalitres")
    assert found.standing == ()
    assert found.withdrawn == (evidence,)
    assert claim.state == State.TO_CHECK
    assert claim.evidence_count == 0
    assert session.exec(queries.lists.matching(search, member)).all() == []

    desk.evidence.restore(session, evidence, by=member)
    session.commit()
    session.refresh(claim)

    assert queries.evidence.on_claim(session, claim).supports == (evidence,)
    assert evidence.withdrawal_reason is None
    assert claim.state == State.IN_REVIEW
    assert session.exec(queries.lists.matching(search, member)).all() == [claim]


def test_what_is_withdrawn_cannot_be_withdrawn_again_edited_or_restored_twice(session):
    member = a_member(session)
    evidence = weigh(session, a_claim(session, evidence=[]))
    with pytest.raises(Refused, match="nothing to restore"):
        desk.evidence.restore(session, evidence, by=member)
    desk.evidence.withdraw(session, evidence, "Wrong dam.", by=member)
    session.commit()

    with pytest.raises(Refused, match="withdrawn already"):
        desk.evidence.withdraw(session, evidence, "Wrong dam.", by=member)
    with pytest.raises(Refused, match="restore it before"):
        desk.evidence.edit(session, evidence, a_finding(), read=evidence.version, by=member)


def test_evidence_is_not_restored_from_a_source_that_was_withdrawn_since(session):
    member = a_member(session)
    evidence = weigh(session, a_claim(session, evidence=[]))
    desk.evidence.withdraw(session, evidence, "Wrong dam.", by=member)
    desk.sources.withdraw(session, evidence.source, "Made up.", by=member)
    session.commit()

    with pytest.raises(Refused, match="This source is withdrawn"):
        desk.evidence.restore(session, evidence, by=member)


def test_an_edit_changes_sides_and_is_an_event_with_what_changed(session):
    claim = a_claim(session, evidence=[])
    evidence = weigh(session, claim, a_finding(credibility=3))

    desk.evidence.edit(
        session,
        evidence,
        a_finding(Stance.REFUTES, credibility=None),
        read=evidence.version,
        by=a_member(session),
    )
    session.commit()

    assert queries.evidence.on_claim(session, claim).refutes == (evidence,)
    event = queries.ledger.recent(
        session,
        viewer=a_member(session),
        policy=queries.standing.desk(session).policy,
        claim_id=claim.id,
    ).rows[0]
    assert event.action == "evidence edited"
    assert event.before == {"stance": "supports", "credibility": 3}
    assert event.after == {"stance": "refutes", "credibility": None}
    assert ledger.verify(session).broken is None


def test_two_who_edit_evidence_at_once_see_both_versions(session):
    member = a_member(session)
    evidence = weigh(session, a_claim(session, evidence=[]), a_finding(credibility=2))
    read = evidence.version
    desk.evidence.edit(session, evidence, a_finding(excerpt="Hers"), read=read, by=member)

    with pytest.raises(Conflict) as conflict:
        desk.evidence.edit(session, evidence, a_finding(excerpt="His"), read=read, by=member)

    assert conflict.value.now == {
        "stance": "supports",
        "excerpt": "Hers",
        "locator": "",
        "credibility": "",
        "note": "",
        "own_article_reason": "",
    }
