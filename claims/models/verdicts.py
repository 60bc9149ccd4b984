"""Verdicts of reviewers, and the desk's rulings that follow from them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.claims import Claim
from claims.models.columns import maybe_moment, moment, word
from claims.models.members import Member
from claims.models.scales import Rating
from claims.rules.vocabulary import Confidence, Correction

_RAISE = {"lazy": "raise_on_sql"}


class Verdict(SQLModel, table=True):
    """One reviewer's rating of a claim, with reasons. Never overwritten, only superseded."""

    __tablename__ = "verdict"
    # What a member judged is found without looking at the verdicts themselves.
    __table_args__ = (sa.Index("ix_verdict_of_member", "member_id", "standing", "claim_id"),)

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    member_id: int = Field(foreign_key="member.id")
    rating_id: int = Field(foreign_key="rating.id")
    confidence: Confidence = word(Confidence, default=Confidence.MEDIUM)
    # Markdown.
    rationale: str = Field(sa_type=sa.Text)
    supersedes_id: int | None = Field(default=None, foreign_key="verdict.id", unique=True)
    standing: bool = True
    created_at: datetime = moment()

    claim: Claim = Relationship(sa_relationship_kwargs=_RAISE)
    member: Member = Relationship(sa_relationship_kwargs=_RAISE)
    rating: Rating = Relationship(sa_relationship_kwargs=_RAISE)


# Two requests of one reviewer cannot both leave a standing verdict.
sa.Index(
    "uq_verdict_standing",
    Verdict.__table__.c.claim_id,  # type: ignore[attr-defined]
    Verdict.__table__.c.member_id,  # type: ignore[attr-defined]
    unique=True,
    sqlite_where=sa.text("standing"),
    postgresql_where=sa.text("standing"),
)


class VerdictEvidence(SQLModel, table=True):
    """A piece of evidence that a verdict rests on."""

    __tablename__ = "verdict_evidence"

    verdict_id: int = Field(foreign_key="verdict.id", primary_key=True)
    evidence_id: int = Field(foreign_key="evidence.id", primary_key=True, index=True)


class Ruling(SQLModel, table=True):
    """The desk's decision on a claim. Never overwritten: a correction supersedes it."""

    __tablename__ = "ruling"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    rating_id: int = Field(foreign_key="rating.id")
    # Markdown.
    rationale: str = Field(sa_type=sa.Text)
    ruled_by_id: int = Field(foreign_key="member.id")
    created_at: datetime = moment()
    standing: bool = True
    published_at: datetime | None = maybe_moment()
    published_by_id: int | None = Field(default=None, foreign_key="member.id")
    reopened_at: datetime | None = maybe_moment()
    reopening_reason: str | None = Field(default=None, max_length=2000)
    supersedes_id: int | None = Field(default=None, foreign_key="ruling.id", unique=True)
    correction: Correction | None = word(Correction, default=None, nullable=True)
    correction_reason: str | None = Field(default=None, max_length=2000)
    # Why it was settled on fewer independent origins than the policy asks for.
    origins_reason: str | None = Field(default=None, max_length=2000)

    claim: Claim = Relationship(sa_relationship_kwargs=_RAISE)
    rating: Rating = Relationship(sa_relationship_kwargs=_RAISE)
    ruled_by: Member = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Ruling.ruled_by_id]"}
    )


sa.Index(
    "uq_ruling_standing",
    Ruling.__table__.c.claim_id,  # type: ignore[attr-defined]
    unique=True,
    sqlite_where=sa.text("standing"),
    postgresql_where=sa.text("standing"),
)
