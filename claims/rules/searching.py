"""How words are folded, so that a search finds them however they were typed."""

import re
import unicodedata

# Arabic and Urdu keyboards send different letters for what a reader takes as one.
_SAME_LETTER = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ة": "ه", "ۀ": "ه", "ـ": None}
)

# Chinese and Japanese write no spaces, so each of their characters is a word.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)

# PostgreSQL refuses lexemes above 2 kB; no word that is searched for is near that.
_LONGEST_WORD = 64


def words(text: str) -> list[str]:
    """Split a text into folded words: no case, accents or vowel marks, one form a letter."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    composed = unicodedata.normalize("NFKC", bare).translate(_SAME_LETTER)
    return [word[:_LONGEST_WORD] for word in _WORD.findall(composed)]
