"""What is kept between two pages is never older than the newest change."""

import pytest
import sqlalchemy as sa

from claims import database, desk, queries
from claims.queries import remembered
from claims.queries.remembered import AsOf, as_of
from tests.factories import a_claim, a_member


@pytest.fixture
def reading(engine):
    """Open a session that only reads, as of the ledger's end."""
    opened = []

    def begin(of=engine):
        session = database.session(of)
        opened.append(session)
        remembered.begin(session, AsOf.read(session.execute(sa.select(*as_of())).one()))
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


def test_people_and_settings_are_not_read_again_for_every_change_of_a_claim(reading, session):
    ada = a_member(session, "Reviewer Ada")
    claim = a_claim(session, by=ada)
    people, waits = queries.members.names(reading()), remembered.read(reading(), "any", object)

    desk.discussion.comment(session, claim, "A remark.", by=ada)
    session.commit()

    assert queries.members.names(reading()) is people
    assert remembered.read(reading(), "any", object) is not waits


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
    settings = queries.standing.desk(asking)
    asking.rollback()
    asking.close()

    again = queries.standing.desk(reading())

    assert again is settings
    assert again.name == "Fact Desk"


def test_no_more_is_kept_than_fits(reading, monkeypatch):
    monkeypatch.setattr(remembered, "_MOST", 3)
    session = reading()

    for key in range(10):
        remembered.read(session, key, lambda: "read")

    assert len(remembered._kept[session.get_bind()]) <= 3
