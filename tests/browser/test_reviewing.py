"""What a reviewer's hands do all day: go through the queue, read, and write."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlmodel import select

from claims.models import Claim
from tests import hostile, pages
from tests.factories import a_claim, a_member
from tests.web import test_hostile_words as hostile_words

# What a page is made of does not depend on the database.
ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_panel_follows_the_highlight_and_the_back_button(sign_in, seeded):
    page = sign_in(a_member(seeded))
    page.goto("/articles/1")
    panel = page.locator("#panel")

    page.get_by_role("link", name=re.compile("sacrifice countless lives")).first.click()
    expect(panel).to_contain_text("Claim 13")
    first = page.url
    assert first.endswith("?claim=13")
    page.get_by_role("link", name=re.compile("300 Hostages")).first.click()
    expect(panel).to_contain_text("Claim 35")
    page.reload()
    expect(panel).to_contain_text("Claim 35")
    page.go_back()

    expect(page).to_have_url(first)
    expect(panel).to_contain_text("Claim 13")


def test_the_queue_is_worked_through_by_keyboard_alone(sign_in, seeded):
    page = sign_in(a_member(seeded))
    page.goto("/claims")

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    page.keyboard.type("swat")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=swat"))
    expect(page.locator("[data-row]").first).to_contain_text("Swat")
    page.locator("body").press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    row = page.locator("[data-row].now")
    expect(row).to_have_count(1)
    statement = row.locator("[data-open]").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(statement)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(statement)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text(statement)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")

    expect(page.get_by_role("form", name="Add evidence")).to_be_visible()


def test_the_list_goes_on_below_itself_and_a_filter_is_an_address(sign_in, seeded):
    page = sign_in(a_member(seeded))
    page.goto("/claims")
    rows = page.locator("[data-row]")
    shown = rows.count()

    page.get_by_role("link", name=re.compile("^More")).click()
    expect(page.locator("[data-row]").nth(shown)).to_be_attached()
    assert rows.count() > shown
    page.goto("/claims?kind=opinion&q=nap")

    expect(rows.first).to_contain_text("opinion")


def test_enter_in_the_search_asks_the_desk_once(sign_in, seeded):
    page = sign_in(a_member(seeded))
    page.goto("/claims")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "q=swat" in request.url else 0)

    page.get_by_label("Search in these claims").fill("swat")
    page.get_by_label("Search in these claims").press("Enter")
    expect(page).to_have_url(re.compile("q=swat"))
    expect(page.locator("[data-row]").first).to_contain_text("Swat")

    assert len(asked) == 1


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_many_claims_are_filtered_and_handed_out_at_once(sign_in, seeded, js):
    ada = a_member(seeded, "Reviewer Ada")
    page = sign_in(ada, js=js)
    page.goto("/claims")

    page.get_by_label("Kind").select_option("prediction")
    if not js:
        page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("kind=prediction"))
    rows = page.locator("[data-row]")
    # The claims that were asked for have taken the place of the first ones.
    expect(rows.filter(has_not_text="prediction")).to_have_count(0)
    for n in range(2):
        rows.nth(n).get_by_role("checkbox").check()
    page.get_by_label("Hand to").select_option("me")
    page.get_by_role("button", name="Assign").click()

    expect(page.locator("#notice")).to_contain_text("2 claims")
    expect(page).to_have_url(re.compile("kind=prediction"))
    expect(rows.nth(1)).to_contain_text("Reviewer Ada")
    mine = seeded.exec(select(Claim).where(Claim.assignee_id == ada.id)).all()
    assert len(mine) == 2


def test_a_half_written_verdict_survives_adding_evidence(sign_in, session):
    ada = a_member(session)
    claim = a_claim(session, by=ada)
    page = sign_in(ada)
    page.goto(f"/claims/{claim.id}")
    why = page.locator("#verdicts").get_by_label("Why, in words that a reader will see")
    why.fill("A sentence that nobody may lose.")

    page.get_by_role("link", name="Add evidence", exact=True).click()
    form = page.get_by_role("form", name="Add evidence")
    form.get_by_label("A new source").check()
    form.get_by_label("Title").fill("Made-up dam inspection")
    form.get_by_role("radio", name=re.compile("^Refutes")).check()
    form.get_by_role("button", name="Add evidence").click()

    # Nothing is said of what the source says yet: the form comes back, filled in.
    expect(form).to_contain_text("Quote what the source says")
    expect(form.get_by_label("Title")).to_have_value("Made-up dam inspection")
    form.get_by_label("Excerpt").fill("39 million litres at most")
    form.get_by_role("button", name="Add evidence").click()
    expect(page.locator("#evidence")).to_contain_text("39 million litres at most")
    expect(page.locator("#notice")).to_contain_text("added")
    expect(why).to_have_value("A sentence that nobody may lose.")
    expect(page.locator("#rests_on").get_by_role("checkbox")).to_have_count(2)


def test_two_members_who_reword_one_claim_both_keep_their_words(sign_in, session):
    ada, ben = a_member(session), a_member(session, "Reviewer Two")
    claim = a_claim(session)
    first, second = sign_in(ada), sign_in(ben)
    for page in (first, second):
        page.goto(f"/claims/{claim.id}/edit")
    why = second.locator("#verdicts").get_by_label("Why, in words that a reader will see")
    why.fill("A sentence that nobody may lose.")
    words = "The claim, in our words"
    first.get_by_label(words).fill("The made-up dam holds 39 million litres")
    second.get_by_label(words).fill("The made-up dam can hold 40 million litres")

    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("39 million")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", name="Somebody else saved first")).to_be_focused()
    conflict = second.get_by_role("alert").filter(has_text="Somebody else saved first")
    expect(conflict).to_contain_text("39 million")
    yours = conflict.get_by_label("This will be saved")
    expect(yours).to_have_value("The made-up dam can hold 40 million litres")
    yours.fill("The made-up dam can hold 39 million litres")
    second.get_by_role("button", name="Save this version").click()

    expect(second.get_by_role("heading", level=1)).to_contain_text("can hold 39 million")
    expect(why).to_have_value("A sentence that nobody may lose.")
    session.expire_all()
    assert session.get(Claim, claim.id).statement == "The made-up dam can hold 39 million litres"


@ONE_ENGINE
def test_nothing_that_anybody_wrote_runs_in_the_reviewers_browser(sign_in, served, session):
    full = pages.Full(session)
    hostile_words.write_everywhere(session, " ".join(hostile.RUNNING), address=hostile.RUNNING[-1])
    page = sign_in(session.merge(full.owner))
    ran = []
    page.expose_function("broken_in", lambda how: ran.append(how))
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    for address in pages.addresses(served, full):
        page.goto(address)
        expect(page.get_by_role("heading").first).to_be_attached()
        live = page.evaluate(
            """() => [...document.querySelectorAll("a[href], area, form[action], [formaction]")]
                .map((e) => e.href || e.action || e.formAction)
                .filter((to) => !/^(https?:|mailto:)/.test(to))"""
        )
        assert live == [], address
        # What fires on a press, a pointer or the focus fires now.
        page.evaluate(
            """() => { for (const e of document.querySelectorAll("*"))
                for (const name of ["mouseover", "focus", "error", "load", "toggle"])
                    e.dispatchEvent(new Event(name)); }"""
        )

    assert ran == []
    assert [url for url in asked if not url.startswith(served.config["ADDRESS"])] == []
    expect(page).not_to_have_title(re.compile("broken in"))


@ONE_ENGINE
@pytest.mark.parametrize(
    ("scheme", "rules"),
    # In the dark only the colours are others.
    [("light", {}), ("dark", {"runOnly": ["color-contrast"]})],
    ids=["light", "dark"],
)
def test_every_page_is_fit_for_a_screen_reader(sign_in, served, session, scheme, rules):
    full = pages.Full(session)
    page = sign_in(full.owner, color_scheme=scheme)

    seen, faults = set(), {}
    for address in pages.addresses(served, full):
        page.goto(address)
        here = page.url.partition("#")[0]
        if here in seen:
            continue
        seen.add(here)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        found = Axe().run(page, options=rules)
        if found.violations_count:
            faults[found.generate_report()] = address

    assert not faults, "\n".join(f"{address}: {report}" for report, address in faults.items())
