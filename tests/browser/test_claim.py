"""Work around a claim in a real browser, with and without a script."""

import pytest
from playwright.sync_api import expect

from claims import desk
from tests.factories import a_claim, a_member, an_article, an_owner


@pytest.fixture
def ada(session):
    an_owner(session)
    return a_member(session, "Ada Reviewer")


def test_questions_leads_and_words_are_added_while_a_verdict_is_half_written(sign_in, session, ada):
    claim = a_claim(session)
    page = sign_in(ada)
    page.goto(f"/claims/{claim.id}")
    why = page.get_by_label("Why, in words that a reader will see")
    why.fill("Half-written.")

    page.get_by_text("Ask a question").click()
    page.get_by_label("What has to be answered?").fill("Litres or gallons?")
    page.get_by_role("button", name="Ask", exact=True).click()
    question = page.locator("#question-list > li")
    expect(question).to_contain_text("Litres or gallons?")
    expect(page.get_by_text("Ask a question")).to_be_focused()
    question.get_by_role("link", name="Answer").click()
    answer = page.get_by_label("The answer, or why there is none")
    expect(answer).to_be_focused()
    answer.fill("Litres.")
    page.get_by_role("button", name="Save the answer").click()
    expect(question).to_contain_text("Litres.")

    page.get_by_text("Add a lead").click()
    page.get_by_label("Where could one look?").fill("The made-up register")
    page.get_by_role("button", name="Add", exact=True).last.click()
    lead = page.locator("#lead-list > li")
    lead.get_by_role("link", name="Withdraw").click()
    expect(lead.get_by_label("Why is this lead withdrawn?")).to_be_focused()
    page.keyboard.type("That register was never kept.")
    lead.get_by_role("button", name="Withdraw").click()
    expect(lead).to_contain_text("by Ada Reviewer: That register was never kept.")
    expect(lead).to_be_focused()
    lead.get_by_role("button", name="Restore").click()
    expect(lead.get_by_role("link", name="Withdraw")).to_be_visible()

    said = page.get_by_label("Say something to the others")
    said.fill("It **is** litres.")
    said.press("Control+Enter")
    expect(page.locator("#comment-list")).to_contain_text("It is litres.")
    expect(page.get_by_label("Say something to the others")).to_be_focused()

    page.get_by_role("link", name="Edit", exact=True).first.click()
    page.get_by_label("The claim, in our words").fill("The made-up dam leaks")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="The made-up dam leaks")).to_be_focused()
    expect(page.locator("#history")).to_contain_text("reworded the claim")
    expect(why).to_have_value("Half-written.")


def test_without_a_script_a_claim_is_worked_on_all_the_same(sign_in, session, ada):
    article = an_article(session)
    claim, other = a_claim(session, article=article), a_claim(session, article=article)
    desk.discussion.ask(session, claim, "Litres or gallons?", by=ada)
    session.commit()
    page = sign_in(ada, js=False)
    page.goto(f"/claims/{claim.id}")

    page.get_by_role("link", name="Answer").click()
    page.get_by_label("The answer, or why there is none").fill("Litres.")
    page.get_by_role("button", name="Save the answer").click()
    expect(page.locator("#question-list")).to_contain_text("Litres.")

    page.locator("#head summary").click()
    page.get_by_role("button", name="Ada Reviewer (you)").click()
    expect(page.locator("#head summary")).to_have_text("With you")

    page.get_by_role("link", name="Split").click()
    page.get_by_label("What it says").first.fill("The dam was raised")
    page.get_by_role("button", name="Split the claim").click()
    expect(page.locator("#related")).to_contain_text("The dam was raised")

    page.get_by_role("link", name="Merge").click()
    page.get_by_role("searchbox", name="Number or words").fill(str(other.number))
    page.get_by_role("button", name="Look").click()
    page.locator("#candidates").get_by_role("radio").check()
    page.get_by_role("button", name="See both side by side").click()
    page.get_by_role("button", name="Merge them").click()
    expect(page).to_have_url(f"{page.url.partition('/claims')[0]}/claims/{other.id}")
    expect(page.locator("#question-list")).to_contain_text("Litres.")
    page.goto(f"/claims/{claim.id}")
    page.get_by_role("link", name=f"claim {other.number}").first.click()
    expect(page).to_have_url(f"{page.url.partition('/claims')[0]}/claims/{other.id}")
