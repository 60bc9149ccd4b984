"""Two members save over each other: the second sees both versions and loses no word."""

import re

import pytest

from claims import desk
from claims.models import Desk
from tests.factories import a_claim, a_ruling, a_source, an_article, an_owner, some_evidence
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
    lead = desk.discussion.hint(session, claim, "The register", by=by)
    comment = desk.discussion.comment(session, claim, "Hm.", by=by)
    source = a_source(session)
    ruled = a_claim(session)
    a_ruling(session, ruled, by=by, published=False)
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
        "/account /account/name": {"name": "Theirs"},
        "/settings /settings/desk": {"name": "Theirs"},
        "/settings /settings/policy": {"verdicts_required": "3", "blind": ""},
        "/settings /settings/scale": {"name-1": "Theirs", "definition-1": "Theirs too."},
    }


MINE = {"reliability": "C", "stance": "context", "kind": "opinion", "rating": "misleading"} | {
    "type": "dataset",
    "verdicts_required": "2",
    "unanswerable": "",
    "blind": "1",
}

IN_WORDS = {
    "kind": "fact: An event or a state of affairs.",
    "reliability": "B · Usually reliable",
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
        mine = {name: MINE.get(name, "Mine") for name in theirs}
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
