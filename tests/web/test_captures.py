import re
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from warcio.archiveiterator import ArchiveIterator

from claims import desk, queries
from claims.desk.captures import Taking
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.models import Content
from claims.models.columns import now
from claims.rules.vocabulary import Damage, Obtained, Role, Stance
from tests import factories
from tests.factories import a_claim, a_kept_copy, a_member, a_ruling, an_editor

PAGE = "https://figures.register.example/dams"
HOSTILE = "<script>alert(1)</script>"
TEXT = f"""<!doctype html><html lang="en"><head><title>Register</title></head><body><article>
<h1>Register of made-up dams</h1>
<p>The register lists 40 million litres. 💧 Nobody has measured the dam since 1999.</p>
<p>It was filled twice, {HOSTILE.replace("<", "&lt;")} its keeper says,
and emptied never in the years between.</p>
</article></body></html>"""
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000050001a5f64540000000004945"
    "4e44ae426082"
)


@pytest.fixture
def reviewer(session):
    return a_member(session, "Reviewer Nine")


@pytest.fixture
def store(app):
    return app.extensions["store"]


def a_copy(session, store, body=TEXT, *, source=None, name=None, status=200):
    source = source or desk.sources.add(session, Facts(PAGE, url=PAGE), by=None)
    fetched = {
        "url": PAGE,
        "final_url": f"{PAGE}/",
        "status": status,
        "headers": [("Content-Type", "text/html; charset=utf-8")],
        "hops": [(PAGE, 301, "192.0.2.1"), (f"{PAGE}/", 200, "192.0.2.1")],
        "protocol": "HTTP/1.1",
    }
    taking = (
        Taking(Obtained.UPLOADED, now(), file_name=name)
        if name
        else Taking(Obtained.FETCHED, now(), **fetched)
    )
    body = body.encode() if isinstance(body, str) else body
    return a_kept_copy(session, store, source, body, taking)


def quoted(session, capture, excerpt, claim=None):
    claim = claim or a_claim(session, evidence=[])
    source = queries.sources.one(session, capture.source_id)
    finding = Finding(Stance.REFUTES, excerpt)
    piece = desk.evidence.attach(session, claim, source, finding, by=a_member(session))
    session.commit()
    return piece


def test_a_copy_is_read_as_words_with_what_is_quoted_lit_in_place(session, client, reviewer, store):
    capture = a_copy(session, store)
    piece = quoted(session, capture, "Nobody has measured the dam")

    page = client.as_(reviewer).get(f"/captures/{capture.id}?passage={piece.id}").text

    assert f'id="passage-{piece.id}"' in page
    assert ">Nobody has measured the dam</a></mark> since 1999." in page
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert capture.sha256 in page
    assert "source captured" not in page


def test_a_long_text_opens_at_the_part_with_the_excerpt(session, client, reviewer, store):
    lines = [f"Line {n} of a made-up letter that goes on and on." for n in range(3_000)]
    capture = a_copy(session, store, "\n".join(lines), name="letter.txt")
    piece = quoted(session, capture, lines[2_900])

    page = client.as_(reviewer).get(f"/captures/{capture.id}?passage={piece.id}").text

    assert f'id="passage-{piece.id}"' in page
    assert lines[0] not in page
    assert lines[0] in client.get(f"/captures/{capture.id}").text
    assert client.get(f"/captures/{capture.id}?part=4711").status_code == 200


def test_the_bytes_leave_as_a_download_that_runs_nowhere(session, client, reviewer, store):
    capture = a_copy(session, store)

    answer = client.as_(reviewer).get(f"/captures/{capture.id}/file")

    assert answer.data == TEXT.encode()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("letter.txt", "attachment; filename=letter.txt"),
        (
            "خط ē.txt",
            "attachment; filename=capture-1.txt; filename*=UTF-8''%D8%AE%D8%B7%20%C4%93.txt",
        ),
    ],
)
def test_a_file_leaves_under_its_own_name_in_any_script(
    session, client, reviewer, store, name, saved
):
    capture = a_copy(session, store, "A letter.", name=name)

    answer = client.as_(reviewer).get(f"/captures/{capture.id}/file")
    archived = client.get(f"/captures/{capture.id}/record")

    assert answer.headers["Content-Disposition"] == saved
    kept = [r.content_stream().read() for r in ArchiveIterator(BytesIO(archived.data))]
    assert b"A letter." in kept


def test_only_pictures_that_hold_no_program_are_shown(session, client, reviewer, store):
    picture = a_copy(session, store, PICTURE, name="dam.png")
    drawing = a_copy(
        session, store, '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', name="dam.svg"
    )
    client.as_(reviewer)

    shown = client.get(f"/captures/{picture.id}/picture")

    assert shown.data == PICTURE
    assert shown.headers["Content-Type"] == "image/png"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert f"/captures/{picture.id}/picture" in client.get(f"/captures/{picture.id}").text
    assert client.get(f"/captures/{drawing.id}/picture").status_code == 404
    assert client.get(f"/captures/{drawing.id}").status_code == 200


def test_a_copy_is_taken_away_as_a_web_archive_whose_digests_hold(session, client, reviewer, store):
    page, letter = a_copy(session, store), a_copy(session, store, "A letter.", name="letter.txt")
    client.as_(reviewer)

    for capture, kind, body in (
        (page, "response", TEXT.encode()),
        (letter, "resource", b"A letter."),
    ):
        answer = client.get(f"/captures/{capture.id}/record")
        records = ArchiveIterator(BytesIO(answer.data), check_digests="raise")
        found = {r.rec_type: r.content_stream().read() for r in records}
        assert found[kind] == body
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("address", ["file", "record"])
def test_damage_is_noticed_when_bytes_are_asked_for_and_flagged_from_then_on(
    session, client, reviewer, store, address
):
    capture = a_copy(session, store)
    path = store._place(capture.sha256)
    path.chmod(0o600)
    path.write_bytes(b"other bytes")
    client.as_(reviewer)

    answer = client.get(f"/captures/{capture.id}/{address}", follow_redirects=True)

    assert answer.status_code == 410
    assert "This copy is damaged" in answer.text
    session.expire_all()
    assert session.get_one(Content, capture.sha256).damage is Damage.CHANGED
    assert "This copy is damaged" in client.get(f"/captures/{capture.id}").text


def test_what_changed_since_the_copy_before_is_shown(session, client, reviewer, store):
    first = a_copy(session, store)
    source = queries.sources.one(session, first.source_id)
    second = a_copy(session, store, TEXT.replace("40 million", "45 million"), source=source)
    third = a_copy(session, store, TEXT.replace("40 million", "45 million"), source=source)
    client.as_(reviewer)

    page = client.get(f"/captures/{second.id}/changes").text

    assert "<del" in page
    assert "45" in page
    assert "both copies have the same bytes" in client.get(f"/captures/{third.id}/changes").text
    assert client.get(f"/captures/{first.id}/changes").status_code == 404


def test_any_two_copies_of_a_source_are_compared_the_older_first(session, client, reviewer, store):
    first = a_copy(session, store)
    source = queries.sources.one(session, first.source_id)
    a_copy(session, store, "A page in between.", source=source)
    third = a_copy(session, store, TEXT.replace("40 million", "45 million"), source=source)
    stranger = a_copy(session, store)
    client.as_(reviewer)

    page = client.get(f"/captures/{third.id}/against/{first.id}").text

    assert re.search(r"<del>40</del>\s*<ins>45</ins>", page)
    assert client.get(f"/captures/{third.id}/against/{stranger.id}").status_code == 404


def test_long_copies_are_compared_line_by_line(session, client, reviewer, store):
    lines = [f"Line {n} of a register that is very long indeed." for n in range(9_000)]
    first = a_copy(session, store, "\n".join(lines), name="register.txt")
    source = queries.sources.one(session, first.source_id)
    lines[7_000] = "Nobody has seen this line before."
    second = a_copy(session, store, "\n".join(lines), source=source, name="register.txt")

    page = client.as_(reviewer).get(f"/captures/{second.id}/changes").text

    assert "<del>Line 7000 of a register" in page
    assert "<ins>Nobody has seen this line before." in page
    assert "[…]" in page
    assert len(page) < 50_000


def test_a_document_shows_where_its_pages_begin(session, client, reviewer):
    source = desk.sources.add(session, Facts("A report"), by=None)
    words = "Of the first page.\nIts end.\nOf the second page."
    capture = factories.a_copy(session, source, words, pages=[0, words.index("Of the second")])

    page = client.as_(reviewer).get(f"/captures/{capture.id}").text

    first, second = page.index('id="page-1"'), page.index('id="page-2"')
    assert first < page.index("Of the first page") < second < page.index("Of the second page")
    assert page.count('class="leaf"') == 2


def test_selected_words_become_evidence_with_source_excerpt_and_page(session, client, reviewer):
    source = desk.sources.add(session, Facts("A report"), by=None)
    text = "Of the first page. 🌊\nThe second page says: نو نہیں، دو ڈیم۔"
    words = "نو نہیں، دو ڈیم"
    start = text.index(words)
    copy = factories.a_copy(session, source, text, pages=[0, text.index("The second")])
    claim = a_claim(session, "The made-up dam holds 40 million litres", evidence=[])
    client.as_(reviewer)
    place = {"start": start, "end": start + len(words)}

    choice = client.get(f"/captures/{copy.id}/use", query_string={"q": "litres"} | place).text
    address = unescape(re.search(r'href="(/claims/\d+/evidence/new[^"]*)"', choice)[1])
    form = client.get(address).text
    searched = client.get(f"{address}&q=x")
    given_back = client.post(f"/claims/{claim.id}/evidence", data=place | {"capture": copy.id})

    assert words in choice
    assert words not in unquote(address)
    for page in (form, searched.text):
        assert f">\n{words}</textarea>" in page
        assert 'value="p. 2"' in page
        assert f'value="{source.id}" checked' in page
    assert given_back.status_code == 422
    assert f'name="start" value="{start}"' in given_back.text


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ({}, "Select words in the text of the copy first"),
        ({"start": "x", "end": "7"}, "Select words in the text of the copy first"),
        ({"start": 5, "end": 5}, "There are no such words"),
        ({"start": -3, "end": 5}, "There are no such words"),
        ({"start": 0, "end": 10**12}, "There are no such words"),
        ({"start": 0, "end": 20_001}, "An excerpt has 20,000 characters at most, and this"),
    ],
)
def test_what_is_no_passage_of_a_copy_is_refused_in_words(session, client, reviewer, place, why):
    source = desk.sources.add(session, Facts("A report"), by=None)
    copy = factories.a_copy(session, source, "The dam holds. " * 2_000)
    claim = a_claim(session, evidence=[])
    client.as_(reviewer)

    to_choose = client.get(f"/captures/{copy.id}/use", query_string=place, follow_redirects=True)
    to_weigh = client.get(
        f"/claims/{claim.id}/evidence/new", query_string=place | {"capture": copy.id}
    )

    assert to_weigh.status_code == 409
    assert why in to_weigh.text
    assert to_choose.request.path == f"/captures/{copy.id}"
    assert why in to_choose.text


def test_a_long_passage_is_used_however_long_an_address_may_be(session, client, reviewer):
    source = desk.sources.add(session, Facts("A report"), by=None)
    text = "Der Damm hält, و ڈیم قائم ہے. " * 600
    copy = factories.a_copy(session, source, text)
    claim = a_claim(session, evidence=[])
    passage = text[30:18_000].strip()
    client.as_(reviewer)

    sent = client.post(f"/captures/{copy.id}/use", data={"quotation": passage})
    choice = client.get(sent.location).text
    [address] = re.findall(rf'href="(/claims/{claim.id}/evidence/new[^"]*)"', choice)

    assert (sent.status_code, len(sent.location) < 200, len(address) < 200) == (303, True, True)
    assert passage in client.get(unescape(address)).text


def test_pasted_words_that_are_not_in_the_copy_are_refused_and_others_are_as_it_has_them(
    session, client, reviewer, store
):
    capture = a_copy(session, store)
    client.as_(reviewer)

    def pasted(words):
        return client.post(f"/captures/{capture.id}/use", data={"quotation": words})

    none, other = pasted(" "), pasted("Everybody has measured it twice")
    near = client.get(pasted("Nobody  has measured\nthe dam since").location).text

    assert (none.status_code, other.status_code) == (422, 422)
    assert "These words are not in this copy" in other.text
    assert "Everybody has measured it twice</textarea>" in other.text
    assert "Nobody has measured the dam since" in near
    assert "in somewhat other words" in near


def test_a_withdrawn_copy_keeps_its_page_its_bytes_and_its_record(session, client, store, reviewer):
    capture = a_copy(session, store)
    claim = a_claim(session, evidence=[])
    quoted(session, capture, "Nobody has measured the dam", claim)
    a_ruling(session, claim)
    editor = an_editor(session, "Editor Ada")
    address = f"/captures/{capture.id}"
    assert "Withdraw this copy" not in client.as_(reviewer).get(address).text
    refused = client.post(f"{address}/withdraw", data={"reason": "Wrong."})
    frozen = (
        client.as_(editor).post("/reports", data={"in": f"article={claim.article_id}"}).location
    )
    before = client.get(f"{frozen}").text

    unsaid = client.post(f"{address}/withdraw", data={"reason": " "})
    done = client.post(f"{address}/withdraw", data={"reason": "The page of another dam."})

    assert (refused.status_code, unsaid.status_code, done.status_code) == (409, 422, 303)
    page = client.get(address).text
    assert "The page of another dam." in page
    assert "Read it all the same" in page
    assert "Nobody has measured the dam" in page
    assert "withdrew a copy" in page.split("Custody")[1]
    assert "Use as evidence for" not in page
    listed = client.get(f"/sources/{capture.source_id}").text
    assert "The page of another dam." in listed
    on_claim = client.get(f"/claims/{claim.id}").text
    assert f'href="/sources/{capture.source_id}#copies">its copy was withdrawn</a>' in on_claim
    assert client.get(f"{address}/file").data == TEXT.encode()
    assert capture.sha256[:12] in before
    assert capture.sha256[:12] in client.get(frozen).text
    quoting = client.get(f"{address}/use?start=0&end=7", follow_redirects=True).text
    assert "This copy is withdrawn: take the words from another one" in quoting

    assert client.post(f"{address}/restore").status_code == 303
    again = client.get(address).text
    assert "Read it all the same" not in again
    # Who withdrew it, and why, stays in its record.
    assert "The page of another dam." in again.split("Custody")[1]
    assert "its copy was withdrawn" not in client.get(f"/claims/{claim.id}").text


def test_a_reader_reads_copies_and_quotes_none(session, client, store):
    capture = a_copy(session, store)
    client.as_(a_member(session, role=Role.VIEWER))

    page = client.get(f"/captures/{capture.id}").text

    assert "Use as evidence" not in page
    assert client.get(f"/captures/{capture.id}/use").status_code == 403
    assert client.get("/captures/4711").status_code == 404


def test_a_way_from_https_over_http_is_told(session, client, reviewer, store):
    source = desk.sources.add(session, Facts(PAGE, url=PAGE), by=None)
    hops = [(PAGE, 301, "192.0.2.1"), (PAGE.replace("https", "http"), 200, "192.0.2.1")]
    taking = Taking(Obtained.FETCHED, now(), url=PAGE, final_url=hops[-1][0], hops=hops, status=200)
    over_http = a_kept_copy(session, store, source, TEXT.encode(), taking)
    safe = a_copy(session, store)
    client.as_(reviewer)

    told = "from https over http"

    assert told in client.get(f"/captures/{over_http.id}").text
    assert told not in client.get(f"/captures/{safe.id}").text
