"""The database: engine, sessions, and bringing its tables up to date."""

import sqlite3
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
    """Make an engine for SQLite or PostgreSQL. Nothing is opened yet."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise Unusable(
            f"DATABASE_URL names {parsed.get_backend_name()}; the desk runs on "
            "sqlite:///… or postgresql+psycopg://…"
        )
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


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA synchronous = NORMAL")
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
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                # Several processes start at once; the first migrates, the others wait.
                connection.execute(sa.text(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})"))
                connection.commit()
            try:
                _upgrade(connection)
            finally:
                connection.rollback()
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.text(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})"))
                    connection.commit()
    except sa.exc.OperationalError as error:
        raise Unusable(_unreachable(engine)) from error
    except sa.exc.DatabaseError as error:
        raise Unusable(
            f"{_where(engine)} is not a database that the desk can read. "
            "Choose another folder with --data, or restore a backup."
        ) from error


def _upgrade(connection: sa.Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None:
        try:
            script.get_revision(current)
        except CommandError as error:
            raise Unusable(
                "This database was written by a newer version of Fact Desk. "
                "Update the program, or choose another folder with --data."
            ) from error
    if current == script.get_current_head():
        return
    command.upgrade(config, "head")
    connection.commit()


def configuration() -> Config:
    """Alembic's settings, without a file for them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _where(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _unreachable(engine: sa.Engine) -> str:
    if engine.dialect.name == "sqlite":
        return (
            f"The database file {engine.url.database} cannot be opened. "
            "Check that its folder exists and can be written to, or choose another with --data."
        )
    return (
        f"The database server at {_where(engine)} cannot be reached. "
        "Check DATABASE_URL, and that the server runs and lets this user in."
    )
