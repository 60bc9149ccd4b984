"""A claim of a report as one line of a spreadsheet: what a reader sorts and counts by.

A long export has very many of them, so each is a plain tuple, and what no line says need
not be read for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from claims.rules.reports import Finding, LeftOut, ReportedCopy, ReportedCorrection, ReportedOrigins
from claims.rules.vocabulary import Mark, Stance, State

# In the order of their columns.
SIDES = (Stance.SUPPORTS, Stance.REFUTES, Stance.CONTEXT)


class Copies(NamedTuple):
    """How many excerpts were looked for in a copy, were not found there, stand in damage, and
    are no longer so in the newest copy.
    """

    checked: int = 0
    absent: int = 0
    damaged: int = 0
    no_longer: int = 0

    def counting(self, copy: ReportedCopy) -> "Copies":
        """The same with one more."""
        return Copies(
            self.checked + (copy.mark is not None),
            self.absent + (copy.mark is Mark.ABSENT),
            self.damaged + copy.damaged,
            self.no_longer + copy.no_longer,
        )


class Settled(NamedTuple):
    """What a line says of the ruling on a claim, and of what that rests on."""

    speaker: str | None
    role: str | None
    quotations: Sequence[str]
    paragraphs: Sequence[int]
    rating: str
    rating_number: int | None
    rationale: str
    ruled_by: str
    # Moments in UTC, to the second.
    ruled_at: str
    published_at: str | None
    corrections: Sequence[ReportedCorrection]
    # None where the verdicts are not revealed.
    reviewers: Sequence[str] | None
    agree: bool | None
    # Of each side.
    sources: Sequence[Sequence[str]]
    origins: ReportedOrigins | None
    copies: Copies


class Line(NamedTuple):
    """What is known of a claim, and of the ruling on it; None without one to report."""

    article: str
    number: int
    statement: str
    kind: str
    state: str
    settled: Settled | None


def of_finding(finding: Finding, article: str) -> Line:
    """The line of a claim with a ruling."""
    speaker, verdicts = finding.speaker, finding.verdicts
    copies = Copies()
    for piece in finding.evidence:
        copies = copies.counting(piece.copy) if piece.copy else copies
    return Line(
        article,
        finding.number,
        finding.statement,
        finding.kind,
        standing(reopened=bool(finding.reopened_at), published=not finding.draft),
        Settled(
            speaker=speaker.name if speaker else None,
            role=speaker.role if speaker else None,
            quotations=[quotation.text for quotation in finding.quotations],
            paragraphs=[one.paragraph for one in finding.quotations if one.paragraph],
            rating=finding.rating.name,
            rating_number=finding.rating.number,
            rationale=finding.rationale,
            ruled_by=finding.ruled_by,
            ruled_at=moment(finding.ruled_at),
            published_at=moment(finding.published_at) if finding.published_at else None,
            corrections=finding.corrections,
            reviewers=[one.reviewer for one in verdicts.given] if verdicts else None,
            agree=verdicts.agree if verdicts else None,
            sources=[
                [
                    source(piece.title, piece.publisher, piece.published_on, piece.url)
                    for piece in finding.side(stance)
                ]
                for stance in SIDES
            ],
            origins=finding.origins,
            copies=copies,
        ),
    )


def of_left_out(claim: LeftOut, article: str) -> Line:
    """The line of a claim without one."""
    return Line(article, claim.number, claim.statement, claim.kind, claim.state, None)


def standing(*, reopened: bool, published: bool) -> State:
    """Where a claim with a ruling stands."""
    if reopened:
        return State.REOPENED
    return State.PUBLISHED if published else State.RULED


def source(title: str, publisher: str | None, published_on: str | None, url: str | None) -> str:
    """A source in one line: its title, who published it and when, and its address."""
    if publisher and published_on:
        title = f"{title} ({publisher}, {published_on})"
    elif publisher or published_on:
        title = f"{title} ({publisher or published_on})"
    return f"{title} {url}" if url else title


def moment(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at.isoformat()[:19]}Z"
