"""Events of the ledger, as far as a member may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import Claim, Event, LedgerHead, Member, Verdict
from claims.queries import paging, subjects
from claims.rules.vocabulary import State
from claims.rules.workflow import Policy

# Newest first.
ORDER = paging.Order((col(Event.seq),), descending=True)

# Before these are left, not all required verdicts are in, and there is no ruling.
_UNREVEALED = (State.TO_CHECK, State.IN_REVIEW)


def sealed(viewer: Member, policy: Policy) -> Any:
    """The condition under which an event tells of a verdict that is still blind to the viewer."""
    return sealed_to(viewer.id) if policy.blind else sa.false()


def sealed_to(viewer_id: Any) -> Any:
    """The same under a blind policy, for the member of this id or bound parameter."""
    # Asked of each event's own claim: all claims that are unrevealed are most of the desk.
    state = select(Claim.state).where(Claim.id == Event.claim_id).correlate(Event)
    return sa.and_(
        col(Event.subject) == Verdict.__tablename__,
        col(Event.member_id).is_distinct_from(viewer_id),
        state.scalar_subquery().in_(_UNREVEALED),
    )


def recent(
    session: Session,
    *,
    viewer: Member,
    policy: Policy,
    claim_id: int | None = None,
    article_id: int | None = None,
    after: str | None = None,
    size: int = paging.SIZE,
) -> paging.Page[Event]:
    """What happened lately at the desk, to one claim or to one article; blind verdicts left out."""
    query = select(Event).where(sa.not_(sealed(viewer, policy)))
    if claim_id is not None:
        query = query.where(Event.claim_id == claim_id)
    if article_id is not None:
        query = query.where(Event.article_id == article_id)
    return paging.page(session, query, ORDER, after=after, size=size)


def end(session: Session) -> LedgerHead:
    """Where the chain ends now: the number and digest of the newest event."""
    return session.exec(select(LedgerHead).where(LedgerHead.id == 1)).one()


# So far back it is looked for who changed what stands now.
_LOOKED_THROUGH = 100


def last_to_change(session: Session, subject: str, subject_id: int) -> dict[str, Event]:
    """The newest event in which each value of a record was set, by the value's name."""
    query = select(Event).where(Event.subject == subject, Event.subject_id == subject_id)
    found: dict[str, Event] = {}
    for event in session.exec(query.order_by(col(Event.seq).desc()).limit(_LOOKED_THROUGH)):
        for name in event.after:
            found.setdefault(name, event)
    return found


@dataclass(frozen=True)
class Line:
    """One line of the ledger: its place in the chain, and the event unless it is still sealed."""

    seq: int
    digest: str
    event: Event | None


@dataclass(frozen=True)
class Ledger:
    """What the ledger page shows: lines, newest first, and the digest at which they end."""

    lines: paging.Page[Line]
    # The names of what the lines are about, by kind and id.
    names: Mapping[tuple[str, int], str]
    events: int
    head: str


def ledger(
    session: Session,
    *,
    viewer: Member,
    policy: Policy,
    member_id: int | None = None,
    subject: str | None = None,
    after: str | None = None,
) -> Ledger:
    """A page of the ledger, of one member or on one subject, as far as a member may see it.

    A verdict that is still blind has its line, so that the chain has no gap,
    but nothing of it is told. A filter leaves such lines out: to be found by
    it would tell whose they are.
    """
    hidden = sealed(viewer, policy)
    query = select(Event)
    if member_id is not None or subject is not None:
        query = query.where(sa.not_(hidden))
    if member_id is not None:
        query = query.where(Event.member_id == member_id)
    if subject is not None:
        query = query.where(Event.subject == subject)
    page = paging.page(session, query, ORDER, after=after)
    seqs = [event.seq for event in page.rows]
    untold = set(session.exec(select(Event.seq).where(col(Event.seq).in_(seqs), hidden)).all())
    told = [event for event in page.rows if event.seq not in untold]
    last = end(session)
    lines = [
        Line(event.seq, event.digest, None if event.seq in untold else event) for event in page.rows
    ]
    return Ledger(
        paging.Page(lines, page.next), subjects.names(session, told), last.seq, last.digest
    )
