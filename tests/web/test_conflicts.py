"""Two members save over each other: the second sees both versions and loses no word."""

import re

import pytest

from claims import desk
from claims.models import Desk
from claims.rules.roles import ROLE_DEFINITIONS
from claims.rules.vocabulary import Role
from tests.factories import (
    a_claim,
    a_member,
    a_ruling,
    a_source,
    an_article,
    an_owner,
    some_evidence,
)
from tests.web.test_again import Forms


@pytest.fixture
def owner(session, client):
    member = an_owner(session, "Ada Owner")
    client.as_(member)
    return member


def forms_of(session, by):
    """Every form in which something is edited, with what somebody saves first in its fields."""
    article = an_article(session)
    claim = a_claim(session, article=article, by=by)
    piece = some_evidence(session, claim, by=by)
    question = desk.discussion.ask(session, claim, "How much?", by=by)
    desk.discussion.answer(session, claim, question, "Much.", read=question.version, by=by)
    lead = desk.discussion.hint(session, claim, "The register", by=by)
    comment = desk.discussion.comment(session, claim, "Hm.", by=by)
    source = a_source(session)
    ruled = a_claim(session)
    a_ruling(session, ruled, by=by, published=False)
    other = a_member(session)
    session.commit()
    on = f"/claims/{claim.id}"
    return {
        f"{on}/edit": {"statement": "Theirs", "kind": "fact"},
        f"{on}/evidence/{piece.id}/edit": {"excerpt": "Theirs", "stance": "refutes"},
        f"{on}/questions/{question.id}/edit": {"text": "Theirs"},
        f"{on}/questions/{question.id}/answer": {"answer": "Theirs", "unanswerable": "1"},
        f"{on}/leads/{lead.id}/edit": {"text": "Theirs"},
        f"{on}/comments/{comment.id}/edit": {"text": "Theirs"},
        f"/articles/{article.id}/edit": {"title": "Theirs"},
        f"/sources/{source.id}/edit": {"title": "Theirs", "type": "book"},
        f"/sources/{source.id} /sources/{source.id}/grade": {"reliability": "B"},
        f"/claims/{ruled.id} /claims/{ruled.id}/ruling": {"rationale": "Theirs", "rating": "true"},
        f"/people/{other.id} /people/{other.id}/role": {"role": "viewer"},
        "/account /account/name": {"name": "Theirs"},
        "/settings /settings/desk": {"name": "Theirs"},
        "/settings /settings/policy": {"verdicts_required": "3", "blind": ""},
        "/settings /settings/scale": {"name-1": "Theirs", "definition-1": "Theirs too."},
    }


MINE = {"reliability": "C", "stance": "context", "kind": "opinion", "rating": "misleading"} | {
    "type": "dataset",
    "verdicts_required": "2",
    "role": "editor",
}

# Of a box there are two states: whoever leaves it as it was has not touched it.
BOXES = {"unanswerable", "blind"}

IN_WORDS = {
    "kind": "fact: An event or a state of affairs.",
    "reliability": "B · Usually reliable",
    "role": f"Viewer: {ROLE_DEFINITIONS[Role.VIEWER]}",
    "rating": "True",
    "stance": "Refutes",
    "type": "Book",
    "unanswerable": "Yes",
    "blind": "No",
}


def filled(client, page, action):
    """The form of a page as a browser would send it, with what stands in it."""
    html = client.get(page).text
    part = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)[0]
    [form] = Forms(part).forms
    chosen = re.findall(r'<select[^>]* name="([^"]+)".*?</select>', part, re.DOTALL)
    fields = {name: value for name, value, *_ in form["fields"] if name not in chosen}
    for name in chosen:
        select_ = re.search(rf'<select[^>]* name="{name}".*?</select>', part, re.DOTALL)[0]
        option = re.search(r"<option([^>]*) selected>([^<]*)", select_) or re.search(
            r"<option([^>]*)>([^<]*)", select_
        )
        value = re.search(r'value="([^"]*)"', option[1])
        fields[name] = value[1] if value else option[2]
    for name in set(re.findall(r'type="(?:radio|checkbox)"[^>]* name="([^"]+)"', part)):
        on = re.search(
            rf'type="(?:radio|checkbox)"[^>]* name="{name}" value="([^"]*)" checked', part
        )
        fields.pop(name, None)
        if on:
            fields[name] = on[1]
    return fields


def test_each_form_shows_how_it_stands_and_how_yours_differs_and_saves_either(
    client, session, owner
):
    for addresses, theirs in forms_of(session, owner).items():
        page, _, action = addresses.partition(" ")
        action = action or page
        form = filled(client, page, action)
        form.pop("once", None)
        mine = {name: MINE.get(name, "Mine") for name in theirs if name not in BOXES}
        assert client.post(action, data=form | theirs).status_code == 303, action

        answer = client.post(action, data=form | mine)

        assert answer.status_code == 409, action
        assert "Somebody else saved first" in answer.text
        legends = re.findall(r"<legend>(.*?)</legend>", answer.text)
        assert len(legends) == len(theirs), (action, legends)
        assert not any(re.search(r"_|^[a-z]", legend) for legend in legends), legends
        for name, value in theirs.items():
            assert IN_WORDS.get(name, value) in answer.text, (action, name)
        leave = re.search(r'href="([^"]+)"[^>]*>Leave it as it stands now', answer.text)[1]
        assert client.get(leave, follow_redirects=True).status_code == 200

        joined = filled_from(answer)
        assert {name: joined[name] for name in mine} == mine
        assert client.post(action, data=joined).status_code == 303, action


def test_what_only_the_other_changed_is_not_undone_by_one_press_of_save(client, session, owner):
    for addresses, theirs in forms_of(session, owner).items():
        page, _, action = addresses.partition(" ")
        action = action or page
        form = filled(client, page, action)
        form.pop("once", None)
        assert client.post(action, data=form | theirs).status_code == 303, action

        answer = client.post(action, data=form)

        assert answer.status_code == 409, action
        assert answer.text.count("you had not touched it") == len(theirs), action
        assert "but nothing that you touched" in answer.text
        joined = filled_from(answer)
        assert {name: joined[name] for name in theirs} == theirs, action
        assert client.post(action, data=joined).status_code == 303, action
        if "/people/" not in action:
            stands = filled(client, page, action)
            assert {name: stands.get(name, "") for name in theirs} == theirs, action


def test_two_who_changed_different_fields_see_that_nothing_collides_and_both_stand(
    client, session, owner
):
    article = an_article(session)
    bo = an_owner(session, "Bo <i>Editor</i>")
    address = f"/articles/{article.id}/edit"
    form = filled(client, address, address)
    form.pop("once")
    client.as_(bo).post(address, data=form | {"title": "The dam\u2019s title"})
    form = form | {"author": "An author", "publisher": "A press"}

    answer = client.as_(owner).post(address, data=form)

    assert "Changed by <bdi>Bo &lt;i&gt;Editor&lt;/i&gt;</bdi> while you wrote" in answer.text
    assert answer.text.count("<fieldset") == 1
    only_you = re.search(r"Only you changed.*?</summary>", answer.text)[0]
    assert re.findall("<strong>(.*?)</strong>", only_you) == ["Publisher", "Author"]
    assert client.post(address, data=filled_from(answer)).status_code == 303
    session.refresh(article)
    saved = (article.title, article.author, article.publisher)
    assert saved == ("The dam\u2019s title", "An author", "A press")


def test_two_who_wrote_the_same_have_nothing_to_decide(client, session, owner):
    article = an_article(session)
    address = f"/articles/{article.id}/edit"
    form = filled(client, address, address) | {"title": "The same"}
    form.pop("once")
    client.post(address, data=form)

    answer = client.post(address, data=form | {"title": " The same\r\n"})

    assert answer.status_code == 409
    assert "it says so already" in answer.text
    assert "<fieldset" not in answer.text


@pytest.mark.parametrize("opened", ["", "title", "title: :", "\ud800:0 title:ffff\x00", "x" * 5000])
def test_a_form_that_lies_about_what_it_was_opened_with_shows_both_versions(
    client, session, owner, opened
):
    article = an_article(session)
    address = f"/articles/{article.id}/edit"
    form = filled(client, address, address)
    form.pop("once")
    client.post(address, data=form | {"title": "Theirs"})
    sent = form | {"title": "Mine", "opened": opened.encode("utf-8", "surrogatepass")}

    answer = client.post(address, data=sent)

    assert answer.status_code == 409
    assert "while you wrote, and by you." in answer.text
    assert filled_from(answer)["title"] == "Mine"


def test_a_form_that_came_back_with_a_mistake_is_still_as_old_as_when_it_was_opened(
    client, session, owner
):
    mistakes = {
        "/settings /settings/desk": ({"name": "Theirs"}, {"name": ""}, {"name": "Mine"}),
        "/settings /settings/scale": ({"name-1": "Theirs"}, {"name-1": ""}, {"name-1": "Mine"}),
        "/account /account/name": ({"name": "Theirs"}, {"name": ""}, {"name": "Mine"}),
    }
    for addresses, (theirs, mistaken, mended) in mistakes.items():
        page, action = addresses.split()
        form = filled(client, page, action)
        form.pop("once")
        assert client.post(action, data=form | theirs).status_code == 303, action
        if action == "/settings/scale":
            mistaken = {"definition-1": ""}

        back = client.post(action, data=form | mistaken)
        again = Forms(back.text).forms

        assert back.status_code == 422, action
        [kept] = [{n: v for n, v, *_ in f["fields"]} for f in again if f["action"] == action]
        assert (kept["version"], kept["opened"]) == (form["version"], form["opened"])
        sent = form | mended | {"version": kept["version"], "opened": kept["opened"]}
        assert client.post(action, data=sent).status_code == 409, action


def test_a_claim_reworded_while_it_was_taken_apart_keeps_the_new_words(client, session, owner):
    claim = a_claim(session, "The dam holds 40 million litres and is made of clay")
    split, edit = f"/claims/{claim.id}/split", f"/claims/{claim.id}/edit"
    form = filled(client, split, split)
    client.post(edit, data=filled(client, edit, edit) | {"statement": "Both, in better words"})
    form["part"], form["kind"] = "The dam is made of clay", "fact"

    answer = client.post(split, data=form)

    assert "you had not touched it" in answer.text
    assert client.post(split, data=filled_from(answer)).status_code == 303
    session.refresh(claim)
    assert claim.statement == "Both, in better words"


def filled_from(answer):
    [form] = [f for f in Forms(answer.text).forms if f["action"] != "/sign-out"]
    fields = {name: value for name, value, *_ in form["fields"]}
    for name in re.findall(r'<select id="[^"]+" name="([^"]+)"', answer.text):
        options = re.search(
            rf'<select id="[^"]+" name="{name}">(.*?)</select>', answer.text, re.DOTALL
        )
        fields[name] = re.search(r'value="([^"]*)" selected', options[1])[1]
    return fields


def test_a_box_that_the_second_left_empty_is_not_lost_among_what_differs(client, session, owner):
    settings = session.get(Desk, 1)
    form = {"verdicts_required": "1", "version": settings.version}
    client.post("/settings/policy", data=form | {"verdicts_required": "2", "blind": "1"})

    answer = client.post("/settings/policy", data=form)

    assert answer.status_code == 409
    assert "<legend>Blind: reviewers see" in answer.text


def test_of_two_hundred_paragraphs_only_what_changed_is_read(client, session, owner):
    claim = a_claim(session)
    paragraphs = [
        f"Paragraph {n} says what the made-up register says of dam {n}." for n in range(200)
    ]
    comment = desk.discussion.comment(session, claim, "\n\n".join(paragraphs), by=owner)
    session.commit()
    version = comment.version
    theirs, mine = list(paragraphs), list(paragraphs)
    theirs[20], mine[180] = "Theirs alone.", "Mine alone."
    address = f"/claims/{claim.id}/comments/{comment.id}/edit"
    client.post(address, data={"text": "\n\n".join(theirs), "version": version})

    answer = client.post(address, data={"text": "\r\n\r\n".join(mine), "version": version})

    difference = re.search(r'<p class="diff".*?</p>', answer.text, re.DOTALL)[0]
    assert re.findall(r"<(ins|del)>", difference) == ["del", "ins", "del", "ins"]
    assert "Theirs alone" in difference
    assert "Mine alone" in difference
    assert len(difference) < 2500
    assert "\n\n".join(mine) in answer.text


def test_under_htmx_a_conflict_over_evidence_leaves_the_other_pieces_on_the_page(
    client, session, owner
):
    claim = a_claim(session)
    piece = some_evidence(session, claim)
    address = f"/claims/{claim.id}/evidence/{piece.id}"
    form = {"stance": "supports", "excerpt": "Theirs", "version": piece.version}
    client.post(f"{address}/edit", data=form)

    place = f"evidence-{piece.id}"
    answer = client.htmx("POST", f"{address}/edit", place, data=form | {"excerpt": "Mine"})
    left = client.htmx("GET", address, place)

    assert answer.text.lstrip().startswith(f'<section class="sheet stack" id="{place}"')
    assert f'hx-get="{address}" hx-target="#{place}"' in answer.text
    assert left.text.lstrip().startswith(f'<article class="ev" id="{place}"')
