"""The abuse run that the README offers: here for a few requests."""

from tests import abuse


def test_hostile_requests_break_nothing_and_change_nothing_they_may_not():
    found = abuse.run(seconds=60, seed=7, most=80)

    assert found.requests >= 80
    assert found.faults == []
