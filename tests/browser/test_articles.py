"""Reading an article and marking claims in it, as a reviewer does with a mouse and keys."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from claims import desk, rules
from claims.desk.articles import Facts, Pointer
from claims.models import Appearance, Article
from claims.rules.parts import Most
from claims.rules.vocabulary import Kind
from tests.browser.conftest import comes_true
from tests.factories import a_member

DAM = (
    "👩🏽‍🚒 The made-up dam 🏞️ was finished in 2001, its makers say.\n\n"
    "ڈیم میں 🏞️ ۴۰ ملین لیٹر پانی ہے، اور دیوار اونچی ہے۔\n"
    "The cafe\u0301 beside it closed in 2010."
)

# Selects the words as a reader would: from the first letter of `from` to the last of `to`.
SELECT = """(text, [from, to]) => {
  const spot = (words, atEnd) => {
    const texts = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let node; (node = texts.nextNode()); ) {
      const at = node.data.indexOf(words);
      if (at >= 0) return [node, atEnd ? at + words.length : at];
    }
  };
  getSelection().setBaseAndExtent(...spot(from, false), ...spot(to, true));
}"""

# Whether these words, and no others, are lit; they may stand in several marks, over several lines.
LIT = """(words) =>
  [...document.querySelectorAll("mark.now")]
    .map((mark) => mark.textContent)
    .join("")
    .replace(/\\s/g, "") === words"""


def select_words(page: Page, first: str, last: str | None = None) -> None:
    """Select from the first words to the last ones, once the text that has them is there."""
    last = last or first
    page.locator(".text", has_text=first).filter(has_text=last).evaluate(SELECT, [first, last])


@pytest.fixture
def ada(session):
    return a_member(session, "Reviewer Ada")


@pytest.fixture
def article(session, ada) -> Article:
    article = desk.articles.add(session, Facts("The made-up dam"), by=ada)
    desk.articles.load_text(session, article, DAM, by=ada)
    for quotation in ("finished in 2001", "closed in 2010"):
        desk.articles.mark(session, article, Pointer(quotation), quotation, Kind.FACT, by=ada)
    session.commit()
    return article


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("dam 🏞️ was", None),
        ("۴۰ ملین لیٹر", None),
        ("🏞️ ۴۰", None),
        ("cafe\u0301 beside", None),
        ("its makers say.", "ڈیم میں"),
        ("was ", "finished in 2001"),
    ],
)
def test_selected_words_become_a_claim_at_their_place(session, sign_in, article, ada, first, last):
    page = sign_in(ada)
    page.goto(f"/articles/{article.id}")

    select_words(page, first, last)
    page.get_by_role("button", name="Make a claim of this").click()
    expect(page.get_by_label("Claim", exact=True)).to_be_focused()
    page.get_by_label("Claim", exact=True).fill("Made of selected words")
    page.get_by_role("button", name="Add claim").click()

    expect(page.get_by_role("heading", name="Made of selected words")).to_be_visible()
    start = DAM.index(first)
    end = DAM.index(last or first, start) + len(last or first)
    place = session.exec(select(Appearance).order_by(Appearance.id.desc())).first()
    wanted = DAM[start:end]
    assert (place.start, place.quotation) == (
        start + len(wanted) - len(wanted.lstrip()),
        wanted.strip(),
    )
    assert comes_true(page, LIT, "".join(wanted.split()))


def test_a_claim_opens_beside_the_text_and_back_returns_to_the_list(sign_in, article, ada):
    page = sign_in(ada)
    page.goto(f"/articles/{article.id}")

    page.locator("mark", has_text="finished in 2001").get_by_role("link").click()

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="finished in 2001")).to_be_visible()
    expect(page.locator("mark.now")).to_have_text("finished in 2001")
    expect(page).to_have_url(re.compile("claim="))
    page.reload()
    expect(page.locator("mark.now")).to_have_text("finished in 2001")
    page.go_back()
    expect(panel.get_by_role("heading", name="Claims 2")).to_be_visible()


def test_keys_go_from_claim_to_claim_and_open_one(sign_in, article, ada):
    page = sign_in(ada)
    page.goto(f"/articles/{article.id}")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="closed in 2010")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="finished in 2001")).to_be_visible()


def test_an_orphan_takes_selected_words(session, sign_in, article, ada):
    desk.articles.load_text(session, article, DAM.replace("finished", "completed"), by=ada)
    session.commit()
    page = sign_in(ada)
    page.goto(f"/articles/{article.id}")

    page.get_by_role("link", name="Choose its passage").click()
    expect(page.get_by_label("Quotation", exact=True)).to_be_visible()
    select_words(page, "completed in 2001")
    page.get_by_role("button", name="Use these words").click()
    expect(page.get_by_label("Quotation", exact=True)).to_have_value("completed in 2001")
    page.get_by_role("button", name="Save passage").click()

    expect(page.locator("mark.now")).to_have_text("completed in 2001")
    expect(page.get_by_role("heading", name="not in this text")).to_have_count(0)


def test_without_a_script_a_pasted_quotation_becomes_a_claim(sign_in, article, ada):
    page = sign_in(ada, js=False)
    page.goto(f"/articles/{article.id}")

    page.get_by_role("link", name="Mark a claim").click()
    page.get_by_label("Quotation", exact=True).fill("its makers say")
    page.get_by_label("Claim", exact=True).fill("The makers said so")
    page.get_by_role("button", name="Add claim").click()

    expect(page.get_by_role("heading", name="The makers said so")).to_be_visible()
    expect(page.locator("mark.now")).to_have_text("its makers say")


def test_words_of_a_later_part_are_marked_while_the_form_waits(session, sign_in, ada, monkeypatch):
    monkeypatch.setattr(rules.parts, "MOST", Most(900, 60, 8, 10))
    text = "\n".join(f"The made-up part {n} 🏞️ ends. {'It is long. ' * 60}\n{DAM}" for n in range(3))
    article = desk.articles.add(session, Facts("The long dam"), by=ada)
    desk.articles.load_text(session, article, text, by=ada)
    session.commit()
    page = sign_in(ada)
    page.goto(f"/articles/{article.id}")
    parts = page.get_by_role("navigation", name="Parts of the text")

    page.get_by_role("link", name="Mark a claim").click()
    page.get_by_label("Claim", exact=True).fill("Half written")
    page.get_by_role("link", name="Next part").first.click()
    expect(parts).to_contain_text("Part 2 of 3")
    select_words(page, "۴۰ ملین لیٹر")
    page.get_by_role("button", name="Use these words").click()
    expect(page.get_by_label("Claim", exact=True)).to_have_value("Half written")
    page.get_by_role("button", name="Add claim").click()

    expect(page.locator("mark.now")).to_have_text("۴۰ ملین لیٹر")
    expect(parts).to_contain_text("Part 2 of 3")
    place = session.exec(select(Appearance).order_by(Appearance.id.desc())).first()
    assert place.start == text.index("۴۰ ملین لیٹر", text.index("part 1 "))
    page.keyboard.press("n")
    expect(parts).to_contain_text("Part 3 of 3")
    page.go_back()
    expect(parts).to_contain_text("Part 2 of 3")
