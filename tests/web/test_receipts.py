"""A form that is sent twice makes one record, and other words under its token are not dropped."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from claims import desk
from claims.models import Comment, Receipt, Source
from claims.models.columns import now
from claims.web import receipts
from tests.conftest import DeskClient
from tests.factories import a_claim, a_member
from tests.web.test_again import as_form, form_of

WORDS = "A sentence that nobody may lose."


@pytest.fixture
def ada(session, client):
    member = a_member(session, "Ada Reviewer")
    client.as_(member)
    return member


@pytest.fixture
def comments(session, ada):
    return f"/claims/{a_claim(session, by=ada).id}/comments"


def said(session):
    session.rollback()
    return [comment.text for comment in session.exec(select(Comment).order_by(Comment.id)).all()]


def test_back_and_submit_again_leads_to_what_was_made(client, session, comments):
    form = {"text": WORDS, "once": "this-form"}

    first, second = (client.post(comments, data=form) for _ in range(2))

    assert (second.status_code, second.location) == (303, first.location)
    assert said(session) == [WORDS]


def test_back_and_other_words_are_shown_and_kept_beside_what_was_saved(client, session, comments):
    first = client.post(comments, data={"text": WORDS, "once": "this-form"})

    answer = client.post(comments, data={"text": "Other words.", "once": "this-form"})

    assert answer.status_code == 409
    assert "This form was sent before" in answer.text
    assert f'href="{first.location}"' in answer.text
    assert said(session) == [WORDS]
    action, pairs = form_of(answer)
    assert ("text", "Other words.") in pairs
    assert ("once", "this-form") not in pairs
    client.post(action, data=as_form(pairs))
    client.post(action, data=as_form(pairs))
    assert said(session) == [WORDS, "Other words."]


def test_under_htmx_the_other_words_stay_in_the_place_of_their_form(client, session, comments):
    client.post(comments, data={"text": WORDS, "once": "this-form"})
    form = {"text": "Other words.", "once": "this-form"}

    answer = client.htmx("POST", comments, "remark", data=form)

    assert answer.status_code == 409
    assert answer.text.lstrip().startswith('<section class="sheet form" id="remark"')
    assert 'hx-target="#remark"' in answer.text


def test_a_form_that_arrives_twice_at_the_same_moment_makes_one_record(app, session, ada):
    claim = a_claim(session, by=ada)
    source = {"title": "Made-up register", "type": "book", "url": "https://dams.example/"}
    edit = {"statement": "It leaks", "kind": "fact", "version": claim.version}
    name = {"name": "Ada Countess", "version": ada.version}
    session.rollback()

    for address, form in (
        (f"/claims/{claim.id}/comments", {"text": WORDS}),
        ("/sources", source),
        (f"/claims/{claim.id}/edit", edit),
        ("/account/name", name),
    ):
        answers = at_once(app, ada, address, form | {"once": f"this-form-{address}"})

        assert [answer.status_code for answer in answers] == [303] * 4, address
        assert len({answer.location for answer in answers}) == 1

    assert said(session) == [WORDS]
    assert len(session.exec(select(Source).where(Source.url == source["url"])).all()) == 1


def at_once(app, member, address, form):
    app.test_client_class = DeskClient
    start, answers = threading.Barrier(4), []

    def send():
        client = app.test_client().as_(member)
        start.wait()
        answers.append(client.post(address, data=form))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_same_words_under_another_token_are_sent_twice_only_if_that_is_meant(
    client, session, comments
):
    first = client.post(comments, data={"text": WORDS, "once": "this-form"})

    answer = client.post(comments, data={"text": WORDS, "once": "fetched-anew"})

    assert answer.status_code == 409
    assert "You sent exactly this before" in answer.text
    assert f'It was just now, and it is recorded: <a href="{first.location}">' in answer.text
    assert said(session) == [WORDS]
    action, pairs = form_of(answer)
    sent = [client.post(action, data=as_form(pairs)) for _ in range(2)]
    assert [again.status_code for again in sent] == [303, 303]
    assert said(session) == [WORDS, WORDS]
    third = client.htmx("POST", comments, "remark", data={"text": WORDS, "once": "a-third"})
    assert third.status_code == 409
    assert third.text.lstrip().startswith('<section class="sheet form" id="remark"')


def test_another_member_another_place_and_another_day_may_say_the_same(client, session, comments):
    elsewhere = f"/claims/{a_claim(session).id}/comments"
    client.post(comments, data={"text": WORDS, "once": "this-form"})

    others = [client.post(elsewhere, data={"text": WORDS, "once": "elsewhere"})]
    receipt = session.get(Receipt, "this-form")
    receipt.created_at -= timedelta(hours=2)
    session.commit()
    others.append(client.post(comments, data={"text": WORDS, "once": "later"}))
    client.as_(a_member(session, "Bo Reviewer"))
    others.append(client.post(comments, data={"text": WORDS, "once": "bo"}))

    assert [answer.status_code for answer in others] == [303] * 3
    assert said(session) == [WORDS] * 4


def test_what_goes_to_and_fro_is_never_asked_about(client, session, ada):
    claim = a_claim(session, by=ada)
    question = desk.discussion.ask(session, claim, "How much?", by=ada)
    session.commit()
    at = f"/claims/{claim.id}/questions/{question.id}"
    rounds = [(f"{at}/withdraw", {"reason": "Asked before."}), (f"{at}/restore", {})] * 2
    rounds += [(f"/claims/{claim.id}/assign", {"member": who}) for who in (ada.id, "", ada.id)]

    answers = [
        client.post(address, data=form | {"once": f"form-{number}"})
        for number, (address, form) in enumerate(rounds)
    ]

    assert {answer.status_code for answer in answers} == {303}


def test_whatever_is_asked_about_is_a_form_of_the_desk(app):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}

    assert posts >= receipts._ADDING


def test_the_browser_that_keeps_a_draft_can_ask_whether_it_was_taken(client, comments):
    client.post(comments, data={"text": "  ", "once": "refused"})
    client.post(comments, data={"text": WORDS, "once": "taken"})

    assert client.get("/receipts/taken").status_code == 204
    assert client.get("/receipts/refused").status_code == 404


def test_receipts_are_cleared_away_when_nobody_asks_for_them_any_more(session):
    ages = {"old": timedelta(days=91), "of last month": timedelta(days=61), "new": timedelta()}
    for token, age in ages.items():
        session.add(Receipt(token=token, location="/", created_at=now() - age))
    session.commit()

    desk.receipts.forget_old(session)

    assert set(session.exec(select(Receipt.token)).all()) == {"of last month", "new"}
