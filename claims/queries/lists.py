"""Which claims a list has, and in which order: its filters, and whom they wait for, in SQL."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session, col, select

from claims.models import Article, Claim, ClaimTag, Desk, Evidence, Member, Rating, Tag, Verdict
from claims.queries import searching
from claims.queries.filters import NOBODY, NONE, Filters, Sort, Waiting
from claims.queries.paging import Order
from claims.rules.roles import Action
from claims.rules.vocabulary import Kind, State

# Each ends in something unique, so that no page repeats or leaves out a claim.
ORDERS = {
    Sort.ARTICLE: Order((col(Claim.article_id), col(Claim.number))),
    Sort.CHANGED: Order((col(Claim.changed_at), col(Claim.id)), descending=True),
    Sort.NEWEST: Order((col(Claim.id),), descending=True),
    Sort.EVIDENCE: Order((col(Claim.evidence_count), col(Claim.id)), descending=True),
}

# A list of more than this says so; to count them all would take as long as reading them.
MOST_COUNTED = 10_000


def listed() -> Any:
    """The condition under which a claim is listed and counted: it and its article are there."""
    gone = select(Article.id).where(col(Article.withdrawn_at).is_not(None))
    return sa.and_(
        col(Claim.withdrawn_at).is_(None),
        col(Claim.merged_into_id).is_(None),
        col(Claim.article_id).not_in(gone),
    )


def waiting(viewer: Member) -> dict[Waiting, Any]:
    """The reasons why a claim may wait for a member, each with its condition; none for a reader.

    Reopened claims wait for everybody who reviews, and claims that are ready
    for a ruling for those who may rule. A claim in review waits for the
    reviewers who have not judged it; when one verdict is enough, only for the
    one who has it in hand, or for all while nobody has. A claim to check, or
    a disputed one, waits for whoever it is assigned to.
    """
    if not viewer.may(Action.REVIEW):
        return {}
    state = col(Claim.state)
    assigned = col(Claim.assignee_id) == viewer.id
    judged = select(Verdict.claim_id).where(Verdict.member_id == viewer.id, col(Verdict.standing))
    several = select(Desk.id).where(Desk.verdicts_required > 1).exists()
    free = sa.or_(assigned, col(Claim.assignee_id).is_(None), several)
    reasons = {
        Waiting.REOPENED: state == State.REOPENED,
        Waiting.SETTLE: state.in_((State.DISPUTED, State.AGREED)),
        Waiting.JUDGE: sa.and_(state == State.IN_REVIEW, free, col(Claim.id).not_in(judged)),
        Waiting.CHECK: sa.and_(state == State.TO_CHECK, assigned),
    }
    if not viewer.may(Action.RULE):
        del reasons[Waiting.SETTLE]
        in_hand = state.in_((State.TO_CHECK, State.DISPUTED))
        reasons[Waiting.CHECK] = sa.and_(in_hand, assigned)
    return reasons


def waits(viewer: Member, reason: Waiting = Waiting.ME) -> Any:
    """The condition under which a claim waits for a member, for any reason or for one."""
    reasons = waiting(viewer)
    if reason is not Waiting.ME:
        return reasons.get(reason, sa.false())
    return sa.or_(sa.false(), *reasons.values())


def mine(viewer: Member) -> Any:
    """The condition under which a claim is a member's: assigned to, or worked on by them."""
    weighed = select(Evidence.claim_id).where(
        Evidence.created_by_id == viewer.id, col(Evidence.withdrawn_at).is_(None)
    )
    judged = select(Verdict.claim_id).where(Verdict.member_id == viewer.id, col(Verdict.standing))
    return sa.or_(
        col(Claim.assignee_id) == viewer.id,
        col(Claim.id).in_(weighed),
        col(Claim.id).in_(judged),
    )


def matching(
    filters: Filters,
    viewer: Member,
    *,
    gathered: bool = False,
    found: Sequence[int] | None = None,
) -> Any:
    """A select of the claims that filters let through, in no order; see `order`.

    Meant to be walked in that order, unless it is `gathered`: all of them are
    looked at anyway, as when they are counted. Of those that were `found` only
    the passing filters are asked.
    """
    if found is None:
        return select(Claim).where(listed(), *_conditions(filters, viewer, gathered=gathered))
    passing = _conditions(filters.passing(), viewer, gathered=False)
    return select(Claim).where(searching.among(col(Claim.id), found), *passing)


def order(filters: Filters) -> Order:
    """The order in which filters ask for claims."""
    return ORDERS[filters.sort]


def _conditions(filters: Filters, viewer: Member, *, gathered: bool) -> list[Any]:
    given = dict(filters.given())
    columns: dict[str, Any] = dict(_COLUMNS)
    if gathered and "rating" in given:
        # The index of kinds holds the ratings of each.
        given.setdefault("kind", None)
    if not gathered:
        # Claims of a state have an index in the order of their articles.
        walked = {"kind", "rating"} if filters.sort is Sort.ARTICLE else {"kind", "rating", "state"}
        columns |= {name: _Walked(columns[name]) for name in walked}
    conditions = [
        _CONDITIONS[name](columns.get(name), value)
        for name, value in given.items()
        if name in _CONDITIONS
    ]
    if filters.mine:
        conditions.append(mine(viewer))
    if filters.waiting:
        conditions.append(waits(viewer, filters.waiting))
    return [condition for condition in conditions if condition is not None]


class _Walked(ColumnElement[Any]):
    """A column that is no reason to leave the index in whose order a list is walked.

    SQLite would take all claims of a state, most of a desk at times, and sort them.
    PostgreSQL knows how many there are.
    """

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, column: Any) -> None:
        self.column, self.type = column, column.type


@compiles(_Walked)
def _as_it_is(element: _Walked, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.column, **options))


@compiles(_Walked, "sqlite")
def _without_index(element: _Walked, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"


def _is(column: Any, value: Any) -> Any:
    return column.is_(None) if value == NOBODY else column == value


def _of_kind(column: Any, kind: Kind | None) -> Any:
    return column.in_(list(Kind)) if kind is None else column == kind


def _rated(column: Any, key: str) -> Any:
    if key == NONE:
        return column.is_(None)
    # By its key, so that a rating is found whatever version of the scale it was given on.
    return column.in_(select(Rating.id).where(Rating.key == key))


def _tagged(_column: Any, name: str) -> Any:
    return col(Claim.id).in_(
        select(ClaimTag.claim_id).join(Tag, col(Tag.id) == ClaimTag.tag_id).where(Tag.name == name)
    )


def _searched(_column: Any, q: str) -> Any:
    # A search without a word in it leaves nothing out; the page says so.
    return searching.found(col(Claim.id), "claim", q) if searching.sought(q) else None


_COLUMNS = {
    "state": col(Claim.state),
    "rating": col(Claim.rating_id),
    "kind": col(Claim.kind),
    "speaker": col(Claim.speaker_id),
    "article": col(Claim.article_id),
    "assignee": col(Claim.assignee_id),
}

_CONDITIONS: dict[str, Callable[[Any, Any], Any]] = {
    "q": _searched,
    "state": _is,
    "rating": _rated,
    "kind": _of_kind,
    "speaker": _is,
    "article": _is,
    "assignee": _is,
    "tag": _tagged,
}


def flagged(
    filters: Filters, viewer: Member, *more: Any, found: Sequence[int] | None = None
) -> Any:
    """Select of claims in any state whether each chip would list them: 1 or 0."""
    if_waiting = waits(viewer, filters.waiting) if filters.waiting else sa.true()
    if_mine = mine(viewer) if filters.mine else sa.true()
    flags = {
        "chosen": sa.and_(if_waiting, if_mine),
        "waiting": sa.and_(waits(viewer), if_mine),
        "mine": sa.and_(if_waiting, mine(viewer)),
    }
    others = filters.but(state=None, waiting=None, mine=False)
    return matching(others, viewer, gathered=True, found=found).with_only_columns(
        col(Claim.state).label("state"),
        *(sa.case((flag, 1), else_=0).label(name) for name, flag in flags.items()),
        *more,
    )


def chosen(session: Session, filters: Filters, viewer: Member, *, most: int) -> Sequence[Claim]:
    """The claims that filters let through, in their order, up to one more than `most`."""
    wanted = order(filters).apply(matching(filters, viewer), None).limit(most + 1)
    return list(session.exec(wanted))


def any_chosen(session: Session, filters: Filters) -> bool:
    """Whether filters that ask about no member let any claim through."""
    return session.exec(matching(filters, cast(Member, None)).limit(1)).first() is not None


def by_id(session: Session, ids: Sequence[int]) -> Sequence[Claim]:
    """The listed claims among these ids."""
    return session.exec(
        select(Claim).where(listed(), col(Claim.id).in_(ids)).order_by(col(Claim.id))
    ).all()


def tags_of(session: Session, ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """Each of these claims' tags as claim id and name, by name."""
    return session.exec(
        select(ClaimTag.claim_id, Tag.name)
        .join(Tag, col(Tag.id) == ClaimTag.tag_id)
        .where(col(ClaimTag.claim_id).in_(ids))
        .order_by(col(Tag.name), col(ClaimTag.claim_id))
    ).all()
