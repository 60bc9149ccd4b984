"""Sources: the records and people that were consulted."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from claims.models.columns import Versioned, Withdrawable, moment, word
from claims.rules.vocabulary import Channel, SourceType


class Source(Versioned, Withdrawable, table=True):
    """A record or a person consulted, graded A to F for reliability.

    Dates are as exact as they are known: `2009`, `2009-07` or `2009-07-21`.
    """

    __tablename__ = "source"
    __table_args__ = (
        sa.CheckConstraint("reliability in ('A','B','C','D','E','F')", name="reliability"),
    )

    LEDGER_LEAVES_OUT: ClassVar[frozenset[str]] = frozenset({"url_fingerprint"})

    id: int = Field(default=None, primary_key=True)
    title: str = Field(max_length=500)
    type: SourceType = word(SourceType, default=SourceType.WEB_PAGE)
    url: str | None = Field(default=None, max_length=2000)
    # Derived, see `rules.addresses`: the same for every address of the same page.
    url_fingerprint: str | None = Field(default=None, max_length=64, index=True)
    publisher: str | None = Field(default=None, max_length=300)
    author: str | None = Field(default=None, max_length=300)
    published_on: str | None = Field(default=None, max_length=10)
    consulted_on: str | None = Field(default=None, max_length=10)
    language: str | None = Field(default=None, max_length=35)
    # None: not graded yet.
    reliability: str | None = Field(default=None, max_length=1)
    note: str | None = Field(default=None, max_length=5000)
    # How somebody was asked, where there is no page and no file.
    channel: Channel | None = word(Channel, default=None, nullable=True)
    # Where an outside archive keeps a copy.
    archive_url: str | None = Field(default=None, max_length=2000)
    # Who it ultimately comes from; None: not known to be anybody but itself.
    origin_id: int | None = Field(default=None, foreign_key="origin.id", index=True)
    # The source that this one turned out to be; its evidence moved there.
    merged_into_id: int | None = Field(default=None, foreign_key="source.id")
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()


class SourceWords(SQLModel, table=True):
    """The folded words by which a source is found: title, publisher, author, address."""

    __tablename__ = "source_words"

    source_id: int = Field(foreign_key="source.id", primary_key=True)
    words: str = Field(sa_type=sa.Text)
