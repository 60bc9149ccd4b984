"""The desk is killed while members write; `python -m tests.crashes` does it fifty times over."""

import pytest

from tests import crashes
from tests.conftest import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_acknowledged_outlives_a_kill_and_nothing_is_half_done(engine):
    report = crashes.run(engine, kills=1, seconds=120)

    assert report.faults == []
    assert report.kills == 1
    assert report.count("acknowledged") > report.in_flight > 0
