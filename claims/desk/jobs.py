"""Jobs: what a member asks for and the desk does in the background.

Workers take turns at the table itself, so that there is nothing else to run. Whoever
opens the session ends it after each step: a job that was taken is seen to be.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from claims import ledger, queries, rules
from claims.models import Capture, Job, Member, Source
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.vocabulary import JobKind, JobState

_ASKED = {JobKind.CAPTURE: "capture asked for", JobKind.ARCHIVE: "outside copy asked for"}
_FAILED = {JobKind.CAPTURE: "capture failed", JobKind.ARCHIVE: "outside copy failed"}
_STOPPED = {
    JobKind.CAPTURE: "The worker that fetched it stopped each time, {times} times in a row: this "
    "page may be more than the desk can read. Try again, or save the page in a browser and add it "
    "as a file. Whoever runs the desk can look for the reason in its log.",
    JobKind.ARCHIVE: "The worker that asked the outside archive stopped each time, {times} times "
    "in a row. Try again; whoever runs the desk can look for the reason in its log.",
}


class Taken(Exception):  # noqa: N818 - says what became of the job
    """Another worker has the job now, or nobody may work on it any more."""


def ask(session: Session, source: Source, kind: JobKind, url: str, *, by: Member | None) -> Job:
    """Let a worker fetch a page for a source; asked for twice, it is the same job."""
    if source.withdrawn_at:
        raise Refused("This source is withdrawn: restore it before you capture it.")
    if not rules.addresses.is_web(url):
        raise Refused("The desk fetches addresses that begin with http:// or https:// only.")
    ledger.take_turn(session)
    held = queries.jobs.open_for(session, source.id, kind, url)
    if held:
        return held
    job = Job(kind=kind, source_id=source.id, url=url, asked_by_id=by.id if by else None)
    session.add(job)
    _record(session, _ASKED[kind], source, {"address": url}, by=by)
    return job


def retry(session: Session, job: Job, *, by: Member) -> None:
    """Try again now what failed or waits."""
    if job.state not in {JobState.FAILED, JobState.CANCELLED, JobState.WAITING}:
        raise Refused("This is being done already, or it is done.")
    _set(
        session,
        job,
        state=JobState.WAITING,
        attempts=0,
        lost=0,
        due_at=now(),
        outside_id=None,
        finished_at=None,
    )
    _record(session, _ASKED[job.kind], job.source, {"address": job.url}, by=by)


def cancel(session: Session, job: Job, *, by: Member) -> None:
    """Give up what has not been done."""
    if job.state not in queries.jobs.OPEN:
        raise Refused("There is nothing left to cancel.")
    _set(session, job, state=JobState.CANCELLED, worker=None, finished_at=now())
    action = _ASKED[job.kind].replace("asked for", "cancelled")
    _record(session, action, job.source, {"address": job.url}, by=by)


# ---- what a worker does -------------------------------------------------------------------------


def take(session: Session, worker: str, *, at: datetime | None = None) -> Job | None:
    """Give a worker the job that has been due the longest, if there is one.

    What several workers in a row did not survive fails instead, and is told.
    """
    at = at or now()
    while job := _next(session, worker, at):
        if job.lost < rules.retries.MOST_LOST:
            return job
        fail(session, job, _STOPPED[job.kind].format(times=job.lost), again=False)
        # It was taken to be given up, not to be tried.
        _set(session, job, attempts=job.attempts - 1)
    return None


def _next(session: Session, worker: str, at: datetime) -> Job | None:
    # Asked before anything is written: workers that only look are in nobody's way.
    if session.execute(queries.jobs.next_due(at)).first() is None:
        return None
    taken = session.execute(
        sa.update(Job)
        .where(col(Job.id) == queries.jobs.next_due(at).scalar_subquery())
        .values(
            # Found in the hands of a worker, it is one that is gone.
            lost=sa.case((col(Job.state) == JobState.RUNNING, Job.lost + 1), else_=0),
            state=JobState.RUNNING,
            worker=worker,
            due_at=at + rules.retries.SILENCE,
            attempts=Job.attempts + 1,
            received=0,
            expected=None,
        )
        .returning(col(Job.id))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return queries.jobs.one(session, taken) if taken else None


def go_on(session: Session, job: Job, received: int, expected: int | None) -> None:
    """Say how many bytes came. Raises Taken when the job is no longer this worker's."""
    _mine(session, job, received=received, expected=expected)


def still_at_work(session: Session, job: Job) -> None:
    """Keep a job in the hands of its worker for a while longer. Raises Taken."""
    _mine(session, job, due_at=now() + rules.retries.SILENCE)


def give_back(session: Session, worker: str) -> None:
    """Let others take at once what a worker has in hand that is told to stop."""
    session.execute(
        sa.update(Job)
        .where(col(Job.state) == JobState.RUNNING, col(Job.worker) == worker)
        .values(
            state=JobState.WAITING,
            worker=None,
            due_at=now(),
            # It did not go wrong.
            attempts=Job.attempts - 1,
        )
        .execution_options(synchronize_session=False)
    )


def finish(session: Session, job: Job, capture: Capture | None = None) -> None:
    """Note that a job is done, in the transaction of what it brought. Raises Taken."""
    _mine(
        session,
        job,
        state=JobState.DONE,
        trouble=None,
        capture_id=capture.id if capture else None,
        finished_at=now(),
    )


def wait_for(session: Session, job: Job, outside_id: str, pause: timedelta) -> None:
    """Look again later how far an outside archive is, which is no failure. Raises Taken."""
    _mine(
        session,
        job,
        state=JobState.WAITING,
        due_at=now() + pause,
        outside_id=outside_id,
        trouble=None,
        attempts=job.attempts - 1,
    )


def fail(
    session: Session, job: Job, trouble: str, *, again: bool, asked: int | None = None
) -> None:
    """Note what went wrong; tried again after a while, if that may help. Raises Taken."""
    pause = rules.retries.wait(job.attempts, asked=asked) if again else None
    if pause is not None:
        _mine(
            session,
            job,
            state=JobState.WAITING,
            due_at=now() + pause,
            trouble=trouble[:1000],
            outside_id=None,
        )
        return
    _mine(session, job, state=JobState.FAILED, trouble=trouble[:1000], finished_at=now())
    details = {"address": job.url, "trouble": trouble[:1000]}
    _record(session, _FAILED[job.kind], job.source, details, by=None)


def _mine(session: Session, job: Job, **values: object) -> None:
    """Write into a job as long as it is this worker's."""
    written = session.execute(
        sa.update(Job)
        .where(
            col(Job.id) == job.id,
            col(Job.state) == JobState.RUNNING,
            col(Job.worker) == job.worker,
            # Taken again, it may be by a worker of the same name.
            col(Job.attempts) == job.attempts,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
        .returning(col(Job.id))
    ).scalar_one_or_none()
    if written is None:
        raise Taken(f"job {job.id} is another’s")


def _set(session: Session, job: Job, **values: object) -> None:
    session.execute(sa.update(Job).where(col(Job.id) == job.id).values(**values))


def _record(
    session: Session, action: str, source: Source, details: ledger.Values, *, by: Member | None
) -> None:
    ledger.record(session, action, source, by=by, before=ledger.snapshot(source), detail=details)
