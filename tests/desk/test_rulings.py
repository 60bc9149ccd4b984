import pytest

from claims import desk, ledger, queries
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import Correction, Kind, State
from tests.desk.test_verdicts import give, policy
from tests.factories import a_claim, a_member, an_editor, the_rating


def settle(session, claim, key, *, by, read=0, why="The register says nine million."):
    return desk.rulings.settle(session, claim, the_rating(session, key), why, read=read, by=by)


def a_published_claim(session, key="false"):
    editor = an_editor(session)
    claim = a_claim(session)
    give(session, claim, key, by=a_member(session))
    settle(session, claim, key, by=editor)
    ruling = desk.rulings.publish(session, claim, by=editor)
    session.commit()
    return claim, ruling, editor


def test_a_claim_is_settled_only_after_the_verdicts_that_the_policy_asks_for(session):
    policy(session, verdicts_required=2)
    editor = an_editor(session)
    claim = a_claim(session)
    give(session, claim, "false", by=a_member(session))

    with pytest.raises(Refused, match="one more verdict"):
        settle(session, claim, "false", by=editor)
    give(session, claim, "true", by=a_member(session, "Reviewer Two"))
    settle(session, claim, "false", by=editor)

    assert claim.state is State.RULED
    assert claim.rating_id == the_rating(session, "false").id


def test_a_prediction_is_settled_as_not_checkable_without_verdicts(session):
    claim = a_claim(session, kind=Kind.PREDICTION, evidence=[])

    settle(session, claim, "not-checkable", by=an_editor(session), why="It is yet to happen.")

    assert claim.state is State.RULED


def test_a_ruling_is_published_once_and_only_after_it_was_settled(session):
    editor = an_editor(session)
    claim = a_claim(session)
    with pytest.raises(Refused, match="Settle the claim"):
        desk.rulings.publish(session, claim, by=editor)
    give(session, claim, "false", by=editor)
    settle(session, claim, "false", by=editor)

    desk.rulings.publish(session, claim, by=editor)

    assert claim.state is State.PUBLISHED
    with pytest.raises(Refused, match="published already"):
        desk.rulings.publish(session, claim, by=editor)


def test_two_editors_who_settle_the_same_claim_meet_a_conflict(session):
    first, second = an_editor(session), an_editor(session, "Editor Two")
    claim = a_claim(session)
    give(session, claim, "false", by=first)
    ruling = settle(session, claim, "false", by=first)

    with pytest.raises(Conflict) as caught:
        settle(session, claim, "true", by=second, read=0)

    assert caught.value.now == {"rating": "false", "rationale": ruling.rationale}
    assert caught.value.version == ruling.id
    settle(session, claim, "true", by=second, read=ruling.id)
    assert claim.rating_id == the_rating(session, "true").id


def test_a_published_ruling_changes_only_as_a_correction_with_its_reason(session):
    claim, ruling, editor = a_published_claim(session)

    with pytest.raises(Refused, match="correct it"):
        settle(session, claim, "true", by=editor, read=ruling.id)
    new = desk.rulings.correct(
        session,
        claim,
        the_rating(session, "true"),
        "The register was misread.",
        kind=Correction.SUBSTANTIAL,
        reason="A reader pointed to the second volume.",
        read=ruling.id,
        by=editor,
    )
    session.commit()

    rulings = queries.dossier.page(session, claim.id, viewer=editor).rulings
    assert rulings.standing == new
    assert [r.id for r in rulings.earlier] == [ruling.id]
    assert [r.correction for r in rulings.corrections] == [Correction.SUBSTANTIAL]
    assert ruling.rationale == "The register says nine million."
    assert claim.state is State.PUBLISHED


def test_a_ruling_taken_back_leaves_the_claim_to_its_verdicts(session):
    claim, ruling, editor = a_published_claim(session)

    desk.rulings.correct(
        session,
        claim,
        the_rating(session, "false"),
        ruling.rationale,
        kind=Correction.VOID,
        reason="The claim was misquoted.",
        read=ruling.id,
        by=editor,
    )
    session.commit()

    rulings = queries.dossier.page(session, claim.id, viewer=editor).rulings
    assert rulings.standing is None
    assert claim.rating_id is None
    assert claim.state is State.AGREED
    assert [r.correction for r in rulings.corrections] == [Correction.VOID]


def test_a_verdict_that_differs_from_the_ruling_reopens_the_claim(session):
    claim, _ruling, _editor = a_published_claim(session)

    give(session, claim, "false", by=a_member(session, "Reviewer Two"))
    assert claim.state is State.PUBLISHED
    give(session, claim, "true", by=a_member(session, "Reviewer Three"))

    assert claim.state is State.REOPENED


def test_a_reopened_claim_is_corrected_before_it_counts_as_published_again(session):
    claim, ruling, editor = a_published_claim(session)

    desk.rulings.reopen(session, claim, "New records were released.", by=editor)
    assert claim.state is State.REOPENED
    desk.rulings.correct(
        session,
        claim,
        the_rating(session, "false"),
        "The new records say nine million too.",
        kind=Correction.UPDATE,
        reason="New records were released.",
        read=ruling.id,
        by=editor,
    )

    assert claim.state is State.PUBLISHED
    assert ledger.verify(session).broken is None
