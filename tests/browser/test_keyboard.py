"""A reviewer's and an editor's work by keyboard alone: no pointer, and the focus is always seen."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from claims import desk
from claims.desk.articles import Facts
from tests.browser.conftest import comes_true, steadily
from tests.factories import a_claim, an_article, an_owner

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Whether the focus can be seen: on the element, on the label that stands for it, or by the bar
# beside the row that the element opens.
SEEN = """() => {
  const focused = document.activeElement;
  const around = [focused, focused.closest("label"), focused.nextElementSibling];
  const row = focused.matches("[data-open]") && focused.closest("[data-row].now");
  const barred = row && [row, row.firstElementChild];
  return focused === document.body || around.filter(Boolean).some((e) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(e);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  }) || (barred || []).some((e) => getComputedStyle(e).boxShadow !== "none");
}"""


FOCUSED = "document.activeElement?.outerHTML.slice(0, 120)"


class Keys:
    """Somebody at the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.unseen: set[str] = set()

    def to(self, wanted: Locator, key: str = "Tab") -> None:
        """Go on with Tab until the focus is where it is wanted."""
        for _ in range(160):
            if steadily(wanted.and_(self.page.locator(":focus")).count):
                return
            self.page.keyboard.press(key)
            # A swap that is under way may take the focus along for a moment.
            if not comes_true(self.page, SEEN, within=2_000):
                self.unseen.add(str(steadily(lambda: self.page.evaluate(FOCUSED))))
        raise AssertionError(f"the keyboard does not lead to {wanted}")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.to(wanted)
        self.page.keyboard.press(key)

    def type(self, wanted: Locator, words: str) -> None:
        self.to(wanted)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)


@pytest.fixture
def keys(sign_in, session):
    owner = an_owner(session, "Owner Ada")
    page = sign_in(owner)
    keys = Keys(page)
    yield keys
    assert keys.unseen == set()


def test_a_claim_is_checked_settled_published_corrected_and_reported(keys, session):
    page, press = keys.page, keys.page.keyboard.press
    article = an_article(session)
    a_claim(session, "The made-up dam holds 40 million litres", article=article, evidence=[])
    a_claim(session, "Something else", article=article)
    page.goto("/")

    press("/")
    page.keyboard.type("litres")
    press("Enter")
    expect(page).to_have_url(re.compile("q=litres"))
    expect(page.locator("tr[data-row]").first).to_contain_text("40 million litres")
    press("j")
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("40 million litres")

    keys.press(page.get_by_text("Ask a question", exact=True))
    keys.type(page.get_by_label("What has to be answered?"), "Litres or gallons?")
    press("Control+Enter")
    expect(page.locator("#question-list")).to_contain_text("Litres or gallons?")
    keys.press(page.locator("#question-list").get_by_role("link", name="Answer"))
    expect(page.get_by_label("The answer, or why there is none")).to_be_focused()
    page.keyboard.type("Litres.")
    press("Control+Enter")
    expect(page.locator("#question-list")).to_contain_text("Litres.")

    keys.to(page.locator("#question-list").get_by_role("link").first)
    press("e")
    form = page.get_by_role("form", name="Add evidence")
    expect(form).to_be_visible()
    keys.to(form.get_by_label(re.compile("A (new source|source of the library)")))
    if not form.get_by_label("A new source").is_checked():
        press("ArrowDown")
    keys.type(form.get_by_label("Title"), "Register of made-up dams")
    keys.to(form.get_by_label("Reliability of the source"))
    page.keyboard.type("A")
    keys.press(form.get_by_role("radio", name=re.compile("^Supports")), "Space")
    press("ArrowLeft")
    expect(form.get_by_role("radio", name=re.compile("^Refutes"))).to_be_checked()
    keys.type(form.get_by_label("Excerpt"), "39 million litres at most")
    press("Control+Enter")
    expect(page.locator("#evidence")).to_contain_text("39 million litres at most")

    keys.to(page.locator("#evidence").get_by_role("link").first)
    press("6")
    expect(page.get_by_role("radio", name=re.compile("^False")).first).to_be_checked()
    press("v")
    page.keyboard.type("The register says 39.")
    press("Control+Enter")
    settle = page.locator("#ruling")
    expect(settle.get_by_role("button", name=re.compile("Settle"))).to_be_visible()
    keys.to(settle.get_by_role("radio"))
    press("6")
    keys.type(settle.get_by_role("textbox").first, "The register says 39.")
    keys.press(settle.get_by_role("button", name=re.compile("Settle")))
    keys.press(settle.get_by_role("button", name=re.compile("Publish")))
    expect(page.locator("#head")).to_contain_text("published")

    keys.press(settle.get_by_text("Correct", exact=False).first)
    keys.press(settle.get_by_role("radio", name=re.compile("^Minor|^minor")).first, "Space")
    boxes = settle.get_by_role("textbox")
    for n in range(boxes.count()):
        keys.type(boxes.nth(n), "The register was read anew.")
    keys.press(settle.get_by_role("button", name=re.compile("correction|Correct")).last)
    expect(settle).to_contain_text("The register was read anew.")

    keys.press(page.get_by_role("link", name="Reports", exact=True))
    keys.press(page.get_by_role("link", name=article.title))
    keys.press(page.get_by_text("Freeze this report"))
    keys.press(page.get_by_role("button", name="Freeze"))
    expect(page).to_have_url(re.compile(r"/reports/\d+$"))
    with page.expect_download() as download:
        keys.press(page.get_by_role("link", name="CSV"))
    assert download.value.suggested_filename.endswith(".csv")


def test_words_of_an_article_become_a_claim_and_claims_are_split_linked_and_withdrawn(
    keys, session
):
    page, press = keys.page, keys.page.keyboard.press
    owner = an_owner(session)
    article = desk.articles.add(session, Facts("The made-up dam"), by=owner)
    text = "The made-up dam was finished in 2001.\n\nڈیم میں ۴۰ ملین لیٹر پانی ہے۔"
    desk.articles.load_text(session, article, text, by=owner)
    session.commit()
    page.goto("/")

    keys.press(page.get_by_role("link", name="Articles", exact=True))
    keys.press(page.get_by_role("link", name="The made-up dam"))
    keys.to(page.get_by_role("group", name=re.compile("^Text of the article")))
    for _ in range(4):
        press("ArrowRight")
    for _ in range(3):
        press("Shift+ArrowRight")
    press("Enter")
    quotation = page.locator("#panel").get_by_label(re.compile("quotation|words", re.IGNORECASE))
    expect(quotation.first).to_have_value(re.compile(r"^\S.*\S$"))
    said = quotation.first.input_value()
    assert said in text
    keys.press(page.locator("#panel").get_by_role("button", name=re.compile("Add|Make")))
    expect(page.locator("mark")).to_have_text(said)

    keys.press(page.get_by_role("link", name="Open claim"))
    keys.press(page.get_by_role("link", name="Split"))
    keys.type(page.get_by_label("What it says").first, "The dam is made up")
    keys.press(page.get_by_role("button", name="Split the claim"))
    expect(page.locator("#related")).to_contain_text("The dam is made up")

    keys.press(page.get_by_role("link", name="Merge"))
    keys.press(page.locator("#candidates").get_by_role("radio").first, "Space")
    keys.press(page.get_by_role("button", name="See both side by side"))
    keys.press(page.get_by_role("button", name="Merge them"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The dam is made up")

    other = a_claim(session, "Another made-up claim")
    keys.press(page.get_by_role("link", name="Link another claim"))
    keys.type(page.get_by_role("searchbox").last, "another")
    press("Enter")
    expect(page.locator("#candidates")).to_contain_text(other.statement)
    keys.press(page.locator("#candidates").get_by_role("radio").first, "Space")
    keys.press(page.get_by_role("button", name="Link them"))
    expect(page.locator("#related")).to_contain_text(other.statement)

    keys.press(page.locator("#head").get_by_role("link", name="Withdraw"))
    expect(page.get_by_label("Why is this claim withdrawn?")).to_be_focused()
    page.keyboard.type("It is made up.")
    press("Control+Enter")
    expect(page.locator("#head")).to_contain_text("It is made up.")
    keys.press(page.locator("#head").get_by_role("button", name="Restore"))
    expect(page.locator("#head").get_by_role("link", name="Withdraw")).to_be_visible()

    keys.press(page.get_by_label("You: Owner Ada"))
    keys.press(page.get_by_role("link", name="People", exact=True))
    keys.to(page.get_by_role("radio"))
    keys.type(page.get_by_label("For whom"), "Ben")
    keys.press(page.get_by_role("button", name="Make the link"))
    expect(page.locator("#invitations")).to_contain_text("Ben")
