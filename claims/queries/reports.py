"""Verdict reports: what one says of a selection of claims, and those that are frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims.models import (
    Article,
    Claim,
    Content,
    Member,
    Rating,
    Report,
    Ruling,
    Snapshot,
    Speaker,
)
from claims.queries import figures, ledger, lists, paging, scales, standing
from claims.queries.filters import NOBODY, NONE, Filters
from claims.queries.findings import Findings
from claims.queries.selections import Selected, as_reported
from claims.rules import reports, sentences
from claims.rules.reports import Finding, LeftOut, ReportedRating, VerdictReport
from claims.rules.vocabulary import Correction

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

    It takes as many statements for many claims as for one, a batch of them at a time.
    Filters that ask about a member ("mine") need a viewer.
    """
    claims = Selected(session, filters, viewer=viewer, unpublished=unpublished)
    read = Findings(claims)
    findings = tuple(read.settled())
    return _made(
        session,
        filters,
        viewer,
        claims,
        findings=findings,
        left_out=tuple(read.left_out()),
        rated=[(finding.rating, 1) for finding in findings],
        made_at=made_at,
        made_by=made_by,
        title=title,
        number=number,
    )


def opening(
    session: Session,
    filters: Filters,
    *,
    made_at: datetime,
    made_by: str,
    viewer: Member,
    unpublished: bool,
    most: int,
) -> VerdictReport:
    """The same report with only the first findings and claims left out; its figures are of all."""
    claims = Selected(session, filters, viewer=viewer, unpublished=unpublished, batch=most)
    read = Findings(claims)
    of_all, rated = figures.of(claims)
    report = _made(
        session,
        filters,
        viewer,
        claims,
        findings=tuple(islice(read.settled(), most)),
        left_out=tuple(islice(read.left_out(), most)),
        rated=rated,
        made_at=made_at,
        made_by=made_by,
    )
    return report.opening_of(of_all)


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
        .where(lists.listed())
        .group_by(col(Article.id))
        .order_by(published.desc(), claims.desc(), col(Article.id))
        .limit(100)
    ).all()
    return [Choice(*row) for row in rows]


def damaged_since(session: Session, report: VerdictReport) -> frozenset[str]:
    """The copies that a report cites and whose bytes are no longer right, by their SHA-256."""
    cited = {copy.sha256 for copy in report.copies}
    if not cited:
        return frozenset()
    damaged = session.exec(select(Content.sha256).where(col(Content.damage).is_not(None))).all()
    return frozenset(cited.intersection(damaged))


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


def _made(
    session: Session,
    filters: Filters,
    viewer: Member | None,
    claims: Selected,
    *,
    findings: tuple[Finding, ...],
    left_out: tuple[LeftOut, ...],
    rated: Iterable[tuple[ReportedRating, int]],
    made_at: datetime,
    made_by: str,
    title: str | None = None,
    number: int | None = None,
) -> VerdictReport:
    desk = standing.desk(session)
    scale, tally = reports.counted(map(as_reported, scales.current(session)), rated)
    return VerdictReport(
        number=number,
        title=title or called(session, filters, viewer),
        desk=reports.ReportedDesk(
            name=desk.name, public_url=desk.public_url, logo_url=desk.logo_url
        ),
        made_at=made_at,
        made_by=made_by,
        ledger_head=ledger.end(session).digest,
        selection=reports.Selection(
            filter=filters.to_args(), words=in_words(session, filters, viewer)
        ),
        policy=reports.ReportedPolicy(
            verdicts_required=desk.verdicts_required,
            blind=desk.blind,
            origins_required=desk.origins_required,
            words=sentences.policy_in_words(desk.policy),
        ),
        scale=scale,
        tally=tally,
        articles=tuple(_articles(session, claims.chosen)),
        findings=findings,
        left_out=left_out,
        withdrawn=_withdrawn(session, filters),
    )


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


def called(session: Session, filters: Filters, viewer: Member | None) -> str:
    """What a report on these claims is called: as the article whose claims they are, if it is one.

    Else as a reader would say which they are.
    """
    of_one = session.get(Article, filters.article) if filters.article is not None else None
    return of_one.title if of_one else in_words(session, filters, viewer)


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
