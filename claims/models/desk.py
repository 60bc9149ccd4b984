"""What the desk as a whole has decided: its name, address and review policy."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from claims.models.columns import Versioned, moment
from claims.rules.workflow import Policy


class Desk(Versioned, table=True):
    """The desk's settings; there is one row."""

    __tablename__ = "desk"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_desk"),
        sa.CheckConstraint("verdicts_required between 1 and 9", name="verdicts_required"),
    )

    id: int = Field(default=1, primary_key=True)
    name: str = Field(default="Fact Desk", max_length=200)
    # Where readers find the desk; ClaimReview needs it and an export says when it is missing.
    public_url: str | None = Field(default=None, max_length=500)
    logo_url: str | None = Field(default=None, max_length=500)
    verdicts_required: int = 1
    blind: bool = True
    # How many independent origins a ruling rests on, or a written reason why not; 0: any number.
    origins_required: int = 0
    scale_id: int | None = Field(default=None, foreign_key="scale.id")

    @property
    def policy(self) -> Policy:
        """The review policy in the form that the rules ask for."""
        return Policy(self.verdicts_required, self.blind, self.origins_required)


class Receipt(SQLModel, table=True):
    """A form that was acted on, and where its answer is: a double submit makes one record.

    `content` is a digest of what the form said and who sent it: other words under the same token
    are not taken for sent, and the same words under another one are known again.
    """

    __tablename__ = "receipt"

    token: str = Field(primary_key=True, max_length=64)
    location: str = Field(max_length=2000)
    content: str | None = Field(default=None, max_length=64, index=True)
    created_at: datetime = moment(index=True)
