"""A text cut into paragraphs and pieces, so that passages in it can be lit in place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from claims.rules.passages import Text

# A passage: what it is, and where it starts and ends in the whole text, in code points.
Span = tuple[int, int, int]


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph, and the passages that they are part of.

    `opens` are those that begin with it.
    """

    words: str
    within: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, where it begins in the whole text, and its pieces."""

    start: int
    pieces: Sequence[Piece]


def paragraphs(words: str, offset: int, spans: Sequence[Span]) -> Iterator[Paragraph]:
    """The paragraphs of a stretch of a text that begins at `offset`, cut where passages do.

    A passage over several paragraphs is lit in each of them, and opens in the first that
    the stretch shows of it.
    """
    seen: set[int] = set()
    for start, end in Text(words).paragraphs:
        begins, ends = offset + start, offset + end
        inside = [span for span in spans if span[1] < ends and span[2] > begins]
        cuts = {begins, ends} | {
            min(max(place, begins), ends) for _, *places in inside for place in places
        }
        pieces = []
        for left, right in pairwise(sorted(cuts)):
            within = tuple(name for name, first, last in inside if first <= left and last >= right)
            opens = tuple(name for name in within if name not in seen)
            seen.update(opens)
            pieces.append(Piece(words[left - offset : right - offset], within, opens))
        yield Paragraph(begins, pieces)
