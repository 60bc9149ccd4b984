"""Guesses of a secret: counted before anybody looks whether they are right.

Whoever opens the session ends it at once, apart from what else a request does:
then a wrong guess counts although its answer is a refusal, and of many that
are made at the same moment each one sees those before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from claims.models import Guesses
from claims.models.columns import now
from claims.rules import throttle
from claims.rules.throttle import Limit, Tally

# The record that no guess has, and that whoever counts one holds.
TURN = "turn"


@dataclass(frozen=True)
class Turn:
    """How long to wait before a guess may be made, and after it, should it be wrong."""

    before: timedelta
    after: timedelta


def count(session: Session, limits: Mapping[str, Limit]) -> Turn:
    """Count a guess under each key, unless one of them still has to wait.

    What was asked while waiting is not counted: the wait ends when it was said to.
    """
    at = _take_turn(session)
    session.execute(
        sa.delete(Guesses).where(col(Guesses.forgotten_at) <= at, col(Guesses.key) != TURN)
    )
    held = {key: session.get(Guesses, key) for key in limits}
    before = max((row.open_at - at for row in held.values() if row), default=timedelta(0))
    if before > timedelta(0):
        return Turn(before, before)
    after = timedelta(0)
    for key, limit in limits.items():
        row = held[key]
        tally = throttle.counted(limit, _tally(row), at)
        _keep(session, key, row, tally)
        after = max(after, tally.open_at - at)
    return Turn(timedelta(0), after)


def take_back(session: Session, limits: Mapping[str, Limit]) -> None:
    """Let a guess that was counted and then was right weigh nothing."""
    at = _take_turn(session)
    for key, limit in limits.items():
        row = session.get(Guesses, key)
        tally = _tally(row)
        if tally:
            _keep(session, key, row, throttle.taken_back(limit, tally, at))


def forget(session: Session, key: str) -> None:
    """Forget every wrong guess under a key."""
    _take_turn(session)
    session.execute(sa.delete(Guesses).where(col(Guesses.key) == key))


def _take_turn(session: Session) -> datetime:
    """Wait until nobody else counts, and tell the time; what is read from now on holds."""
    session.execute(
        sa.update(Guesses)
        .where(col(Guesses.key) == TURN)
        .values(open_at=Guesses.open_at)
        .execution_options(synchronize_session=False)
    )
    return now()


def _tally(row: Guesses | None) -> Tally | None:
    return Tally(row.forgotten_at, row.open_at) if row else None


def _keep(session: Session, key: str, row: Guesses | None, tally: Tally) -> None:
    row = row or Guesses(key=key, forgotten_at=tally.forgotten_at, open_at=tally.open_at)
    row.forgotten_at, row.open_at = tally.forgotten_at, tally.open_at
    session.add(row)
