import pytest
from sqlmodel import select

from claims import desk, ledger, queries
from claims.models import Desk, Evidence, Verdict
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Confidence, Kind, Stance, State
from tests.factories import a_claim, a_member, an_owner, the_rating


def evidence_on(session, claim):
    return session.exec(select(Evidence.id).where(Evidence.claim_id == claim.id)).all()


def give(session, claim, key, *, by, why="It was nine million."):
    ids = evidence_on(session, claim)
    return desk.verdicts.give(session, claim, the_rating(session, key), why, rests_on=ids, by=by)


def policy(session, *, verdicts_required, blind=True):
    settings = queries.standing.desk(session)
    desk.settings.change_policy(
        session,
        settings,
        verdicts_required=verdicts_required,
        blind=blind,
        origins_required=0,
        read=settings.version,
        by=an_owner(session),
    )
    session.commit()
    return settings.policy


def seen(session, claim, viewer):
    return queries.dossier.page(session, claim.id, viewer=viewer).verdicts


def test_a_claim_without_evidence_cannot_be_judged(session):
    ada = a_member(session)
    claim = a_claim(session, evidence=[])

    with pytest.raises(Refused, match="Add evidence"):
        give(session, claim, "false", by=ada)


def test_a_verdict_has_to_rest_on_evidence_of_its_own_claim(session):
    ada = a_member(session)
    claim, other = a_claim(session), a_claim(session)

    with pytest.raises(Refused, match="Choose the evidence"):
        desk.verdicts.give(
            session,
            claim,
            the_rating(session, "false"),
            "It was nine million.",
            rests_on=evidence_on(session, other),
            by=ada,
        )


@pytest.mark.parametrize("kind", [Kind.OPINION, Kind.PREDICTION])
def test_an_opinion_or_prediction_can_be_called_not_checkable_with_a_reason_alone(session, kind):
    ada = a_member(session)
    claim = a_claim(session, kind=kind, evidence=[])

    give(session, claim, "not-checkable", by=ada, why="It speaks of the future.")

    assert claim.state is State.AGREED


def test_a_fact_without_evidence_is_not_called_not_checkable(session):
    claim = a_claim(session, kind=Kind.FACT, evidence=[])

    with pytest.raises(Refused, match="Only an opinion or a prediction"):
        give(session, claim, "not-checkable", by=a_member(session))


def test_a_new_verdict_supersedes_the_old_one_and_keeps_it(session):
    ada = a_member(session)
    claim = a_claim(session, evidence=[Stance.SUPPORTS, Stance.REFUTES])
    first = give(session, claim, "false", by=ada)

    second = give(session, claim, "half-true", by=ada, why="The register was revised.")

    session.commit()
    page = seen(session, claim, ada)
    assert page.own.id == second.id
    assert [verdict.id for verdict in page.standing] == [second.id]
    assert [verdict.id for verdict in page.superseded] == [first.id]
    assert second.supersedes_id == first.id
    assert page.rests_on[second.id] == frozenset(evidence_on(session, claim))


def test_verdicts_that_differ_make_a_claim_disputed_and_the_same_make_it_agreed(session):
    policy(session, verdicts_required=2)
    ada, ben = a_member(session), a_member(session, "Reviewer Two")
    claim = a_claim(session)

    give(session, claim, "false", by=ada)
    assert claim.state is State.IN_REVIEW
    give(session, claim, "true", by=ben)
    assert claim.state is State.DISPUTED
    give(session, claim, "false", by=ben)
    assert claim.state is State.AGREED


def test_a_blind_verdict_is_absent_until_all_required_verdicts_are_in(session):
    policy(session, verdicts_required=2)
    ada, ben, cy = (a_member(session, f"Reviewer {n}") for n in ("One", "Two", "Three"))
    claim = a_claim(session)
    give(session, claim, "false", by=ada)

    before = seen(session, claim, ben)
    own = seen(session, claim, ada)
    give(session, claim, "true", by=ben)
    after = seen(session, claim, cy)

    assert (before.hidden, list(before.standing), before.agree) == (True, [], None)
    assert [v.member_id for v in own.standing] == [ada.id]
    assert (after.hidden, len(after.standing), after.agree) == (False, 2, False)


def test_the_ledger_shows_no_blind_verdict_to_others(session):
    rules = policy(session, verdicts_required=2)
    ada, ben = a_member(session), a_member(session, "Reviewer Two")
    claim = a_claim(session)
    give(session, claim, "false", by=ada)
    session.commit()

    def actions(viewer):
        page = queries.ledger.recent(session, viewer=viewer, policy=rules, claim_id=claim.id)
        return [event.action for event in page.rows]

    assert "verdict given" in actions(ada)
    assert "verdict given" not in actions(ben)
    give(session, claim, "false", by=ben)
    session.commit()
    assert actions(ada).count("verdict given") == 2


def test_without_a_blind_policy_everybody_sees_a_verdict_at_once(session):
    policy(session, verdicts_required=2, blind=False)
    claim = a_claim(session)
    give(session, claim, "false", by=a_member(session))

    page = seen(session, claim, a_member(session, "Reviewer Two"))

    assert (page.hidden, len(page.standing)) == (False, 1)


def test_asking_for_more_verdicts_puts_agreed_claims_back_into_review(session):
    claim = a_claim(session)
    give(session, claim, "false", by=a_member(session))
    assert claim.state is State.AGREED

    policy(session, verdicts_required=2)

    assert claim.state is State.IN_REVIEW


def test_a_verdict_remembers_the_scale_on_which_it_was_given(session):
    ada = a_member(session)
    claim = a_claim(session)
    verdict = give(session, claim, "false", by=ada)
    settings = session.get(Desk, 1)
    old = the_rating(session, "false")
    kept = [r for r in queries.scales.current(session) if r.key != "false"]
    words = [
        {k: v for k, v in r.model_dump().items() if k not in {"id", "scale_id", "position"}}
        for r in kept
    ]

    from claims.rules.scales import RatingDefinition

    desk.scales.publish(session, settings, [RatingDefinition(**w) for w in words], by=ada)
    session.commit()

    assert seen(session, claim, ada).own.rating.name == "False"
    assert queries.claims.with_rating(session, claim.id, "false") == (claim, None)
    with pytest.raises(Refused, match="scale has changed"):
        desk.verdicts.give(
            session, claim, old, "Again.", rests_on=evidence_on(session, claim), by=ada
        )
    assert verdict.rating_id == old.id


def test_a_verdict_is_an_event_with_its_rating_and_confidence(session):
    ada = a_member(session)
    claim = a_claim(session)
    desk.verdicts.give(
        session,
        claim,
        the_rating(session, "false"),
        "It was nine million.",
        confidence=Confidence.HIGH,
        rests_on=evidence_on(session, claim),
        by=ada,
    )
    session.commit()

    event = queries.ledger.recent(
        session, viewer=ada, policy=queries.standing.desk(session).policy, claim_id=claim.id
    ).rows[0]

    assert (event.action, event.actor) == ("verdict given", ada.name)
    assert (event.after["rating"], event.after["confidence"]) == ("False", "high")
    assert ledger.verify(session).broken is None
    assert session.exec(select(Verdict)).one().standing


def test_a_blind_verdict_leaves_no_trace_in_what_lists_sort_and_filter_by(session):
    policy(session, verdicts_required=2)
    claim = a_claim(session, kind=Kind.OPINION, evidence=[])
    before = (claim.changed_at, claim.state, claim.version)

    give(session, claim, "not-checkable", by=a_member(session), why="A matter of taste.")
    session.commit()
    session.refresh(claim)

    assert (claim.changed_at, claim.state, claim.version) == before
    give(session, claim, "not-checkable", by=a_member(session, "Reviewer Two"), why="Taste.")
    session.commit()
    session.refresh(claim)
    assert claim.changed_at > before[0]
    assert claim.state is State.AGREED
