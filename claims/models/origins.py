"""Origins: who sources ultimately come from. Independence counts origins, not links."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import Versioned, maybe_moment, moment, word
from claims.models.sources import Source
from claims.rules.origins import Why

_RAISE = {"lazy": "raise_on_sql"}


class Origin(Versioned, table=True):
    """One wire report, press release or study from which several sources come."""

    __tablename__ = "origin"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=300)
    note: str | None = Field(default=None, max_length=2000)
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()


class OriginHint(SQLModel, table=True):
    """Two sources that the desk takes for one origin, until a person decides.

    `same` is what was decided; None: nobody has yet.
    """

    __tablename__ = "origin_hint"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "other_id"),
        sa.CheckConstraint("source_id < other_id", name="lower_first"),
    )

    id: int = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    other_id: int = Field(foreign_key="source.id", index=True)
    why: Why = word(Why)
    same: bool | None = None
    decided_at: datetime | None = maybe_moment()
    decided_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()

    source: Source = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[OriginHint.source_id]"}
    )
    other: Source = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[OriginHint.other_id]"}
    )
