"""Receipts of forms."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Receipt


def older(than: datetime, *, most: int) -> SelectOfScalar[str]:
    """The tokens of receipts from before a moment, so many at the most."""
    return select(Receipt.token).where(col(Receipt.created_at) < than).limit(most)
