"""Intake: from bytes to a copy of a source, kept, read and recorded."""

from dataclasses import dataclass

from sqlmodel import Session

from claims import desk
from claims.captures.store import Store
from claims.desk.captures import Readable, Taking
from claims.imports import reading
from claims.models import Capture, Member, Source


@dataclass(frozen=True)
class Received:
    """Bytes that the store keeps and the desk has read, which no record names yet."""

    sha256: str
    size: int
    readable: Readable
    taking: Taking


def take(store: Store, body: bytes, taking: Taking) -> Received:
    """Keep bytes and read them, which may take a while and needs no database.

    They are in the store before anything says so: a crash in between leaves bytes
    that nothing names, never a name without bytes.
    """
    sha256 = store.put(body)
    said = next((value for name, value in taking.headers if name.lower() == "content-type"), None)
    read = reading.read(body, said=said, name=taking.file_name or taking.final_url or taking.url)
    readable = Readable(
        media_type=read.media_type,
        text=read.text,
        main=read.main,
        pages=read.pages,
        trouble=read.trouble,
        title=read.title,
        author=read.author,
        publisher=read.publisher,
        published_on=read.published_on,
        language=read.language,
        type=read.type,
        canonical=read.canonical,
    )
    return Received(sha256, len(body), readable, taking)


def record(session: Session, source: Source, received: Received, *, by: Member | None) -> Capture:
    """Record what was taken as a copy of a source."""
    return desk.captures.keep(
        session,
        source,
        received.sha256,
        received.size,
        received.readable,
        received.taking,
        by=by,
    )
