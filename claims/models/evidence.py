"""Evidence: what a source says about a claim."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from claims.models.claims import Claim
from claims.models.columns import Versioned, Withdrawable, moment, word
from claims.models.members import Member
from claims.models.sources import Source
from claims.rules.vocabulary import Stance

_RAISE = {"lazy": "raise_on_sql"}


class Evidence(Versioned, Withdrawable, table=True):
    """One source's bearing on one claim, graded 1 to 6 for credibility."""

    __tablename__ = "evidence"
    __table_args__ = (
        sa.CheckConstraint("credibility between 1 and 6", name="credibility"),
        # What a member weighed is found without looking at the evidence itself.
        sa.Index("ix_evidence_of_member", "created_by_id", "withdrawn_at", "claim_id"),
    )

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    source_id: int = Field(foreign_key="source.id", index=True)
    stance: Stance = word(Stance)
    excerpt: str = Field(default="", sa_type=sa.Text)
    # Where in the source: a page, a paragraph, a minute.
    locator: str = Field(default="", max_length=300)
    credibility: int | None = None
    note: str = Field(default="", sa_type=sa.Text)
    # Why the checked article itself may stand as evidence on its own claim.
    own_article_reason: str | None = Field(default=None, max_length=2000)
    created_by_id: int = Field(foreign_key="member.id")
    created_at: datetime = moment()

    claim: Claim = Relationship(sa_relationship_kwargs=_RAISE)
    source: Source = Relationship(sa_relationship_kwargs=_RAISE)
    created_by: Member = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Evidence.created_by_id]"}
    )
    withdrawn_by: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Evidence.withdrawn_by_id]"}
    )
