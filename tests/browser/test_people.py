"""Come to the desk, bring others, and verify the ledger, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from claims.rules.vocabulary import Role
from tests.browser.conftest import PATIENCE
from tests.factories import a_claim, a_member, an_owner

PASSWORD = "four made-up words"


@pytest.fixture
def stranger(served, browser: Browser):
    """A browser that nobody has signed in with; `js=False` for one without JavaScript."""
    contexts = []

    def open_(*, js: bool = True) -> Page:
        context = browser.new_context(
            base_url=served.config["ADDRESS"],
            java_script_enabled=js,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def introduce(page: Page, name: str, email: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)


@pytest.mark.parametrize("js", [True, False], ids=["with a script", "without"])
def test_the_first_owner_opens_the_desk_and_invites_a_second_member(served, stranger, js):
    key = served.extensions["configuration"].welcome_key()
    owner = stranger(js=js)
    owner.goto(f"/welcome?key={key}")
    introduce(owner, "Ada", "ada@desk.example")
    owner.get_by_role("button", name="Open the desk").click()
    expect(owner.get_by_text("Welcome, \u2068Ada\u2069.")).to_be_visible()

    owner.goto("/people")
    owner.get_by_role("radio", name="Editor").check()
    owner.get_by_label("For whom").fill("Grace, politics")
    owner.get_by_role("button", name="Make the link").click()
    shown = owner.get_by_label("Send this link to one person")
    expect(shown).to_have_value(re.compile(f"^{served.config['ADDRESS']}/join/"))
    link = shown.input_value()
    if js:
        owner.get_by_role("button", name="Copy").click()
        expect(owner.get_by_role("button", name="Copied")).to_be_focused()
        assert owner.evaluate("navigator.clipboard.readText()") == link
    else:
        expect(owner.get_by_role("button", name="Copy")).to_have_count(0)

    guest = stranger(js=js)
    guest.goto(link)
    introduce(guest, "Grace", "grace@desk.example")
    guest.get_by_role("button", name="Join the desk").click()
    expect(guest.get_by_text("You are here as editor.")).to_be_visible()

    owner.goto("/people")
    expect(owner.get_by_role("row").filter(has_text="Grace")).to_contain_text("editor")
    expect(owner.get_by_text("No link is open at the moment.")).to_be_visible()

    guest.goto("/account")
    guest.get_by_role("button", name="Sign out everywhere").click()
    guest.get_by_label("E-mail").fill("grace@desk.example")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_label("You: Grace")).to_be_visible()
    guest.goto("/account")
    expect(guest.get_by_role("heading", name="Account")).to_be_visible()


def test_an_owner_changes_a_role_and_removes_a_member_after_a_question(sign_in, session):
    owner = an_owner(session)
    a_member(session, "Grace", Role.VIEWER)
    page = sign_in(owner)
    page.goto("/people")

    page.get_by_role("link", name="Change Grace").click()
    page.get_by_role("radio", name="Reviewer").check()
    page.get_by_role("button", name="Save the role").click()
    expect(page.get_by_role("row").filter(has_text="Grace")).to_contain_text("reviewer")

    page.get_by_role("link", name="Change Grace").click()
    page.get_by_role("button", name="Remove Grace").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Remove Grace").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove Grace").click()
    expect(page.get_by_text("\u2068Grace\u2069 is no longer a member.")).to_be_visible()

    page.get_by_role("link", name="Former members").click()
    page.get_by_role("link", name="Restore Grace").click()
    page.get_by_role("button", name="Restore Grace").click()
    expect(page.get_by_role("row").filter(has_text="Grace")).to_contain_text("reviewer")


def test_a_withdrawn_invitation_goes_from_the_list_and_nothing_else_moves(sign_in, session):
    page = sign_in(an_owner(session))
    page.goto("/people")
    page.get_by_label("For whom").fill("First")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#invitations")).to_contain_text("First")
    page.get_by_label("For whom").fill("half-typed")

    page.get_by_text("Withdraw the invitation: First").click()
    page.get_by_label("Why is it withdrawn?").fill("Sent to the wrong address.")
    page.get_by_role("button", name="Withdraw").click()

    expect(page.locator("#invitations")).to_contain_text("No link is open at the moment.")
    expect(page.locator("#notice")).to_contain_text("no longer works")
    assert page.url.endswith("/people")


def test_the_ledger_is_verified_and_read_further_in_place(sign_in, session):
    reader = a_member(session, "Reader One", Role.VIEWER)
    an_owner(session)
    for _ in range(15):
        a_claim(session, by=reader)
    page = sign_in(reader)
    page.goto("/ledger")
    lines = page.locator("table.ledger tr[id^=event-]")
    expect(lines).to_have_count(50)

    page.get_by_role("link", name="Verify now").click()
    expect(page.locator("#verification")).to_contain_text("The ledger holds")
    expect(page.locator("#said")).to_have_text("The ledger holds.")
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator("#event-1")).to_contain_text("founded the desk")
    expect(page.locator("#event-50")).to_be_visible()
    expect(page.locator("#verification")).to_contain_text("The ledger holds")

    line = page.locator("#event-1")
    line.locator("summary").click()
    expect(line.get_by_text("Fact Desk")).to_be_visible()
    page.get_by_label("About").select_option("evidence")
    expect(page).to_have_url(re.compile("about=evidence"))
    expect(lines).to_have_count(15)
