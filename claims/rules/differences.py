"""How two versions of a text differ, word by word."""

import re
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"\s+|\S+")

# Comparing costs the product of the lengths; a text this long is shown as replaced.
_MOST_WORDS = 3000


class Change(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


def parts(before: str, after: str) -> list[tuple[Change, str]]:
    """The stretches of two texts in reading order: shared, removed from one, added by the other.

    parts("nine million", "two million") is removed "nine", added "two", same " million".
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > 2 * _MOST_WORDS:
        return _replaced(before, after)
    found: list[tuple[Change, str]] = []
    removed = added = ""
    compared = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for kind, old_from, old_to, new_from, new_to in compared:
        gone, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        # A space between two changed words is no reason to tell them apart.
        if kind == "equal" and not (gone.isspace() and (removed or added)):
            found += [*_replaced(removed, added), (Change.SAME, gone)]
            removed = added = ""
        else:
            removed += gone
            added += come
    return found + _replaced(removed, added)


def _replaced(before: str, after: str) -> list[tuple[Change, str]]:
    both = ((Change.REMOVED, before), (Change.ADDED, after))
    return [(change, text) for change, text in both if text]
