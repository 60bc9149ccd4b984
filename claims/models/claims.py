"""Claims: what an article says that evidence could settle, and where it says so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.articles import Article
from claims.models.columns import Versioned, Withdrawable, moment, word
from claims.models.members import Member
from claims.models.scales import Rating
from claims.rules.passages import LONGEST_QUOTATION
from claims.rules.vocabulary import Kind, Placement, QuestionStatus, SpeakerType, State

_RAISE = {"lazy": "raise_on_sql"}


class Speaker(Versioned, table=True):
    """The person or body credited with a claim."""

    __tablename__ = "speaker"
    __table_args__ = (sa.UniqueConstraint("name", "role"),)

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=300)
    role: str = Field(default="", max_length=300)
    # None: nobody has said yet.
    type: SpeakerType | None = word(SpeakerType, default=None, nullable=True)
    same_as: str | None = Field(default=None, max_length=500)


class Claim(Versioned, Withdrawable, table=True):
    """One statement that evidence could settle, in the desk's words.

    `state`, `rating_id` and `evidence_count` are derived: `desk.standing`
    keeps them, so that a list can filter by them.
    """

    __tablename__ = "claim"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    number: int
    statement: str = Field(max_length=2000)
    kind: Kind = word(Kind)
    # None: the article itself says so.
    speaker_id: int | None = Field(default=None, foreign_key="speaker.id")
    assignee_id: int | None = Field(default=None, foreign_key="member.id")
    state: State = word(State, default=State.TO_CHECK)
    rating_id: int | None = Field(default=None, foreign_key="rating.id")
    evidence_count: int = 0
    seeded: bool = False
    split_from_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    merged_into_id: int | None = Field(default=None, foreign_key="claim.id")
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()
    changed_at: datetime = moment()

    article: Article = Relationship(sa_relationship_kwargs=_RAISE)
    speaker: Speaker | None = Relationship(sa_relationship_kwargs=_RAISE)
    assignee: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Claim.assignee_id]"}
    )
    rating: Rating | None = Relationship(sa_relationship_kwargs=_RAISE)
    withdrawn_by: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Claim.withdrawn_by_id]"}
    )


_claim = Claim.__table__.c  # type: ignore[attr-defined]

# A list is walked in its order along one index, which also holds what filters ask about: a page
# of it, and counting it, look at no claim itself. Claims that are in no list are in none of them.
_LISTED = sa.text("withdrawn_at IS NULL AND merged_into_id IS NULL")
# SQLite looks up what a condition asks about, also where the index implies it.
_LISTED_BY = (_claim.withdrawn_at, _claim.merged_into_id)
_FILTERED = (
    _claim.state,
    _claim.kind,
    _claim.rating_id,
    _claim.speaker_id,
    _claim.assignee_id,
    *_LISTED_BY,
)


def _index(name: str, *columns: sa.Column[Any]) -> None:
    sa.Index(f"ix_claim_by_{name}", *columns, sqlite_where=_LISTED, postgresql_where=_LISTED)


_index("article", _claim.article_id, _claim.number, *_FILTERED)
_index("change", _claim.changed_at, _claim.id, _claim.article_id, *_FILTERED)
_index("evidence", _claim.evidence_count, _claim.id, _claim.article_id, *_FILTERED)
_index("state", _claim.state, _claim.article_id, _claim.number, *_FILTERED[1:])
# What few claims are is found by this one without a walk along all the others.
_index(
    "kind",
    _claim.kind,
    _claim.rating_id,
    _claim.state,
    _claim.article_id,
    _claim.number,
    _claim.speaker_id,
    _claim.assignee_id,
    *_LISTED_BY,
)
_index("speaker", _claim.speaker_id, _claim.article_id, _claim.number, *_LISTED_BY)
_index("assignee", _claim.assignee_id, _claim.article_id, _claim.number, _claim.state, *_LISTED_BY)
# Nearly no claim is merged: were the others in it, SQLite would read every list from this index.
sa.Index(
    "ix_claim_merged_into_id",
    _claim.merged_into_id,
    sqlite_where=sa.text("merged_into_id IS NOT NULL"),
    postgresql_where=sa.text("merged_into_id IS NOT NULL"),
)


# What an article no longer claims is little, and is listed beside it.
sa.Index(
    "ix_claim_withdrawn",
    _claim.article_id,
    _claim.withdrawn_at,
    sqlite_where=sa.text("withdrawn_at IS NOT NULL"),
    postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
)


class Appearance(SQLModel, table=True):
    """Where a claim is made: a short quotation, the words around it, and its place.

    Offsets are code points into the snapshot named; while the text is not
    loaded (`expected`) or the quotation not in it (`orphan`) they are where
    it was last known to stand.
    """

    __tablename__ = "appearance"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    article_id: int = Field(foreign_key="article.id")
    snapshot_id: int | None = Field(default=None, foreign_key="snapshot.id")
    paragraph: int | None = None
    quotation: str = Field(max_length=LONGEST_QUOTATION)
    prefix: str = Field(default="", max_length=64)
    suffix: str = Field(default="", max_length=64)
    start: int | None = Field(default=None, sa_column_kwargs={"name": "start_at"})
    end: int | None = Field(default=None, sa_column_kwargs={"name": "end_at"})
    placement: Placement = word(Placement, default=Placement.EXPECTED)

    claim: Claim = Relationship(sa_relationship_kwargs=_RAISE)


_appearance = Appearance.__table__.c  # type: ignore[attr-defined]

# What is made in a stretch of an article's text, and what has no place in it, is found along it.
sa.Index("ix_appearance_place", _appearance.article_id, _appearance.placement, _appearance.start_at)


class Question(Versioned, Withdrawable, table=True):
    """What has to be answered to settle a claim."""

    __tablename__ = "question"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    text: str = Field(max_length=2000)
    status: QuestionStatus = word(QuestionStatus, default=QuestionStatus.OPEN)
    # The answer, or why there can be none.
    answer: str | None = Field(default=None, max_length=5000)
    evidence_id: int | None = Field(default=None, foreign_key="evidence.id")
    asked_by_id: int | None = Field(default=None, foreign_key="member.id")
    answered_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()


class Lead(Versioned, Withdrawable, table=True):
    """A hint of where to look. Never evidence."""

    __tablename__ = "lead"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    text: str = Field(max_length=1000)
    created_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()


class ClaimLink(Withdrawable, table=True):
    """Two claims that bear on each other; the one with the lower id comes first."""

    __tablename__ = "claim_link"
    __table_args__ = (
        sa.UniqueConstraint("claim_id", "other_id"),
        sa.CheckConstraint("claim_id < other_id", name="lower_first"),
    )

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    other_id: int = Field(foreign_key="claim.id", index=True)
    note: str = Field(default="", max_length=500)


class Tag(SQLModel, table=True):
    """A word by which claims are grouped."""

    __tablename__ = "tag"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=60, unique=True)


class ClaimTag(SQLModel, table=True):
    """A tag on a claim."""

    __tablename__ = "claim_tag"

    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)


class ClaimWords(SQLModel, table=True):
    """The folded words by which a claim is found: statement, quotations, speaker, evidence."""

    __tablename__ = "claim_words"

    claim_id: int = Field(foreign_key="claim.id", primary_key=True)
    words: str = Field(sa_type=sa.Text)
