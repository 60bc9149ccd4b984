"""The database: engine, sessions, and bringing its tables up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url
from sqlmodel import Session

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do, as long as every process asks for the same.
_MIGRATION_LOCK = 7_324_001


class Unusable(Exception):  # noqa: N818 - says what the database is
    """The database cannot be used; the message says what to do about it."""


def connect(url: str) -> sa.Engine:
    """Make an engine for SQLite or PostgreSQL. Nothing is opened yet.

    Raises Unusable for an address of anything else.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(
            parsed,
            pool_size=10,
            max_overflow=40,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5},
        )
    options: dict[str, Any] = {}
    if parsed.database in {None, "", ":memory:"}:
        # Every session has to see the one database that lives in memory.
        options = {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
    engine = sa.create_engine(parsed, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _parsed(url: str) -> sa.URL:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise Unusable(
            "DATABASE_URL is not the address of a database: write it as "
            "postgresql+psycopg://user:password@host/database, or sqlite:////folder/desk.sqlite3."
        ) from error
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise Unusable(
            f"DATABASE_URL names {parsed.drivername}; the desk runs on postgresql+psycopg://… or "
            "sqlite:///…"
        )
    return parsed


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 5000")
    # What a member was told is saved has to be there after a power cut too. NORMAL would sync the
    # log only now and then, and lose the last commits; FULL costs a save one sync, about 0.4 ms
    # on an SSD. PostgreSQL does the same unless told otherwise.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def session(engine: sa.Engine) -> Session:
    """Open a session whose objects stay readable after a commit."""
    return Session(engine, expire_on_commit=False)


def upgrade(engine: sa.Engine) -> None:
    """Bring the tables up to date.

    Raises Unusable when the database cannot be reached, or was written by a
    newer version of the desk.
    """
    try:
        with engine.connect() as connection, alone(connection):
            _upgrade(connection)
    except sa.exc.DBAPIError as error:
        raise Unusable(_why_unusable(engine, error)) from error
    finally:
        engine.dispose()


@contextmanager
def opened(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of one's own. Raises Unusable when the database cannot be reached."""
    try:
        connection = engine.connect()
    except sa.exc.DBAPIError as error:
        raise Unusable(_why_unusable(engine, error)) from error
    with connection:
        yield connection


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees the desk as it is now, whatever is written meanwhile."""
    with opened(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            yield connection
        else:
            yield connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )


@contextmanager
def alone(connection: sa.Connection) -> Iterator[None]:
    """Let one process migrate while the others that start with it wait."""
    if connection.dialect.name == "sqlite":
        # Holds until the commit that ends the migration, or the rollback.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()
        return
    connection.execute(sa.text(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})"))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(sa.text(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})"))
        connection.commit()


def _upgrade(connection: sa.Connection) -> None:
    current = revision(connection)
    if current is not None and not knows(current):
        raise Unusable(
            "This database was written by a newer version of Fact Desk. "
            "Update the program, or choose another folder with --data."
        )
    if current == ScriptDirectory.from_config(configuration()).get_current_head():
        return
    migrate(connection, "head")
    connection.commit()


def revision(connection: sa.Connection) -> str | None:
    """The migration that the tables stand at; None where there are none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this program has just this migration."""
    try:
        found = ScriptDirectory.from_config(configuration()).get_revisions(revision)
    except CommandError:
        return False
    # Alembic would also take the beginning of its name, or a word such as "head".
    return [getattr(one, "revision", None) for one in found] == [revision]


def migrate(connection: sa.Connection, revision: str) -> None:
    """Bring the tables to a revision, in the transaction that the connection is in."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def configuration() -> Config:
    """Alembic's settings, without a file for them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def cause(error: sa.exc.DBAPIError) -> str:
    """What the database itself said, in one line."""
    said = str(error.orig).strip().partition("\n")[0]
    return said.rpartition("failed: ")[2] or type(error).__name__


def _why_unusable(engine: sa.Engine, error: sa.exc.DBAPIError) -> str:
    said = cause(error)
    if engine.dialect.name == "sqlite":
        file = engine.url.database
        if "not a database" in said or "malformed" in said:
            return (
                f"The file {file} is damaged, or no database. "
                "Restore a backup of it, or choose another folder with --data."
            )
        return (
            f"The database file {file} cannot be used ({said}). Check that it and its folder "
            "can be written to, or choose another folder with --data."
        )
    where = engine.url.render_as_string(hide_password=True)
    for words, todo in _POSTGRESQL_SAYS.items():
        if words in str(error.orig):
            return f"{todo.format(url=engine.url, where=where)} ({said})"
    return (
        f"The database server of {where} cannot be used: check DATABASE_URL, and that the server "
        f"runs and lets this user in. ({said})"
    )


# A failed connection has no error code, only words.
_POSTGRESQL_SAYS = {
    "authentication failed": "The database server of {where} does not accept this user and "
    "password: check them in DATABASE_URL.",
    "no password supplied": "The database server of {where} wants a password: write it into "
    "DATABASE_URL, after the user and a colon.",
    "does not exist": "There is no database, or no user, as in {where}: check DATABASE_URL, or "
    'make them, as in: createdb "{url.database}".',
    "Connection refused": "No database server answers at {where}: start it, or check the host "
    "and port in DATABASE_URL.",
    "resolve host": "There is no machine by the name in {where}: check the host in DATABASE_URL.",
    "timeout expired": "The database server of {where} does not answer: check the host and port "
    "in DATABASE_URL, and the network between.",
    "permission denied": "The user in {where} may not make tables there: let it own the database.",
}
