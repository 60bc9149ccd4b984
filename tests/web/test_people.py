import re

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.models import Invitation, Member
from claims.models.columns import now
from claims.rules.vocabulary import Role
from tests.factories import a_member, an_editor, an_owner

PASSWORD = "four made-up words"
GRACE = {
    "name": "Grace",
    "email": "grace@desk.example",
    "password": PASSWORD,
    "password_again": PASSWORD,
}


@pytest.fixture
def owner(session):
    return an_owner(session)


def invite(client, role="reviewer", note="Grace, politics"):
    """Make an invitation; the path of the link that the page shows."""
    response = client.post(
        "/people/invitations", data={"role": role, "note": note}, follow_redirects=True
    )
    return re.search(r'value="http://localhost(/join/[^"]+)"', response.text)[1]


def test_everybody_sees_who_works_at_the_desk(client, session, owner):
    viewer = a_member(session, "Viewer One", Role.VIEWER)

    page = client.as_(viewer).get("/people").text

    assert "Owner One" in page
    assert "Viewer One" in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.EDITOR])
def test_only_an_owner_sees_invitations_former_members_and_ways_to_change(
    client, session, owner, role
):
    gone = a_member(session, "Former Member")
    desk.members.remove(session, gone, by=owner)
    desk.members.invite(session, Role.VIEWER, "a secret plan", by=owner)
    session.commit()
    client.as_(a_member(session, "Somebody", role))

    for page in (client.get("/people").text, client.get("/people?former=1").text):
        assert "a secret plan" not in page
        assert "Former Member" not in page
        assert "Change" not in page
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert client.get(f"/people/{gone.id}").status_code == 403


def test_an_invitation_link_is_shown_once_and_lets_one_person_in(app, client, session, owner):
    client.as_(owner)
    link = invite(client)

    again = client.get("/people").text
    assert "Grace, politics" in again
    assert link not in again
    guest = app.test_client()
    assert "reviewer" in guest.get(link).text
    assert guest.post(link, data=GRACE).location == "/"
    assert guest.get("/account").status_code == 200
    grace = queries.members.by_email(session, "grace@desk.example")
    assert grace.role is Role.REVIEWER
    used = app.test_client().get(link)
    assert used.status_code == 410
    assert "each works once" in used.text
    assert app.test_client().post(link, data=GRACE).status_code == 410


def test_a_link_arrives_in_place_of_the_invitations_by_htmx(client, owner):
    client.as_(owner)
    headers = {"HX-Request": "true", "HX-Target": "invitations"}
    sent = client.post("/people/invitations", data={"role": "viewer", "note": ""}, headers=headers)

    part = client.get(sent.location.partition("#")[0], headers=headers).text

    assert part.lstrip().startswith("<section") or part.lstrip().startswith("\n<section")
    assert "/join/" in part
    assert "<html" not in part


def test_an_invitation_sent_twice_is_made_once(client, session, owner):
    client.as_(owner)
    form = {"role": "viewer", "note": "", "once": "one-and-the-same"}

    client.post("/people/invitations", data=form)
    client.post("/people/invitations", data=form)

    assert len(session.exec(select(Invitation)).all()) == 1


def test_an_invitation_without_a_role_comes_back_with_its_note(client, session, owner):
    response = client.as_(owner).post(
        "/people/invitations", data={"role": "king", "note": "For Grace"}
    )

    assert response.status_code == 422
    assert "Choose one of the values offered." in response.text
    assert "For Grace" in response.text


def test_a_withdrawn_invitation_says_so_to_whoever_opens_it(app, client, session, owner):
    client.as_(owner)
    link = invite(client)
    invitation = session.exec(select(Invitation)).one()

    withdraw = f"/people/invitations/{invitation.id}/withdraw"
    unsaid = client.post(withdraw, data={"reason": " "})
    client.post(withdraw, data={"reason": "Sent to the wrong address."})

    assert unsaid.status_code == 422
    assert "Fill this in." in unsaid.text
    assert "Sent to the wrong address." in client.get("/ledger").text
    response = app.test_client().get(link)
    assert response.status_code == 410
    assert "withdrawn" in response.text
    assert "Grace, politics" not in client.get("/people").text
    assert client.post("/people/invitations/99/withdraw").status_code == 404


def test_an_expired_invitation_lets_nobody_in(app, client, session, owner):
    link = invite(client.as_(owner))
    invitation = session.exec(select(Invitation)).one()
    invitation.expires_at = now()
    session.add(invitation)
    session.commit()

    response = app.test_client().post(link, data=GRACE)

    assert response.status_code == 410
    assert "expired" in response.text
    assert queries.members.by_email(session, "grace@desk.example") is None


def test_a_mistyped_link_says_that_there_is_no_such_invitation(client, owner):
    response = client.get("/join/nonsense")

    assert response.status_code == 404
    assert "whole link was copied" in response.text


def test_joining_with_a_mistake_gives_the_form_back(app, client, session, owner):
    link = invite(client.as_(owner))

    response = app.test_client().post(link, data=GRACE | {"email": owner.email})

    assert response.status_code == 422
    assert "has this e-mail already" in response.text
    assert 'value="Grace"' in response.text
    assert PASSWORD not in response.text


def test_a_member_who_opens_an_invitation_stays_who_they_are(client, session, owner):
    link = invite(client.as_(owner))

    assert "You are signed in as <bdi>Owner One</bdi>" in client.get(link).text
    assert client.post(link, data=GRACE).status_code == 422
    assert queries.members.by_email(session, "grace@desk.example") is None


def test_no_cache_keeps_a_page_with_an_invitation_in_it(app, client, owner):
    client.as_(owner)
    sent = client.post("/people/invitations", data={"role": "viewer", "note": ""})

    shown = client.get(sent.location)

    assert shown.headers["Cache-Control"] == "no-store"
    link = re.search(r'value="http://localhost(/join/[^"]+)"', shown.text)[1]
    assert app.test_client().get(link).headers["Cache-Control"] == "no-store"
    assert client.get("/people").headers["Cache-Control"] == "private, no-cache"


def test_an_owner_changes_the_role_of_a_member(client, session, owner):
    member = a_member(session, "Grace")
    client.as_(owner)
    page = client.get(f"/people/{member.id}").text
    assert "Grace" in page
    assert f'action="/people/{member.id}/role"' in page

    response = client.post(
        f"/people/{member.id}/role", data={"role": "editor", "version": member.version}
    )

    assert response.location == "/people"
    session.expire_all()
    assert session.get(Member, member.id).role is Role.EDITOR


def test_two_owners_who_change_one_role_see_each_others_choice(client, session, owner):
    member = a_member(session, "Grace")
    read = member.version
    desk.members.change_role(session, member, Role.VIEWER, by=owner)
    session.commit()

    response = client.as_(owner).post(
        f"/people/{member.id}/role", data={"role": "editor", "version": read}
    )

    assert response.status_code == 409
    assert "viewer" in response.text


def test_a_role_that_does_not_exist_is_refused(client, session, owner):
    member = a_member(session, "Grace")

    response = client.as_(owner).post(
        f"/people/{member.id}/role", data={"role": "king", "version": member.version}
    )

    assert response.status_code == 422
    assert "Choose one of the values offered." in response.text


def test_an_owner_removes_and_restores_a_member(app, client, session, owner):
    member = a_member(session, "Grace")
    theirs = app.test_client()
    with theirs.session_transaction() as cookie:
        cookie["_user_id"] = f"{member.id}:{member.epoch}"
    client.as_(owner)

    client.post(f"/people/{member.id}/remove")
    assert theirs.get("/people").status_code == 303
    assert ">Grace<" not in client.get("/people").text.partition("<main")[2]
    assert "Grace" in client.get("/people?former=1").text
    assert "Restore Grace" in client.get(f"/people/{member.id}").text

    client.post(f"/people/{member.id}/restore")
    assert "Grace" in client.get("/people").text


def test_the_only_owner_is_told_why_nothing_can_be_changed(client, session, owner):
    client.as_(owner)

    page = client.get(f"/people/{owner.id}").text
    assert "The only owner" in page
    assert "/remove" not in page
    for action, form in [("remove", {}), ("role", {"role": "viewer", "version": owner.version})]:
        response = client.post(f"/people/{owner.id}/{action}", data=form)
        assert response.status_code == 409
        assert "only owner" in response.text
    session.expire_all()
    assert queries.members.any_owner(session)


def test_a_person_who_does_not_exist_is_not_found(client, owner):
    client.as_(owner)

    assert client.get("/people/99").status_code == 404
    assert client.post("/people/99/remove").status_code == 404


def test_the_list_of_people_is_as_cheap_for_many_as_for_few(client, session, owner, statements):
    client.as_(owner)
    client.get("/people")
    statements.forget()
    client.get("/people")
    few = len(statements)
    for number in range(60):
        a_member(session, f"Member {number:02}")
        desk.members.invite(session, Role.VIEWER, "", by=owner)
    session.commit()

    statements.forget()
    page = client.get("/people").text

    assert len(statements) == few
    assert page.count('<th scope="row"') == 50
    following = re.search(r'href="(/people\?after=[^"]+)"', page)[1]
    rest = client.get(following.replace("&amp;", "&")).text
    assert rest.count('<th scope="row"') == 11


def test_names_are_shown_as_text_whatever_they_hold(client, session, owner):
    an_editor(session, "<script>alert(1)</script>")

    page = client.as_(owner).get("/people").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
