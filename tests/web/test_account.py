import re
from datetime import timedelta

import pytest

from claims import desk, passwords
from claims.passwords import Cost
from claims.rules.vocabulary import Role
from tests.factories import a_member, an_owner

PASSWORD = "four made-up words"


@pytest.fixture
def ada(session):
    member = desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)
    session.commit()
    return member


def sign_in(client, email="ada@desk.example", password=PASSWORD, **fields):
    return client.post("/sign-in", data={"email": email, "password": password, **fields})


def test_a_member_signs_in_and_lands_on_the_desk(client, ada):
    response = sign_in(client, email=" ADA@desk.example ")

    assert (response.status_code, response.location) == (303, "/")
    assert client.get("/account").status_code == 200


def test_a_member_whose_password_was_kept_at_another_cost_signs_in(session, client, ada):
    session.rollback()
    passwords.set_cost(Cost(passes=1, memory=16, lanes=1))
    try:
        assert sign_in(client).status_code == 303
    finally:
        passwords.set_cost(Cost(passes=1, memory=8, lanes=1))

    session.refresh(ada)
    assert "m=16," in ada.password_hash


def test_whoever_was_sent_to_sign_in_arrives_where_they_wanted_to(client, ada):
    sent = client.get("/ledger?about=claim")
    assert sent.location == "/sign-in?next=/ledger?about%3Dclaim"
    form = client.get(sent.location)
    assert "Sign in to go on." in form.text
    hidden = re.search(r'name="next" value="([^"]*)"', form.text)[1]

    assert sign_in(client, next=hidden).location == "/ledger?about=claim"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_signing_in_leads_nowhere_outside_the_desk(client, ada, elsewhere):
    assert sign_in(client, next=elsewhere).location == "/"


def test_a_failed_sign_in_does_not_tell_whether_the_account_exists(client, session, ada):
    gone = desk.members.add(session, "G", "gone@desk.example", Role.VIEWER, PASSWORD, by=None)
    desk.members.remove(session, gone, by=None)
    session.commit()

    def answer(email, password):
        response = sign_in(client, email=email, password=password)
        assert response.status_code == 422
        assert f'value="{email}"' in response.text
        assert password not in response.text
        # The token of a form tells the second in which it was made.
        tokens = r'(csrf[-_]token" (?:value|content)=)"[^"]*"'
        return re.sub(tokens, r"\1", response.text.replace(email, ""))

    wrong = answer("ada@desk.example", "four wrong words")
    unknown = answer("eve@desk.example", PASSWORD)
    former = answer("gone@desk.example", PASSWORD)

    assert "do not belong together" in wrong
    assert wrong == unknown == former


def test_an_endless_password_is_wrong_like_any_other(client, ada):
    assert "do not belong together" in sign_in(client, password="x" * 100_000).text


def test_whoever_is_signed_in_does_not_sign_in_again(client, ada):
    assert client.as_(ada).get("/sign-in?next=/ledger").location == "/ledger"


def test_signing_out_ends_the_session(client, ada):
    client.as_(ada)

    response = client.post("/sign-out")

    assert response.location == "/sign-in"
    assert client.get("/account").status_code == 303


def cookie(response):
    [header] = [h for h in response.headers.getlist("Set-Cookie") if h.startswith("desk=")]
    return header


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client, ada):
    header = cookie(sign_in(client))

    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_a_session_that_began_by_https_is_sent_by_https_only(app, ada):
    client = app.test_client()
    response = client.post(
        "/sign-in",
        data={"email": ada.email, "password": PASSWORD},
        base_url="https://desk.example",
    )

    assert "Secure" in cookie(response)


def test_a_session_lasts_for_a_month_and_longer_when_it_is_used(app, client, ada):
    sign_in(client)
    assert app.permanent_session_lifetime == timedelta(days=31)
    first = client.get("/account")
    assert "Expires" in cookie(first)
    assert "Set-Cookie" not in client.get("/account").headers

    with client.session_transaction() as session:
        session["day"] = "2026-01-01"

    assert "Expires" in cookie(client.get("/account"))


def test_a_file_is_sent_without_a_cookie(client, ada):
    sign_in(client)

    with client.get("/static/desk.css") as response:
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers


def test_signing_in_begins_a_new_session(client, ada):
    with client.session_transaction() as session:
        session["csrf_token"] = "planted by somebody else"

    sign_in(client)

    with client.session_transaction() as session:
        assert "csrf_token" not in session


def test_a_member_takes_another_name(client, ada):
    client.as_(ada)
    form = {"name": "Ada Augusta", "version": ada.version}

    response = client.post("/account/name", data=form, follow_redirects=True)

    assert "Your name is saved." in response.text
    assert 'value="Ada Augusta"' in response.text


def test_a_name_that_was_changed_elsewhere_is_not_overwritten(client, session, ada):
    client.as_(ada)
    read = ada.version
    desk.members.rename(session, "Ada King", by=ada, read=read)
    session.commit()

    response = client.post("/account/name", data={"name": "Ada Augusta", "version": read})

    assert response.status_code == 409
    assert "Ada King" in response.text
    assert "Ada Augusta" in response.text


def test_an_email_changes_with_the_password_only(client, session, ada):
    client.as_(ada)
    form = {"email": "countess@desk.example", "old_password": "four wrong words"}

    refused = client.post("/account/email", data=form)
    assert refused.status_code == 422
    assert "That is not your password." in refused.text
    assert 'value="countess@desk.example"' in refused.text

    changed = client.post("/account/email", data=form | {"old_password": PASSWORD})
    assert changed.location == "/account"
    client.post("/sign-out")
    assert sign_in(client, email="countess@desk.example").location == "/"


def test_an_email_that_somebody_else_has_is_refused(client, session, ada):
    other = a_member(session)

    response = client.as_(ada).post(
        "/account/email", data={"email": other.email, "old_password": PASSWORD}
    )

    assert response.status_code == 422
    assert "has this e-mail already" in response.text


def test_a_new_password_ends_every_other_session_and_keeps_this_one(app, client, ada):
    elsewhere = app.test_client()
    assert sign_in(elsewhere).location == "/"
    sign_in(client)
    new = "another four made-up words"
    form = {"old_password": PASSWORD, "password": new, "password_again": new}

    response = client.post("/account/password", data=form, follow_redirects=True)

    assert "signed out everywhere else" in response.text
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert sign_in(elsewhere).status_code == 422
    assert sign_in(elsewhere, password=new).location == "/"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old_password": "four wrong words"}, "That is not your password."),
        ({"password": "short", "password_again": "short"}, "at least 12 characters"),
        ({"password_again": "something else"}, "not the same password"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(client, ada, change, words):
    client.as_(ada)
    new = "another four made-up words"
    form = {"old_password": PASSWORD, "password": new, "password_again": new}

    response = client.post("/account/password", data=form | change)

    assert response.status_code == 422
    assert words in response.text
    client.post("/sign-out")
    assert sign_in(client).location == "/"


def test_signing_out_everywhere_ends_every_session(app, client, ada):
    elsewhere = app.test_client()
    sign_in(elsewhere)
    sign_in(client)

    response = client.post("/account/sessions/end")

    assert response.location == "/sign-in"
    assert client.get("/account").status_code == 303
    assert elsewhere.get("/account").status_code == 303


def test_a_removed_member_is_signed_out_at_once(client, session, ada):
    owner = an_owner(session)
    sign_in(client)
    desk.members.remove(session, ada, by=owner)
    session.commit()

    assert client.get("/account").status_code == 303


def test_a_form_sent_after_the_session_ended_shows_what_was_typed_but_no_password(client, ada):
    response = client.post(
        "/account/email", data={"email": "kept@desk.example", "old_password": "not shown here"}
    )

    assert response.status_code == 401
    assert "kept@desk.example" in response.text
    assert "not shown here" not in response.text
