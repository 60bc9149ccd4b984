"""A report as CSV in UTF-8: a row for each claim, those without a ruling last."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from claims import prose
from claims.rules.reports import Finding, LeftOut, ReportedEvidence, VerdictReport
from claims.rules.vocabulary import Stance

Cell = str | int | None

# Characters that are handed on at once; with small pieces others get their turn between two.
_PIECE = 16_384

# A spreadsheet takes these for the start of a formula, also behind blanks.
_FORMULA = re.compile(r"[\t\r\n]|[\s\u200b-\u200f\u2060\ufeff\x00-\x1f]*[=+\-@＝＋－＠]")


def plain(text: str) -> str:
    """A cell that no spreadsheet calculates: an apostrophe leads what looks like a formula."""
    # Most cells begin with a letter or a digit and are plain: nothing to look for in them.
    if text[:1].isalnum() and text.isascii():
        return text
    text = prose.without_turns(text)
    return f"'{text}" if _FORMULA.match(text) else text


def write(report: VerdictReport, _digest: str | None) -> Iterator[str]:
    """The header row, then row after row."""
    titles = {article.id: article.title for article in report.articles}
    return stream((*report.findings, *report.left_out), titles)


def stream(claims: Iterable[Finding | LeftOut], titles: Mapping[int, str]) -> Iterator[str]:
    """The same of claims that are read while the file is written; `titles` are their articles'."""
    held = io.StringIO()
    rows = csv.writer(held, lineterminator="\r\n")
    rows.writerow(["article", *CLAIM, *RULED])
    nothing: list[Cell] = [None] * len(RULED)
    for claim in claims:
        cells: list[Cell] = [titles[claim.article_id], *(read(claim) for read in CLAIM.values())]
        cells += [tell(claim) for tell in RULED.values()] if isinstance(claim, Finding) else nothing
        rows.writerow(map(_safe, cells))
        if held.tell() > _PIECE:
            yield _taken(held)
    yield _taken(held)


def _taken(held: io.StringIO) -> str:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text


def _safe(cell: Cell) -> Cell:
    return plain(cell) if isinstance(cell, str) else cell


def _state(claim: Finding | LeftOut) -> str:
    if isinstance(claim, LeftOut):
        return str(claim.state)
    if claim.reopened_at:
        return "reopened"
    return "ruled" if claim.draft else "published"


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _source(piece: ReportedEvidence) -> str:
    about = ", ".join(part for part in (piece.publisher, piece.published_on) if part)
    return " ".join(
        part for part in (piece.title, f"({about})" if about else "", piece.url or "") if part
    )


def _sources(stance: Stance) -> Callable[[Finding], Cell]:
    return lambda finding: "\n".join(_source(piece) for piece in finding.side(stance))


def _count(stance: Stance) -> Callable[[Finding], Cell]:
    return lambda finding: len(finding.side(stance))


def _corrections(finding: Finding) -> str:
    return "\n".join(_told(finding))


def _told(finding: Finding) -> Iterable[str]:
    for change in finding.corrections:
        before = change.before.name if change.before else "unknown"
        yield (
            f"{change.at.date().isoformat()} {change.kind}: {before} to {change.after.name}. "
            f"{change.reason}"
        )


_AGREE = {True: "yes", False: "no", None: None}

# What is known of every claim, and what of those with a ruling.
CLAIM: dict[str, Callable[[Finding | LeftOut], Cell]] = {
    "claim": lambda claim: claim.number,
    "statement": lambda claim: claim.statement,
    "kind": lambda claim: str(claim.kind),
    "state": _state,
}
RULED: dict[str, Callable[[Finding], Cell]] = {
    "speaker": lambda f: f.speaker.name if f.speaker else None,
    "speaker role": lambda f: f.speaker.role if f.speaker else None,
    "quotation": lambda f: "\n".join(q.text for q in f.quotations),
    "paragraph": lambda f: ", ".join(str(q.paragraph) for q in f.quotations if q.paragraph),
    "rating": lambda f: f.rating.name,
    "rating number": lambda f: f.rating.number,
    "reasons": lambda f: prose.to_text(f.rationale),
    "ruled by": lambda f: f.ruled_by,
    "ruled at": lambda f: _moment(f.ruled_at),
    "published at": lambda f: _moment(f.published_at),
    "corrections": _corrections,
    "verdicts": lambda f: len(f.verdicts.given) if f.verdicts else None,
    "verdicts agree": lambda f: _AGREE[f.verdicts.agree] if f.verdicts else None,
    "reviewers": lambda f: ", ".join(v.reviewer for v in f.verdicts.given) if f.verdicts else None,
    "evidence for": _count(Stance.SUPPORTS),
    "evidence against": _count(Stance.REFUTES),
    "context": _count(Stance.CONTEXT),
    "sources for": _sources(Stance.SUPPORTS),
    "sources against": _sources(Stance.REFUTES),
    "sources for context": _sources(Stance.CONTEXT),
}
