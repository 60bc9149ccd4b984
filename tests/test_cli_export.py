"""Reports from a terminal."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from app import create_app
from claims import cli, desk
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.vocabulary import Kind
from tests.factories import a_claim, a_ruling, an_article, an_editor


@pytest.fixture
def article(session):
    article = an_article(session, "Dams")
    article.seed_key = "dams"
    a_ruling(session, a_claim(session, "It holds 40 million litres", article=article))
    a_claim(session, "It is old", article=article, kind=Kind.FACT)
    session.commit()
    return article


@pytest.fixture
def export(monkeypatch, tmp_path, database_url):
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DESK_DATA", str(tmp_path / "instance"))

    def run(*arguments):
        apps = []

        def create(configuration):
            apps.append(create_app(configuration))
            return apps[0]

        result = CliRunner().invoke(cli.claims, ["export", *arguments], obj=create)
        for app in apps:
            app.extensions["engine"].dispose()
        return result

    return run


@pytest.mark.parametrize("name", ["dams", "id", "all"])
def test_an_article_is_chosen_by_number_or_seed_key(export, article, name):
    result = export("--format", "csv", "--article", str(article.id) if name == "id" else name)

    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert [row["statement"] for row in rows] == ["It holds 40 million litres", "It is old"]


def test_a_filter_narrows_the_report(export, article):
    result = export("--format", "json", "--article", "dams", "--filter", "kind=fact")

    report = reports.from_json(result.stdout)
    assert [claim.statement for claim in report.left_out] == ["It is old"]
    assert report.findings == ()
    assert report.made_by == "the command line"


def test_a_frozen_report_comes_out_to_the_letter(export, session, article):
    frozen = desk.reports.freeze(session, Filters(), by=an_editor(session))
    session.commit()

    result = export("--format", "json", "--report", "1")

    assert result.stdout == frozen.content


def test_drafts_are_left_out_unless_asked_for(export, session, article):
    a_ruling(session, a_claim(session, "Draft", article=article), published=False)

    without = reports.from_json(export("--format", "json", "--article", "dams").stdout)
    with_them = reports.from_json(
        export("--format", "json", "--article", "dams", "--unpublished").stdout
    )

    assert (without.figures.drafts, with_them.figures.drafts) == (0, 1)


def test_what_claimreview_lacks_is_said_beside_and_not_in_the_file(export, article):
    result = export("--format", "claimreview", "--article", "dams")

    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["@type"] == "ClaimReview"
    assert "public address is not set" in result.stderr


def test_a_report_is_written_to_a_file(export, article, tmp_path):
    path = tmp_path / "report.html"

    result = export("--format", "html", "--article", "dams", "--output", str(path))

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "It holds 40 million litres" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--article", "nowhere"], 1, "There is no article nowhere."),
        (["--article", "99999999999"], 1, "There is no article 99999999999."),
        (["--article", "dams", "--filter", "q=nowhere"], 1, "There is nothing to report on."),
        (["--report", "9"], 1, "There is no frozen report 9."),
        ([], 2, "Choose claims with --article or --filter, or --report N."),
        (["--report", "1", "--article", "dams"], 2, "Choose claims"),
        (["--report", "1", "--unpublished"], 2, "stays as it is"),
        (["--filter", "kin=fact"], 2, "The filter is not understood: kin."),
        (["--filter", "kind=nonsense"], 2, "The filter is not understood: kind."),
        (["--filter", "nonsense"], 2, "The filter is not understood: nonsense."),
        (["--filter", "mine=1"], 2, "ask about a member"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(export, article, arguments, code, words):
    result = export("--format", "csv", *arguments)

    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
