"""Whoever is signed out while writing signs in again and finds every word."""

import re
from datetime import timedelta

import itsdangerous
import pytest
from sqlmodel import select

from claims import desk
from claims.models import Comment, Member
from claims.rules.vocabulary import Role
from tests.factories import a_claim
from tests.web.test_again import as_form, form_of

WORDS = "A sentence that nobody may lose.\n\nAnd another, in Urdu: یہ جملہ۔"
PASSWORD = "four made-up words"


@pytest.fixture
def ada(session):
    member = desk.members.add(
        session, "Ada Reviewer", "ada@desk.example", Role.OWNER, PASSWORD, by=None
    )
    session.commit()
    return member


def token(page):
    return re.search(r'<meta name="csrf-token" content="([^"]+)"', page)[1]


def typed_in(answer, **more):
    """The sign-in form of a page, filled in by a browser and its member."""
    action, pairs = form_of(answer)
    return action, as_form([p for p in pairs if p[0] not in more]) | more


def test_what_was_being_sent_waits_behind_the_sign_in_and_is_not_sent_unseen(
    guarded,
    session,
    ada,
):
    claim = a_claim(session)
    address = f"/claims/{claim.id}/verdicts"
    typed = {"rating": "false", "rationale": WORDS, "rests_on": ["1", "2"], "once": "this-form"}
    session.rollback()

    asked = guarded.post(address, data=typed)
    assert asked.status_code == 401
    assert "You were signed out while you were writing" in asked.text
    action, form = typed_in(asked, email="ada@desk.example", password="not these words")
    asked = guarded.post(action, data=form)
    assert asked.status_code == 422
    assert "do not belong together" in asked.text
    action, form = typed_in(asked, email="ada@desk.example", password=PASSWORD)
    back = guarded.post(action, data=form)

    assert back.status_code == 200
    assert "You are signed in as Ada Reviewer" in back.text
    assert "is not sent yet" in back.text
    action, pairs = form_of(back)
    assert action == address
    kept = [pair for pair in pairs if pair[0] != "csrf_token"]
    assert kept == [
        ("once", "this-form"),
        ("rating", "false"),
        ("rationale", WORDS),
        ("rests_on", "1"),
        ("rests_on", "2"),
    ]
    assert guarded.post(action, data=as_form(pairs)).status_code in {303, 409}


def test_words_that_another_site_put_into_the_form_are_not_carried_along(guarded, session, ada):
    claim = a_claim(session)

    asked = guarded.post(
        f"/claims/{claim.id}/comments",
        data={"text": "Made-up words of another site"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert asked.status_code == 401
    assert "Made-up words of another site" not in asked.text


def test_a_form_never_waits_for_an_address_of_somebody_else(client, ada):
    form = {"email": "ada@desk.example", "password": PASSWORD, "carried.field.text": "x"}

    answer = client.post("/sign-in", data=form | {"carried.action": "//evil.example/claims"})

    assert answer.status_code == 303


def test_a_form_is_taken_as_long_as_the_session_lasts_and_kept_after_it(
    guarded,
    session,
    ada,
    monkeypatch,
):
    address = f"/claims/{a_claim(session).id}"
    session.rollback()

    def page_of(age):
        """The token of a page that was opened so long ago, in a session of that time."""
        with monkeypatch.context() as then:
            stamp = itsdangerous.TimestampSigner.get_timestamp
            seconds = int(age.total_seconds())
            then.setattr(
                itsdangerous.TimestampSigner, "get_timestamp", lambda self: stamp(self) - seconds
            )
            guarded.as_(session.get(Member, ada.id))
            with guarded.session_transaction() as cookie:
                cookie.permanent = True
            page = guarded.get(address).text
        session.rollback()
        return token(page)

    for age, status in ((timedelta(days=2), 303), (timedelta(days=32), 401)):
        form = {"text": f"Written {age.days} days ago", "csrf_token": page_of(age)}
        answer = guarded.post(f"{address}/comments", data=form)
        assert answer.status_code == status

    assert "Written 32 days ago" in answer.text
    assert session.exec(select(Comment.text)).all() == ["Written 2 days ago"]


def test_under_htmx_a_fresh_token_is_fetched_for_the_page_that_stayed(guarded, session, ada):
    address = f"/claims/{a_claim(session).id}/comments"
    stale = {"text": WORDS, "csrf_token": "of another session"}

    out = guarded.htmx("POST", address, "remark", data=stale)
    asked = guarded.htmx("GET", "/sign-in", "sign_in")
    action, form = typed_in(asked, email="ada@desk.example", password=PASSWORD)
    entered = guarded.htmx("POST", action, "sign_in", data=form)
    told = guarded.htmx("POST", address, "remark", data=stale)
    fresh = guarded.get("/session")
    sent = guarded.htmx(
        "POST", address, "remark", data={"text": WORDS} | {"csrf_token": fresh.json["token"]}
    )

    assert (out.status_code, entered.status_code, sent.status_code) == (401, 204, 303)
    assert "<html" not in asked.text
    assert (told.status_code, told.headers["X-Stale-Token"]) == (400, "1")
    assert (fresh.json["member"], fresh.json["name"]) == (ada.id, "Ada Reviewer")
    assert fresh.headers["Cache-Control"] == "no-store"
