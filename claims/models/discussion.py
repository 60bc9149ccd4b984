"""What members say to each other about a claim."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from claims.models.columns import Versioned, maybe_moment, moment
from claims.models.members import Member


class Comment(Versioned, table=True):
    """A remark in a claim's discussion."""

    __tablename__ = "comment"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    member_id: int = Field(foreign_key="member.id")
    text: str = Field(sa_type=sa.Text)
    created_at: datetime = moment()
    edited_at: datetime | None = maybe_moment()
    withdrawn_at: datetime | None = maybe_moment()

    member: Member = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
