"""Whatever happens between a member's browser and the desk, no word that they typed is lost."""

import re
import socket

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from claims import desk
from claims.models import Article, Comment
from claims.rules.vocabulary import Role
from tests.browser.conftest import comes_true
from tests.factories import a_claim, an_owner

# What happens in the browser does not hang on the engine behind it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

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


def change_to(page, member):
    """Sign out, and in as this member."""
    page.get_by_label("You: ").click()
    page.get_by_role("button", name="Sign out").click()
    give_password(page, member)
    expect(page.get_by_label(f"You: {member.name}")).to_be_visible()


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
        change_to(other, member)
        page.get_by_label(SAY).fill(f"Sent while {member.name} is signed in")
        page.get_by_role("button", name="Comment").click()
        if member is ada:
            expect(page.locator("#comment-list")).to_contain_text("Sent while Ada")
    expect(page.locator("#notice")).to_contain_text("\u2068Ben\u2069 is signed in now")
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

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "You are signed in as \u2068Ada\u2069"
    )
    expect(page.get_by_label(SAY)).to_have_value(f"{WORDS}\n\nAnd a second paragraph.")
    assert said(session) == []
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#comment-list")).to_contain_text("And a second paragraph.")


# ---- sent twice --------------------------------------------------------------------------------


def titles(session):
    session.rollback()
    return session.exec(select(Article.title).order_by(Article.id)).all()


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_double_click_makes_one_record(sign_in, session, js):
    page = sign_in(with_password(session, "Ada"), js=js)
    page.goto("/articles/new")
    page.get_by_label("Title").fill("The made-up dam")

    page.get_by_role("button", name="Add article").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("The made-up dam")
    page.reload()

    assert titles(session) == ["The made-up dam"]


def test_back_and_again_makes_one_record_and_other_words_another(sign_in, session):
    page = sign_in(with_password(session, "Ada"))
    page.goto("/articles/new")
    page.get_by_label("Title").fill("The made-up dam")
    page.get_by_role("button", name="Add article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The made-up dam")

    page.go_back()
    page.get_by_label("Title").fill("The made-up dam")
    page.get_by_role("button", name="Add article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The made-up dam")
    page.go_back()
    page.get_by_label("Title").fill("Another made-up dam")
    page.get_by_role("button", name="Add article").click()
    expect(page.get_by_role("heading", name="This form was sent before")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Another made-up dam")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Another made-up dam")

    assert titles(session) == ["The made-up dam", "Another made-up dam"]


def test_back_and_again_without_a_script_makes_a_second_record_only_if_that_is_meant(
    sign_in, session
):
    page = sign_in(with_password(session, "Ada"), js=False)
    for answer in ("The made-up dam", "You sent exactly this before"):
        page.goto("/articles/new")
        page.get_by_label("Title").fill("The made-up dam")
        page.get_by_role("button", name="Add article").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(answer)

    expect(page.get_by_label("Title")).to_have_value("The made-up dam")
    assert titles(session) == ["The made-up dam"]
    page.get_by_role("link", name="look at it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The made-up dam")
    page.go_back()
    page.get_by_role("button", name="Send it as a second one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The made-up dam")
    assert titles(session) == ["The made-up dam"] * 2


# ---- saved over each other ---------------------------------------------------------------------


def test_two_who_save_over_each_other_take_theirs_or_yours_field_by_field(sign_in, session):
    ada, bo = with_password(session, "Ada"), with_password(session, "Bo")
    claim = a_claim(session)
    adas, bos = sign_in(ada), sign_in(bo)
    for page in (adas, bos):
        page.goto(f"/claims/{claim.id}")
        page.locator("#evidence").get_by_role("link", name="Edit").click()
    bos.get_by_label("Excerpt").fill("As Bo reads it")
    bos.get_by_label("Where in the source").fill("p. 12")
    bos.get_by_role("button", name="Save", exact=True).click()
    expect(bos.locator("#evidence")).to_contain_text("As Bo reads it")
    page = adas
    page.get_by_label("Excerpt").fill("As Ada reads it")
    page.get_by_label("Note", exact=True).fill("Ada’s note")
    page.get_by_role("button", name="Save", exact=True).click()

    excerpt = page.get_by_role("group", name="Excerpt")
    where = page.get_by_role("group", name="Where in the source")
    saved = [field.get_by_label("This will be saved") for field in (excerpt, where)]
    expect(excerpt).to_contain_text("Changed by Bo while you wrote, and by you.")
    expect(where).to_contain_text("Changed by Bo while you wrote; you had not touched it.")
    expect(saved[0]).to_have_value("As Ada reads it")
    expect(saved[1]).to_have_value("p. 12")
    where.get_by_role("button", name="Put back what it was").click()
    expect(saved[1]).to_have_value("")
    where.get_by_role("button", name="Take theirs").click()
    excerpt.get_by_role("button", name="Take theirs").click()
    expect(saved[0]).to_have_value("As Bo reads it")
    excerpt.get_by_role("button", name="Take yours").click()
    expect(saved[0]).to_be_focused()
    page.get_by_role("button", name="Save this version").click()

    for words in ("As Ada reads it", "p. 12", "Ada’s note"):
        expect(page.locator("#evidence")).to_contain_text(words)


# ---- drafts ------------------------------------------------------------------------------------


def kept(page):
    """The line that says that something was kept here."""
    return page.locator("#verdicts .kept")


def new_tab(page, address):
    tab = page.context.new_page()
    tab.goto(address)
    return tab


def test_a_verdict_survives_a_closed_tab_and_a_sign_out_until_it_is_sent(sign_in, session):
    ada, ben = with_password(session, "Ada"), with_password(session, "Ben")
    claim = a_claim(session)
    address = f"/claims/{claim.id}"
    page = sign_in(ada)
    page.goto(address)
    page.get_by_label(WHY).fill(WORDS)
    page.locator("#verdicts").get_by_text("Half true", exact=True).click()
    page.locator("#rests_on").get_by_role("checkbox").uncheck()
    page.close()

    page = new_tab(page, address)
    expect(kept(page)).to_contain_text("Kept from")
    expect(page.get_by_label(WHY)).to_have_value(WORDS)
    expect(page.get_by_role("radio", name=re.compile("^Half true"))).to_be_checked()
    expect(page.locator("#rests_on").get_by_role("checkbox")).not_to_be_checked()
    kept(page).get_by_role("button", name="Discard").click()
    expect(page.get_by_label(WHY)).to_have_value("")
    kept(page).get_by_role("button", name="Undo").click()
    expect(page.get_by_label(WHY)).to_have_value(WORDS)

    for member in (ben, ada):
        change_to(page, member)
        page.goto(address)
        expect(page.get_by_label(WHY)).to_have_value(WORDS if member is ada else "")
        expect(kept(page)).to_have_count(1 if member is ada else 0)

    page.locator("#rests_on").get_by_role("checkbox").check()
    page.get_by_role("button", name="Give verdict").click()
    expect(page.locator("#notice")).to_contain_text("Your verdict is recorded")
    page = new_tab(page, address)
    page.get_by_text("Change your verdict").click()
    expect(page.get_by_label(WHY)).to_have_value(WORDS)
    expect(kept(page)).to_have_count(0)
    assert comes_true(page, "() => localStorage.length === 0")


def test_a_form_that_the_page_swaps_in_gets_back_what_was_typed_and_says_what_changed(
    sign_in, session
):
    ada, claim = with_password(session, "Ada"), a_claim(session)
    question = desk.discussion.ask(session, claim, "Litres?", by=ada)
    session.commit()
    page = sign_in(ada)
    page.goto(f"/claims/{claim.id}")
    item = page.locator(f"#question-{question.id}")
    form, text = item.locator("form.form"), item.get_by_label("The question")

    item.get_by_role("link", name="Reword").click()
    text.fill("Litres or gallons?")
    item.get_by_role("link", name="Cancel").click()
    item.get_by_role("link", name="Reword").click()
    expect(text).to_have_value("Litres or gallons?")
    expect(form.locator(".kept")).to_contain_text("Kept from")
    item.get_by_role("link", name="Cancel").click()

    desk.discussion.reword_question(
        session, claim, question, "How many litres?", read=question.version, by=ada
    )
    session.commit()
    item.get_by_role("link", name="Reword").click()
    expect(form.locator(".kept")).to_contain_text("not as it was when you typed")
    expect(text).to_have_value("How many litres?")
    form.get_by_role("button", name="Put back what I typed").click()
    expect(text).to_have_value("Litres or gallons?")
    form.get_by_role("button", name="Show what stands now").click()
    expect(text).to_have_value("How many litres?")
    form.get_by_role("button", name="Put back what I typed").click()
    form.get_by_role("button", name="Save").click()
    expect(item).to_contain_text("Litres or gallons?")
    item.get_by_role("link", name="Reword").click()
    expect(text).to_be_focused()
    expect(form.locator(".kept")).to_have_count(0)


@pytest.mark.parametrize("saved", [False, True], ids=["before it saved", "after it saved"])
def test_what_was_on_its_way_when_the_desk_died_is_kept_unless_the_desk_has_it(
    sign_in, served, session, saved
):
    ada = with_password(session, "Ada")
    page = sign_in(ada)
    page.goto("/sources/new?by=describe")
    page.get_by_label("Title").fill("Made-up register of dams")
    dying = dies_of(served, "/sources", saved=saved)

    page.get_by_role("button", name="Add source").click()
    expect(page).not_to_have_title(re.compile("Fact Desk"))
    dying.clear()
    page = new_tab(page, "/sources/new?by=describe")

    if saved:
        expect(page.get_by_label("Title")).to_have_value("")
        assert comes_true(page, "() => localStorage.length === 0")
    else:
        expect(page.get_by_label("Title")).to_have_value("Made-up register of dams")


def dies_of(app, address, *, saved):
    """Let the desk break off its answers to a form, before or after it acted on it."""
    dying, work = [address], app.wsgi_app

    def broken(environ, start_response):
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] not in dying:
            return work(environ, start_response)
        if saved:
            b"".join(work(environ, lambda *_: None))
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return []

    app.wsgi_app = broken
    return dying
