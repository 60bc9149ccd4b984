"""Jobs: what the desk does in the background, and how far it is."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from claims.models.columns import maybe_moment, moment, word
from claims.models.members import Member
from claims.models.sources import Source
from claims.rules.vocabulary import JobKind, JobState


class Job(SQLModel, table=True):
    """A page to fetch, or to have an outside archive save, for a source.

    A worker takes a job that is due, and says now and then that it still works on it: the
    job of one that was killed is due again. `received` and `expected` count bytes.
    """

    __tablename__ = "job"
    # The next one that is due is found without a look at those that are done.
    __table_args__ = (sa.Index("ix_job_due", "state", "due_at"),)

    id: int = Field(default=None, primary_key=True)
    kind: JobKind = word(JobKind)
    source_id: int = Field(foreign_key="source.id", index=True)
    url: str = Field(max_length=2000)
    state: JobState = word(JobState, default=JobState.WAITING)
    # When a worker may take it; of one that is running, when its worker counts as gone.
    due_at: datetime = moment()
    attempts: int = 0
    # How many workers in a row stopped with it in hand.
    lost: int = 0
    worker: str | None = Field(default=None, max_length=100)
    received: int = 0
    expected: int | None = None
    # What went wrong at the last attempt, in a reviewer's words.
    trouble: str | None = Field(default=None, max_length=1000)
    # By what name an outside archive knows this job.
    outside_id: str | None = Field(default=None, max_length=200)
    capture_id: int | None = Field(default=None, foreign_key="capture.id")
    asked_by_id: int | None = Field(default=None, foreign_key="member.id")
    created_at: datetime = moment()
    finished_at: datetime | None = maybe_moment()

    source: Source = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
    asked_by: Member | None = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
