"""Verdict reports as files: one module a format, listed once in FORMATS."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from claims import database, queries
from claims.exports import claimreview, csv, html, json, markdown
from claims.models import Member
from claims.queries.filters import Filters
from claims.queries.selections import Selected
from claims.rules import reports
from claims.rules.lines import Line
from claims.rules.reports import VerdictReport


@dataclass(frozen=True)
class Format:
    """One way to write a report: its name for people and programs, and the function that does it.

    `write` yields the file piece by piece. The digest is that of the frozen
    report, None for one that is not frozen. A format that needs a line of each
    claim only can also `stream` them, as they are read.
    """

    name: str
    title: str
    hint: str
    media_type: str
    ending: str
    write: Callable[[VerdictReport, str | None], Iterator[str]]
    stream: Callable[[Iterable[Line]], Iterator[str]] | None = None

    def filename(self, title: str, number: int | None = None) -> str:
        """A name for the file that is safe on every system; the number is a frozen report's."""
        words = str(number) if number else f"draft {title}"
        plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
        slug = re.sub("[^a-z0-9]+", "-", plain)[:60].strip("-")
        return f"verdict-report-{slug}.{self.ending}"


FORMATS = {
    known.name: known
    for known in (
        Format(
            "html",
            "Web page",
            "One file with everything in it, to read, print or publish",
            "text/html",
            "html",
            html.write,
        ),
        Format(
            "markdown",
            "Markdown",
            "To set into an article or a wiki",
            "text/markdown",
            "md",
            markdown.write,
        ),
        Format(
            "csv",
            "CSV",
            "A row for each claim, for a spreadsheet",
            "text/csv",
            "csv",
            csv.write,
            csv.stream,
        ),
        Format(
            "json",
            "JSON",
            "Everything, for programs; its SHA-256 is the report’s digest",
            "application/json",
            "json",
            json.write,
        ),
        Format(
            "claimreview",
            "ClaimReview",
            "schema.org, for search engines and aggregators",
            "application/ld+json",
            "jsonld",
            claimreview.write,
        ),
    )
}


def by_ending(ending: str) -> Format | None:
    """The format whose files end so."""
    return next((known for known in FORMATS.values() if known.ending == ending), None)


def frozen(kind: Format, content: str, *, damaged: Collection[str] = frozenset()) -> Iterator[str]:
    """Write a frozen report from its content; as JSON it is the content itself, to the letter.

    What is written for people says of the copies in `damaged`, by their SHA-256, that they
    are, also where that was found since.
    """
    if kind.name == "json":
        return iter([content])
    report = reports.from_json(content)
    for copy in report.copies:
        copy.damaged = copy.damaged or copy.sha256 in damaged
    return kind.write(report, reports.digest(content))


def streamed(
    kind: Format,
    engine: sa.Engine,
    filters: Filters,
    *,
    viewer: Member | None = None,
    unpublished: bool = False,
) -> Iterator[str]:
    """Write, in a format that can stream, the claims that filters let through while reading them.

    It shows the desk as it is at the start, however long that takes.
    """
    if kind.stream is None:
        raise ValueError(f"{kind.name} is written from a whole report")
    with database.snapshot(engine) as connection, Session(connection) as session:
        claims = Selected(session, filters, viewer=viewer, unpublished=unpublished)
        yield from kind.stream(queries.lines.of(claims))
