"""Reports on the web: choose, preview, freeze, take away."""

import csv
import io
import json
import re
from html import unescape

import pytest

from claims import desk, exports, queries, web
from claims.desk.evidence import Finding
from claims.models import Claim, Content, Desk, Report, Source
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.vocabulary import Damage, Kind, Role, Stance
from tests.factories import (
    a_claim,
    a_copy,
    a_correction,
    a_member,
    a_ruling,
    a_source,
    a_verdict,
    an_article,
    an_editor,
    an_owner,
    the_rating,
)

ENDINGS = {
    "html": "text/html",
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
    "jsonld": "application/ld+json",
}


@pytest.fixture
def article(session):
    article = an_article(session, "Dams of the made-up valley")
    a_ruling(session, a_claim(session, "It holds 40 million litres", article=article))
    a_claim(session, "It is old", article=article, kind=Kind.FACT)
    return article


@pytest.fixture
def reader(client, session):
    return client.as_(a_member(session, "Reader", Role.VIEWER))


@pytest.fixture
def editor(client, session):
    return client.as_(an_editor(session))


def freeze(session, article):
    report = desk.reports.freeze(session, Filters(article=article.id), by=an_editor(session))
    session.commit()
    return report


def test_the_articles_and_the_frozen_reports_are_listed(reader, session, article):
    assert "No report is frozen yet" in reader.get("/reports").text
    freeze(session, article)

    page = reader.get("/reports").text

    assert f'href="/reports/preview?article={article.id}"' in page
    assert 'href="/reports/1"' in page


def test_a_desk_without_claims_says_what_to_do_first(reader):
    page = reader.get("/reports").text

    assert "Nothing to report on" in page
    assert 'href="/articles"' in page


def test_the_ledger_leads_to_the_report_that_was_frozen(reader, session, article):
    freeze(session, article)

    page = reader.get("/ledger").text

    assert "froze report" in page
    assert 'href="/reports/1"' in page


def test_the_preview_is_the_report_as_it_would_be_frozen(editor, session, article):
    preview = editor.get(f"/reports/preview?article={article.id}").text
    editor.post("/reports", data={"in": f"article={article.id}"})
    frozen = editor.get("/reports/1").text

    def body(page):
        found = re.search(r'<section class="finding".*?<section id="made"', page, re.DOTALL)
        return found[0]

    assert "It holds 40 million litres" in body(preview)
    assert "It is old" in body(preview)
    assert body(preview) == body(frozen)


def test_a_filter_of_claims_is_reported_like_an_article(reader, article):
    page = reader.get(f"/reports/preview?article={article.id}&kind=fact").text

    assert "of the kind “fact”" in page
    assert "It holds 40 million litres" not in page


def test_the_page_of_claims_leads_to_a_report_on_those_it_lists(reader, article):
    page = reader.get(f"/claims?article={article.id}&kind=fact").text

    (address,) = re.findall(r'href="(/reports/preview[^"]*)"', page)
    assert "of the kind “fact”" in reader.get(unescape(address)).text


def test_drafts_are_shown_when_asked_for_and_marked(reader, session):
    claim = a_claim(session)
    a_ruling(session, claim, published=False)
    address = f"/reports/preview?article={claim.article_id}"

    assert "Draft:" not in reader.get(address).text
    assert "Draft:" in reader.get(f"{address}&unpublished=1").text
    assert "Draft:" in reader.get(address.replace("preview", "export.html") + "&unpublished=1").text


def test_a_choice_without_claims_says_so(reader, article):
    page = reader.get("/reports/preview?q=nowhere").text

    assert "There is nothing to report on" in page


@pytest.mark.parametrize(
    "address",
    [
        "/reports/preview?article=999",
        "/reports/export.html?article=999",
        "/reports/export.exe",
        "/reports/7",
        "/reports/7.json",
        "/reports/99999999999999999999",
    ],
)
def test_what_is_not_there_is_not_found(reader, address):
    assert reader.get(address).status_code == 404


def test_a_filter_that_is_not_understood_is_said_and_never_exported(reader, article):
    assert "is not understood" in reader.get("/reports/preview?kind=nonsense").text
    assert reader.get("/reports/export.csv?kind=nonsense").status_code == 400


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_preview_is_taken_away_in_any_format(reader, article, ending):
    answer = reader.get(f"/reports/export.{ending}?article={article.id}")

    assert answer.status_code == 200
    assert answer.mimetype == ENDINGS[ending]
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=verdict-report-draft-dams-of-the-made-up-valley.{ending}"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.text


def test_the_preview_says_what_claimreview_lacks(reader, session, article):
    settings = session.get(Desk, 1)
    assert "public address is not set" in (
        reader.get(f"/reports/preview?article={article.id}").text
    )

    desk.settings.change(
        session,
        settings,
        name="The Made-up Desk",
        public_url="https://desk.example",
        logo_url=None,
        read=settings.version,
        by=an_owner(session),
    )
    session.commit()

    page = reader.get(f"/reports/preview?article={article.id}").text
    assert "public address is not set" not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
def test_only_an_editor_freezes(client, session, article, role):
    client.as_(a_member(session, role=role))

    assert "Freeze this report" not in client.get(f"/reports/preview?article={article.id}").text
    assert client.post("/reports", data={"in": f"article={article.id}"}).status_code == 403
    assert queries.reports.next_number(session) == 1


def test_nobody_reads_reports_without_signing_in(client, session, article):
    freeze(session, article)

    for address in ("/reports", "/reports/1", "/reports/1.json", "/reports/export.csv"):
        assert client.get(address).status_code == 303


def test_an_editor_freezes_a_report_under_a_title(editor, session, article):
    answer = editor.post("/reports", data={"in": f"article={article.id}", "title": "Dams, checked"})

    assert (answer.status_code, answer.location) == (303, "/reports/1")
    page = editor.get("/reports/1").text
    assert "Report 1 is frozen" in page
    assert ">Dams, checked</h1>" in page


def test_freezing_twice_by_a_double_click_makes_one_report(editor, session, article):
    data = {"in": f"article={article.id}", "once": "one-token"}

    first, second = editor.post("/reports", data=data), editor.post("/reports", data=data)

    assert first.location == second.location
    assert queries.reports.next_number(session) == 2


def test_a_title_that_is_too_long_comes_back(editor, article):
    answer = editor.post("/reports", data={"in": f"article={article.id}", "title": "x" * 501})

    assert answer.status_code == 422
    assert "at most 500 characters" in answer.text
    assert "x" * 501 in answer.text


def test_a_form_that_chooses_nothing_is_not_acted_on(editor, article):
    assert editor.post("/reports", data={}).status_code == 400


def test_nothing_published_is_nothing_to_freeze(editor, session):
    a_claim(session)

    answer = editor.post("/reports", data={"in": "sort=article"})

    assert answer.status_code == 409
    assert "no ruling on these claims is published" in answer.text


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_frozen_report_stays_the_same_whatever_changes(reader, session, article, ending):
    finding = reports.from_json(freeze(session, article).content).findings[0]
    before = reader.get(f"/reports/1.{ending}").data
    a_correction(session, session.get(Claim, finding.claim_id), "true")
    session.get(Desk, 1).name = "Another name"
    article.title = "Another title"
    session.commit()

    assert reader.get(f"/reports/1.{ending}").data == before


def test_a_frozen_report_says_that_its_claims_were_corrected_since(reader, session, article):
    report = freeze(session, article)
    assert "Since this report was frozen" not in reader.get("/reports/1").text
    finding = reports.from_json(report.content).findings[0]
    a_correction(session, session.get(Claim, finding.claim_id), "true")

    page = reader.get("/reports/1").text

    assert "Since this report was frozen, of its claims one was corrected." in page
    assert f"/reports/preview?article={article.id}" in page


def test_the_json_of_a_frozen_report_is_what_its_digest_stands_for(reader, session, article):
    report = freeze(session, article)

    answer = reader.get("/reports/1.json")

    assert reports.digest(answer.text) == report.sha256
    assert answer.headers["Content-Disposition"] == "attachment; filename=verdict-report-1.json"
    assert report.sha256 in reader.get("/reports/1").text


def test_a_blind_verdict_is_in_no_report_of_any_format(reader, session, article):
    session.get(Desk, 1).verdicts_required = 2
    session.commit()
    claim = a_claim(session, "Blind", article=article)
    a_verdict(session, claim, "misleading", by=a_member(session, "Secret reviewer"))

    for ending in ENDINGS:
        text = reader.get(f"/reports/export.{ending}?article={article.id}&unpublished=1").text
        assert "Secret reviewer" not in text


def test_more_frozen_reports_are_a_page_further(reader, session, article):
    editor = an_editor(session)
    for number in range(1, 53):
        session.add(
            Report(
                number=number,
                title=f"Report {number}",
                content="{}",
                sha256="0" * 64,
                ledger_head="0" * 64,
                frozen_by_id=editor.id,
            )
        )
    session.commit()

    page = reader.get("/reports").text
    following = re.search(r'href="(/reports\?after=[^"]+)"', page)[1]
    rows = reader.htmx("GET", following, "more").text

    assert "Report 52" in page
    assert ">Report 2<" not in page
    assert ">Report 2<" in rows
    assert "<html" not in rows
    assert ">Report 2<" in reader.get(following).text


def test_pages_take_as_many_statements_for_many_claims_as_for_one(
    reader, session, article, statements
):
    addresses = (
        "/reports",
        f"/reports/preview?article={article.id}",
        f"/reports/export.csv?article={article.id}",
        "/reports/1",
    )
    freeze(session, article)

    def counts():
        found = []
        for address in addresses:
            statements.forget()
            assert reader.get(address).status_code == 200
            found.append(len(statements))
        return found

    before = counts()
    for number in range(5):
        other = an_article(session, f"Article {number}")
        a_ruling(session, a_claim(session, article=other))
        a_ruling(session, a_claim(session, article=article, speaker="Made-up minister"))
        freeze(session, article)

    assert counts() == before


def test_a_file_gives_way_to_who_is_answered_and_comes_to_its_end(reader, article, monkeypatch):
    address = f"/reports/export.csv?article={article.id}"
    alone = reader.get(address).text
    assert reader.get("/reports/7").status_code == 404
    assert not web.reports._answering
    monkeypatch.setattr(exports.csv, "_PIECE", 1)
    rests = []
    monkeypatch.setattr(web.reports.time, "sleep", rests.append)

    web.reports._answering.add(0)
    try:
        busy = reader.get(address).text
    finally:
        web.reports._answering.clear()

    assert busy == alone
    assert rests


def test_the_rows_of_the_csv_are_the_claims(reader, article):
    text = reader.get(f"/reports/export.csv?article={article.id}").text

    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [(row["statement"], row["state"]) for row in rows] == [
        ("It holds 40 million litres", "published"),
        ("It is old", "in review"),
    ]


def test_the_claimreview_names_the_desk(reader, session, article):
    settings = session.get(Desk, 1)
    settings.name, settings.public_url = "The Made-up Desk", "https://desk.example/"
    session.commit()
    freeze(session, article)

    (review,) = json.loads(reader.get("/reports/1.jsonld").text)

    assert review["author"]["name"] == "The Made-up Desk"
    assert review["url"].startswith("https://desk.example/reports/1#claim-")


# What readers need to check it


@pytest.fixture
def checkable(session):
    """An article with a published ruling whose evidence rests on a copy that the desk keeps."""
    article = an_article(session, "Dams of the made-up valley")
    claim = a_claim(session, "It holds 40 million litres", article=article, evidence=[])
    source = a_source(session, url="https://figures.register.example/dams")
    copy = a_copy(session, source, "The register says: nobody has measured the dam.")
    source.archive_url = "https://web.archive.org/web/20190721120000/https://x.example/dams"
    desk.origins.join(session, source, "The made-up ministry", by=an_editor(session))
    finding = Finding(Stance.REFUTES, "nobody has measured the dam")
    desk.evidence.attach(session, claim, source, finding, by=an_editor(session))
    a_ruling(session, claim)
    return article, copy


def test_every_format_says_how_the_evidence_can_be_checked(session, client, checkable):
    article, copy = checkable
    session.rollback()
    client.as_(an_editor(session))

    files = {
        ending: client.get(f"/reports/export.{ending}?article={article.id}").text
        for ending in ("html", "md", "json", "csv")
    }

    for ending in ("html", "md", "json"):
        for words in ("verbatim", copy.sha256[:16], "web.archive.org", "The made-up ministry"):
            assert words in files[ending], (ending, words)
    assert "Independent origin: one against." in files["md"]
    [row] = csv.DictReader(io.StringIO(files["csv"]))
    assert (row["origins for"], row["origins against"]) == ("0", "1")
    assert (row["excerpts checked"], row["excerpts not found"]) == ("1", "0")


def test_a_report_says_when_the_newest_copy_no_longer_has_the_words(session, client, checkable):
    article, copy = checkable
    client.as_(an_editor(session))
    source = session.get_one(Source, copy.source_id)
    same = {e: client.get(f"/reports/export.{e}?article={article.id}").text for e in ("html", "md")}
    assert not any("no longer so" in text for text in same.values())

    a_copy(session, source, "The made-up ministry has measured the dam since.")

    for ending in ("html", "md"):
        text = client.get(f"/reports/export.{ending}?article={article.id}").text
        assert re.search("verbatim in the copy of [^,]+, no longer so in the newest copy", text)
    [found] = client.get(f"/reports/export.json?article={article.id}").json["findings"]
    assert [piece["copy"]["no_longer"] for piece in found["evidence"]] == [True]
    lines = client.get(f"/reports/export.csv?article={article.id}").text
    assert next(csv.DictReader(io.StringIO(lines)))["excerpts no longer so"] == "1"


def test_damage_is_said_in_a_new_report_and_on_one_that_was_frozen_before(
    session, client, checkable
):
    article, copy = checkable
    report = freeze(session, article)
    client.as_(an_editor(session))
    assert "damaged" not in client.get(f"/reports/{report.number}").text

    desk.captures.found_damaged(session, session.get_one(Content, copy.sha256), Damage.CHANGED)
    session.commit()

    frozen = client.get(f"/reports/{report.number}").text
    assert "A copy that this report rests on is damaged" in frozen
    assert "found since this report was made" in frozen
    session.expire_all()
    assert session.get_one(Report, report.id).sha256 == report.sha256
    for ending in ("html", "md"):
        assert "which is damaged" in client.get(f"/reports/{report.number}.{ending}").text
    assert client.get(f"/reports/{report.number}.json").text == report.content
    for ending in ("html", "md"):
        new = client.get(f"/reports/export.{ending}?article={article.id}").text
        assert "which is damaged" in new
    [row] = csv.DictReader(
        io.StringIO(client.get(f"/reports/export.csv?article={article.id}").text)
    )
    assert row["damaged copies"] == "1"


def test_a_report_says_why_fewer_origins_sufficed(session, client, checkable):
    article, _ = checkable
    settings = session.get_one(Desk, 1)
    settings.origins_required = 2
    claim = a_claim(session, "It leaks", article=article)
    a_verdict(session, claim)
    desk.rulings.settle(
        session,
        claim,
        the_rating(session, "false"),
        "It does not.",
        read=0,
        by=an_editor(session),
        origins_reason="There is one register only.",
    )
    desk.rulings.publish(session, claim, by=an_editor(session))
    session.commit()

    page = client.as_(an_editor(session)).get(f"/reports/preview?article={article.id}").text

    assert "There is one register only." in page
    assert "at least two independent origins on one side" in page


def test_a_report_frozen_before_copies_were_told_of_still_opens(session, client, article):
    report = freeze(session, article)
    old = json.loads(report.content)
    del old["policy"]["origins_required"]
    for finding in old["findings"]:
        del finding["origins"]
        for piece in finding["evidence"]:
            for name in ("copy", "archive_url", "origin", "own_article_reason"):
                del piece[name]

    read = reports.from_json(json.dumps(old))

    assert read.findings[0].evidence[0].copy is None
    assert read.findings[0].origins is None
