"""Take a page out of the compression in which it travelled, without ever making room for a bomb."""

import zlib
from collections.abc import Iterable, Iterator, Sequence

from claims.captures.limits import NotFetched, too_large

# What is asked for, and so what a site may answer with.
READ = "gzip, deflate"

# So much comes out at a time, however little went in.
_STEP = 1 << 16

# Twice happens by mistake; more is no mistake.
_LAYERS = 2

_GZIP = b"\x1f\x8b"


def unpacked(chunks: Iterable[bytes], codings: Sequence[str], most: int) -> Iterator[bytes]:
    """The bytes under the codings, which are named in the order in which they were applied.

    No layer may come to more than `most` bytes, so that a small answer neither
    fills the memory nor keeps the processor busy.
    """
    layers = [coding for coding in codings if coding not in ("", "identity")]
    unknown = [coding for coding in layers if coding not in _LAYER]
    if unknown or len(layers) > _LAYERS:
        raise NotFetched(
            "The page came packed in a way that the desk did not ask for and does not read. "
            "Save it in a browser and add it as a file."
        )
    stream = _limited(chunks, most)
    for coding in reversed(layers):
        stream = _limited(_LAYER[coding](stream), most)
    return stream


def _limited(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise too_large(most)
        yield chunk


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    member, members, rest = None, 0, b""
    for chunk in chunks:
        rest += chunk
        # A file may have several members; after the last one there may be padding.
        while rest if member else len(rest) >= len(_GZIP):
            if member is None:
                if members and not rest.startswith(_GZIP):
                    return
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                members += 1
            yield from _taken(member, rest)
            rest = member.unused_data
            if member.eof:
                member = None
    if member or (rest and not members):
        raise _broken()


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream, rest = None, b""
    for chunk in chunks:
        rest += chunk
        if stream is None:
            if len(rest) < 2:
                continue
            # The standard says zlib, some servers leave its head away.
            head = rest[0] & 15 == zlib.DEFLATED and int.from_bytes(rest[:2], "big") % 31 == 0
            stream = zlib.decompressobj(zlib.MAX_WBITS if head else -zlib.MAX_WBITS)
        yield from _taken(stream, rest)
        rest = b""
    if rest or (stream and not stream.eof):
        raise _broken()


_LAYER = {"gzip": _gunzipped, "x-gzip": _gunzipped, "deflate": _inflated}


def _taken(stream: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """All that comes out of one chunk, a step at a time."""
    try:
        while piece := stream.decompress(packed, _STEP):
            yield piece
            packed = stream.unconsumed_tail
    except zlib.error as error:
        raise _broken() from error


def _broken() -> NotFetched:
    return NotFetched(
        "The page came damaged: it cannot be decompressed. The desk tries again later; "
        "if it stays so, save the page in a browser and add it as a file.",
        again=True,
    )
