import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlmodel import select

from app import create_app
from claims import cli, desk, ledger, queries
from claims.configuration import Configuration
from claims.models import Article, Event, Member
from claims.rules.vocabulary import Placement, Role
from tests.factories import a_claim, a_member, a_ruling, an_article, an_owner
from tests.test_ledger import unlock

PASSWORD = "four made-up words"

# A made-up article that the command line loads.
TEXT = """The made-up dam above the made-up town holds 40 million litres, its keeper says.

It was filled twice last year.
"""


@pytest.fixture
def claims(database_url, tmp_path, monkeypatch):
    """The `claims` command on the test's database, as a script would call it."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "instance"))

    def call(*arguments, input=None):  # noqa: A002
        return CliRunner().invoke(cli.claims, arguments, obj=create_app, input=input)

    return call


def test_help_is_there_for_every_command(claims):
    def commands(group, path=()):
        for name, command in group.commands.items():
            yield [*path, name]
            yield from commands(command, (*path, name)) if hasattr(command, "commands") else ()

    for path in [[], *commands(cli.claims)]:
        result = claims(*path, "--help")
        assert result.exit_code == 0
        assert result.output.startswith("Usage: ")
        assert "..." not in result.output.partition("Commands:")[2], f"{path}: a help is cut off"


def test_the_program_knows_its_version(claims):
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))

    assert claims("--version").output == f"Fact Desk, version {project['project']['version']}\n"


def test_a_member_is_added_with_a_password_from_standard_input(claims, session):
    result = claims(
        "members", "add", "Ada@desk.example", "--name", "Ada", "--role", "owner", input=PASSWORD
    )

    assert result.exit_code == 0
    assert result.output == "Ada <ada@desk.example> is now an owner.\n"
    assert desk.members.recognise(session, "ada@desk.example", PASSWORD)


@pytest.mark.parametrize(
    ("email", "password", "code", "words"),
    [
        ("ada@desk.example", "short", 1, "at least 12 characters"),
        ("ada@desk.example", "", 2, "no password on standard input"),
        ("ada", PASSWORD, 1, "Write an e-mail address"),
    ],
)
def test_a_member_that_will_not_do_is_refused(claims, session, email, password, code, words):
    result = claims("members", "add", email, "--name", "Ada", "--role", "viewer", input=password)

    assert result.exit_code == code
    assert words in result.output
    assert session.exec(select(Member)).all() == []


def test_a_command_that_makes_no_sense_ends_with_code_2(claims):
    assert claims("members", "role", "ada@desk.example", "king").exit_code == 2
    assert claims("nonsense").exit_code == 2
    assert claims("import", "article", "no-such-file.txt").exit_code == 2


def test_members_are_listed_for_people_and_for_scripts(claims, session):
    owner, gone = an_owner(session, "Ada"), a_member(session, "Former\x1b[31m One")
    desk.members.remove(session, gone, by=owner)
    session.commit()

    assert claims("members", "list").output.split() == [
        "Ada", owner.email, "owner", owner.created_at.date().isoformat()
    ]  # fmt: skip
    assert json.loads(claims("members", "list", "--json").output) == [
        {
            "name": "Ada",
            "email": owner.email,
            "role": "owner",
            "joined": owner.created_at.date().isoformat(),
        }
    ]
    former = claims("members", "list", "--former").output
    assert former.startswith("Former�[31m One")


def test_roles_and_memberships_change_from_the_command_line(claims, session):
    an_owner(session)
    member = a_member(session, "Grace")

    assert claims("members", "role", member.email, "editor").output == "Grace is now an editor.\n"
    assert claims("members", "remove", member.email, "--yes").exit_code == 0
    assert claims("members", "remove", member.email).exit_code == 1
    assert claims("members", "restore", member.email).exit_code == 0
    assert claims("members", "password", member.email, input=PASSWORD).exit_code == 0
    assert claims("members", "role", "nobody@desk.example", "editor").exit_code == 1

    session.expire_all()
    assert desk.members.recognise(session, member.email, PASSWORD).role is Role.EDITOR
    actors = session.exec(select(Event.actor).where(Event.action == "role changed")).all()
    assert actors == ["the command line"]


def test_the_last_owner_stays_whatever_the_command_line_says(claims, session):
    owner = an_owner(session)

    for arguments in (["remove", owner.email, "--yes"], ["role", owner.email, "viewer"]):
        result = claims("members", *arguments)
        assert result.exit_code == 1
        assert "only owner" in result.output
    session.expire_all()
    assert queries.members.any_owner(session)


def test_the_ledger_is_verified_with_an_exit_code_for_scripts(claims, session):
    a_claim(session)

    holds = claims("verify")
    assert holds.exit_code == 0
    assert ledger.head(session) in holds.output

    session.rollback()
    unlock(session)
    session.execute(sa.text("UPDATE event SET actor = 'nobody' WHERE seq = 3"))
    session.commit()
    broken = claims("verify")
    assert broken.exit_code == 1
    assert "broken at event 3" in broken.output
    script = claims("verify", "--json")
    assert script.exit_code == 1
    assert json.loads(script.stdout)["broken"]["seq"] == 3


def test_seeding_twice_adds_nothing(claims, session):
    first, second = claims("seed"), claims("seed")

    assert first.exit_code == second.exit_code == 0
    assert "claims to check" in first.output
    assert "nothing was added" in second.output
    assert len(session.exec(select(Article)).all()) == 1


def article_file(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def test_an_article_is_imported_under_a_title(claims, session, tmp_path):
    result = claims("import", "article", article_file(tmp_path), "--title", "A made-up dam")

    assert result.exit_code == 0
    article = session.exec(select(Article)).one()
    assert (article.title, article.snapshot_number) == ("A made-up dam", 1)
    assert "“A made-up dam”: no claims yet." in result.output


def test_a_text_goes_to_the_article_whose_quotations_are_in_it(claims, session, tmp_path):
    an_article(session, "Another made-up article")
    article = an_article(session)
    a_claim(session, article=article, quotation="holds 40 million litres")
    a_claim(session, article=article, quotation="was filled twice last year")
    lost = a_claim(session, article=article, quotation="and once the year before")

    result = claims("import", "article", article_file(tmp_path))

    assert result.exit_code == 0
    assert "2 of 3 quotations found" in result.output
    assert "orphan: “and once the year before”" in result.output
    session.expire_all()
    placements = {
        one.claim_id: one.placement for one in queries.articles.appearances(session, article)
    }
    assert placements[lost.id] is Placement.ORPHAN
    again = claims("import", "article", article_file(tmp_path), "--article", str(article.id))
    assert again.exit_code == 0
    assert "loaded already" in again.output


def test_a_text_that_no_article_waits_for_is_not_guessed_at(claims, session, tmp_path):
    an_article(session)

    result = claims("import", "article", article_file(tmp_path))

    assert result.exit_code == 1
    assert "--title" in result.output
    assert claims("import", "article", article_file(tmp_path), "--article", "99").exit_code == 1
    both = ["--article", "1", "--title", "x"]
    assert claims("import", "article", article_file(tmp_path), *both).exit_code == 2


def test_a_file_that_is_no_text_is_refused(claims, tmp_path):
    path = tmp_path / "article.pdf"
    path.write_bytes(b"%PDF-1.7 made up")

    result = claims("import", "article", str(path), "--title", "A made-up dam")

    assert result.exit_code == 1
    assert "a PDF" in result.output


def test_looking_at_a_desk_that_is_not_there_makes_none(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / "mistyped"

    result = CliRunner().invoke(cli.claims, ["verify", "--data", str(folder)], obj=create_app)

    assert result.exit_code == 1
    assert "There is no desk in" in result.output
    assert not folder.exists()


def test_the_data_folder_may_be_named_before_or_behind_the_command(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "environment"))
    before, behind = str(tmp_path / "before"), str(tmp_path / "behind")

    for arguments in (["--data", before, "seed"], ["--data", before, "seed", "--data", behind]):
        assert CliRunner().invoke(cli.claims, arguments, obj=create_app).exit_code == 0

    for folder in (before, behind):
        with sqlite3.connect(f"{folder}/desk.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM article").fetchone() == (1,)
        database.close()
    assert not (tmp_path / "environment").exists()


def test_the_welcome_key_is_spent_when_the_command_line_makes_an_owner(claims, tmp_path):
    configuration = Configuration.read()
    configuration.prepare()
    configuration.welcome_key()
    add = ["members", "add", "ada@desk.example", "--name", "Ada", "--role"]

    assert claims(*add, "owner", input=PASSWORD).exit_code == 0

    assert not (configuration.keys / "welcome").exists()


def test_flask_knows_the_same_commands(claims, app, session):
    owner = an_owner(session)

    result = app.test_cli_runner().invoke(args=["claims", "members", "list"])

    assert result.output == claims("members", "list").output
    assert owner.email in result.output


STEERING = "A\x1b]0;broken in\x07\x9b31m \u202enwod \u2066\nup"


def test_no_name_steers_the_terminal_nor_turns_its_words(claims, session):
    an_owner(session)
    member = a_member(session, STEERING)
    desk.members.remove(session, member, by=None)
    session.commit()

    said = [
        claims("members", "list", "--former").output,
        claims("members", "list", "--former", "--json").output,
        claims("members", "role", member.email, "editor").output,
        claims("members", "role", f"{STEERING}@desk.example", "editor").output,
    ]

    for words in said:
        assert "A" in words
        assert [c for c in words if not c.isprintable() and c != "\n"] == []
    assert json.loads(said[1])[0]["name"] == STEERING


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_report_on_a_terminal_does_not_steer_it_and_in_a_file_stays_as_it_is(
    claims, session, tmp_path
):
    a_ruling(session, a_claim(session, f"Statement {STEERING}"))
    order = ("export", "--format", "json", "--article", "all")
    file = tmp_path / "report.json"
    claims(*order, "--output", str(file))
    terminal, inside = os.openpty()

    program = [sys.executable, "-c", "import app; app.main()", *order]
    with subprocess.Popen(program, stdin=inside, stdout=inside, cwd=Path(__file__).parents[1]):
        os.close(inside)
        shown = b""
        with contextlib.suppress(OSError):
            while read := os.read(terminal, 65536):
                shown += read
    os.close(terminal)

    words = shown.decode("utf-8")
    assert '"statement"' in words
    assert [c for c in words if not c.isprintable() and c not in "\r\n"] == []
    assert json.loads(file.read_text("utf-8"))["findings"][0]["statement"].endswith("up")
