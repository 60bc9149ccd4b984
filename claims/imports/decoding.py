"""Which letters some bytes are: by their mark, by what is said of them, else by their look."""

import codecs
import re
from collections.abc import Iterable

# A byte order mark names the encoding. The longer marks come first: UTF-32's begins like UTF-16's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)

# The encodings in which texts are written, by Python's name, and what is read in their place:
# pages that say the left one hold letters that only the right one has. Names of anything else
# that Python can decode (escapes, punycode) are not believed.
_READ_AS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "iso2022_jp": "iso2022_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "mac-roman": "mac-roman",
    "mac-cyrillic": "mac-cyrillic",
    "cp866": "cp866",
    "cp874": "cp874",
    **{f"iso8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"cp125{n}": f"cp125{n}" for n in range(9)},
}

# What the web has that names no encoding; the others would only be mistaken for these.
_LIKELY = [
    *("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "koi8-r"),
    *(f"cp125{n}" for n in range(9)),
]

# Bytes to tell an encoding by; more of them say little more.
_LOOKED_AT = 30_000

_MARKUP = re.compile(rb"(?is)<script.*?</script>|<style.*?</style>|<[^>]*>")

_DOUBT = (
    "It does not say in which encoding its letters are; it was read as {}. "
    "If letters look wrong, trust the file and not this text."
)


def decode(body: bytes, said: Iterable[str | None]) -> tuple[str, str | None]:
    """The text of some bytes, and a sentence of doubt when its encoding had to be guessed.

    `said` are the names that header and page give, the more trusted first.
    """
    for mark, codec, _name in MARKS:
        if body.startswith(mark):
            return body.decode(codec, "replace"), None
    named = [codec for codec in map(_known, said) if codec]
    unmarked = unmarked_utf16(body) if b"\0" in body[:1000] and not named else None
    if unmarked is not None:
        return unmarked, None
    # Western European by default is said of many pages that are UTF-8, and fits any bytes.
    for codec in sorted(named, key="cp1252".__eq__) if _is_utf8(body) else named:
        try:
            return body.decode(codec), None
        except UnicodeDecodeError:
            continue
    if _is_utf8(body):
        return body.decode(), None
    for codec in named:
        text = body.decode(codec, "replace")
        if text.count("\ufffd") <= len(text) // 100:
            return text, None
    codec = _guessed(body)
    return body.decode(codec, "replace"), _DOUBT.format(codec)


def unmarked_utf16(data: bytes) -> str | None:
    """The text of UTF-16 without a byte order mark, if that is what the bytes are.

    Read the wrong way round, a space is a character that no text holds.
    """
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if " " in text and "\u2000" not in text and "\0" not in text:
            return text
    return None


def _known(name: str | None) -> str | None:
    try:
        return _READ_AS.get(codecs.lookup((name or "").strip().strip("\"'")).name)
    except (LookupError, ValueError):
        return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guessed(body: bytes) -> str:
    from charset_normalizer import from_bytes

    # Tags and scripts are Latin letters whatever the page is written in.
    bare = _MARKUP.sub(b" ", body)
    lines = [line for line in re.split(rb"\s*\n\s*", bare) if not line.isascii()]
    sample = b"\n".join(lines)[:_LOOKED_AT]
    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return _known(best.encoding) or "cp1252" if best else "cp1252"
