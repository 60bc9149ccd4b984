"""Whether an excerpt stands in a captured text, and where, in Unicode code points."""

import re
from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from claims.rules.passages import Folded, cuts_a_word, in_whole_words, starts
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Mark

MARK_DEFINITIONS = {
    Mark.VERBATIM: "It stands in the captured text letter by letter.",
    Mark.NORMALISED: "It stands in the captured text but for spaces, quotes or dashes.",
    Mark.NEARLY: "The captured text has a passage much like it, in other words.",
    Mark.ABSENT: "It was not found in the captured text.",
}


@dataclass(frozen=True)
class Found:
    """The mark of an excerpt and its place: start inclusive, end exclusive.

    Of an excerpt with omissions the place runs from its first piece to its last.
    Likeness is measured only where words differ: 1.0 would be no difference.
    """

    mark: Mark
    start: int | None = None
    end: int | None = None
    similarity: float | None = None


# An excerpt has so many characters at most.
LONGEST = 20_000

# Where an excerpt leaves something out: …, ... or either in brackets.
_OMISSION = re.compile(r"\s*(?:\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,})\s*")

# Characters that one omission may stand for. Words from pages apart, joined by
# dots, are nobody's sentence.
_OMITTED = 2_000

# Passages of unrelated prose are at best this alike (of 1) to some place of
# 400,000 characters of English: 0.88 for excerpts of 20 characters, 0.83 for 30,
# 0.70 for 40, 0.55 for 100. Two words of ten exchanged leave about 0.85.
_LEAST = 0.8
_SHORTEST = 36

# Of these a character says as much as some three letters of an alphabet.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]")

_WORD = re.compile(r"\S+")

# Aligning costs the product of the lengths, so that of a longer excerpt only
# head and tail are aligned, and only at the few places that share most scraps
# with it. Of a scrap that the text is full of, the first places tell enough.
_ALIGNED = 500
_PLACES = 3
_SCRAPS = 200
_REPEATS = 500


def check_place(start: int | None, end: int | None, length: int) -> tuple[int, int]:
    """Refuse what is no passage of a text that is so long, or more than an excerpt may be."""
    if start is None or end is None:
        raise Refused("Select words in the text of the copy first, or paste them below it.")
    if not 0 <= start < end <= length:
        raise Refused(
            f"There are no such words: the text of this copy has {length:,} characters. "
            "Select them in it again."
        )
    if end - start > LONGEST:
        raise Refused(
            f"An excerpt has {LONGEST:,} characters at most, and this passage has "
            f"{end - start:,}. Select what matters in it: the whole stays in the copy."
        )
    return start, end


def look_for(excerpt: str, text: str) -> Found:
    """Look for an excerpt: verbatim, else with what copying changes, else nearly.

    Dots of omission join pieces that have to come in order. What is nearly
    there is to be shown beside what the text says, see `rules.differences`.
    """
    wanted = excerpt.strip()
    if not wanted:
        return Found(Mark.ABSENT)
    place = _place(text, wanted)
    if place:
        return Found(Mark.VERBATIM, *place)
    folded = Folded(text)
    place = _place(folded.words, _folded(wanted))
    if place:
        return Found(Mark.NORMALISED, *folded.span(*place))
    pieces = [piece for piece in _OMISSION.split(wanted) if piece]
    place = _in_order(text, pieces)
    if place:
        return Found(Mark.VERBATIM, *place)
    # Who quotes puts marks around the words, which the text need not have.
    bare = _folded(wanted)
    if len(bare) > 2 and bare[0] == bare[-1] and bare[0] in "\"'":
        bare = bare[1:-1]
    pieces = [piece for piece in _OMISSION.split(bare.strip()) if piece]
    place = _in_order(folded.words, pieces)
    if place:
        return Found(Mark.NORMALISED, *folded.span(*place))
    alike = _alike(folded.words, pieces)
    if alike:
        start, end, similarity = alike
        return Found(Mark.NEARLY, *folded.span(start, end), similarity)
    return Found(Mark.ABSENT)


def _folded(words: str) -> str:
    return Folded(words).words.strip()


def _place(text: str, piece: str) -> tuple[int, int] | None:
    """Where a piece stands: rather as words of its own (the 41 of "41 dams", not of "1941")."""
    first = text.find(piece) if piece else -1
    if first < 0:
        return None
    for start in islice(starts(text, piece), _REPEATS):
        if not cuts_a_word(text, start) and not cuts_a_word(text, start + len(piece)):
            return start, start + len(piece)
    return first, first + len(piece)


def _in_order(text: str, pieces: list[str]) -> tuple[int, int] | None:
    """A stretch in which the pieces follow one another, none too far from the next."""
    if len(pieces) < 2:
        return _place(text, pieces[0]) if pieces else None
    # The longest piece is the rarest; the others are looked for around it.
    longest = max(range(len(pieces)), key=lambda number: len(pieces[number]))
    for middle in islice(starts(text, pieces[longest]), _REPEATS):
        start = middle
        for piece in reversed(pieces[:longest]):
            start = text.rfind(piece, max(0, start - _OMITTED - len(piece)), start)
            if start < 0:
                break
        end = middle + len(pieces[longest])
        for piece in pieces[longest + 1 :]:
            found = text.find(piece, end, end + _OMITTED + len(piece))
            if start < 0 or found < 0:
                break
            end = found + len(piece)
        else:
            if start >= 0:
                return start, end
    return None


def _alike(text: str, pieces: list[str]) -> tuple[int, int, float] | None:
    """The stretch most like the pieces in their order, and how like it is."""
    places: list[tuple[int, int]] = []
    likeness = 0.0
    for piece in pieces:
        # Pieces after the first are looked for where they have to be.
        lowest = places[-1][1] if places else 0
        highest = lowest + _OMITTED + 2 * len(piece) if places else len(text)
        region = text[lowest:highest]
        found = _place(region, piece) or _nearest(region, piece)
        if not found:
            return None
        start, end = found
        likeness += len(piece) * fuzz.ratio(piece, region[start:end]) / 100
        places.append((lowest + start, lowest + end))
    if not places:
        return None
    return places[0][0], places[-1][1], likeness / sum(map(len, pieces))


def _nearest(text: str, piece: str) -> tuple[int, int] | None:
    """The passage most like a piece, in whole words, if it is like enough to be meant."""
    if len(piece) + 2 * len(_DENSE.findall(piece)) < _SHORTEST:
        return None
    best: tuple[float, tuple[int, int]] | None = None
    for lowest, highest in _neighbourhoods(text, piece):
        found = _aligned(text[lowest:highest], piece)
        if not found:
            continue
        start, end = _fitted(text, piece, *(lowest + offset for offset in found))
        likeness = fuzz.ratio(piece, text[start:end]) / 100
        if likeness >= _LEAST and (best is None or likeness > best[0]):
            best = likeness, (start, end)
    return best[1] if best else None


def _aligned(region: str, piece: str) -> tuple[int, int] | None:
    """Where in a region a piece begins and ends, as well as it can be laid on it."""
    # Half as alike is too little for the whole, and enough for one end of it.
    least = 100 * _LEAST / 2
    head = fuzz.partial_ratio_alignment(piece[:_ALIGNED], region, score_cutoff=least)
    if head is None:
        return None
    if len(piece) <= _ALIGNED:
        return head.dest_start, head.dest_end
    rest = region[head.dest_end :]
    tail = fuzz.partial_ratio_alignment(piece[-_ALIGNED:], rest, score_cutoff=least)
    return (head.dest_start, head.dest_end + tail.dest_end) if tail else None


def _fitted(text: str, piece: str, start: int, end: int) -> tuple[int, int]:
    """The stretch of whole words about here that takes fewest changes to become a piece.

    An alignment is as long as the piece, and the passage may be longer or
    shorter. Of equally good ones the longest: a word exchanged at the edge is
    part of the difference.
    """
    start, end = in_whole_words(text, start, end)
    if len(piece) <= _ALIGNED:
        reach = len(piece) // 4

        def changes(start: int, end: int) -> tuple[int, int]:
            return Levenshtein.distance(piece, text[start:end]), start - end

        begun = [word.start() for word in _WORD.finditer(text, max(0, start - reach), end)]
        early = [at for at in begun if at <= start + reach]
        start = min([start, *early], key=lambda at: changes(at, end))
        ended = [word.end() for word in _WORD.finditer(text, start, end + reach)]
        late = [at for at in ended if at >= end - reach]
        end = min([end, *late], key=lambda at: changes(start, at))
    passage = text[start:end].strip()
    start = text.index(passage, start)
    return start, start + len(passage)


def _neighbourhoods(text: str, piece: str) -> list[tuple[int, int]]:
    """The stretches of a text that share most scraps with a piece, at about its distances."""
    size = 2 if _DENSE.search(piece) else 5
    step = max(1, len(piece) // _SCRAPS)
    shared: defaultdict[int, float] = defaultdict(float)
    for at in range(0, len(piece) - size + 1, step):
        scrap = piece[at : at + size]
        places = [max(0, start - at) for start in islice(starts(text, scrap), _REPEATS)]
        # The rarer a scrap, the more it tells.
        for here in {place // len(piece) for place in places}:
            shared[here] += 1 / len(places)
    # A passage that lies across two stretches is found by what both hold.
    both = {here: told + shared.get(here + 1, 0) for here, told in shared.items()}
    return [
        (max(0, here - 1) * len(piece), (here + 3) * len(piece))
        for here in nlargest(_PLACES, both, key=both.__getitem__)
    ]
