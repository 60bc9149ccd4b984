"""How many claims each chip above a list would show."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from claims.models import Claim, Member
from claims.queries import lists, remembered
from claims.queries.filters import Filters, Sort
from claims.queries.found import Marked
from claims.rules.vocabulary import State


@dataclass(frozen=True)
class Counts:
    """How many claims each chip would list, with the other filters as they are.

    None: more than `lists.MOST_COUNTED`, or not known because that many were looked at.
    """

    # By state, in the order of the work.
    states: tuple[tuple[State, int | None], ...]
    every: int | None
    waiting: int | None
    mine: int | None
    total: int | None


def of(session: Session, filters: Filters, viewer: Member, marked: Marked | None) -> Counts:
    """Count every chip, of the claims that a list is of; too many are not counted."""
    return _uncounted(session, filters, viewer) if marked is None else _summed(filters, marked)


def _summed(filters: Filters, marked: Marked) -> Counts:
    states, waiting, mine, total = dict.fromkeys(State, 0), 0, 0, 0
    of_any, waits, own = filters.but(state=None), filters.wait(), filters.but(mine=True)
    for standing, number in marked.alike():
        states[standing.state] += number * standing.listed(of_any)
        waiting += number * standing.listed(waits)
        mine += number * standing.listed(own)
        total += number * standing.listed(filters)
    return Counts(tuple(states.items()), sum(states.values()), waiting, mine, total)


def _uncounted(session: Session, filters: Filters, viewer: Member) -> Counts:
    """What is known of very many claims: at the most, how many of them are listed."""
    asked, total = filters.but(sort=Sort.ARTICLE), None
    if asked != filters.whole():
        total = remembered.read(
            session, ("total", asked, viewer.id), lambda: _counted(session, asked, viewer)
        )
    return Counts(tuple((state, None) for state in State), None, None, None, total)


def _counted(session: Session, filters: Filters, viewer: Member) -> int | None:
    """How many claims filters let through, or None for more than are counted."""
    some = lists.matching(filters, viewer, gathered=True).with_only_columns(col(Claim.id))
    some = some.limit(lists.MOST_COUNTED + 1)
    number: int = session.execute(
        sa.select(sa.func.count()).select_from(some.subquery())
    ).scalar_one()
    return number if number <= lists.MOST_COUNTED else None
