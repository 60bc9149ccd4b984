"""The queue: claims searched, filtered and sorted, a page at a time."""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, cached_property
from heapq import nlargest
from itertools import compress, groupby
from operator import attrgetter, itemgetter
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session, col, select

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimTag,
    Desk,
    Evidence,
    Member,
    Rating,
    Scale,
    Source,
    Speaker,
    Tag,
    Verdict,
)
from claims.queries import members, paging, remembered, scales, searching, standing
from claims.queries.filters import NOBODY, NONE, Filters, Sort, Waiting
from claims.queries.paging import Order
from claims.rules.roles import Action
from claims.rules.scales import RatingDefinition
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

# So few are quicker gathered and sorted than met on a walk along all claims in their order.
_FEW = 1_000


# ---- which claims -----------------------------------------------------------------------------


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


# ---- the claims beside one --------------------------------------------------------------------


@dataclass(frozen=True)
class Neighbours:
    """The claims before and after one in a list, and how many come before it and in all.

    More than `MOST_COUNTED` are not counted; then nobody knows the place.
    """

    previous: int | None
    next: int | None
    before: int
    total: int

    @property
    def place(self) -> tuple[int, int] | None:
        """Which claim of how many it is, if that is known and the list has any."""
        if not 0 < self.total <= MOST_COUNTED:
            return None
        return min(self.before + 1, self.total), self.total


def neighbours(session: Session, filters: Filters, claim: Claim, viewer: Member) -> Neighbours:
    """The claims beside one in the same filter and order.

    The claim itself need not match any more: work on it may have moved it out
    of the filter, and the list goes on from where it stood.
    """
    if filters == Filters(article=claim.article_id):
        # Most claims are read one after another as their article makes them.
        query, values = _beside_in_article(), {"article_id": claim.article_id}
    else:
        query, values = _beside(matching(filters, viewer), order(filters)), {}
    here = {column.key: getattr(claim, column.key) for column in order(filters).columns}
    return Neighbours(*session.execute(query, values | here).one())


@cache
def _beside_in_article() -> Any:
    listed_there = select(Claim).where(
        listed(), col(Claim.article_id) == sa.bindparam("article_id", type_=sa.Integer)
    )
    return _beside(listed_there, Order((col(Claim.number),)))


def _beside(claims: Any, forward: Order) -> Any:
    """Select the neighbours in a list of the place that is bound to the order's columns."""
    ids = claims.with_only_columns(col(Claim.id))
    order = sa.tuple_(*forward.columns)
    here = sa.tuple_(*(sa.bindparam(c.key, type_=c.type) for c in forward.columns))
    later, earlier = order > here, order < here
    if forward.descending:
        later, earlier = earlier, later
    back = Order(forward.columns, descending=not forward.descending)
    most = MOST_COUNTED + 1
    before = sa.select(sa.func.count()).select_from(ids.where(earlier).limit(most).subquery())
    total = sa.select(sa.func.count()).select_from(ids.limit(most).subquery())
    return sa.select(
        back.apply(ids.where(earlier), None).limit(1).scalar_subquery(),
        forward.apply(ids.where(later), None).limit(1).scalar_subquery(),
        before.scalar_subquery(),
        total.scalar_subquery(),
    )


# ---- the page ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How many claims each chip would list, with the other filters as they are.

    None: more than `MOST_COUNTED`, or not known because that many were looked at.
    """

    # By state, in the order of the work.
    states: tuple[tuple[State, int | None], ...]
    every: int | None
    waiting: int | None
    mine: int | None
    total: int | None


@dataclass(frozen=True)
class Choice:
    """A value that a filter offers."""

    value: int | str
    name: str
    # A member who is not can no longer be handed a claim.
    present: bool = True


# Each is itself and no other: to compare hundreds of names would cost more than to draw them.
@dataclass(frozen=True, eq=False)
class Choices:
    """What the filters offer, by name; values that no claim has are left out."""

    articles: Sequence[Choice]
    speakers: Sequence[Choice]
    members: Sequence[Choice]
    tags: Sequence[Choice]
    ratings: Sequence[Choice]

    @cached_property
    def options(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The same as an address says it, with its words, by name."""
        return {
            field.name: tuple(
                (str(choice.value), choice.name) for choice in getattr(self, field.name)
            )
            for field in fields(self)
        }

    def named(self, facet: str, value: int | str | None, *, none: str = "") -> str:
        """What a value of a facet is called, or `none` for the value that says there is none."""
        if value in {NOBODY, NONE}:
            return none
        for choice in getattr(self, facet):
            if choice.value == value:
                return str(choice.name)
        return "unknown"


@dataclass(frozen=True)
class Row:
    """A claim as a list shows it."""

    id: int
    number: int
    statement: str
    kind: Kind
    state: State
    rating: RatingDefinition | None
    evidence_count: int
    changed_at: datetime
    article_id: int
    article: str
    # None: the article itself says so.
    speaker: str | None
    assignee: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class QueuePage:
    """Everything that the page of claims shows to one member."""

    filters: Filters
    claims: paging.Page[Row]
    counts: Counts
    choices: Choices
    # Whether the list starts at its beginning.
    from_start: bool

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that were searched for."""
        return tuple(searching.sought(self.filters.q))


def page(
    session: Session,
    filters: Filters,
    viewer: Member,
    *,
    after: str | None = None,
    size: int = paging.SIZE,
) -> QueuePage:
    """Read one page of the queue, and what stands around it, in a fixed number of statements."""
    whose = filters, viewer.id
    offered = filters.article, filters.speaker, filters.assignee
    found = _found(session, filters.lasting(), viewer)
    marked = None if found is None else _marks(session, filters, viewer, found)
    counts = remembered.read(
        session, ("counts", *whose), lambda: _counts(session, filters, viewer, marked)
    )
    few = counts.total is not None and counts.total <= _FEW
    return QueuePage(
        filters,
        remembered.read(
            session,
            ("rows", *whose, after, size),
            lambda: rows(
                session,
                filters,
                viewer,
                after=after,
                size=size,
                gathered=few,
                found=None if marked is None else marked.listed(filters.state),
            ),
        ),
        counts,
        remembered.read(
            session,
            ("choices", *offered),
            lambda: _choices(session, filters),
            of=_OFFERED_OF,
        ),
        from_start=not after,
    )


def rows(
    session: Session,
    filters: Filters,
    viewer: Member,
    *,
    after: str | None = None,
    size: int,
    gathered: bool = False,
    found: Sequence[int] | None = None,
) -> paging.Page[Row]:
    """Read the rows of one page in one statement.

    The few claims are found first, which an index alone can answer, and only
    then is looked up what is shown of them; unless all have been `found` already.
    """
    sorting = order(filters)
    if found is None:
        claims = matching(filters, viewer, gathered=gathered)
    else:
        some = found if after else _first(found, filters.sort, size + 1)
        claims = select(Claim).where(searching.among(col(Claim.id), some))
    ids = claims.with_only_columns(col(Claim.id))
    few = sorting.apply(ids, after).limit(size + 1).subquery()
    listing = session.execute(
        sorting.apply(
            sa.select(
                col(Claim.id),
                col(Claim.number),
                col(Claim.statement),
                col(Claim.kind),
                col(Claim.state),
                col(Claim.rating_id),
                col(Claim.evidence_count),
                col(Claim.changed_at),
                col(Claim.article_id),
                col(Article.title),
                col(Speaker.name).label("speaker"),
                col(Claim.assignee_id),
                col(Tag.name).label("tag"),
            )
            .join(few, few.c.id == Claim.id)
            .join(Article, col(Article.id) == Claim.article_id)
            .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
            .outerjoin(ClaimTag, col(ClaimTag.claim_id) == Claim.id)
            .outerjoin(Tag, col(Tag.id) == ClaimTag.tag_id),
            None,
        )
    )
    ratings, names = scales.every(session), members.names(session)
    made = []
    # A claim comes once for each of its tags.
    for _id, group in groupby(listing, key=itemgetter(0)):
        tagged = list(group)
        first = tagged[0]
        made.append(
            Row(
                id=first.id,
                number=first.number,
                statement=first.statement,
                kind=first.kind,
                state=first.state,
                rating=ratings.get(first.rating_id),
                evidence_count=first.evidence_count,
                changed_at=first.changed_at,
                article_id=first.article_id,
                article=first.title,
                speaker=first.speaker,
                assignee=names.get(first.assignee_id),
                tags=tuple(sorted(row.tag for row in tagged if row.tag is not None)),
            )
        )
    return sorting.cut(made, size)


def beside() -> tuple[Any, ...]:
    """Load with a claim what a row of a list shows of its article, speaker and assignee."""
    article: Any = joinedload(Claim.article)  # type: ignore[arg-type]
    speaker: Any = joinedload(Claim.speaker)  # type: ignore[arg-type]
    assignee: Any = joinedload(Claim.assignee)  # type: ignore[arg-type]
    rating: Any = joinedload(Claim.rating)  # type: ignore[arg-type]
    return article.load_only(Article.title), speaker, assignee.load_only(Member.name), rating


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


# What makes a claim one that lasting filters let through.
_FOUND_OF = (Appearance, Article, Claim, Evidence, Source, Speaker)


def _found(session: Session, lasting: Filters, viewer: Member) -> Sequence[int] | None:
    """The claims that a search lets through, whatever is judged of them, in their articles' order.

    None when there is nothing to search, or more than `MOST_COUNTED` are
    found: those are soon met on a walk along all claims.
    """
    if not (searching.sought(lasting.q) or lasting.tag):
        return None

    def fresh() -> Sequence[int] | None:
        place = order(Filters()).columns
        query = matching(lasting, viewer, gathered=True).with_only_columns(*place, col(Claim.id))
        found = session.execute(query.limit(MOST_COUNTED + 1)).all()
        # Four bytes for each: many searches are remembered.
        return (
            array("I", map(itemgetter(-1), sorted(found))) if len(found) <= MOST_COUNTED else None
        )

    asked = lasting.but(sort=Sort.ARTICLE)
    return remembered.read(session, ("found", asked), fresh, of=_FOUND_OF)


def _first(found: Sequence[int], sort: Sort, most: int) -> Sequence[int]:
    """Those found that come first, or all where a change of any of them changes the order."""
    if sort is Sort.ARTICLE:
        return found[:most]
    return nlargest(most, found) if sort is Sort.NEWEST else found


def _counts(
    session: Session, filters: Filters, viewer: Member, marked: "_Marked | None" = None
) -> Counts:
    """Count every chip, of the claims that are marked already or on a walk along all."""
    if marked is not None:
        return _summed(filters, marked.alike())
    others = filters.but(state=None, waiting=None, mine=False)
    rows: Sequence[Any] = ()

    def too_many() -> bool:
        nonlocal rows
        rows = _grouped(session, filters, viewer)
        return bool(sum(row[-1] for row in rows) > MOST_COUNTED)

    # What claims are about changes seldom, and most of what is done moves no number past the most.
    many = (
        too_many()
        if others.rating
        else remembered.read(
            session, ("too many", others), too_many, of=_FOUND_OF if others.q else (Article, Claim)
        )
    )
    if many:
        return _uncounted(session, filters, others, viewer)
    return _summed(filters, rows or _grouped(session, filters, viewer))


def _summed(filters: Filters, rows: Iterable[Any]) -> Counts:
    """Add up how many claims of a state are chosen, waiting and somebody's own, or are not."""
    states, waiting, mine, total = dict.fromkeys(State, 0), 0, 0, 0
    for state, is_chosen, is_waiting, is_mine, number in rows:
        states[state] += is_chosen * number
        if filters.state in {None, state}:
            waiting += is_waiting * number
            mine += is_mine * number
            total += is_chosen * number
    return Counts(tuple(states.items()), sum(states.values()), waiting, mine, total)


def _flagged(
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


def _grouped(session: Session, filters: Filters, viewer: Member) -> Sequence[Any]:
    """How many claims are marked alike, in one statement; one more for a part of very many."""
    looked_at = _flagged(filters, viewer).limit(MOST_COUNTED + 1).subquery()
    alike = tuple(looked_at.c)
    return session.execute(sa.select(*alike, sa.func.count()).group_by(*alike)).all()


@dataclass(frozen=True)
class _Marked:
    """The claims that a search found, and for each a byte: its state, and what `_flagged` selects.

    A claim that the filters by rating or assignee leave out has 0.
    """

    ids: Sequence[int]
    marks: bytes

    _STATES = tuple(State)

    @classmethod
    def mark(cls, state: State, *flags: int) -> int:
        """The byte for a state and three flags."""
        chosen, waiting, mine = flags
        return 8 * (1 + cls._STATES.index(state)) + 4 * chosen + 2 * waiting + mine

    @classmethod
    def said(cls, mark: int) -> tuple[State, int, int, int]:
        """The state and the flags that a mark stands for."""
        return cls._STATES[(mark >> 3) - 1], mark >> 2 & 1, mark >> 1 & 1, mark & 1

    def alike(self) -> Iterator[tuple[State, int, int, int, int]]:
        """How many claims are marked alike."""
        for mark, number in Counter(self.marks).items():
            if mark:
                yield *self.said(mark), number

    def listed(self, state: State | None) -> Sequence[int]:
        """The claims that are chosen, in one state or in any."""
        chosen = {mark for mark in set(self.marks) if mark >> 2 & 1}
        wanted = {mark for mark in chosen if state in {None, self.said(mark)[0]}}
        which = self.marks.translate(bytes(mark in wanted for mark in range(256)))
        return array("I", compress(self.ids, which))

    def mended(self, places: Mapping[int, int], rows: Iterable[Any]) -> "_Marked":
        """The same with the claims at these places marked anew, as rows say."""
        marks = bytearray(self.marks)
        for place in places.values():
            marks[place] = 0
        for state, *flags, claim_id in rows:
            marks[places[claim_id]] = self.mark(state, *flags)
        return _Marked(self.ids, bytes(marks))


def _marks(session: Session, filters: Filters, viewer: Member, found: Sequence[int]) -> _Marked:
    """Mark the claims that were found; those only that were worked on since they were marked.

    A verdict or a ruling changes the claim that it is about and no other.
    """

    def mend(held: _Marked, ids: Collection[int | None]) -> _Marked:
        wanted = set(ids)
        places = {claim_id: place for place, claim_id in enumerate(held.ids) if claim_id in wanted}
        if not places:
            return held
        rows = _flagged(filters, viewer, col(Claim.id), found=list(places))
        return held.mended(places, session.execute(rows))

    asked = filters.but(state=None, sort=Sort.ARTICLE), viewer.id
    return remembered.keep_up(
        session,
        ("marks", *asked),
        lambda: mend(_Marked(found, bytes(len(found))), found),
        mend,
        of=_FOUND_OF + remembered.SETTINGS,
    )


def _uncounted(session: Session, filters: Filters, others: Filters, viewer: Member) -> Counts:
    """What is known of very many claims: at the most, how many of them are listed."""
    total = None if others == filters else _counted(session, filters, viewer)
    return Counts(tuple((state, None) for state in State), None, None, None, total)


def _counted(session: Session, filters: Filters, viewer: Member) -> int | None:
    """How many claims filters let through, or None for more than are counted."""
    some = matching(filters, viewer, gathered=True).with_only_columns(col(Claim.id))
    some = some.limit(MOST_COUNTED + 1)
    number: int = session.execute(
        sa.select(sa.func.count()).select_from(some.subquery())
    ).scalar_one()
    return number if number <= MOST_COUNTED else None


_MOST_CHOICES = 300

_OFFERED_OF = (Article, Claim, Desk, Member, Scale, Speaker)


def _choices(session: Session, filters: Filters) -> Choices:
    """What the filters offer, in one statement: the newest values in use, and the chosen one."""
    of_tag = col(ClaimTag.tag_id) == Tag.id
    reviewing = [role for role in Role if rules.roles.may(role, Action.REVIEW)]
    present = sa.and_(col(Member.removed_at).is_(None), col(Member.role).in_(reviewing))
    speaks: Any = sa.exists().where(col(Claim.speaker_id) == Speaker.id, listed())
    if filters.article:
        of_article = select(Claim.speaker_id).where(Claim.article_id == filters.article, listed())
        speaks = col(Speaker.id).in_(of_article)
    facets = (
        _newest("articles", Article, Article.title, filters.article).where(
            sa.exists().where(col(Claim.article_id) == Article.id, listed())
        ),
        _newest("speakers", Speaker, Speaker.name, filters.speaker, more=col(Speaker.role)).where(
            sa.or_(speaks, col(Speaker.id) == filters.speaker)
        ),
        _newest("members", Member, Member.name, filters.assignee, present=present).where(
            sa.or_(present, sa.exists().where(col(Claim.assignee_id) == Member.id, listed()))
        ),
        _newest("tags", Tag, Tag.name).where(
            sa.exists().where(of_tag, col(ClaimTag.claim_id) == Claim.id, listed())
        ),
    )
    found: dict[str, list[Choice]] = {"articles": [], "speakers": [], "members": [], "tags": []}
    every = sa.union_all(*(sa.select(facet.subquery()) for facet in facets))
    for facet, number, name, more, is_present in session.execute(every):
        value = name if facet == "tags" else number
        words = f"{name}, {more}" if more else name
        found[facet].append(Choice(value, words, bool(is_present)))
    for choices in found.values():
        choices.sort(key=lambda choice: choice.name.casefold())
    # Of all ratings, which the rows show too: that saves a statement.
    scale = standing.desk(session).scale_id
    in_force = (rating for rating in scales.known(session).values() if rating.scale_id == scale)
    ratings = [
        Choice(rating.key, rating.name) for rating in sorted(in_force, key=attrgetter("position"))
    ]
    return Choices(**found, ratings=ratings)


def _newest(
    facet: str,
    of: Any,
    name: Any,
    chosen: int | None = None,
    *,
    more: Any = None,
    present: Any = None,
) -> Any:
    """Select what a facet offers, the chosen value before all; a longer list nobody reads."""
    return (
        sa.select(
            sa.literal(facet).label("facet"),
            col(of.id).label("id"),
            col(name).label("name"),
            (sa.literal("") if more is None else more).label("more"),
            (sa.true() if present is None else present).label("present"),
        )
        .order_by(sa.case((col(of.id) == chosen, 0), else_=1), col(of.id).desc())
        .limit(_MOST_CHOICES)
    )
