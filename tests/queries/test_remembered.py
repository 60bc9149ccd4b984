"""What is kept between two pages is never older than the newest change."""

import pytest

from claims import database, queries
from claims.queries import remembered
from tests.factories import a_member


@pytest.fixture
def reading(engine):
    """Open a session that only reads, as of the ledger's end."""
    opened = []

    def begin(of=engine):
        session = database.session(of)
        opened.append(session)
        remembered.begin(session, queries.ledger.end(session).seq)
        return session

    yield begin
    for session in opened:
        session.close()


def names(session):
    return set(queries.members.names(session).values())


def test_what_was_read_is_kept_until_something_changes(reading, session, engine):
    a_member(session, "Reviewer Ada")
    first = queries.members.names(reading())

    assert queries.members.names(reading()) is first
    a_member(session, "Reviewer Ben")
    assert names(reading()) == {"Reviewer Ada", "Reviewer Ben"}


def test_a_change_by_another_process_is_noticed(reading, session, database_url):
    a_member(session, "Reviewer Ada")
    elsewhere = database.connect(database_url)
    with reading(elsewhere) as there:
        assert names(there) == {"Reviewer Ada"}

    a_member(session, "Reviewer Ben")

    with reading(elsewhere) as there:
        assert names(there) == {"Reviewer Ada", "Reviewer Ben"}
    elsewhere.dispose()


def test_whoever_changes_something_reads_it_as_it_is_and_keeps_nothing(reading, session):
    ada = a_member(session, "Reviewer Ada")
    assert names(reading()) == {"Reviewer Ada"}

    ada.name = "Reviewer Eve"
    session.flush()
    seen = names(session)
    session.rollback()

    assert seen == {"Reviewer Eve"}
    assert names(reading()) == {"Reviewer Ada"}


def test_a_record_that_is_kept_stays_readable_after_its_session_failed(reading):
    asking = reading()
    desk = queries.standing.desk(asking)
    asking.rollback()
    asking.close()

    again = queries.standing.desk(reading())

    assert again is desk
    assert again.name == "Fact Desk"


def test_no_more_is_kept_than_fits(reading, monkeypatch):
    monkeypatch.setattr(remembered, "_MOST", 3)
    session = reading()

    for key in range(10):
        remembered.read(session, key, lambda: "read")

    assert len(remembered._kept[session.get_bind()]) <= 3
