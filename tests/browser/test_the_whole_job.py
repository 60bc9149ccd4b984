"""The whole job in a browser: found the desk, settle a claim together, export the report."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from claims import ledger
from claims.models import Claim
from tests.browser.conftest import PATIENCE

PASSWORD = "a made-up pass phrase"


def enter(page: Page, name: str, email: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label(re.compile("again", re.IGNORECASE)).fill(PASSWORD)


def add_evidence(page: Page, stance: str, title: str, excerpt: str) -> None:
    page.get_by_role("link", name="Add evidence", exact=True).click()
    form = page.get_by_role("form", name="Add evidence")
    form.get_by_label("A new source").check()
    form.get_by_label("Title").fill(title)
    form.get_by_label("Address").fill(f"https://register.example/{stance.lower()}")
    form.get_by_label("Reliability of the source").select_option("B")
    form.get_by_role("radio", name=re.compile(f"^{stance}")).check()
    form.get_by_label("Excerpt").fill(excerpt)
    form.get_by_label("Credibility of what it says").select_option("2")
    form.get_by_role("button", name="Add evidence").click()


def judge(page: Page, rating: str, why: str) -> None:
    verdicts = page.locator("#verdicts")
    verdicts.get_by_role("group", name="Rating").get_by_text(rating, exact=True).click()
    verdicts.get_by_label("Why, in words that a reader will see").fill(why)
    verdicts.get_by_role("button", name=re.compile("Give (new )?verdict")).click()
    expect(page.get_by_text(f"Your verdict is recorded: {rating}.")).to_be_visible()


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_members_check_a_claim_from_the_first_visit_to_the_exported_report(
    served, browser: Browser, seeded, js
):
    address = served.config["ADDRESS"]
    key = served.extensions["configuration"].welcome_key()
    number = "2.2 million people evacuated their homes in Swat"

    def visit(path: str) -> Page:
        context = browser.new_context(base_url=address, java_script_enabled=js)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(path)
        return page

    # The first visit makes the owner, with the key that the terminal printed.
    owner = visit(f"/welcome?key={key}")
    enter(owner, "Owner Example", "owner@desk.example")
    owner.get_by_role("button", name="Open the desk").click()
    expect(owner.get_by_text("The desk is yours")).to_be_visible()

    # From the article to the claim beside its text.
    owner.get_by_role("navigation", name="Desk").get_by_role("link", name="Articles").click()
    owner.get_by_role("link", name=re.compile("^Security meeting")).first.click()
    owner.get_by_role("link", name=re.compile("2.2 million people evacuating")).first.click()
    expect(owner).to_have_url(re.compile(r"\?claim=\d+"))
    expect(owner.locator("#panel")).to_contain_text(number)
    owner.locator("#panel").get_by_role("link", name="Open claim").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text(number)

    # Two sources, one for and one against.
    add_evidence(owner, "Supports", "Made-up count of the displaced", "2.2 million were registered")
    expect(owner.locator("#evidence")).to_contain_text("million were registered")
    add_evidence(owner, "Refutes", "Made-up survey of the district", "the count covers a division")
    expect(owner.locator("#evidence")).to_contain_text("the count covers a division")
    judge(owner, "Half true", "The figure is the **division’s**, not Swat’s alone.")
    claim_address = owner.url

    # A second member comes by invitation and gives another verdict.
    owner.goto("/people")
    owner.get_by_role("radio", name=re.compile("^Reviewer")).check()
    owner.get_by_role("button", name="Make the link").click()
    link = owner.get_by_label(re.compile("Send this link")).input_value()
    second = visit(link.removeprefix(address))
    enter(second, "Reviewer Example", "reviewer@desk.example")
    second.get_by_role("button", name="Join the desk").click()
    expect(second.get_by_role("navigation", name="Desk")).to_be_visible()
    second.goto(claim_address)
    judge(second, "Mostly true", "The registered count is close to that.")
    expect(second.locator("#verdicts")).to_contain_text("Half true")
    expect(second.locator("#head")).to_contain_text("disputed")
    expect(second.get_by_role("button", name="Settle")).to_have_count(0)

    # The owner settles it and publishes the ruling.
    owner.goto(claim_address)
    ruling = owner.locator("#ruling")
    ruling.get_by_role("group", name="Rating").get_by_text("Half true", exact=True).click()
    ruling.get_by_label("Why, in words that a reader will see").fill("The count covers more.")
    ruling.get_by_role("button", name="Settle").click()
    expect(owner.get_by_text("Settled as Half true")).to_be_visible()
    owner.get_by_role("button", name="Publish this ruling").click()
    expect(owner.locator("#head")).to_contain_text("published")

    # The report, in five formats.
    owner.goto("/reports")
    owner.get_by_role("link", name=re.compile("^Security meeting")).click()
    report = owner.locator(".report")
    expect(report).to_contain_text(number)
    expect(report).to_contain_text("The count covers more.")
    expect(report).to_contain_text("Made-up survey of the district")
    files = {}
    for link in owner.locator("a[href*='/reports/export.']").all():
        ending = re.search(r"export\.(\w+)", link.get_attribute("href") or "").group(1)
        with owner.expect_download() as download:
            link.click()
        files[ending] = download.value.path().read_text(encoding="utf-8")
    assert set(files) >= {"html", "md", "csv", "json"}
    assert len(files) == 5
    for ending, text in files.items():
        assert number in text, ending
        assert "Half true" in text, ending
    assert json.loads(files["json"])["findings"][0]["statement"] == number

    found = ledger.verify(seeded)
    assert found.broken is None
    claim = seeded.exec(select(Claim).where(Claim.statement == number)).one()
    seeded.refresh(claim)
    assert claim.state == "published"
    for page in (owner, second):
        page.context.close()
