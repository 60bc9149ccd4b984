"""What many pages show and few changes touch, kept until the ledger moves on.

Every change of the desk is an event, so the number of the newest event is the
version of everything: what was read at that number is still right while the
ledger ends there. People and settings change seldom, so they have a number of
their own, that of the newest event about them. Each process remembers for
itself, and another one's change is noticed by the same numbers.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from claims.models import Desk, Event, LedgerHead, Member, Scale

Value = TypeVar("Value")

_AS_OF = "read as of event"

_SETTINGS = tuple(str(table.__tablename__) for table in (Member, Desk, Scale))

# By the engine, so that two desks in one process have nothing of each other.
_kept: "WeakKeyDictionary[Any, dict[Hashable, tuple[int, Any]]]" = WeakKeyDictionary()

# Lists by filter and member are kept too: past this many they are all forgotten.
_MOST = 500


@dataclass(frozen=True)
class AsOf:
    """The numbers of the ledger's newest event, and of the newest about people and settings."""

    seq: int
    settings: int


def as_of() -> tuple[Any, Any]:
    """The two numbers of an `AsOf`, as columns of a statement that reads something else."""
    newest = (
        select(sa.func.coalesce(sa.func.max(Event.seq), 0)).where(Event.subject == subject)
        for subject in _SETTINGS
    )
    # Each is one look into an index; a condition on all of them at once would be a walk.
    settings = sum(one.scalar_subquery() for one in newest)
    end = select(LedgerHead.seq).where(LedgerHead.id == 1)
    return end.scalar_subquery(), settings


def begin(session: Session, moment: AsOf) -> None:
    """Let a session that only reads use what was read before, as of a moment of the ledger.

    A session in which something was written must not: it could keep what is
    never committed.
    """
    session.info[_AS_OF] = moment


def read(
    session: Session, key: Hashable, fresh: Callable[[], Value], *, of_settings: bool = False
) -> Value:
    """What `fresh` read since the ledger last moved, or reads now.

    With `of_settings` it is still right until somebody changes people or
    settings. Records come away from their session, so that they stay as they
    were read.
    """
    moment: AsOf | None = session.info.get(_AS_OF)
    if moment is None:
        return fresh()
    seq = moment.settings if of_settings else moment.seq
    kept = _kept.setdefault(session.get_bind(), {})
    held = kept.get(key)
    if held is not None and held[0] == seq:
        return cast(Value, held[1])
    value = fresh()
    for record in value if isinstance(value, list | tuple) else (value,):
        if isinstance(record, SQLModel) and record in session:
            session.expunge(record)
    if len(kept) >= _MOST:
        kept.clear()
    kept[key] = (seq, value)
    return value
