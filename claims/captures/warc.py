"""A capture as a file of web archives (WARC 1.1), which other programs read and replay."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from claims import __version__
from claims.captures.fetching import Fetched

if TYPE_CHECKING:
    from warcio.warcwriter import WARCWriter

MEDIA_TYPE = "application/warc"
ENDING = "warc.gz"

# These told how the bytes travelled. The record holds them as a reader gets them, so under their
# own names they would be wrong; they are kept under others, as the Wayback Machine does.
_TRAVEL = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_ORIGINAL = "X-Archive-Orig-"

_MEDIA_TYPE = re.compile(r"[!-~]+/[!-~][ -~]*")


def of_page(page: Fetched) -> bytes:
    """A fetched page: what its site answered in the end, and over which redirects that was reached.

    There is no record of the request, which is the same for every page and not
    kept. The same capture gives the same file each time.
    """
    from warcio.statusandheaders import StatusAndHeaders

    phrase = {code.value: code.phrase for code in HTTPStatus}.get(page.status, "")
    headers = [
        (f"{_ORIGINAL}{name}" if name.lower() in _TRAVEL else name, value)
        for name, value in page.headers
    ]
    headers.append(("Content-Length", str(len(page.body))))
    head = StatusAndHeaders(f"{page.status} {phrase}", headers, protocol=page.protocol)
    # To the byte, where the writer would spell letters beyond ASCII in its own way.
    head.headers_buff = head.to_bytes(encoding="latin-1")
    head.compute_headers_buffer = lambda *_: None

    file, writer = _begun(page.at)
    ip = {"WARC-IP-Address": page.hops[-1].ip} if page.hops else {}
    response = writer.create_warc_record(
        page.url,
        "response",
        payload=BytesIO(page.body),
        length=len(page.body),
        http_headers=head,
        warc_headers_dict={
            **_named("response", page.at, page.url, page.body),
            **ip,
            "WARC-Payload-Digest": _digest(page.body),
            "WARC-Block-Digest": _digest(head.headers_buff + page.body),
        },
    )
    writer.write_record(response)
    way = _fields(("hop", f"{hop.status} {hop.ip} {hop.address}") for hop in page.hops)
    metadata = writer.create_warc_record(
        page.url,
        "metadata",
        payload=BytesIO(way),
        length=len(way),
        warc_headers_dict={
            **_named("metadata", page.at, page.url, way),
            "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            "WARC-Block-Digest": _digest(way),
        },
    )
    writer.write_record(metadata)
    return file.getvalue()


def of_file(name: str, media_type: str, body: bytes, at: datetime) -> bytes:
    """A file that a member brought, as a resource without an address on the web."""
    file, writer = _begun(at)
    address = f"file:///{quote(name, safe='')}"
    resource = writer.create_warc_record(
        address,
        "resource",
        payload=BytesIO(body),
        length=len(body),
        warc_content_type=(
            media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
        ),
        warc_headers_dict={
            **_named("resource", at, address, body),
            "WARC-Payload-Digest": _digest(body),
            "WARC-Block-Digest": _digest(body),
        },
    )
    writer.write_record(resource)
    return file.getvalue()


def _begun(at: datetime) -> tuple[BytesIO, "WARCWriter"]:
    """A new file that says what wrote it, and the writer for what follows."""
    from warcio.warcwriter import WARCWriter

    file = BytesIO()
    writer = WARCWriter(file, gzip=True, warc_version="1.1")
    about = _fields(
        [
            ("software", f"FactDesk/{__version__}"),
            ("format", "WARC File Format 1.1"),
            ("description", "Bodies are kept as a reader gets them, after decompression."),
        ]
    )
    info = writer.create_warc_record(
        "",
        "warcinfo",
        payload=BytesIO(about),
        length=len(about),
        warc_headers_dict={
            **_named("warcinfo", at, "", about),
            "WARC-Block-Digest": _digest(about),
        },
    )
    writer.write_record(info)
    return file, writer


def _named(kind: str, at: datetime, address: str, content: bytes) -> dict[str, str]:
    """When a record was made, and a name for it that is the same whenever it is written."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = uuid5(NAMESPACE_URL, f"{kind} {moment} {address} {_digest(content)}")
    return {"WARC-Record-ID": f"<urn:uuid:{name}>", "WARC-Date": moment}


def _digest(content: bytes) -> str:
    # In hexadecimal, as the desk shows it everywhere; the standard leaves the spelling open.
    return f"sha256:{sha256(content).hexdigest()}"


def _fields(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode()
