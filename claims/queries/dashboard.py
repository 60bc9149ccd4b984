"""The desk page: what waits for a member, how far each article is, what happened lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only
from sqlmodel import Session, col, select

from claims.models import Article, Claim, Event, Job, Member, Rating
from claims.queries import jobs, ledger, lists, remembered, subjects
from claims.queries.filters import Sort
from claims.rules.roles import Action
from claims.rules.vocabulary import State
from claims.rules.workflow import Policy

_ROWS = 5
_ARTICLES = 6
_EVENTS = 60
_LINES = 12

# What nobody has in hand yet; it waits for whoever takes it.
FREE = "free"

SETTLED = (State.RULED, State.PUBLISHED)


@dataclass(frozen=True)
class Waits:
    """Claims that wait for one reason: how many, and the first of them."""

    reason: str
    count: int
    claims: Sequence[Claim]


@dataclass(frozen=True)
class Progress:
    """How far an article is: its claims by ruling, in the order of the scale, and in all."""

    article: Article
    counts: Sequence[tuple[Rating, int]]
    total: int


@dataclass(frozen=True)
class Happened:
    """One event, or the first of several of one kind in a row."""

    event: Event
    times: int


@dataclass(frozen=True)
class DeskPage:
    """Everything that the desk page shows to one member.

    `failed` are the last captures that they asked for in vain, of `failed_count` sources.
    """

    states: Mapping[State, int]
    waiting: Sequence[Waits]
    free: Waits
    progress: Sequence[Progress]
    more_articles: bool
    happened: Sequence[Happened]
    names: Mapping[tuple[str, int], str]
    failed: Sequence[Job]
    failed_count: int

    @property
    def total(self) -> int:
        """How many claims the desk has."""
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        """How many of them have a ruling that stands."""
        return sum(self.states[state] for state in SETTLED)

    @property
    def waits(self) -> int:
        """How many claims wait for the member."""
        return sum(waits.count for waits in self.waiting)


def page(session: Session, *, viewer: Member, policy: Policy) -> DeskPage:
    """Read the desk page in a fixed number of statements, however much the desk holds."""
    reasons = _reasons(viewer)
    states, counts = remembered.read(
        session, ("waiting", viewer.id), lambda: _counted(session, reasons)
    )
    first = _first(session, {reason: reasons[reason] for reason in reasons if counts[reason]})
    waits = {reason: Waits(reason, counts[reason], first.get(reason, [])) for reason in reasons}
    free = waits.pop(FREE, Waits(FREE, 0, []))
    progress, more_articles = _progress(session)
    happened = _happened(session, viewer, policy)
    return DeskPage(
        states,
        [of for of in waits.values() if of.count],
        free,
        progress,
        more_articles,
        happened,
        subjects.names(session, [line.event for line in happened]),
        *jobs.last_failed_for(session, viewer.id, size=_ROWS),
    )


def _reasons(viewer: Member) -> dict[str, sa.ColumnElement[bool]]:
    reasons = {str(reason): condition for reason, condition in lists.waiting(viewer).items()}
    if viewer.may(Action.REVIEW):
        to_check = col(Claim.state) == State.TO_CHECK
        reasons[FREE] = sa.and_(to_check, col(Claim.assignee_id).is_(None))
    return reasons


def _counted(
    session: Session, reasons: Mapping[str, sa.ColumnElement[bool]]
) -> tuple[dict[State, int], dict[str, int]]:
    """How many claims are in each state, and how many wait for each reason."""
    columns = [sa.func.count().filter(condition) for condition in reasons.values()]
    rows = session.execute(
        sa.select(col(Claim.state), sa.func.count(), *columns)
        .where(lists.listed())
        .group_by(col(Claim.state))
    ).all()
    states = dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}
    waiting = {
        reason: sum(row[position] for row in rows) for position, reason in enumerate(reasons, 2)
    }
    return states, waiting


def _first(
    session: Session, reasons: Mapping[str, sa.ColumnElement[bool]]
) -> dict[str, list[Claim]]:
    """The first claims of each reason, in the order of their articles, in one statement."""
    if not reasons:
        return {}
    parts = []
    for reason, condition in reasons.items():
        few = (
            sa.select(sa.literal(reason).label("reason"), col(Claim.id).label("id"))
            .where(lists.listed(), condition)
            .order_by(*lists.ORDERS[Sort.ARTICLE].columns)
            .limit(_ROWS)
            .subquery()
        )
        parts.append(sa.select(few.c.reason, few.c.id))
    chosen = sa.union_all(*parts).subquery()
    rows = session.exec(
        select(chosen.c.reason, Claim)
        .join(chosen, chosen.c.id == Claim.id)
        .options(*_beside())
        .order_by(*lists.ORDERS[Sort.ARTICLE].columns)
    ).all()
    found: dict[str, list[Claim]] = {}
    for reason, claim in rows:
        found.setdefault(reason, []).append(claim)
    return found


def _beside() -> tuple[Any, ...]:
    """Load with a claim what a row of a list shows of its article, speaker and assignee."""
    article: Any = joinedload(Claim.article)  # type: ignore[arg-type]
    speaker: Any = joinedload(Claim.speaker)  # type: ignore[arg-type]
    assignee: Any = joinedload(Claim.assignee)  # type: ignore[arg-type]
    rating: Any = joinedload(Claim.rating)  # type: ignore[arg-type]
    return article.load_only(Article.title), speaker, assignee.load_only(Member.name), rating


def _progress(session: Session) -> tuple[list[Progress], bool]:
    """The newest articles with their claims by ruling, and whether there are more."""
    newest = (
        select(Article.id)
        .where(col(Article.withdrawn_at).is_(None))
        .order_by(col(Article.id).desc())
        .limit(_ARTICLES + 1)
        .subquery()
    )
    rows = session.exec(
        select(Article, Rating, sa.func.count(col(Claim.id)))
        .join(newest, newest.c.id == Article.id)
        .outerjoin(Claim, sa.and_(col(Claim.article_id) == Article.id, lists.listed()))
        .outerjoin(Rating, col(Rating.id) == Claim.rating_id)
        .options(load_only(Article.title))  # type: ignore[arg-type]
        .group_by(col(Article.id), col(Rating.id))
        .order_by(col(Article.id).desc(), col(Rating.position), col(Rating.id))
    ).all()
    progress = []
    for article, group in groupby(rows, key=lambda row: row[0]):
        counts: dict[str, tuple[Rating, int]] = {}
        total = 0
        rating: Rating | None
        for _article, rating, number in group:
            total += number
            if rating is not None:
                # The same rating of two versions of the scale is one to a reader.
                counts[rating.key] = (rating, counts.get(rating.key, (rating, 0))[1] + number)
        progress.append(Progress(article, list(counts.values()), total))
    return progress[:_ARTICLES], len(progress) > _ARTICLES


def _happened(session: Session, viewer: Member, policy: Policy) -> list[Happened]:
    """What happened lately, a run of like events in one line."""
    events = ledger.recent(session, viewer=viewer, policy=policy, size=_EVENTS).rows
    lines = []
    for _kind, group in groupby(events, key=_like):
        run = list(group)
        # A few of a kind are told one by one: each has a claim that one may want to open.
        lines += [Happened(run[0], len(run))] if len(run) > 3 else [Happened(e, 1) for e in run]
    return lines[:_LINES]


def _like(event: Event) -> tuple[object, ...]:
    to = event.after.get("assignee_id") if event.action == "claim assigned" else None
    return event.member_id, event.actor, event.action, to
