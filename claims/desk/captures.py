"""Captures: keep what a source said at one moment, and notice when the bytes are damaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import excerpts, origins, sources, withdrawals
from claims.models import Capture, Content, ContentText, Member, SketchPart, Source
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Damage, Obtained, SourceType


@dataclass(frozen=True)
class Taking:
    """How bytes came to the desk: from an address, or as a file; and when they were there."""

    obtained: Obtained
    at: datetime
    url: str | None = None
    final_url: str | None = None
    status: int | None = None
    headers: Sequence[Sequence[str]] = ()
    hops: Sequence[tuple[str, int, str]] = ()
    protocol: str | None = None
    file_name: str | None = None


@dataclass(frozen=True)
class Readable:
    """What was read in bytes; None: the bytes do not say it.

    `pages` are the code points at which pages begin in the text, `main` the one at which
    its main part ends; behind it stands what surrounds that on a page.
    """

    media_type: str
    text: str = ""
    main: int | None = None
    pages: Sequence[int] = ()
    trouble: str | None = None
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published_on: str | None = None
    language: str | None = None
    type: SourceType | None = None
    canonical: str | None = None


def keep(
    session: Session,
    source: Source,
    sha256: str,
    size: int,
    readable: Readable,
    taking: Taking,
    *,
    by: Member | None,
) -> Capture:
    """Record bytes that the store holds as a copy of a source.

    What the source's description leaves open is filled in from them, for a reviewer to
    correct; excerpts of the evidence that rests on it are looked for in the new text.
    """
    # What takes a while comes before anybody has to wait for it.
    sketch = rules.origins.sketch(readable.text[: readable.main])
    # Two may bring the same bytes at once, and they are one content.
    ledger.take_turn(session)
    content = session.get(Content, sha256)
    if content is None:
        _add_content(session, sha256, size, readable, sketch)
    elif content.damage:
        # The store holds the right bytes again.
        found_sound(session, content)
    capture = Capture(
        source_id=source.id,
        sha256=sha256,
        obtained=taking.obtained,
        url=taking.url,
        final_url=taking.final_url,
        status=taking.status,
        headers=[list(header) for header in taking.headers],
        hops=[[address, str(status), ip] for address, status, ip in taking.hops],
        protocol=taking.protocol,
        file_name=taking.file_name,
        taken_at=taking.at,
        taken_by_id=by.id if by else None,
    )
    session.add(capture)
    ledger.record(session, "source captured", capture, by=by, detail={"size": size})
    _describe(session, source, readable, taking)
    excerpts.check_all_of(session, source)
    origins.look(session, source, by_text=True)
    return capture


def _add_content(session: Session, sha256: str, size: int, readable: Readable, sketch: str) -> None:
    session.add(
        Content(
            sha256=sha256,
            size=size,
            media_type=readable.media_type,
            length=len(readable.text),
            pages=list(readable.pages),
            sketch=sketch,
            canonical_fingerprint=rules.addresses.fingerprint(readable.canonical),
            trouble=readable.trouble,
        )
    )
    session.flush()
    session.add_all(SketchPart(part=part, sha256=sha256) for part in rules.origins.parts(sketch))
    if readable.text:
        session.add(ContentText(sha256=sha256, text=readable.text))
    session.flush()


def _describe(session: Session, source: Source, readable: Readable, taking: Taking) -> None:
    """Fill in what is not known of a source yet, as far as its copy says it."""
    told = {
        name: getattr(readable, name)
        for name in ("author", "publisher", "published_on", "language")
        if getattr(source, name) is None and getattr(readable, name)
    }
    # A source that was pasted as an address is called by it until its page says its title.
    title = readable.title or rules.addresses.file_name(taking.final_url)
    if title and source.title in {taking.url, taking.file_name, source.url}:
        told["title"] = title[:500]
    # Nor does its address tell that a page stands there, and no document.
    page = readable.media_type == "text/html"
    sort = readable.type or (SourceType.WEB_PAGE if page else SourceType.OTHER)
    if source.type is SourceType.WEB_PAGE:
        told["type"] = sort
    sources.fill_in(session, source, told)


# ---- taking back -------------------------------------------------------------------------------


def withdraw(session: Session, capture: Capture, reason: str, *, by: Member) -> None:
    """Take a copy out of use, with the reason; its bytes, its page and its record stay.

    Its source is no longer found by its words, and no excerpt is looked for in it.
    """
    if capture.withdrawn_at:
        raise Refused("This copy is withdrawn already.")
    if not capture.withdrawable_by(by):
        raise Refused("Only whoever took a copy, or an editor, can withdraw it.")
    withdrawals.withdraw(session, capture, reason, by=by)
    _read_again(session, capture.source)


def restore(session: Session, capture: Capture, *, by: Member) -> None:
    """Bring a withdrawn copy back into use."""
    if not capture.withdrawn_at:
        raise Refused("This copy is in use: there is nothing to restore.")
    if not capture.restorable_by(by):
        raise Refused("An editor withdrew this copy, so only an editor can restore it.")
    withdrawals.restore(session, capture, by=by)
    _read_again(session, capture.source)


def _read_again(session: Session, source: Source) -> None:
    sources.derive(session, source)
    excerpts.check_all_of(session, source)


# ---- integrity ----------------------------------------------------------------------------------


def found_damaged(session: Session, content: Content, damage: Damage) -> None:
    """Flag a content whose bytes are missing or changed, on every copy that it is."""
    if content.damage is damage:
        content.checked_at = now()
        session.flush()
        return
    _note(session, content, damage, f"copy found {damage.value}")


def found_sound(session: Session, content: Content) -> None:
    """Note that the bytes of a content are what they should be; a damage is over."""
    if content.damage is None:
        content.checked_at = now()
        session.flush()
        return
    _note(session, content, None, "copy found sound again")


def _note(session: Session, content: Content, damage: Damage | None, action: str) -> None:
    before = content.damage
    content.damage, content.checked_at = damage, now()
    session.flush()
    for capture in queries.captures.of_content(session, content.sha256):
        ledger.record(
            session,
            action,
            capture,
            by=None,
            before=ledger.snapshot(capture),
            detail={"source_id": capture.source_id, "damage": damage},
            detail_before={"source_id": capture.source_id, "damage": before},
        )
