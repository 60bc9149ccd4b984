"""The ledger: record what changed, and verify that nobody rewrote it.

Every event holds the SHA-256 of its own canonical JSON, which includes the
digest of the event before it. Whoever changes one event has to change every
later one and the head as well; keep a copy of the head elsewhere to notice
that too. The ledger is tamper-evident, not tamper-proof.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, SQLModel, col, select

from claims.models import Article, Claim, Event, LedgerHead, Member
from claims.models.columns import now

GENESIS = "0" * 64

# Never written down: secrets, and what the desk derives from other columns.
_LEFT_OUT = frozenset({"password_hash", "nonce_digest", "epoch", "version"})

Values = Mapping[str, Any]

# Where the chain ends, for the transaction whose turn it is: nobody else can move it meanwhile.
_turns: "WeakKeyDictionary[SessionTransaction, tuple[int, str]]" = WeakKeyDictionary()

# Every change takes these three, so they are made once, and of the tables: as records, events
# would cost a save more than all that is in them.
_EVENT, _HEAD = Event.__table__, LedgerHead.__table__  # type: ignore[attr-defined]
_THE_HEAD = sa.update(_HEAD).where(_HEAD.c.id == 1)
_TAKE = _THE_HEAD.values(seq=_HEAD.c.seq).returning(_HEAD.c.seq, _HEAD.c.digest)
_ADD = sa.insert(_EVENT)


@dataclass(frozen=True)
class Break:
    """The first event at which the chain does not hold, and why."""

    seq: int
    reason: str


@dataclass(frozen=True)
class Verification:
    """What a walk along the chain found."""

    events: int
    head: str
    broken: Break | None


def snapshot(row: SQLModel) -> dict[str, Any]:
    """What a record holds, in values that JSON can carry; secrets left out."""
    return {name: _plain(getattr(row, name)) for name in _told(type(row))}


@cache
def _told(kind: type[SQLModel]) -> tuple[str, ...]:
    left_out = _LEFT_OUT | getattr(kind, "LEDGER_LEAVES_OUT", frozenset())
    return tuple(name for name in kind.model_fields if name not in left_out)


def record(
    session: Session,
    action: str,
    row: SQLModel,
    *,
    by: Member | None,
    before: Values | None = None,
    detail: Values | None = None,
    detail_before: Values | None = None,
    actor: str | None = None,
) -> None:
    """Write down one change, in the transaction of the change itself.

    `before` is the `snapshot` taken before the change; only what differs is
    kept. Without it the record is new and kept whole. `detail` adds what the
    record's own columns do not hold, such as its tags. Without a member the
    program acted, or `actor` from the command line.
    """
    seq, previous = take_turn(session)
    session.flush()
    after = snapshot(row)
    if before is not None:
        changed = {name for name in after if after[name] != before.get(name)}
        before = {name: before.get(name) for name in changed}
        after = {name: after[name] for name in changed}
    event = {
        "seq": seq + 1,
        "at": now(),
        "member_id": by.id if by else None,
        "actor": by.name if by else actor or "the desk",
        "action": action,
        "subject": str(type(row).__tablename__),
        "subject_id": getattr(row, "id", None),
        "claim_id": row.id if isinstance(row, Claim) else getattr(row, "claim_id", None),
        "article_id": row.id if isinstance(row, Article) else getattr(row, "article_id", None),
        "before": dict(before or {}) | dict(detail_before or {}),
        "after": after | dict(detail or {}),
        "previous": previous,
    }
    sealed = _digest(event)
    session.execute(_ADD, event | {"digest": sealed})
    session.execute(_THE_HEAD, {"seq": seq + 1, "digest": sealed})
    _hold(session, seq + 1, sealed)


def take_turn(session: Session) -> tuple[int, str]:
    """Wait until no other change is under way; what is read from now on holds until the commit.

    A use case that writes before it records its first event does this first.
    Returns the number and the digest of the newest event.
    """
    transaction = session.get_transaction()
    held = _turns.get(transaction) if transaction else None
    if held:
        return held
    # Before anything is written: two who each hold a record that the other one waits for
    # would both wait for good.
    with session.no_autoflush:
        return _hold(session, *session.execute(_TAKE).one())


def _hold(session: Session, seq: int, digest: str) -> tuple[int, str]:
    """Keep where the chain ends until this transaction is over."""
    transaction = session.get_transaction()
    assert transaction is not None  # noqa: S101 - a statement was sent, which begins one
    _turns[transaction] = seq, digest
    return seq, digest


def digest(event: Event) -> str:
    """The SHA-256 of an event as canonical JSON (sorted keys, no spaces, UTF-8), in hex."""
    return _digest({name: getattr(event, name) for name in Event.model_fields if name != "digest"})


def _digest(sealed: Values) -> str:
    content = {name: _plain(value) for name, value in sealed.items()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def head(session: Session) -> str:
    """The digest of the newest event."""
    return end(session)[1]


def end(session: Session) -> tuple[int, str]:
    """The number and the digest of the newest event."""
    head = select(LedgerHead.seq, LedgerHead.digest).where(LedgerHead.id == 1)
    seq, digest = session.exec(head).one()
    return seq, digest


def only_founded(session: Session) -> bool:
    """Whether nobody has done anything since the desk was founded."""
    done = select(Event.seq).where(
        sa.or_(col(Event.subject) != "desk", col(Event.member_id).is_not(None))
    )
    return session.exec(done.limit(1)).first() is None


def verify(session: Session) -> Verification:
    """Walk the chain from its first event and stop at the first break."""
    previous, seq = GENESIS, 0
    for event in _events(session):
        seq += 1
        if event.seq != seq:
            return Verification(seq - 1, previous, Break(seq, f"event {seq} is missing"))
        if event.previous != previous:
            reason = f"event {seq} does not follow from the event before it"
            return Verification(seq - 1, previous, Break(seq, reason))
        if digest(event) != event.digest:
            reason = f"event {seq} does not match its own digest: it was changed"
            return Verification(seq - 1, previous, Break(seq, reason))
        previous = event.digest
    should_end = end(session)
    if should_end != (seq, previous):
        reason = f"the ledger should end with event {should_end[0]}, and ends with event {seq}"
        return Verification(seq, previous, Break(seq + 1, reason))
    return Verification(seq, previous, None)


def _events(session: Session) -> Iterator[Event]:
    """Every event in order, a thousand at a time, each forgotten after its turn."""
    after = 0
    while True:
        events = session.exec(
            select(Event).where(Event.seq > after).order_by(col(Event.seq)).limit(1000)
        ).all()
        if not events:
            return
        yield from events
        after = events[-1].seq
        for event in events:
            session.expunge(event)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
