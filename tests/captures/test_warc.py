from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO

from warcio.archiveiterator import ArchiveIterator

from claims.captures import fetching, warc
from claims.captures.fetching import Fetched, Hop, Limits
from tests.misbehaving import ARTICLE, REPORT, Site, running

AT = datetime(2026, 11, 25, 12, 30, 15, 250_000, tzinfo=UTC)
MOMENT = "2026-11-25T12:30:15.250000Z"


def a_page(**changed) -> Fetched:
    said = {
        "requested": "http://press.example/dams",
        "url": "https://press.example/dams",
        "hops": (
            Hop("http://press.example/dams", 301, "93.184.216.34"),
            Hop("https://press.example/dams", 200, "93.184.216.35"),
        ),
        "status": 200,
        "headers": (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2")),
        "body": ARTICLE,
        "at": AT,
        "protocol": "HTTP/1.1",
    }
    return Fetched(**{**said, **changed})


def records(file: bytes) -> dict:
    """The records of a file by kind; their bytes are read, so that their digests are checked."""
    found = {}
    for record in ArchiveIterator(BytesIO(file), check_digests="raise"):
        content = record.content_stream().read()
        assert record.digest_checker.passed
        found[record.rec_type] = (record.rec_headers, record.http_headers, content)
    return found


def test_a_page_is_read_back_as_it_was_answered():
    told, head, content = records(warc.of_page(a_page()))["response"]

    assert told.protocol == "WARC/1.1"
    assert told["WARC-Target-URI"] == "https://press.example/dams"
    assert told["WARC-Date"] == MOMENT
    assert told["WARC-IP-Address"] == "93.184.216.35"
    assert told["WARC-Payload-Digest"] == f"sha256:{sha256(ARTICLE).hexdigest()}"
    assert (head.protocol, head.statusline) == ("HTTP/1.1", "200 OK")
    assert head.headers == [*a_page().headers, ("Content-Length", str(len(ARTICLE)))]
    assert content == ARTICLE


def test_the_file_says_what_wrote_it_and_how_the_page_was_reached():
    found = records(warc.of_page(a_page()))

    assert list(found) == ["warcinfo", "response", "metadata"]
    assert b"software: FactDesk/" in found["warcinfo"][2]
    told, _, way = found["metadata"]
    assert told["WARC-Concurrent-To"] == found["response"][0]["WARC-Record-ID"]
    assert way.decode().splitlines() == [
        "hop: 301 93.184.216.34 http://press.example/dams",
        "hop: 200 93.184.216.35 https://press.example/dams",
    ]


def test_a_page_that_travelled_packed_is_not_unpacked_again_by_who_reads_the_file():
    with running(Site()) as site:
        page = fetching.fetch(f"{site.address}/gzip", Limits(allowed=frozenset({site.host})))

    _, head, content = records(warc.of_page(page))["response"]

    assert content == ARTICLE
    assert "Content-Encoding" not in head
    assert head["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert head["Content-Length"] == str(len(ARTICLE))


def test_letters_beyond_ascii_in_a_header_stay_the_bytes_that_came():
    written = "attachment; filename=Dämme.pdf".encode()

    file = warc.of_page(
        a_page(headers=(("Content-Disposition", written.decode("latin-1")),), body=REPORT)
    )

    _, head, content = records(file)["response"]
    assert head["Content-Disposition"].encode() == written
    assert content == REPORT


def test_a_status_without_a_name_can_be_kept():
    _, head, _ = records(warc.of_page(a_page(status=299, hops=())))["response"]

    assert head.get_statuscode() == "299"


def test_a_file_that_a_member_brought_is_kept_as_a_resource():
    told, head, content = records(
        warc.of_file("Dämme 2026/final\r\nX: y.pdf", "application/pdf", REPORT, AT)
    )["resource"]

    assert told["WARC-Target-URI"] == "file:///D%C3%A4mme%202026%2Ffinal%0D%0AX%3A%20y.pdf"
    assert told["Content-Type"] == "application/pdf"
    assert told["WARC-Date"] == MOMENT
    assert told["X"] is None
    assert head is None
    assert content == REPORT


def test_a_type_that_is_none_does_not_reach_the_head_of_a_record():
    told, _, content = records(warc.of_file("a.bin", "text/html\r\nX: y", b"", AT))["resource"]

    assert told["Content-Type"] == "application/octet-stream"
    assert told["X"] is None
    assert content == b""


def test_the_same_capture_gives_the_same_file_wherever_it_is_downloaded():
    there = AT.astimezone(timezone(timedelta(hours=5)))

    assert warc.of_page(a_page()) == warc.of_page(a_page(at=there))
    assert warc.of_page(a_page()) != warc.of_page(a_page(body=ARTICLE + b" "))
