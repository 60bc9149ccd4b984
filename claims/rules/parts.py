"""A long text in parts, one of which is read at a time.

A part ends where a paragraph ends. Only a paragraph that is too much for any
part is cut, after a blank, and goes on in the next one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter

from claims.rules.passages import Text


@dataclass(frozen=True)
class Most:
    """What one part holds at the most, so that it opens quickly and can be read at a sitting."""

    characters: int = 30_000
    paragraphs: int = 600
    claims: int = 250
    # That are marked and listed, where more are crowded into it.
    marks: int = 400


MOST = Most()

# Claims are counted by the thousand characters in which they begin; a place in the text is
# never looked up for it.
GRAIN = 1_000

# A longer paragraph can be cut where a stretch of this length ends.
_PIECE = 2_000
# So many short paragraphs are counted as one stretch.
_FEW = 50


@dataclass(frozen=True)
class Stretch:
    """Some whole paragraphs of a text, or a piece of a long one, that no part divides."""

    # Of its first paragraph, from 1.
    number: int
    start: int
    end: int
    paragraphs: int = 1
    # Whether its paragraph began before it.
    continues: bool = False


@dataclass(frozen=True)
class Part:
    """A stretch of a text that is read at once, and which paragraphs it shows."""

    number: int
    start: int
    end: int
    first: int
    last: int
    # Whether its first paragraph began in the part before.
    continues: bool = False

    def holds(self, start: int, end: int) -> bool:
        """Whether a passage stands in it, or a part of the passage."""
        return start < self.end and end > self.start


def stretches(text: Text) -> Sequence[Stretch]:
    """Cut a text into what no part divides: short paragraphs together, long ones in pieces."""
    return list(_stretches(text))


def _stretches(text: Text) -> Iterator[Stretch]:
    first = begins = ends = held = 0
    for number, (start, end) in enumerate(text.paragraphs, start=1):
        if held and (held == _FEW or end - begins > GRAIN):
            yield Stretch(first, begins, ends, held)
            held = 0
        if end - start > _PIECE:
            yield from _pieces(text, number, start, end)
            continue
        if not held:
            first, begins = number, start
        ends = end
        held += 1
    if held:
        yield Stretch(first, begins, ends, held)


def cut(
    stretches: Sequence[Stretch], crowd: Mapping[int, int], most: Most | None = None
) -> list[Part]:
    """Put the stretches of a text together into parts; one without any has one empty part.

    `crowd` says how many claims begin in each thousand characters.
    """
    parts: list[Part] = []
    load = _Load(crowd, most or MOST)
    for paragraph in _whole(stretches):
        if load.takes(paragraph):
            load.add(paragraph)
            continue
        parts += load.close(len(parts))
        if load.takes(paragraph):
            load.add(paragraph)
            continue
        for piece in paragraph:
            if not load.takes([piece]):
                parts += load.close(len(parts))
            load.add([piece])
    return [*parts, *load.close(len(parts))] or [Part(1, 0, 0, 1, 0)]


def at(parts: Sequence[Part], offset: int) -> Part:
    """The part in which an offset lies; between two of them, the one that follows."""
    return parts[min(bisect_right(parts, offset, key=attrgetter("end")), len(parts) - 1)]


def with_paragraph(parts: Sequence[Part], number: int) -> Part:
    """The part in which a paragraph begins; the last one for a number past the end."""
    return next((part for part in parts if number <= part.last), parts[-1])


class _Load:
    """The stretches that are to become the next part, and how much they are."""

    def __init__(self, crowd: Mapping[int, int], most: Most) -> None:
        self._most = most
        self._held: list[Stretch] = []
        self._characters = self._paragraphs = 0
        self._claims = 0.0
        self._crowd = crowd
        grains = range(max(crowd, default=-1) + 1)
        # How many claims begin before each thousand.
        self._before = list(accumulate((crowd.get(grain, 0) for grain in grains), initial=0))

    def takes(self, more: Sequence[Stretch]) -> bool:
        """Whether there is room for more; there always is for a first stretch."""
        characters, paragraphs, claims = self._weighed(more)
        return (not self._held and len(more) == 1) or (
            self._characters + characters <= self._most.characters
            and self._paragraphs + paragraphs <= self._most.paragraphs
            and self._claims + claims <= self._most.claims
        )

    def add(self, more: Sequence[Stretch]) -> None:
        characters, paragraphs, claims = self._weighed(more)
        self._held += more
        self._characters += characters
        self._paragraphs += paragraphs
        self._claims += claims

    def close(self, made: int) -> Iterator[Part]:
        """The part of what is held, if anything is; nothing is held afterwards."""
        if not self._held:
            return
        first, last = self._held[0], self._held[-1]
        yield Part(
            made + 1,
            first.start,
            last.end,
            first.number,
            last.number + last.paragraphs - 1,
            first.continues,
        )
        self._held = []
        self._characters = self._paragraphs = 0
        self._claims = 0.0

    def _weighed(self, some: Sequence[Stretch]) -> tuple[int, int, float]:
        start, end = some[0].start, some[-1].end
        paragraphs = sum(not one.continues and one.paragraphs for one in some)
        return end - start, paragraphs, self._until(end) - self._until(start)

    def _until(self, offset: int) -> float:
        """About how many claims begin before an offset: within a thousand they count evenly."""
        grain, rest = divmod(offset, GRAIN)
        if grain >= len(self._before):
            return self._before[-1]
        return self._before[grain] + self._crowd.get(grain, 0) * rest / GRAIN


def _whole(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """The stretches, with the pieces of each paragraph together."""
    held: list[Stretch] = []
    for one in stretches:
        if held and not one.continues:
            yield held
            held = []
        held.append(one)
    if held:
        yield held


def _pieces(text: Text, number: int, start: int, end: int) -> Iterator[Stretch]:
    # Blanks at its end are no piece: a part of nothing but them would show no paragraph.
    last = start + len(text.words[start:end].rstrip()) - _PIECE
    at = start
    while at < end:
        until = text.gap_after(at + _PIECE) if at + _PIECE < last else end
        yield Stretch(number, at, until, continues=at > start)
        at = until
