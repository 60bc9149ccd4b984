"""All that the page of one claim shows, as far as its viewer may see it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col

from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimTag,
    Comment,
    Event,
    Evidence,
    Lead,
    Member,
    Question,
    Ruling,
    Source,
    Tag,
    Verdict,
    VerdictEvidence,
)
from claims.queries import (
    attached,
    discussion,
    evidence,
    history,
    ledger,
    members,
    neighbours,
    related,
    rulings,
    scales,
    standing,
    verdicts,
)
from claims.queries.discussion import RECENT_COMMENTS, AskedQuestion, GivenLead
from claims.queries.evidence import ClaimEvidence, Provenance
from claims.queries.filters import Filters
from claims.queries.history import History
from claims.queries.neighbours import Neighbours
from claims.queries.paging import Page
from claims.queries.related import Related
from claims.queries.rulings import ClaimRulings
from claims.queries.verdicts import ClaimVerdicts
from claims.rules.scales import RatingDefinition
from claims.rules.workflow import Policy

# So much of the history stands on the page at first.
RECENT_EVENTS = 8


@dataclass(frozen=True)
class ClaimPage:
    """Everything that one viewer may see of a claim."""

    claim: Claim
    rating: RatingDefinition | None
    assignee: str | None
    created_by: str | None
    withdrawn_by: str | None
    appearances: Sequence[Appearance]
    tags: Sequence[str]
    evidence: ClaimEvidence
    verdicts: ClaimVerdicts
    rulings: ClaimRulings
    questions: Sequence[AskedQuestion]
    leads: Sequence[GivenLead]
    related: Sequence[Related]
    comments: Page[Comment]
    history: History
    # All that is told of the evidence, and of what happened: by it, what is drawn of them is
    # known again.
    evidence_said: Hashable
    history_said: Hashable
    # A tuple, by which what is drawn of it can be known again.
    ratings: tuple[RatingDefinition, ...]
    policy: Policy
    # The id and name of each, a tuple like the ratings.
    reviewers: tuple[tuple[int, str], ...]
    filters: Filters
    neighbours: Neighbours

    @property
    def merged_into(self) -> Claim | None:
        """The claim that this one was merged into."""
        merged = (r.claim for r in self.related if r.claim.id == self.claim.merged_into_id)
        return next(merged, None)


def page(
    session: Session,
    claim_id: int,
    *,
    viewer: Member,
    filters: Filters | None = None,
    comments_before: str | None = None,
) -> ClaimPage | None:
    """Read a claim and all that hangs on it; what the viewer may not see is left out.

    `filters` are those of the list that the viewer came from; without them the
    claims beside this one are those of its article.
    """
    policy = standing.desk(session).policy
    found = _with_all_it_says(session, claim_id, viewer=viewer, policy=policy)
    if found is None:
        return None
    claim = found.claim
    filters = filters or Filters(article=claim.article_id)
    names = members.names(session)
    weighed = evidence.weighed(found.evidence)
    questions = discussion.answered(found.questions, weighed, names)
    leads = [
        GivenLead(lead, names.get(lead.created_by_id), names.get(lead.withdrawn_by_id))
        for lead in found.leads
    ]
    ratings = scales.every(session)
    told = history.told(
        session,
        found.events,
        known=_named_on_page(claim, weighed, questions, leads, found.related),
    )
    return ClaimPage(
        claim=claim,
        rating=ratings.get(claim.rating_id or 0),
        assignee=names.get(claim.assignee_id),
        created_by=names.get(claim.created_by_id),
        withdrawn_by=names.get(claim.withdrawn_by_id),
        appearances=found.appearances,
        tags=found.tags,
        evidence=weighed,
        verdicts=verdicts.seen(found.verdicts, found.rests_on, claim, viewer=viewer, policy=policy),
        rulings=rulings.of(found.rulings),
        questions=questions,
        leads=leads,
        related=found.related,
        comments=discussion.comments(session, claim, before=comments_before)
        if comments_before
        else discussion.latest(found.comments),
        history=told,
        evidence_said=(
            found.evidence_said,
            *(
                (names.get(p.created_by_id), names.get(p.withdrawn_by_id))
                for p, _ in found.evidence
            ),
        ),
        history_said=(
            found.events_said,
            *(tuple(told.changes[event.seq]) for event in found.events.rows),
            *(names.get(event.after.get("assignee_id")) for event in found.events.rows),
        ),
        ratings=tuple(ratings[rating.id] for rating in scales.current(session)),
        policy=policy,
        reviewers=members.assignable(session),
        filters=filters,
        neighbours=neighbours.beside(session, filters, claim, viewer),
    )


@dataclass(frozen=True)
class _Found:
    """A claim with everything that hangs on it."""

    claim: Claim
    appearances: Sequence[Appearance]
    tags: Sequence[str]
    evidence: Sequence[tuple[Evidence, Provenance]]
    # Newest first, as are the verdicts.
    rulings: Sequence[Ruling]
    verdicts: Sequence[Verdict]
    # A verdict's id and that of evidence behind it.
    rests_on: Sequence[tuple[int, int]]
    questions: Sequence[Question]
    leads: Sequence[Lead]
    related: Sequence[Related]
    # The latest ones, newest first.
    comments: Sequence[Comment]
    events: Page[Event]
    # As the database says it.
    evidence_said: str
    events_said: str


def _with_all_it_says(
    session: Session, claim_id: int, *, viewer: Member, policy: Policy
) -> _Found | None:
    """Read a claim and all that hangs on it in one statement."""
    row = session.execute(
        _claim_with_all_it_says(policy.blind), {"claim_id": claim_id, "viewer_id": viewer.id}
    ).first()
    if row is None:
        return None
    claim, people, ratings = row.Claim, members.known(session), scales.known(session)
    rulings = attached.newest(Ruling, row.rulings)
    verdicts = attached.newest(Verdict, row.verdicts)
    comments = attached.newest(Comment, row.comments)
    for ruling in rulings:
        by = people[ruling.ruled_by_id]
        attached.put(ruling, rating=ratings[ruling.rating_id], ruled_by=by)
    for verdict in verdicts:
        by = people[verdict.member_id]
        attached.put(verdict, rating=ratings[verdict.rating_id], member=by)
    for comment in comments:
        _signed(comment, people, member=comment.member_id)
    return _Found(
        claim,
        appearances=sorted(attached.records(Appearance, row.appearances), key=_reading_order),
        tags=attached.texts(row.tags),
        evidence=[
            (
                _signed(attached.put(piece, source=source), people, created_by=piece.created_by_id),
                Provenance.read(kept),
            )
            for piece, source, *kept in attached.together(row.evidence, Evidence, Source)
        ],
        rulings=rulings,
        verdicts=verdicts,
        rests_on=attached.rows(row.rests_on),
        questions=attached.records(Question, row.questions),
        leads=attached.records(Lead, row.leads),
        related=related.read(claim, row.related, members.names(session), scales.every(session)),
        comments=comments,
        events=ledger.ORDER.cut(attached.newest(Event, row.events), RECENT_EVENTS),
        evidence_said=row.evidence,
        events_said=row.events,
    )


def _signed(record: Any, people: Mapping[int, Member], **by: int) -> Any:
    """Say who made a record, and who withdrew it."""
    members = {name: people[member_id] for name, member_id in by.items()}
    return attached.put(record, withdrawn_by=people.get(record.withdrawn_by_id), **members)


@cache
def _claim_with_all_it_says(blind: bool) -> Any:
    # Put together once: for so short an answer that would take longer than asking for it.
    claim_id, viewer_id = (
        sa.bindparam(name, type_=sa.Integer) for name in ("claim_id", "viewer_id")
    )

    def of_claim(kind: Any) -> Any:
        return sa.select(*attached.columns(kind)).where(col(kind.claim_id) == claim_id)

    hidden = ledger.sealed_to(viewer_id) if blind else sa.false()
    lists = {
        "appearances": of_claim(Appearance),
        "tags": sa.select(col(Tag.name)).join(ClaimTag).where(col(ClaimTag.claim_id) == claim_id),
        "evidence": evidence.provenance(
            of_claim(Evidence)
            .add_columns(*attached.columns(Source))
            .join(Source, col(Evidence.source_id) == Source.id)
        ),
        "rulings": of_claim(Ruling),
        "verdicts": of_claim(Verdict),
        "rests_on": sa.select(col(VerdictEvidence.verdict_id), col(VerdictEvidence.evidence_id))
        .join(Verdict, col(Verdict.id) == VerdictEvidence.verdict_id)
        .where(col(Verdict.claim_id) == claim_id),
        "questions": of_claim(Question),
        "leads": of_claim(Lead),
        "comments": of_claim(Comment).order_by(col(Comment.id).desc()).limit(RECENT_COMMENTS + 1),
        "events": of_claim(Event)
        .where(sa.not_(hidden))
        .order_by(col(Event.seq).desc())
        .limit(RECENT_EVENTS + 1),
        "related": related.bearing_on(claim_id),
    }
    return (
        sa.select(Claim, *(attached.listed(query).label(name) for name, query in lists.items()))
        .where(col(Claim.id) == claim_id)
        .options(
            joinedload(Claim.article).defer(Article.outline),  # type: ignore[arg-type]
            joinedload(Claim.speaker),  # type: ignore[arg-type]
        )
    )


def _reading_order(appearance: Appearance) -> tuple[Any, ...]:
    place = (appearance.paragraph, appearance.start)
    return *((offset is None, offset or 0) for offset in place), appearance.id


def _named_on_page(
    claim: Claim,
    weighed: ClaimEvidence,
    questions: Sequence[AskedQuestion],
    leads: Sequence[GivenLead],
    related: Sequence[Related],
) -> dict[tuple[str, int], str]:
    """The names of what the page shows anyway, so that its events need not ask for them."""
    pieces = (*weighed.standing, *weighed.withdrawn)
    known = {("evidence", piece.id): piece.source.title for piece in pieces}
    known |= {("source", piece.source_id): piece.source.title for piece in pieces}
    known |= {("question", asked.question.id): asked.question.text for asked in questions}
    known |= {("lead", given.lead.id): given.lead.text for given in leads}
    near = (claim, *(other.claim for other in related))
    known |= {("claim", one.id): f"{one.number} {one.statement}" for one in near}
    if claim.speaker:
        known["speaker", claim.speaker.id] = claim.speaker.name
    return known
