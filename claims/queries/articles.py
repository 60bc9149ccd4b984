"""Articles, their texts, and the page on which one is read beside its claims."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims import rules
from claims.models import Appearance, Article, Claim, Event, Member, Rating, Snapshot, Speaker
from claims.queries import evidence
from claims.queries.evidence import ClaimEvidence
from claims.queries.paging import Order
from claims.rules.passages import Text
from claims.rules.vocabulary import Kind, Placement, State

# Newest first.
ORDER = Order((col(Article.created_at), col(Article.id)), descending=True)

# A claim that is counted: it is there, and it was not merged into another.
_COUNTED = (col(Claim.withdrawn_at).is_(None), col(Claim.merged_into_id).is_(None))


@dataclass(frozen=True)
class Coverage:
    """How far an article is: its claims by ruling, in the order of the scale, and in all."""

    counts: Sequence[tuple[Rating, int]] = ()
    total: int = 0


@dataclass(frozen=True)
class Line:
    """A claim as the article page shows it."""

    id: int
    number: int
    statement: str
    kind: Kind
    state: State
    rating: Rating | None
    speaker: str | None
    role: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a paragraph over which nothing changes, and the claims made in it.

    The claim with the shortest passage comes first. `opens` is the claim of
    which nothing was shown before, so that a link can lead to it.
    """

    text: str
    claims: tuple[Line, ...] = ()
    opens: Line | None = None


@dataclass(frozen=True)
class Place:
    """Where a claim is made: its quotation, and the stretch of the text, if it is in it."""

    id: int
    claim: Line
    quotation: str
    paragraph: int | None
    start: int
    end: int
    placed: bool


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the text, or of the outline, with the claims made in it.

    `also` are those that are not marked in its words.
    """

    number: int
    start: int
    pieces: Sequence[Piece]
    also: Sequence[Piece]


@dataclass(frozen=True)
class Focus:
    """The claim that is open beside the text, and what was found on it."""

    claim: Line
    places: Sequence[Place]
    evidence: ClaimEvidence
    # Other claims of its paragraph, in reading order.
    beside: Sequence[Line]

    @property
    def sources(self) -> int:
        """How many different sources its evidence comes from."""
        return len({piece.source_id for piece in self.evidence.standing})


@dataclass(frozen=True)
class Withdrawal:
    """Who withdrew an article, and why."""

    event: Event

    @property
    def reason(self) -> str:
        """Why the article was withdrawn."""
        return str(self.event.after.get("reason", ""))


@dataclass(frozen=True)
class ArticlePage:
    """Everything that the article page shows."""

    article: Article
    snapshot: Snapshot | None
    claims: Sequence[Line]
    places: Sequence[Place]
    # What claims of this number are quoted with, those that are withdrawn too.
    quotations: Mapping[int, str]
    coverage: Coverage
    focus: Focus | None
    withdrawal: Withdrawal | None
    # The latest claims that were withdrawn, each with whoever did it.
    withdrawn: Sequence[Claim]

    @property
    def orphans(self) -> list[Place]:
        """Quotations that have no place in the full text."""
        return [place for place in self.places if self.snapshot and not place.placed]

    @property
    def speakers(self) -> int:
        """How many speakers are credited with claims."""
        return len({(claim.speaker, claim.role) for claim in self.claims if claim.speaker})

    @property
    def numbers(self) -> list[tuple[int, int]]:
        """The numbers of the outline's paragraphs, as choices."""
        return [(number, number) for number in range(1, len(self.article.outline) + 1)]

    @cached_property
    def paragraphs(self) -> Sequence[Paragraph]:
        """The full text, or while it is not loaded the outline, cut where claims begin and end."""
        return self._text(self.snapshot.text) if self.snapshot else self._outline()

    @cached_property
    def groups(self) -> list[tuple[int | None, list[Line]]]:
        """Every claim once, by the paragraph in which it is first made; unplaced ones last."""
        first: dict[int, tuple[bool, int, int]] = {}
        for place in self.places:
            known = not (self.snapshot and not place.placed) and place.paragraph is not None
            key = (not known, place.paragraph or 0 if known else 0, place.start)
            first[place.claim.id] = min(key, first.get(place.claim.id, key))
        nowhere = (True, 0, 0)
        lines = sorted(self.claims, key=lambda c: (*first.get(c.id, nowhere), c.number))
        return [
            (paragraph or None, list(group))
            for paragraph, group in groupby(lines, key=lambda c: first.get(c.id, nowhere)[1])
        ]

    def _text(self, text: str) -> list[Paragraph]:
        stretches = Text(text).paragraphs
        marks = [(place.start, place.end, place.claim) for place in self.places if place.placed]
        seen: set[int] = set()
        found = []
        cut = zip(stretches, rules.passages.segments(stretches, marks), strict=True)
        for number, ((start, _end), stretch) in enumerate(cut, start=1):
            pieces = []
            for piece in stretch:
                opens = next((claim for claim in piece.marks if claim.id not in seen), None)
                if opens:
                    seen.add(opens.id)
                pieces.append(Piece(text[piece.start : piece.end], piece.marks, opens))
            found.append(Paragraph(number, start, pieces, ()))
        return found

    def _outline(self) -> list[Paragraph]:
        by_number: dict[int, list[Place]] = {}
        by_paragraph: dict[int | None, list[Place]] = {}
        for place in self.places:
            by_number.setdefault(place.claim.number, []).append(place)
            by_paragraph.setdefault(place.paragraph, []).append(place)
        seen: set[int] = set()
        found = []
        for number, paragraph in enumerate(self.article.outline, start=1):
            pieces, marked = [], set()
            for part in rules.passages.outlined(paragraph):
                if isinstance(part, str):
                    pieces.append(Piece(part))
                    continue
                quoted = [p for p in by_number.get(part, ()) if p.paragraph == number]
                if not (quoted or part in by_number) and part in self.quotations:
                    pieces.append(Piece(f"“{self.quotations[part]}”"))
                for place in quoted[:1] or by_number.get(part, ())[:1]:
                    claim = place.claim
                    marked.add(claim.id)
                    opens = None if claim.id in seen else claim
                    seen.add(claim.id)
                    pieces.append(Piece(f"“{place.quotation}”", (claim,), opens))
            also = []
            for place in by_paragraph.get(number, ()):
                if place.claim.id not in marked:
                    opens = None if place.claim.id in seen else place.claim
                    seen.add(place.claim.id)
                    also.append(Piece(f"“{place.quotation}”", (place.claim,), opens))
            found.append(Paragraph(number, 0, pieces, also))
        return found


def one(session: Session, article_id: int) -> Article | None:
    """An article, withdrawn or not."""
    return session.get(Article, article_id)


def seeded(session: Session, seed_key: str) -> Article | None:
    """The article that was made from the seeds of this key."""
    return session.exec(select(Article).where(Article.seed_key == seed_key)).first()


def seeds_given(session: Session, article: Article) -> Mapping[int, int]:
    """The seeds that an article was given, each with the claim that it became."""
    events = session.exec(
        select(Event.after).where(Event.article_id == article.id, Event.action == "article seeded")
    ).all()
    return {int(seed): claim_id for after in events for seed, claim_id in after["seeds"].items()}


def listed(*, withdrawn: bool = False) -> SelectOfScalar[Article]:
    """Articles that are there, or those that were withdrawn; their outlines stay unread."""
    gone = col(Article.withdrawn_at).is_not(None)
    return (
        select(Article)
        .options(defer(Article.outline))  # type: ignore[arg-type]
        .where(gone if withdrawn else sa.not_(gone))
    )


def any_withdrawn(session: Session) -> bool:
    """Whether there is an article that was withdrawn."""
    return session.exec(listed(withdrawn=True).limit(1)).first() is not None


def coverage(session: Session, articles: Iterable[Article]) -> Mapping[int, Coverage]:
    """How far each of these articles is, in one statement."""
    rows = session.exec(
        select(Claim.article_id, Rating, sa.func.count(col(Claim.id)))
        .outerjoin(Rating, col(Rating.id) == Claim.rating_id)
        .where(col(Claim.article_id).in_([article.id for article in articles]), *_COUNTED)
        .group_by(col(Claim.article_id), col(Rating.id))
        .order_by(col(Claim.article_id), col(Rating.position), col(Rating.id))
    ).all()
    return {
        article_id: _coverage((rating, number) for _id, rating, number in group)
        for article_id, group in groupby(rows, key=lambda row: row[0])
    }


def snapshot(session: Session, article: Article) -> Snapshot | None:
    """The version of an article's text that is in force."""
    if not article.snapshot_number:
        return None
    return session.exec(
        select(Snapshot).where(
            Snapshot.article_id == article.id, Snapshot.number == article.snapshot_number
        )
    ).one()


def snapshots_taken(session: Session, article: Article) -> int:
    """The number of the newest version of an article's text; 0 while there is none."""
    newest = select(sa.func.max(col(Snapshot.number))).where(Snapshot.article_id == article.id)
    return session.exec(newest).one() or 0


def snapshots(session: Session, article: Article) -> Sequence[tuple[Snapshot, str | None]]:
    """Every version of an article's text, newest first, without its words; and who loaded it."""
    return session.exec(
        select(Snapshot, Member.name)
        .outerjoin(Member, col(Snapshot.loaded_by_id) == Member.id)
        .options(defer(Snapshot.text, raiseload=True))  # type: ignore[arg-type]
        .where(Snapshot.article_id == article.id)
        .order_by(col(Snapshot.number).desc())
        .limit(50)
    ).all()


def appearances(session: Session, article: Article) -> Sequence[Appearance]:
    """Where every claim of an article is made, those of withdrawn claims too."""
    return session.exec(
        select(Appearance).where(Appearance.article_id == article.id).order_by(col(Appearance.id))
    ).all()


def appearance(session: Session, article: Article, appearance_id: int) -> Appearance | None:
    """Where a claim of an article is made."""
    return session.exec(
        select(Appearance).where(
            Appearance.id == appearance_id, Appearance.article_id == article.id
        )
    ).first()


def published(session: Session, article: Article) -> int:
    """How many claims of an article have a published ruling."""
    return session.exec(
        select(sa.func.count())
        .select_from(Claim)
        .where(Claim.article_id == article.id, Claim.state == State.PUBLISHED, *_COUNTED)
    ).one()


def withdrawal(session: Session, article: Article) -> Withdrawal | None:
    """Who withdrew an article, and why; None while it is there."""
    if article.withdrawn_at is None:
        return None
    event = session.exec(
        select(Event)
        .where(Event.article_id == article.id, Event.action == "article withdrawn")
        .order_by(col(Event.seq).desc())
        .limit(1)
    ).first()
    return Withdrawal(event) if event else None


def withdrawn_claims(session: Session, article: Article) -> Sequence[Claim]:
    """The claims of an article that were withdrawn, the latest first; merged ones not counted."""
    return session.exec(
        select(Claim)
        .where(
            Claim.article_id == article.id,
            col(Claim.withdrawn_at).is_not(None),
            col(Claim.merged_into_id).is_(None),
        )
        .options(joinedload(Claim.withdrawn_by))  # type: ignore[arg-type]
        .order_by(col(Claim.withdrawn_at).desc(), col(Claim.id).desc())
        .limit(50)
    ).all()


def page(session: Session, article_id: int, *, claim_id: int | None = None) -> ArticlePage | None:
    """Read an article with its text and claims; `claim_id` is the one that is open beside it."""
    article = one(session, article_id)
    if article is None:
        return None
    rows = session.exec(
        select(
            Claim.id,
            Claim.number,
            Claim.statement,
            Claim.kind,
            Claim.state,
            Claim.rating_id,
            Speaker.name,
            Speaker.role,
        )  # type: ignore[call-overload]
        .outerjoin(Speaker, col(Claim.speaker_id) == Speaker.id)
        .where(Claim.article_id == article.id, *_COUNTED)
        .order_by(col(Claim.number))
    ).all()
    ratings = _ratings(session, article)
    claims = {
        id_: Line(id_, number, statement, kind, state, ratings.get(rating_id), name, role or "")
        for id_, number, statement, kind, state, rating_id, name, role in rows
    }
    text = snapshot(session, article)
    places, quotations = _places(session, article, text, claims)
    return ArticlePage(
        article=article,
        snapshot=text,
        claims=list(claims.values()),
        places=places,
        quotations=quotations,
        coverage=coverage(session, [article]).get(article.id, Coverage()),
        focus=_focus(session, claims.get(claim_id or 0), places),
        withdrawal=withdrawal(session, article),
        withdrawn=withdrawn_claims(session, article),
    )


def _coverage(counted: Iterable[tuple[Rating | None, int]]) -> Coverage:
    counts: dict[str, tuple[Rating, int]] = {}
    total = 0
    for rating, number in counted:
        total += number
        if rating:
            # The same rating of two versions of the scale is one to a reader.
            counts[rating.key] = (rating, counts.get(rating.key, (rating, 0))[1] + number)
    return Coverage(list(counts.values()), total)


def _ratings(session: Session, article: Article) -> dict[int | None, Rating]:
    used = select(Claim.rating_id).where(Claim.article_id == article.id)
    found = session.exec(select(Rating).where(col(Rating.id).in_(used))).all()
    return {rating.id: rating for rating in found}


def _places(
    session: Session, article: Article, text: Snapshot | None, claims: Mapping[int, Line]
) -> tuple[list[Place], dict[int, str]]:
    """Where the claims are made, in reading order; and what each number is quoted with."""
    rows = session.exec(
        select(
            Claim.number,
            Appearance.id,
            Appearance.claim_id,
            Appearance.quotation,
            Appearance.paragraph,
            Appearance.start,
            Appearance.end,
            Appearance.placement,
            Appearance.snapshot_id,
        )  # type: ignore[call-overload]
        .join(Claim, col(Claim.id) == Appearance.claim_id)
        .where(Appearance.article_id == article.id)
        .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
    ).all()
    places = [
        Place(
            id_,
            claims[claim_id],
            quotation,
            paragraph,
            start or 0,
            end or 0,
            # Offsets count in one version of the text only.
            placed=placement is Placement.FOUND and text is not None and snapshot_id == text.id,
        )
        for _, id_, claim_id, quotation, paragraph, start, end, placement, snapshot_id in rows
        if claim_id in claims
    ]
    return places, {row[0]: row[3] for row in reversed(rows)}


def _focus(session: Session, claim: Line | None, places: Sequence[Place]) -> Focus | None:
    if claim is None:
        return None
    own = [place for place in places if place.claim.id == claim.id]
    paragraph = own[0].paragraph if own else None
    beside = {
        place.claim.id: place.claim
        for place in places
        if paragraph is not None and place.paragraph == paragraph and place.claim.id != claim.id
    }
    found = evidence.on_claim(session, session.get_one(Claim, claim.id))
    return Focus(claim, own, found, list(beside.values()))
