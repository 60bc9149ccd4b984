"""A site that misbehaves in every way that a page was ever fetched from; and some honest pages.

It listens on loopback only.
"""

import gzip
import ssl
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from socket import SHUT_RDWR, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

# Made out to press.example by itself, and used nowhere else.
CERTIFICATE = Path(__file__).with_suffix(".pem")

ARTICLE = """<!doctype html>
<html lang="en"><head><title>Two dams, not nine</title>
<meta name="author" content="Ada Quill"></head>
<body><article><h1>Two dams, not nine</h1>
<p>The register of large dams lists two that were finished since 2014 – not nine.</p>
<p>“We counted again,” the keeper of the register said.</p></article></body></html>
""".encode()


def _pdf(words: str) -> bytes:
    """A document of one page with a line of text."""
    drawn = f"BT /F1 12 Tf 20 50 Td ({words}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R"
            "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        ),
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
    ]
    written, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj{content}endobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{rows}"
    ending = f"trailer<</Root 1 0 R/Size {len(places) + 1}>>\nstartxref\n{len(written)}\n%%EOF\n"
    return (written + table + ending).encode()


REPORT = _pdf("Two dams, not nine")


@dataclass(frozen=True)
class Asked:
    """One request as the site saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Site(ThreadingTCPServer):
    """Answers each path in its own way; `asked` keeps what came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.asked: list[Asked] = []
        self.names: list[str | None] = []
        self.over = Event()
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(CERTIFICATE)
            self.context.sni_callback = lambda _, name, __: self.names.append(name)

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        return f"{'https' if self.context else 'http'}://{self.host}"

    def answer(self, asked: Asked, wire: "Wire") -> None:
        """Whatever stands under the path; a site that speaks a protocol does this its own way."""
        name, _, rest = asked.path[1:].partition("/")
        WAYS.get(name, missing)(wire, rest)


class Wire:
    """What a way to answer is written with."""

    def __init__(self, connection: socket, over: Event) -> None:
        self._connection = connection
        self._over = over

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._connection.sendall(piece)

    def page(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        self.head(*headers, f"Content-Length: {len(body)}", status=status)
        self.send(body)

    def head(self, *headers: str, status: str = "200 OK") -> None:
        self.send("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode())

    def forever(self, piece: bytes, seconds: float = 0) -> None:
        while not self._over.wait(seconds):
            self.send(piece)

    def silence(self) -> None:
        self._over.wait()


class _Conversation(StreamRequestHandler):
    server: Site

    def handle(self) -> None:
        connection = self.request
        with suppress(OSError):
            if self.server.context:
                connection = self.server.context.wrap_socket(connection, server_side=True)
            try:
                reader = connection.makefile("rb")
                with reader:
                    asked = _read(reader)
                    if asked:
                        self.server.asked.append(asked)
                        self.server.answer(asked, Wire(connection, self.server.over))
                connection.shutdown(SHUT_RDWR)
            finally:
                connection.close()


def _read(reader) -> Asked | None:
    if reader.peek(1)[:1] == b"\x16":
        # Somebody begins to speak TLS where none is spoken.
        return Asked("", "/status/400", {})
    method, path, *_ = [*reader.readline().decode("latin-1").split(), "", ""]
    headers: dict[str, str] = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, body) if path else None


@contextmanager
def running(site: Site) -> Iterator[Site]:
    """The site answers while the block runs."""
    thread = Thread(target=site.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.over.set()
        site.shutdown()
        site.server_close()
        thread.join()


@cache
def _bomb(layers: int) -> bytes:
    """Thirty million zeros, small enough to arrive at once."""
    packed = bytes(30_000_000)
    for _ in range(layers):
        packed = gzip.compress(packed, 1 if len(packed) > 1_000_000 else 9, mtime=0)
    return packed


def _raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


def packed(*codings: str, lines: bool = False) -> Callable[[Wire, str], None]:
    """The article under so many codings, named in one header or in several lines."""
    pack = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw deflate": _raw_deflate,
        "br": lambda body: b"\x0b\x02\x80" + body,
    }

    def answer(wire: Wire, _: str) -> None:
        body = ARTICLE
        for coding in codings:
            body = pack[coding](body)
        named = [coding.removeprefix("raw ") for coding in codings]
        lists = named if lines else [", ".join(named)]
        wire.page(body, *(f"Content-Encoding: {names}" for names in lists))

    return answer


def article(wire: Wire, _: str) -> None:
    wire.page(ARTICLE, "Content-Type: text/html; charset=utf-8")


def report(wire: Wire, _: str) -> None:
    wire.page(REPORT, "Content-Type: application/pdf")


def missing(wire: Wire, _: str) -> None:
    wire.page(b"no such page", status="404 Not Found")


def redirect(wire: Wire, target: str) -> None:
    wire.page(b"", f"Location: {target}", "Set-Cookie: seen=1", status="302 Found")


def circle(wire: Wire, rest: str) -> None:
    redirect(wire, "/circle/b" if rest == "a" else "/circle/a")


def chain(wire: Wire, rest: str) -> None:
    redirect(wire, f"/chain/{int(rest) - 1}" if int(rest) > 1 else "/article")


def status(wire: Wire, rest: str) -> None:
    """/status/503/120 answers 503, and asks to wait for 120 seconds."""
    code, _, after = rest.partition("/")
    wait = [f"Retry-After: {after.replace('_', ' ')}"] if after else []
    wire.page(b"", *wait, status=f"{code} As The Site Likes")


def members(wire: Wire, _: str) -> None:
    body = gzip.compress(ARTICLE[:100]) + gzip.compress(ARTICLE[100:]) + bytes(8)
    wire.page(body, "Content-Encoding: gzip")


def bomb(wire: Wire, layers: str) -> None:
    coding = ", ".join(["gzip"] * int(layers))
    wire.page(_bomb(int(layers)), f"Content-Encoding: {coding}")


def hollow(wire: Wire, _: str) -> None:
    """Inside one layer of compression another that unpacks to nothing, again and again."""
    inner = gzip.compress(b"") * 1_000_000
    wire.page(gzip.compress(inner, 1), "Content-Encoding: gzip, gzip")


def half_packed(wire: Wire, _: str) -> None:
    wire.page(gzip.compress(ARTICLE)[:-20], "Content-Encoding: gzip")


def not_packed(wire: Wire, _: str) -> None:
    wire.page(ARTICLE, "Content-Encoding: gzip")


def promises_more(wire: Wire, _: str) -> None:
    wire.head(f"Content-Length: {len(ARTICLE) + 1000}")
    wire.send(ARTICLE)


def promises_less(wire: Wire, _: str) -> None:
    wire.head(f"Content-Length: {len(ARTICLE)}")
    wire.send(ARTICLE + b"<script>and more</script>")


def promises_much(wire: Wire, _: str) -> None:
    wire.head("Content-Length: 900000000000")
    wire.silence()


def endless(wire: Wire, _: str) -> None:
    wire.head("Transfer-Encoding: chunked")
    wire.forever(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def endless_wrapping(wire: Wire, _: str) -> None:
    """Chunks of one byte, each with a long note."""
    wire.head("Transfer-Encoding: chunked")
    wire.forever((b"1;note=" + b"x" * 4000 + b"\r\n.\r\n") * 16)


def endless_headers(wire: Wire, _: str) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    wire.forever(b"X-Padding: " + b"x" * 1000 + b"\r\n")


def endless_header(wire: Wire, _: str) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nX-Padding: ")
    wire.forever(b"x" * 1000)


def endless_hints(wire: Wire, _: str) -> None:
    wire.forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 100)


def drip(wire: Wire, _: str) -> None:
    wire.head("Content-Length: 1000000")
    wire.forever(b"x", 0.02)


def drip_headers(wire: Wire, _: str) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nX-Padding: ")
    wire.forever(b"x", 0.02)


def silent(wire: Wire, _: str) -> None:
    wire.silence()


def empty(wire: Wire, _: str) -> None:
    wire.page(b"", "Content-Type: text/html")


def hangs_up(wire: Wire, _: str) -> None:
    """Not one byte."""


def breaks_off(wire: Wire, _: str) -> None:
    wire.head("Transfer-Encoding: chunked")
    wire.send(b"100\r\nhalf")


def mail(wire: Wire, _: str) -> None:
    wire.send(b"220 mail.example ESMTP ready\r\n")


def odd_status(wire: Wire, _: str) -> None:
    wire.page(ARTICLE, status="2000 OK")


def old(wire: Wire, _: str) -> None:
    """A page of HTTP/1.0, which ends where the connection does."""
    wire.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + ARTICLE)


WAYS: dict[str, Callable[[Wire, str], None]] = {
    "article": article,
    "report.pdf": report,
    "gzip": packed("gzip"),
    "deflate": packed("deflate"),
    "raw-deflate": packed("raw deflate"),
    "packed-twice": packed("deflate", "gzip"),
    "packed-in-lines": packed("deflate", "gzip", lines=True),
    "packed-thrice": packed("gzip", "gzip", "gzip"),
    "br": packed("br"),
    "members": members,
    "half-packed": half_packed,
    "not-packed": not_packed,
    "old": old,
    "to": redirect,
    "circle": circle,
    "chain": chain,
    "status": status,
    "bomb": bomb,
    "hollow": hollow,
    "promises-more": promises_more,
    "promises-less": promises_less,
    "promises-much": promises_much,
    "endless": endless,
    "endless-wrapping": endless_wrapping,
    "endless-headers": endless_headers,
    "endless-header": endless_header,
    "endless-hints": endless_hints,
    "drip": drip,
    "drip-headers": drip_headers,
    "silent": silent,
    "empty": empty,
    "hangs-up": hangs_up,
    "breaks-off": breaks_off,
    "mail": mail,
    "odd-status": odd_status,
}
