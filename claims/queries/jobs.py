"""What the desk does in the background, and how far it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims.models import Capture, Job, Source
from claims.rules.vocabulary import JobKind, JobState

# These are not over.
OPEN = (JobState.WAITING, JobState.RUNNING)


def one(session: Session, job_id: int) -> Job | None:
    """One job, with its source and who asked for it."""
    return session.exec(
        select(Job)
        .where(Job.id == job_id)
        .options(
            joinedload(Job.source),  # type: ignore[arg-type]
            joinedload(Job.asked_by),  # type: ignore[arg-type]
        )
        # As it is now: what workers write goes past the session.
        .execution_options(populate_existing=True)
    ).first()


def next_due(at: datetime) -> Any:
    """A select of the id of the job that has been due the longest; no two workers get the same."""
    return (
        select(Job.id)
        .where(col(Job.state).in_(OPEN), col(Job.due_at) <= at)
        .order_by(col(Job.due_at), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def open_for(session: Session, source_id: int, kind: JobKind, url: str) -> Job | None:
    """The job, if any, that is on its way to do the same."""
    return session.exec(
        select(Job).where(
            Job.source_id == source_id,
            Job.kind == kind,
            Job.url == url,
            col(Job.state).in_(OPEN),
        )
    ).first()


def of_source(
    session: Session, source_id: int, *, states: Collection[JobState] = (*OPEN, JobState.FAILED)
) -> Sequence[Job]:
    """The jobs of a source that are not over or went wrong, newest first."""
    return session.exec(
        select(Job)
        .where(Job.source_id == source_id, col(Job.state).in_(states))
        .order_by(col(Job.id).desc())
        .limit(20)
        .options(joinedload(Job.asked_by))  # type: ignore[arg-type]
    ).all()


def failed() -> Any:
    """The condition under which a capture failed, and no copy of its source came since."""
    since = select(Capture.id).where(
        Capture.source_id == Job.source_id, col(Capture.taken_at) > col(Job.finished_at)
    )
    return sa.and_(
        col(Job.state) == JobState.FAILED,
        col(Job.kind) == JobKind.CAPTURE,
        sa.not_(since.correlate(Job).exists()),
    )


def shown(session: Session, source_id: int) -> Sequence[Job]:
    """The jobs of a source that somebody waits for, or should know of, newest first."""
    told = sa.or_(
        col(Job.state).in_(OPEN),
        failed(),
        # A copy of the desk's own makes up for no outside one.
        sa.and_(col(Job.state) == JobState.FAILED, col(Job.kind) == JobKind.ARCHIVE),
    )
    return session.exec(
        select(Job)
        .where(Job.source_id == source_id, told)
        .order_by(col(Job.id).desc())
        .limit(20)
        .options(joinedload(Job.asked_by))  # type: ignore[arg-type]
    ).all()


def _failed_for(member_id: int) -> Any:
    """The condition under which a capture that a member asked for failed, of a source in use."""
    standing = select(Source.id).where(
        Source.id == Job.source_id, col(Source.withdrawn_at).is_(None)
    )
    return sa.and_(failed(), col(Job.asked_by_id) == member_id, standing.correlate(Job).exists())


def failed_for(session: Session, member_id: int) -> int:
    """How many sources in use have no copy because a capture failed that a member asked for."""
    counted = select(sa.func.count(sa.distinct(col(Job.source_id))))
    return session.exec(counted.where(_failed_for(member_id))).one()


def last_failed_for(session: Session, member_id: int, *, size: int) -> tuple[Sequence[Job], int]:
    """The last captures of a member that failed, one for each source, and of how many sources."""
    last = select(sa.func.max(Job.id)).where(_failed_for(member_id)).group_by(col(Job.source_id))
    found = session.execute(
        sa.select(Job, sa.func.count().over())
        .where(col(Job.id).in_(last))
        .order_by(col(Job.id).desc())
        .limit(size)
        .options(joinedload(Job.source))  # type: ignore[arg-type]
    ).all()
    return [job for job, _ in found], found[0][1] if found else 0
