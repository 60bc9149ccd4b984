"""How often a secret may be guessed: some wrong tries at once, then after ever longer waits.

Of wrong tries two moments are remembered: when the last of them is forgotten,
and when the next may be made. Each try is forgotten in its time, so that a
wait ends by itself and nobody is kept out for good.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)

# So many times does the wait double before it is the longest.
_DOUBLES = 5


@dataclass(frozen=True)
class Limit:
    """How many wrong tries cost no wait, and in what time one of them is forgotten."""

    free: int
    forgets: timedelta


ACCOUNT = Limit(free=5, forgets=timedelta(minutes=15))
# A newsroom may share one address.
ADDRESS = Limit(free=50, forgets=timedelta(minutes=1))


@dataclass(frozen=True)
class Tally:
    """When every wrong try is forgotten, and from when on the next may be made."""

    forgotten_at: datetime
    open_at: datetime


def counted(limit: Limit, tally: Tally | None, at: datetime) -> Tally:
    """What is remembered once another try is made, as long as it is not known to be right."""
    start = max(at, tally.forgotten_at) if tally else at
    tries = 1 - (at - start) // limit.forgets
    over = min(tries - limit.free, _DOUBLES)
    wait = min(SHORTEST * 2**over, LONGEST) if over >= 0 else timedelta(0)
    longest = at + (limit.free + _DOUBLES) * limit.forgets
    return Tally(forgotten_at=min(start + limit.forgets, longest), open_at=at + wait)


def taken_back(limit: Limit, tally: Tally, at: datetime) -> Tally:
    """What is remembered once a try that was counted turns out to be right."""
    return Tally(forgotten_at=tally.forgotten_at - limit.forgets, open_at=min(tally.open_at, at))


def in_words(wait: timedelta) -> str:
    """How long somebody has to wait, rounded up: "30 seconds", "4 minutes"."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
