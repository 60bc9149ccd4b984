"""How words are folded, so that a search finds them however they were typed."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import groupby

# Arabic and Urdu keyboards send different letters for what a reader takes as one.
_SAME_LETTER = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ة": "ه", "ۀ": "ه", "ـ": None}
)

# Chinese and Japanese write no spaces, so each of their characters is a word.
_ALONE = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")

# Most texts need no more than this to be cut into words, and it is much quicker.
_ASCII_WORD = re.compile("([A-Za-z0-9]+)")

# Which of its forms a character is drawn in makes no other word.
_VARIATION = dict.fromkeys(range(0xFE00, 0xFE10))

# PostgreSQL refuses lexemes above 2 kB; no word that is searched for is near that.
_LONGEST_WORD = 64

# PostgreSQL refuses more than 1 MB of lexemes for one record, its own bookkeeping included.
_LONGEST_INDEX = 500_000


def words(text: str) -> list[str]:
    """Split a text into folded words: no case, accents or vowel marks, one form a letter."""
    if text.isascii():
        return [word[:_LONGEST_WORD] for word in _ASCII_WORD.findall(text.lower())]
    # No word goes over the end of a line, and of many lines only some need more than that.
    if "\n" in text:
        return [word for line in text.split("\n") for word in words(line)]
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    composed = unicodedata.normalize("NFKC", bare).translate(_SAME_LETTER | _VARIATION)
    pieces = _pieces(composed)
    return [piece[:_LONGEST_WORD] for piece in pieces if any(c.isalnum() for c in piece)]


def index(found: Iterable[str]) -> str:
    """The words by which a record is indexed, each once, as far as an index takes them.

    What describes a record comes first, so that it is never what is left out.
    """
    distinct, size = [], 0
    for word in dict.fromkeys(found):
        size += len(word.encode()) + 1
        if size > _LONGEST_INDEX:
            break
        distinct.append(word)
    return " ".join(distinct)


def marked(text: str, sought: Collection[str]) -> list[tuple[str, bool]]:
    """Cut a text where a searched word begins or ends, and say of each piece if it is one.

    `sought` are folded words; a word is found by its beginning, a number whole.
    """
    runs = groupby(_pieces(text), key=lambda piece: _found(piece, sought))
    return [("".join(run), found) for found, run in runs]


def _found(piece: str, sought: Collection[str]) -> bool:
    return any(
        word == one or (not one.isdecimal() and word.startswith(one))
        for word in _folded(piece)
        for one in sought
    )


@lru_cache(20_000)
def _folded(piece: str) -> tuple[str, ...]:
    # A page of found claims has the same few words over and over.
    return tuple(words(piece))


def _pieces(text: str) -> list[str]:
    """Cut a text into words and what stands between them."""
    if text.isascii():
        return [piece for piece in _ASCII_WORD.split(text) if piece]
    pieces: list[str] = []
    for _is_word, run in groupby(text, key=_is_of_a_word):
        pieces += [piece for piece in _ALONE.split("".join(run)) if piece]
    return pieces


def _is_of_a_word(character: str) -> bool:
    # Vowels of Hindi, Thai and others are marks on a letter.
    return character.isalnum() or unicodedata.category(character).startswith("M")
