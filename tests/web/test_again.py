"""What the desk turns down comes back filled in, to be sent again."""

import io
import re
from html.parser import HTMLParser

import pytest

from app import LARGEST_FORM
from claims import desk
from claims.rules.vocabulary import Kind, Role
from claims.web import fields
from tests.factories import (
    a_claim,
    a_member,
    a_ruling,
    a_source,
    an_article,
    an_editor,
    an_owner,
    some_evidence,
)

WORDS = "A sentence that nobody may lose."


class Forms(HTMLParser):
    """The posting forms of a page: where each goes, what it holds, and what it calls its fields."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.labels, self.shown = [], {}, set()
        self._form = self._label = self._legend = self._text = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        if tag == "form" and given.get("method") == "post":
            self._form = {"action": given["action"], "fields": []}
            self.forms.append(self._form)
        elif tag == "label":
            self._label = given.get("for")
            self._said = ""
        elif tag in {"input", "textarea", "select"} and self._form is not None and name:
            hidden = given.get("type") == "hidden" or "form" in given
            self._form["fields"].append([name, given.get("value", ""), given.get("id"), hidden])
            self._text = self._form["fields"][-1] if tag == "textarea" else None

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "label" and self._label:
            self.labels[self._label] = " ".join(self._said.split())
            self._label = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data):
        if self._label:
            self._said += data
        if self._text is not None:
            self._text[1] += data.removeprefix("\n")


def form_of(answer):
    """The form that a page gives back, as pairs that a browser would send."""
    [form] = [f for f in Forms(answer.text).forms if f["action"] != "/sign-out"]
    return form["action"], [(name, value) for name, value, _id, _hidden in form["fields"]]


@pytest.fixture
def ada(session, client):
    member = a_member(session, "Ada Reviewer")
    client.as_(member)
    return member


def test_what_is_refused_is_mended_on_the_spot_and_sent_again(client, session, ada):
    claim = a_claim(session, evidence=[])
    long = f"{WORDS}\n\nAnd a second paragraph, with <b>marks</b> & signs."
    typed = {"rating": "false", "rationale": long, "confidence": "low", "rests_on": ["8", "9"]}

    answer = client.post(
        f"/claims/{claim.id}/verdicts?in=kind%3Dnumber", data=typed | {"once": "this-form"}
    )

    assert answer.status_code == 409
    assert "evidence" in answer.text
    action, pairs = form_of(answer)
    assert action == f"/claims/{claim.id}/verdicts?in=kind%3Dnumber"
    assert [p for p in pairs if p[0] != "csrf_token"] == [
        ("once", "this-form"),
        ("rating", "false"),
        ("rationale", long),
        ("confidence", "low"),
        ("rests_on", "8"),
        ("rests_on", "9"),
    ]
    assert ">Why, in words that a reader will see</label>" in answer.text
    assert "<dt>How sure are you?</dt><dd>Low</dd>" in answer.text

    piece = some_evidence(session, claim)
    mended = [p for p in pairs if p[0] != "rests_on"] + [("rests_on", str(piece.id))]
    assert client.post(action, data=as_form(mended)).status_code == 303


def as_form(pairs):
    form = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def test_a_form_of_another_session_is_sent_again_with_a_token_of_this_one(guarded, session):
    claim = a_claim(session)
    guarded.as_(a_member(session, "Ada Reviewer"))
    typed = {"text": WORDS, "csrf_token": "of another session", "once": "this-form"}

    answer = guarded.post(f"/claims/{claim.id}/comments", data=typed)

    assert answer.status_code == 400
    assert "You are signed in as \u2068Ada Reviewer\u2069." in answer.text
    action, pairs = form_of(answer)
    assert guarded.post(action, data=as_form(pairs)).status_code == 303
    assert WORDS in guarded.get(f"/claims/{claim.id}").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_offered_to_nobody(guarded, session, headers):
    claim = a_claim(session)
    guarded.as_(a_member(session))

    answer = guarded.post(f"/claims/{claim.id}/comments", data={"text": WORDS}, headers=headers)

    assert answer.status_code == 400
    assert WORDS not in answer.text
    assert "Send again" not in answer.text


def test_a_password_is_typed_anew_and_never_given_back(guarded, session):
    desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, "four made-up words", by=None)
    session.commit()
    typed = {"email": "ada@desk.example", "password": "four made-up words"}

    answer = guarded.post("/sign-in", data=typed)

    assert answer.status_code == 400
    assert "made-up words" not in answer.text
    action, pairs = form_of(answer)
    form = as_form([*pairs, ("password", "four made-up words")])
    form["password"] = ["four made-up words"]
    assert guarded.post(action, data=form).location == "/"


def test_a_chosen_file_is_asked_for_once_more(client, session, ada):
    article = an_article(session)
    desk.articles.withdraw(session, article, "Added twice.", by=ada)
    session.commit()

    answer = client.post(
        f"/articles/{article.id}/text",
        data={"text": "", "file": (io.BytesIO(b"The dam."), "dam.txt")},
    )

    assert answer.status_code == 409
    assert 'enctype="multipart/form-data"' in answer.text
    assert re.search(r'<input type="file" id="again-file" name="file"', answer.text)


def test_what_is_too_large_is_told_so(client, session, ada):
    article = an_article(session)

    answer = client.post(f"/articles/{article.id}/text", data={"text": "x" * (LARGEST_FORM + 1)})

    assert answer.status_code == 413
    assert "more than the desk takes at once" in answer.text


def test_a_fault_of_ours_costs_no_word(app, client, session, ada, monkeypatch):
    claim = a_claim(session)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(desk.discussion, "comment", lambda *_a, **_k: 1 / 0)

    answer = client.post(f"/claims/{claim.id}/comments", data={"text": WORDS})

    assert answer.status_code == 500
    assert ("text", WORDS) in form_of(answer)[1]


def test_under_htmx_the_page_stays_and_hears_why(client, session, ada):
    claim = a_claim(session, evidence=[])
    form = {"rating": "false", "rationale": WORDS}

    answer = client.htmx("POST", f"/claims/{claim.id}/verdicts", "verdicts", data=form)

    assert answer.status_code == 409
    assert 'id="refused"' in answer.text


def test_every_field_of_every_form_comes_back_under_its_own_label(client, session):
    owner = an_owner(session)
    ada = a_member(session, "Ada Reviewer")
    article = an_article(session)
    claim = a_claim(session, article=article, kind=Kind.FACT, by=owner)
    piece = some_evidence(session, claim, by=owner)
    question = desk.discussion.ask(session, claim, "Litres?", by=owner)
    lead = desk.discussion.hint(session, claim, "The register", by=owner)
    comment = desk.discussion.comment(session, claim, "Hm.", by=owner)
    session.flush()
    on = f"/claims/{claim.id}"
    ruled = a_claim(session)
    a_ruling(session, ruled, by=an_editor(session))
    client.as_(owner)
    wrong, seen = [], set()

    for address in (
        *(on, f"{on}/edit", f"{on}/split", f"{on}/withdraw", f"{on}/links/new"),
        *(f"{on}/evidence/new", f"{on}/evidence/{piece.id}/edit"),
        *(f"{on}/evidence/{piece.id}/withdraw", f"{on}/questions/{question.id}/edit"),
        *(f"{on}/questions/{question.id}/answer", f"{on}/leads/{lead.id}/edit"),
        *(f"{on}/comments/{comment.id}/edit", f"/claims/{ruled.id}", "/articles/new"),
        *(f"/articles/{article.id}/edit", f"/articles/{article.id}/text"),
        *(f"/articles/{article.id}/mark", "/sources/new", "/settings", "/account"),
        *(f"/sources/{piece.source_id}/edit", f"/sources/{piece.source_id}", "/people"),
        *(f"/sources/{a_source(session).id}", f"/people/{ada.id}", "/claims"),
        f"/reports/preview?article={article.id}",
    ):
        page = Forms(client.get(address).text)
        for form in page.forms:
            endpoint = _endpoint(client.application, form["action"])
            for name, _value, id_, hidden in form["fields"]:
                label = page.labels.get(id_)
                if hidden or label is None or endpoint == "queue.bulk":
                    continue
                known = fields.field(name, endpoint)
                seen.add(name)
                if known is None or (known.label != label and not known.choices):
                    wrong.append((endpoint, name, label, known and known.label))

    assert not wrong, "\n".join(map(str, wrong))
    assert len(seen) > 25


def _endpoint(app, address):
    adapter = app.url_map.bind("localhost")
    return adapter.match(address.partition("?")[0], "POST")[0]
