"""Captures: the preserved bytes of a source, and what was read in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import Withdrawable, maybe_moment, moment, word
from claims.models.evidence import Evidence
from claims.models.members import Member
from claims.models.sources import Source
from claims.rules.vocabulary import Damage, Mark, Obtained

_RAISE = {"lazy": "raise_on_sql"}


class Content(SQLModel, table=True):
    """Bytes that the store keeps once, however many captures there are of them.

    `size` counts bytes. `pages` are the code points at which the pages of a
    PDF begin in the text. `trouble` says what could not be read, in a
    reviewer's words. `sketch` tells near-identical texts, see `rules.origins`.
    """

    __tablename__ = "content"

    sha256: str = Field(primary_key=True, max_length=64)
    size: int
    media_type: str = Field(max_length=100)
    # Code points of the readable text; 0 when there is none, as in an image.
    length: int = 0
    pages: list[int] = Field(default_factory=list, sa_type=sa.JSON)
    sketch: str = Field(default="", sa_type=sa.Text)
    # Of the address that a page states as its own, see `rules.addresses`.
    canonical_fingerprint: str | None = Field(default=None, max_length=64, index=True)
    trouble: str | None = Field(default=None, max_length=500)
    # None: sound when it was last looked at, or never looked at since it was kept.
    damage: Damage | None = word(Damage, default=None, nullable=True)
    checked_at: datetime | None = maybe_moment()
    created_at: datetime = moment()


class ContentText(SQLModel, table=True):
    """The readable text of a content, apart so that lists do not carry it."""

    __tablename__ = "content_text"

    sha256: str = Field(foreign_key="content.sha256", primary_key=True, max_length=64)
    text: str = Field(sa_type=sa.Text)


class SketchPart(SQLModel, table=True):
    """A part of a content's sketch, by which texts that are nearly the same find each other."""

    __tablename__ = "sketch_part"

    part: int = Field(sa_type=sa.BigInteger, primary_key=True)
    sha256: str = Field(foreign_key="content.sha256", primary_key=True, max_length=64)


class Capture(Withdrawable, table=True):
    """One taking of a source: which bytes, from where, when, by whom and how.

    Never changed, but for the source it belongs to, when that turns out to be another one,
    and for being withdrawn.
    """

    __tablename__ = "capture"

    id: int = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id", index=True)
    sha256: str = Field(foreign_key="content.sha256", max_length=64, index=True)
    obtained: Obtained = word(Obtained)
    # Of a fetched page: what was asked for, where it led, and what the server said.
    url: str | None = Field(default=None, max_length=2000)
    final_url: str | None = Field(default=None, max_length=4000)
    status: int | None = None
    headers: list[list[str]] = Field(default_factory=list, sa_type=sa.JSON)
    # Over which addresses it was reached, each with its status and IP address.
    hops: list[list[str]] = Field(default_factory=list, sa_type=sa.JSON)
    protocol: str | None = Field(default=None, max_length=20)
    # Of a file: the name it had.
    file_name: str | None = Field(default=None, max_length=300)
    # The moment at which the bytes were there.
    taken_at: datetime = moment()
    taken_by_id: int | None = Field(default=None, foreign_key="member.id")

    source: Source = Relationship(sa_relationship_kwargs=_RAISE)
    content: Content = Relationship(sa_relationship_kwargs=_RAISE)
    taken_by: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Capture.taken_by_id]"}
    )
    withdrawn_by: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Capture.withdrawn_by_id]"}
    )

    def withdrawable_by(self, member: Member) -> bool:
        """Whether somebody may take this back: whoever took it, or an editor."""
        return member.may_take_back(self.taken_by_id)

    def restorable_by(self, member: Member) -> bool:
        """Whether somebody may bring this back: what an editor took away, an editor only."""
        return member.may_bring_back(self.taken_by_id, self.withdrawn_by_id)


class ExcerptCheck(SQLModel, table=True):
    """Where the desk found the excerpt of a piece of evidence in a copy of its source.

    Derived: made anew when the excerpt is edited or a better copy comes. `start` and
    `end` count code points of the copy's text; None when it was not found.
    """

    __tablename__ = "excerpt_check"

    evidence_id: int = Field(foreign_key="evidence.id", primary_key=True)
    capture_id: int = Field(foreign_key="capture.id", index=True)
    mark: Mark = word(Mark)
    start: int | None = Field(default=None, sa_column_kwargs={"name": "start_at"})
    end: int | None = Field(default=None, sa_column_kwargs={"name": "end_at"})
    checked_at: datetime = moment()

    evidence: Evidence = Relationship(sa_relationship_kwargs=_RAISE)
    capture: Capture = Relationship(sa_relationship_kwargs=_RAISE)
