import gzip
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims.captures import fetching, packing
from claims.captures.fetching import Limits, NotFetched
from tests.misbehaving import ARTICLE, CERTIFICATE, REPORT, Site, running

# The numbers to which a connection was begun while somebody watched; the process is asked, so
# that it does not matter by which code. Nothing but loopback is let through.
_watched: list[list[str]] = []


def _watch(event, arguments):
    if event == "socket.connect" and _watched:
        ip, *_ = arguments[1]
        _watched[-1].append(ip)
        if not ip_address(ip).is_loopback:
            raise OSError("tests stay on this machine")


sys.addaudithook(_watch)


@contextmanager
def watching() -> Iterator[list[str]]:
    _watched.append([])
    try:
        yield _watched[-1]
    finally:
        _watched.pop()


@pytest.fixture(scope="module")
def site():
    with running(Site()) as site:
        yield site


@pytest.fixture
def limits(site):
    return Limits(size=1_000_000, seconds=20, allowed=frozenset({site.host}))


def told_of(address, limits, **options) -> NotFetched:
    with pytest.raises(NotFetched) as caught:
        fetching.fetch(address, limits, **options)
    return caught.value


def at_home(host, port):
    return ["127.0.0.1"]


# What a source says is kept to the byte


def test_a_page_is_kept_as_it_was_sent(site, limits):
    before = datetime.now(UTC)

    page = fetching.fetch(f"{site.address}/article#p2", limits)

    assert page.body == ARTICLE
    assert page.requested == f"{site.address}/article#p2"
    assert page.url == f"{site.address}/article"
    assert page.hops == (fetching.Hop(page.url, 200, "127.0.0.1"),)
    assert (page.status, page.protocol) == (200, "HTTP/1.1")
    assert ("Content-Type", "text/html; charset=utf-8") in page.headers
    assert before <= page.at <= datetime.now(UTC)
    assert page.at.utcoffset() == timedelta(0)


def test_a_document_is_kept_as_it_was_sent(site, limits):
    assert fetching.fetch(f"{site.address}/report.pdf", limits).body == REPORT


@pytest.mark.parametrize(
    "way",
    [
        *("gzip", "deflate", "raw-deflate", "packed-twice", "packed-in-lines", "members"),
        # It ends where the connection does; and more than was promised is none of the page.
        *("old", "promises-less"),
    ],
)
def test_the_same_page_is_kept_however_it_travelled(site, limits, way):
    assert fetching.fetch(f"{site.address}/{way}", limits).body == ARTICLE


def test_a_reviewer_sees_how_much_of_a_page_has_come(site, limits):
    heard = []

    fetching.fetch(f"{site.address}/article", limits, told=lambda *said: heard.append(said))

    assert heard[-1] == (len(ARTICLE), len(ARTICLE))


def test_who_follows_the_progress_can_stop_the_fetching(site, limits):
    def stop(so_far, expected):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fetching.fetch(f"{site.address}/endless", limits, told=stop)


def test_a_site_learns_what_the_desk_is_and_nothing_of_who_asks(site, limits, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")

    # The first answer sets a cookie.
    fetching.fetch(f"{site.address}/to//article", limits)

    asked = site.asked[-1]
    assert asked.path == "/article"
    assert asked.headers["host"] == site.host
    assert asked.headers["user-agent"].startswith("FactDesk/")
    assert asked.headers.keys() == {
        *("host", "user-agent", "accept", "accept-encoding", "connection"),
    }


# Only the public web


def _odd(ip: IPv4Address) -> list[str]:
    """The ways in which one program or another reads an IPv4 address."""
    a, b, c, d = ip.packed
    return [
        str(int(ip)),
        hex(int(ip)),
        f"0{int(ip):o}",
        f"{a}.{int(ip) & 0xFFFFFF}",
        f"{a}.{b}.{c << 8 | d}",
        ".".join(map(hex, ip.packed)),
        ".".join(f"0{part:o}" for part in ip.packed),
        f"{ip}.",
        str(ip).replace(".", "。"),
        "".join(chr(0xFEE0 + ord(digit)) if digit != "." else "." for digit in str(ip)),
        "".join(f"%{ord(sign):02x}" for sign in str(ip)),
        f"user@{ip}",
        f"news.example@{ip}",
        f"{ip}\\@news.example",
    ]


def _inside(ip: IPv4Address) -> list[IPv6Address]:
    """The IPv6 addresses behind which an IPv4 address may wait."""
    number = int(ip)
    return [
        IPv6Address(number),
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x64FF9B0001 << 80) | number),
        IPv6Address((0x2002 << 112) | number << 80),
        IPv6Address((0x20010000 << 96) | number ^ 0xFFFFFFFF),
    ]


not_public = st.ip_addresses().filter(lambda ip: not ip.is_global or ip.is_multicast)
hostile = not_public | st.ip_addresses(v=4).flatmap(lambda ip: st.sampled_from(_inside(ip)))


@st.composite
def spellings(draw):
    ip = draw(hostile)
    if ip.version == 6:
        forms = [str(ip), ip.exploded, f"{ip}%25eth0", f"::{ip.exploded[-9:]}"]
        return f"[{draw(st.sampled_from(forms))}]"
    return draw(st.sampled_from([str(ip), *_odd(ip)]))


@given(spellings(), st.sampled_from(["", ":80", ":443"]), st.sampled_from(["http", "https"]))
@example("localhost", "", "http")
@example("2130706433", "", "http")
@example("0x7f.1", "", "http")
@example("0177.0.0.1", "", "http")
@example("169.254.169.254", "", "http")
@example("168.63.129.16", "", "http")
@example("[fd00:ec2::254]", "", "http")
@example("[::ffff:169.254.169.254]", "", "http")
def test_nothing_that_is_not_public_is_visited_however_it_is_spelled(host, port, scheme):
    with watching() as visited:
        trouble = told_of(f"{scheme}://{host}{port}/", Limits(seconds=5))

    assert visited == []
    assert not trouble.again


@given(st.lists(hostile, min_size=1, max_size=2), st.integers(0, 3))
@example([ip_address("127.0.0.1")], 0)
@example([ip_address("fe80::1%2")], 1)
def test_a_name_is_visited_only_if_every_address_of_it_is_public(found, others):
    public = ["93.184.216.34", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "1.1.1.1"][:others]
    told = [*public, *map(str, found)]

    with watching() as visited:
        trouble = told_of(
            "https://press.example/", Limits(seconds=5), resolve=lambda host, port: told
        )

    assert visited == []
    assert "not on the public web" in trouble.reason


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(site):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    with watching() as visited:
        told_of("http://press.example/", Limits(), resolve=lambda host, port: next(answers))

    assert visited == ["93.184.216.34"]
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 65535])
def test_only_the_usual_ports_are_visited(port):
    with watching() as visited:
        trouble = told_of(
            f"http://press.example:{port}/", Limits(), resolve=lambda *_: ["93.184.216.34"]
        )

    assert visited == []
    assert f"port {port}" in trouble.reason


def test_an_allowed_host_may_be_private_and_its_neighbours_may_not(site):
    at = {"wiki.intranet": ["127.0.0.1"], "mail.intranet": ["127.0.0.1"]}
    limits = Limits(allowed=frozenset({"Wiki.Intranet"}))

    page = fetching.fetch(
        f"http://WIKI.intranet.:{site.port}/article", limits, resolve=lambda host, _: at[host]
    )
    trouble = told_of("http://mail.intranet/", limits, resolve=lambda host, _: at[host])

    assert page.body == ARTICLE
    assert "ask whoever runs the desk to allow it" in trouble.reason


@pytest.mark.parametrize("ip", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "::"])
def test_not_even_an_allowed_host_leads_to_where_a_machine_keeps_its_keys(ip):
    with watching() as visited:
        told_of(
            "http://wiki.intranet/",
            Limits(allowed=frozenset({"wiki.intranet"})),
            resolve=lambda *_: [ip],
        )

    assert visited == []


@pytest.mark.parametrize(
    "address",
    [
        *("file:///etc/passwd", "ftp://press.example/", "javascript:alert(1)", "press.example"),
        *("http://ada:secret@press.example/", "http://ada@press.example/", "http:///article"),
        *("http://wiki.intranet:0/", "http://wiki.intranet:99999/", "http://wiki.intranet:-1/"),
        *("http://[::1/", "http://press..example/", "http://pre ss.example/", "http://\x00/", ""),
    ],
)
def test_what_is_no_plain_address_of_the_web_is_refused(address):
    with watching() as visited:
        trouble = told_of(address, Limits(allowed=frozenset({"wiki.intranet"})), resolve=at_home)

    assert visited == []
    assert not trouble.again
    assert trouble.reason.isprintable()


# Redirects


def test_a_redirect_is_followed_and_remembered(site, limits):
    page = fetching.fetch(f"{site.address}/chain/5", limits)

    assert page.body == ARTICLE
    assert page.url == f"{site.address}/article"
    assert [hop.status for hop in page.hops] == [302] * 5 + [200]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("chain/6", "after 5 redirects"),
        ("circle/a", "leads back to itself"),
        ("to/file:///etc/passwd", "does not follow: “file:///etc/passwd”"),
        ("to/http://ada:secret@press.example/", "does not follow"),
        ("to/http://169.254.169.254/latest/meta-data", "169.254.169.254 is not on the public web"),
        ("to/http://2130706433/", "does not follow"),
        ("to/http://inside.example/", "“inside.example” leads to 10.0.0.7"),
        ("to/http://press.example:22/", "port 22"),
        ("to//status/404", "sends readers on to"),
        ("to/", "gives the desk no page"),
    ],
)
def test_a_redirect_passes_the_same_gate(site, limits, path, reason):
    with watching() as visited:
        trouble = told_of(f"{site.address}/{path}", limits, resolve=lambda *_: ["10.0.0.7"])

    assert reason in trouble.reason
    assert not trouble.again
    assert set(visited) == {"127.0.0.1"}


# Certificates


@pytest.fixture(scope="module")
def secure_site():
    with running(Site(tls=True)) as site:
        yield site


@pytest.fixture
def trusted(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def test_the_name_stands_in_the_certificate_and_the_checked_number_is_visited(secure_site, trusted):
    address = f"https://press.example:{secure_site.port}"
    limits = Limits(allowed=frozenset({"press.example"}))

    page = fetching.fetch(f"{address}/article", limits, resolve=at_home)

    assert page.body == ARTICLE
    assert page.hops[-1].ip == "127.0.0.1"
    assert secure_site.names[-1] == "press.example"
    assert secure_site.asked[-1].headers["host"] == address.removeprefix("https://")


def test_a_certificate_that_nobody_vouches_for_is_told_in_words(secure_site):
    trouble = told_of(
        f"https://press.example:{secure_site.port}/article",
        Limits(allowed=frozenset({"press.example"})),
        resolve=at_home,
    )

    assert "The certificate of “press.example” does not hold: the site signed it itself" in (
        trouble.reason
    )
    assert not trouble.again


def test_a_certificate_of_another_site_is_told_in_words(secure_site, trusted):
    trouble = told_of(
        f"https://wire.example:{secure_site.port}/article",
        Limits(allowed=frozenset({"wire.example"})),
        resolve=at_home,
    )

    assert "it is made out to another site" in trouble.reason


def test_leaving_a_secure_address_on_the_way_is_noted(site, secure_site, trusted):
    limits = Limits(allowed=frozenset({"press.example", site.host}))
    start = f"https://press.example:{secure_site.port}"

    down = fetching.fetch(f"{start}/to/{site.address}/article", limits, resolve=at_home)
    up = fetching.fetch(f"{site.address}/to/{start}/article", limits, resolve=at_home)

    assert down.insecure
    assert not up.insecure


def test_a_secure_address_where_nobody_speaks_securely_is_told(site):
    trouble = told_of(
        f"https://{site.host}/article", Limits(seconds=5, allowed=frozenset({site.host}))
    )

    assert "find no way to talk securely" in trouble.reason


# Size


@pytest.mark.parametrize(
    "way",
    [
        *("bomb/1", "bomb/2", "hollow", "promises-much", "endless", "endless-wrapping"),
    ],
)
def test_what_would_fill_the_memory_is_stopped_early(site, limits, way):
    trouble = told_of(f"{site.address}/{way}", limits)

    assert "larger than 1 MB" in trouble.reason
    assert not trouble.again


def test_what_is_packed_comes_out_in_small_steps():
    bomb = gzip.compress(bytes(5_000_000))

    pieces = list(packing.unpacked([bomb], ["gzip"], 5_000_000))

    assert sum(map(len, pieces)) == 5_000_000
    assert max(map(len, pieces)) < 100_000


# Time


@pytest.mark.parametrize("way", ["drip", "drip-headers", "silent", "endless-hints"])
def test_everything_together_takes_no_longer_than_its_time(site, way):
    limits = Limits(seconds=0.2, allowed=frozenset({site.host}))

    trouble = told_of(f"{site.address}/{way}", limits)

    assert "not there after 0.2 seconds" in trouble.reason
    assert trouble.again


def test_a_slow_name_server_takes_no_longer_than_the_time_there_is(site):
    def slow(host, port):
        site.over.wait(5)
        return []

    trouble = told_of("http://press.example/", Limits(seconds=0.1), resolve=slow)

    assert trouble.again


# What else goes wrong


@pytest.mark.parametrize(
    ("way", "reason", "again"),
    [
        ("packed-thrice", "packed in a way", False),
        ("br", "packed in a way", False),
        ("half-packed", "cannot be decompressed", True),
        ("not-packed", "cannot be decompressed", True),
        ("promises-more", "broke off", True),
        ("breaks-off", "broke off", True),
        ("hangs-up", "broke off", True),
        ("endless-headers", "does not answer as a site of the web does", False),
        ("endless-header", "does not answer as a site of the web does", False),
        ("odd-status", "does not answer as a site of the web does", False),
        ("empty", "The page is empty", False),
        ("status/404", "“404 Not Found”: there is no such page", False),
        ("status/403", "“403 Forbidden”, and gives the desk no page", False),
        ("status/204", "“204 No Content”", False),
        ("status/206", "“206 Partial Content”", False),
        ("status/304", "“304 Not Modified”", False),
        ("status/999", "status 999", False),
        ("status/500", "“500 Internal Server Error”: not now", True),
    ],
)
def test_a_reviewer_reads_what_is_wrong_and_whether_waiting_helps(site, limits, way, reason, again):
    trouble = told_of(f"{site.address}/{way}", limits)

    assert reason in trouble.reason
    assert trouble.again is again


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("120", 120),
        ("99999999", 86_400),
        ("Wed,_21_Oct_2099_07:28:00_GMT", 86_400),
        ("Wed,_21_Oct_2015_07:28:00_GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_a_site_that_asks_to_wait_is_heard_within_reason(site, limits, said, after):
    trouble = told_of(f"{site.address}/status/429/{said}", limits)

    assert trouble.again
    assert trouble.after == after


def test_a_site_that_takes_no_connection_is_tried_again(limits):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        host = f"127.0.0.1:{gone.getsockname()[1]}"

    trouble = told_of(f"http://{host}/", Limits(allowed=frozenset({host})))

    assert "takes no connection" in trouble.reason
    assert trouble.again


@pytest.mark.parametrize(
    ("error", "reason", "again"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "There is no site named", False),
        (socket.gaierror(socket.EAI_AGAIN, "busy"), "tries again later", True),
        (UnicodeError("label too long"), "tries again later", True),
    ],
)
def test_a_name_that_leads_nowhere_is_told(error, reason, again):
    def resolve(host, port):
        raise error

    trouble = told_of("http://press.example/", Limits(), resolve=resolve)

    assert reason in trouble.reason
    assert trouble.again is again


def test_a_site_is_reached_at_its_second_address_when_the_first_is_silent(site):
    page = fetching.fetch(
        f"http://wiki.intranet:{site.port}/article",
        Limits(allowed=frozenset({"wiki.intranet"})),
        resolve=lambda *_: ["::1", "127.0.0.1"],
    )

    assert page.hops[-1].ip == "127.0.0.1"


def test_a_desk_starts_without_the_http_client():
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from claims.captures import fetching; print('httpx2' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "False"
