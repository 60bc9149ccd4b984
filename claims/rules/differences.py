"""How two versions of a text differ, word by word."""

import re
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"\s+|\S+")

# Comparing costs the product of the lengths; a stretch this long is shown as replaced.
_MOST = 6000

# Of texts longer than this together, whole lines are compared and no words.
_LONG = 400_000

# So many words before and after a change show where in a long text it is.
_AROUND = 16


class Change(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    # The same in both, and not shown.
    LEFT_OUT = "left out"


def parts(before: str, after: str) -> list[tuple[Change, str]]:
    """The stretches of two texts in reading order: shared, removed from one, added by the other.

    parts("nine million", "two million") is removed "nine", added "two", same " million".
    """
    found: list[tuple[Change, str]] = []
    # Paragraphs first: in a long text only those that changed are compared word by word.
    inside = _words if len(before) + len(after) <= _LONG else _replaced
    for same, old, new in _compared(before.splitlines(keepends=True), after.splitlines(True)):
        found += [(Change.SAME, old)] if same else inside(old, new)
    joined: list[tuple[Change, str]] = []
    for change, text in found:
        if joined and joined[-1][0] is change is Change.SAME:
            joined[-1] = (change, joined[-1][1] + text)
        else:
            joined.append((change, text))
    return joined


def brief(compared: list[tuple[Change, str]]) -> list[tuple[Change, str]]:
    """What changed with a few words around it, and in place of what lies between that it does."""
    found: list[tuple[Change, str]] = []
    for place, (change, text) in enumerate(compared):
        words = _WORD.findall(text)
        if change is not Change.SAME or len(words) <= 3 * 2 * _AROUND:
            found.append((change, text))
            continue
        head = 2 * _AROUND if place else 0
        tail = len(words) - (2 * _AROUND if place < len(compared) - 1 else 0)
        pieces = ("".join(words[:head]), "".join(words[head:tail]), "".join(words[tail:]))
        kinds = (Change.SAME, Change.LEFT_OUT, Change.SAME)
        found += [(kind, piece) for kind, piece in zip(kinds, pieces, strict=True) if piece]
    return found


def _words(before: str, after: str) -> list[tuple[Change, str]]:
    found: list[tuple[Change, str]] = []
    removed = added = gap = ""
    for same, gone, come in _compared(_WORD.findall(before), _WORD.findall(after)):
        if same and gone.isspace() and (removed or added):
            # A space between two changed words is no reason to tell them apart.
            gap = gone
        elif same:
            found += [*_replaced(removed, added), (Change.SAME, gone)]
            removed = added = ""
        else:
            removed += gap + gone
            added += gap + come
            gap = ""
    # Nor is the end of a line that both have.
    end = removed[len(removed.rstrip()) :]
    if end == added[len(added.rstrip()) :]:
        removed, added, gap = removed.rstrip(), added.rstrip(), end + gap
    found += _replaced(removed, added)
    return [*found, (Change.SAME, gap)] if gap else found


def _compared(old: list[str], new: list[str]) -> list[tuple[bool, str, str]]:
    """Two lists of pieces as runs that are the same or not, each as the text of either side."""
    if max(len(old), len(new)) > _MOST:
        return _between_common_ends(old, new)
    # Blanks are no words to find one's place by, and there are many of them.
    compared = SequenceMatcher(str.isspace, old, new, autojunk=False)
    return [
        (kind == "equal", "".join(old[a:b]), "".join(new[c:d]))
        for kind, a, b, c, d in compared.get_opcodes()
    ]


def _between_common_ends(old: list[str], new: list[str]) -> list[tuple[bool, str, str]]:
    """What two long lists begin and end with alike, and what lies between as one run."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    before, after = "".join(old[:head]), "".join(old[len(old) - tail :])
    middle = "".join(old[head : len(old) - tail]), "".join(new[head : len(new) - tail])
    runs = [(True, before, before), (False, *middle), (True, after, after)]
    return [run for run in runs if run[1] or run[2]]


def _replaced(before: str, after: str) -> list[tuple[Change, str]]:
    both = ((Change.REMOVED, before), (Change.ADDED, after))
    return [(change, text) for change, text in both if text]
