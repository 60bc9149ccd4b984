"""Verdict reports: what one says of a selection of claims, and those that are frozen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Claim,
    Evidence,
    Member,
    Rating,
    Report,
    Ruling,
    Snapshot,
    Source,
    Speaker,
    Verdict,
)
from claims.queries import ledger, paging, queue, scales, standing
from claims.queries.filters import NOBODY, NONE, Filters
from claims.rules import reports
from claims.rules.reports import VerdictReport
from claims.rules.vocabulary import Correction
from claims.rules.workflow import Policy

# Newest first.
ORDER = paging.Order((col(Report.number),), descending=True)


def build(
    session: Session,
    filters: Filters,
    *,
    made_at: datetime,
    made_by: str,
    viewer: Member | None = None,
    unpublished: bool = False,
    title: str | None = None,
    number: int | None = None,
) -> VerdictReport:
    """Report on the claims that filters let through; rulings not published yet only if asked for.

    It takes the same number of statements however many claims there are.
    Filters that ask about a member ("mine") need a viewer.
    """
    desk = standing.desk(session)
    chosen = queue.matching(filters, cast(Member, viewer))
    ids = chosen.with_only_columns(col(Claim.id))
    articles = _articles(session, chosen)
    rows = _claims(session, filters, chosen)
    quotations = _quotations(session, ids)
    history = _history(session, ids)
    verdicts = _verdicts(session, ids, desk.policy)
    evidence = _evidence(session, ids)
    findings = []
    left_out = []
    for claim, speaker, ruling, rating in rows:
        earlier = history.get(claim.id, [])
        if not _reported(ruling, unpublished=unpublished):
            left_out.append(_left_out(claim, earlier))
            continue
        findings.append(
            reports.Finding(
                claim_id=claim.id,
                article_id=claim.article_id,
                number=claim.number,
                statement=claim.statement,
                kind=claim.kind,
                speaker=_speaker(speaker),
                quotations=tuple(quotations.get(claim.id, ())),
                rating=_rating(rating),
                rationale=ruling.rationale,
                ruled_by=next(r.ruled_by.name for r in earlier if r.id == ruling.id),
                ruled_at=ruling.created_at,
                published_at=_first_published(ruling, earlier),
                reopened_at=ruling.reopened_at,
                reopening_reason=ruling.reopening_reason,
                corrections=tuple(_corrections(earlier)),
                verdicts=verdicts.get(claim.id),
                evidence=tuple(evidence.get(claim.id, ())),
            )
        )
    current = [_rating(rating) for rating in scales.current(session)]
    scale, tally = reports.counted(current, findings)
    words = in_words(session, filters, viewer)
    of_one = filters.article is not None and len(articles) == 1
    return VerdictReport(
        number=number,
        title=title or (articles[0].title if of_one else words),
        desk=reports.ReportedDesk(
            name=desk.name, public_url=desk.public_url, logo_url=desk.logo_url
        ),
        made_at=made_at,
        made_by=made_by,
        ledger_head=ledger.end(session).digest,
        selection=reports.Selection(filter=filters.to_args(), words=words),
        policy=reports.ReportedPolicy(
            verdicts_required=desk.verdicts_required,
            blind=desk.blind,
            words=reports.policy_in_words(desk.policy),
        ),
        scale=scale,
        tally=tally,
        articles=tuple(articles),
        findings=tuple(findings),
        left_out=tuple(left_out),
        withdrawn=_withdrawn(session, filters),
    )


def frozen(session: Session, number: int) -> Report | None:
    """A frozen report by its number, with who froze it."""
    return session.exec(
        select(Report).where(Report.number == number).options(joinedload(Report.frozen_by))  # type: ignore[arg-type]
    ).first()


def every(session: Session, *, after: str | None = None) -> paging.Page[Report]:
    """The frozen reports, newest first, without their contents."""
    query = select(Report).options(
        joinedload(Report.frozen_by),  # type: ignore[arg-type]
        sa.orm.defer(Report.content, raiseload=True),  # type: ignore[arg-type]
    )
    return paging.page(session, query, ORDER, after=after)


def next_number(session: Session) -> int:
    """The number of the next report to be frozen."""
    return (session.exec(select(sa.func.max(Report.number))).one() or 0) + 1


@dataclass(frozen=True)
class Choice:
    """An article that a report can be made of: how many claims it has, and rulings to report."""

    article: Article
    claims: int
    published: int


def choices(session: Session) -> Sequence[Choice]:
    """The articles that have claims, those with most to report first."""
    published = sa.func.count(col(Ruling.id)).filter(col(Ruling.published_at).is_not(None))
    claims = sa.func.count(col(Claim.id))
    rows = session.execute(
        sa.select(Article, claims, published)
        .join(Claim, col(Claim.article_id) == col(Article.id))
        .outerjoin(Ruling, sa.and_(col(Ruling.claim_id) == col(Claim.id), col(Ruling.standing)))
        .where(queue.listed())
        .group_by(col(Article.id))
        .order_by(published.desc(), claims.desc(), col(Article.id))
        .limit(100)
    ).all()
    return [Choice(*row) for row in rows]


def changes_since(session: Session, report: VerdictReport) -> dict[str, int]:
    """How many of a report's claims were corrected, reopened or withdrawn after it was made."""
    since = report.made_at
    corrected = (
        select(Ruling.claim_id, Ruling.correction)
        .where(col(Ruling.correction).is_not(None), Ruling.created_at > since)
        .order_by(col(Ruling.id))
    )
    reopened = select(Ruling.claim_id).where(col(Ruling.standing), col(Ruling.reopened_at) > since)
    withdrawn = select(Claim.id).where(col(Claim.withdrawn_at) > since)
    reported = {finding.claim_id for finding in report.findings}
    latest = dict(session.exec(corrected).all())
    taken_back = {claim for claim, kind in latest.items() if kind is Correction.VOID}
    return {
        "corrected": len(reported & (latest.keys() - taken_back)),
        "taken back": len(reported & taken_back),
        "reopened": len(reported & set(session.exec(reopened).all())),
        "withdrawn": len(reported & set(session.exec(withdrawn).all())),
    }


# ---- what a report is made of -----------------------------------------------------------------


def _claims(session: Session, filters: Filters, chosen: Any) -> Sequence[Any]:
    """Each chosen claim with its speaker and the ruling in force, in the order asked for."""
    query = (
        queue.order(filters)
        .apply(chosen, None)
        .add_columns(Speaker, Ruling, Rating)
        .outerjoin(Speaker, col(Speaker.id) == col(Claim.speaker_id))
        .outerjoin(Ruling, sa.and_(col(Ruling.claim_id) == col(Claim.id), col(Ruling.standing)))
        .outerjoin(Rating, col(Rating.id) == col(Ruling.rating_id))
    )
    return session.execute(query).all()


def _reported(ruling: Ruling | None, *, unpublished: bool) -> bool:
    if ruling is None:
        return False
    return ruling.published_at is not None or (unpublished and ruling.reopened_at is None)


def _articles(session: Session, chosen: Any) -> list[reports.ReportedArticle]:
    in_force = sa.and_(
        col(Snapshot.article_id) == col(Article.id),
        col(Snapshot.number) == col(Article.snapshot_number),
    )
    rows = session.execute(
        sa.select(Article, col(Snapshot.sha256))
        .outerjoin(Snapshot, in_force)
        .where(col(Article.id).in_(chosen.with_only_columns(col(Claim.article_id))))
        .order_by(col(Article.id))
    ).all()
    return [
        reports.ReportedArticle(
            id=article.id,
            title=article.title,
            url=article.url,
            publisher=article.publisher,
            author=article.author,
            published_on=article.published_on,
            language=article.language,
            text_sha256=sha256,
        )
        for article, sha256 in rows
    ]


def _quotations(session: Session, ids: Any) -> dict[int, list[reports.ReportedQuotation]]:
    rows = session.execute(
        sa.select(
            col(Appearance.claim_id),
            col(Appearance.quotation),
            col(Appearance.paragraph),
            col(Appearance.placement),
        )
        .where(col(Appearance.claim_id).in_(ids))
        .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
    ).all()
    found = defaultdict(list)
    for claim_id, text, paragraph, placement in rows:
        found[claim_id].append(
            reports.ReportedQuotation(text=text, paragraph=paragraph, placement=placement)
        )
    return found


def _history(session: Session, ids: Any) -> dict[int, list[Ruling]]:
    """Every ruling that the claims ever had, oldest first."""
    rulings = session.exec(
        select(Ruling)
        .where(col(Ruling.claim_id).in_(ids))
        .options(joinedload(Ruling.rating), joinedload(Ruling.ruled_by))  # type: ignore[arg-type]
        .order_by(col(Ruling.claim_id), col(Ruling.id))
    ).all()
    return {claim: list(of) for claim, of in groupby(rulings, key=attrgetter("claim_id"))}


def _first_published(ruling: Ruling, history: Iterable[Ruling]) -> datetime | None:
    """When the ruling, or the one that it corrects, was first published."""
    by_id = {earlier.id: earlier for earlier in history}
    first = ruling.published_at
    before = by_id.get(ruling.supersedes_id or 0)
    while before is not None and before.published_at is not None:
        first = before.published_at
        before = by_id.get(before.supersedes_id or 0)
    return first


def _corrections(history: Iterable[Ruling]) -> Iterable[reports.ReportedCorrection]:
    by_id = {ruling.id: ruling for ruling in history}
    for ruling in by_id.values():
        if ruling.correction is None:
            continue
        before = by_id.get(ruling.supersedes_id or 0)
        yield reports.ReportedCorrection(
            kind=ruling.correction,
            reason=ruling.correction_reason or "",
            at=ruling.created_at,
            by=ruling.ruled_by.name,
            before=_rating(before.rating) if before else None,
            after=_rating(ruling.rating),
        )


def _left_out(claim: Claim, history: Iterable[Ruling]) -> reports.LeftOut:
    taken_back = [c for c in _corrections(history) if c.kind is Correction.VOID]
    return reports.LeftOut(
        claim_id=claim.id,
        article_id=claim.article_id,
        number=claim.number,
        statement=claim.statement,
        kind=claim.kind,
        state=claim.state,
        taken_back=taken_back[-1] if taken_back else None,
    )


def _verdicts(session: Session, ids: Any, policy: Policy) -> dict[int, reports.ReportedVerdicts]:
    """The standing verdicts on the claims that have a ruling, as far as they are revealed."""
    ruled = select(Ruling.claim_id).where(col(Ruling.standing), col(Ruling.claim_id).in_(ids))
    rows = session.execute(
        sa.select(
            col(Verdict.claim_id),
            col(Member.name),
            col(Rating.name),
            col(Rating.key),
            col(Verdict.confidence),
        )
        .join(Member, col(Member.id) == col(Verdict.member_id))
        .join(Rating, col(Rating.id) == col(Verdict.rating_id))
        .where(col(Verdict.standing), col(Verdict.claim_id).in_(ruled))
        .order_by(col(Verdict.claim_id), col(Verdict.id))
    ).all()
    found = {}
    for claim_id, of in groupby(rows, key=lambda row: row[0]):
        given = list(of)
        if rules.visibility.verdicts_revealed(policy, verdicts=len(given), ruled=True):
            found[claim_id] = reports.ReportedVerdicts(
                given=tuple(
                    reports.ReportedVerdict(reviewer=name, rating=rating, confidence=confidence)
                    for _claim, name, rating, _key, confidence in given
                ),
                agree=len({key for *_rest, key, _confidence in given}) == 1
                if len(given) > 1
                else None,
            )
    return found


def _evidence(session: Session, ids: Any) -> dict[int, list[reports.ReportedEvidence]]:
    """The evidence that stands on the claims, the best graded of each first."""
    rows = session.execute(
        sa.select(Evidence, Source)
        .join(Source, col(Source.id) == col(Evidence.source_id))
        .where(col(Evidence.claim_id).in_(ids), col(Evidence.withdrawn_at).is_(None))
        .order_by(
            col(Evidence.claim_id),
            sa.func.coalesce(col(Source.reliability), "F"),
            sa.func.coalesce(col(Evidence.credibility), 6),
            col(Evidence.id),
        )
    ).all()
    found = defaultdict(list)
    for piece, source in rows:
        found[piece.claim_id].append(
            reports.ReportedEvidence(
                stance=piece.stance,
                title=source.title,
                type=source.type,
                publisher=source.publisher,
                author=source.author,
                published_on=source.published_on,
                url=source.url,
                language=source.language,
                excerpt=piece.excerpt,
                locator=piece.locator,
                reliability=source.reliability,
                credibility=piece.credibility,
                note=piece.note,
            )
        )
    return found


def _withdrawn(session: Session, filters: Filters) -> int | None:
    """How many claims of the article were withdrawn, merged ones not counted."""
    if filters.active() != ["article"]:
        return None
    return session.exec(
        select(sa.func.count())
        .select_from(Claim)
        .where(
            Claim.article_id == filters.article,
            col(Claim.withdrawn_at).is_not(None),
            col(Claim.merged_into_id).is_(None),
        )
    ).one()


def in_words(session: Session, filters: Filters, viewer: Member | None) -> str:
    """Which claims filters let through, as a reader would say it."""
    return (
        "Claims " + ", ".join(_parts(session, filters, viewer))
        if filters.active()
        else ("Every claim at the desk")
    )


def _parts(session: Session, filters: Filters, viewer: Member | None) -> Iterable[str]:
    if filters.article is not None:
        article = session.get(Article, filters.article)
        yield f"of “{article.title}”" if article else "of an article that is not there"
    if filters.q:
        yield f"with the words “{filters.q}”"
    if filters.state:
        yield f"in the state “{filters.state}”"
    if filters.rating:
        yield _rated(session, filters.rating)
    if filters.kind:
        yield f"of the kind “{filters.kind}”"
    if filters.speaker == NOBODY:
        yield "that the article itself makes"
    elif filters.speaker:
        speaker = session.get(Speaker, filters.speaker)
        yield f"by {speaker.name}" if speaker else "by a speaker who is not there"
    if filters.assignee == NOBODY:
        yield "assigned to nobody"
    elif filters.assignee:
        member = session.get(Member, filters.assignee)
        yield f"assigned to {member.name}" if member else "assigned to a member who is not there"
    if filters.tag:
        yield f"tagged “{filters.tag}”"
    if filters.mine:
        yield f"that {viewer.name if viewer else 'a member'} works on"
    if filters.waiting:
        yield f"that wait for {viewer.name if viewer else 'a member'}"


def _rated(session: Session, key: str) -> str:
    if key == NONE:
        return "without a ruling"
    newest = select(Rating.name).where(Rating.key == key).order_by(col(Rating.id).desc())
    return f"rated “{session.exec(newest.limit(1)).first() or key}”"


def _speaker(speaker: Speaker | None) -> reports.ReportedSpeaker | None:
    if speaker is None:
        return None
    return reports.ReportedSpeaker(
        name=speaker.name, role=speaker.role, type=speaker.type, same_as=speaker.same_as
    )


def _rating(rating: Rating) -> reports.ReportedRating:
    return reports.ReportedRating(
        key=rating.key,
        name=rating.name,
        number=rating.number,
        colour=rating.colour,
        shape=rating.shape,
        definition=rating.definition,
    )
