"""People who work at the desk, and how they come in."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from claims.models.columns import UtcDateTime, Versioned, maybe_moment, moment, word
from claims.rules.roles import Action, may
from claims.rules.vocabulary import Role


class Member(Versioned, table=True):
    """A person with a role. Removed members stay, as their work does."""

    __tablename__ = "member"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    email: str = Field(max_length=320, unique=True)
    role: Role = word(Role)
    password_hash: str = Field(max_length=200)
    # Counts up when every session of the member has to end.
    epoch: int = 0
    created_at: datetime = moment()
    removed_at: datetime | None = maybe_moment()

    def may(self, action: str) -> bool:
        """Whether this member's role allows an action, by its name in `rules.roles`."""
        return may(self.role, Action(action))

    def may_take_back(self, whose: int | None) -> bool:
        """Whether this member may withdraw what somebody made: it is theirs, or they edit."""
        own = whose == self.id and self.may(Action.REVIEW)
        return own or self.may(Action.RULE)

    def may_bring_back(self, whose: int | None, withdrawn_by: int | None) -> bool:
        """Whether this member may restore it: what an editor took away, an editor only."""
        return self.may_take_back(whose) and (withdrawn_by == whose or self.may(Action.RULE))


class Invitation(SQLModel, table=True):
    """A link that lets one person join with a role, once, until it expires."""

    __tablename__ = "invitation"

    id: int = Field(default=None, primary_key=True)
    nonce_digest: str = Field(max_length=64, unique=True)
    role: Role = word(Role)
    note: str = Field(default="", max_length=200)
    invited_by_id: int = Field(foreign_key="member.id")
    created_at: datetime = moment()
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = maybe_moment()
    used_by_id: int | None = Field(default=None, foreign_key="member.id")
    withdrawn_at: datetime | None = maybe_moment()
