"""A quotation's place in a text, in Unicode code points.

Offsets have an inclusive start and an exclusive end, as in the Web Annotation
Data Model (TextQuoteSelector, TextPositionSelector).
"""

import re
import unicodedata
from bisect import bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from rapidfuzz import fuzz

from claims.rules.refusals import Refused

CONTEXT = 32

# Characters. A page with more than this no longer opens quickly in a browser.
LONGEST = 2_000_000

# Characters of the longest quotation that a claim has.
LONGEST_QUOTATION = 5_000

# Below this likeness (of 100) a passage is no longer the quotation in other words.
_LIKE_ENOUGH = 60

# What a copy of a text changes without changing its words: blanks, quotation marks,
# dashes, characters nobody sees, and accents written as one character or as two.
_BLANK = r"\s{2,}|[^\S ]"
_UNSEEN = "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_SINGLE = "[‘’‚‛′ʼ`´]"
_DOUBLE = "[“”„‟″«»]"
_DASH = "[‐‑‒–—―−]"
_ACCENTED = "\\w[\u0300-\u036f\u064b-\u0655\u0670\u093c\u09bc]+"
_VARIES = re.compile(
    f"(?P<blank>{_BLANK})|(?P<unseen>{_UNSEEN})|(?P<single>{_SINGLE})|(?P<double>{_DOUBLE})"
    f"|(?P<dash>{_DASH})|(?P<dots>…)|(?P<accented>{_ACCENTED})"
)
_INSTEAD: dict[str | None, Callable[[str], str]] = {
    "blank": lambda _: " ",
    "unseen": lambda _: "",
    "single": lambda _: "'",
    "double": lambda _: '"',
    "dash": lambda _: "-",
    "dots": lambda _: "...",
    "accented": lambda letter: unicodedata.normalize("NFC", letter),
}

# Where a long paragraph may be cut, and how far on that is looked for.
_GAP = re.compile(r"[\s。！？]")
_SOON = 200

_WORD = re.compile(r"\w+")

# Where claim 22 is quoted, an outline says {22}.
_MARKER = re.compile(r"\{([1-9]\d{0,8})\}")

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Passage:
    """A stretch of one text, with the words directly around it."""

    start: int
    end: int
    quotation: str
    prefix: str
    suffix: str


class Segment(NamedTuple, Generic[Key]):
    """A stretch of text over which nothing changes, and the marks that lie on it."""

    start: int
    end: int
    # The shortest mark first: it is the one that a reader means.
    marks: tuple[Key, ...]


def normalise(text: str) -> str:
    """Bring a loaded text into the form in which its offsets are counted.

    Line ends become a line feed, a byte order mark goes, blank lines around
    the text go. Nothing else is touched: the words are evidence.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def accept(text: str) -> str:
    """Bring a text into the desk's form; Refused when there is none, or too much of it."""
    text = normalise(text)
    if not text.strip():
        raise Refused("There is no text in it. Paste the article’s text, or choose another file.")
    if len(text) > LONGEST:
        raise Refused(
            f"The text has {len(text):,} characters, and the desk takes {LONGEST:,}. "
            "Load the part that is to be checked."
        )
    return text


class Text:
    """One text, made ready for finding many quotations in it."""

    def __init__(self, words: str) -> None:
        self.words = words

    def passage(self, start: int, end: int) -> Passage:
        """Describe the stretch from start to end.

        Raises ValueError when the offsets do not lie in the text.
        """
        words = self.words
        if not 0 <= start < end <= len(words):
            raise ValueError(
                f"offsets {start} to {end} do not lie in a text of {len(words)} characters"
            )
        return Passage(
            start,
            end,
            words[start:end],
            words[max(0, start - CONTEXT) : start],
            words[end : end + CONTEXT],
        )

    def find(
        self, quotation: str, *, prefix: str = "", suffix: str = "", near: int | None = None
    ) -> Passage | None:
        """Find a quotation, or None when its words are not there.

        Offsets move with every edit, so the quotation decides; the words
        around it, and then the old offset, only choose between repeats.
        Where it does not stand letter by letter, blanks, quotation marks,
        dashes and unseen characters may differ; the passage has the text's own.
        """
        if not quotation.strip():
            return None
        # Where the words around it stand too, no other repeat can fit better than the nearest one.
        if prefix and suffix:
            around = f"{prefix}{quotation}{suffix}"
            start = _nearest(self.words, around, max(0, (near or 0) - len(prefix)))
            if start >= 0:
                start += len(prefix)
                return self.passage(start, start + len(quotation))
        spans = self._spans(quotation)
        if not spans:
            return None

        def fit(span: tuple[int, int]) -> tuple[bool, int, int]:
            start, end = span
            before = _common_end(self.words[max(0, start - len(prefix)) : start], prefix)
            after = _common_start(self.words[end : end + len(suffix)], suffix)
            distance = start if near is None else abs(start - near)
            return not self._cuts_a_character(end), before + after, -distance

        return self.passage(*max(spans, key=fit))

    def may_hold(self, quotation: str) -> bool:
        """Whether `find` could find a quotation: soon told, once many are asked about.

        Whatever copying changed, its words but the first and the last, which
        may be parts of words, have to follow one another in the text.
        """
        inner = _WORD.findall(Folded(quotation).words)[1:-1]
        return self._pairs.issuperset(pairwise(inner)) and self._vocabulary.issuperset(inner)

    def places(self, quotation: str) -> list[Passage]:
        """Every place at which a quotation stands, in the order of the text."""
        return [self.passage(start, end) for start, end in self._spans(quotation)]

    def nearest(self, quotation: str) -> Passage | None:
        """The passage most like a quotation that is not there any more, in whole words."""
        alike = fuzz.partial_ratio_alignment(quotation, self.words, score_cutoff=_LIKE_ENOUGH)
        if not quotation.strip() or alike is None or alike.dest_start == alike.dest_end:
            return None
        return self.passage(*in_whole_words(self.words, alike.dest_start, alike.dest_end))

    @cached_property
    def paragraphs(self) -> Sequence[tuple[int, int]]:
        """Start and end of each paragraph, one a line; empty lines are none."""
        found = []
        start = 0
        for line in self.words.split("\n"):
            if line.strip():
                found.append((start, start + len(line)))
            start += len(line) + 1
        return found

    def paragraph_at(self, offset: int) -> int:
        """The number, from 1, of the paragraph in which an offset lies, or the last before it."""
        return max(1, bisect_right(self.paragraphs, offset, key=itemgetter(0)))

    def gap_after(self, offset: int) -> int:
        """Where a paragraph may be cut soon after an offset: after a blank, else no character."""
        soon = min(offset + _SOON, len(self.words))
        gap = _GAP.search(self.words, offset, soon)
        if gap:
            return gap.end()
        while offset < soon and self._cuts_a_character(offset):
            offset += 1
        return offset

    def _spans(self, quotation: str) -> list[tuple[int, int]]:
        """Start and end of each place: letter by letter, else with what copying changes."""
        exact = [(start, start + len(quotation)) for start in starts(self.words, quotation)]
        if exact:
            return exact
        wanted = Folded(quotation.strip()).words
        return [
            self._folded.span(start, start + len(wanted))
            for start in starts(self._folded.words, wanted)
        ]

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self._folded.words))

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pairwise(_WORD.findall(self._folded.words)))

    @cached_property
    def _folded(self) -> "Folded":
        return Folded(self.words)

    def _cuts_a_character(self, end: int) -> bool:
        """Whether what follows belongs to the character before: an accent, or half an emoji."""
        if end >= len(self.words):
            return False
        following = self.words[end]
        return (
            self.words[end - 1 : end] == "\u200d"
            or unicodedata.category(following).startswith("M")
            or following == "\u200d"
            or "\U0001f3fb" <= following <= "\U0001f3ff"
        )


class Folded:
    """A text in which what copying changes has one form, and the way back to its offsets."""

    def __init__(self, words: str) -> None:
        parts = []
        # Where each part starts, folded and in the words, and its length in the words.
        self._folded: list[int] = []
        self._original: list[int] = []
        self._varied: list[int | None] = []
        length = at = 0

        def add(part: str, start: int, varied: int | None) -> None:
            nonlocal length
            if part:
                parts.append(part)
                self._folded.append(length)
                self._original.append(start)
                self._varied.append(varied)
                length += len(part)

        for found in _VARIES.finditer(words):
            add(words[at : found.start()], at, None)
            instead = _INSTEAD[found.lastgroup](found[0])
            add(instead, found.start(), found.end() - found.start())
            at = found.end()
        add(words[at:], at, None)
        self.words = "".join(parts)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded words stands in the words themselves."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, index: int) -> tuple[int, int]:
        part = bisect_right(self._folded, index) - 1
        original, varied = self._original[part], self._varied[part]
        if varied is not None:
            return original, original + varied
        offset = original + index - self._folded[part]
        return offset, offset + 1


def cuts_a_word(text: str, offset: int) -> bool:
    """Whether an offset lies inside a word."""
    return 0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum()


def in_whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text, widened to the words that it cuts."""
    while cuts_a_word(text, start):
        start -= 1
    while cuts_a_word(text, end):
        end += 1
    return start, end


def outlined(paragraph: str) -> Iterator[str | int]:
    """The parts of a paragraph of an outline: words, and the numbers of claims marked in it."""
    for position, part in enumerate(_MARKER.split(paragraph)):
        if position % 2:
            yield int(part)
        elif part:
            yield part


def segments(
    stretches: Iterable[tuple[int, int]], marks: Iterable[tuple[int, int, Key]]
) -> Iterator[list[Segment[Key]]]:
    """Cut each stretch of a text, in order, wherever a mark begins or ends.

    Marks (start, end, key) may overlap, nest and run over several stretches.
    """
    waiting = sorted(marks, key=itemgetter(0), reverse=True)
    running: list[tuple[int, int, Key]] = []
    for start, end in stretches:
        active = [mark for mark in running if mark[1] > start]
        while waiting and waiting[-1][0] < end:
            mark = waiting.pop()
            # One may lie between two stretches alone.
            if mark[1] > start:
                active.append(mark)
        cuts = {start, end}
        for mark in active:
            cuts.update((max(start, mark[0]), min(end, mark[1])))
        yield list(_segments(sorted(cuts), active))
        running = [mark for mark in active if mark[1] > end]


def _segments(
    edges: Sequence[int], marks: Sequence[tuple[int, int, Key]]
) -> Iterator[Segment[Key]]:
    """The segments between edges; what began before the first edge comes first among the marks."""
    begun = 0
    # Kept with the shortest first, and of the same length the one that begins first.
    lying: list[tuple[int, int, tuple[int, int, Key]]] = []
    for a, b in pairwise(edges):
        lying = [one for one in lying if one[2][1] > a]
        while begun < len(marks) and marks[begun][0] <= a:
            mark = marks[begun]
            if mark[1] > a:
                insort(lying, (mark[1] - mark[0], begun, mark), key=itemgetter(0, 1))
            begun += 1
        yield Segment(a, b, tuple(mark[2] for *_order, mark in lying))


def layered(
    marks: Iterable[tuple[int, int, Key]], deepest: int, *, first: Key | None = None
) -> list[tuple[int, int, Key]]:
    """The marks that can be told apart: at no place lie more than `deepest` on one another.

    Of too many, those that begin later are left out; `first` never is.
    """
    kept = []
    ends: list[int] = []
    for mark in sorted(marks, key=itemgetter(0)):
        while ends and ends[0] <= mark[0]:
            heappop(ends)
        if len(ends) < deepest or mark[2] == first:
            heappush(ends, mark[1])
            kept.append(mark)
    return kept


def starts(text: str, quotation: str) -> Iterator[int]:
    """Each offset at which a quotation begins, repeats that overlap included."""
    if not quotation:
        return
    start = text.find(quotation)
    while start >= 0:
        yield start
        start = text.find(quotation, start + 1)


def _nearest(text: str, words: str, near: int) -> int:
    """Where words stand nearest to an offset, or -1; an edit moves most of them only a little."""
    reach = 1_000
    while True:
        first = max(0, near - reach)
        last = near + reach + len(words)
        before = text.rfind(words, first, near + len(words))
        after = text.find(words, near, last)
        if before >= 0 and (after < 0 or near - before <= after - near):
            return before
        if after >= 0:
            return after
        if first == 0 and last >= len(text):
            return -1
        reach *= 20


def _common_start(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _common_end(a: str, b: str) -> int:
    return _common_start(a[::-1], b[::-1])


def page_at(starts: Sequence[int], offset: int) -> int:
    """The number of the page on which an offset lies, by where in the text pages begin."""
    return max(1, bisect_right(starts, offset))
