"""Whatever happens between a member's browser and the desk, no word that they typed is lost."""

import re

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from claims import desk
from claims.models import Comment
from claims.rules.vocabulary import Role
from tests.factories import a_claim, an_owner

WORDS = "A sentence that nobody may lose."
PASSWORD = "four made-up words"
SAY = "Say something to the others"
WHY = "Why, in words that a reader will see"


@pytest.fixture(autouse=True)
def owner(session):
    return an_owner(session)


def with_password(session, name):
    member = desk.members.add(
        session, name, f"{name.lower()}@desk.example", Role.REVIEWER, PASSWORD, by=None
    )
    session.commit()
    return member


def give_password(form, member):
    form.get_by_label("E-mail").fill(member.email)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()


def said(session):
    session.rollback()
    return session.exec(select(Comment.text).order_by(Comment.id)).all()


# ---- signed out while writing ------------------------------------------------------------------


def test_who_is_signed_out_signs_in_on_the_spot_and_what_they_sent_is_sent(sign_in, session):
    ada, ben = with_password(session, "Ada"), with_password(session, "Ben")
    claim = a_claim(session)
    page = sign_in(ada)
    page.goto(f"/claims/{claim.id}")
    page.get_by_label(WHY).fill("Half-written.")
    page.get_by_label(SAY).fill(WORDS)
    page.context.clear_cookies()

    page.get_by_role("button", name="Comment").click()
    dialog = page.get_by_role("dialog", name="You are signed out")
    dialog.get_by_label("E-mail").fill(ada.email)
    dialog.get_by_label("Password").fill("not these words")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_contain_text("do not belong together")
    dialog.get_by_role("button", name="Not now").click()
    expect(page.locator("#notice")).to_contain_text("What you typed is still here")
    page.get_by_role("button", name="Comment").click()
    give_password(dialog, ada)
    expect(page.locator("#comment-list")).to_contain_text(WORDS)
    expect(page.get_by_label(WHY)).to_have_value("Half-written.")

    # In another tab somebody signs in anew: the page goes on unasked for its own member only.
    other = page.context.new_page()
    for member in (ada, ben):
        other.goto("/")
        other.get_by_label("You: ").click()
        other.get_by_role("button", name="Sign out").click()
        give_password(other, member)
        expect(other).to_have_url(re.compile("/$"))
        page.get_by_label(SAY).fill(f"Sent while {member.name} is signed in")
        page.get_by_role("button", name="Comment").click()
        if member is ada:
            expect(page.locator("#comment-list")).to_contain_text("Sent while Ada")
    expect(page.locator("#notice")).to_contain_text("Ben is signed in now")
    expect(page.get_by_label(SAY)).to_have_value("Sent while Ben is signed in")

    assert said(session) == [WORDS, "Sent while Ada is signed in"]


def test_without_a_script_what_was_sent_waits_behind_the_sign_in(sign_in, session):
    ada, claim = with_password(session, "Ada"), a_claim(session)
    page = sign_in(ada, js=False)
    page.goto(f"/claims/{claim.id}")
    page.get_by_label(SAY).fill(f"{WORDS}\n\nAnd a second paragraph.")
    page.context.clear_cookies()

    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("alert")).to_contain_text("signed out while you were writing")
    give_password(page, ada)

    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in as Ada")
    expect(page.get_by_label(SAY)).to_have_value(f"{WORDS}\n\nAnd a second paragraph.")
    assert said(session) == []
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#comment-list")).to_contain_text("And a second paragraph.")
