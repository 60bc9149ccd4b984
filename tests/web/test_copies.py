"""How copies come to the desk: an address, files, or somebody’s word; and how far they are."""

import io
import re
from datetime import timedelta

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.captures.limits import Limits
from claims.desk.sources import Facts
from claims.models import Capture, Job, Source
from claims.models.columns import now
from claims.rules.vocabulary import Channel, Damage, JobKind, JobState, Role, SourceType
from claims.web import uploads
from claims.worker import Worker
from tests.factories import a_claim, a_member, a_source
from tests.misbehaving import REPORT, Site, running

PAGE = "https://register.example/dams"


@pytest.fixture
def reviewer(session):
    return a_member(session, "Reviewer Ada")


@pytest.fixture
def signed_in(client, reviewer):
    return client.as_(reviewer)


@pytest.fixture
def site():
    with running(Site()) as site:
        yield site


@pytest.fixture
def worker(app, site):
    limits = Limits(size=1_000_000, seconds=5, allowed=frozenset({site.host}))
    return Worker(app.extensions["engine"], app.extensions["store"], limits)


def a_pasted_source(session, url=PAGE, *, by):
    source = desk.sources.add(session, Facts(title=url, url=url), by=by)
    job = desk.jobs.ask(session, source, JobKind.CAPTURE, url, by=by)
    session.commit()
    return source, job


def a_file(words=b"The register lists two dams.", name="letter.txt"):
    return io.BytesIO(words), name


def fails(session, job, why="The site answers “404 Not Found”."):
    taken = desk.jobs.take(session, "worker")
    desk.jobs.fail(session, taken, why, again=False)
    session.commit()


def only(session, record):
    session.expire_all()
    return session.exec(select(record)).one()


# ---- an address ---------------------------------------------------------------------------------


def test_a_pasted_address_becomes_a_source_whose_page_fills_it_in(session, signed_in, worker, site):
    shown = signed_in.post("/sources/paste", data={"url": f"{site.address}/article"}).location
    waiting = signed_in.get(shown).text

    worker.step()

    page = signed_in.get(shown).text
    assert "Waiting" in waiting
    assert "No copy is kept" not in waiting
    assert "<h1" in page
    assert re.search(r"<h1[^>]*>Two dams, not nine</h1>", page)
    assert "Ada Quill" in page
    assert only(session, Capture).sha256 in page
    assert "Waiting" not in page


def test_an_address_is_taken_as_people_paste_it(session, signed_in):
    signed_in.post("/sources/paste", data={"url": "  register.example/dams "})

    assert only(session, Source).url == PAGE
    assert only(session, Job).url == PAGE


def test_what_is_no_address_is_told_and_given_back(session, signed_in):
    answer = signed_in.post("/sources/paste", data={"url": "javascript:alert(1)"})

    assert answer.status_code == 422
    assert "starts with https://" in answer.text
    assert 'value="javascript:alert(1)"' in answer.text
    assert session.exec(select(Source)).all() == []


def test_a_site_s_name_is_no_longer_than_a_name_can_be(session, signed_in):
    answer = signed_in.post("/sources/paste", data={"url": f"http://{'a' * 301}.example/"})

    assert answer.status_code == 422
    assert "no site has so long a name" in answer.text


def test_a_known_page_is_offered_and_captured_again(session, signed_in):
    held = a_source(session, url=PAGE)
    desk.sources.derive(session, held)
    session.commit()

    offered = signed_in.post("/sources/paste", data={"url": f"{PAGE}?utm_source=letter"})
    used = signed_in.post("/sources/paste", data={"url": f"{PAGE}?utm_source=l", "same": "use"})

    assert offered.status_code == 422
    assert "You have this source already" in offered.text
    assert used.location == f"/sources/{held.id}#copies"
    assert only(session, Job).source_id == held.id
    assert "What it says of itself is filled in here." in signed_in.get(used.location).text

    signed_in.post(f"/sources/{held.id}/files", data={"file": a_file()})
    again = signed_in.post("/sources/paste", data={"url": PAGE, "same": "use"})
    assert re.search(
        r"as it is now, beside its copy of \d+ \w+ 2\d{3}, \d\d:\d\d UTC\.",
        signed_in.get(again.location).text,
    )


def test_a_described_source_keeps_a_copy_unless_unticked(session, signed_in):
    form = {"title": "Register", "type": "web page", "url": PAGE}
    unticked = signed_in.post("/sources", data=form)
    signed_in.post("/sources", data=form | {"url": f"{PAGE}/2", "keep_copy": "1"})

    assert only(session, Job).url == f"{PAGE}/2"
    assert "Capture now" in signed_in.get(unticked.location).text
    assert re.search(r'name="keep_copy"[^>]* checked', signed_in.get("/sources/new").text)


def test_evidence_from_a_new_source_keeps_a_copy_of_its_page(session, signed_in):
    claim = a_claim(session)

    signed_in.post(
        f"/claims/{claim.id}/evidence",
        data={
            "from": "new",
            "title": "Register",
            "type": "web page",
            "url": PAGE,
            "stance": "refutes",
            "excerpt": "It lists two dams.",
            "keep_copy": "1",
        },
    )

    assert only(session, Job).url == PAGE
    form = signed_in.get(f"/claims/{claim.id}/evidence/new?from=new").text
    assert re.search(r'id="new-keep_copy"[^>]* checked', form)


# ---- files --------------------------------------------------------------------------------------


def test_each_file_becomes_a_source_with_its_copy(session, signed_in):
    files = [a_file(), a_file(REPORT, "report.pdf")]

    answer = signed_in.post("/sources/files", data={"file": files})

    assert answer.location == "/sources"
    library = signed_in.get("/sources").text
    assert "2 sources added" in library
    assert "letter.txt" in library
    assert library.count("captured") >= 2
    kinds = {capture.file_name: capture.taken_by_id for capture in session.exec(select(Capture))}
    assert set(kinds) == {"letter.txt", "report.pdf"}
    assert "letter.txt" in signed_in.get("/sources?q=lists+two+dams").text


def test_a_file_is_a_further_copy_of_its_source(session, signed_in):
    source = a_source(session, "A letter")

    answer = signed_in.post(f"/sources/{source.id}/files", data={"file": a_file()})

    page = signed_in.get(answer.location).text
    assert "It has the same bytes" not in page
    assert "uploaded as" in page
    assert "letter.txt" in page
    assert "A letter" in page

    again = signed_in.post(f"/sources/{source.id}/files", data={"file": a_file()})

    known = r"It has the same bytes as the copy of \d+ \w+ 2\d{3}, \d\d:\d\d UTC\."
    page = signed_in.get(again.location).text
    assert re.search(known, page)
    assert re.search("the same bytes as the copy of\\s+<time", page)
    another = signed_in.post("/sources/files", data={"file": a_file()})
    assert "as the copy of \u2068A letter\u2069 of" in signed_in.get(another.location).text


def test_a_script_that_sends_files_is_told_where_to_go_and_the_words_wait_there(session, signed_in):
    sent = [
        signed_in.post("/sources/files", data={"file": a_file()}, headers={"HX-Request": "true"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in sent] == [204, 204]
    page = signed_in.get(sent[-1].headers["HX-Redirect"]).text
    assert page.count("Source added.") == 1


def test_a_dangerous_name_is_cleaned(session, signed_in):
    name = "..\\..//etc/let\u202etxt.exe\x07 \u200bters.pdf"

    signed_in.post("/sources/files", data={"file": a_file(REPORT, name)})

    assert only(session, Capture).file_name == "lettxt.exe ters.pdf"


def test_a_file_that_cannot_be_kept_is_named_with_the_remedy(session, signed_in, monkeypatch):
    empty = signed_in.post("/sources/files", data={"file": [a_file(), a_file(b"", "no.pdf")]})
    none = signed_in.post("/sources/files", data={})
    monkeypatch.setattr(uploads, "LARGEST", 10)
    large = signed_in.post("/sources/files", data={"file": a_file(name="scan.pdf")})
    monkeypatch.setattr(uploads, "_TOGETHER", 20)
    far = signed_in.post("/sources/files", data={"file": a_file(name="scan.pdf")})

    assert (empty.status_code, none.status_code, large.status_code) == (409, 409, 409)
    assert "“\u2068no.pdf\u2069” is empty" in empty.text
    assert "Choose a file first" in none.text
    assert "“\u2068scan.pdf\u2069” has" in large.text
    assert "Save the pages that matter" in large.text
    assert far.status_code == 413
    assert "up to 50 MB" in far.text
    assert session.exec(select(Source)).all() == []


def test_a_file_may_be_larger_than_any_other_form(session, signed_in, app):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    body = b"The register lists two dams. " * 100

    answer = signed_in.post("/sources/files", data={"file": a_file(body)})

    assert answer.status_code == 303
    assert only(session, Capture).file_name == "letter.txt"


# ---- without either -----------------------------------------------------------------------------


def test_a_phone_call_is_a_source_named_by_who_how_and_when(session, signed_in):
    answer = signed_in.post(
        "/sources/spoken",
        data={
            "who": "Keeper of the register",
            "channel": "by phone",
            "consulted_on": "2026-11-24",
            "note": "She counted again: two.",
        },
    )

    source = only(session, Source)
    assert source.title == "Keeper of the register, by phone, 24 Nov 2026"
    assert (source.type, source.channel) == (SourceType.INTERVIEW, Channel.PHONE)
    page = signed_in.get(answer.location).text
    assert "She counted again: two." in page


def test_what_is_left_open_of_a_call_is_asked_for(session, signed_in):
    answer = signed_in.post("/sources/spoken", data={"who": "Keeper", "channel": "", "note": ""})

    assert answer.status_code == 422
    assert "Choose how they told you." in answer.text
    assert "Fill this in." in answer.text
    assert session.exec(select(Source)).all() == []


def test_correcting_a_source_loses_neither_channel_nor_outside_copy(session, signed_in, reviewer):
    facts = Facts("A call", channel=Channel.PHONE, archive_url="https://web.archive.org/web/1/x")
    source = desk.sources.add(session, facts, by=reviewer)
    session.commit()
    form = {"title": "The call", "type": "interview", "channel": "by phone"}

    signed_in.post(f"/sources/{source.id}/edit", data=form | {"version": source.version})

    held = only(session, Source)
    assert held.title == "The call"
    assert (held.channel, held.archive_url) == (Channel.PHONE, facts.archive_url)


# ---- how far it is ------------------------------------------------------------------------------


def test_a_page_asks_how_far_a_copy_is_only_while_one_is_under_way(session, signed_in, reviewer):
    source, _ = a_pasted_source(session, by=reviewer)
    page = signed_in.get(f"/sources/{source.id}").text
    asks = re.search(r'hx-get="([^"]*/copies\?rev=[^"]*)"', page)
    same = signed_in.htmx("GET", asks[1], "copies")

    job = desk.jobs.take(session, "worker")
    desk.jobs.go_on(session, job, 34_000, 120_000)
    session.commit()
    now_on = signed_in.htmx("GET", asks[1], "copies")

    assert same.status_code == 204
    assert "Fetching" in now_on.text
    assert "34 kB of 120 kB" in now_on.text
    assert 'id="facts" hx-swap-oob' in now_on.text
    desk.jobs.cancel(session, queries.jobs.one(session, job.id), by=reviewer)
    session.commit()
    assert "/copies?rev=" not in signed_in.get(f"/sources/{source.id}").text


def test_what_a_copy_fills_in_is_shown_though_it_comes_while_the_page_is_read(
    session, signed_in, reviewer, worker, site, monkeypatch
):
    source, _ = a_pasted_source(session, f"{site.address}/article", by=reviewer)
    find = queries.sources.one

    def meanwhile(*asked):
        found = find(*asked)
        worker.step()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(queries.sources, "one", meanwhile)
        page = signed_in.htmx("GET", f"/sources/{source.id}/copies?rev=old", "copies").text

    asks = re.search(r'hx-get="([^"]*/copies\?rev=[^"]*)"', page)
    assert asks, "it is not asked for again"
    assert "Two dams, not nine" in signed_in.htmx("GET", asks[1], "copies").text


def test_a_failed_capture_says_why_everywhere_until_it_is_done(
    session, client, signed_in, reviewer
):
    source, job = a_pasted_source(session, by=reviewer)
    fails(session, job, "There is no such page.")

    page = signed_in.get(f"/sources/{source.id}").text
    library = signed_in.get("/sources").text
    failed = signed_in.get("/sources?health=failed").text
    first_page = signed_in.get("/").text
    others = client.as_(a_member(session)).get("/").text
    client.as_(reviewer)
    signed_in.post(f"/sources/{source.id}/jobs/{job.id}/retry")
    again = only(session, Job).state
    since = signed_in.get("/").text
    signed_in.post(f"/sources/{source.id}/jobs/{job.id}/cancel")

    assert "There is no such page." in page
    assert "A capture that you asked for failed" in library
    assert PAGE in failed
    assert "Captures of yours that failed" in first_page
    assert "There is no such page." in first_page
    assert f'action="/sources/{source.id}/jobs/{job.id}/retry"' in first_page
    assert "yours that failed" not in others + since
    assert again is JobState.WAITING
    assert only(session, Job).state is JobState.CANCELLED


def test_a_copy_that_came_since_ends_the_failure(session, signed_in, reviewer):
    source, job = a_pasted_source(session, by=reviewer)
    fails(session, job)

    signed_in.post(f"/sources/{source.id}/files", data={"file": a_file()})

    assert "failed" not in signed_in.get(f"/sources/{source.id}").text.split("History")[0]
    assert "that you asked for failed" not in signed_in.get("/sources").text


def test_a_page_that_waits_for_another_try_says_when_and_why(session, signed_in, reviewer):
    source, _ = a_pasted_source(session, by=reviewer)
    job = desk.jobs.take(session, "worker")
    desk.jobs.fail(session, job, "The site does not answer.", again=True)
    session.commit()

    page = signed_in.get(f"/sources/{source.id}").text

    assert "Tries again at" in page
    assert "The site does not answer." in page
    assert f"/sources/{source.id}/jobs/{job.id}/retry" in page


def test_a_page_says_when_a_worker_fell_silent_is_gone_and_was_followed_by_another(
    session, signed_in, reviewer
):
    source, job = a_pasted_source(session, by=reviewer)
    desk.jobs.take(session, "killed")
    told = []

    for left in (25, 10, -1):
        job.due_at = now() + timedelta(seconds=left)
        session.commit()
        told.append(signed_in.get(f"/sources/{source.id}").text)
    desk.jobs.take(session, "next")
    session.commit()
    followed = signed_in.get(f"/sources/{source.id}").text

    assert "its worker" not in told[0].lower()
    assert "another one takes it over at <time datetime=" in told[1]
    assert "Its worker stopped in the middle." in told[2]
    assert "Taken over: the worker before stopped in the middle." in followed
    asked = [re.search(r"/copies\?rev=(\w+)", page)[1] for page in (*told, followed)]
    assert len(set(asked)) == 4


def test_another_source_s_job_is_not_to_be_touched(session, signed_in, reviewer):
    _, job = a_pasted_source(session, by=reviewer)
    other = a_source(session)

    assert signed_in.post(f"/sources/{other.id}/jobs/{job.id}/cancel").status_code == 404


# ---- the library --------------------------------------------------------------------------------


def test_the_library_is_filtered_by_the_health_of_copies(session, signed_in, reviewer):
    a_source(session, "Bare source")
    failing, job = a_pasted_source(session, by=reviewer)
    fails(session, job)
    for name in ("sound.txt", "broken.txt"):
        signed_in.post("/sources/files", data={"file": a_file(name.encode(), name)})
    broken = session.exec(select(Capture).where(Capture.file_name == "broken.txt")).one()
    desk.captures.found_damaged(
        session, queries.captures.one(session, broken.id).content, Damage.CHANGED
    )
    session.commit()

    def listed(health):
        page = signed_in.get(f"/sources?health={health}").text
        return {t for t in ("Bare source", PAGE, "sound.txt", "broken.txt") if f">{t}</a>" in page}

    assert listed("none") == {"Bare source", PAGE}
    assert listed("captured") == {"sound.txt", "broken.txt"}
    assert listed("failed") == {PAGE}
    assert listed("damaged") == {"broken.txt"}
    page = signed_in.get(f"/sources/{broken.source_id}").text
    assert "Its bytes are not those that were taken" in page
    assert failing.id != broken.source_id


def test_a_source_costs_the_same_however_many_copies_and_jobs_it_has(
    session, signed_in, reviewer, statements
):
    source, _ = a_pasted_source(session, by=reviewer)
    signed_in.post(f"/sources/{source.id}/files", data={"file": a_file()})

    def taken(address):
        signed_in.get(address)
        statements.forget()
        assert signed_in.get(address).status_code == 200
        return len(statements)

    few = [taken(f"/sources/{source.id}"), taken("/sources"), taken("/")]
    for n in range(25):
        signed_in.post(f"/sources/{source.id}/files", data={"file": a_file(b"Copy %d" % n)})
        _, job = a_pasted_source(session, f"{PAGE}/{n}", by=reviewer)
        if n > 20:
            job.state, job.trouble, job.finished_at = JobState.FAILED, "Gone.", now()
    session.commit()
    many = [taken(f"/sources/{source.id}"), taken("/sources"), taken("/")]

    assert many == few
    assert "Gone." in signed_in.get("/").text
    assert "Older copies" in signed_in.get(f"/sources/{source.id}").text


def test_a_reader_sees_copies_and_asks_for_none(session, client, reviewer):
    source, _ = a_pasted_source(session, by=reviewer)

    page = client.as_(a_member(session, "Reader", Role.VIEWER)).get(f"/sources/{source.id}").text

    assert "Waiting" in page
    assert "Capture now" not in page
    assert "Cancel" not in page
    assert 'type="file"' not in page
