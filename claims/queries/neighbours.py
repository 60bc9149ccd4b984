"""The claims before and after one in a list, and its place there."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import Claim, Member
from claims.queries import lists
from claims.queries.filters import Filters
from claims.queries.paging import Order


@dataclass(frozen=True)
class Neighbours:
    """The claims before and after one in a list, and how many come before it and in all.

    More than `lists.MOST_COUNTED` are not counted; then nobody knows the place.
    """

    previous: int | None
    next: int | None
    before: int
    total: int

    @property
    def place(self) -> tuple[int, int] | None:
        """Which claim of how many it is, if that is known and the list has any."""
        if not 0 < self.total <= lists.MOST_COUNTED:
            return None
        return min(self.before + 1, self.total), self.total


def beside(session: Session, filters: Filters, claim: Claim, viewer: Member) -> Neighbours:
    """The claims beside one in the same filter and order.

    The claim itself need not match any more: work on it may have moved it out
    of the filter, and the list goes on from where it stood.
    """
    if filters == Filters(article=claim.article_id):
        # Most claims are read one after another as their article makes them.
        query, values = _beside_in_article(), {"article_id": claim.article_id}
    else:
        query, values = _beside(lists.matching(filters, viewer), lists.order(filters)), {}
    here = {column.key: getattr(claim, column.key) for column in lists.order(filters).columns}
    return Neighbours(*session.execute(query, values | here).one())


@cache
def _beside_in_article() -> Any:
    listed_there = select(Claim).where(
        lists.listed(), col(Claim.article_id) == sa.bindparam("article_id", type_=sa.Integer)
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
    most = lists.MOST_COUNTED + 1
    before = sa.select(sa.func.count()).select_from(ids.where(earlier).limit(most).subquery())
    total = sa.select(sa.func.count()).select_from(ids.limit(most).subquery())
    return sa.select(
        back.apply(ids.where(earlier), None).limit(1).scalar_subquery(),
        forward.apply(ids.where(later), None).limit(1).scalar_subquery(),
        before.scalar_subquery(),
        total.scalar_subquery(),
    )
