"""A verdict report: what the desk found about a set of claims, and all that it rests on.

It is a plain value without ties to the database. Pages show it, exports write
it, and the desk freezes it as the JSON of `to_json`; the SHA-256 of that text
is the report's digest, so that whoever holds the JSON can check it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from claims.rules.vocabulary import (
    Correction,
    Kind,
    Mark,
    Placement,
    SourceType,
    SpeakerType,
    Stance,
    State,
)

# Strings stay as they are: a report repeats words, it does not tidy them.
_EXACT = ConfigDict(frozen=True, extra="forbid")


class _Value:
    """A part of a report. What is read back from JSON is checked, what the desk says is not.

    A long report has a million of them. Plain ones are made many times as fast as models, or as
    frozen ones, which nobody changes all the same.
    """

    __slots__ = ()
    __pydantic_config__ = _EXACT


@dataclass(slots=True)
class ReportedDesk(_Value):
    """Who answers for the report."""

    name: str
    public_url: str | None
    logo_url: str | None


@dataclass(slots=True, frozen=True)
class ReportedRating(_Value):
    """A rating, with the definition that held when it was given."""

    key: str
    name: str
    number: int | None
    colour: str
    shape: str
    definition: str


@dataclass(slots=True)
class ReportedPolicy(_Value):
    """How the desk reviewed."""

    verdicts_required: int
    blind: bool
    words: str
    origins_required: int = 0


@dataclass(slots=True)
class ReportedArticle(_Value):
    """A text under check. Without a digest its full text is not loaded at the desk."""

    id: int
    title: str
    url: str | None
    publisher: str | None
    author: str | None
    published_on: str | None
    language: str
    text_sha256: str | None


@dataclass(slots=True)
class ReportedSpeaker(_Value):
    """Whom a claim is credited to."""

    name: str
    role: str
    # A person or a body; None where the desk has not recorded which.
    type: SpeakerType | None
    same_as: str | None


@dataclass(slots=True)
class ReportedQuotation(_Value):
    """Where a claim is made, word for word."""

    text: str
    paragraph: int | None
    placement: Placement


@dataclass(slots=True)
class ReportedVerdict(_Value):
    """How one reviewer judged."""

    reviewer: str
    rating: str
    confidence: str


@dataclass(slots=True)
class ReportedVerdicts(_Value):
    """The reviewers' standing verdicts behind a ruling, and whether they agree."""

    given: tuple[ReportedVerdict, ...]
    agree: bool | None


@dataclass(slots=True)
class ReportedCorrection(_Value):
    """A published ruling changed: how far, why, by whom, and from what to what."""

    kind: Correction
    reason: str
    at: AwareDatetime
    by: str
    before: ReportedRating | None
    after: ReportedRating


@dataclass(slots=True)
class ReportedCopy(_Value):
    """The copy that the desk keeps of a source, by which others can check what it said.

    `mark` says how the excerpt stands in it; None without an excerpt, or a text to look in.
    `damaged` tells whether its bytes were no longer right when the report was made, and
    `no_longer` whether a newer copy of the source had the excerpt less well then, or not at all.
    """

    sha256: str
    taken_at: AwareDatetime
    mark: Mark | None
    damaged: bool
    # Reports that were frozen at first do not tell these.
    media_type: str | None = None
    no_longer: bool = False


@dataclass(slots=True)
class ReportedEvidence(_Value):
    """What one source says about a claim.

    `origin` names who the source ultimately comes from, where that is not the source itself.
    Without a `copy` the desk keeps none.
    """

    stance: Stance
    title: str
    type: SourceType
    publisher: str | None
    author: str | None
    published_on: str | None
    url: str | None
    language: str | None
    excerpt: str
    locator: str
    reliability: str | None
    credibility: int | None
    note: str
    copy: ReportedCopy | None = None
    archive_url: str | None = None
    origin: str | None = None
    own_article_reason: str | None = None


@dataclass(slots=True)
class ReportedOrigins(_Value):
    """How many independent origins speak for a claim, and how many against it.

    `reason` says why a ruling on fewer than the policy asks for stands all the same.
    """

    supports: int
    refutes: int
    reason: str | None = None


@dataclass(slots=True)
class Finding(_Value):
    """A claim with the desk's ruling on it.

    `published_at` is when a ruling on the claim was first published; None
    marks a draft. A claim reopened since is still reported, and says so.
    """

    claim_id: int
    article_id: int
    number: int
    statement: str
    kind: Kind
    speaker: ReportedSpeaker | None
    quotations: tuple[ReportedQuotation, ...]
    rating: ReportedRating
    rationale: str
    ruled_by: str
    ruled_at: AwareDatetime
    published_at: AwareDatetime | None
    reopened_at: AwareDatetime | None
    reopening_reason: str | None
    corrections: tuple[ReportedCorrection, ...]
    verdicts: ReportedVerdicts | None
    evidence: tuple[ReportedEvidence, ...]
    # None in reports of a time when the desk did not count them.
    origins: ReportedOrigins | None = None

    def side(self, stance: Stance) -> tuple[ReportedEvidence, ...]:
        """The evidence that points one way."""
        return tuple([piece for piece in self.evidence if piece.stance == stance])

    @property
    def draft(self) -> bool:
        """Whether the ruling is not published yet."""
        return self.published_at is None


@dataclass(slots=True)
class LeftOut(_Value):
    """A claim of the selection on which no ruling can be reported."""

    claim_id: int
    article_id: int
    number: int
    statement: str
    kind: Kind
    state: State
    taken_back: ReportedCorrection | None


@dataclass(slots=True)
class Count(_Value):
    """How many of the report's claims have a rating."""

    rating: ReportedRating
    claims: int

    @property
    def pair(self) -> tuple[ReportedRating, int]:
        """The rating and its count, as a chart asks for them."""
        return self.rating, self.claims


@dataclass(slots=True)
class Selection(_Value):
    """Which claims were chosen: the filter as in the address of the claims page, and in words."""

    filter: dict[str, str]
    words: str


@dataclass(frozen=True)
class Figures:
    """What is said of all the rulings of a report together, and of all the claims it leaves out."""

    rulings: int
    left_out: int
    # Rulings that are not published yet, and those that were corrected since.
    drafts: int
    corrected: int
    # Everybody whose verdict a ruling rests on.
    reviewers: int
    # Whether a claim is left out only because its ruling is not published.
    held_back: bool
    # The articles of published rulings, and those that make such a claim themselves.
    articles: frozenset[int]
    speaking: frozenset[int]
    # The speakers of published rulings of whom it is not known what they are.
    untyped: frozenset[str]

    @property
    def claims(self) -> int:
        """How many claims were chosen, settled or not."""
        return self.rulings + self.left_out


class VerdictReport(BaseModel):
    """The desk's rulings on a selection of claims, with everything they rest on."""

    # One that is made to be looked at may hold only the first of them; its figures are of all.

    model_config = _EXACT

    format: Literal["fact-desk/verdict-report"] = "fact-desk/verdict-report"
    version: Literal[1] = 1
    number: Annotated[int, Field(ge=1)] | None
    title: str
    desk: ReportedDesk
    made_at: AwareDatetime
    made_by: str
    ledger_head: str
    selection: Selection
    policy: ReportedPolicy
    scale: tuple[ReportedRating, ...]
    tally: tuple[Count, ...]
    articles: tuple[ReportedArticle, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]
    # Counted for a whole article only.
    withdrawn: int | None

    def article(self, article_id: int) -> ReportedArticle:
        """One of the articles that the claims are from."""
        return self._by_id[article_id]

    @cached_property
    def _by_id(self) -> dict[int, ReportedArticle]:
        return {article.id: article for article in self.articles}

    @property
    def copies(self) -> Iterator[ReportedCopy]:
        """The copies by which the evidence can be checked; one is met as often as it is cited."""
        for finding in self.findings:
            for piece in finding.evidence:
                if piece.copy:
                    yield piece.copy

    @property
    def whole_article(self) -> bool:
        """Whether the selection is every claim of one article."""
        return self.selection.filter.keys() - {"sort"} == {"article"}

    @cached_property
    def figures(self) -> Figures:
        """What is said of all of it together."""
        published = [finding for finding in self.findings if not finding.draft]
        given = [finding.verdicts.given for finding in self.findings if finding.verdicts]
        return Figures(
            rulings=len(self.findings),
            left_out=len(self.left_out),
            drafts=len(self.findings) - len(published),
            corrected=sum(bool(finding.corrections) for finding in self.findings),
            reviewers=len({verdict.reviewer for verdicts in given for verdict in verdicts}),
            held_back=any(claim.state is State.RULED for claim in self.left_out),
            articles=frozenset(finding.article_id for finding in published),
            speaking=frozenset(f.article_id for f in published if f.speaker is None),
            untyped=frozenset(
                f.speaker.name for f in published if f.speaker and f.speaker.type is None
            ),
        )

    def opening_of(self, figures: Figures) -> "VerdictReport":
        """The same report as the first of a longer one that comes to these figures."""
        opening = self.model_copy()
        # Where a cached property keeps what it found.
        opening.__dict__["figures"] = figures
        return opening


def to_json(report: VerdictReport) -> str:
    """A report as JSON, always the same text for the same report."""
    return report.model_dump_json(indent=2) + "\n"


def from_json(text: str) -> VerdictReport:
    """Read a report back. Raises ValueError when the text is no report of this format."""
    return VerdictReport.model_validate_json(text)


def digest(text: str) -> str:
    """The SHA-256 of a report's JSON, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def counted(
    scale: Iterable[ReportedRating], rulings: Iterable[tuple[ReportedRating, int]]
) -> tuple[tuple[ReportedRating, ...], tuple[Count, ...]]:
    """Every rating of the scale, and of an earlier one where a ruling still has it, with counts."""
    counts = dict.fromkeys(scale, 0)
    for rating, number in rulings:
        counts[rating] = counts.get(rating, 0) + number
    return tuple(counts), tuple(Count(rating=r, claims=n) for r, n in counts.items())
