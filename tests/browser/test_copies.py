"""Copies of sources as a reviewer takes them: pasted, watched, quoted; and dropped files."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from claims.captures.limits import Limits
from claims.models import Evidence
from claims.worker import Worker, working
from tests.browser.test_articles import select_words
from tests.factories import a_claim, a_copy, a_member, a_source
from tests.misbehaving import Site, running

# Lets files fall onto the first place for them, as from a folder beside the window.
DROP = """(files) => {
  const carried = new DataTransfer();
  for (const [name, words] of files) {
    carried.items.add(new File([words], name, { type: 'text/plain' }));
  }
  const place = document.querySelector('form[data-upload]');
  for (const kind of ['dragover', 'drop']) {
    const given = { dataTransfer: carried, bubbles: true, cancelable: true };
    place.dispatchEvent(new DragEvent(kind, given));
  }
}"""


@pytest.fixture
def site():
    with running(Site()) as site:
        yield site


@pytest.fixture
def ada(session):
    return a_member(session, "Reviewer Ada")


def test_a_pasted_page_arrives_and_its_words_become_evidence(session, served, sign_in, ada, site):
    claim = a_claim(session, "Nine large dams were finished since 2014.")
    limits = Limits(size=1_000_000, seconds=10, allowed=frozenset({site.host}))
    page = sign_in(ada)
    page.goto("/sources")

    page.get_by_label("Paste an address").fill(f"{site.address}/article")
    page.get_by_role("button", name="Capture").click()

    copies = page.get_by_role("region", name="Copies")
    expect(copies).to_contain_text("Waiting")
    extensions = served.extensions
    with working(lambda: Worker(extensions["engine"], extensions["store"], limits), 1):
        expect(page.get_by_role("heading", level=1)).to_have_text("Two dams, not nine")
        expect(copies).not_to_contain_text("Waiting")
    expect(page.locator("#facts")).to_contain_text("Ada Quill")

    copies.get_by_role("link", name="Read").click()
    select_words(page, "lists two", "since 2014")
    page.locator("#offer").get_by_role("button", name="Use as evidence for…").click()
    page.get_by_role("link", name="Nine large dams were finished").click()
    expect(page.get_by_label("Excerpt")).to_have_value("lists two that were finished since 2014")
    # Source and words are there: what is left to say is which way they point.
    expect(page.get_by_label("Supports")).to_be_focused()
    page.get_by_label("Refutes").check(force=True)
    page.get_by_role("button", name="Add evidence").click()

    expect(page.get_by_text("Evidence added.")).to_be_visible()
    session.expire_all()
    quoted = session.exec(select(Evidence.excerpt).where(Evidence.claim_id == claim.id)).all()
    assert "lists two that were finished since 2014" in quoted


def test_words_of_any_script_are_taken_as_they_stand_in_the_copy(session, sign_in, ada):
    a_claim(session, "Nine large dams were finished since 2014.", evidence=[])
    text = "🌊🌊 The register lists 𝟐 dams.\n\nرجسٹر میں دو ڈیم ہیں 🌊، نو نہیں۔"
    copy = a_copy(session, a_source(session), text)
    page = sign_in(ada)
    page.goto(f"/captures/{copy.id}")

    select_words(page, "lists", "نو نہیں")
    expect(page.locator("#offer")).to_be_visible()
    page.keyboard.press("m")
    page.get_by_role("link", name="Nine large dams were finished").click()
    expect(page.get_by_label("Excerpt")).to_have_value(
        "lists 𝟐 dams.\n\nرجسٹر میں دو ڈیم ہیں 🌊، نو نہیں"
    )
    page.get_by_label("Refutes").check(force=True)
    page.get_by_role("button", name="Add evidence").click()

    expect(
        page.get_by_text("Evidence added. The excerpt stands in the desk’s copy")
    ).to_be_visible()


def test_two_dropped_files_become_two_sources(sign_in, ada):
    page = sign_in(ada)
    page.goto("/sources/new")

    page.evaluate(
        DROP, [["first.txt", "The register lists two."], ["second.txt", "It is counted."]]
    )

    expect(page).to_have_url(page.url.replace("/new", ""))
    expect(page.get_by_role("status").first).to_contain_text("Source added.")
    expect(page.get_by_role("link", name="first.txt")).to_be_visible()
    expect(page.get_by_role("link", name="second.txt")).to_be_visible()


def test_a_file_that_is_refused_is_named_beside_its_reason(sign_in, ada):
    page = sign_in(ada)
    page.goto("/sources")

    page.evaluate(DROP, [["empty.txt", ""], ["first.txt", "The register lists two."]])

    sendings = page.get_by_role("listitem")
    expect(sendings.filter(has_text="empty.txt")).to_contain_text("there is nothing in it to keep")
    expect(sendings.filter(has_text="first.txt")).to_contain_text("Added")
