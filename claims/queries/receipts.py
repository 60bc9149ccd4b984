"""Receipts of forms."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Receipt


def older(than: datetime, *, most: int) -> SelectOfScalar[str]:
    """The tokens of receipts from before a moment, so many at the most."""
    return select(Receipt.token).where(col(Receipt.created_at) < than).limit(most)


def alike(session: Session, token: str, content: str, *, since: datetime) -> Receipt | None:
    """The receipt of this very form, or else the newest one of the same words sent since then."""
    of_this, of_these_words = col(Receipt.token) == token, col(Receipt.content) == content
    lately = sa.and_(of_these_words, col(Receipt.created_at) > since)
    query = select(Receipt).where(sa.or_(of_this, lately))
    return session.exec(query.order_by(of_this.desc(), col(Receipt.created_at).desc())).first()
