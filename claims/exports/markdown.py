"""A report as Markdown; what members typed stays words, whatever it looks like."""

from collections.abc import Iterable, Iterator

from claims import prose
from claims.prose import link, literal
from claims.rules import sentences
from claims.rules.excerpts import MARK_DEFINITIONS
from claims.rules.reports import (
    Finding,
    ReportedCorrection,
    ReportedEvidence,
    ReportedOrigins,
    VerdictReport,
)
from claims.rules.vocabulary import Correction, Stance

_SIDES = {
    Stance.SUPPORTS: ("Evidence for", "None on record."),
    Stance.REFUTES: ("Evidence against", "None on record."),
    Stance.CONTEXT: ("Context", ""),
}


def write(report: VerdictReport, digest: str | None) -> Iterator[str]:
    """The report, finding after finding."""
    yield _together(_head(report))
    marked = False
    for finding in report.findings:
        marked = marked or any(piece.copy and piece.copy.mark for piece in finding.evidence)
        yield _together(_finding(report, finding))
    yield _together(_end(report, digest, marked=marked))


def _together(blocks: Iterable[str]) -> str:
    return "".join(f"{block}\n\n" for block in blocks if block)


def _head(report: VerdictReport) -> Iterable[str]:
    yield f"# {literal(report.title)}"
    which = f"Verdict report {report.number}" if report.number else "Verdict report, not frozen"
    day = sentences.day_in_words(report.made_at)
    yield f"{which} · {day} · {link(report.desk.name, report.desk.public_url)}"
    for article in report.articles:
        known = (article.author, article.publisher, _day(article.published_on))
        about = ", ".join(literal(part) for part in known if part)
        yield f"On {link(article.title, article.url)}{about and ', '}{about}."
    yield f"**{literal(sentences.summary(report))}**"
    if report.findings:
        rows = [f"| {literal(count.rating.name)} | {count.claims} |" for count in report.tally]
        yield "\n".join(["| Rating | Claims |", "| --- | ---: |", *rows])


def _finding(report: VerdictReport, finding: Finding) -> Iterable[str]:
    yield f"## {finding.number}\\. {literal(finding.statement)}"
    if len(report.articles) > 1:
        yield f"In {literal(report.article(finding.article_id).title)}."
    yield f"**{literal(finding.rating.name)}**"
    if finding.draft:
        yield "**Draft:** this ruling is not published yet and may still change."
    if finding.reopened_at:
        day = sentences.day_in_words(finding.reopened_at)
        reason = literal(finding.reopening_reason or "")
        yield f"**Reopened {day}:** the desk looks at this claim again. {reason}".strip()
    yield from _quotations(finding)
    yield prose.to_markdown(finding.rationale)
    for stance, (title, empty) in _SIDES.items():
        pieces = finding.side(stance)
        if pieces:
            yield "\n".join([f"**{title}**", "", *(_piece(piece) for piece in pieces)])
        elif empty:
            yield f"**{title}:** {empty}"
    if finding.origins:
        yield from _origins(finding.origins)
    for change in finding.corrections:
        yield _correction(change)
    verdicts = sentences.verdicts_in_words(finding.verdicts) if finding.verdicts else ""
    published = (
        f"; published {sentences.day_in_words(finding.published_at)}"
        if finding.published_at
        else ""
    )
    yield (
        f"{literal(verdicts)} Claim {finding.number} ({finding.kind}), ruled by "
        f"{literal(finding.ruled_by)} on {sentences.day_in_words(finding.ruled_at)}{published}."
    ).strip()


def _origins(origins: ReportedOrigins) -> Iterable[str]:
    reason = origins.reason
    because = f" **Fewer than the policy asks for, because** {literal(reason)}" if reason else ""
    yield f"{sentences.origins_in_words(origins)}{because}".strip()


def _quotations(finding: Finding) -> Iterable[str]:
    speaker = finding.speaker
    who = link(speaker.name, speaker.same_as) if speaker else "The article itself"
    role = f", {literal(speaker.role)}" if speaker and speaker.role else ""
    for quotation in finding.quotations:
        where = f", paragraph {quotation.paragraph}" if quotation.paragraph else ""
        yield f"> “{literal(quotation.text)}”\n>\n> — {who}{role}{where}"


def _piece(piece: ReportedEvidence) -> str:
    known = (piece.author, piece.publisher, _day(piece.published_on), piece.locator)
    about = "".join(f", {literal(part)}" for part in known if part)
    excerpt = f": “{literal(piece.excerpt)}”" if piece.excerpt else ""
    graded = piece.reliability or piece.credibility
    grades = f", graded {piece.reliability or '–'}{piece.credibility or '–'}" if graded else ""
    note = f" {literal(piece.note)}" if piece.note else ""
    checked = "".join(f"; {part}" for part in _checkable(piece))
    return f"- {link(piece.title, piece.url)}{about}{excerpt} ({piece.type}{grades}{checked}){note}"


def _checkable(piece: ReportedEvidence) -> Iterable[str]:
    """What helps a reader to check a piece of evidence."""
    if piece.origin:
        yield f"comes from {literal(piece.origin)}"
    if piece.copy:
        damaged = "**" if piece.copy.damaged else ""
        said = literal(sentences.copy_in_words(piece.copy))
        kind = f", {literal(piece.copy.media_type)}" if piece.copy.media_type else ""
        yield f"{damaged}{said}{damaged}{kind}, sha256 `{piece.copy.sha256}`"
    if piece.archive_url:
        yield link("archived copy", piece.archive_url)
    if piece.own_article_reason:
        yield f"the article itself, because {literal(piece.own_article_reason)}"


def _correction(change: ReportedCorrection) -> str:
    day = sentences.day_in_words(change.at)
    if change.kind is Correction.VOID:
        return f"**Taken back {day}.** {literal(change.reason)}"
    before = literal(change.before.name) if change.before else "unknown"
    return (
        f"**Corrected {day} ({change.kind}).** {literal(change.reason)} "
        f"Before: {before}. Since: {literal(change.after.name)}."
    )


def _end(report: VerdictReport, digest: str | None, *, marked: bool) -> Iterable[str]:
    if report.left_out:
        yield "## What this report leaves out"
        yield "\n".join(
            f"- {claim.number}\\. {literal(claim.statement)} ({claim.state})"
            + (f" {_correction(claim.taken_back)}" if claim.taken_back else "")
            for claim in report.left_out
        )
    yield "## What the ratings mean"
    yield "\n".join(
        f"- **{literal(rating.name)}:** {literal(rating.definition)}" for rating in report.scale
    )
    if marked:
        yield "Each excerpt was looked for in the copy of its source that the desk keeps:"
        yield "\n".join(
            f"- **{mark.capitalize()}:** {literal(meaning)}"
            for mark, meaning in MARK_DEFINITIONS.items()
        )
    yield "## How this report was made"
    withdrawn = f" Withdrawn and not counted: {report.withdrawn}." if report.withdrawn else ""
    yield (
        f"{literal(report.policy.words)} Chosen: {literal(report.selection.words)}.{withdrawn} "
        f"Made by {literal(report.made_by)} on {sentences.day_in_words(report.made_at)} at "
        f"{report.made_at.strftime('%H:%M')} UTC."
    )
    frozen = [f"- Report digest sha256: `{digest}`"] if digest else []
    texts = [
        f"- Text of “{literal(article.title)}”: "
        + (f"sha256 `{article.text_sha256}`" if article.text_sha256 else "not loaded")
        for article in report.articles
    ]
    yield "\n".join([*frozen, f"- Ledger head: `{report.ledger_head}`", *texts])


def _day(known: str | None) -> str:
    return sentences.day_in_words(known) if known else ""
