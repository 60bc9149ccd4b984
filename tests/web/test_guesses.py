"""Whoever guesses passwords has to wait, and whoever knows theirs does not wait for them."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from app import create_app
from claims import database, desk, passwords
from claims.configuration import Configuration
from claims.models import Guesses
from claims.rules import throttle
from claims.rules.vocabulary import Role
from tests.conftest import DeskClient

PASSWORD = "four made-up words"
WRONG = "four wrong words"


@pytest.fixture
def ada(session):
    member = desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, PASSWORD, by=None)
    session.commit()
    return member


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves on."""

    class Clock:
        at = datetime(2026, 11, 25, 12, tzinfo=UTC)

        def on(self, **by):
            self.at += timedelta(**by)

    clock = Clock()
    monkeypatch.setattr("claims.desk.guesses.now", lambda: clock.at)
    return clock


def sign_in(client, email="ada@desk.example", password=PASSWORD, *, by="192.0.2.1"):
    return client.post(
        "/sign-in",
        data={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": by},
    )


def guess(client, times, **options):
    return [sign_in(client, password=WRONG, **options).status_code for _ in range(times)]


def test_a_guesser_waits_ever_longer_and_the_page_says_how_long(client, session, ada, clock):
    assert guess(client, 4) == [422] * 4
    fifth = sign_in(client, password=WRONG)
    assert "The next try can be made in 30 seconds." in fifth.text

    sixth = sign_in(client)

    assert sixth.status_code == 429
    assert sixth.headers["Retry-After"] == "30"
    assert "too many wrong tries. Wait 30 seconds" in sixth.text
    assert 'value="ada@desk.example"' in sixth.text
    clock.on(seconds=31)
    assert guess(client, 2) == [422, 429]
    clock.on(minutes=1)
    assert sign_in(client).location == "/"


def test_a_right_password_clears_the_count(app, client, ada, clock):
    guess(client, 4)
    assert sign_in(client).status_code == 303

    assert guess(app.test_client(), 4) == [422] * 4


def test_an_unknown_email_is_counted_and_answered_as_a_known_one(client, ada, clock, monkeypatch):
    hashed = []
    matches = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *a: hashed.append(1) or matches(*a))

    def answers(email):
        found = []
        for _ in range(7):
            response = sign_in(client, email=email, password=WRONG)
            tokens = r'(csrf[-_]token" (?:value|content)=)"[^"]*"'
            text = re.sub(tokens, r"\1", response.text.replace(email, ""))
            found.append((response.status_code, response.headers.get("Retry-After"), text))
        return found

    assert answers("ada@desk.example") == answers("nobody@desk.example")
    # Neither costs a hash while it has to wait.
    assert len(hashed) == 10


def test_a_stranger_cannot_lock_a_member_out_of_a_browser_they_use(app, client, ada, clock):
    sign_in(client)
    client.post("/sign-out")
    stranger = app.test_client()
    assert guess(stranger, 6, by="198.51.100.7")[-1] == 429

    assert sign_in(app.test_client()).status_code == 429
    assert sign_in(client).location == "/"
    # What made the browser known is of no use to guess elsewhere, or at somebody else.
    client.post("/sign-out")
    assert guess(client, 6)[-1] == 429
    assert sign_in(client, "ben@desk.example").status_code == 422
    clock.on(minutes=16)
    assert sign_in(app.test_client()).location == "/"


def test_a_browser_that_only_says_it_is_known_is_a_stranger(app, ada, clock):
    client = app.test_client()
    client.set_cookie("desk_browser", "eyJhY2NvdW50cyI6W119.forged", path="/sign-in")

    assert guess(client, 6)[-1] == 429


def test_an_address_that_guesses_at_many_accounts_waits_too(app, client, ada, clock):
    for n in range(50):
        response = sign_in(client, f"nobody{n}@desk.example", WRONG)
    assert "The next try can be made in 30 seconds." in response.text

    assert sign_in(client, "another@desk.example").status_code == 429
    assert sign_in(client, by="192.0.2.2").location == "/"


def test_a_newsroom_that_signs_in_all_day_from_one_address_is_not_held_up(app, ada, clock):
    for _ in range(120):
        assert sign_in(app.test_client()).status_code == 303


def test_one_customers_whole_ipv6_network_is_one_address(client, ada, clock):
    for n in range(50):
        sign_in(client, f"nobody{n}@desk.example", WRONG, by=f"2001:db8:1:2::{n:x}")

    assert sign_in(client, "x@desk.example", by="2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(client, "x@desk.example", by="2001:db8:1:3::1").status_code == 422


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_address_is_the_one_that_a_trusted_proxy_names(
    database_url, tmp_path, ada, clock, proxies
):
    configuration = Configuration(tmp_path / "p", database_url, "127.0.0.1", 0, proxies=proxies)
    app = create_app(configuration, TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()

    def ask(n, address):
        form = {"email": f"nobody{n}@desk.example", "password": WRONG}
        forwarded = {"X-Forwarded-For": f"1.1.1.{n}, {address}"}
        return client.post("/sign-in", data=form, headers=forwarded).status_code

    assert [ask(n, "192.0.2.1") for n in range(50)] == [422] * 50
    assert ask(51, "192.0.2.1") == 429
    # Without a proxy to believe, the header is anybody's invention.
    assert ask(52, "192.0.2.9") == (422 if proxies else 429)
    app.extensions["engine"].dispose()


def test_a_password_asked_for_on_the_account_page_cannot_be_guessed_either(client, ada, clock):
    client.as_(ada)
    forms = {
        "/account/email": {"email": "eve@desk.example"},
        "/account/password": {"password": "another four words", "password_again": ""},
    }
    forms["/account/password"]["password_again"] = forms["/account/password"]["password"]
    wrong = [
        client.post(address, data=form | {"old_password": WRONG}).status_code
        for address, form in [*forms.items()] * 3
    ]
    assert wrong == [422] * 5 + [429]

    for address, form in forms.items():
        response = client.post(address, data=form | {"old_password": PASSWORD})
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "30"
        assert "Wait 30 seconds, then try again." in response.text
    assert (
        'value="eve@desk.example"'
        in client.post(
            "/account/email", data=forms["/account/email"] | {"old_password": PASSWORD}
        ).text
    )
    clock.on(seconds=31)
    assert (
        client.post(
            "/account/email", data={"email": "a@desk.example", "old_password": PASSWORD}
        ).location
        == "/account"
    )


def test_the_welcome_key_cannot_be_guessed(app, client, clock):
    key = app.extensions["configuration"].welcome_key()
    assert [client.get(f"/welcome?key=guess{n}").status_code for n in range(50)] == [403] * 50

    refused = client.get(f"/welcome?key={key}")

    assert refused.status_code == 429
    assert "Wait 30 seconds" in refused.text
    clock.on(seconds=31)
    assert client.get(f"/welcome?key={key}").status_code == 200


def test_neither_emails_nor_addresses_are_kept(client, session, ada):
    guess(client, 2)

    rows = session.exec(select(Guesses)).all()

    assert len(rows) == 3
    assert all(re.fullmatch(r"[0-9a-f]{64}|turn", row.key) for row in rows)


def test_what_is_forgotten_is_cleared_away(client, session, ada, clock):
    guess(client, 6)
    clock.on(hours=3)

    sign_in(client, "ben@desk.example", WRONG)

    session.rollback()
    keys = session.exec(select(Guesses.key)).all()
    assert len(keys) == 3
    assert {"turn"} < set(keys)


def test_guesses_made_at_the_same_moment_in_two_processes_do_not_slip_through(
    database_url, tmp_path, ada
):
    apps = [
        create_app(
            Configuration(tmp_path / "shared", database_url, "127.0.0.1", 0),
            TESTING=True,
            WTF_CSRF_ENABLED=False,
        )
        for _ in range(2)
    ]
    for app in apps:
        app.test_client_class = DeskClient
    together = threading.Barrier(16)
    statuses = []

    def go(n):
        client = apps[n % 2].test_client()
        together.wait()
        statuses.append(sign_in(client, password=WRONG, by=f"192.0.2.{n}").status_code)

    threads = [threading.Thread(target=go, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [422] * 5 + [429] * 11
    for app in apps:
        app.extensions["engine"].dispose()


def test_counting_holds_nothing_while_a_request_goes_on(engine, session):
    limits = {"somebody": throttle.ACCOUNT}
    with database.session(engine) as other:
        desk.guesses.count(other, limits)
        other.commit()

        assert desk.guesses.count(session, limits).before == timedelta(0)
        session.commit()
        assert desk.guesses.count(other, limits).before == timedelta(0)
