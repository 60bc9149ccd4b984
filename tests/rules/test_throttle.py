from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import throttle
from claims.rules.throttle import ACCOUNT, ADDRESS, LONGEST

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def guessed(limit, times, *, at=NOON):
    """What is remembered of so many wrong tries, each made as soon as it may be."""
    tally, waits = None, []
    for _ in range(times):
        at = max(at, tally.open_at) if tally else at
        tally = throttle.counted(limit, tally, at)
        waits.append(tally.open_at - at)
    return tally, at, waits


def test_after_five_wrong_tries_an_account_waits_ever_longer_and_never_longer_than_the_cap():
    _, _, waits = guessed(ACCOUNT, 12)

    assert waits[:4] == [timedelta(0)] * 4
    assert waits[4:9] == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480)]
    assert max(waits) == LONGEST


def test_an_address_has_ten_times_the_tries_of_an_account():
    _, _, waits = guessed(ADDRESS, 51)

    assert waits[:49] == [timedelta(0)] * 49
    assert waits[49:] == [timedelta(seconds=30), timedelta(seconds=60)]


@pytest.mark.parametrize("limit", [ACCOUNT, ADDRESS])
def test_a_guesser_gets_a_hundred_tries_a_day_at_an_account_and_one_a_minute_from_an_address(limit):
    at, tally, tries = NOON, None, 0
    while at < NOON + timedelta(days=1):
        tally = throttle.counted(limit, tally, at)
        at, tries = max(at, tally.open_at), tries + 1

    assert tries < (110 if limit is ACCOUNT else 24 * 60 + 100)


@pytest.mark.parametrize("limit", [ACCOUNT, ADDRESS])
def test_all_is_forgotten_within_hours_however_much_was_guessed(limit):
    tally, at, _ = guessed(limit, 300)

    assert tally.forgotten_at - at <= timedelta(hours=2, minutes=30)
    fresh = throttle.counted(limit, tally, tally.forgotten_at)
    assert fresh == throttle.counted(limit, None, tally.forgotten_at)


@given(st.lists(st.integers(0, 2000), max_size=80))
def test_a_right_try_weighs_nothing(pauses):
    tally, at = None, NOON
    for pause in pauses:
        at += timedelta(seconds=pause)
        tally = throttle.counted(ADDRESS, tally, at)
    if tally is None or tally.forgotten_at - at > 54 * ADDRESS.forgets:
        return
    later = max(at, tally.open_at)

    back = throttle.taken_back(ADDRESS, throttle.counted(ADDRESS, tally, later), later)

    assert back.open_at <= later
    assert abs(max(back.forgotten_at, later) - max(tally.forgotten_at, later)) <= ADDRESS.forgets


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(milliseconds=1), "1 second"),
        (timedelta(seconds=29.2), "30 seconds"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=15), "15 minutes"),
    ],
)
def test_a_wait_is_told_in_words_and_never_too_short(wait, words):
    assert throttle.in_words(wait) == words
