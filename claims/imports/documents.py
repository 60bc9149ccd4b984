"""Documents as files: PDF and Word. Their words, and what they state of themselves.

When a file was made is not when it was published, so no date is taken from it.
"""

import io
import re
import time
import zipfile
import zlib
from dataclasses import dataclass

from claims.rules.passages import LONGEST

# A Word file is packed; what unpacks to more than this was made to choke a reader.
_MOST_UNPACKED = 100_000_000
_MOST_PARTS = 5_000

# What programs call a document when nobody gave it a title.
_NO_TITLE = re.compile(
    r"untitled.*|microsoft (word|powerpoint|excel).*|\W*"
    r"|.*\.(docx?|pdf|indd|qxd|tmp|rtf|odt|pptx?)",
    re.IGNORECASE,
)


class Unreadable(Exception):  # noqa: N818 - says what the file is
    """Nothing can be read of a file; the message says why."""


@dataclass(frozen=True)
class Document:
    """The words of each page; a Word file has one, as its pages are only made by printing."""

    pages: tuple[str, ...]
    title: str | None = None
    author: str | None = None
    language: str | None = None
    trouble: str | None = None


def pdf(body: bytes, *, seconds: float) -> Document:
    """Read a PDF page by page, for so long. Raises Unreadable."""
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    begun = time.process_time()
    locked = "This PDF is locked with a password, so its text cannot be read."
    try:
        reader = PdfReader(io.BytesIO(body))
        # Many are locked with an empty password: anybody may read them.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(locked)
        pages: list[str] = []
        damaged: list[int] = []
        slow = None
        length = 0
        for number, page in enumerate(reader.pages, 1):
            # One page that cannot be read does not take the others with it.
            try:
                words = page.extract_text()
            except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
                words = ""
                damaged.append(number)
            pages.append(words)
            length += len(words)
            if length > LONGEST:
                break
            if time.process_time() - begun > seconds:
                slow = f"Reading this PDF took long; only pages 1 to {number} were read."
                break
    except FileNotDecryptedError:
        raise Unreadable(locked) from None
    trouble = slow
    if damaged:
        numbers = ", ".join(map(str, damaged[:10]))
        ruined = f"These pages of the PDF are damaged and could not be read: {numbers}."
        trouble = f"{ruined} {slow}" if slow else ruined
    elif not slow and not any(page.strip() for page in pages):
        trouble = "This PDF holds no text, only pictures of it, as a scan does."
    about = reader.metadata
    title = str(about.title or "") if about else ""
    language = reader.root_object.get("/Lang")
    return Document(
        tuple(pages),
        title=None if _NO_TITLE.fullmatch(title) else title,
        author=str(about.author or "") or None if about else None,
        language=str(language) if language else None,
        trouble=trouble,
    )


def docx(body: bytes) -> Document:
    """Read a Word document: its paragraphs and tables in their order. Raises Unreadable."""
    from docx import Document as Opened
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(p.file_size for p in parts) > _MOST_UNPACKED:
                raise Unreadable("This Word document unpacks to far more than it seems to hold.")
            # Word never declares entities; who does means to make a little text a lot.
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!" in packed.read(part)[:2000]:
                    raise Unreadable("This Word document declares what no Word document does.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Unreadable("This Word document is damaged, so its text cannot be read.") from error
    opened = Opened(io.BytesIO(body))
    lines: list[str] = []
    for block in opened.iter_inner_content():
        if isinstance(block, Table):
            lines += ["\t".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    about = opened.core_properties
    return Document(
        ("\n".join(lines),),
        title=None if _NO_TITLE.fullmatch(about.title) else about.title,
        # The library that wrote a file is not who wrote its words.
        author=None if about.author in ("", "python-docx") else about.author,
        language=about.language or None,
    )
