import pytest
from sqlmodel import select

from claims import queries
from claims.models import Event, Member
from claims.rules.vocabulary import Role
from tests.factories import an_owner

ADA = {
    "name": "Ada",
    "email": "Ada@desk.example",
    "password": "four made-up words",
    "password_again": "four made-up words",
}


@pytest.fixture
def key(app):
    return app.extensions["configuration"].welcome_key()


def test_a_new_desk_leads_every_visitor_to_its_welcome_page(client):
    response = client.get("/claims")

    assert (response.status_code, response.location) == (303, "/welcome")


@pytest.mark.parametrize("address", ["/welcome", "/welcome?key=", "/welcome?key=guessed"])
def test_without_the_key_the_welcome_page_says_where_it_is(client, address):
    response = client.get(address)

    assert response.status_code == 403
    assert "Look at the terminal" in response.text
    assert "<form" not in response.text


def test_the_key_makes_the_first_owner_and_signs_them_in(client, session, key):
    assert "Open the desk" in client.get(f"/welcome?key={key}").text

    response = client.post("/welcome", data={"key": key, **ADA})

    assert (response.status_code, response.location) == (303, "/")
    owner = session.exec(select(Member)).one()
    assert (owner.name, owner.email, owner.role) == ("Ada", "ada@desk.example", Role.OWNER)
    assert "Welcome, \u2068Ada\u2069." in client.get("/account").text


def test_the_key_works_once(app, client, session, key):
    client.post("/welcome", data={"key": key, **ADA})

    assert not (app.extensions["configuration"].keys / "welcome").exists()
    other = app.test_client()
    assert other.get(f"/welcome?key={key}").location == "/sign-in"
    eve = {"key": key, **ADA, "email": "eve@desk.example"}
    assert other.post("/welcome", data=eve).location == "/sign-in"
    assert len(session.exec(select(Member)).all()) == 1


def test_no_owner_is_made_without_the_key(client, session):
    response = client.post("/welcome", data={"key": "guessed", **ADA})

    assert response.status_code == 403
    assert not queries.members.any_owner(session)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "short", "password_again": "short"}, "at least 12 characters"),
        ({"password_again": "four other words"}, "not the same password"),
        ({"email": "ada"}, "Write an e-mail address"),
        ({"name": " "}, "Fill this in."),
        ({"password": "ada@desk.example", "password_again": "ada@desk.example"}, "something else"),
    ],
)
def test_a_form_with_a_mistake_comes_back_as_it_was_typed(client, session, key, change, words):
    response = client.post("/welcome", data={"key": key, **ADA, **change})

    assert response.status_code == 422
    assert words in response.text
    assert f'value="{change.get("email", ADA["email"])}"' in response.text
    assert key in response.text
    assert ADA["password"] not in response.text
    assert session.exec(select(Member)).all() == []
    assert (client.application.extensions["configuration"].keys / "welcome").exists()


def test_a_page_with_the_key_is_kept_by_no_cache(client, key):
    response = client.get(f"/welcome?key={key}")

    assert response.headers["Cache-Control"] == "no-store"


def test_the_desk_tells_in_its_ledger_who_came_first(client, session, key):
    client.post("/welcome", data={"key": key, **ADA})

    event = session.exec(select(Event).order_by(Event.seq.desc())).first()
    assert (event.action, event.actor) == ("first owner made", "Ada")


def test_a_desk_with_an_owner_leads_from_its_welcome_page_to_signing_in(client, session):
    an_owner(session)

    assert client.get("/welcome").location == "/sign-in"
