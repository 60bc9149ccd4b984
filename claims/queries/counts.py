"""How many claims each chip above a list would show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from claims.models import Article, Claim, Member
from claims.queries import found, lists, remembered
from claims.queries.filters import Filters
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


def of(session: Session, filters: Filters, viewer: Member, marked: Marked | None = None) -> Counts:
    """Count every chip, of the claims that are marked already or on a walk along all."""
    if marked is not None:
        return _summed(filters, marked.alike())
    others = filters.but(state=None, waiting=None, mine=False)
    rows: Sequence[Any] = ()

    def too_many() -> bool:
        nonlocal rows
        rows = _grouped(session, filters, viewer)
        return bool(sum(row[-1] for row in rows) > lists.MOST_COUNTED)

    # What claims are about changes seldom, and most of what is done moves no number past the most.
    many = (
        too_many()
        if others.rating
        else remembered.read(
            session,
            ("too many", others),
            too_many,
            of=found.SUBJECTS if others.q else (Article, Claim),
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


def _grouped(session: Session, filters: Filters, viewer: Member) -> Sequence[Any]:
    """How many claims are marked alike, in one statement; one more for a part of very many."""
    looked_at = lists.flagged(filters, viewer).limit(lists.MOST_COUNTED + 1).subquery()
    alike = tuple(looked_at.c)
    return session.execute(sa.select(*alike, sa.func.count()).group_by(*alike)).all()


def _uncounted(session: Session, filters: Filters, others: Filters, viewer: Member) -> Counts:
    """What is known of very many claims: at the most, how many of them are listed."""
    total = None if others == filters else _counted(session, filters, viewer)
    return Counts(tuple((state, None) for state in State), None, None, None, total)


def _counted(session: Session, filters: Filters, viewer: Member) -> int | None:
    """How many claims filters let through, or None for more than are counted."""
    some = lists.matching(filters, viewer, gathered=True).with_only_columns(col(Claim.id))
    some = some.limit(lists.MOST_COUNTED + 1)
    number: int = session.execute(
        sa.select(sa.func.count()).select_from(some.subquery())
    ).scalar_one()
    return number if number <= lists.MOST_COUNTED else None
