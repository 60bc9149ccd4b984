import pytest

from claims import queries
from claims.models import Desk
from claims.rules.vocabulary import Role
from tests.factories import a_member, an_editor, an_owner


def scale_form(session, **changes):
    """The scale in force as its form sends it."""
    form = {"version": session.get(Desk, 1).scale_id}
    for n, rating in enumerate(queries.scales.current(session), start=1):
        form |= {
            f"key-{n}": rating.key,
            f"name-{n}": rating.name,
            f"number-{n}": "" if rating.number is None else rating.number,
            f"colour-{n}": rating.colour,
            f"shape-{n}": rating.shape,
            f"definition-{n}": rating.definition,
        }
        if not rating.needs_evidence:
            form[f"alone-{n}"] = "1"
    return form | changes


def test_the_first_scale_has_eight_ratings_each_with_its_own_look_and_definition(session):
    ratings = queries.scales.current(session)

    assert [rating.name for rating in ratings] == [
        "True",
        "Mostly true",
        "Half true",
        "Misleading",
        "Mostly false",
        "False",
        "Unproven",
        "Not checkable",
    ]
    assert len({rating.colour for rating in ratings}) == 8
    assert len({rating.shape for rating in ratings}) == 8
    assert all(rating.definition for rating in ratings)
    assert [rating.number for rating in ratings] == [5, 4, 3, None, 2, 1, None, None]


def test_an_editor_changes_the_review_policy(client, session):
    client.as_(an_editor(session))
    version = session.get(Desk, 1).version

    answer = client.post(
        "/settings/policy", data={"verdicts_required": "2", "blind": "1", "version": version}
    )

    assert answer.status_code == 303
    session.expire_all()
    assert queries.standing.desk(session).verdicts_required == 2
    assert "Review policy saved" in client.get("/settings").text


@pytest.mark.parametrize("number", ["0", "10", "two", ""])
def test_a_policy_that_makes_no_sense_comes_back_with_the_reason(client, session, number):
    client.as_(an_editor(session))

    answer = client.post("/settings/policy", data={"verdicts_required": number, "version": "1"})

    assert answer.status_code == 422
    assert "verdicts_required-error" in answer.text


def test_two_owners_who_save_the_settings_over_each_other_see_both_versions(client, session):
    client.as_(an_owner(session))
    version = session.get(Desk, 1).version
    first = {"name": "The Harbour Check", "version": version}
    assert client.post("/settings/desk", data=first).status_code == 303

    answer = client.post("/settings/desk", data={"name": "The River Check", "version": version})

    assert answer.status_code == 409
    assert "The Harbour Check" in answer.text
    assert "The River Check" in answer.text


@pytest.mark.parametrize(
    ("role", "policy", "desk"),
    [
        (Role.VIEWER, 403, 403),
        (Role.REVIEWER, 403, 403),
        (Role.EDITOR, 303, 403),
        (Role.OWNER, 303, 303),
    ],
)
def test_editors_change_the_policy_and_only_owners_the_desk(client, session, role, policy, desk):
    client.as_(a_member(session, role=role))

    version = session.get(Desk, 1).version
    answer = client.post("/settings/policy", data={"verdicts_required": "1", "version": version})
    assert answer.status_code == policy
    session.expire_all()
    version = session.get(Desk, 1).version
    answer = client.post("/settings/desk", data={"name": "A made-up desk", "version": version})
    assert answer.status_code == desk


def test_a_public_address_has_to_be_a_web_address(client, session):
    client.as_(an_owner(session))

    answer = client.post(
        "/settings/desk",
        data={"name": "A made-up desk", "public_url": "javascript:alert(1)", "version": "1"},
    )

    assert answer.status_code == 422
    assert "starts with https://" in answer.text
    assert "javascript:alert(1)" in answer.text


def test_a_new_scale_takes_the_place_of_the_old_one_as_a_new_version(client, session):
    client.as_(an_editor(session))
    form = scale_form(session, **{"name-4": "", "name-1": "Correct"})

    answer = client.post("/settings/scale", data=form)

    assert answer.status_code == 303
    session.expire_all()
    assert [r.name for r in queries.scales.current(session)][:4] == [
        "Correct",
        "Mostly true",
        "Half true",
        "Mostly false",
    ]
    assert queries.scales.latest_version(session) == 2
    alone = [r.key for r in queries.scales.current(session) if not r.needs_evidence]
    assert alone == ["not-checkable"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"number-1": "7"}, "runs from 1 (false) to 5 (true)"),
        ({"definition-1": ""}, "say in a definition"),
        ({"colour-1": "red", "shape-1": "full-cross"}, "look alike"),
        (
            {"name-9": "True", "colour-9": "slate", "shape-9": "dash", "definition-9": "x"},
            "same name",
        ),
        ({"colour-1": "url(x)"}, "colour and a shape that are offered"),
        ({f"name-{n}": "" for n in range(2, 9)}, "at least two"),
    ],
)
def test_a_scale_that_cannot_work_comes_back_with_what_is_wrong(client, session, changes, fault):
    client.as_(an_editor(session))

    answer = client.post("/settings/scale", data=scale_form(session, **changes))

    assert answer.status_code == 422
    assert fault in answer.text
    assert queries.scales.latest_version(session) == 1
