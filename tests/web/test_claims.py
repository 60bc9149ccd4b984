import re
from html import unescape

import pytest
from sqlmodel import col, select

from claims import desk, queries
from claims.models import Appearance, Claim, Event
from claims.rules.vocabulary import Kind, Role, Stance
from tests.factories import (
    a_claim,
    a_member,
    a_source,
    an_article,
    an_editor,
    an_owner,
    some_evidence,
    the_rating,
)


@pytest.fixture
def ada(session):
    # Before the desk has an owner, only the welcome page is open.
    an_owner(session)
    return a_member(session, "Ada Reviewer")


def hidden(html, name, action=""):
    """A hidden field's value in the form with an action."""
    form = html[html.index(f'action="{action}') :]
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', form)[1])


def edited(session, claim, **changes):
    """What the edit form of a claim would send."""
    words = desk.claims.words(session, claim)
    return words | {"version": claim.version} | changes


def test_the_page_of_a_claim_shows_what_it_says_who_says_it_and_where(client, session, ada):
    claim = a_claim(session, speaker="Made-up Speaker")

    page = client.as_(ada).get(f"/claims/{claim.id}").text

    assert "The made-up dam holds 40 million litres" in page
    assert "holds 40 million litres" in page
    assert "Made-up Speaker" in page
    assert "Register of made-up dams" in page
    assert f"Claim {claim.number}" in page


@pytest.mark.parametrize("address", ["/claims/4711", "/claims/99999999999", "/claims/0"])
def test_there_is_no_page_for_a_claim_that_was_never_made(client, ada, address):
    assert client.as_(ada).get(address).status_code == 404


def test_what_others_wrote_is_shown_as_text_and_never_run(client, session, ada):
    evil = "<script>alert(1)</script>"
    claim = a_claim(session, f"Dam {evil}", quotation=f"quoted {evil}", speaker=evil)
    question = desk.discussion.ask(session, claim, f"Why {evil}?", by=ada)
    session.flush()
    desk.discussion.answer(session, claim, question, evil, read=question.version, by=ada)
    desk.discussion.hint(session, claim, evil, by=ada)
    desk.discussion.comment(session, claim, f"{evil} [x](javascript:alert(1))", by=ada)
    desk.claims.link(session, claim, a_claim(session, evil), evil, by=ada)
    desk.claims.reword(session, claim, f"The dam {evil}", by=ada)
    desk.claims.retag(session, claim, [evil], by=ada)
    session.commit()

    page = client.as_(ada).get(f"/claims/{claim.id}").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="javascript:' not in page


def test_urdu_finds_its_own_direction(client, session, ada):
    article = an_article(session)
    article.language = "ur"
    claim = a_claim(session, "ڈیم خالی ہے", article=article, quotation="ڈیم خالی")
    desk.discussion.ask(session, claim, "کب سے؟", by=ada)
    session.commit()

    page = client.as_(ada).get(f"/claims/{claim.id}").text

    assert '<h1 dir="auto">ڈیم خالی ہے</h1>' in page
    assert re.search(r'<blockquote[^>]* dir="auto" lang="ur">(<span>)?ڈیم خالی', page)
    assert '<p dir="auto">کب سے؟</p>' in page


def fill(session, ada, article, n):
    """A claim with n of everything."""
    claim = a_claim(session, article=article, evidence=[], speaker="Made-up Speaker")
    session.add_all(
        Appearance(claim_id=claim.id, article_id=article.id, quotation=f"again {i}")
        for i in range(n)
    )
    for i in range(n):
        source = a_source(session, f"Made-up source {i}")
        evidence = some_evidence(session, claim, list(Stance)[i % 3], source=source)
        question = desk.discussion.ask(session, claim, f"Question {i}?", by=ada)
        session.flush()
        desk.discussion.answer(
            session, claim, question, "Yes.", evidence=evidence, read=question.version, by=ada
        )
        desk.discussion.hint(session, claim, f"Lead {i}", by=ada)
        desk.discussion.comment(session, claim, f"Comment {i}", by=a_member(session))
        desk.claims.link(session, claim, a_claim(session), "", by=ada)
        desk.claims.assign(session, claim, a_member(session, f"Member {i}"), by=ada)
        desk.claims.retag(session, claim, [f"tag {j}" for j in range(i + 1)], by=ada)
    session.commit()
    return claim


def test_the_page_asks_the_database_as_often_however_much_there_is(
    client, session, ada, statements
):
    article = an_article(session)
    little, much = fill(session, ada, article, 1), fill(session, ada, article, 6)
    asked = []
    for claim in (little, much):
        statements.forget()
        assert client.as_(ada).get(f"/claims/{claim.id}?in=sort%3Dchanged").status_code == 200
        asked.append(len(statements))

    assert asked[0] == asked[1]


def test_the_history_asks_the_database_as_often_however_much_happened(
    client, session, ada, statements
):
    article = an_article(session)
    little, much = fill(session, ada, article, 2), fill(session, ada, article, 5)
    asked = []
    for claim in (little, much):
        statements.forget()
        assert client.as_(ada).get(f"/claims/{claim.id}/history").status_code == 200
        asked.append(len(statements))

    assert asked[0] == asked[1]


def test_previous_and_next_stay_in_the_filter_that_the_reviewer_came_from(client, session, ada):
    article = an_article(session)
    first, fact, third = (
        a_claim(session, f"Made-up claim {n}", kind=kind, article=article)
        for n, kind in enumerate([Kind.NUMBER, Kind.FACT, Kind.NUMBER])
    )
    client.as_(ada)

    filtered = client.get(f"/claims/{first.id}?in=kind%3Dnumber").text
    plain = client.get(f"/claims/{first.id}").text

    assert f'rel="next" data-key="n" href="/claims/{third.id}?in=kind%3Dnumber"' in filtered
    assert f'rel="next" data-key="n" href="/claims/{fact.id}"' in plain
    assert f'action="/claims/{first.id}/comments?in=kind%3Dnumber"' in filtered


# ---- the claim itself --------------------------------------------------------------------------


def test_a_reviewer_edits_a_claim_and_comes_back_to_it(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)
    form = edited(
        session,
        claim,
        statement="The made-up dam leaks",
        kind="fact",
        speaker="Made-up Engineer",
        role="made-up role",
        tags="dams, water, dams",
    )

    answered = client.post(f"/claims/{claim.id}/edit?in=q%3Ddam", data=form)
    page = client.get(answered.location).text

    assert answered.status_code == 303
    assert answered.location == f"/claims/{claim.id}?in=q%3Ddam"
    assert "The made-up dam leaks" in page
    assert "Made-up Engineer" in page
    assert ">dams</a>" in page
    assert "Claim saved." in page


def test_htmx_gets_the_form_in_the_place_of_the_head_and_then_the_head(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)

    form = client.htmx("GET", f"/claims/{claim.id}/edit", "head").text
    head = client.htmx("GET", f"/claims/{claim.id}", "head").text

    assert form.lstrip().startswith('<header id="head"')
    assert 'name="statement"' in form
    assert "<html" not in form
    assert 'name="statement"' not in head
    assert 'id="history" class="box" hx-swap-oob="true"' in head
    assert 'id="verdicts"' not in head


def test_a_claim_that_says_nothing_gives_the_form_back_with_everything_in_it(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)
    form = edited(session, claim, statement=" ", same_as="nowhere", tags="a" * 61)

    page = client.post(f"/claims/{claim.id}/edit", data=form)

    assert page.status_code == 422
    assert "Fill this in." in page.text
    assert "https://" in page.text
    assert "at most 60 characters" in page.text
    assert 'value="nowhere"' in page.text
    assert "a" * 61 in page.text
    session.expire_all()
    assert session.get(Claim, claim.id).statement == "The made-up dam holds 40 million litres"


def test_two_who_reword_see_both_versions_and_what_differs(client, session, ada):
    claim = a_claim(session)
    mine = edited(session, claim, statement="The made-up dam holds 41 million litres")
    desk.claims.reword(session, claim, "The made-up dam holds 39 million litres", by=ada)
    session.commit()

    page = client.as_(ada).post(f"/claims/{claim.id}/edit", data=mine)

    assert page.status_code == 409
    assert "<del>39</del><ins>41</ins>" in page.text
    assert 'name="statement"' in page.text
    joined = mine | {"version": hidden(page.text, "version", f"/claims/{claim.id}/edit")}
    assert client.post(f"/claims/{claim.id}/edit", data=joined).status_code == 303
    session.expire_all()
    assert session.get(Claim, claim.id).statement == mine["statement"]


def test_a_claim_is_assigned_and_given_back(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)

    client.post(f"/claims/{claim.id}/assign", data={"member": ada.id})
    assert "With you" in client.get(f"/claims/{claim.id}").text
    client.post(f"/claims/{claim.id}/assign", data={"member": ""})
    assert "With nobody yet" in client.get(f"/claims/{claim.id}").text

    assert client.post(f"/claims/{claim.id}/assign", data={"member": "4711"}).status_code == 404
    assert client.post(f"/claims/{claim.id}/assign", data={"member": "x"}).status_code == 400
    viewer = a_member(session, role=Role.VIEWER)
    refused = client.post(f"/claims/{claim.id}/assign", data={"member": viewer.id})
    assert refused.status_code == 409


def test_a_withdrawn_claim_says_why_and_offers_nothing_but_to_restore_it(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)

    assert client.post(f"/claims/{claim.id}/withdraw", data={"reason": ""}).status_code == 422
    client.post(f"/claims/{claim.id}/withdraw", data={"reason": "It says the same twice."})
    page = client.get(f"/claims/{claim.id}").text

    assert "It says the same twice." in page
    assert f'action="/claims/{claim.id}/restore"' in page
    assert f'href="/claims/{claim.id}/edit"' not in page
    assert f'action="/claims/{claim.id}/questions"' not in page
    assert client.post(f"/claims/{claim.id}/restore").status_code == 303
    assert f'href="/claims/{claim.id}/edit"' in client.get(f"/claims/{claim.id}").text


def test_a_claim_is_split_on_a_plain_page(client, session, ada):
    claim = a_claim(session, evidence=[Stance.SUPPORTS])
    client.as_(ada)
    piece = queries.evidence.on_claim(session, claim).standing[0]
    form = {
        "statement": "The dam holds 40 million litres",
        "part": ["The dam was raised", "", "It leaks"],
        "kind": ["causal", "fact", "fact"],
        "copied": piece.id,
        "version": claim.version,
    }

    empty = client.post(f"/claims/{claim.id}/split", data=form | {"part": ["", "", ""]})
    answered = client.post(f"/claims/{claim.id}/split", data=form)
    page = client.get(answered.location).text

    assert empty.status_code == 422
    assert "at least one further claim" in empty.text
    split_off = select(Claim).where(Claim.split_from_id == claim.id)
    made = session.exec(split_off.order_by(Claim.number)).all()
    assert [(c.statement, c.kind, c.evidence_count) for c in made] == [
        ("The dam was raised", Kind.CAUSAL, 1),
        ("It leaks", Kind.FACT, 1),
    ]
    assert "split from this claim" in page
    other = client.get(f"/claims/{made[0].id}").text
    assert "this claim was split from it" in other


def test_a_split_sent_twice_makes_one(client, session, ada):
    claim = a_claim(session)
    client.as_(ada)
    page = client.get(f"/claims/{claim.id}/split").text
    form = {
        "statement": claim.statement,
        "part": ["It leaks"],
        "kind": ["fact"],
        "version": claim.version,
        "once": hidden(page, "once", f"/claims/{claim.id}/split"),
    }

    answers = [client.post(f"/claims/{claim.id}/split", data=form) for _ in range(2)]

    assert [a.location for a in answers] == [f"/claims/{claim.id}"] * 2
    assert len(session.exec(select(Claim).where(Claim.split_from_id == claim.id)).all()) == 1


def test_merging_starts_with_a_look_at_both_and_ends_on_the_other_claim(client, session, ada):
    article = an_article(session)
    claim = a_claim(session, "The made-up dam holds a lot", article=article)
    into = a_claim(session, "The made-up dam is full of water", article=article)
    elsewhere = a_claim(session, "Water elsewhere")
    client.as_(ada)

    found = client.htmx("GET", f"/claims/{claim.id}/merge?q=water", "candidates").text
    both = client.get(f"/claims/{claim.id}/merge?into={into.id}").text
    answered = client.post(f"/claims/{claim.id}/merge", data={"into": into.id})
    merged = client.get(f"/claims/{claim.id}").text

    assert into.statement in found
    assert elsewhere.statement not in found
    assert claim.statement in both
    assert into.statement in both
    assert answered.location == f"/claims/{into.id}"
    assert f'Merged into <a href="/claims/{into.id}">' in merged
    assert 'id="evidence"' not in merged
    assert 'id="questions"' not in merged
    assert f'action="/claims/{claim.id}/restore"' not in merged.replace("Restore", "")
    nothing_chosen = client.post(f"/claims/{into.id}/merge", data={})
    assert nothing_chosen.location == f"/claims/{into.id}/merge"


def test_a_claim_is_linked_to_one_found_by_its_number_or_words(client, session, ada):
    article = an_article(session)
    claim = a_claim(session, "The made-up dam holds a lot", article=article)
    by_number = a_claim(session, "It was raised", article=article)
    by_words = a_claim(session, "Rivers swell in spring")
    client.as_(ada)
    address = f"/claims/{claim.id}/links"

    assert by_number.statement in client.get(f"{address}/new?q={by_number.number}").text
    assert by_words.statement in client.get(f"{address}/new?q=rivers").text
    assert client.post(address, data={"note": "typed"}).status_code == 422
    client.post(address, data={"other": by_words.id, "note": "Both are about water."})
    page = client.get(f"/claims/{by_words.id}").text

    assert claim.statement in page
    assert "Both are about water." in page
    unlink = re.search(rf'href="(/claims/{by_words.id}/links/\d+/withdraw)"', page)[1]
    assert client.post(unlink, data={}).status_code == 422
    assert 'name="reason"' in client.htmx("GET", unlink, "related").text
    client.post(unlink, data={"reason": "One is about rivers only."})
    for one in (claim, by_words):
        gone = client.htmx("GET", f"/claims/{one.id}", "related").text
        gone = gone[gone.index("1 withdrawn link") : gone.index("</section>")]
        assert "Both are about water." in gone
        assert "One is about rivers only." in gone
    client.post(re.search(r'action="([^"]+/restore)"', gone)[1])
    assert "withdrawn link" not in client.htmx("GET", f"/claims/{claim.id}", "related").text


# ---- history -----------------------------------------------------------------------------------


def test_the_history_tells_who_did_what_with_the_words_that_changed(client, session, ada):
    claim = a_claim(session)
    desk.claims.reword(session, claim, "The made-up dam holds 41 million litres", by=ada)
    desk.claims.assign(session, claim, ada, by=an_editor(session))
    desk.claims.change_kind(session, claim, Kind.FACT, by=ada)
    session.commit()

    page = client.as_(ada).get(f"/claims/{claim.id}/history").text

    assert "reworded the claim" in page
    assert "<del>40</del><ins>41</ins>" in page
    assert "<del>number</del>" in page
    assert "<ins>fact</ins>" in page
    assert re.search(r"Assigned to</dt>\s*<dd[^>]*>Ada Reviewer", page)


def test_a_long_history_goes_on_by_its_link(client, session, ada):
    claim = a_claim(session)
    for n in range(60):
        desk.claims.reword(session, claim, f"Wording {n}", by=ada)
    session.commit()
    client.as_(ada)

    first = client.get(f"/claims/{claim.id}/history").text
    older = unescape(re.search(r'id="older"[^>]*><a[^>]* href="([^"]+)"', first)[1])
    rest = client.htmx("GET", older, "older").text

    assert "Wording 59" in first or "<ins>59</ins>" in first
    assert "added a claim" not in first
    assert "added a claim" in rest
    assert "<html" not in rest
    assert "<html" in client.get(older).text


def test_a_blind_verdict_is_in_nobody_elses_history(client, session, ada):
    ben = a_member(session, "Ben Reviewer")
    settings = queries.standing.desk(session)
    desk.settings.change_policy(
        session,
        settings,
        verdicts_required=2,
        blind=True,
        origins_required=0,
        read=settings.version,
        by=an_owner(session),
    )
    claim = a_claim(session)
    ids = queries.standing.basis(session, claim).evidence
    rating = the_rating(session, "mostly-false")
    desk.verdicts.give(session, claim, rating, "Secret reasons.", rests_on=ids, by=ben)
    session.commit()

    for address in (f"/claims/{claim.id}", f"/claims/{claim.id}/history"):
        seen = client.as_(ada).get(address).text
        assert "Secret reasons." not in seen
        assert "Ben Reviewer gave" not in re.sub(r"<[^>]+>", "", seen)
        assert "Secret reasons." in client.as_(ben).get(address).text


# ---- roles -------------------------------------------------------------------------------------


def test_a_viewer_reads_everything_and_changes_nothing(client, session, ada):
    claim = a_claim(session)
    question = desk.discussion.ask(session, claim, "Litres?", by=ada)
    session.commit()
    viewer = a_member(session, role=Role.VIEWER)
    client.as_(viewer)

    page = client.get(f"/claims/{claim.id}").text
    main = page[page.index('<main id="main"') : page.index("</main>")]

    assert "Litres?" in main
    assert "<form" not in main
    here = f"/claims/{claim.id}"
    for address in (
        f"{here}/edit",
        f"{here}/assign",
        f"{here}/withdraw",
        f"{here}/restore",
        f"{here}/split",
        f"{here}/merge",
        f"{here}/links",
        f"{here}/questions",
        f"{here}/questions/{question.id}/answer",
        f"{here}/questions/{question.id}/withdraw",
        f"{here}/leads",
        f"{here}/comments",
    ):
        assert client.post(address, data={"text": "x"}).status_code == 403
    last = session.exec(select(Event).order_by(col(Event.seq).desc())).first()
    assert last.action == "member added"


def test_what_was_drawn_of_a_claim_is_drawn_anew_once_anything_in_it_changes(client, session, ada):
    ben, claim = a_member(session, "Ben Nobody"), a_claim(session, evidence=[])
    reader = a_member(session, role=Role.VIEWER)
    source = a_source(session, "Register of made-up dams")
    piece = some_evidence(session, claim, source=source, by=ben)
    desk.claims.assign(session, claim, ben, by=ada)
    session.commit()

    def page(viewer=ada, address=f"/claims/{claim.id}"):
        return client.as_(viewer).get(address).text

    def rename(name):
        desk.members.rename(session, name, by=ben, read=ben.version)

    def retitle(title):
        facts = desk.sources.Facts(title)
        desk.sources.edit(session, source, facts, read=source.version, by=ada)

    assert '<span dir="auto">Ben Nobody</span><time' in page()
    assert "Edit<span" in page()
    assert "Edit<span" not in page(reader)
    assert f"evidence/{piece.id}/edit?in=kind" in page(address=f"/claims/{claim.id}?in=kind%3Dfact")
    assert f"evidence/{piece.id}/edit?in=kind" not in page()
    rename("Ben Somebody")
    session.commit()
    # The ledger says what they were called when they did it.
    assert "handed Ben Somebody the claim" in page()
    assert '<span dir="auto">Ben Somebody</span><time' in page()
    retitle("Register of made-up weirs")
    session.commit()
    assert f'dir="auto">{source.title}</a>' in page()
    assert "Register of made-up dams" not in page()
    desk.evidence.withdraw(session, piece, "Another dam.", by=ada)
    session.commit()
    assert "Nothing found for it yet" in page()
