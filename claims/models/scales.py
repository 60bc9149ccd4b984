"""Rating scales: versioned, so that a verdict means what it meant when it was given."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import moment


class Scale(SQLModel, table=True):
    """One version of the desk's rating scale; never changed, only followed by the next."""

    __tablename__ = "scale"

    id: int = Field(default=None, primary_key=True)
    version: int = Field(unique=True)
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()


class Rating(SQLModel, table=True):
    """One value of a rating scale: a word, a number or none, a colour and a shape."""

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("scale_id", "key"),
        sa.UniqueConstraint("scale_id", "position"),
    )

    id: int = Field(default=None, primary_key=True)
    scale_id: int = Field(foreign_key="scale.id")
    position: int
    key: str = Field(max_length=40)
    name: str = Field(max_length=60)
    number: int | None = None
    colour: str = Field(max_length=20)
    shape: str = Field(max_length=20)
    definition: str = Field(max_length=500)
    needs_evidence: bool = True

    scale: Scale = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
