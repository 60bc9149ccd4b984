"""Questions, leads and comments on the page of a claim."""

import re
from html import unescape

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.models import Event, Lead, Question
from claims.rules.vocabulary import QuestionStatus
from tests.factories import (
    a_claim,
    a_member,
    an_editor,
    an_owner,
)
from tests.web.test_claims import hidden


@pytest.fixture
def ada(session):
    # Before the desk has an owner, only the welcome page is open.
    an_owner(session)
    return a_member(session, "Ada Reviewer")


def test_a_question_is_asked_answered_and_opened_again(client, session, ada):
    claim = a_claim(session)
    evidence = queries.evidence.on_claim(session, claim).standing[0]
    client.as_(ada)
    address = f"/claims/{claim.id}/questions"

    asked = client.post(address, data={"text": "Litres or gallons?"})
    question = session.exec(select(Question)).one()
    form = client.get(f"{address}/{question.id}/answer").text
    client.post(
        f"{address}/{question.id}/answer",
        data={"answer": "Litres.", "evidence": evidence.id, "version": question.version},
    )
    page = client.get(f"/claims/{claim.id}").text

    assert asked.location == f"/claims/{claim.id}#question-{question.id}"
    assert f'action="{address}/{question.id}/answer"' in form
    assert "<html" in form
    assert "Litres." in page
    assert f'href="#evidence-{evidence.id}"' in page
    assert client.post(f"{address}/{question.id}/reopen").status_code == 303
    session.expire_all()
    assert question.status is QuestionStatus.OPEN
    assert client.post(f"{address}/{question.id}/reopen").status_code == 409


def test_a_question_is_not_answered_by_evidence_of_another_claim(client, session, ada):
    claim, other = a_claim(session), a_claim(session)
    question = desk.discussion.ask(session, claim, "Litres?", by=ada)
    session.commit()
    foreign = queries.evidence.on_claim(session, other).standing[0]

    page = client.as_(ada).post(
        f"/claims/{claim.id}/questions/{question.id}/answer",
        data={"answer": "Yes, litres.", "evidence": foreign.id, "version": question.version},
    )

    assert page.status_code == 422
    assert "Choose evidence that stands on this claim." in page.text or "evidence" in page.text
    assert "Yes, litres." in page.text


def test_what_was_just_asked_joins_the_list_while_other_forms_stay_as_they_are(
    client, session, ada
):
    claim = a_claim(session)
    client.as_(ada)
    headers = {"HX-Request": "true", "HX-Target": "ask"}

    answered = client.post(
        f"/claims/{claim.id}/questions", data={"text": "Litres?"}, headers=headers
    )
    parts = client.get(answered.location, headers=headers).text

    assert parts.lstrip().startswith('<div id="ask"')
    assert 'hx-swap-oob="beforeend:#question-list"' in parts
    assert "Litres?" in parts
    assert 'id="history" class="box" hx-swap-oob="true"' in parts
    assert 'id="questions"' not in parts
    assert 'id="verdicts"' not in parts


@pytest.mark.parametrize("sort", ["questions", "leads", "comments"])
def test_an_empty_form_says_so_and_adds_nothing(client, session, ada, sort):
    claim = a_claim(session)

    page = client.as_(ada).post(f"/claims/{claim.id}/{sort}", data={"text": "  "})

    assert page.status_code == 422
    assert page.text.count("Fill this in.") == 1


@pytest.mark.parametrize("sort", ["questions", "leads", "comments"])
def test_what_is_sent_twice_is_kept_once(client, session, ada, sort):
    claim = a_claim(session)
    client.as_(ada)
    page = client.get(f"/claims/{claim.id}").text
    address = f"/claims/{claim.id}/{sort}"
    form = {"text": "Only once", "once": hidden(page, "once", address)}

    for _ in range(2):
        assert client.post(address, data=form).status_code == 303

    added = [e for e in session.exec(select(Event)).all() if e.after.get("text") == "Only once"]
    assert len(added) == 1


def test_no_two_forms_of_a_page_share_the_token_that_makes_them_count_once(client, session, ada):
    claim = a_claim(session)
    desk.discussion.ask(session, claim, "Litres?", by=ada)
    session.commit()

    page = client.as_(ada).get(f"/claims/{claim.id}").text

    tokens = re.findall(r'name="once" value="([^"]+)"', page)
    assert len(tokens) >= 5
    assert len(set(tokens)) == len(tokens)


def test_two_who_answer_a_question_see_both_answers(client, session, ada):
    claim = a_claim(session)
    question = desk.discussion.ask(session, claim, "Litres or gallons?", by=ada)
    session.commit()
    read = question.version
    client.as_(ada)
    address = f"/claims/{claim.id}/questions/{question.id}/answer"

    client.post(address, data={"answer": "It is litres.", "version": read})
    page = client.post(address, data={"answer": "It is gallons.", "version": read})

    assert page.status_code == 409
    assert "<del>litres.</del><ins>gallons.</ins>" in page.text


def test_a_lead_is_marked_as_no_evidence_and_can_be_reworded(client, session, ada):
    claim = a_claim(session, evidence=[])
    client.as_(ada)
    client.post(f"/claims/{claim.id}/leads", data={"text": "The made-up register"})
    lead = session.exec(select(Lead)).one()
    address = f"/claims/{claim.id}/leads/{lead.id}"

    form = client.htmx("GET", f"{address}/edit", f"lead-{lead.id}")
    client.post(f"{address}/edit", data={"text": "The register of 1999", "version": lead.version})
    page = client.get(f"/claims/{claim.id}").text

    assert form.text.lstrip().startswith(f'<li id="lead-{lead.id}"')
    assert form.headers["HX-Retarget"] == f"#lead-{lead.id}"
    assert "The register of 1999" in page
    assert "not evidence" in page


@pytest.mark.parametrize("sort", ["questions", "leads", "comments"])
def test_what_was_said_is_withdrawn_with_a_reason_folded_away_and_restored(
    client, session, ada, sort
):
    claim = a_claim(session)
    client.as_(ada)
    added = client.post(f"/claims/{claim.id}/{sort}", data={"text": "Litres, I *think*"}).location
    one = f"{sort[:-1]}-{added.rpartition('-')[2]}"
    address = f"/claims/{claim.id}/{sort}/{added.rpartition('-')[2]}"

    asked = client.htmx("GET", f"{address}/withdraw", one)
    empty = client.post(f"{address}/withdraw", data={"reason": " "})
    assert "Fill this in." in empty.text
    client.post(f"{address}/withdraw", data={"reason": "Nobody measures there in litres."})
    page = client.get(f"/claims/{claim.id}").text
    history = client.get(f"/claims/{claim.id}/history").text

    assert asked.headers["HX-Retarget"] == f"#{one}"
    assert 'name="reason"' in asked.text
    gone = re.search(
        rf'<details class="more"[^>]*>.*?id="{one}".*?</details>|'
        rf'id="{one}".*?<details.*?</details>',
        page,
        re.DOTALL,
    )[0]
    for words in ("Nobody measures there in litres.", "Litres, I", "<bdi>Ada Reviewer</bdi>"):
        assert words in gone
    assert "Nobody measures there in litres." in history
    assert client.post(f"{address}/withdraw", data={"reason": "Twice"}).status_code == 409

    back = client.htmx("POST", f"{address}/restore", one)
    shown = client.htmx("GET", back.location, one).text

    assert "Nobody measures" not in shown.partition('id="history"')[0]
    assert f'href="{address}/withdraw"' in shown
    assert "brought back a" in client.get(f"/claims/{claim.id}/history").text
    assert client.post(f"{address}/restore").status_code == 409


def test_a_page_with_much_withdrawn_asks_the_database_as_often_as_one_without(
    client, session, statements, ada
):
    def asked(claim):
        client.get(f"/claims/{claim.id}")
        statements.forget()
        client.get(f"/claims/{claim.id}")
        return len(statements)

    bare, full = a_claim(session), a_claim(session)
    for n in range(4):
        for held in (
            desk.discussion.ask(session, full, f"Question {n}", by=ada),
            desk.discussion.hint(session, full, f"Lead {n}", by=ada),
            desk.discussion.comment(session, full, f"Comment {n}", by=ada),
        ):
            desk.discussion.withdraw(session, full, held, "Reason", by=ada)
        link = desk.claims.link(session, full, a_claim(session), "", by=ada)
        session.flush()
        desk.claims.unlink(session, link, "Reason", by=ada)
    session.commit()
    client.as_(ada)

    # One more for the names that the history of the other mentions.
    assert asked(full) <= asked(bare) + 1


def test_nobody_edits_what_another_said(client, session, ada):
    claim = a_claim(session)
    comment = desk.discussion.comment(session, claim, "Mine.", by=ada)
    session.commit()
    address = f"/claims/{claim.id}/comments/{comment.id}"
    client.as_(an_editor(session))

    refused = client.post(f"{address}/edit", data={"text": "Yours", "version": comment.version})
    page = client.get(f"/claims/{claim.id}").text

    assert refused.status_code == 409
    assert f'href="{address}/edit"' not in page
    assert f'href="{address}/withdraw"' in page


def test_a_long_discussion_shows_its_end_and_leads_to_its_beginning(client, session, ada):
    claim = a_claim(session)
    for n in range(35):
        desk.discussion.comment(session, claim, f"Comment number {n}.", by=ada)
    session.commit()
    client.as_(ada)

    page = client.get(f"/claims/{claim.id}").text
    before = unescape(re.search(r'id="earlier"[^>]*><a[^>]* hx-get="([^"]+)"', page)[1])
    earlier = client.htmx("GET", before, "earlier").text

    assert "Comment number 34." in page
    assert "Comment number 4." not in page.split('id="history"')[0]
    assert "Comment number 4." in earlier
    assert "Comment number 5." not in earlier.split("hx-swap-oob")[0]
    assert "Comment number 0." in client.get(before).text


@pytest.mark.parametrize(
    "address",
    [
        "questions/4711",
        "questions/4711/answer",
        "leads/4711/edit",
        "comments/4711/edit",
        "merge?into=4711",
    ],
)
def test_what_is_not_on_the_claim_is_not_found(client, session, ada, address):
    claim = a_claim(session)

    assert client.as_(ada).get(f"/claims/{claim.id}/{address}").status_code == 404
