"""Receipts of forms."""

from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Receipt


def older(than: datetime, *, most: int) -> SelectOfScalar[str]:
    """The tokens of receipts from before a moment, so many at the most."""
    return select(Receipt.token).where(col(Receipt.created_at) < than).limit(most)


def alike(session: Session, token: str, content: str, *, since: datetime) -> Receipt | None:
    """The receipt of this very form, or else the newest one of the same words sent since then."""
    asked = {"token": token, "content": content, "since": since}
    return session.exec(_alike(), params=asked).first()


@cache
def _alike() -> SelectOfScalar[Receipt]:
    # Put together once: every form that adds something is looked at before it is acted on.
    of_this = col(Receipt.token) == sa.bindparam("token")
    of_these_words = col(Receipt.content) == sa.bindparam("content")
    lately = sa.and_(of_these_words, col(Receipt.created_at) > sa.bindparam("since"))
    query = select(Receipt).where(sa.or_(of_this, lately))
    return query.order_by(of_this.desc(), col(Receipt.created_at).desc())
