"""What members asked for is fetched in the background, kept, read, and never silently not."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from claims import database, desk, queries
from claims.captures.limits import Limits
from claims.captures.store import Folder
from claims.captures.wayback import Service
from claims.desk.sources import Facts
from claims.models import Capture, Content, Event, Job, Source
from claims.models.columns import now
from claims.rules.vocabulary import JobKind, JobState, Obtained
from claims.worker import Worker, working
from tests.factories import a_member
from tests.misbehaving import ARTICLE, Site, running
from tests.wayback import MOMENT, Wayback


class Slow(Site):
    """Answers once it is told to."""

    def __init__(self):
        super().__init__()
        self.reached, self.answered = threading.Event(), threading.Event()

    def answer(self, asked, wire):
        self.reached.set()
        self.answered.wait(30)
        super().answer(asked, wire)


@pytest.fixture(scope="module")
def site():
    with running(Site()) as site:
        yield site


@pytest.fixture
def store(tmp_path):
    return Folder(tmp_path / "captures")


@pytest.fixture
def worker(engine, store, site):
    return Worker(
        engine,
        store,
        Limits(size=1_000_000, seconds=5, allowed=frozenset({site.host})),
        pause=timedelta(0),
    )


def asked_for(session, url, kind=JobKind.CAPTURE, *, title=None):
    member = a_member(session)
    source = desk.sources.add(session, Facts(title=title or url, url=url), by=member)
    job = desk.jobs.ask(session, source, kind, url, by=member)
    session.commit()
    return job


def as_it_is(session, job):
    session.expire_all()
    return session.get_one(Job, job.id)


def test_a_page_that_was_asked_for_is_kept_read_and_described(session, worker, store, site):
    before = now()
    job = asked_for(session, f"{site.address}/article")

    assert worker.step()

    job = as_it_is(session, job)
    assert (job.state, job.trouble) == (JobState.DONE, None)
    capture = session.get_one(Capture, job.capture_id)
    assert store.get(capture.sha256) == ARTICLE
    assert (capture.obtained, capture.status) == (Obtained.FETCHED, 200)
    assert capture.final_url == f"{site.address}/article"
    assert before <= capture.taken_at <= now()
    assert capture.taken_by_id == job.asked_by_id
    assert ["Content-Type", "text/html; charset=utf-8"] in capture.headers
    assert "not nine" in queries.captures.text(session, capture.sha256)
    source = session.get_one(Source, job.source_id)
    assert (source.title, source.author) == ("Two dams, not nine", "Ada Quill")
    assert not worker.step()


def test_a_page_that_is_not_there_fails_at_once_with_its_reason(session, worker, site):
    job = asked_for(session, f"{site.address}/status/404")

    worker.step()

    job = as_it_is(session, job)
    assert job.state is JobState.FAILED
    assert "404" in job.trouble
    told = session.exec(select(Event).where(Event.action == "capture failed")).one()
    assert "404" in told.after["trouble"]


def test_a_site_that_is_down_is_tried_again_later(session, worker, site):
    job = asked_for(session, f"{site.address}/status/503")

    worker.step()

    job = as_it_is(session, job)
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert job.due_at > now()
    assert "503" in job.trouble
    assert not worker.step()


def test_a_private_address_is_refused_and_the_reviewer_told(session, worker, engine, store):
    job = asked_for(session, "http://169.254.169.254/latest/meta-data/")

    Worker(engine, store).step()

    job = as_it_is(session, job)
    assert job.state is JobState.FAILED
    assert job.trouble


def test_a_store_that_cannot_be_written_is_no_reason_to_lose_the_page(
    session, engine, site, tmp_path
):
    (tmp_path / "file").write_text("in the way")
    stuck = Worker(engine, Folder(tmp_path / "file"), Limits(allowed=frozenset({site.host})))
    job = asked_for(session, f"{site.address}/article")

    stuck.step()

    job = as_it_is(session, job)
    assert job.state is JobState.WAITING
    assert session.exec(select(Content)).all() == []


def test_a_fault_of_the_desk_itself_is_told_to_who_waits_and_tried_again(
    session, worker, site, monkeypatch, caplog
):
    def broken(*_, **__):
        raise RuntimeError("made up")

    monkeypatch.setattr("claims.intake.take", broken)
    job = asked_for(session, f"{site.address}/article")

    assert worker.step()

    job = as_it_is(session, job)
    assert job.state is JobState.WAITING
    assert "at the desk itself" in job.trouble
    assert "made up" in caplog.text


def test_a_desk_that_stops_gives_back_what_its_workers_have_in_hand(
    session, engine, store, monkeypatch
):
    monkeypatch.setattr("claims.worker._FAREWELL", 0.05)
    with running(Slow()) as site:
        limits = Limits(allowed=frozenset({site.host}))
        job = asked_for(session, f"{site.address}/article")
        with working(lambda: Worker(engine, store, limits), 1):
            assert site.reached.wait(30)
        held = as_it_is(session, job)
        left = (held.state, held.attempts, held.lost)
        session.rollback()
        site.answered.set()

        assert Worker(engine, store, limits).step()
        for thread in threading.enumerate():
            if thread.name == "worker 1":
                thread.join(30)

    assert left == (JobState.WAITING, 0, 0)
    held = as_it_is(session, job)
    assert (held.state, held.attempts, held.lost) == (JobState.DONE, 1, 0)
    assert len(session.exec(select(Capture)).all()) == 1


def test_a_worker_says_that_it_is_at_work_as_long_as_a_page_takes(session, engine, store):
    def until():
        with database.session(engine) as looking:
            return looking.get_one(Job, job_id).due_at

    with running(Slow()) as site:
        slow = Worker(
            engine,
            store,
            Limits(allowed=frozenset({site.host})),
            beat=timedelta(milliseconds=20),
        )
        job_id = asked_for(session, f"{site.address}/article").id
        working_on_it = threading.Thread(target=slow.step)
        working_on_it.start()
        assert site.reached.wait(30)
        first = until()
        tries = iter(range(200))
        while until() == first and next(tries, None) is not None:
            site.answered.wait(0.05)
        site.answered.set()
        working_on_it.join()

    assert until() > first
    assert session.get_one(Job, job_id, populate_existing=True).state is JobState.DONE


def test_a_job_that_was_cancelled_meanwhile_brings_nothing(session, worker, engine, site):
    job = asked_for(session, f"{site.address}/article")
    taken = desk.jobs.take(session, "slow")
    session.commit()
    session.expunge(taken)
    desk.jobs.cancel(session, queries.jobs.one(session, job.id), by=a_member(session))
    session.commit()

    with pytest.raises(desk.jobs.Taken):
        worker._capture(taken)

    assert session.exec(select(Capture)).all() == []


def test_several_workers_fetch_everything_once(session, engine, store, site):
    jobs = [asked_for(session, f"{site.address}/article#p{n}") for n in range(8)]
    session.rollback()
    limits = Limits(allowed=frozenset({site.host}))
    done = threading.Event()

    class Telling(Worker):
        def step(self):
            worked = super().step()
            if not worked:
                done.set()
            return worked

    with working(lambda: Telling(engine, store, limits), 3):
        assert done.wait(30)

    states = [as_it_is(session, job).state for job in jobs]
    assert states == [JobState.DONE] * 8
    assert len(session.exec(select(Capture)).all()) == 8
    assert len(session.exec(select(Content)).all()) == 1


def test_an_outside_archive_is_asked_to_save_a_page_and_its_address_recorded(
    session, engine, store
):
    with running(Wayback(looks=2)) as archive:
        worker = Worker(engine, store, archive=Service(archive.address), pause=timedelta(0))
        job = asked_for(session, "https://figures.register.example/dams", JobKind.ARCHIVE)

        steps = 0
        while as_it_is(session, job).state in queries.jobs.OPEN and steps < 6:
            session.rollback()
            assert worker.step()
            steps += 1

    job = as_it_is(session, job)
    assert job.state is JobState.DONE
    assert session.get_one(Source, job.source_id).archive_url == (
        f"{archive.address}/web/{MOMENT}/https://figures.register.example/dams"
    )


def test_what_the_outside_archive_refuses_is_told(session, engine, store):
    refusal = {"status_ext": "error:blocked-url", "message": "This URL is on a block list."}
    with running(Wayback(refuses=refusal)) as archive:
        worker = Worker(engine, store, archive=Service(archive.address, "a", "b"))
        job = asked_for(session, "https://figures.register.example/dams", JobKind.ARCHIVE)

        worker.step()

    job = as_it_is(session, job)
    assert job.state in {JobState.FAILED, JobState.WAITING}
    assert job.trouble
