"""The database is busy, full, gone or damaged: a clear page, no word lost, and no restart."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from claims import database
from claims.models import Comment
from tests.factories import a_claim, a_member

WORDS = "A sentence that nobody may lose."


@pytest.fixture
def ada(session, client):
    member = a_member(session, "Ada Reviewer")
    client.as_(member)
    return member


@pytest.fixture
def comments(session, ada):
    """The address to which a member comments on a claim."""
    address = f"/claims/{a_claim(session, by=ada).id}/comments"
    session.rollback()
    return address


@pytest.fixture
def desk_engine(app):
    return app.extensions["engine"]


@pytest.fixture
def impatient(desk_engine):
    """The desk waits for others a tenth of a second, instead of what a member can bear."""

    @sa.event.listens_for(desk_engine, "checkout")
    def hurry(connection, _record, _proxy):
        on_sqlite = desk_engine.dialect.name == "sqlite"
        connection.execute(
            "PRAGMA busy_timeout = 100" if on_sqlite else "SET lock_timeout = '100ms'"
        )
        connection.commit()


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def refused(answer, title, status=503):
    """The page says what is the matter, and holds every word."""
    assert answer.status_code == status
    assert f'<h1 data-focus tabindex="-1">{title}</h1>' in answer.text
    assert f">\n{WORDS}</textarea>" in answer.text
    assert "Send again" in answer.text
    assert answer.headers["Retry-After"]


def saved(session):
    session.rollback()
    return [comment.text for comment in session.exec(select(Comment).order_by(Comment.id))]


def test_who_waits_too_long_for_somebody_else_is_told_so_and_saves_later(
    client, session, comments, impatient
):
    head = sa.text("UPDATE ledger_head SET seq = seq WHERE id = 1")
    session.execute(head)

    refused(client.post(comments, data={"text": WORDS}), "The database is busy")
    assert "sign out" in client.get("/").text.lower()

    session.rollback()
    assert client.post(comments, data={"text": WORDS}).status_code == 303
    assert saved(session) == [WORDS]


def test_no_free_connection_is_a_busy_database(client, session, comments, desk_engine):
    pool = desk_engine.pool
    pool._timeout, room = 0.1, pool.size() + pool._max_overflow
    held = [desk_engine.connect() for _ in range(room)]

    refused(client.post(comments, data={"text": WORDS}), "The database is busy")

    for connection in held:
        connection.close()
    assert client.post(comments, data={"text": WORDS}).status_code == 303


@on_sqlite
def test_a_full_disk_is_named_and_the_desk_goes_on_once_there_is_room(
    client, session, comments, desk_engine
):
    def fill(connection, _record, _proxy):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(connection, _record, _proxy):
        connection.execute("PRAGMA max_page_count = 1000000")

    sa.event.listen(desk_engine, "checkout", fill)
    while (answer := client.post(comments, data={"text": WORDS})).status_code == 303:
        before = saved(session)

    refused(answer, "The disk is full", 507)
    assert client.get("/claims").status_code == 200
    assert saved(session) == before

    sa.event.remove(desk_engine, "checkout", fill)
    sa.event.listen(desk_engine, "checkout", make_room)
    assert client.post(comments, data={"text": WORDS}).status_code == 303


@on_postgresql
def test_a_server_that_restarts_between_two_requests_is_not_noticed(client, session, comments):
    client.get("/")
    end_the_others(session)

    assert client.post(comments, data={"text": WORDS}).status_code == 303


@on_postgresql
def test_a_server_that_goes_away_during_a_request_costs_no_word(
    client, session, comments, desk_engine
):
    broken = []

    @sa.event.listens_for(desk_engine, "before_cursor_execute")
    def break_off(_c, _cursor, statement, *_rest):
        if not broken and statement.startswith("INSERT INTO comment"):
            broken.append(statement)
            end_the_others(session)

    refused(client.post(comments, data={"text": WORDS}), "The database is out of reach")
    assert saved(session) == []

    assert client.post(comments, data={"text": WORDS}).status_code == 303
    assert saved(session) == [WORDS]


@on_postgresql
def test_a_connection_that_breaks_while_it_saves_is_called_unsure_and_saved_once(
    client, session, comments, desk_engine
):
    form = {"text": WORDS, "once": "the-same-form"}
    broken = []

    @sa.event.listens_for(desk_engine, "commit")
    def break_off(connection):
        if not broken:
            broken.append(connection)
            end_the_others(session)

    answer = client.post(comments, data=form)
    refused(answer, "The database is out of reach")
    assert "may be saved or not" in answer.text

    assert client.post(comments, data=form).status_code == 303
    assert client.post(comments, data=form).status_code == 303
    assert saved(session) == [WORDS]


def end_the_others(session):
    session.rollback()
    session.execute(
        sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    session.rollback()


@on_sqlite
def test_a_database_file_that_is_moved_away_is_not_made_anew_and_works_when_it_is_back(
    client, session, comments, database_url
):
    file = Path(sa.make_url(database_url).database)
    assert client.get("/").status_code == 200

    file.rename(file.with_name("elsewhere"))
    refused(client.post(comments, data={"text": WORDS}), "The database is out of reach")
    assert client.get("/healthz").status_code == 503
    assert not file.exists()
    file.with_name("elsewhere").rename(file)

    assert client.post(comments, data={"text": WORDS}).status_code == 303
    assert saved(session) == [WORDS]


@on_sqlite
def test_what_is_saved_after_a_backup_was_put_in_place_goes_into_the_backup(
    client, session, comments, database_url
):
    file = Path(sa.make_url(database_url).database)
    with sqlite3.connect(file) as now, sqlite3.connect(file.with_name("backup")) as backup:
        now.backup(backup)
    client.get("/")
    session.close()
    session.get_bind().dispose()

    file.rename(file.with_name("old"))
    for beside in ("-wal", "-shm"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    file.with_name("backup").rename(file)
    assert client.post(comments, data={"text": WORDS}).status_code == 303

    assert saved(session) == [WORDS]


@on_sqlite
def test_a_file_that_may_only_be_read_and_one_that_is_damaged_are_told_apart(
    client, session, comments, desk_engine, database_url
):

    def lock(connection, _record, _proxy):
        connection.execute("PRAGMA query_only = 1")

    sa.event.listen(desk_engine, "checkout", lock)
    refused(client.post(comments, data={"text": WORDS}), "The database can only be read")
    sa.event.remove(desk_engine, "checkout", lock)
    desk_engine.dispose()

    file = Path(sa.make_url(database_url).database)
    session.close()
    session.get_bind().dispose()
    file.write_bytes(b"no database at all, " * 500)
    refused(client.post(comments, data={"text": WORDS}), "The database is damaged")


@on_postgresql
@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ("53100", database.FULL),
        ("25006", database.READ_ONLY),
        ("40P01", database.BUSY),
        ("57014", database.BUSY),
        ("XX001", database.DAMAGED),
        ("42P01", None),
    ],
)
def test_what_postgresql_says_by_its_codes_is_told_apart(session, state, trouble):

    with pytest.raises(sa.exc.DBAPIError) as raised:
        session.execute(sa.text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))

    assert database.trouble(raised.value) is trouble
