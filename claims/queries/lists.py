"""Which claims a list has, and in which order: its filters, and whom they wait for, in SQL."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Article, Claim, ClaimTag, Desk, Evidence, Member, Rating, Tag, Verdict
from claims.queries import searching
from claims.queries.filters import NOBODY, NONE, Filters, Sort, Waiting
from claims.queries.paging import Order
from claims.rules.roles import Action
from claims.rules.vocabulary import Kind, Role, State

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

    No claim waits for two of them.
    """
    return waiting_for(viewer.role, viewer.id)


def waiting_for(role: Role, viewer_id: Any) -> dict[Waiting, Any]:
    """The same for a member of a role, of whom the id may be a bound parameter."""
    if not rules.roles.may(role, Action.REVIEW):
        return {}
    state = col(Claim.state)
    assigned = col(Claim.assignee_id) == viewer_id
    judged = select(Verdict.claim_id).where(Verdict.member_id == viewer_id, col(Verdict.standing))
    several = select(Desk.id).where(Desk.verdicts_required > 1).exists()
    free = sa.or_(assigned, col(Claim.assignee_id).is_(None), several)
    reasons = {
        Waiting.REOPENED: state == State.REOPENED,
        Waiting.SETTLE: state.in_((State.DISPUTED, State.AGREED)),
        Waiting.JUDGE: sa.and_(state == State.IN_REVIEW, free, col(Claim.id).not_in(judged)),
        Waiting.CHECK: sa.and_(state == State.TO_CHECK, assigned),
    }
    if not rules.roles.may(role, Action.RULE):
        del reasons[Waiting.SETTLE]
        in_hand = state.in_((State.TO_CHECK, State.DISPUTED))
        reasons[Waiting.CHECK] = sa.and_(in_hand, assigned)
    return reasons


def _waits(viewer: Member, reason: Waiting) -> Any:
    """The condition under which a claim waits for a member, for any reason or for one."""
    reasons = waiting(viewer)
    if reason is not Waiting.ME:
        return reasons.get(reason, sa.false())
    return sa.or_(sa.false(), *reasons.values())


def _mine(viewer_id: Any) -> Any:
    """The condition under which a claim is a member's: assigned to, or worked on by them."""
    weighed = select(Evidence.claim_id).where(
        Evidence.created_by_id == viewer_id, col(Evidence.withdrawn_at).is_(None)
    )
    judged = select(Verdict.claim_id).where(Verdict.member_id == viewer_id, col(Verdict.standing))
    return sa.or_(
        col(Claim.assignee_id) == viewer_id,
        col(Claim.id).in_(weighed),
        col(Claim.id).in_(judged),
    )


@cache
def standing(role: Role) -> tuple[Any, ...]:
    """Which claim it is and where it stands for a member of this role, the `viewer_id`: columns.

    Its article, number and id; its state, why it waits for the member, and whether it is theirs.
    """
    viewer_id: Any = sa.bindparam("viewer_id", type_=sa.Integer)
    reasons = [
        (condition, str(reason)) for reason, condition in waiting_for(role, viewer_id).items()
    ]
    return (
        col(Claim.article_id),
        col(Claim.number),
        col(Claim.id),
        # As the word that it is kept as: very many are read.
        sa.type_coerce(col(Claim.state), sa.String),
        sa.case(*reasons, else_=None) if reasons else sa.null(),
        sa.case((_mine(viewer_id), 1), else_=0),
    )


@cache
def standing_of(role: Role) -> Any:
    """Select the same of the claims whose `ids` are given."""
    return sa.select(*standing(role)).where(searching.among_given(col(Claim.id)))


def matching(
    filters: Filters,
    viewer: Member | None,
    *,
    gathered: bool = False,
    among: Sequence[int] | None = None,
) -> Any:
    """A select of the claims that filters let through, in no order; see `order`.

    Meant to be walked in that order, unless it is `gathered`: all of them are
    looked at anyway, as when they are counted. Or it is of a few claims `among`
    which they are. Filters that ask about a member ("mine") need a viewer.
    """
    conditions = _conditions(filters, gathered=gathered)
    if searching.sought(filters.q):
        # A search without a word in it leaves nothing out; the page says so.
        few = among is not None
        conditions.append(searching.found(col(Claim.id), "claim", filters.q, of_few=few))
    if among is not None:
        conditions.append(searching.among(col(Claim.id), among))
    whose = cast(Member, viewer)
    if filters.mine:
        conditions.append(_mine(whose.id))
    if filters.waiting:
        conditions.append(_waits(whose, filters.waiting))
    return select(Claim).where(listed(), *conditions)


def order(filters: Filters) -> Order:
    """The order in which filters ask for claims."""
    return ORDERS[filters.sort]


def _conditions(filters: Filters, *, gathered: bool) -> list[Any]:
    """What the filters ask of a claim's own columns and tags."""
    given = dict(filters.given())
    columns: dict[str, Any] = dict(_COLUMNS)
    if gathered and "rating" in given:
        # The index of kinds holds the ratings of each.
        given.setdefault("kind", None)
    if not gathered:
        # Claims of a state have an index in the order of their articles.
        walked = {"kind", "rating"} if filters.sort is Sort.ARTICLE else {"kind", "rating", "state"}
        columns |= {name: _Walked(columns[name]) for name in walked}
    return [
        _CONDITIONS[name](columns.get(name), value)
        for name, value in given.items()
        if name in _CONDITIONS
    ]


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


_COLUMNS = {
    "state": col(Claim.state),
    "rating": col(Claim.rating_id),
    "kind": col(Claim.kind),
    "speaker": col(Claim.speaker_id),
    "article": col(Claim.article_id),
    "assignee": col(Claim.assignee_id),
}

_CONDITIONS: dict[str, Callable[[Any, Any], Any]] = {
    "state": _is,
    "rating": _rated,
    "kind": _of_kind,
    "speaker": _is,
    "article": _is,
    "assignee": _is,
    "tag": _tagged,
}


def chosen(session: Session, filters: Filters, viewer: Member, *, most: int) -> Sequence[Claim]:
    """The claims that filters let through, in their order, up to one more than `most`."""
    wanted = order(filters).apply(matching(filters, viewer), None).limit(most + 1)
    return list(session.exec(wanted))


def any_chosen(session: Session, filters: Filters) -> bool:
    """Whether filters that ask about no member let any claim through."""
    return session.exec(matching(filters, None).limit(1)).first() is not None


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
