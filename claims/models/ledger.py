"""The ledger: the append-only, hash-chained record of every change."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from claims.models.columns import UtcDateTime


class Event(SQLModel, table=True):
    """One change: who, when, what, before and after, and the digest of the event before it.

    The database refuses to update or delete one.
    """

    __tablename__ = "event"
    # The newest event on a subject is one look away.
    __table_args__ = (sa.Index("ix_event_subject", "subject", "seq"),)

    # Given out by the ledger, without a gap.
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    member_id: int | None = Field(default=None, foreign_key="member.id", index=True)
    # The name at the time: a member can be renamed, an event cannot.
    actor: str = Field(max_length=200)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=40)
    subject_id: int | None = Field(default=None, index=True)
    claim_id: int | None = Field(default=None, index=True)
    article_id: int | None = Field(default=None, index=True)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64, unique=True)


class LedgerHead(SQLModel, table=True):
    """Where the chain ends; taking this row puts writers in line, one after another."""

    __tablename__ = "ledger_head"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_head"),)

    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    digest: str = Field(default="0" * 64, max_length=64)
