from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from claims.rules.vocabulary import State
from claims.rules.workflow import GivenVerdict, Policy, StandingRuling, complete, state

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ratings = st.sampled_from(["true", "half-true", "false"])
verdicts = st.lists(
    st.builds(GivenVerdict, ratings, st.integers(-5, 5).map(lambda h: NOON + timedelta(hours=h))),
    max_size=4,
)
policies = st.builds(Policy, st.integers(1, 4), st.booleans())


def given_at_noon(*keys):
    return [GivenVerdict(key, NOON) for key in keys]


@pytest.mark.parametrize(
    ("evidence", "keys", "expected"),
    [
        (0, [], State.TO_CHECK),
        (1, [], State.IN_REVIEW),
        (1, ["true"], State.IN_REVIEW),
        (1, ["true", "true"], State.AGREED),
        (1, ["true", "false"], State.DISPUTED),
    ],
)
def test_a_claim_moves_on_with_its_evidence_and_verdicts(evidence, keys, expected):
    policy = Policy(verdicts_required=2, blind=False)

    assert state(policy, evidence=evidence, verdicts=given_at_noon(*keys), ruling=None) is expected


@pytest.mark.parametrize(
    ("published", "reopened", "expected"),
    [
        (False, False, State.RULED),
        (True, False, State.PUBLISHED),
        (False, True, State.REOPENED),
        (True, True, State.REOPENED),
    ],
)
def test_a_ruling_decides_the_state(published, reopened, expected):
    ruling = StandingRuling("false", NOON, published, reopened)

    found = state(Policy(1, True), evidence=1, verdicts=given_at_noon("true"), ruling=ruling)

    assert found is expected


@given(policies, verdicts, st.integers(0, 2))
def test_the_state_of_an_unsettled_claim_tells_nothing_of_blind_verdicts(policy, given_, evidence):
    if policy.blind and not complete(policy, len(given_)):
        with_them = state(policy, evidence=evidence, verdicts=given_, ruling=None)

        assert with_them is state(policy, evidence=evidence, verdicts=[], ruling=None)


@given(policies, verdicts, ratings, st.booleans())
def test_only_a_later_and_different_verdict_reopens_a_ruling(policy, given_, key, published):
    ruling = StandingRuling(key, NOON, published, reopened=False)

    found = state(policy, evidence=1, verdicts=given_, ruling=ruling)

    differs = any(v.at > NOON and v.rating != key for v in given_)
    assert (found is State.REOPENED) == differs
