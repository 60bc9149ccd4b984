"""What captured bytes are, the words in them, and what they state of themselves.

Captured bytes are hostile. PDF, Word and large pages are read by a process of
its own with limits on time and memory: what hangs or crashes there costs its
text, never the desk.
"""

import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path

from claims.imports import documents, pages
from claims.imports.decoding import MARKS, decode, unmarked_utf16
from claims.rules.passages import LONGEST, normalise
from claims.rules.vocabulary import SourceType

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# A page of more bytes than this is read in a process of its own, as a PDF always is.
_SMALL = 500_000
_SECONDS = 90
# By then a document ends by itself with the pages that it has.
_ENOUGH_SECONDS = 60
_MEMORY = 2_000_000_000

_UNEQUIPPED = (
    "This desk was set up without the libraries that read such files; "
    "whoever runs it can add them with pip install 'fact-desk[capture]'."
)

# What a file is told by is at its beginning.
_LOOKED_AT = 4096

# So a page begins, after blanks and remarks; and this, further on, only pages hold.
_PAGE = re.compile(r"(?is)(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body)\b")
_OF_A_PAGE = re.compile(r"(?i)<(?:html|head|title|body|div|p|article|meta|table|h1)\b[^>]*>")
_DRAWING = re.compile(r"(?is)(?:\s|<\?xml[^>]*>|<!--.*?-->|<!doctype svg[^>]*>)*<svg\b")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NAME_ENDS = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".md": "text/markdown"}

# Bytes that no text has, but pictures and programs do.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Read:
    """What was made of some bytes. What is not stated in them is None.

    `text` holds the main part first, up to `main`, then what else is on the
    page. `pages` are the offsets at which the pages of a PDF start; `trouble`
    is a sentence for the reviewer on what could not be read.
    """

    media_type: str
    text: str = ""
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published_on: str | None = None
    language: str | None = None
    canonical: str | None = None
    pages: tuple[int, ...] = ()
    type: SourceType | None = None
    trouble: str | None = None
    main: int = 0


def read(body: bytes, *, said: str | None, name: str | None) -> Read:
    """Read captured bytes. Bad content is told as `trouble`, and never raises.

    `said` is the Content-Type that came with them, `name` the address or the
    name of the file. What they are is told by the bytes, whatever was said.
    """
    kind = media_type(body, said=said, name=name)
    if kind not in _READERS:
        return _picture_or_other(kind)
    if kind in _CONTAINED or len(body) > _SMALL:
        return _contained(body, kind, said, name)
    return _read(body, kind, said, name)


def media_type(body: bytes, *, said: str | None, name: str | None) -> str:
    """What some bytes are, by themselves; header and name only choose between kinds of text."""
    start = body[:_LOOKED_AT]
    if b"%PDF-" in start[:1024]:
        return "application/pdf"
    if start.startswith(b"PK\x03\x04"):
        return DOCX if b"word/" in body[-100_000:] or b"word/" in start else "application/zip"
    text = _beginning(start)
    # A picture of so few letters may pass for text, and for a page.
    if text is None or start.startswith((b"GIF87a", b"GIF89a")):
        return _told_by_puremagic(start)
    claimed = _charset(said)[0]
    if _PAGE.match(text) or (_OF_A_PAGE.search(text) and not claimed.startswith("text/plain")):
        return "text/html"
    if _DRAWING.match(text):
        return "image/svg+xml"
    if text.lstrip()[:1] in ("{", "[") and claimed in ("application/json", "application/ld+json"):
        return claimed
    ending = re.search(r"\.\w+$", re.split("[?#]", name or "")[0])
    told = "text/csv" if claimed == "text/csv" else "text/plain"
    return _NAME_ENDS.get(ending[0].lower() if ending else "", told)


def _picture_or_other(kind: str) -> Read:
    if kind.startswith(("image/", "video/")):
        return Read(kind, type=SourceType.IMAGE)
    return Read(
        kind, trouble="The desk cannot read text in a file of this kind; it is kept as it is."
    )


def _read(body: bytes, kind: str, said: str | None, name: str | None) -> Read:
    """Read in this process whatever it is; what goes wrong is told."""
    try:
        return _READERS[kind](body, kind, said, name)
    except documents.Unreadable as why:
        return Read(kind, trouble=str(why))
    except ImportError:
        return Read(kind, trouble=_UNEQUIPPED)
    # Libraries fail in any way on what was made to make them fail.
    except Exception:  # noqa: BLE001
        return Read(kind, trouble="The file is damaged, so its text could not be read.")


def _read_page(body: bytes, kind: str, said: str | None, name: str | None) -> Read:
    page = pages.read(body, _charset(said)[1], name if _is_address(name) else None)
    main, rest = _clean(page.text[: page.main]), _clean(page.text[page.main :])
    text, cut = _cut(f"{main}\n\n{rest}" if rest else main)
    empty = None if text else "The page holds no text of its own; a script may have to fill it in."
    return Read(
        kind,
        text,
        title=_short("title", page.title),
        author=_short("author", page.author),
        publisher=_short("publisher", page.publisher),
        published_on=page.published_on,
        language=page.language,
        canonical=page.canonical,
        type=page.type,
        trouble=_joined(empty, page.trouble, cut),
        main=min(len(main), len(text)),
    )


def _read_document(body: bytes, kind: str, _said: str | None, _name: str | None) -> Read:
    paged = kind == "application/pdf"
    found = documents.pdf(body, seconds=_ENOUGH_SECONDS) if paged else documents.docx(body)
    starts: list[int] = []
    length = 0
    words = [_clean(page) for page in found.pages]
    for page in words:
        starts.append(length)
        length += len(page) + 2
    text, cut = _cut("\n\n".join(words))
    return Read(
        kind,
        text,
        title=_short("title", found.title),
        author=_short("author", found.author),
        language=found.language[:35] if found.language else None,
        pages=tuple(start for start in starts if start <= len(text)) if paged else (),
        trouble=_joined(found.trouble, cut),
        main=len(text),
    )


def _read_plain(body: bytes, kind: str, said: str | None, _name: str | None) -> Read:
    words, doubt = decode(body, [_charset(said)[1]])
    text, cut = _cut(_clean(words))
    data = SourceType.DATASET if kind in ("text/csv", "text/tab-separated-values") else None
    empty = None if text else "The file is empty."
    return Read(kind, text, type=data, trouble=_joined(empty, doubt, cut), main=len(text))


_CONTAINED = ("application/pdf", DOCX)
_READERS = {
    "text/html": _read_page,
    "application/pdf": _read_document,
    DOCX: _read_document,
    **dict.fromkeys(("text/plain", "application/json", "application/ld+json"), _read_plain),
    **dict.fromkeys(_NAME_ENDS.values(), _read_plain),
}


def _contained(body: bytes, kind: str, said: str | None, name: str | None) -> Read:
    """Read in a process of its own, which may take so long and so much, and has no secrets."""
    home = str(Path(__file__).parents[2])
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from claims.imports import reading; reading.child()"
    )
    asked = json.dumps({"kind": kind, "said": said, "name": name}).encode() + b"\n"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code, home],
            input=asked + body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            env={},
            check=True,
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return Read(
            kind,
            trouble="Reading this file took too long or too much memory, so it was given up; "
            "the file is kept as it is.",
        )
    kind_of_source = SourceType(told["type"]) if told["type"] else None
    return Read(**{**told, "pages": tuple(told["pages"]), "type": kind_of_source})


def child() -> None:
    """What the process of its own does: read from its input, answer on its output."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time is still limited from outside.
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    answer = _read(sys.stdin.buffer.read(), asked["kind"], asked["said"], asked["name"])
    sys.stdout.write(json.dumps(asdict(answer)))


def _charset(said: str | None) -> tuple[str, str | None]:
    """The media type and the encoding that a Content-Type names."""
    header = Message()
    header["Content-Type"] = re.sub(r"[^\x20-\x7e]", "", said or "")
    charset = header.get_param("charset")
    return header.get_content_type() if said else "", charset if isinstance(charset, str) else None


def _beginning(start: bytes) -> str | None:
    """The first letters of what is text, or None."""
    for mark, codec, _name in MARKS:
        if start.startswith(mark):
            return start.decode(codec, "ignore")
    if b"\0" in start:
        return unmarked_utf16(start[: len(start) // 2 * 2])
    # An escape begins Japanese letters in the encoding of their mail.
    return None if len(_BINARY.findall(start)) > len(start) // 100 else start.decode("latin-1")


def _told_by_puremagic(start: bytes) -> str:
    try:
        import puremagic
    except ImportError:
        return "application/octet-stream"
    try:
        told = puremagic.from_string(start, mime=True)
    except (puremagic.PureError, ValueError):
        told = ""
    # Only what a file can do no harm as; nothing else is said of it.
    known = str(told).startswith(("image/", "audio/", "video/"))
    return str(told) if known else "application/octet-stream"


def _is_address(name: str | None) -> bool:
    return bool(name and re.match(r"https?://", name, re.IGNORECASE))


def _clean(words: str) -> str:
    """The words as the desk keeps texts, without what no database stores and nobody sees."""
    return normalise(_CONTROL.sub("", words.replace("\f", "\n"))).strip()


def _cut(text: str) -> tuple[str, str | None]:
    if len(text) <= LONGEST:
        return text, None
    told = f"Only the first {LONGEST:,} characters of its text were taken; the file has more."
    return text[:LONGEST], told


def _short(name: str, words: str | None) -> str | None:
    """A fact as one line that fits its field."""
    from claims.models import Source

    line = " ".join(_CONTROL.sub("", words or "").split())
    most = Source.__table__.columns[name].type.length  # type: ignore[attr-defined]
    return (line if len(line) <= most else f"{line[: most - 1]}…") or None


def _joined(*sentences: str | None) -> str | None:
    return " ".join(sentence for sentence in sentences if sentence) or None
