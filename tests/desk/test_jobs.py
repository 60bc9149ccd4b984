from datetime import timedelta

import pytest
from sqlmodel import select

from claims import database, desk, queries, rules
from claims.models import Event, Job
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.vocabulary import JobKind, JobState
from tests.factories import a_member, a_source

PAGE = "https://figures.register.example/dams"


def a_job(session, url=PAGE):
    job = desk.jobs.ask(
        session, a_source(session, url=url), JobKind.CAPTURE, url, by=a_member(session)
    )
    session.commit()
    return job


def taken(session, worker="one", after=timedelta(0)):
    job = desk.jobs.take(session, worker, at=now() + after)
    session.commit()
    return job


def again(session, job):
    session.refresh(job)
    return job


def test_a_page_asked_for_twice_is_fetched_once(session):
    source, member = a_source(session, url=PAGE), a_member(session)

    first = desk.jobs.ask(session, source, JobKind.CAPTURE, PAGE, by=member)
    second = desk.jobs.ask(session, source, JobKind.CAPTURE, PAGE, by=member)

    assert first.id == second.id
    asked = session.exec(select(Event).where(Event.action == "capture asked for")).all()
    assert [event.after["address"] for event in asked] == [PAGE]


@pytest.mark.parametrize("address", ["ftp://register.example/", "javascript:alert(1)", "/etc"])
def test_only_web_addresses_are_fetched(session, address):
    with pytest.raises(Refused, match="http"):
        desk.jobs.ask(session, a_source(session), JobKind.CAPTURE, address, by=a_member(session))


def test_the_job_that_waits_longest_is_taken_and_by_one_worker_only(session):
    first, second = a_job(session), a_job(session, f"{PAGE}/2")

    assert taken(session, "one").id == first.id
    assert taken(session, "two").id == second.id
    assert taken(session, "three") is None


# SQLite lets one write at a time, so that there is no such moment.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_workers_at_the_same_moment_take_different_jobs(session, engine):
    jobs = {a_job(session).id, a_job(session, f"{PAGE}/2").id}

    with database.session(engine) as one, database.session(engine) as two:
        taken_by_both = {desk.jobs.take(one, "one").id, desk.jobs.take(two, "two").id}
        one.commit()
        two.commit()

    assert taken_by_both == jobs


def test_the_job_of_a_worker_that_fell_silent_is_taken_again_and_is_lost_to_it(session):
    job = a_job(session)
    killed = taken(session, "killed")
    session.expunge(killed)

    assert taken(session, "early") is None
    assert taken(session, "next", after=rules.retries.SILENCE + timedelta(seconds=1)).id == job.id
    with pytest.raises(desk.jobs.Taken):
        desk.jobs.go_on(session, killed, 100, None)
    with pytest.raises(desk.jobs.Taken):
        desk.jobs.finish(session, killed)


def test_a_page_that_stops_every_worker_fails_with_the_reason_and_is_tried_again_by_hand(session):
    job_id = a_job(session).id
    long = rules.retries.SILENCE + timedelta(seconds=1)
    for times in range(rules.retries.MOST_LOST):
        session.expunge_all()
        assert taken(session, f"killed {times}", after=long * times).id == job_id
    other = a_job(session, f"{PAGE}/2")
    other.due_at, other_id = now() + long * (times + 1), other.id
    session.commit()

    session.expunge_all()
    next_one = taken(session, "careful", after=long * (times + 1))

    assert next_one.id == other_id
    held = queries.jobs.one(session, job_id)
    assert (held.state, held.attempts) == (JobState.FAILED, rules.retries.MOST_LOST)
    assert "stopped each time, 3 times in a row" in held.trouble
    told = session.exec(select(Event).where(Event.action == "capture failed")).one()
    assert told.after["trouble"] == held.trouble
    desk.jobs.retry(session, held, by=a_member(session))
    session.commit()
    session.expunge_all()
    again = taken(session, "another")
    assert (again.id, again.lost) == (job_id, 0)


def test_a_worker_that_stops_between_others_that_work_gives_nothing_up(session):
    job_id = a_job(session).id
    long = timedelta(0)
    for _ in range(2):
        session.expunge_all()
        taken(session, "killed", after=long)
        session.expunge_all()
        long += rules.retries.SILENCE + timedelta(seconds=1)
        at_work = taken(session, "at work", after=long)
        assert (at_work.id, at_work.lost) == (job_id, 1)
        desk.jobs.fail(session, at_work, "The site answers later.", again=True, asked=0)
        session.commit()
        long += timedelta(days=1)


def test_a_worker_that_says_that_it_is_at_work_keeps_its_job_for_longer(session):
    job = a_job(session)
    at_work = taken(session, "slow")
    until = at_work.due_at

    desk.jobs.still_at_work(session, at_work)
    session.commit()

    assert again(session, job).due_at > until


def test_a_worker_that_says_how_far_it_is_keeps_its_job(session):
    a_job(session)
    job = taken(session)

    desk.jobs.go_on(session, job, 1_000, 4_000)
    session.commit()

    session.refresh(job)
    assert (job.received, job.expected, job.state) == (1_000, 4_000, JobState.RUNNING)


def test_what_may_work_later_is_tried_again_each_time_after_a_longer_wait(session):
    job = a_job(session)
    waits = []

    for _ in range(5):
        session.expunge_all()
        held = taken(session, after=timedelta(days=1) if waits else timedelta(0))
        desk.jobs.fail(session, held, "The site answers later.", again=True)
        session.commit()
        held = session.get_one(Job, held.id)
        session.refresh(held)
        assert (held.state, held.trouble) == (JobState.WAITING, "The site answers later.")
        waits.append(held.due_at - now())

    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=20)
    session.expunge_all()
    last = taken(session, after=timedelta(days=1))
    desk.jobs.fail(session, last, "The site answers later.", again=True)
    session.commit()
    assert again(session, session.get_one(Job, job.id)).state is JobState.FAILED


def test_a_site_that_asks_to_wait_longer_is_given_that_time(session):
    a_job(session)
    job = taken(session)

    desk.jobs.fail(session, job, "Too many requests.", again=True, asked=7_200)
    session.commit()

    assert again(session, job).due_at > now() + timedelta(hours=1, minutes=50)


def test_what_cannot_work_fails_at_once_and_the_ledger_says_why(session):
    a_job(session)
    job = taken(session)

    desk.jobs.fail(session, job, "There is no such page.", again=False)
    session.commit()

    assert again(session, job).state is JobState.FAILED
    event = session.exec(select(Event).where(Event.action == "capture failed")).one()
    assert event.after == {"address": PAGE, "trouble": "There is no such page."}
    assert event.actor == "the desk"


def test_a_failed_job_is_tried_again_by_hand(session):
    a_job(session)
    job = taken(session)
    desk.jobs.fail(session, job, "There is no such page.", again=False)
    session.commit()

    desk.jobs.retry(session, queries.jobs.one(session, job.id), by=a_member(session))
    session.commit()

    assert again(session, job).state is JobState.WAITING
    assert taken(session, "another").id == job.id


def test_a_cancelled_job_is_not_done_even_by_the_worker_that_has_it(session):
    a_job(session)
    job = taken(session)
    session.expunge(job)

    desk.jobs.cancel(session, queries.jobs.one(session, job.id), by=a_member(session))
    session.commit()

    with pytest.raises(desk.jobs.Taken):
        desk.jobs.finish(session, job)
    assert taken(session, "another") is None
    with pytest.raises(Refused, match="nothing left"):
        desk.jobs.cancel(session, queries.jobs.one(session, job.id), by=a_member(session))


def test_a_worker_that_finds_nothing_to_do_writes_nothing(app, statements):
    with database.session(app.extensions["engine"]) as session:
        assert desk.jobs.take(session, "idle") is None

    assert [one.split()[0] for one in statements.sent] == ["SELECT"]
