"""A report as CSV in UTF-8: a row for each claim, those without a ruling last."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from claims import prose
from claims.rules.reports import Finding, LeftOut, ReportedEvidence, VerdictReport
from claims.rules.vocabulary import Mark, Stance

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
    if cell.__class__ is not str:
        return "" if cell is None else str(cell)
    text = cell if cell[:1].isalnum() and cell.isascii() else plain(cell)
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def write(report: VerdictReport, _digest: str | None) -> Iterator[str]:
    """The header row, then row after row."""
    titles = {article.id: article.title for article in report.articles}
    return stream((*report.findings, *report.left_out), titles)


def stream(claims: Iterable[Finding | LeftOut], titles: Mapping[int, str]) -> Iterator[str]:
    """The same of claims that are read while the file is written; `titles` are their articles'."""
    held = [row((*CLAIM, *RULED))]
    size = len(held[0])
    nothing = "," * len(RULED)
    for claim in claims:
        line = row(_claim(claim, titles[claim.article_id]))
        line += "," + row(_ruled(claim)) if isinstance(claim, Finding) else nothing
        held.append(line)
        size += len(line)
        if size > _PIECE:
            yield _lines(held)
            held.clear()
            size = 0
    if held:
        yield _lines(held)


def _lines(held: Iterable[str]) -> str:
    return "\r\n".join(held) + "\r\n"


def _state(claim: Finding | LeftOut) -> str:
    if isinstance(claim, LeftOut):
        return str(claim.state)
    if claim.reopened_at:
        return "reopened"
    return "ruled" if claim.draft else "published"


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _source(piece: ReportedEvidence) -> str:
    about = ", ".join(filter(None, (piece.publisher, piece.published_on)))
    titled = f"{piece.title} ({about})" if about else piece.title
    return f"{titled} {piece.url}" if piece.url else titled


def _told(finding: Finding) -> Iterable[str]:
    for change in finding.corrections:
        before = change.before.name if change.before else "unknown"
        yield (
            f"{change.at.date().isoformat()} {change.kind}: {before} to {change.after.name}. "
            f"{change.reason}"
        )


# In the order of their columns.
_SIDES = (Stance.SUPPORTS, Stance.REFUTES, Stance.CONTEXT)

_AGREE = {True: "yes", False: "no", None: None}

# What is known of every claim, and what of those with a ruling: the names of the columns, and what
# stands in them.
CLAIM = ("article", "claim", "statement", "kind", "state")
RULED = (
    *("speaker", "speaker role", "quotation", "paragraph", "rating", "rating number", "reasons"),
    *("ruled by", "ruled at", "published at", "corrections"),
    *("verdicts", "verdicts agree", "reviewers"),
    *("evidence for", "evidence against", "context"),
    *("sources for", "sources against", "sources for context"),
    *("origins for", "origins against", "why so few origins"),
    *("excerpts checked", "excerpts not found", "damaged copies"),
)


def _claim(claim: Finding | LeftOut, title: str) -> tuple[Cell, ...]:
    return title, claim.number, claim.statement, claim.kind, _state(claim)


def _ruled(finding: Finding) -> list[Cell]:
    speaker, verdicts, quotations = finding.speaker, finding.verdicts, finding.quotations
    sources: dict[Stance, list[str]] = {stance: [] for stance in _SIDES}
    checked = absent = damaged = 0
    for piece in finding.evidence:
        sources[piece.stance].append(_source(piece))
        if piece.copy:
            checked += piece.copy.mark is not None
            absent += piece.copy.mark is Mark.ABSENT
            damaged += piece.copy.damaged
    origins = finding.origins
    return [
        speaker.name if speaker else None,
        speaker.role if speaker else None,
        "\n".join([quotation.text for quotation in quotations]),
        ", ".join([str(q.paragraph) for q in quotations if q.paragraph]),
        finding.rating.name,
        finding.rating.number,
        prose.to_text(finding.rationale),
        finding.ruled_by,
        _moment(finding.ruled_at),
        _moment(finding.published_at),
        "\n".join(_told(finding)) if finding.corrections else None,
        len(verdicts.given) if verdicts else None,
        _AGREE[verdicts.agree] if verdicts else None,
        ", ".join([verdict.reviewer for verdict in verdicts.given]) if verdicts else None,
        *[len(side) for side in sources.values()],
        *["\n".join(side) for side in sources.values()],
        origins.supports if origins else None,
        origins.refutes if origins else None,
        origins.reason if origins else None,
        checked,
        absent,
        damaged,
    ]
