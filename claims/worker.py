"""A worker: fetches what members asked for, in the background, one job after the other.

The queue is a table, so that any number of workers, in one process or in many, take
different jobs, and what one that was killed had in hand is taken again.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from claims import database, desk, intake, queries, rules
from claims.captures import wayback
from claims.captures.fetching import Fetched, Limits, NotFetched, fetch
from claims.captures.store import Store, Unavailable
from claims.captures.wayback import Service
from claims.desk.captures import Taking
from claims.models import Job, Member, Source
from claims.models.columns import now
from claims.rules.vocabulary import JobKind, JobState, Obtained

logger = logging.getLogger(__name__)

# How often progress is written down, and how long an idle worker waits before it looks again.
_TELL = 1.0
_IDLE = 1.0
# Seconds that a desk which is stopped waits for the pages that are on their way.
_FAREWELL = 5.0

_WENT_WRONG = (
    "Something went wrong at the desk itself, not at the page. It is tried again; "
    "whoever runs the desk finds the reason in its log."
)

# Longer than the slowest page takes to fetch and read. A worker that hangs is as good as gone.
_LONGEST = 300.0

# What an outside archive takes to save a page is minutes rather than seconds.
_PAUSE = timedelta(seconds=20)
_PATIENCE = timedelta(hours=2)


@dataclass(frozen=True)
class Worker:
    """Takes jobs from the table and does them.

    `archive` is the outside one that is asked to save pages, `pause` how long to wait
    before asking how far it is, `beat` how often it says that it is at work. `clock` tells
    which jobs are due.
    """

    engine: sa.Engine
    store: Store
    limits: Limits = field(default_factory=Limits)
    archive: Service = field(default_factory=Service)
    pause: timedelta = _PAUSE
    beat: timedelta = rules.retries.BEAT
    clock: Callable[[], datetime] = now
    name: str = field(
        default_factory=lambda: f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
    )

    def run(self, stop: threading.Event) -> None:
        """Do what is due until told to stop; whatever goes wrong, go on."""
        while not stop.is_set():
            try:
                worked = self.step()
            except Exception:
                # A worker that ended would leave everybody waiting.
                logger.exception("a job went wrong")
                worked = False
            if not worked:
                stop.wait(_IDLE)

    def step(self) -> bool:
        """Do the job that has been due the longest; False when there is none."""
        with database.session(self.engine) as session:
            job = desk.jobs.take(session, self.name, at=self.clock())
            session.commit()
        if job is None:
            return False
        with suppress(desk.jobs.Taken):
            try:
                with self._heard_of(job):
                    _WORK[job.kind](self, job)
            except desk.jobs.Taken:
                raise
            except Exception:
                # Whoever waits for it is told; the desk's log says to its operator what it was.
                logger.exception("a job went wrong")
                self._failed(job, _WENT_WRONG, again=True)
        return True

    def give_back(self) -> None:
        """Let others do what is in hand, as the desk stops; else it would count as a loss."""
        try:
            with database.session(self.engine) as session:
                desk.jobs.give_back(session, self.name)
                session.commit()
        except sa.exc.SQLAlchemyError:
            logger.warning("a worker could not give back what it had in hand", exc_info=True)

    # ---- the kinds of jobs ----------------------------------------------------------------------

    def _capture(self, job: Job) -> None:
        try:
            fetched = fetch(job.url, self.limits, told=self._teller(job))
        except NotFetched as trouble:
            self._failed(job, trouble.reason, again=trouble.again, asked=trouble.after)
            return
        try:
            self._keep(job, fetched)
        except Unavailable as trouble:
            self._failed(job, str(trouble), again=True)

    def _keep(self, job: Job, fetched: Fetched) -> None:
        taking = Taking(
            obtained=Obtained.FETCHED,
            at=fetched.at,
            url=fetched.requested,
            final_url=fetched.url,
            status=fetched.status,
            headers=fetched.headers,
            hops=[(hop.address, hop.status, hop.ip) for hop in fetched.hops],
            protocol=fetched.protocol,
        )
        # Reading may take as long as fetching did.
        self._tell(job, len(fetched.body), len(fetched.body))
        received = intake.take(self.store, fetched.body, taking)
        with database.session(self.engine) as session:
            source, by = self._for_whom(session, job)
            capture = intake.record(session, source, received, by=by)
            desk.jobs.finish(session, job, capture)
            session.commit()

    def _archive(self, job: Job) -> None:
        try:
            if job.outside_id is None:
                outside_id = wayback.begin(job.url, self.archive, allowed=self.limits.allowed)
                self._wait_for(job, outside_id)
                return
            address = wayback.look(job.outside_id, self.archive)
        except NotFetched as trouble:
            self._failed(job, trouble.reason, again=trouble.again, asked=trouble.after)
            return
        if address is None:
            self._wait_for(job, job.outside_id)
            return
        with database.session(self.engine) as session:
            source, by = self._for_whom(session, job)
            desk.sources.archived(session, source, address, by=by)
            desk.jobs.finish(session, job)
            session.commit()

    def _for_whom(self, session: Session, job: Job) -> tuple[Source, Member | None]:
        """The source that a job is for, and who asked. Raises Taken when it is another's now."""
        held = queries.jobs.one(session, job.id)
        if held is None or held.state is not JobState.RUNNING or held.attempts != job.attempts:
            raise desk.jobs.Taken
        return held.source, held.asked_by

    def _wait_for(self, job: Job, outside_id: str) -> None:
        with database.session(self.engine) as session:
            if now() - job.created_at > _PATIENCE:
                trouble = "The outside archive has not saved the page after two hours."
                desk.jobs.fail(session, job, trouble, again=False)
            else:
                desk.jobs.wait_for(session, job, outside_id, self.pause)
            session.commit()

    # ---- what it tells --------------------------------------------------------------------------

    @contextmanager
    def _heard_of(self, job: Job) -> Iterator[None]:
        """Say again and again that the job is worked on, so that no other worker takes it."""
        over = threading.Event()
        saying = threading.Thread(target=self._beat, args=(job, over), daemon=True)
        saying.start()
        try:
            yield
        finally:
            over.set()
            saying.join()

    def _beat(self, job: Job, over: threading.Event) -> None:
        latest = time.monotonic() + _LONGEST
        while not over.wait(self.beat.total_seconds()) and time.monotonic() < latest:
            try:
                with database.session(self.engine) as session:
                    desk.jobs.still_at_work(session, job)
                    session.commit()
            except desk.jobs.Taken:
                return
            except sa.exc.SQLAlchemyError:
                # The next one may come through; without any, another worker takes the job.
                logger.warning("a worker could not say that it is at work", exc_info=True)

    def _teller(self, job: Job) -> Callable[[int, int | None], None]:
        told = time.monotonic()

        def tell(received: int, expected: int | None) -> None:
            nonlocal told
            if time.monotonic() - told < _TELL:
                return
            told = time.monotonic()
            self._tell(job, received, expected)

        return tell

    def _tell(self, job: Job, received: int, expected: int | None) -> None:
        with database.session(self.engine) as session:
            desk.jobs.go_on(session, job, received, expected)
            session.commit()

    def _failed(self, job: Job, trouble: str, *, again: bool, asked: int | None = None) -> None:
        with database.session(self.engine) as session:
            desk.jobs.fail(session, job, trouble, again=again, asked=asked)
            session.commit()


@contextmanager
def working(make: Callable[[], Worker], number: int) -> Iterator[threading.Event]:
    """Let so many workers work while the block runs; set the event to end them sooner."""
    stop = threading.Event()
    workers = [make() for _ in range(number)]
    threads = [
        threading.Thread(target=worker.run, args=(stop,), name=f"worker {n}", daemon=True)
        for n, worker in enumerate(workers, 1)
    ]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        latest = time.monotonic() + _FAREWELL
        for thread in threads:
            thread.join(timeout=max(0.0, latest - time.monotonic()))
        for worker, thread in zip(workers, threads, strict=True):
            if thread.is_alive():
                worker.give_back()


_WORK: dict[JobKind, Callable[[Worker, Job], None]] = {
    JobKind.CAPTURE: Worker._capture,
    JobKind.ARCHIVE: Worker._archive,
}
