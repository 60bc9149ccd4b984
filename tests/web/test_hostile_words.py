"""Whatever somebody wrote, in whichever field: the pages show it as words, and it stays words."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from sqlmodel import select
from sqlmodel.sql.sqltypes import AutoString

from claims import prose
from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimLink,
    Comment,
    Desk,
    Evidence,
    Invitation,
    Lead,
    Member,
    Question,
    Ruling,
    Source,
    Speaker,
    Tag,
    Verdict,
)
from tests import hostile, pages

# What members write, by table; other columns hold what the desk itself makes, and a rating
# never changes once it is published.
WRITTEN = (
    *(Appearance, Article, Claim, ClaimLink, Comment, Desk, Evidence, Invitation, Lead, Member),
    *(Question, Ruling, Source, Speaker, Tag, Verdict),
)
MADE = {
    *("seed_key", "url_fingerprint", "nonce_digest", "password_hash", "key", "colour", "shape"),
    *("published_on", "consulted_on", "reliability"),
}
ADDRESSES = {"url", "same_as", "public_url", "logo_url"}
MARKDOWN = {("verdict", "rationale"), ("ruling", "rationale"), ("comment", "text")}

CSS = Path(__file__).parents[2] / "claims/static/desk.css"

quick = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Which database it is makes no difference to a page.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def fields():
    """Every column in which somebody's words stand."""
    for model in WRITTEN:
        for name in model.model_fields:
            column = model.__table__.c.get(name)
            if column is None or name in MADE or isinstance(column.type, sa.Enum):
                continue
            if isinstance(column.type, sa.String | AutoString):
                yield model, name, column


def write_everywhere(session, text, *, kept=frozenset(), address=None):
    """Put a text, or where one belongs an address, into every field as far as it fits."""
    for model, name, column in fields():
        if (model.__tablename__, name) in kept:
            continue
        for n, row in enumerate(session.exec(select(model)).all()):
            if getattr(row, name) is None and name not in ADDRESSES:
                continue
            words = address if address and name in ADDRESSES else text
            # Of names, e-mails and tags there is one each.
            written = f"{n}{words}" if column.unique or name in {"name", "role"} else words
            setattr(row, name, written[: column.type.length or 20_000])
    session.commit()


def look(client, addresses):
    found = {}
    for address in addresses:
        response = client.get(address, follow_redirects=True)
        assert response.status_code in (200, 410), (address, response.status_code)
        found[address] = hostile.Looked(response.text)
    return found


@on_sqlite
@quick
@example('"><script>document.title="in"</script>')
@example("\x01JavaScript&colon;alert(1)' onmouseover='document.title=1")
@example("data:text/html,<script>alert(1)</script>")
@given(hostile.storable)
def test_no_words_change_what_a_page_is_made_of(app, client, session, text):
    full = app.extensions.get("full") or pages.Full(session)
    app.extensions["full"] = full
    client.as_(session.merge(full.owner))
    addresses = pages.addresses(app, full)
    if "plain" not in app.extensions:
        write_everywhere(session, "words", kept=MARKDOWN)
        app.extensions["plain"] = look(client, addresses)

    write_everywhere(session, text, kept=MARKDOWN)
    seen = look(client, addresses)

    for address, page in seen.items():
        assert page.faults == [], address
        # A search finds other words, and where a quotation is nearest depends on it.
        if "q=" not in address and "/passages/" not in address:
            assert page.skeleton == app.extensions["plain"][address].skeleton, address
    shown = f"/claims/{full.values['claim_id']}"
    assert text.strip()[:60] in seen[shown].said


@on_sqlite
@quick
@given(hostile.texts)
def test_what_an_address_asks_for_comes_back_as_words_or_not_at_all(app, client, session, text):
    full = app.extensions.get("full") or pages.Full(session)
    app.extensions["full"] = full
    client.as_(session.merge(full.owner))
    asked = quote(text.encode("utf-8", "surrogatepass"), safe="")[:3000]

    for page in (
        *("/claims?q={0}&kind={0}&tag={0}&in={0}", "/sources?q={0}&type={0}", "/ledger?about={0}"),
        *("/reports/preview?q={0}&sort={0}&title={0}", "/articles?after={0}", "/people?after={0}"),
        *("/articles/1?claim={0}", "/articles/1/mark?quotation={0}&prefix={0}&start={0}"),
        *("/claims/1?in={0}&before={0}", "/claims/1/merge?q={0}&into={0}", "/welcome?key={0}"),
        *("/claims/1/evidence/new?q={0}&from={0}&stance={0}&source_id={0}", "/sign-in?next={0}"),
        *("/join/{0}", "/reports/1/{0}", "/{0}"),
    ):
        response = client.get(page.format(asked))

        assert response.status_code < 500
        assert hostile.Looked(response.text).faults == [], page
        location = response.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", location), page
        assert "X-Broken" not in response.headers


@quick
@given(hostile.storable)
def test_markdown_becomes_nothing_but_prose(text):
    page = hostile.Looked(prose.to_html(text))

    assert page.faults == []
    assert {element for element, *_ in page.skeleton} <= prose._TAGS
    allowed = {"dir", "href", "rel", "start"}
    assert {name for _, *names in page.skeleton for name in names} <= allowed


@on_sqlite
def test_a_turn_of_direction_ends_with_the_words_it_came_with(app, client, session):
    full = pages.Full(session)
    write_everywhere(session, "abc \u202edef")
    client.as_(session.get_one(Member, full.owner.id))

    reaching = {}
    for address in pages.addresses(app, full):
        page = client.get(address, follow_redirects=True).text
        assert "\u202e" not in re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
        reaching |= dict.fromkeys(Turned(page.partition("<body>")[2]).reaching, address)

    assert not reaching, f"put a <bdi> around what somebody wrote: {reaching}"
    isolated = re.search(r":where\(([^)]*)\) { unicode-bidi: isolate; }", CSS.read_text())[1]
    assert set(isolated.split(", ")) >= {"a", "label", "span", "strong", "summary"}


class Turned(HTMLParser):
    """Where a turn of direction reaches words that stand behind it in the same element."""

    EMPTY = frozenset({"input", "br", "hr", "meta", "link", "img"})

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.reaching = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in self.EMPTY:
            self.open.append([tag, dict(attrs).get("class"), False])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self.open or not data.strip():
            return
        for element in self.open:
            if element[2]:
                self.reaching.append(f"<{element[0]} class={element[1]}> … {data.strip()[:40]}")
                element[2] = False
        if "\u202e" in data:
            self.open[-1][2] = True
            rest = data.rpartition("\u202e")[2].replace("def", "", 1).strip()
            if rest and self.open[-1][0] not in {"option", "textarea"}:
                self.reaching.append(f"<{self.open[-1][0]}> {data.strip()[:40]} … {rest[:40]}")


@pytest.mark.parametrize("endless", ["a" * 200_000, "ا" * 200_000, "字" * 200_000, "> " * 9_000])
def test_an_endless_word_is_refused_in_words_or_kept_whole(client, session, endless):
    full = pages.Full(session)
    client.as_(full.owner)
    here = f"/claims/{full.values['claim_id']}"

    refused = client.post(f"{here}/comments", data={"text": endless + "a" * 20_000})
    kept = client.post(f"{here}/comments", data={"text": endless[:18_000]})
    page = client.get(here)

    assert refused.status_code == 422
    assert "too long: at most 20000 characters" in refused.text
    assert kept.status_code == 303
    assert page.status_code == 200


def test_deeply_nested_markdown_is_rendered_without_end_of_memory_or_time(client, session):
    full = pages.Full(session)
    client.as_(full.owner)
    here = f"/claims/{full.values['claim_id']}"
    for nested in ("> " * 9_000, "- " * 9_000, "[" * 19_000, "**_" * 6_000, "`" * 19_000):
        assert client.post(f"{here}/comments", data={"text": nested}).status_code == 303

    assert client.get(here).status_code == 200
