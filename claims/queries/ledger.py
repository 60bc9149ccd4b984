"""Events of the ledger, as far as a member may see them."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import Claim, Event, Member, Verdict
from claims.queries import paging
from claims.rules.vocabulary import State
from claims.rules.workflow import Policy

# Newest first.
ORDER = paging.Order((col(Event.seq),), descending=True)

# Before these are left, not all required verdicts are in, and there is no ruling.
_UNREVEALED = (State.TO_CHECK, State.IN_REVIEW)


def sealed(viewer: Member, policy: Policy) -> Any:
    """The condition under which an event tells of a verdict that is still blind to the viewer."""
    if not policy.blind:
        return sa.false()
    unrevealed = select(Claim.id).where(col(Claim.state).in_(_UNREVEALED))
    return sa.and_(
        col(Event.subject) == Verdict.__tablename__,
        col(Event.member_id).is_distinct_from(viewer.id),
        col(Event.claim_id).in_(unrevealed),
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
