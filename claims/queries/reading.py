"""The page on which an article is read beside its claims; of a long one, a part at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Appearance, Article, Claim, Snapshot
from claims.queries import articles, evidence, places, remembered, scales
from claims.queries.articles import COUNTED, Coverage, Withdrawal
from claims.queries.evidence import ClaimEvidence
from claims.queries.places import NOWHERE, Line, Place, Unplaced, Whole
from claims.rules.parts import Part, Stretch
from claims.rules.passages import Text

# On no word lie the marks of more claims than this: nobody could tell them apart.
_DEEPEST = 12


class Piece(NamedTuple):
    """A stretch of a paragraph over which nothing changes, and the claims made in it.

    The claim with the shortest passage comes first. `opens` is the claim of
    which nothing was shown before, so that a link can lead to it.
    """

    text: str
    claims: tuple[Line, ...] = ()
    opens: Line | None = None


class Paragraph(NamedTuple):
    """A paragraph of the text, or of the outline, with the claims made in it.

    `also` are those that are not marked in its words.
    """

    number: int
    start: int
    pieces: tuple[Piece, ...]
    also: tuple[Piece, ...] = ()

    def has(self, claim_id: int | None) -> bool:
        """Whether a claim is made in it."""
        pieces = (*self.pieces, *self.also)
        return any(line.id == claim_id for piece in pieces for line in piece.claims)


@dataclass(frozen=True)
class Focus:
    """The claim that is open beside the text, and what was found on it."""

    claim: Line
    places: Sequence[Place]
    evidence: ClaimEvidence

    @property
    def sources(self) -> int:
        """How many different sources its evidence comes from."""
        return len({piece.source_id for piece in self.evidence.standing})


@dataclass(frozen=True)
class ArticlePage:
    """Everything that the article page shows: of a long text one part, with what is claimed there.

    What its head says is of the whole article.
    """

    article: Article
    # The text in force, of which `words` has the part.
    snapshot: Snapshot | None
    words: str
    parts: Sequence[Part]
    part: Part
    # Where claims are made in the part, in reading order: the first of `all_places`.
    places: Sequence[Place]
    all_places: int
    unplaced: Unplaced
    # What claims of this number are quoted with, those that are withdrawn too.
    quotations: Mapping[int, str]
    coverage: Coverage
    speakers: int
    focus: Focus | None
    # The one that was asked for by its id.
    place: Place | None
    withdrawal: Withdrawal | None
    # The latest claims that were withdrawn, each with whoever did it.
    withdrawn: Sequence[Claim]

    @property
    def several(self) -> bool:
        """Whether the text is read in more than one part."""
        return len(self.parts) > 1

    @property
    def length(self) -> int:
        """How many paragraphs the whole text has, or the outline."""
        return self.parts[-1].last

    @property
    def numbers(self) -> list[tuple[int, int]]:
        """The numbers of the outline's paragraphs, as choices."""
        return [(number, number) for number in range(1, len(self.article.outline) + 1)]

    def holds(self, place: Place) -> bool:
        """Whether a place is in the part; what has none in the text is beside every part."""
        return not place.placed or self.part.holds(place.start, place.end)

    def part_of(self, place: Place) -> Part:
        """The part to which a place leads."""
        return self.part if self.holds(place) else rules.parts.at(self.parts, place.start)

    @cached_property
    def beside(self) -> Sequence[Line]:
        """Other claims of the paragraph of the one that is open, in reading order."""
        if not (self.focus and self.focus.places):
            return ()
        here = [place for place in self.focus.places if self.holds(place)]
        paragraph = (here or self.focus.places)[0].paragraph
        claims = {
            place.claim.id: place.claim
            for place in self.places
            if paragraph and place.paragraph == paragraph and place.claim != self.focus.claim
        }
        return list(claims.values())

    @cached_property
    def paragraphs(self) -> Sequence[Paragraph]:
        """The part of the text, or while it is not loaded the outline, cut where claims begin."""
        return self._text() if self.snapshot else self._outline()

    @cached_property
    def marked(self) -> Sequence[tuple[int, int, Line]]:
        """The stretches of the text that are marked: not all where too many lie on one another."""
        marks = [(place.start, place.end, place.claim) for place in self.places]
        first = self.focus.claim if self.focus else None
        return rules.passages.layered(marks, _DEEPEST, first=first)

    @property
    def unmarked(self) -> int:
        """How many more places of claims the part of the text has than are marked in it."""
        return self.all_places - len(self.marked) if self.snapshot else self.unlisted

    @property
    def unlisted(self) -> int:
        """How many more places of claims the part has than are listed beside it."""
        return self.all_places - len(self.places)

    @cached_property
    def groups(self) -> list[tuple[int | None, tuple[Line, ...]]]:
        """Every claim of the part once, by the paragraph in which it is made; then the others."""
        first: dict[int, tuple[int, int]] = {}
        lines: dict[int, Line] = {}
        for place in self.places:
            key = (place.paragraph or NOWHERE, place.start)
            first[place.claim.id] = min(key, first.get(place.claim.id, key))
            lines[place.claim.id] = place.claim
        for line in self.unplaced.claims if self.part.number == 1 else ():
            first.setdefault(line.id, (NOWHERE, 0))
            lines[line.id] = line
        ordered = sorted(lines.values(), key=lambda line: (*first[line.id], line.number))
        return [
            (None if paragraph == NOWHERE else paragraph, tuple(group))
            for paragraph, group in groupby(ordered, key=lambda line: first[line.id][0])
        ]

    def _text(self) -> list[Paragraph]:
        begins = self.part.start
        stretches = [(begins + start, begins + end) for start, end in Text(self.words).paragraphs]
        seen: set[int] = set()
        found = []
        cut = zip(stretches, rules.passages.segments(stretches, self.marked), strict=True)
        for number, ((start, _end), stretch) in enumerate(cut, start=self.part.first):
            pieces = []
            for piece in stretch:
                opens = next((claim for claim in piece.marks if claim.id not in seen), None)
                if opens:
                    seen.add(opens.id)
                words = self.words[piece.start - begins : piece.end - begins]
                pieces.append(Piece(words, piece.marks, opens))
            found.append(Paragraph(number, start, tuple(pieces)))
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
            found.append(Paragraph(number, 0, tuple(pieces), tuple(also)))
        return found


def page(
    session: Session,
    article_id: int,
    *,
    part: int | None = None,
    claim_id: int | None = None,
    place_id: int | None = None,
) -> ArticlePage | None:
    """Read an article with its claims; of a long one a part, in as many statements as of any.

    `claim_id` is the claim that is open beside the text. When it is not made
    in the part that is asked for, or `place_id` is not in it, the page has the
    part in which it is.
    """
    found = session.exec(
        select(Article, Snapshot)
        .outerjoin(Snapshot, _IN_FORCE)
        .options(defer(Snapshot.text))  # type: ignore[arg-type]
        .where(Article.id == article_id)
    ).first()
    if found is None:
        return None
    article: Article = found[0]
    text: Snapshot | None = found[1]
    whole = Whole(article, scales.every(session))
    numbers = remembered.read(
        session, ("article", article.id), lambda: _numbers(session, article, text)
    )
    parts = numbers.parts
    claim, asked = places.asked(session, whole, claim_id, place_id)
    here = _here(parts, part, asked)
    made, all_places, quotations = (
        places.in_part(session, whole, here, asked) if text else places.outlined(session, whole)
    )
    return ArticlePage(
        article=article,
        snapshot=text,
        words=_words(session, text, here) if text else "",
        parts=parts,
        part=here,
        places=made,
        all_places=all_places,
        unplaced=remembered.read(
            session, ("unplaced", article.id), lambda: places.unplaced(session, whole, text)
        ),
        quotations=quotations,
        coverage=numbers.coverage,
        speakers=numbers.speakers,
        focus=_focus(session, claim, asked),
        place=next((place for place in asked if place.id == place_id), None),
        withdrawal=articles.withdrawal(session, article),
        withdrawn=articles.withdrawn_claims(session, article),
    )


# ---- what it is read from ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Numbers:
    """A whole article in numbers, and the parts in which it is read."""

    coverage: Coverage
    speakers: int
    parts: Sequence[Part]


_IN_FORCE = sa.and_(
    col(Snapshot.article_id) == col(Article.id),
    col(Snapshot.number) == col(Article.snapshot_number),
)


def _numbers(session: Session, article: Article, text: Snapshot | None) -> _Numbers:
    """Count a whole article, which takes the longer the more claims it has."""
    speakers = (
        sa.select(sa.func.count(sa.distinct(col(Claim.speaker_id))))
        .where(col(Claim.article_id) == article.id, *COUNTED)
        .correlate(None)
        .scalar_subquery()
    )
    rows = session.execute(articles.by_rating([article.id]).add_columns(speakers)).all()
    ratings = scales.every(session)
    return _Numbers(
        articles.summed((ratings.get(rating), number) for _id, rating, number, _speakers in rows),
        rows[0][-1] if rows else 0,
        _parts(session, article, text),
    )


def _parts(session: Session, article: Article, text: Snapshot | None) -> Sequence[Part]:
    if text is None:
        return [Part(1, 0, 0, 1, len(article.outline))]
    grain = (col(Appearance.start) // rules.parts.GRAIN).label("grain")
    crowd = session.execute(
        sa.select(grain, sa.func.count().label("claims"))
        .where(*places.found_in(article))
        .group_by(grain)
    )
    return rules.parts.cut(_stretches(session, text), {row.grain: row.claims for row in crowd})


# Where the texts that were read last can be cut, by their digests.
_kept: dict[str, Sequence[Stretch]] = {}
_MOST_KEPT = 32


def _stretches(session: Session, text: Snapshot) -> Sequence[Stretch]:
    """Where a text can be cut. A snapshot never changes, so it is looked through only once."""
    held = _kept.get(text.sha256)
    if held is None:
        words = session.exec(select(Snapshot.text).where(Snapshot.id == text.id)).one()
        held = rules.parts.stretches(Text(words))
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[text.sha256] = held
    return held


def _words(session: Session, text: Snapshot, part: Part) -> str:
    # Databases count characters from 1.
    stretch = sa.func.substr(Snapshot.text, part.start + 1, part.end - part.start)
    return str(session.execute(sa.select(stretch).where(col(Snapshot.id) == text.id)).scalar_one())


def _here(parts: Sequence[Part], number: int | None, asked: Sequence[Place]) -> Part:
    """The part to show: the one of this number, unless what was asked for is in another."""
    part = parts[min(number or 1, len(parts)) - 1]
    placed = [place for place in asked if place.placed]
    if not placed or (number and any(part.holds(p.start, p.end) for p in placed)):
        return part
    return rules.parts.at(parts, placed[0].start)


def _focus(session: Session, claim: Line | None, places: Sequence[Place]) -> Focus | None:
    if claim is None:
        return None
    return Focus(claim, places, evidence.on(session, claim.id))
