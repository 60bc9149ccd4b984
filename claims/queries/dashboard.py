"""The desk page: what waits for a member, how far each article is, what happened lately."""

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from claims import rules
from claims.models import Article, Claim, Event, Job, Member, Rating, Speaker
from claims.queries import articles, jobs, ledger, lists, remembered, scales, searching, subjects
from claims.queries.filters import Sort
from claims.rules.roles import Action
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Kind, Role, State
from claims.rules.workflow import Policy

_ROWS = 5
_ARTICLES = 6
_EVENTS = 60
_LINES = 12

# What nobody has in hand yet; it waits for whoever takes it.
FREE = "free"

SETTLED = (State.RULED, State.PUBLISHED)


@dataclass(frozen=True)
class Line:
    """A claim as the desk page shows it."""

    id: int
    number: int
    statement: str
    kind: Kind
    state: State
    article: str
    # None: the article itself says so.
    speaker: str | None


@dataclass(frozen=True)
class Waits:
    """Claims that wait for one reason: how many, and the first of them."""

    reason: str
    count: int
    claims: Sequence[Line]


@dataclass(frozen=True)
class Progress:
    """How far an article is: its claims by ruling, in the order of the scale, and in all."""

    article_id: int
    title: str
    counts: tuple[tuple[RatingDefinition, int], ...]
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
    counts = _counts(session, viewer)
    first = remembered.read(
        session, ("first that wait", viewer.id), lambda: _first(session, viewer, counts)
    )
    waits = {
        reason: Waits(reason, counts.total[reason], first.get(reason, []))
        for reason in _reasons(viewer.role)
    }
    free = waits.pop(FREE, Waits(FREE, 0, []))
    progress = remembered.read(session, "progress", lambda: _progress(session))
    happened, names = remembered.read(
        session, ("lately", viewer.id), lambda: _lately(session, viewer, policy)
    )
    return DeskPage(
        {state: counts.total[state] for state in State},
        [of for of in waits.values() if of.count],
        free,
        progress[:_ARTICLES],
        len(progress) > _ARTICLES,
        happened,
        names,
        *jobs.last_failed_for(session, viewer.id, size=_ROWS),
    )


_VIEWER: Any = sa.bindparam("viewer_id", type_=sa.Integer)


@cache
def _reasons(role: Role) -> Mapping[str, Any]:
    """Why claims wait for a member of a role, and which do."""
    reasons = {str(reason): waits for reason, waits in lists.waiting_for(role, _VIEWER).items()}
    if rules.roles.may(role, Action.REVIEW):
        to_check = col(Claim.state) == State.TO_CHECK
        reasons[FREE] = sa.and_(to_check, col(Claim.assignee_id).is_(None))
    return reasons


# ---- how many ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counts:
    """How many claims there are in each state and for each reason, in all and in each article."""

    counted: Sequence[str]
    # In this order; four bytes for each number, as every member has their own.
    of_articles: Mapping[int, Sequence[int]]

    @cached_property
    def total(self) -> Mapping[str, int]:
        """How many there are in all."""
        sums = map(sum, zip(*self.of_articles.values(), strict=True))
        return dict.fromkeys(self.counted, 0) | dict(zip(self.counted, sums, strict=False))

    def first(self, counted: str, most: int) -> Sequence[int]:
        """The articles in which the first claims of a state or for a reason are."""
        place, found, articles = self.counted.index(counted), 0, []
        for article_id in sorted(self.of_articles):
            number = self.of_articles[article_id][place]
            if number:
                articles.append(article_id)
                found += number
            if found >= most:
                break
        return articles


def _counts(session: Session, viewer: Member) -> _Counts:
    """Count once, and then only in the articles of claims to which something happens."""
    counted = (*State, *_reasons(viewer.role))

    def read(query: Any, **values: Any) -> dict[int, Sequence[int]]:
        found = session.execute(query, {"viewer_id": viewer.id} | values)
        return {article_id: array("I", numbers) for article_id, *numbers in found}

    def mend(held: _Counts, ids: Collection[int]) -> _Counts:
        again = read(_counted_again(viewer.role), ids=list(ids)) if ids else {}
        return _Counts(counted, {**held.of_articles, **again}) if again else held

    return remembered.keep_up(
        session,
        ("counts of articles", viewer.id),
        lambda: _Counts(counted, read(_counted(viewer.role))),
        mend,
    )


def _numbers(role: Role) -> list[Any]:
    conditions = [*(col(Claim.state) == state for state in State), *_reasons(role).values()]
    return [sa.func.count().filter(condition) for condition in conditions]


@cache
def _counted(role: Role) -> Any:
    article_id = col(Claim.article_id)
    return sa.select(article_id, *_numbers(role)).where(lists.listed()).group_by(article_id)


@cache
def _counted_again(role: Role) -> Any:
    """The same of the articles of claims; also of those that have no claim any more."""
    given = aliased(Claim)
    touched = (
        sa.select(col(given.article_id))
        .where(searching.among_given(col(given.id)))
        .distinct()
        .subquery()
    )
    there = sa.and_(col(Claim.article_id) == touched.c.article_id, lists.listed())
    return (
        sa.select(touched.c.article_id, *_numbers(role))
        .select_from(touched.outerjoin(Claim, there))
        .group_by(touched.c.article_id)
    )


# ---- what is shown of them --------------------------------------------------------------------


def _first(session: Session, viewer: Member, counts: _Counts) -> dict[str, list[Line]]:
    """The first claims of each reason, in the order of their articles, in one statement."""
    among = {reason: counts.first(reason, _ROWS) for reason in _reasons(viewer.role)}
    reasons = tuple(reason for reason in among if among[reason])
    if not reasons:
        return {}
    # To walk along all claims to the few that wait would take the longer the more there are.
    ids = sorted({article_id for reason in reasons for article_id in among[reason]})
    found: dict[str, list[Line]] = {}
    query, values = _first_of(viewer.role, reasons), {"viewer_id": viewer.id, "ids": ids}
    for reason, *line in session.execute(query, values):
        found.setdefault(reason, []).append(Line(*line))
    return found


@cache
def _first_of(role: Role, reasons: tuple[str, ...]) -> Any:
    place = lists.ORDERS[Sort.ARTICLE].columns
    parts = (
        sa.select(sa.literal(reason).label("reason"), col(Claim.id).label("id"))
        .where(searching.among_given(col(Claim.article_id)), lists.listed(), _reasons(role)[reason])
        .order_by(*place)
        .limit(_ROWS)
        .subquery()
        for reason in reasons
    )
    chosen = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    return (
        sa.select(
            chosen.c.reason,
            col(Claim.id),
            col(Claim.number),
            col(Claim.statement),
            col(Claim.kind),
            col(Claim.state),
            col(Article.title),
            col(Speaker.name),
        )
        .join(chosen, chosen.c.id == Claim.id)
        .join(Article, col(Article.id) == Claim.article_id)
        .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
        .order_by(*place)
    )


def _progress(session: Session) -> list[Progress]:
    """The newest articles with their claims by ruling, and one more if there is."""
    ratings = scales.every(session)
    progress = []
    for (id_, title), group in groupby(session.execute(_newest()), key=itemgetter(0, 1)):
        found = articles.summed((ratings.get(rating), number) for *_, rating, number in group)
        progress.append(Progress(id_, title, tuple(found.counts), found.total))
    return progress


@cache
def _newest() -> Any:
    newest = (
        sa.select(col(Article.id), col(Article.title))
        .where(col(Article.withdrawn_at).is_(None))
        .order_by(col(Article.id).desc())
        .limit(_ARTICLES + 1)
        .subquery()
    )
    counted = sa.and_(col(Claim.article_id) == newest.c.id, *articles.COUNTED)
    return (
        sa.select(*newest.c, col(Claim.rating_id), sa.func.count(col(Claim.id)))
        .select_from(newest.outerjoin(Claim, counted))
        .outerjoin(Rating, col(Rating.id) == Claim.rating_id)
        .group_by(*newest.c, col(Claim.rating_id), col(Rating.position))
        .order_by(newest.c.id.desc(), col(Rating.position), col(Claim.rating_id))
    )


def _lately(
    session: Session, viewer: Member, policy: Policy
) -> tuple[list[Happened], Mapping[tuple[str, int], str]]:
    """What happened lately, and the names in it."""
    happened = _happened(session, viewer, policy)
    names = subjects.names(session, [line.event for line in happened])
    for line in happened:
        # They are kept longer than their session.
        session.expunge(line.event)
    return happened, names


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
