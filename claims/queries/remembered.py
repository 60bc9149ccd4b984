"""What many pages show and few changes touch, kept until the ledger moves on.

Every change of the desk is an event, so the number of the newest event is the
version of everything: what was read at that number is still right while the
ledger ends there. What is read of some subjects only, such as people, is right
until the newest event about one of them. Each process remembers for itself,
and another one's change is noticed by the same numbers.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from claims.models import (
    Appearance,
    Article,
    Claim,
    Desk,
    Event,
    Evidence,
    LedgerHead,
    Member,
    Scale,
    Source,
    Speaker,
)

Value = TypeVar("Value")

_AS_OF = "read as of event"

# Subjects that something is remembered of apart from all others.
SUBJECTS = (Appearance, Article, Claim, Desk, Evidence, Member, Scale, Source, Speaker)
SETTINGS = (Desk, Member, Scale)

Subject = type[SQLModel]

# By the engine, so that two desks in one process have nothing of each other.
_kept: "WeakKeyDictionary[Any, dict[Hashable, tuple[int, Any]]]" = WeakKeyDictionary()

# Lists by filter and member are kept too: past this many they are all forgotten.
_MOST = 500

# After more events than this, what is kept up with is read anew.
_MOST_MENDED = 100


@dataclass(frozen=True)
class AsOf:
    """The number of the ledger's newest event, and of the newest about each of the subjects."""

    seq: int
    newest: Mapping[Subject, int]

    @classmethod
    def read(cls, numbers: Sequence[int]) -> "AsOf":
        """Make one of what the columns of `as_of` hold."""
        seq, *newest = numbers
        return cls(seq, dict(zip(SUBJECTS, newest, strict=True)))

    def of(self, subjects: tuple[Subject, ...]) -> int:
        """The number of the newest event about any of these subjects; without any, about all."""
        return max((self.newest[subject] for subject in subjects), default=self.seq)


def as_of() -> Sequence[Any]:
    """The numbers of an `AsOf`, as columns of a statement that reads something else."""
    end = select(LedgerHead.seq).where(LedgerHead.id == 1)
    # Each is one look into an index.
    newest = (
        select(sa.func.coalesce(sa.func.max(Event.seq), 0)).where(
            Event.subject == str(subject.__tablename__)
        )
        for subject in SUBJECTS
    )
    return [query.scalar_subquery() for query in (end, *newest)]


def begin(session: Session, moment: AsOf) -> None:
    """Let a session that only reads use what was read before, as of a moment of the ledger.

    A session in which something was written must not: it could keep what is
    never committed.
    """
    session.info[_AS_OF] = moment


def read(
    session: Session,
    key: Hashable,
    fresh: Callable[[], Value],
    *,
    of: tuple[Subject, ...] = (),
) -> Value:
    """What `fresh` read since the ledger last moved, or reads now.

    What is read of some subjects only is still right until one of them
    changes. Records come away from their session, so that they stay as they
    were read.
    """
    moment: AsOf | None = session.info.get(_AS_OF)
    if moment is None:
        return fresh()
    seq = moment.of(of)
    kept = _kept.setdefault(session.get_bind(), {})
    held = kept.get(key)
    if held is not None and held[0] == seq:
        return cast(Value, held[1])
    value = fresh()
    for record in _parts(value):
        if isinstance(record, SQLModel) and record in session:
            session.expunge(record)
    _keep(kept, key, seq, value)
    return value


def keep_up(
    session: Session,
    key: Hashable,
    fresh: Callable[[], Value],
    mend: Callable[[Value, Collection[int | None]], Value],
    *,
    of: tuple[Subject, ...],
) -> Value:
    """What `fresh` read of many claims, mended for the few that were worked on since.

    `mend` makes another one of what was read and the ids of these claims. All
    is read anew once one of the subjects changes, or when very much was done.
    """
    moment: AsOf | None = session.info.get(_AS_OF)
    if moment is None:
        return fresh()
    seq, value = read(session, key, lambda: (moment.seq, fresh()), of=of)
    if seq < moment.seq:
        few = moment.seq - seq <= _MOST_MENDED
        value = mend(value, session.scalars(_worked_on(), {"seq": seq}).all()) if few else fresh()
        _keep(_kept[session.get_bind()], key, moment.of(of), (moment.seq, value))
    return value


@cache
def _worked_on() -> Any:
    # Were only those with a claim asked for, SQLite would walk the index of claims instead.
    return select(Event.claim_id).where(col(Event.seq) > sa.bindparam("seq", type_=sa.Integer))


def _keep(kept: dict[Hashable, tuple[int, Any]], key: Hashable, seq: int, value: Any) -> None:
    if len(kept) >= _MOST:
        kept.clear()
    kept[key] = (seq, value)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)
