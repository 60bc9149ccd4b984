"""What every answer of the desk does to keep other sites, proxies and scripts out."""

import re
from pathlib import Path
from urllib.parse import urljoin

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from app import create_app
from claims import desk, ledger
from claims.configuration import Configuration
from claims.rules.vocabulary import Role
from claims.web import again
from tests.factories import a_claim, a_member, a_ruling, an_owner
from tests.web.test_access import routes

PASSWORD = "four made-up words"


def test_no_form_is_taken_without_the_token_of_this_session(guarded, session):
    a_claim(session)
    guarded.as_(an_owner(session))
    head = ledger.head(session)
    session.rollback()
    taken = []

    for endpoint, method, address in routes(guarded.application):
        if method == "GET":
            continue
        for token in ({}, {"csrf_token": "made up"}):
            response = guarded.open(address, method=method, data=token | {"name": "kept"})
            if response.status_code != 400 or "kept" not in response.text:
                taken.append((endpoint, method, response.status_code))

    assert taken == []
    assert ledger.head(session) == head


def test_the_token_of_a_page_is_taken(guarded, session):
    desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)
    session.commit()
    page = guarded.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = {"email": "ada@desk.example", "password": PASSWORD, "csrf_token": token}

    assert guarded.post("/sign-in", data=form).location == "/"

    page = guarded.get("/account").text
    header = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)[1]
    assert header != token
    response = guarded.post("/account/sessions/end", headers={"X-CSRFToken": header})
    assert response.location == "/sign-in"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/people", 200),
        ("/nonsense", 404),
        ("/healthz", 200),
        ("/static/desk.css", 200),
        ("/reports/export.csv?article=1", 200),
    ],
)
def test_every_answer_forbids_what_the_desk_does_not_need(client, session, address, status):
    a_ruling(session, a_claim(session))
    client.as_(an_owner(session))

    with client.get(address) as response:
        headers = response.headers

    assert response.status_code == status
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_a_browser_that_came_by_https_is_told_to_stay_with_it(client, session):
    answer = client.as_(an_owner(session)).get("/", base_url="https://desk.example")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_is_too_large_is_refused_in_words(client, session):
    client.as_(an_owner(session))

    answer = client.post(
        "/articles/new", data={"title": "Made-up", "text": "a" * (17 * 1024 * 1024)}
    )

    assert answer.status_code == 413
    assert "Send a smaller file or text." in answer.text


def by_proxy(database_url, tmp_path, proxies):
    configuration = Configuration(tmp_path / "p", database_url, "127.0.0.1", 0, proxies=proxies)
    app = create_app(configuration, TESTING=True, WTF_CSRF_ENABLED=False)
    response = app.test_client().post(
        "/sign-in",
        data={"email": "ada@desk.example", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
    )
    app.extensions["engine"].dispose()
    return response


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_a_proxy_is_believed_when_the_operator_says_that_there_is_one(
    database_url, session, tmp_path, proxies, secure
):
    desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)
    session.commit()

    response = by_proxy(database_url, tmp_path, proxies)

    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert ("Secure" in cookie) == secure
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert "evil.example" not in str(response.headers)


def test_the_keys_of_the_desk_are_readable_by_its_operator_only(tmp_path):
    configuration = Configuration(tmp_path / "desk", "sqlite://", "127.0.0.1", 0)
    configuration.prepare()

    key, welcome = configuration.secret_key(), configuration.welcome_key()

    assert key != welcome
    assert configuration.secret_key() == key
    assert len(key) >= 43
    assert configuration.keys.stat().st_mode & 0o077 == 0
    for path in Path(configuration.keys).iterdir():
        assert path.stat().st_mode & 0o077 == 0


PIECES = [
    *("/", "//", "\\", "\t", "\n", "\r", "\x00", "@", ":", ";", ".", "..", "%2f", "%5c", "%0a"),
    *("http:", "https://", "javascript:", "data:", "evil.example", "desk.example", "localhost"),
    *("claims", "?next=", "#", "[", "]", " ", "\uff0f", "\u3002", "\u2028", "\u202e", "\ud800"),
]


@given(wanted=st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text()))
@settings(max_examples=400, deadline=None)
def test_wherever_somebody_wants_to_go_after_signing_in_they_stay_at_the_desk(wanted):
    if not again.is_own(wanted):
        return

    # As browsers read it: blanks at the ends and line ends go, a backslash is a slash.
    read = re.sub(r"[\t\r\n]", "", wanted).strip("".join(map(chr, range(33)))).replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")
    assert urljoin("https://desk.example/sign-in", read).startswith("https://desk.example/")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_signs_in_is_led_to_their_page_or_to_the_desk(client, session):
    member = a_member(session, "Ada")
    client.as_(member)
    leads = {
        "/claims?q=dam&after=2": "/claims?q=dam&after=2",
        "//evil.example": "/",
        "/\\evil.example": "/",
        "/\t/evil.example": "/",
        "https://evil.example": "/",
        "javascript:alert(1)": "/",
        "//[": "/",
        "": "/",
    }

    for wanted, page in leads.items():
        answer = client.get("/sign-in", query_string={"next": wanted})

        assert answer.location == page, wanted

    odd = client.post("/claims/1/comments", headers={"Origin": "http://["})
    assert odd.status_code == 404
