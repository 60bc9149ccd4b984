"""Paragraphs of an article, cut where its claims begin and end; and the claims by paragraph."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from claims import rules
from claims.models import Article
from claims.queries.places import NOWHERE, Line, Place
from claims.rules.parts import Part
from claims.rules.passages import Text


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


def of_text(words: str, part: Part, marked: Sequence[tuple[int, int, Line]]) -> Sequence[Paragraph]:
    """The paragraphs of a part of a text; in the words of each the claims that are marked."""
    begins = part.start
    stretches = [(begins + start, begins + end) for start, end in Text(words).paragraphs]
    seen: set[int] = set()
    found = []
    cut = zip(stretches, rules.passages.segments(stretches, marked), strict=True)
    for number, ((start, _end), stretch) in enumerate(cut, start=part.first):
        pieces = []
        for piece in stretch:
            opens = next((claim for claim in piece.marks if claim.id not in seen), None)
            if opens:
                seen.add(opens.id)
            said = words[piece.start - begins : piece.end - begins]
            pieces.append(Piece(said, piece.marks, opens))
        found.append(Paragraph(number, start, tuple(pieces)))
    return found


def of_outline(
    article: Article, made: Sequence[Place], quotations: Mapping[int, str]
) -> Sequence[Paragraph]:
    """The paragraphs of an outline, in which claims stand by their numbers."""
    by_number: dict[int, list[Place]] = {}
    by_paragraph: dict[int | None, list[Place]] = {}
    for place in made:
        by_number.setdefault(place.claim.number, []).append(place)
        by_paragraph.setdefault(place.paragraph, []).append(place)
    seen: set[int] = set()
    found = []
    for number, paragraph in enumerate(article.outline, start=1):
        pieces, marked = [], set()
        for part in rules.passages.outlined(paragraph):
            if isinstance(part, str):
                pieces.append(Piece(part))
                continue
            quoted = [p for p in by_number.get(part, ()) if p.paragraph == number]
            if not (quoted or part in by_number) and part in quotations:
                pieces.append(Piece(f"“{quotations[part]}”"))
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


def listed(
    made: Sequence[Place], others: Sequence[Line]
) -> Sequence[tuple[int | None, tuple[Line, ...]]]:
    """Every claim once, by the paragraph in which it is made; then the others."""
    first: dict[int, tuple[int, int]] = {}
    lines: dict[int, Line] = {}
    for place in made:
        key = (place.paragraph or NOWHERE, place.start)
        first[place.claim.id] = min(key, first.get(place.claim.id, key))
        lines[place.claim.id] = place.claim
    for line in others:
        first.setdefault(line.id, (NOWHERE, 0))
        lines[line.id] = line
    ordered = sorted(lines.values(), key=lambda line: (*first[line.id], line.number))
    return [
        (None if paragraph == NOWHERE else paragraph, tuple(group))
        for paragraph, group in groupby(ordered, key=lambda line: first[line.id][0])
    ]
