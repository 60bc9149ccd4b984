"""A report as CSV in UTF-8: a row for each claim, those without a ruling last."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from claims import prose
from claims.rules import lines
from claims.rules.lines import Line
from claims.rules.reports import ReportedCorrection, VerdictReport

Cell = str | int | None

# Characters that are handed on at once; with small pieces others get their turn between two.
_PIECE = 8_192

# A spreadsheet takes these for the start of a formula, also behind blanks.
_FORMULA = re.compile(r"[\t\r\n]|[\s\u200b-\u200f\u2060\ufeff\x00-\x1f]*[=+\-@＝＋－＠]")


def plain(text: str) -> str:
    """A cell that no spreadsheet calculates: an apostrophe leads what looks like a formula."""
    # Most cells begin with a letter or a digit and are plain: nothing to look for in them.
    if text[:1].isalnum() and text.isascii():
        return text
    text = prose.without_turns(text)
    return f"'{text}" if _FORMULA.match(text) else text


def row(cells: Iterable[Cell]) -> str:
    """Cells as `csv.writer` would write them, which looks at every character in turn."""
    return ",".join([_written(cell) for cell in cells])


def _written(cell: Cell) -> str:
    if not cell:
        return "0" if cell == 0 else ""
    if cell.__class__ is not str:
        return str(cell)
    text = cell if cell[:1].isalnum() and cell.isascii() else plain(cell)
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def write(report: VerdictReport, _digest: str | None) -> Iterator[str]:
    """The header row, then row after row."""
    titles = {article.id: article.title for article in report.articles}
    settled = (lines.of_finding(finding, titles[finding.article_id]) for finding in report.findings)
    left_out = (lines.of_left_out(claim, titles[claim.article_id]) for claim in report.left_out)
    return stream(chain(settled, left_out))


def stream(claims: Iterable[Line]) -> Iterator[str]:
    """The same of claims that are read while the file is written."""
    held = [row((*CLAIM, *RULED))]
    size = len(held[0])
    for claim in claims:
        line = _row(claim)
        held.append(line)
        size += len(line)
        if size > _PIECE:
            yield _rows(held)
            held.clear()
            size = 0
    if held:
        yield _rows(held)


def _rows(held: Iterable[str]) -> str:
    return "\r\n".join(held) + "\r\n"


# Several in one cell.
_LINES = "\n"

_AGREE = {True: "yes", False: "no", None: ""}

# What is known of every claim, and what of those with a ruling: the names of the columns.
CLAIM = ("article", "claim", "statement", "kind", "state")
RULED = (
    *("speaker", "speaker role", "quotation", "paragraph", "rating", "rating number", "reasons"),
    *("ruled by", "ruled at", "published at", "corrections"),
    *("verdicts", "verdicts agree", "reviewers"),
    *("evidence for", "evidence against", "context"),
    *("sources for", "sources against", "sources for context"),
    *("origins for", "origins against", "why so few origins"),
    *("excerpts checked", "excerpts not found", "damaged copies", "excerpts no longer so"),
)
_NOTHING = "," * len(RULED)


def _row(claim: Line) -> str:
    """The cells of a claim; those that hold the desk's own words and numbers as they stand."""
    article, number, statement, kind, state, settled = claim
    known = f"{_written(article)},{number},{_written(statement)},{kind},{state}"
    if settled is None:
        return known + _NOTHING
    (
        speaker,
        role,
        quotations,
        paragraphs,
        rating,
        rating_number,
        rationale,
        ruled_by,
        ruled_at,
        published_at,
        corrections,
        reviewers,
        agree,
        sources,
        origins,
        copies,
    ) = settled
    supports, refutes, context = sources
    # One text for all: to put the cells together one by one takes longer than all the rest.
    return (
        f"{known},{_written(speaker)},{_written(role)},"
        f"{_written(_LINES.join(quotations))},{_written(', '.join(map(str, paragraphs)))},"
        f"{_written(rating)},{_written(rating_number)},{_written(prose.to_text(rationale))},"
        f"{_written(ruled_by)},{ruled_at},{published_at or ''},"
        f"{_written(_LINES.join(map(_told, corrections)))},"
        f"{'' if reviewers is None else len(reviewers)},{_AGREE[agree]},"
        f"{_written(', '.join(reviewers or ()))},"
        f"{len(supports)},{len(refutes)},{len(context)},"
        f"{_written(_LINES.join(supports))},{_written(_LINES.join(refutes))},"
        f"{_written(_LINES.join(context))},"
        + (
            f"{origins.supports},{origins.refutes},{_written(origins.reason)},"
            if origins
            else ",,,"
        )
        + f"{copies.checked},{copies.absent},{copies.damaged},{copies.no_longer}"
    )


def _told(change: ReportedCorrection) -> str:
    before = change.before.name if change.before else "unknown"
    return (
        f"{change.at.date().isoformat()} {change.kind}: {before} to {change.after.name}. "
        f"{change.reason}"
    )
