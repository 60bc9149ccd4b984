"""The evidence locker in a browser, as a new user would try it: kept, quoted, changed, damaged."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect
from sqlmodel import select

from app import create_app
from claims import cli
from claims.captures.limits import Limits
from claims.models import Capture, Claim
from claims.worker import Worker
from tests import misbehaving
from tests.factories import a_ruling, an_editor

STATEMENT = "NAP has never been implemented"
BEFORE = "The made-up register of the plan lists no point that was carried out."
AFTER = BEFORE.replace("no point", "one point of twenty")
LETTER = "Not one point of the plan was begun in that year."


class Changing(misbehaving.Site):
    """A page of the register that says what it is told to."""

    words = BEFORE

    def answer(self, asked, wire):
        page = (
            f"<!doctype html><title>Made-up register</title><article><p>{self.words}</p></article>"
        )
        wire.page(page.encode(), "Content-Type: text/html; charset=utf-8")


@pytest.fixture
def site():
    with misbehaving.running(Changing()) as site:
        yield site


@pytest.fixture
def fetch(served, site):
    """Do what is due, as a worker beside the desk does."""
    limits = Limits(size=1_000_000, seconds=10, allowed=frozenset({site.host}))
    worker = Worker(served.extensions["engine"], served.extensions["store"], limits)

    def work():
        assert worker.step()

    return work


def quote(page: Page, words: str, stance: str) -> None:
    """From a copy that is read to evidence on the claim, with the passage in it."""
    page.get_by_label("Passage").fill(words)
    page.get_by_role("button", name="Use as evidence for…").click()
    page.get_by_placeholder("Words of the claim").fill(STATEMENT)
    page.get_by_role("button", name="Search", exact=True).click()
    # The claims that were found have taken the place of the first ones.
    expect(page.locator("#claims [data-row]")).to_have_count(1)
    page.get_by_role("link", name=STATEMENT, exact=True).click()
    expect(page.get_by_label("Excerpt")).to_have_value(words)
    page.get_by_role("radio", name=re.compile(f"^{stance}")).check(force=True)
    page.get_by_role("button", name="Add evidence").click()
    expect(page.get_by_text("Evidence added.")).to_be_visible()
    # Words that were only looked for are no draft that would come back.
    kept = "Object.keys(localStorage).filter((key) => key.includes('/use'))"
    assert page.evaluate(kept) == []


def flip_a_byte(folder: Path, digest: str) -> None:
    path = folder / digest[:2] / digest[2:4] / digest
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(body))


def test_a_page_and_a_pdf_stay_and_what_changes_of_them_is_told(
    session, served, sign_in, seeded, site, fetch, monkeypatch
):
    claim = session.exec(select(Claim).where(Claim.statement == STATEMENT)).one()
    page = sign_in(an_editor(session, "Editor Ada"))

    # A page of a local server and a PDF become sources, and what they say evidence.
    page.goto("/sources")
    page.get_by_label("Paste an address").fill(f"{site.address}/register")
    page.get_by_role("button", name="Capture").click()
    copies = page.get_by_role("region", name="Copies")
    expect(copies).to_contain_text("Waiting")
    fetch()
    copies.get_by_role("link", name="Read").click()
    quote(page, BEFORE, "Supports")
    page.goto("/sources")
    page.get_by_label("Or bring files").set_input_files(
        {
            "name": "letter.pdf",
            "mimeType": "application/pdf",
            "buffer": misbehaving._pdf(LETTER),
        }
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("letter.pdf")
    copies.get_by_role("link", name="Read").click()
    quote(page, LETTER, "Supports")
    evidence = page.locator("#evidence")
    expect(evidence.get_by_role("link", name=re.compile("^Verbatim in the copy of"))).to_have_count(
        2
    )

    # The page changes, and a second copy beside the first shows in what.
    site.words = AFTER
    page.get_by_role("link", name="Made-up register").first.click()
    copies.get_by_role("button", name="Capture again").click()
    expect(copies).to_contain_text("Waiting")
    fetch()
    copies.get_by_role("link", name="What changed since the copy before").click()
    expect(page.locator("del").first).to_contain_text("no")
    expect(page.locator("ins").first).to_contain_text("one")

    # A byte of the store is flipped: verify names it, and page and report say so.
    a_ruling(session, claim, "true")
    first = session.exec(select(Capture).order_by(Capture.id)).first()
    flip_a_byte(served.extensions["store"].path, first.sha256)
    session.rollback()
    monkeypatch.setenv("DATABASE_URL", served.extensions["configuration"].database_url)
    monkeypatch.setenv("DESK_DATA", str(served.extensions["configuration"].data))
    verified = CliRunner().invoke(cli.claims, ["verify"], obj=create_app)
    assert verified.exit_code == 1
    assert f"The bytes of capture {first.sha256} were changed." in verified.output
    page.goto(f"/claims/{claim.id}")
    expect(evidence).to_contain_text("A copy of this source is damaged.")
    page.goto("/reports")
    page.get_by_role("link", name=re.compile("^Security meeting")).click()
    report = page.locator(".report")
    expect(report).to_contain_text(BEFORE)
    expect(report).to_contain_text("The copy that this rests on is damaged.")
