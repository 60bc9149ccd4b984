"""One claim, and all that its page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimLink,
    ClaimTag,
    Comment,
    Event,
    Evidence,
    Lead,
    Member,
    Question,
    Ruling,
    Source,
    Speaker,
    Tag,
    Verdict,
    VerdictEvidence,
)
from claims.queries import (
    attached,
    evidence,
    ledger,
    lists,
    members,
    neighbours,
    remembered,
    rulings,
    scales,
    standing,
    verdicts,
)
from claims.queries.evidence import ClaimEvidence, Provenance
from claims.queries.filters import Filters
from claims.queries.neighbours import Neighbours
from claims.queries.paging import Order, Page
from claims.queries.rulings import ClaimRulings
from claims.queries.verdicts import ClaimVerdicts
from claims.rules.changes import Changed
from claims.rules.scales import RatingDefinition
from claims.rules.workflow import Policy

# How much of the history and of the discussion stands on the page at first.
RECENT_EVENTS = 8
RECENT_COMMENTS = 30

# The id and the name of what an event can mention, besides members and ratings; evidence goes
# by its source.
_NAMED: dict[str, tuple[Any, Any]] = {
    "speaker": (col(Speaker.id), col(Speaker.name)),
    "source": (col(Source.id), col(Source.title)),
    "evidence": (col(Evidence.id), col(Source.title)),
    "question": (col(Question.id), col(Question.text)),
    "lead": (col(Lead.id), col(Lead.text)),
    "claim": (
        col(Claim.id),
        sa.cast(col(Claim.number), sa.String).concat(" ").concat(col(Claim.statement)),
    ),
}

# Newest first; the page turns them round.
_COMMENTS = Order((col(Comment.id),), descending=True)
_WITH_NAMES = (joinedload(Comment.member), joinedload(Comment.withdrawn_by))  # type: ignore[arg-type]


@dataclass(frozen=True)
class AskedQuestion:
    """A question with the names of who asked, answered and withdrew it, and what answers it."""

    question: Question
    asked_by: str | None
    answered_by: str | None
    withdrawn_by: str | None
    evidence: Evidence | None
    source: Source | None


@dataclass(frozen=True)
class GivenLead:
    """A lead, who gave it, nobody when it came with the article; and who withdrew it."""

    lead: Lead
    by: str | None
    withdrawn_by: str | None


@dataclass(frozen=True)
class Related:
    """A claim that bears on another: linked by a member, or from the same claim once."""

    claim: Claim
    article: str
    rating: RatingDefinition | None
    link: ClaimLink | None
    unlinked_by: str | None
    origin: str

    @property
    def stands(self) -> bool:
        """Whether it still bears on the other, as far as anybody says."""
        return bool(self.origin) or (self.link is not None and self.link.withdrawn_at is None)


@dataclass(frozen=True)
class History:
    """Events as far as the viewer may see them, and what each of them changed."""

    events: Page[Event]
    changes: Mapping[int, list[Changed]]
    # Of members and ratings: what else an event names is this claim, or stands in its changes.
    names: Mapping[tuple[str, int], str]


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
    questions = _questions(found.questions, weighed, names)
    leads = [
        GivenLead(lead, names.get(lead.created_by_id), names.get(lead.withdrawn_by_id))
        for lead in found.leads
    ]
    ratings = scales.every(session)
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
        comments=comments(session, claim, before=comments_before)
        if comments_before
        else _latest(found.comments),
        history=_told(
            session,
            found.events,
            known=_named_on_page(claim, weighed, questions, leads, found.related),
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
        related=_related(claim, row.related, members.names(session), scales.every(session)),
        comments=comments,
        events=ledger.ORDER.cut(attached.newest(Event, row.events), RECENT_EVENTS),
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
        "related": _bearing_on(claim_id),
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


def one(session: Session, claim_id: int) -> Claim | None:
    """A claim with its article and speaker, for what is done to it."""
    return session.exec(_one(), params={"claim_id": claim_id}).first()


@cache
def _one() -> SelectOfScalar[Claim]:
    return (
        select(Claim)
        .where(Claim.id == sa.bindparam("claim_id"))
        .options(
            joinedload(Claim.article),  # type: ignore[arg-type]
            joinedload(Claim.speaker),  # type: ignore[arg-type]
        )
    )


def speaker(session: Session, name: str, role: str) -> Speaker | None:
    """The speaker of exactly this name and role."""
    return session.exec(select(Speaker).where(Speaker.name == name, Speaker.role == role)).first()


def speakers(session: Session, article_id: int) -> Sequence[Speaker]:
    """Everybody credited with a claim of an article, by name."""
    credited = select(Claim.speaker_id).where(Claim.article_id == article_id)
    return session.exec(
        select(Speaker)
        .where(col(Speaker.id).in_(credited))
        .order_by(col(Speaker.name), col(Speaker.id))
    ).all()


def tag(session: Session, name: str) -> Tag | None:
    """The tag of this name."""
    return session.exec(select(Tag).where(Tag.name == name)).first()


def tags(session: Session, claim: Claim) -> list[str]:
    """The tags on a claim, in the order of the alphabet."""
    names = session.exec(
        select(Tag.name)
        .join(ClaimTag, col(ClaimTag.tag_id) == Tag.id)
        .where(ClaimTag.claim_id == claim.id)
    ).all()
    # Sorted here: each database has an alphabet of its own.
    return sorted(names)


def appearances(session: Session, claim: Claim) -> Sequence[Appearance]:
    """Where a claim is made, in reading order."""
    return session.exec(
        select(Appearance)
        .where(Appearance.claim_id == claim.id)
        .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
    ).all()


def link(session: Session, claim: Claim, other: Claim) -> ClaimLink | None:
    """The link between two claims."""
    first, second = sorted((claim.id, other.id))
    return session.exec(
        select(ClaimLink).where(ClaimLink.claim_id == first, ClaimLink.other_id == second)
    ).first()


def links(session: Session, claim: Claim) -> Sequence[ClaimLink]:
    """Every link of a claim to others."""
    return session.exec(select(ClaimLink).where(_of(claim)).order_by(col(ClaimLink.id))).all()


def link_of(session: Session, claim: Claim, link_id: int) -> ClaimLink | None:
    """One link of a claim by its id."""
    return session.exec(select(ClaimLink).where(ClaimLink.id == link_id, _of(claim))).first()


def question(session: Session, claim_id: int, question_id: int) -> Question | None:
    """One question about a claim."""
    return session.exec(
        select(Question).where(Question.id == question_id, Question.claim_id == claim_id)
    ).first()


def lead(session: Session, claim_id: int, lead_id: int) -> Lead | None:
    """One lead on a claim."""
    return session.exec(select(Lead).where(Lead.id == lead_id, Lead.claim_id == claim_id)).first()


def comment(session: Session, claim_id: int, comment_id: int) -> Comment | None:
    """One comment on a claim, with who wrote it."""
    return session.exec(
        select(Comment)
        .where(Comment.id == comment_id, Comment.claim_id == claim_id)
        .options(*_WITH_NAMES)
    ).first()


def comments(session: Session, claim: Claim, *, before: str) -> Page[Comment]:
    """The comments on a claim before the latest ones, as `_latest` gives those."""
    query = select(Comment).where(Comment.claim_id == claim.id).options(*_WITH_NAMES)
    return _latest(session.exec(_COMMENTS.apply(query, before).limit(RECENT_COMMENTS + 1)).all())


def _latest(newest: Sequence[Comment]) -> Page[Comment]:
    """Comments, of which the newest come first, oldest first; `next` leads to those before."""
    page = _COMMENTS.cut(newest, RECENT_COMMENTS)
    return Page(list(reversed(page.rows)), page.next)


def history(
    session: Session, claim: Claim, *, viewer: Member, policy: Policy, after: str | None = None
) -> History:
    """What happened to a claim, newest first, with names in place of ids."""
    events = ledger.recent(session, viewer=viewer, policy=policy, claim_id=claim.id, after=after)
    return _told(session, events, known={})


def _told(
    session: Session, events: Page[Event], *, known: Mapping[tuple[str, int], str]
) -> History:
    """Tell what events changed; names that are `known` already are not asked for."""
    named = _names(session, events.rows, known)
    changes = {
        e.seq: rules.changes.changed(e.before, e.after, named, (e.subject, e.subject_id or 0))
        for e in events.rows
    }
    return History(events, changes, _everywhere(session))


def _names(
    session: Session, events: Sequence[Event], known: Mapping[tuple[str, int], str]
) -> dict[tuple[str, int], str]:
    """The names of what events mention by id, in one statement if any is not known."""
    named = {**known, **_everywhere(session)}
    wanted = rules.changes.references(held for e in events for held in (e.before, e.after))
    for event in events:
        if event.subject in rules.changes.NAMED and event.subject_id:
            wanted.setdefault(event.subject, set()).add(event.subject_id)
    parts = []
    for subject, mentioned in wanted.items():
        ids = sorted(one for one in mentioned if (subject, one) not in named)
        if not ids or subject not in _NAMED:
            continue
        key, name = _NAMED[subject]
        query = sa.select(sa.literal(subject), key, name).where(key.in_(ids))
        if subject == "evidence":
            query = query.where(col(Evidence.source_id) == Source.id)
        parts.append(query)
    if parts:
        found = session.execute(sa.union_all(*parts))
        named |= {(subject, key): name for subject, key, name in found}
    return named


def _everywhere(session: Session) -> Mapping[tuple[str, int], str]:
    """The names of members and ratings, which events of every claim mention."""

    def fresh() -> dict[tuple[str, int], str]:
        ratings = {("rating", id_): one.name for id_, one in scales.every(session).items()}
        people = {("member", id_): name for id_, name in members.names(session).items() if id_}
        return ratings | people

    return remembered.read(session, "named everywhere", fresh, of=remembered.SETTINGS)


def candidates(
    session: Session, claim: Claim, q: str, *, viewer: Member, same_article: bool, size: int = 12
) -> Sequence[Claim]:
    """Claims that another may be linked to or merged into, found by a number or by words.

    A number is that of a claim in the same article. Without either, the claims
    that are made around the same place.
    """
    q = q.strip()
    filters = Filters(q="" if q.isdecimal() else q)
    query = lists.matching(filters, viewer).where(Claim.id != claim.id)
    if same_article or q.isdecimal() or not q:
        query = query.where(Claim.article_id == claim.article_id)
    if q.isdecimal():
        query = query.where(Claim.number == min(int(q), 2**31 - 1))
    near = sa.func.abs(col(Claim.number) - claim.number)
    found = session.execute(
        query.options(*_named())
        .order_by(col(Claim.article_id) != claim.article_id, near, col(Claim.id))
        .limit(size)
    )
    return found.scalars().all()


def _named() -> tuple[Any, Any]:
    """What a claim is shown with where another one's page names it."""
    return joinedload(Claim.article), joinedload(Claim.rating)  # type: ignore[arg-type]


def _of(claim: Claim) -> Any:
    return sa.or_(col(ClaimLink.claim_id) == claim.id, col(ClaimLink.other_id) == claim.id)


def _questions(
    asked: Sequence[Question], weighed: ClaimEvidence, known: Mapping[int | None, str]
) -> list[AskedQuestion]:
    pieces = {piece.id: piece for piece in (*weighed.standing, *weighed.withdrawn)}
    found = []
    for question in asked:
        answer = pieces.get(question.evidence_id or 0)
        found.append(
            AskedQuestion(
                question,
                known.get(question.asked_by_id),
                known.get(question.answered_by_id),
                known.get(question.withdrawn_by_id),
                answer,
                answer.source if answer else None,
            )
        )
    return found


def _related(
    claim: Claim,
    column: Any,
    names: Mapping[int | None, str],
    ratings: Mapping[int, RatingDefinition],
) -> list[Related]:
    """The claims that were linked to one, split from it or merged with it."""
    found = [
        Related(
            other,
            article,
            ratings.get(other.rating_id),
            link,
            names.get(link.withdrawn_by_id) if link else None,
            _origin(claim, other),
        )
        for other, link, article in attached.together(column, Claim, ClaimLink)
    ]
    return sorted(found, key=lambda one: (one.claim.article_id, one.claim.number))


def _bearing_on(claim_id: Any) -> Any:
    came_from = aliased(Claim)
    ends = (
        sa.select(col(ClaimLink.other_id)).where(col(ClaimLink.claim_id) == claim_id),
        sa.select(col(ClaimLink.claim_id)).where(col(ClaimLink.other_id) == claim_id),
        sa.select(col(Claim.id)).where(col(Claim.split_from_id) == claim_id),
        sa.select(col(Claim.id)).where(col(Claim.merged_into_id) == claim_id),
        sa.select(col(came_from.split_from_id)).where(col(came_from.id) == claim_id),
        sa.select(col(came_from.merged_into_id)).where(col(came_from.id) == claim_id),
    )
    near = sa.union_all(*ends).subquery()
    return (
        sa.select(*attached.columns(Claim, ClaimLink), col(Article.title))
        .join(Article, col(Article.id) == Claim.article_id)
        .outerjoin(
            ClaimLink,
            sa.or_(
                sa.and_(col(ClaimLink.claim_id) == claim_id, col(ClaimLink.other_id) == Claim.id),
                sa.and_(col(ClaimLink.other_id) == claim_id, col(ClaimLink.claim_id) == Claim.id),
            ),
        )
        .where(col(Claim.id).in_(sa.select(near)))
    )


def _origin(claim: Claim, other: Claim) -> str:
    if other.split_from_id == claim.id:
        return "split from this claim"
    if claim.split_from_id == other.id:
        return "this claim was split from it"
    if other.merged_into_id == claim.id:
        return "merged into this claim"
    if claim.merged_into_id == other.id:
        return "this claim was merged into it"
    return ""


def open_with(session: Session, member: Member) -> Sequence[Claim]:
    """The claims that a member has in hand and that are not settled."""
    return session.exec(
        select(Claim)
        .where(
            Claim.assignee_id == member.id,
            col(Claim.rating_id).is_(None),
            col(Claim.withdrawn_at).is_(None),
        )
        .order_by(col(Claim.id))
    ).all()
