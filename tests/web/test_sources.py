import pytest
from sqlmodel import select

from claims import desk
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.models import Content, Source
from claims.rules.vocabulary import Damage, Role, Stance
from tests.factories import a_claim, a_copy, a_member, a_source, some_evidence


@pytest.fixture
def reviewer(session):
    return a_member(session)


def a_listed_source(session, by, title="Register of made-up dams", reliability=None, **facts):
    source = desk.sources.add(session, Facts(title, **facts), reliability=reliability, by=by)
    session.commit()
    return source


def test_an_empty_library_says_what_to_do(client, reviewer):
    page = client.as_(reviewer).get("/sources").text

    assert "No sources yet" in page
    assert 'href="/sources/new"' in page


def test_a_source_is_added_shown_and_found(session, client, reviewer):
    client.as_(reviewer)
    form = {
        "title": "Register of made-up dams",
        "type": "interview",
        "publisher": "Office of Invented Statistics",
        "published_on": "2009-07-21",
        "reliability": "A",
        "note": "Counts every dam twice.",
    }

    answer = client.post("/sources", data=form)

    source = session.exec(select(Source)).one()
    assert answer.location == f"/sources/{source.id}"
    page = client.get(answer.location).text
    for words in (*form.values(), "21 Jul 2009", "Completely reliable", "Nothing rests on it yet"):
        assert words in page or words == "2009-07-21"
    assert "Register of made-up dams" in client.get("/sources?q=invented").text
    assert "No source is like that" in client.get("/sources?q=dragons").text


def test_a_wrong_field_is_named_and_all_that_was_typed_is_kept(session, client, reviewer):
    client.as_(reviewer)
    form = {"title": "", "type": "study", "url": "ftp://x", "publisher": "Kept", "note": "Kept too"}

    answer = client.post("/sources", data=form)

    assert answer.status_code == 422
    for words in ("Fill this in.", "starts with https://", "ftp://x", "Kept", "Kept too"):
        assert words in answer.text
    assert session.exec(select(Source)).all() == []


def test_a_source_under_the_same_address_is_offered(session, client, reviewer):
    held = a_listed_source(session, reviewer, url="https://register.example/dams")
    client.as_(reviewer)
    form = {"title": "Mine", "type": "web page", "url": "https://register.example/dams#top"}

    asked = client.post("/sources", data=form)
    used = client.post("/sources", data=form | {"same": "use"})
    added = client.post("/sources", data=form | {"same": "anyway"})

    assert asked.status_code == 422
    assert "You have this source already" in asked.text
    assert used.location == f"/sources/{held.id}"
    assert added.location != used.location
    assert len(session.exec(select(Source)).all()) == 2


def test_a_source_sent_twice_is_one_source(session, client, reviewer):
    client.as_(reviewer)
    form = {"title": "Mine", "type": "web page", "once": "the-same-token"}

    first, second = (client.post("/sources", data=form) for _ in range(2))

    assert first.location == second.location
    assert len(session.exec(select(Source)).all()) == 1


def test_the_history_of_a_source_is_the_custody_of_its_copies_too(session, client, reviewer):
    source = a_source(session)
    copy = a_copy(session, source, "The register lists 40 million litres.")
    another = a_copy(session, a_source(session, "Another one"), "Something else.")
    content = session.get_one(Content, copy.sha256)
    desk.captures.found_damaged(session, content, Damage.CHANGED)
    session.commit()

    page = client.as_(reviewer).get(f"/sources/{source.id}").text

    history = page[page.index('id="history"') :]
    assert "found a damaged copy" in history
    assert "took a copy" in history
    assert history.count(f'href="/captures/{copy.id}"') == 2
    assert f"/captures/{another.id}" not in page


def test_a_source_is_edited_and_its_history_says_what_changed(session, client, reviewer):
    source = a_listed_source(session, reviewer, publisher="Nobody in particular")
    client.as_(reviewer)
    address = f"/sources/{source.id}/edit"
    form = {"title": source.title, "type": "study", "version": source.version}

    assert "Nobody in particular" in client.get(address).text
    assert client.post(address, data=form | {"title": " "}).status_code == 422
    saved = client.post(address, data=form | {"publisher": "Somebody"})
    late = client.post(address, data=form | {"publisher": "Somebody else"})

    assert saved.status_code == 303
    assert late.status_code == 409
    assert "Somebody else" in late.text
    page = client.get(f"/sources/{source.id}").text
    assert "<del>Nobody in particular</del> <ins>Somebody</ins>" in page


def test_a_grade_is_given_in_place_and_taken_back(session, client, reviewer):
    source = a_listed_source(session, reviewer)
    client.as_(reviewer)
    address = f"/sources/{source.id}/grade"

    sent = client.htmx("POST", address, "grade", data={"reliability": "C", "version": 1})
    fragment = client.htmx("GET", sent.location, "grade").text
    wrong = client.post(address, data={"reliability": "Z", "version": 2})
    late = client.post(address, data={"reliability": "E", "version": 1})
    back = client.post(address, data={"reliability": "", "version": 2})

    assert "<html" not in fragment
    assert "Fairly reliable" in fragment
    assert "graded the source" in fragment
    assert wrong.status_code == 422
    assert late.status_code == 409
    assert back.status_code == 303
    session.expire_all()
    assert session.get(Source, source.id).reliability is None


def test_a_source_is_withdrawn_with_a_reason_and_restored(session, client, reviewer):
    source = a_listed_source(session, reviewer)
    client.as_(reviewer)
    address = f"/sources/{source.id}"

    assert client.post(f"{address}/withdraw", data={"reason": ""}).status_code == 422
    client.post(f"{address}/withdraw", data={"reason": "It is made up."})
    assert "It is made up." in client.get(address).text
    assert source.title not in client.get("/sources").text
    assert source.title in client.get("/sources?shown=withdrawn").text
    client.post(f"{address}/restore")
    assert source.title in client.get("/sources").text
    assert client.post(f"{address}/restore").status_code == 409


def test_a_source_shows_every_claim_it_bears_on(session, client, reviewer):
    source = a_listed_source(session, reviewer)
    claim = a_claim(session, evidence=[])
    piece = some_evidence(session, claim, source=source)
    client.as_(reviewer)

    page = client.get(f"/sources/{source.id}").text
    refused = client.post(f"/sources/{source.id}/withdraw", data={"reason": "Made up."})

    assert f"/claims/{claim.id}#evidence-{piece.id}" in page
    for words in ("supports", "in review", claim.statement, "1 piece of evidence"):
        assert words in page
    assert refused.status_code == 409
    assert "One piece of evidence rests on this source" in refused.text
    assert "Made up." in refused.text


def test_the_library_goes_on_by_htmx_and_without(session, client, reviewer):
    for number in range(60):
        desk.sources.add(session, Facts(f"Made-up record {number:02}"), by=reviewer)
    session.commit()
    client.as_(reviewer)
    filters = "sort=title&q=record"

    first = client.get(f"/sources?{filters}").text
    more = first.partition('id="more"')[2].partition('href="')[2].partition('"')[0]
    more = more.replace("&amp;", "&")
    rows = client.htmx("GET", more, "more").text
    page = client.get(more).text

    assert "Made-up record 49" in first
    assert "Made-up record 50" not in first
    for answer in (rows, page):
        assert "Made-up record 50" in answer
        assert "Made-up record 49" not in answer
    assert "<table" not in rows
    assert client.htmx("GET", "/sources?q=record", "library").text.startswith("<div")


def test_a_reader_sees_sources_and_changes_none(session, client, reviewer):
    source = a_listed_source(session, reviewer)
    client.as_(a_member(session, "Reader", Role.VIEWER))

    assert source.title in client.get("/sources").text
    page = client.get(f"/sources/{source.id}").text
    assert "Edit" not in page.partition("<main")[2]
    assert "Grade it" not in page
    for path in ("/new", f"/{source.id}/edit"):
        assert client.get(f"/sources{path}").status_code == 403
    for path in ("", *(f"/{source.id}/{act}" for act in ("edit", "grade", "withdraw", "restore"))):
        assert client.post(f"/sources{path}", data={"title": "x"}).status_code == 403


def test_what_does_not_exist_is_not_found(client, reviewer):
    client.as_(reviewer)

    for path in ("/sources/4711", "/sources/4711/edit", f"/sources/{'9' * 30}"):
        assert client.get(path).status_code == 404, path
    for act in ("edit", "grade", "withdraw", "restore"):
        assert client.post(f"/sources/4711/{act}").status_code == 404


def test_library_and_source_cost_the_same_however_much_there_is(
    session, client, reviewer, statements
):
    source = a_listed_source(session, reviewer)
    client.as_(reviewer)
    counts = []
    for _ in range(2):
        for _ in range(3):
            some_evidence(session, a_claim(session, evidence=[]), source=source, by=reviewer)
            a_source(session)
        for address in ("/sources", "/sources?q=register", f"/sources/{source.id}"):
            statements.forget()
            client.get(address)
            counts.append(len(statements))

    assert counts[:3] == counts[3:]


def test_what_a_source_says_carries_its_mark_and_leads_to_the_passage(client, session, reviewer):
    source = a_source(session)
    copy = a_copy(session, source, "Nobody has measured the dam.")
    finding = Finding(Stance.REFUTES, "Nobody has measured the dam.")
    piece = desk.evidence.attach(session, a_claim(session), source, finding, by=reviewer)
    session.commit()

    page = client.as_(reviewer).get(f"/sources/{source.id}").text

    bearing = page.partition('class="bearing"')[2].partition("</article>")[0]
    assert "Verbatim<span" in bearing
    assert f"/captures/{copy.id}?passage={piece.id}#passage-{piece.id}" in bearing
    assert "It stands in the captured text letter by letter." in page
