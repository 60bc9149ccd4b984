"""The copies that the desk keeps of sources, and what was read in them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims import rules
from claims.models import (
    Capture,
    Claim,
    Content,
    ContentText,
    Event,
    Evidence,
    ExcerptCheck,
)
from claims.queries import ledger, paging
from claims.queries.paging import Order
from claims.rules.parts import Part
from claims.rules.passages import Text
from claims.rules.vocabulary import Mark, Stance

ORDER = Order((col(Capture.id),), descending=True)

# Nobody withdrew the copy.
STANDING = col(Capture.withdrawn_at).is_(None)

# More than anybody quotes from one copy.
_MOST_PASSAGES = 1000

# Of the newest copies, in so many an excerpt is looked for.
_LOOKED_IN = 20


@dataclass(frozen=True)
class Passage:
    """Where the excerpt of a piece of evidence stands in a text, in code points."""

    evidence_id: int
    claim_id: int
    number: int
    stance: Stance
    mark: Mark
    start: int
    end: int


@dataclass(frozen=True)
class Quoted:
    """Words of a copy that are to become an excerpt, and where they stand in its text.

    `page` is the one of a document on which they begin.
    """

    capture: Capture
    start: int
    end: int
    words: str
    page: int | None

    @property
    def place(self) -> dict[str, int]:
        """How an address says which words are meant."""
        return {"capture": self.capture.id, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class CapturePage:
    """Everything that the page of a copy shows: of a long text one part, with the passages in it.

    `before` is the copy of the same source that was taken before this one.
    """

    capture: Capture
    parts: Sequence[Part]
    part: Part
    words: str
    passages: Sequence[Passage]
    before: Capture | None
    history: paging.Page[Event]

    @property
    def several(self) -> bool:
        """Whether the text is read in more than one part."""
        return len(self.parts) > 1


def one(session: Session, capture_id: int) -> Capture | None:
    """One copy, with its source and its content."""
    return session.exec(
        select(Capture)
        .where(Capture.id == capture_id)
        .options(
            joinedload(Capture.source),  # type: ignore[arg-type]
            joinedload(Capture.content),  # type: ignore[arg-type]
            joinedload(Capture.taken_by),  # type: ignore[arg-type]
            joinedload(Capture.withdrawn_by),  # type: ignore[arg-type]
        )
    ).first()


def page(
    session: Session,
    capture_id: int,
    *,
    part: int = 1,
    evidence_id: int | None = None,
    earlier: str | None = None,
) -> CapturePage | None:
    """What the page of a copy shows: the part asked for, or that with an excerpt in it."""
    capture = one(session, capture_id)
    if capture is None:
        return None
    words, found = text(session, capture.sha256), passages(session, capture)
    parts = rules.parts.cut(rules.parts.stretches(Text(words)), {})
    wanted = next((one.start for one in found if one.evidence_id == evidence_id), None)
    shown = parts[min(max(part, 1), len(parts)) - 1]
    if wanted is not None:
        shown = rules.parts.at(parts, wanted)
    events = select(Event).where(
        Event.subject == Capture.__tablename__, Event.subject_id == capture.id
    )
    return CapturePage(
        capture,
        parts,
        shown,
        words[shown.start : shown.end],
        [one for one in found if shown.holds(one.start, one.end)],
        before(session, capture),
        paging.page(session, events, ledger.ORDER, after=earlier),
    )


def passages(session: Session, capture: Capture) -> Sequence[Passage]:
    """Where the excerpts of standing evidence were found in a copy, in reading order."""
    found = session.execute(
        sa.select(
            col(Evidence.id),
            col(Claim.id),
            col(Claim.number),
            col(Evidence.stance),
            col(ExcerptCheck.mark),
            col(ExcerptCheck.start),
            col(ExcerptCheck.end),
        )
        .join(Evidence, col(Evidence.id) == ExcerptCheck.evidence_id)
        .join(Claim, col(Claim.id) == Evidence.claim_id)
        .where(
            col(ExcerptCheck.capture_id) == capture.id,
            col(ExcerptCheck.start).is_not(None),
            col(Evidence.withdrawn_at).is_(None),
        )
        .order_by(col(ExcerptCheck.start), col(Evidence.id))
        .limit(_MOST_PASSAGES)
    )
    return [Passage(*row) for row in found]


def quoted(session: Session, capture: Capture, start: int | None, end: int | None) -> Quoted:
    """The words of a copy between two places in its text.

    Refused where there are none, and of a copy that is withdrawn.
    """
    rules.gates.check_copy_stands(withdrawn=capture.withdrawn_at is not None)
    first, last = rules.excerpts.check_place(start, end, capture.content.length)
    words = session.exec(
        select(sa.func.substr(col(ContentText.text), first + 1, last - first)).where(
            ContentText.sha256 == capture.sha256
        )
    ).one()
    pages = capture.content.pages
    page = rules.passages.page_at(pages, first) if pages else None
    return Quoted(capture, first, last, words.strip(), page)


def before(session: Session, capture: Capture) -> Capture | None:
    """The copy of the same source that was taken before this one and stands."""
    return session.exec(
        select(Capture)
        .where(Capture.source_id == capture.source_id, col(Capture.id) < capture.id, STANDING)
        .order_by(col(Capture.id).desc())
        .limit(1)
        .options(joinedload(Capture.content))  # type: ignore[arg-type]
    ).first()


def of_source(
    session: Session, source_id: int, *, after: str | None = None, size: int = paging.SIZE
) -> paging.Page[Capture]:
    """One page of the copies of a source, newest first."""
    query = (
        select(Capture)
        .where(Capture.source_id == source_id)
        .options(
            joinedload(Capture.content),  # type: ignore[arg-type]
            joinedload(Capture.taken_by),  # type: ignore[arg-type]
            joinedload(Capture.withdrawn_by),  # type: ignore[arg-type]
        )
    )
    return paging.page(session, query, ORDER, after=after, size=size)


def all_of(session: Session, source_id: int) -> Sequence[Capture]:
    """Every copy of a source, oldest first."""
    return session.exec(
        select(Capture).where(Capture.source_id == source_id).order_by(col(Capture.id))
    ).all()


def text(session: Session, sha256: str) -> str:
    """The readable text of a content; empty where there is none."""
    held = session.exec(select(ContentText.text).where(ContentText.sha256 == sha256)).first()
    return held or ""


def texts_to_look_in(session: Session, source_id: int) -> Iterator[tuple[int, str]]:
    """The newest standing copies of a source that have a text, with it, one at a time."""
    newest = session.exec(
        select(Capture.id, Capture.sha256)
        .join(Content, col(Content.sha256) == Capture.sha256)
        .where(Capture.source_id == source_id, STANDING, Content.length > 0)
        .order_by(col(Capture.id).desc())
        .limit(_LOOKED_IN)
    ).all()
    seen: set[str] = set()
    for capture_id, sha256 in newest:
        # The same bytes taken again: the newest taking stands for them.
        if sha256 not in seen:
            seen.add(sha256)
            yield capture_id, text(session, sha256)


def searched_texts(session: Session, source_id: int) -> Iterator[str]:
    """The texts of a source's copies by which it should be found."""
    for _, words in texts_to_look_in(session, source_id):
        yield words


def check_of(session: Session, evidence_id: int) -> ExcerptCheck | None:
    """Where the excerpt of a piece of evidence was found, with the copy that has it."""
    return session.exec(
        select(ExcerptCheck)
        .where(ExcerptCheck.evidence_id == evidence_id)
        .options(joinedload(ExcerptCheck.capture))  # type: ignore[arg-type]
    ).first()


def digests(session: Session, *, after: str, limit: int) -> Sequence[str]:
    """The names of what the store should hold, in their order, from behind one of them."""
    return session.exec(
        select(Content.sha256)
        .where(Content.sha256 > after)
        .order_by(col(Content.sha256))
        .limit(limit)
    ).all()


def contents(session: Session, digests: Collection[str]) -> Sequence[Content]:
    """The contents of these digests."""
    return session.exec(select(Content).where(col(Content.sha256).in_(digests))).all()


def of_content(session: Session, sha256: str) -> Sequence[Capture]:
    """Every taking of the same bytes."""
    return session.exec(
        select(Capture)
        .where(Capture.sha256 == sha256)
        .order_by(col(Capture.id))
        .options(joinedload(Capture.source))  # type: ignore[arg-type]
    ).all()
