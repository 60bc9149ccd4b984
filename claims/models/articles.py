"""Texts under check, and the exact versions of them."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import Versioned, maybe_moment, moment


class Article(Versioned, table=True):
    """A text under check: what is known about it, and the desk's outline of it.

    Each outline paragraph may hold markers such as `{22}`, where claim 22's
    quotation stands.
    """

    __tablename__ = "article"

    id: int = Field(default=None, primary_key=True)
    seed_key: str | None = Field(default=None, max_length=64, unique=True)
    title: str = Field(max_length=500)
    url: str | None = Field(default=None, max_length=2000)
    publisher: str | None = Field(default=None, max_length=300)
    author: str | None = Field(default=None, max_length=300)
    published_on: str | None = Field(default=None, max_length=10)
    language: str = Field(default="en", max_length=35)
    outline: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    # The number of the snapshot in force; 0 while the full text is not loaded.
    snapshot_number: int = 0
    # The number that the last claim of this article was given.
    claims_numbered: int = 0
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()
    withdrawn_at: datetime | None = maybe_moment()


# Lists leave out the claims of these few; they are found without a look at the others.
sa.Index(
    "ix_article_withdrawn",
    Article.__table__.c.id,  # type: ignore[attr-defined]
    sqlite_where=sa.text("withdrawn_at IS NOT NULL"),
    postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
)


class Snapshot(SQLModel, table=True):
    """One exact version of an article's text; offsets count its code points."""

    __tablename__ = "snapshot"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    LEDGER_LEAVES_OUT: ClassVar[frozenset[str]] = frozenset({"text"})

    id: int = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    number: int
    text: str = Field(sa_type=sa.Text)
    sha256: str = Field(max_length=64)
    length: int
    loaded_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()

    article: Article = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
