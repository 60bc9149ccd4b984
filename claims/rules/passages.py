"""A quotation's place in a text, in Unicode code points.

Offsets have an inclusive start and an exclusive end, as in the Web Annotation
Data Model (TextQuoteSelector, TextPositionSelector).
"""

from dataclasses import dataclass

CONTEXT = 32


@dataclass(frozen=True)
class Passage:
    """A stretch of one text, with the words directly around it."""

    start: int
    end: int
    quotation: str
    prefix: str
    suffix: str


def normalise(text: str) -> str:
    """Bring a loaded text into the form in which its offsets are counted.

    Line ends become a line feed, a byte order mark goes, blank lines around
    the text go. Nothing else is touched: the words are evidence.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def passage(text: str, start: int, end: int) -> Passage:
    """Describe the stretch of a text from start to end.

    Raises ValueError when the offsets do not lie in the text.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"offsets {start} to {end} do not lie in a text of {len(text)} characters")
    return Passage(
        start,
        end,
        text[start:end],
        text[max(0, start - CONTEXT) : start],
        text[end : end + CONTEXT],
    )


def find(
    text: str, quotation: str, *, prefix: str = "", suffix: str = "", near: int | None = None
) -> Passage | None:
    """Find a quotation in a text, or None when it is not there word for word.

    Offsets move with every edit, so the quotation decides; the words around
    it, and then the old offset, only choose between repeats.
    """
    if not quotation:
        return None
    starts = []
    start = text.find(quotation)
    while start >= 0:
        starts.append(start)
        start = text.find(quotation, start + 1)
    if not starts:
        return None

    def fit(start: int) -> tuple[int, int]:
        before = _common_end(text[max(0, start - len(prefix)) : start], prefix)
        end = start + len(quotation)
        after = _common_start(text[end : end + len(suffix)], suffix)
        return before + after, -abs(start - near) if near is not None else -start

    best = max(starts, key=fit)
    return passage(text, best, best + len(quotation))


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Start and end of each paragraph, one a line; empty lines are none."""
    found = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def paragraph_at(text: str, offset: int) -> int:
    """The number, from 1, of the paragraph in which an offset lies."""
    number = 1
    for number, (_start, end) in enumerate(paragraphs(text), start=1):
        if offset <= end:
            return number
    return number


def _common_start(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _common_end(a: str, b: str) -> int:
    return _common_start(a[::-1], b[::-1])
