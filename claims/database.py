"""The database: engine, sessions, and bringing its tables up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlmodel import Session

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do, as long as every process asks for the same.
_MIGRATION_LOCK = 7_324_001

# Seconds that a member waits, at the most: for whoever else is saving or for a free connection,
# and for one statement. Who waits longer takes the desk for hung.
_WAIT = 5
_LONGEST = 30


# More than a server has threads: no request waits for another to give its connection back.
_POOL = {"pool_size": 10, "max_overflow": 40}


class Unusable(Exception):  # noqa: N818 - says what the database is
    """The database cannot be used; the message says what to do about it."""


def connect(url: str) -> sa.Engine:
    """Make an engine for SQLite or PostgreSQL. Nothing is opened yet.

    Raises Unusable for an address of anything else.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed,
            pool_size=10,
            max_overflow=40,
            pool_timeout=_WAIT,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _WAIT},
        )
        sa.event.listen(engine, "connect", _prepare_postgresql)
        return engine
    file = _file(parsed)
    if file is None:
        # Every session has to see the one database that lives in memory.
        memory: dict[str, Any] = {"check_same_thread": False}
        engine = sa.create_engine(parsed, poolclass=sa.StaticPool, connect_args=memory)
    else:
        engine = sa.create_engine(parsed, pool_timeout=_WAIT)
        _hold_to(engine, file)
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


def _file(url: sa.URL) -> Path | None:
    """The file of a SQLite database; None where it lives in memory."""
    return None if url.database in {None, "", ":memory:"} else Path(str(url.database)).absolute()


def _hold_to(engine: sa.Engine, file: Path) -> None:
    """Use the file that was opened, and never another in its place unseen.

    One that was moved away is out of reach: SQLite would make an empty one and write into that.
    One that was put in its place, such as a restored backup, is opened anew.
    """

    @sa.event.listens_for(engine, "do_connect")
    def open_what_is_there(
        _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        arguments[0] = f"{file.as_uri()}?mode=rw"
        options["uri"] = True

    @sa.event.listens_for(engine, "connect")
    def note(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(file)

    @sa.event.listens_for(engine, "checkout")
    def compare(_connection: object, record: sa.pool.ConnectionPoolEntry, _proxy: object) -> None:
        if record.info["file"] != _identity(file):
            raise sa.exc.DisconnectionError(f"{file} is not the file that was opened")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_WAIT * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What a member was told is saved has to be there after a power cut too. NORMAL would sync the
    # log only now and then, and lose the last commits; FULL costs a save one sync, about 0.4 ms
    # on an SSD. PostgreSQL does the same unless told otherwise.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = '{_WAIT}s'")
    connection.execute(f"SET statement_timeout = '{_LONGEST}s'")
    connection.commit()


def take_time(connection: sa.Connection) -> None:
    """Let statements take as long as they need: nobody waits before a page for this work."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET lock_timeout = 0"))
        connection.execute(sa.text("SET statement_timeout = 0"))


def session(engine: sa.Engine) -> Session:
    """Open a session whose objects stay readable after a commit."""
    return Session(engine, expire_on_commit=False)


def upgrade(engine: sa.Engine) -> None:
    """Bring the tables up to date.

    Raises Unusable when the database cannot be reached, or was written by a
    newer version of the desk.
    """
    try:
        with opened(engine) as connection, alone(connection):
            _upgrade(connection)
    except sa.exc.DBAPIError as error:
        raise Unusable(_why_unusable(engine, error)) from error
    finally:
        engine.dispose()


@contextmanager
def opened(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for work that nobody waits for before a page; makes a database file.

    Raises Unusable when the database cannot be reached.
    """
    file = _file(engine.url) if engine.dialect.name == "sqlite" else None
    if file:
        # What keeps it from being made is told when it is opened.
        with suppress(OSError):
            file.touch()
    with ExitStack() as until_then:
        try:
            connection = until_then.enter_context(engine.connect())
            take_time(connection)
            connection.commit()
        except sa.exc.DBAPIError as error:
            raise Unusable(_why_unusable(engine, error)) from error
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
    if current == revisions()[-1]:
        return
    migrate(connection, "head")
    connection.commit()


def revision(connection: sa.Connection) -> str | None:
    """The migration that the tables stand at; None where there are none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    held: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return held


def revisions() -> list[str]:
    """The migrations that this program has, in the order in which they run."""
    # By the numbers of their files: Alembic is only worth its weight when there is one to run.
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def knows(revision: str) -> bool:
    """Whether this program has just this migration."""
    return revision in revisions()


def migrate(connection: sa.Connection, revision: str) -> None:
    """Bring the tables to a revision, in the transaction that the connection is in."""
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def configuration() -> "Config":
    """Alembic's settings, without a file for them."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def cause(error: sa.exc.DBAPIError) -> str:
    """What the database itself said, in one line."""
    said = str(error.orig).strip().partition("\n")[0]
    return said.rpartition("failed: ")[2] or type(error).__name__


@dataclass(frozen=True)
class Trouble:
    """What keeps the database from its work, and what to do about it, in words for a member."""

    title: str
    advice: str
    status: int = 503

    def __str__(self) -> str:
        return f"{self.title}. {self.advice}"


BUSY = Trouble(
    "The database is busy",
    "Somebody else’s work takes longer than the desk waits for it. Nothing was changed: try again "
    "in a moment.",
)
FULL = Trouble(
    "The disk is full",
    "There is no room left where the desk keeps its database. Nothing was changed. Tell whoever "
    "runs the desk to make room: it then works again by itself.",
    507,
)
READ_ONLY = Trouble(
    "The database can only be read",
    "It takes no changes at the moment, so nothing was changed. Tell whoever runs the desk: once "
    "it may be written to, the desk works again by itself.",
)
AWAY = Trouble(
    "The database is out of reach",
    "The desk cannot reach its database. Nothing was changed; try again in a moment.",
)
BROKEN_OFF = Trouble(
    "The database is out of reach",
    "The connection to it broke while this was being saved, so it may be saved or not. Send it "
    "again: what was saved already is not saved twice.",
)
DAMAGED = Trouble(
    "The database is damaged",
    "What the desk asked for cannot be read from it. Nothing was changed. Tell whoever runs the "
    "desk: it may need a backup restored.",
)

_SQLITE_TROUBLE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_READONLY_DBMOVED: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}

# By SQLSTATE, or the class that its first two characters name.
_POSTGRESQL_TROUBLE = {
    "08": AWAY,
    "53100": FULL,
    "53": BUSY,
    "57014": BUSY,
    "57": AWAY,
    "55P03": BUSY,
    "40": BUSY,
    "25006": READ_ONLY,
    "25P03": AWAY,
    "58": AWAY,
    "XX": DAMAGED,
}


def trouble(error: sa.exc.SQLAlchemyError) -> Trouble | None:
    """What is the matter with the database itself; None for a fault of what it was asked."""
    if isinstance(error, sa.exc.TimeoutError):
        return BUSY
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The low byte is the sort of error, the rest its finer points.
        return _SQLITE_TROUBLE.get(code) or _SQLITE_TROUBLE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL_TROUBLE.get(state) or _POSTGRESQL_TROUBLE.get(state[:2])
    # Who cannot connect, or lost the connection, is told no code.
    away = isinstance(error, sa.exc.OperationalError) or error.connection_invalidated
    return AWAY if away else None


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
