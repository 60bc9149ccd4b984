"""A worker is killed in the middle of a page, and another one brings it in its place."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlmodel import select

from claims import desk, rules
from claims.captures.limits import Limits
from claims.captures.store import Folder
from claims.models import Capture, Job
from claims.models.columns import now
from claims.rules.vocabulary import JobKind, JobState
from claims.worker import Worker
from tests import misbehaving
from tests.factories import a_member, a_source

APP = Path(__file__).parents[1] / "app.py"


class SlowAtFirst(misbehaving.Site):
    """Sends its page byte by byte and without an end, the first time; the next time at once."""

    def __init__(self):
        super().__init__()
        self.reached = Event()

    def answer(self, asked, wire):
        if self.reached.is_set():
            misbehaving.article(wire, "")
        else:
            self.reached.set()
            misbehaving.drip(wire, "")


@pytest.fixture
def site():
    with misbehaving.running(SlowAtFirst()) as site:
        yield site


def kill_one_at_work(url, folder, site):
    """Start `claims work`, and end it by SIGKILL while it fetches."""
    settings = {
        "DATABASE_URL": url,
        "DESK_DATA": str(folder),
        "DESK_FETCH_ALLOW": site.host,
        "DESK_WORKERS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, APP, "work"],
        cwd=APP.parent,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert site.reached.wait(30)
    finally:
        process.kill()
        process.wait()


def test_the_page_of_a_killed_worker_is_fetched_by_another_once_it_is_known_to_be_gone(
    session, engine, database_url, site, tmp_path
):
    page = f"{site.address}/article"
    source, member = a_source(session, url=page), a_member(session)
    job = desk.jobs.ask(session, source, JobKind.CAPTURE, page, by=member)
    session.commit()
    kill_one_at_work(database_url, tmp_path / "instance", site)
    store, limits = (
        Folder(tmp_path / "instance" / "captures"),
        Limits(allowed=frozenset({site.host})),
    )
    later = now() + rules.retries.SILENCE + timedelta(seconds=1)

    at_once = Worker(engine, store, limits).step()
    session.refresh(job)
    left = job.state, job.worker
    in_time = Worker(engine, store, limits, clock=lambda: later).step()

    assert not at_once
    assert left[0] is JobState.RUNNING
    assert in_time
    job = session.get_one(Job, job.id, populate_existing=True)
    assert (job.state, job.attempts, job.trouble) == (JobState.DONE, 2, None)
    assert job.worker != left[1]
    capture = session.exec(select(Capture)).one()
    assert store.get(capture.sha256) == misbehaving.ARTICLE
