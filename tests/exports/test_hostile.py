"""What members and sources wrote is shown in every format, and runs in none."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markupsafe import escape

from claims import exports
from claims.rules import reports
from claims.rules.vocabulary import Kind, Placement
from tests.exports.values import a_finding, a_piece, a_report, left_out, the_article

SCRIPT = "</script><script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
LINKS = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example",
    "vbscript:x",
)


def hostile(text, url="javascript:alert(1)"):
    """A report in which every field that somebody typed is this text."""
    finding = a_finding(
        statement=text,
        rationale=text,
        ruled_by=text,
        reopened_at=a_report().made_at,
        reopening_reason=text,
        speaker=reports.ReportedSpeaker(name=text, role=text, type=None, same_as=url),
        quotations=(
            reports.ReportedQuotation(text=text, paragraph=None, placement=Placement.ORPHAN),
        ),
        evidence=(
            a_piece(
                title=text,
                url=url,
                excerpt=text,
                note=text,
                publisher=text,
                author=text,
                locator=text,
                language=text,
            ),
        ),
    )
    return a_report(
        finding,
        title=text,
        made_by=text,
        desk=reports.ReportedDesk(name=text, public_url=url, logo_url=url),
        articles=(the_article(title=text, url=url, author=text, publisher=text, language=text),),
        left_out=(left_out(statement=text, kind=Kind.FACT),),
    )


def written(name, report):
    return "".join(exports.FORMATS[name].write(report, None))


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.links = []
        self.attributes = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        given = dict(attrs)
        self.attributes |= given.keys()
        self.links += [given[name] for name in ("href", "src") if given.get(name)]


@pytest.mark.parametrize("text", [SCRIPT, IMAGE, "{{ 7 * 7 }}", "<style>*{display:none}</style>"])
def test_no_words_become_html(text):
    plain = Tags(written("html", hostile("words", url=None)))
    tags = Tags(written("html", hostile(text, url=None)))

    assert tags.seen == plain.seen
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert f'<h1 dir="auto">{escape(text)}</h1>' in written("html", hostile(text))


def test_the_embedded_review_cannot_close_its_script():
    report = a_report(a_finding(statement=SCRIPT, rationale=SCRIPT))

    page = written("html", report)

    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    (review,) = json.loads(embedded)
    assert review["claimReviewed"] == SCRIPT
    assert page.count("</script>") == 1


@pytest.mark.parametrize("address", LINKS)
def test_only_the_web_becomes_a_link(address):
    report = hostile("words", url=address)

    assert not [x for x in Tags(written("html", report)).links if "example" not in x]
    assert "//evil.example" not in Tags(written("html", report)).links
    shown = MarkdownIt("commonmark", {"html": True})
    shown.validateLink = lambda _address: True
    assert not Tags(shown.render(written("markdown", report))).links
    assert address not in written("claimreview", report)


@pytest.mark.parametrize("text", [SCRIPT, IMAGE, "<b>bold</b>"])
def test_no_words_become_html_in_markdown(text):
    careless = MarkdownIt("commonmark", {"html": True}).enable("table")

    plain = Tags(careless.render(written("markdown", hostile("words", url=None))))
    tags = Tags(careless.render(written("markdown", hostile(text, url=None))))

    assert tags.seen == plain.seen


@pytest.mark.parametrize(
    "text",
    [
        "# Not a heading",
        "words\n\n# Not a heading",
        "[press](https://evil.example)",
        "![seen](https://evil.example/p.gif)",
        "- not a list",
        "**not bold**",
        "a | b",
        "> not quoted",
        "```",
        "1. not a list",
    ],
)
def test_a_title_or_statement_is_never_taken_for_markdown(text):
    careless = MarkdownIt("commonmark", {"html": True}).enable("table")

    def shown(words):
        report = a_report(
            a_finding(statement=words, ruled_by=words),
            title=words,
            left_out=(left_out(statement=words),),
        )
        return Tags(careless.render(written("markdown", report))).seen

    assert shown(text) == shown("words")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://evil.example")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\n=1+1",
        "＝1+1",
        "\u202e=1+1",
        "\ufeff=1+1",
    ],
)
def test_no_cell_is_a_formula(text):
    rows = list(csv.reader(io.StringIO(written("csv", hostile(text)), newline="")))

    for row in rows[1:]:
        for cell in row:
            assert not cell.lstrip("\ufeff \t\r\n").startswith(("=", "+", "-", "@", "＝"))
    assert rows[1][2].startswith("'")


def test_a_row_is_one_claim_whatever_stands_in_its_cells():
    text = 'comma, "quote"\nline\r\nend'

    rows = list(csv.reader(io.StringIO(written("csv", hostile(text)), newline="")))

    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[1][2] == text


@pytest.mark.parametrize("turn", ["\u202e", "\u2066", "\u202a"])
def test_a_turn_of_direction_ends_with_the_words_it_came_with(turn):
    report = hostile(f"turned {turn}around")

    assert turn not in written("markdown", report)
    assert turn not in written("csv", report)
    # On a page each text stands in an element that keeps its direction to itself.
    page = written("html", report).partition("<body>")[2]
    for found in re.finditer(turn, page):
        before = page[: found.start()]
        element = before[before.rindex("<") :]
        while element.startswith(("</", "<time", "<em", "<a ", "<strong", "<span class")):
            before = before[: before.rindex("<")]
            element = before[before.rindex("<") :]
        assert 'dir="auto"' in element or element.startswith("<bdi"), element


def test_urdu_runs_its_own_way_in_the_page():
    report = a_report(
        a_finding(statement="ڈیم میں پانی نہیں تھا"), articles=(the_article(language="ur"),)
    )

    page = written("html", report)

    assert re.search(r'<h2 [^>]*dir="auto">.*ڈیم میں پانی نہیں تھا', page)
    assert 'dir="auto" lang="ur"' in page


def test_the_page_calls_nowhere():
    page = written("html", a_report())

    assert not re.search(r"(?i)<(link|img|iframe|object|embed|base|form)\b", page)
    assert not re.search(r"(?i)@import|url\((?!['\"]?data:)", page)
    assert "default-src 'none'" in page


def test_a_file_name_is_safe_whatever_the_title():
    name = exports.FORMATS["html"].filename('../../etc/"passwd"\r\nX: ڈیم')

    assert name == "verdict-report-draft-etc-passwd-x.html"
