"""Verdict reports as files: one module a format, listed once in FORMATS."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from claims.exports import claimreview, csv, html, json, markdown
from claims.rules import reports
from claims.rules.reports import VerdictReport


@dataclass(frozen=True)
class Format:
    """One way to write a report: its name for people and programs, and the function that does it.

    `write` yields the file piece by piece. The digest is that of the frozen
    report, None for one that is not frozen.
    """

    name: str
    title: str
    hint: str
    media_type: str
    ending: str
    write: Callable[[VerdictReport, str | None], Iterator[str]]

    def filename(self, report: VerdictReport) -> str:
        """A name for the file that is safe on every system."""
        words = str(report.number) if report.number else f"draft {report.title}"
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


def frozen(kind: Format, content: str) -> Iterator[str]:
    """Write a frozen report from its content; as JSON it is the content itself, to the letter."""
    if kind.name == "json":
        return iter([content])
    return kind.write(reports.from_json(content), reports.digest(content))
