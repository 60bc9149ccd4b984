"""What many pages show and few changes touch, kept until the ledger moves on.

Every change of the desk is an event, so the number of the newest event is the
version of everything: what was read at that number is still right while the
ledger ends there. What is read of some subjects only, such as people, is right
until the newest event about one of them. Each process remembers for itself,
and another one's change is noticed by the same numbers.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Sized
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
_TOUCHED = "touched since event"

# Subjects that something is remembered of apart from all others.
SUBJECTS = (Appearance, Article, Claim, Desk, Evidence, Member, Scale, Source, Speaker)
SETTINGS = (Desk, Member, Scale)

Subject = type[SQLModel]

# What several claims have: which claim has it, by which column, and whether that one is in lists.
_in_lists = col(Claim.withdrawn_at).is_(None), col(Claim.merged_into_id).is_(None)
_SHARED: Mapping[Subject, tuple[Any, Any, tuple[Any, ...]]] = {
    Article: (col(Claim.id), col(Claim.article_id), _in_lists),
    Speaker: (col(Claim.id), col(Claim.speaker_id), _in_lists),
    Source: (col(Evidence.claim_id), col(Evidence.source_id), ()),
}

# By the engine, so that two desks in one process have nothing of each other.
_kept: "WeakKeyDictionary[Any, dict[Hashable, tuple[int, Any]]]" = WeakKeyDictionary()

# Lists by filter and member are kept too: past so many, or so many claims of all lists together,
# everything is forgotten.
_MOST = 500
_MOST_CLAIMS = 1_000_000

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
    return [end.scalar_subquery(), *(sa.func.coalesce(_newest(of), 0) for of in SUBJECTS)]


def _newest(subject: Subject) -> Any:
    """The number of the newest event about a subject: one look into the index of both.

    Asked for the greatest number of one subject, PostgreSQL would walk back along all events
    until it meets one, which for a rare subject is all the way.
    """
    name, held = str(subject.__tablename__), col(Event.subject)
    return (
        sa.select(sa.case((held == name, col(Event.seq)), else_=0))
        .where(held <= name)
        .order_by(held.desc(), col(Event.seq).desc())
        .limit(1)
        .scalar_subquery()
    )


def _about(subject: Subject) -> Any:
    return col(Event.subject) == str(subject.__tablename__)


def begin(session: Session, moment: AsOf) -> None:
    """Let a session that only reads use what was read before, as of a moment of the ledger.

    A session in which something was written must not: it could keep what is
    never committed.
    """
    session.info.update({_AS_OF: moment, _TOUCHED: {}})


def only_reads(session: Session) -> bool:
    """Whether a session may use what was read before."""
    return _AS_OF in session.info


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


def version(
    session: Session,
    key: Hashable,
    touched: Callable[[int], bool],
    *,
    of: tuple[Subject, ...],
) -> int:
    """A number that stays the same while nothing happens to some claims or any of the subjects.

    It is that of a newest event. `touched` says whether something happened to any of the
    claims after an event.
    """
    moment: AsOf | None = session.info.get(_AS_OF)
    if moment is None:
        return 0
    seq, number = read(session, key, lambda: (moment.seq, moment.seq), of=of)
    if seq < moment.seq:
        few = moment.seq - seq <= _MOST_MENDED
        number = number if few and not touched(seq) else moment.seq
        _keep(_kept[session.get_bind()], key, moment.of(of), (moment.seq, number))
    return number


def keep_up(
    session: Session,
    key: Hashable,
    fresh: Callable[[], Value],
    mend: Callable[[Value, Collection[int]], Value],
    *,
    of: tuple[Subject, ...] = (),
) -> Value:
    """What `fresh` read of many claims, mended for the few that something happened to since.

    `mend` makes another one of what was read and the ids of these claims; with
    subjects, only once something happened to one of those. All is read anew when a
    setting changes, or very much was done.
    """
    moment: AsOf | None = session.info.get(_AS_OF)
    if moment is None:
        return fresh()
    kept = _kept.setdefault(session.get_bind(), {})
    seq, value = kept.get(key, (-1, None))
    if seq >= moment.seq:
        return cast(Value, value)
    if seq < moment.of(SETTINGS):
        value = fresh()
    elif not of or seq < moment.of(of):
        ids = _touched(session, moment, seq)
        value = fresh() if ids is None else mend(cast(Value, value), ids)
    _keep(kept, key, moment.seq, value)
    return cast(Value, value)


def _touched(session: Session, moment: AsOf, seq: int) -> Collection[int] | None:
    """The claims that something happened to after an event, or None when that is very much."""
    if moment.seq - seq > _MOST_MENDED:
        return None
    known: dict[int, Collection[int]] = session.info.setdefault(_TOUCHED, {})
    if seq not in known:
        # Most is done to one claim, and to nothing that several have.
        query = _since(shared=seq < moment.of(tuple(_SHARED)))
        known[seq] = set(session.scalars(query, {"seq": seq})) - {None}
    return known[seq] if len(known[seq]) <= _MOST_MENDED else None


@cache
def _since(*, shared: bool) -> Any:
    """Select the claims that events after one are about; and those that have what is `shared`."""
    later = col(Event.seq) > sa.bindparam("seq", type_=sa.Integer)
    # Were only those with a claim asked for, SQLite would walk the index of claims instead.
    about = sa.select(col(Event.claim_id)).where(later)
    if not shared:
        return about
    having = (
        sa.select(claim_id).where(
            by.in_(sa.select(col(Event.subject_id)).where(_about(subject), later)), *there
        )
        for subject, (claim_id, by, there) in _SHARED.items()
    )
    return sa.union_all(about, *having).limit(2 * _MOST_MENDED)


def _keep(kept: dict[Hashable, tuple[int, Any]], key: Hashable, seq: int, value: Any) -> None:
    if key not in kept:
        sizes = (len(held) for _, held in list(kept.values()) if isinstance(held, Sized))
        if len(kept) >= _MOST or sum(sizes) > _MOST_CLAIMS:
            kept.clear()
    kept[key] = (seq, value)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)
