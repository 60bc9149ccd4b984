"""Reports: frozen selections of rulings with all they rest on."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import moment
from claims.models.members import Member


class Report(SQLModel, table=True):
    """A verdict report as it was on the day it was frozen."""

    __tablename__ = "report"

    # `content` is what was exported, word for word; the digest stands for it.
    LEDGER_LEAVES_OUT: ClassVar[frozenset[str]] = frozenset({"content"})

    id: int = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    title: str = Field(max_length=500)
    article_id: int | None = Field(default=None, foreign_key="article.id", index=True)
    # The filter of claims that was chosen, as in the address of the claims page.
    selection: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    content: str = Field(sa_type=sa.Text)
    sha256: str = Field(max_length=64)
    ledger_head: str = Field(max_length=64)
    claims: int = 0
    frozen_by_id: int = Field(foreign_key="member.id")
    created_at: datetime = moment()

    frozen_by: Member = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
