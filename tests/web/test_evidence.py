import re

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.models import Claim, Content, Event, Evidence, Source
from claims.rules.vocabulary import Damage, Role, Stance, State
from tests.factories import a_claim, a_copy, a_member, a_source, some_evidence


@pytest.fixture
def reviewer(session):
    return a_member(session)


@pytest.fixture
def claim(session):
    return a_claim(session, evidence=[])


def typed(**fields):
    """A filled-in form for evidence from a new source."""
    return {
        "from": "new",
        "title": "Register of made-up dams",
        "type": "official record",
        "stance": "supports",
        "excerpt": "The register lists 40 million litres.",
    } | fields


def pieces(session):
    session.expire_all()
    return session.exec(select(Evidence).order_by(Evidence.id)).all()


def test_evidence_from_an_existing_source_is_added_to_the_page(session, client, reviewer, claim):
    source = a_source(session)
    form = {
        "from": "existing",
        "source_id": source.id,
        "stance": "refutes",
        "excerpt": "Thirty, not forty.",
        "locator": "p. 7",
        "credibility": "2",
        "note": "An old edition.",
    }

    answer = client.as_(reviewer).post(f"/claims/{claim.id}/evidence", data=form)

    (piece,) = pieces(session)
    assert answer.status_code == 303
    assert answer.location == f"/claims/{claim.id}#evidence-{piece.id}"
    page = client.get(answer.location).text
    for words in ("Thirty, not forty.", "p. 7", "An old edition.", "– · 2", "Evidence added."):
        assert words in page
    assert session.get(Claim, claim.id).state == State.IN_REVIEW


def test_evidence_and_its_new_source_come_in_one_form(session, client, reviewer, claim):
    form = typed(
        url="https://register.example/dams",
        publisher="Office of Invented Statistics",
        author="",
        published_on="2009-07",
        consulted_on="2026",
        language="en",
        reliability="B",
        credibility="",
    )

    answer = client.as_(reviewer).post(f"/claims/{claim.id}/evidence", data=form)

    assert answer.status_code == 303
    (source,) = session.exec(select(Source)).all()
    assert (source.published_on, source.consulted_on) == ("2009-07", "2026")
    assert (source.reliability, source.author) == ("B", None)
    (piece,) = pieces(session)
    assert (piece.source_id, piece.created_by_id) == (source.id, reviewer.id)
    actions = session.exec(select(Event.action).order_by(Event.seq)).all()
    assert actions[-2:] == ["source added", "evidence added"]


def test_nothing_is_kept_of_a_source_when_its_evidence_is_refused(session, client, reviewer, claim):
    desk.claims.withdraw(session, claim, "Said twice.", by=reviewer)
    session.commit()

    answer = client.as_(reviewer).post(f"/claims/{claim.id}/evidence", data=typed())

    assert answer.status_code == 409
    assert "This claim is withdrawn" in answer.text
    assert "The register lists 40 million litres." in answer.text
    assert session.exec(select(Source)).all() == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"stance": ""}, "Choose which way it points."),
        ({"stance": "sideways"}, "Choose which way it points."),
        ({"excerpt": " ", "note": ""}, "Quote what the source says"),
        ({"excerpt": "x" * 20_001}, "at most 20000 characters"),
        ({"title": "  "}, "Fill this in."),
        ({"title": "x" * 501}, "at most 500 characters"),
        ({"locator": "x" * 301}, "at most 300 characters"),
        ({"credibility": "7"}, "at most 6"),
        ({"credibility": "two"}, "Write a whole number."),
        ({"reliability": "G"}, "Choose one of the values offered."),
        ({"type": "rumour"}, "Choose one of the values offered."),
        ({"url": "javascript:alert(1)"}, "starts with https://"),
        ({"url": "register.example"}, "starts with https://"),
        ({"published_on": "July 2009"}, "2009, 2009-07 or 2009-07-21"),
        ({"published_on": "2009-13"}, "There is no such date."),
        ({"language": "<b>"}, "Write a language as its code"),
        ({"from": "existing", "source_id": ""}, "Choose a source"),
        ({"from": "existing", "source_id": "4711"}, "Choose a source"),
        ({"from": "existing", "source_id": "9" * 30}, "Choose a source"),
        ({"from": "existing"}, "Choose a source"),
    ],
)
def test_a_wrong_field_is_named_and_all_that_was_typed_is_kept(
    session, client, reviewer, claim, wrong, says
):
    form = typed(note="A note to keep", locator="p. 7", publisher="Nobody in particular") | wrong
    kept = [form[name] for name in ("note", "locator", "publisher") if form[name].strip()]

    page = client.as_(reviewer).post(f"/claims/{claim.id}/evidence", data=form)
    fragment = client.htmx("POST", f"/claims/{claim.id}/evidence", "evidence", data=form)

    for answer in (page, fragment):
        assert answer.status_code == 422
        assert says in answer.text
        assert all(words in answer.text for words in kept)
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert fragment.headers["HX-Retarget"] == "#evidence_form"
    assert pieces(session) == []
    assert session.exec(select(Source)).all() == []


HOSTILE = '<script>alert("1")</script>\x00\u202eمتن\ud7ff'


def test_hostile_words_stay_words(session, client, reviewer, claim):
    form = typed(title=HOSTILE, excerpt=HOSTILE, note=HOSTILE, locator=HOSTILE, publisher=HOSTILE)

    answer = client.as_(reviewer).post(f"/claims/{claim.id}/evidence", data=form)
    source = session.exec(select(Source)).one()

    for address in (f"/claims/{claim.id}", f"/sources/{source.id}", "/sources"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "\0" not in page
    assert answer.status_code == 303
    assert client.get("/sources", query_string={"q": HOSTILE}).status_code == 200
    search = {"q": HOSTILE, "source_id": "9" * 40, "stance": HOSTILE}
    assert client.get(f"/claims/{claim.id}/evidence/new", query_string=search).status_code == 200


def test_only_web_addresses_are_links_wherever_they_came_from(session, client, reviewer, claim):
    source = a_source(session, url="javascript:alert(1)")
    some_evidence(session, claim, source=source)
    linked = a_source(session, "Linked record", url="https://register.example/x")
    some_evidence(session, claim, source=linked)

    client.as_(reviewer)
    pages = [client.get(a).text for a in (f"/claims/{claim.id}", f"/sources/{source.id}")]

    for page in pages:
        assert 'href="javascript' not in page
        assert "javascript:alert(1)" in page
    link = 'href="https://register.example/x" rel="noopener noreferrer nofollow"'
    assert link in pages[0]


def test_htmx_gets_the_section_with_what_evidence_moves_elsewhere(session, client, reviewer, claim):
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence"

    sent = client.htmx("POST", address, "evidence", data=typed())
    answer = client.htmx("GET", sent.location, "evidence")

    (piece,) = pieces(session)
    assert sent.location == f"{address}?added={piece.id}"
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#evidence"
    for part in ("head", "rests_on", "history"):
        assert f'id="{part}"' in answer.text
    assert 'id="verdict' not in answer.text.replace('id="verdicts', "")
    assert "data-focus" in answer.text.partition(f'id="evidence-{piece.id}"')[2][:40]
    assert "Evidence added." in answer.text
    plain = client.get(sent.location)
    assert plain.location == f"/claims/{claim.id}#evidence-{piece.id}"


def test_a_form_sent_twice_makes_one_piece(session, client, reviewer, claim):
    client.as_(reviewer)
    form = typed(once="the-same-token")

    first = client.post(f"/claims/{claim.id}/evidence", data=form)
    second = client.post(f"/claims/{claim.id}/evidence", data=form)

    assert first.location == second.location
    assert len(pieces(session)) == 1
    assert len(session.exec(select(Source)).all()) == 1


def test_the_form_opens_in_place_or_on_a_page_of_its_own(session, client, reviewer, claim):
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence/new?stance=refutes"

    page = client.get(address).text
    fragment = client.htmx("GET", address, "evidence_form").text

    assert "<html" in page
    assert "<html" not in fragment
    assert "hx-post" not in page.partition('id="evidence_form"')[2]
    for form in (page, fragment):
        assert 'value="refutes" checked' in form
        # With nothing in the library, a new source is what is offered.
        assert 'value="new" checked' in form
        assert "The library is empty" in form


def test_sources_are_found_while_typing_and_a_choice_is_kept(session, client, reviewer, claim):
    for title in ("Register of made-up dams", "Ledger of weirs", "Map of weirs"):
        source = desk.sources.add(session, Facts(title), by=reviewer)
    session.commit()
    client.as_(reviewer)
    search = {"q": "ledg", "source_id": source.id}

    found = client.htmx(
        "GET", f"/claims/{claim.id}/evidence/new", "source_options", query_string=search
    ).text
    page = client.get(f"/claims/{claim.id}/evidence/new", query_string=search).text
    nothing = client.htmx(
        "GET", f"/claims/{claim.id}/evidence/new", "source_options", query_string={"q": "dragon"}
    ).text

    for answer in (found, page):
        assert "Ledger of weirs" in answer
        assert "Register of made-up dams" not in answer
        assert f'value="{source.id}" checked' in answer
    assert "<form" not in found
    assert "No source has" in nothing


def test_a_source_under_the_same_address_is_offered(session, client, reviewer, claim):
    held = desk.sources.add(
        session, Facts("The register", url="https://register.example/dams"), by=reviewer
    )
    session.commit()
    client.as_(reviewer)
    form = typed(url="http://REGISTER.example/dams/?utm_source=letter")
    address = f"/claims/{claim.id}/evidence"

    asked = client.post(address, data=form)
    assert asked.status_code == 422
    assert "You have this source already" in asked.text
    assert pieces(session) == []

    client.post(address, data=form | {"same": "use"})
    client.post(address, data=form | {"same": "anyway"})
    first, second = pieces(session)
    assert first.source_id == held.id
    assert second.source_id != held.id


@pytest.mark.parametrize("way", ["page", "fragment"])
def test_evidence_is_edited_in_place_or_on_a_page_of_its_own(session, client, reviewer, claim, way):
    piece = some_evidence(session, claim)
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence/{piece.id}/edit"
    form = {"stance": "context", "note": "Only a note now", "version": piece.version}

    def ask(method, **options):
        if way == "page":
            return client.open(address, method=method, **options)
        return client.htmx(method, address, f"evidence-{piece.id}", **options)

    opened = ask("GET")
    wrong = ask("POST", data=form | {"note": " ", "locator": "p. 9"})
    saved = ask("POST", data=form)

    assert ("<html" in opened.text) is (way == "page")
    assert "The register lists 40 million litres." in opened.text
    assert wrong.status_code == 422
    assert 'value="p. 9"' in wrong.text
    assert saved.status_code == 303
    (piece,) = pieces(session)
    assert (piece.stance, piece.excerpt, piece.note) == (Stance.CONTEXT, "", "Only a note now")


def test_two_who_edit_a_piece_at_once_both_keep_what_they_typed(session, client, reviewer, claim):
    piece = some_evidence(session, claim)
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence/{piece.id}/edit"
    form = {"stance": "supports", "version": piece.version}

    client.post(address, data=form | {"excerpt": "Hers"})
    conflict = client.post(address, data=form | {"excerpt": "His"})

    assert conflict.status_code == 409
    assert "Hers" in conflict.text
    assert "His" in conflict.text
    assert f'action="{address}"' in conflict.text
    assert pieces(session)[0].excerpt == "Hers"


def test_evidence_is_withdrawn_with_a_reason_and_restored(session, client, reviewer, claim):
    piece = some_evidence(session, claim)
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence/{piece.id}"

    assert "Why is it withdrawn?" in client.get(f"{address}/withdraw").text
    assert client.post(f"{address}/withdraw", data={"reason": " "}).status_code == 422
    client.post(f"{address}/withdraw", data={"reason": "Another dam of that name"})
    page = client.get(f"/claims/{claim.id}").text
    assert "1 withdrawn piece of evidence" in page
    assert "Another dam of that name" in page
    assert session.get(Claim, claim.id, populate_existing=True).state == State.TO_CHECK

    again = client.post(f"{address}/withdraw", data={"reason": "Again"})
    assert again.status_code == 409
    client.post(f"{address}/restore")
    assert "withdrawn piece" not in client.get(f"/claims/{claim.id}").text
    assert session.get(Claim, claim.id, populate_existing=True).state == State.IN_REVIEW
    assert client.post(f"{address}/restore").status_code == 409


def test_a_half_written_form_stays_while_another_piece_is_changed(session, client, reviewer, claim):
    piece = some_evidence(session, claim)
    client.as_(reviewer)

    def section(query):
        return client.htmx("GET", f"/claims/{claim.id}/evidence{query}", "evidence").text

    assert 'id="evidence_form" hx-preserve' in section(f"?at={piece.id}")
    assert "hx-preserve" not in section(f"?added={piece.id}")
    assert "hx-preserve" not in section("")


def test_a_piece_stands_alone_where_its_form_is_cancelled(session, client, reviewer, claim):
    piece = some_evidence(session, claim)
    client.as_(reviewer)
    address = f"/claims/{claim.id}/evidence/{piece.id}"

    card = client.htmx("GET", address, f"evidence-{piece.id}").text

    assert "The register lists 40 million litres." in card
    assert "<form" not in card
    assert client.get(address).location == f"/claims/{claim.id}#evidence-{piece.id}"


def test_a_reader_sees_evidence_and_changes_none(session, client, claim):
    piece = some_evidence(session, claim)
    client.as_(a_member(session, "Reader", Role.VIEWER))
    address = f"/claims/{claim.id}/evidence"

    page = client.get(f"/claims/{claim.id}").text

    assert "The register lists 40 million litres." in page
    assert "Add evidence" not in page
    for path in ("/new", f"/{piece.id}/edit", f"/{piece.id}/withdraw"):
        assert client.get(address + path).status_code == 403
    for path in ("", f"/{piece.id}/edit", f"/{piece.id}/withdraw", f"/{piece.id}/restore"):
        assert client.post(address + path, data=typed()).status_code == 403
    assert len(pieces(session)) == 1


def test_what_does_not_exist_is_not_found(session, client, reviewer, claim):
    piece = some_evidence(session, claim)
    other = a_claim(session, evidence=[])
    client.as_(reviewer)

    for path in (
        "/claims/4711/evidence/new",
        f"/claims/{claim.id}/evidence/4711/edit",
        f"/claims/{other.id}/evidence/{piece.id}/edit",
        f"/claims/{claim.id}/evidence/{'9' * 30}",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post("/claims/4711/evidence", data=typed()).status_code == 404


def test_the_section_costs_the_same_however_much_evidence_there_is(
    session, client, reviewer, claim, statements
):
    client.as_(reviewer)
    counts = []
    for _ in range(2):
        for stance in (*Stance, *Stance):
            some_evidence(session, claim, stance, by=reviewer)
        statements.forget()
        client.htmx("GET", f"/claims/{claim.id}/evidence", "evidence")
        counts.append(len(statements))
        statements.forget()
        client.get(f"/claims/{claim.id}/evidence/new")
        counts.append(len(statements))

    assert counts[:2] == counts[2:]


def test_a_claim_has_its_evidence_in_one_statement(session, claim, statements, app):
    from claims import database

    some_evidence(session, claim)
    some_evidence(session, claim, Stance.REFUTES)
    with database.session(app.extensions["engine"]) as fresh:
        held = fresh.get(Claim, claim.id)
        statements.forget()

        found = queries.evidence.on_claim(fresh, held)
        names = [(p.source.title, p.created_by.name) for p in found.standing]

    assert len(statements) == 1
    assert len(names) == 2


# What can be checked against the copies that the desk keeps


def checked(session, words, excerpt, *, stance=Stance.REFUTES):
    claim = a_claim(session, evidence=[])
    source = a_source(session, url="https://figures.register.example/dams")
    copy = a_copy(session, source, words)
    finding = Finding(stance, excerpt)
    piece = desk.evidence.attach(session, claim, source, finding, by=a_member(session))
    session.commit()
    return claim, piece, copy


@pytest.mark.parametrize(
    ("excerpt", "mark"),
    [
        ("Nobody has measured the dam since the year 1999.", "Verbatim"),
        ("Nobody  has measured the dam\nsince the year 1999.", "Same words"),
        ("Nobody ever measured the big dam since the year 1999.", "Nearly"),
        ("It was measured every single day by a man with a stick.", "Not found"),
    ],
)
def test_a_piece_says_how_its_excerpt_stands_in_the_copy_and_leads_there(
    session, client, reviewer, excerpt, mark
):
    words = "The register lists it. Nobody has measured the dam since the year 1999. That is all."
    claim, piece, copy = checked(session, words, excerpt)

    page = client.as_(reviewer).get(f"/claims/{claim.id}").text

    assert f"{mark}<span" in page
    where = f"/captures/{copy.id}?passage={piece.id}#passage-{piece.id}"
    assert where in page
    passage = client.get(where.partition("#")[0]).text
    assert (f'id="passage-{piece.id}"' in passage) == (mark != "Not found")


def test_a_piece_says_when_the_newest_copy_has_other_words(session, client, reviewer):
    claim, piece, _ = checked(session, "Nobody has measured the dam.", "Nobody has measured")
    told = "no longer so in the newest copy"
    assert told not in client.as_(reviewer).get(f"/claims/{claim.id}").text

    a_copy(session, session.get_one(Source, piece.source_id), "Somebody measured it at last.")

    assert told in client.get(f"/claims/{claim.id}").text
    assert told in client.get(f"/sources/{piece.source_id}").text


def test_a_source_without_a_copy_says_so(session, client, reviewer):
    claim = a_claim(session)

    assert "no copy kept" in client.as_(reviewer).get(f"/claims/{claim.id}").text


def test_whoever_adds_evidence_is_told_how_the_excerpt_was_found(session, client, reviewer):
    claim, piece, _ = checked(session, "Nobody has measured the dam.", "Nobody has measured")
    form = {"source_id": piece.source_id, "stance": "context", "excerpt": "It was measured daily."}
    client.as_(reviewer)

    answer = client.post(f"/claims/{claim.id}/evidence", data=form)

    page = client.get(answer.location, follow_redirects=True).text
    assert re.search(r"not found in the desk’s copy of \d+ \w+ \d{4}: check it", page)


def test_a_damaged_copy_is_flagged_at_the_evidence(session, client, reviewer):
    claim, _, copy = checked(session, "Nobody has measured the dam.", "Nobody has measured")
    assert "damaged" not in client.as_(reviewer).get(f"/claims/{claim.id}").text

    desk.captures.found_damaged(session, session.get_one(Content, copy.sha256), Damage.CHANGED)
    session.commit()

    assert "A copy of this source is damaged." in client.get(f"/claims/{claim.id}").text


def test_the_heading_counts_independent_origins(session, client, reviewer):
    claim = a_claim(session, evidence=[])
    for n in range(3):
        source = a_source(session, f"Report {n}")
        if n < 2:
            desk.origins.join(session, source, "The made-up ministry", by=reviewer)
        some_evidence(session, claim, Stance.REFUTES, source=source)

    page = client.as_(reviewer).get(f"/claims/{claim.id}").text

    assert "3 against, from 2 independent origins" in page
    assert "comes from <bdi>The made-up ministry</bdi>" in page


def test_how_a_nearly_found_excerpt_differs_is_shown_to_whoever_asks(session, client, reviewer):
    words = "The register lists it. Nobody has measured the dam since the year 1999. That is all."
    claim, piece, copy = checked(
        session, words, "Nobody ever measured the big dam since the year 1999."
    )
    address = f"/claims/{claim.id}/evidence/{piece.id}/difference"
    place = f"difference-{piece.id}"
    asked = {"HX-Request": "true", "HX-Target": place}

    claim_page = client.as_(reviewer).get(f"/claims/{claim.id}").text
    whole, part = client.get(address).text, client.get(address, headers=asked).text

    assert f'href="{address}"' in claim_page
    assert "<del>" not in claim_page
    for answer in (whole, part):
        assert "<del>ever</del><ins>has</ins>" in answer
        assert f"/captures/{copy.id}?passage={piece.id}#passage-{piece.id}" in answer
    assert f'id="{place}"' in part
    assert "<html" not in part


def test_an_excerpt_that_stands_nowhere_has_nothing_to_compare(session, client, reviewer):
    claim, piece, _ = checked(session, "Nobody has measured the dam.", "It was a windy day.")

    page = client.as_(reviewer).get(f"/claims/{claim.id}").text

    assert "How it differs" not in page
    address = f"/claims/{claim.id}/evidence/{piece.id}/difference"
    assert client.get(address).status_code == 404


def test_what_the_marks_mean_is_at_hand_where_there_is_one(session, client, reviewer):
    marked, *_ = checked(session, "Nobody has measured the dam.", "Nobody has measured")
    unmarked = a_claim(session)
    meaning = "It stands in the captured text letter by letter."
    client.as_(reviewer)

    with_marks = client.get(f"/claims/{marked.id}").text

    assert with_marks.partition('id="marks"')[2].count(meaning) == 1
    assert 'id="marks"' not in client.get(f"/claims/{unmarked.id}").text
