"""The desk starts on a bare machine, or says in one sentence what keeps it from starting."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from app import create_app
from claims import cli
from tests.serving import free_port

APP = Path(__file__).parents[1] / "app.py"
PASSWORD = "four made-up words"


@pytest.fixture
def start(tmp_path):
    """Starts the desk, or another program that serves it, in a process of its own."""
    running = []

    def run(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=APP.parent,
            env={**os.environ, "DESK_DATA": str(tmp_path / "desk"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def read_until(process, wanted):
    """The output of a process up to the line that holds what is wanted."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


class Browser:
    """A browser that keeps cookies, for a desk that runs in another process."""

    def __init__(self, base):
        self.base = base
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path):
        with self.opener.open(self.base + path, timeout=30) as response:
            return response.geturl(), response.read().decode()

    def post(self, path, page, **fields):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        data = urllib.parse.urlencode(fields | {"csrf_token": token}).encode()
        with self.opener.open(self.base + path, data, timeout=30) as response:
            return response.geturl(), response.read().decode()


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_the_first_start_prints_the_way_in_and_the_next_one_keeps_everything(start, ended_by):
    process = start(APP, "--port", "0")
    said = read_until(process, "Ctrl-C")
    assert "\n2 workers fetch what members ask for.\n" in said
    base, key = re.search(r"(http://127\.0\.0\.1:\d+)/welcome\?key=(\S+)", said).groups()
    browser = Browser(base)
    _, page = browser.get(f"/welcome?key={key}")
    owner = {"name": "Ada", "email": "ada@desk.example"}
    passwords = {"password": PASSWORD, "password_again": PASSWORD}

    address, _ = browser.post("/welcome", page, key=key, **owner, **passwords)

    assert address == f"{base}/"
    process.send_signal(ended_by)
    assert process.wait(timeout=30) == 0
    assert process.stdout.read().endswith("Stopped.\n")
    again = start(APP, "run", "--port", "0")
    said = read_until(again, "Ctrl-C")
    assert "welcome" not in said
    assert "Added" not in said
    base = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
    browser = Browser(base)
    _, page = browser.get("/sign-in")
    assert browser.post("/sign-in", page, email=owner["email"], password=PASSWORD)[0] == f"{base}/"


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_workers_beside_other_servers_say_so_and_end_as_a_service_does(start, ended_by):
    process = start(APP, "work", DESK_WORKERS="1")
    said = read_until(process, "Ctrl-C")

    process.send_signal(ended_by)

    assert process.wait(timeout=30) == 0
    assert said.startswith("One worker fetches what members ask for.\n")
    assert process.stdout.read() == "\nStopped.\n"


def test_a_desk_without_workers_of_its_own_says_who_has_to_fetch(start):
    process = start(APP, "--port", "0", DESK_WORKERS="0")

    assert "No worker fetches what members ask for" in read_until(process, "Ctrl-C")


def test_a_port_that_is_taken_is_named_in_one_sentence(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        process = start(APP, "--port", port)

        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith(f"Error: Port {port} is taken")
    assert said.count("\n") == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path, monkeypatch, new_database):
    """DATABASE_URL names a database without a single table."""
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "desk"))
    monkeypatch.setenv("DATABASE_URL", new_database(request.param))


numbers = count()


def administer(server, statement):
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


def claims(*arguments, **options):
    return CliRunner().invoke(cli.claims, arguments, obj=create_app, **options)


def test_two_gunicorn_workers_set_up_one_desk_and_share_its_sessions(start, empty_database):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    process = start(
        *("-m", "gunicorn", "--threads", "32", "-w", "2", "--no-control-socket"),
        *("-b", f"127.0.0.1:{port}", "app:create_app()"),
        DESK_PROXIES="1",
    )
    read_until(process, "Listening at")
    # The listening socket keeps whoever comes before the workers are up.
    for browser in (first := Browser(base)), Browser(base):
        assert browser.get("/healthz")[1].strip() == '{"status":"ok"}'
    add = ["members", "add", "ada@desk.example", "--name", "Ada", "--role", "owner"]
    assert claims(*add, input=PASSWORD).exit_code == 0

    _, page = first.get("/sign-in")
    first.post("/sign-in", page, email="ada@desk.example", password=PASSWORD)

    # As many requests as make it all but sure that both workers answer some.
    assert {first.get("/account")[0] for _ in range(16)} == {f"{base}/account"}
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert "Traceback" not in process.stdout.read()
    assert claims("verify").exit_code == 0


def test_gunicorn_says_why_no_worker_starts_and_gives_up(start):
    process = start(
        *("-m", "gunicorn", "-w", "1", "--no-control-socket"),
        *("-b", f"127.0.0.1:{free_port()}", "app:create_app()"),
        DESK_DATA="/dev/null/desk",
    )

    said, _ = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "\nThe folder /dev/null/desk cannot be written to" in said


def test_flask_says_in_one_sentence_why_the_desk_does_not_start(start):
    process = start(*("-m", "flask", "--app", "app", "claims", "verify"), DESK_DATA="/dev/null/x")

    said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said.startswith("Error: The folder /dev/null/x cannot be written to")


def refused(*arguments, **options):
    """What the desk says when it does not start: one sentence, exit code 1, no traceback."""
    result = claims(*arguments, **options)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    return result.output


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--host", "nowhere.invalid"], {}, "The host nowhere.invalid is not known"),
        (["--host", "192.0.2.7", "--port", "0"], {}, "192.0.2.7 is no address of this machine"),
        ([], {"DESK_PORT": "http"}, "DESK_PORT is 'http'"),
        ([], {"DESK_PROXIES": "-1"}, "DESK_PROXIES is '-1'"),
        (["--data", "/dev/null/desk"], {}, "The folder /dev/null/desk cannot be written to"),
        ([], {"DATABASE_URL": "mysql://host/desk"}, "DATABASE_URL names mysql"),
        ([], {"DATABASE_URL": "postgresql+asyncpg://host/x"}, "names postgresql+asyncpg"),
        ([], {"DATABASE_URL": "the database"}, "is not the address of a database"),
        ([], {"DATABASE_URL": "postgresql://host:port/x"}, "is not the address of a database"),
        ([], {"DATABASE_URL": "sqlite:////nowhere/desk.sqlite3"}, "cannot be used"),
        ([], {"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, "No database server answers"),
        ([], {"DATABASE_URL": "postgresql://u:secret@nowhere.invalid/x"}, "There is no machine"),
    ],
)
def test_what_keeps_the_desk_from_starting_is_one_sentence(
    arguments, environment, words, tmp_path, monkeypatch
):
    for name, value in {"DESK_PORT": "0", "DESK_DATA": str(tmp_path), **environment}.items():
        monkeypatch.setenv(name, value)

    said = refused(*arguments)

    assert words in said
    assert "secret" not in said


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "desk.sqlite3"
    path.write_text("A note that somebody saved under this name, by mistake." * 20)
    before = path.read_bytes()

    said = refused("--data", str(tmp_path), "--port", "0")

    assert "is damaged, or no database" in said
    assert path.read_bytes() == before


def test_a_database_of_a_newer_desk_is_left_alone(database_url, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    said = refused("--data", str(tmp_path), "--port", "0")

    assert "written by a newer version of Fact Desk" in said
    assert "--data" in said


def test_a_postgresql_database_that_is_not_there_is_named(postgres_server, tmp_path, monkeypatch):
    url = postgres_server.set(database="no_such_desk")
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))

    said = refused("--data", str(tmp_path), "--port", "0")

    assert 'createdb "no_such_desk"' in said


@pytest.fixture
def guest(postgres_server):
    """A user of the server who may connect and nothing else."""
    name = f"guest_{os.getpid()}_{next(numbers)}"
    administer(postgres_server, f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'right'")
    yield postgres_server.set(username=name, password="wrong words")
    administer(postgres_server, f'DROP ROLE "{name}"')


def test_a_user_who_may_not_make_tables_is_told_so(guest, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", guest.render_as_string(hide_password=False))

    said = refused("--data", str(tmp_path), "--port", "0")

    assert "may not make tables" in said


def test_a_wrong_password_for_postgresql_is_named_and_not_shown(
    postgres_server, guest, tmp_path, monkeypatch
):
    engine = sa.create_engine(postgres_server, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rules = Path(connection.execute(sa.text("SHOW hba_file")).scalar_one())
    if not os.access(rules, os.W_OK):
        pytest.skip("the server is not ours: it lets in whom it wants")
    before = rules.read_text()
    rules.write_text(f"local all {guest.username} scram-sha-256\n{before}")
    monkeypatch.setenv("DATABASE_URL", guest.render_as_string(hide_password=False))
    administer(postgres_server, "SELECT pg_reload_conf()")
    try:
        # The server takes up its new rules in its own time.
        for _ in range(100):
            said = refused("--data", str(tmp_path), "--port", "0")
            if "may not make tables" not in said:
                break
    finally:
        rules.write_text(before)
        administer(postgres_server, "SELECT pg_reload_conf()")

    assert "check them in DATABASE_URL" in said
    assert "wrong words" not in said
