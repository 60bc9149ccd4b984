"""A small server that speaks as much of S3 as a store of captures needs."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

# So few names a page, that a list of some captures has several.
PAGE = 3


class Server(ThreadingHTTPServer):
    """One bucket named `captures`; `objects` is what lies in it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.objects: dict[str, bytes] = {}
        # How many requests are yet to be answered with “slow down”.
        self.busy = 0
        self.refuses = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together; the other way round each answer waits for the client’s nod.
    wbufsize = 1 << 16
    server: Server

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def _key(self) -> str | None:
        """The object asked for, or None once the request has been turned away."""
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        if self.server.busy:
            self.server.busy -= 1
            self._fail(503, "SlowDown")
        elif self.server.refuses or "AWS4-HMAC-SHA256" not in self.headers["Authorization"]:
            self._fail(403, "AccessDenied")
        elif bucket != "captures":
            self._fail(404, "NoSuchBucket")
        else:
            return key
        return None

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self._key()
        if key is None:
            return
        said = base64.b64decode(self.headers["x-amz-checksum-sha256"])
        if said != hashlib.sha256(body).digest():
            self._fail(400, "BadDigest")
            return
        self.server.objects[key] = body
        self._answer(200)

    def do_GET(self) -> None:
        key = self._key()
        if key == "":
            self._list()
        elif key in self.server.objects:
            self._answer(200, self.server.objects[key])
        elif key is not None:
            self._fail(404, "NoSuchKey")

    def do_DELETE(self) -> None:
        key = self._key()
        if key is not None:
            self.server.objects.pop(key, None)
            self._answer(204)

    def _list(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after = asked.get("continuation-token", "")
        keys = sorted(k for k in self.server.objects if k.startswith(asked.get("prefix", "")))
        rest = [key for key in keys if key > after]
        page, more = rest[:PAGE], len(rest) > PAGE
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        contents = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in page)
        self._answer(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}"
            "</ListBucketResult>".encode(),
        )

    def _fail(self, status: int, code: str) -> None:
        self._answer(
            status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        )

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
