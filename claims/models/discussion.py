"""What members say to each other about a claim."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from claims.models.columns import Versioned, Withdrawable, maybe_moment, moment
from claims.models.members import Member

_RAISE = {"lazy": "raise_on_sql"}


class Comment(Versioned, Withdrawable, table=True):
    """A remark in a claim's discussion."""

    __tablename__ = "comment"

    id: int = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    member_id: int = Field(foreign_key="member.id")
    text: str = Field(sa_type=sa.Text)
    created_at: datetime = moment()
    edited_at: datetime | None = maybe_moment()

    member: Member = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Comment.member_id]"}
    )
    withdrawn_by: Member | None = Relationship(
        sa_relationship_kwargs=_RAISE | {"foreign_keys": "[Comment.withdrawn_by_id]"}
    )

    def withdrawable_by(self, member: Member) -> bool:
        """Whether somebody may take this back: whoever wrote it, or an editor."""
        return member.may_take_back(self.member_id)

    def restorable_by(self, member: Member) -> bool:
        """Whether somebody may bring this back: what an editor took away, an editor only."""
        return member.may_bring_back(self.member_id, self.withdrawn_by_id)
