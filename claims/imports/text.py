"""A text file, or pasted text, as the text of an article."""

import re
from dataclasses import dataclass

from claims.imports.decoding import MARKS, unmarked_utf16
from claims.rules.passages import accept
from claims.rules.refusals import Refused

# Files that people take for text, by their first bytes.
_OTHERS = (
    (rb"%PDF-", "a PDF"),
    (rb"PK\x03\x04", "a Word or other Office document"),
    (rb"\xd0\xcf\x11\xe0", "an old Word document"),
    (rb"\{\\rtf", "a rich text document"),
    (rb"\s*(?i:<!doctype html|<html)", "the source of a web page"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture"),
)

# What a text does not hold: control characters other than tabs and line ends.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class ImportedText:
    """An article's text in the desk's form, and how its bytes were read.

    `doubt` is a sentence for the member when the encoding had to be guessed.
    """

    text: str
    encoding: str
    doubt: str | None = None


def read(data: bytes) -> ImportedText:
    """Read the bytes of a text file.

    Refused when they are no text, too much of it, or none at all.
    """
    for pattern, name in _OTHERS:
        if re.match(pattern, data):
            raise Refused(
                f"This file is {name}, not plain text. Open it, copy the article’s text, "
                "and paste that."
            )
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            try:
                return ImportedText(_plain(data.decode(codec)), name)
            except UnicodeDecodeError:
                raise Refused(
                    f"This file says that it is {name}, but it is damaged. "
                    "Save it again as UTF-8, or paste its text."
                ) from None
    # UTF-16 has a zero byte beside every space and full stop; other text has none.
    wide = unmarked_utf16(data) if b"\0" in data else None
    if wide is not None:
        return ImportedText(
            _plain(wide), "UTF-16", "The file does not name its encoding; it was read as UTF-16."
        )
    try:
        return ImportedText(_plain(data.decode("utf-8")), "UTF-8")
    except UnicodeDecodeError:
        pass
    return ImportedText(
        _plain(data.decode("cp1252", "replace")),
        "Windows-1252",
        "The file is not UTF-8; it was read as Windows-1252, an older encoding of Western Europe. "
        "If letters look wrong, save it as UTF-8 and load it again.",
    )


def pasted(text: str) -> str:
    """Take text that somebody pasted; Refused as for a file."""
    return _plain(text)


def _plain(text: str) -> str:
    if len(_CONTROL.findall(text)) > len(text) // 100:
        raise Refused("This file is not plain text. Save it as UTF-8 text, or paste its text.")
    # NUL is the one character besides surrogates that no database stores.
    return accept(text.replace("\0", "\ufffd"))
