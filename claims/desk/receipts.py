"""Receipts: what the desk keeps to tell a form that was sent before."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from claims import queries
from claims.models import Receipt
from claims.models.columns import now

# Nobody goes back to a form that was sent longer ago, and a month's drafts are asked for by then.
_KEPT = timedelta(days=90)

# So many go at once, so that a start stays quick on a desk that nobody restarted for years.
_MOST = 20_000


def forget_old(session: Session) -> None:
    """Clear away receipts that nobody will ask for any more."""
    old = queries.receipts.older(now() - _KEPT, most=_MOST)
    session.execute(sa.delete(Receipt).where(col(Receipt.token).in_(old)))
