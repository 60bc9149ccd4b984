"""The claims that a list is of, and where the work on each stands: kept up with what is done."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import compress, islice
from typing import Any

from sqlmodel import Session

from claims.models import Appearance, Article, Claim, Evidence, Member, Source, Speaker
from claims.queries import lists, remembered
from claims.queries.filters import Filters, Sort, Waiting
from claims.queries.paging import Order
from claims.rules.vocabulary import State

# Of so many more than are counted, some may go before it has to be looked how many are left.
_SPARE = 500


def subjects(filters: Filters) -> tuple[remembered.Subject, ...]:
    """What makes a claim one that filters let through; nothing named: whatever is done."""
    if filters.lasting() != filters.but(sort=Sort.ARTICLE):
        return ()
    return Appearance, Article, Claim, Evidence, Source, Speaker


@dataclass(frozen=True)
class Found:
    """Claims in the order of their articles: their ids, and their places in that order."""

    # Twelve bytes for each claim: many lists are kept.
    ids: Sequence[int]
    places: Sequence[int]

    @classmethod
    def sorted(cls, claims: Iterable[tuple[int, int]]) -> "Found":
        """Make one of places and ids."""
        pairs = sorted(claims)
        return cls(array("I", (id_ for _, id_ in pairs)), array("Q", (place for place, _ in pairs)))

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)

    def mended(self, ids: Collection[int], claims: Sequence[tuple[int, int]]) -> "Found":
        """The same with those of the ids only that are among these claims."""
        # None changes its place.
        if {id_ for _, id_ in claims} == set(ids).intersection(self.ids):
            return self
        kept = zip(self.places, self.ids, strict=True)
        return Found.sorted([*(pair for pair in kept if pair[1] not in ids), *claims])


@dataclass(frozen=True)
class _TooMany:
    """More claims than are counted: so many more, or at least so many."""

    more: int


def _place(article_id: int, number: int) -> int:
    """One number for a claim's place in the order of articles."""
    return article_id << 32 | number


# ---- where the work on them stands -------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where a claim stands for a member: why it waits for them, and whether it is their own."""

    state: State
    waiting: Waiting | None
    mine: bool

    def waits(self, reason: Waiting | None) -> bool:
        """Whether it waits for a reason; it does for none."""
        return reason is None or (
            self.waiting is not None if reason is Waiting.ME else self.waiting is reason
        )

    def listed(self, filters: Filters) -> bool:
        """Whether filters let it through that let the claim through whatever its standing."""
        return (
            filters.state in {None, self.state}
            and self.waits(filters.waiting)
            and (self.mine or not filters.mine)
        )


# Each standing by the byte that is written for it; and the byte by the columns of a statement.
_STANDINGS = tuple(
    Standing(state, waiting, mine)
    for state in State
    for waiting in (None, *Waiting)
    for mine in (False, True)
)
_MARKS = {
    (standing.state, standing.waiting, int(standing.mine)): mark
    for mark, standing in enumerate(_STANDINGS)
}


@dataclass(frozen=True)
class Marked:
    """The claims that a list is of, and the standing of each in one byte."""

    found: Found
    marks: bytes

    def __len__(self) -> int:
        """How many there are."""
        return len(self.marks)

    def alike(self) -> Iterable[tuple[Standing, int]]:
        """How many claims have the same standing."""
        numbers = ((standing, self.marks.count(mark)) for mark, standing in enumerate(_STANDINGS))
        return [(standing, number) for standing, number in numbers if number]

    def listed(self, filters: Filters) -> Sequence[int]:
        """The claims that filters let through."""
        return array("I", compress(self.found.ids, self.marks.translate(_listed(filters))))

    def first(
        self, filters: Filters, order: Order, after: str | None, most: int
    ) -> list[int] | None:
        """The first of them behind a cursor; None in an order that their work changes."""
        start = order.values(after)
        if filters.sort is Sort.ARTICLE:
            skipped = bisect_right(self.found.places, _place(*start)) if start else 0
            which = self.marks[skipped:].translate(_listed(filters))
            return list(islice(compress(self.found.ids[skipped:], which), most))
        if filters.sort is Sort.NEWEST:
            ids = self.listed(filters)
            return nlargest(most, (id_ for id_ in ids if id_ < start[0]) if start else ids)
        return None

    def mended(self, found: Found, marks: Mapping[int, int]) -> "Marked":
        """The same of what was found since, with other marks at some places."""
        if found is self.found and not marks:
            return self
        held = bytearray(self.marks)
        if found is not self.found:
            before = dict(zip(self.found.places, self.marks, strict=True))
            held = bytearray(before.get(place, 0) for place in found.places)
        for place, mark in marks.items():
            at = bisect_left(found.places, place)
            if at < len(found) and found.places[at] == place:
                held[at] = mark
        return Marked(found, bytes(held))


@cache
def _listed_by(asked: Filters) -> bytes:
    return bytes(mark < len(_STANDINGS) and _STANDINGS[mark].listed(asked) for mark in range(256))


def _listed(filters: Filters) -> bytes:
    """For each byte whether filters let a claim through that is marked so."""
    return _listed_by(Filters(state=filters.state, waiting=filters.waiting, mine=filters.mine))


def marks(session: Session, filters: Filters, viewer: Member) -> Marked | None:
    """The claims that a list is of with their standing for a member; None for too many.

    They are looked for once, and then only among the claims that something happens to.
    """
    look = _Look(session, filters.whole(), viewer)
    found = look.found()
    return None if isinstance(found, _TooMany) else look.marked(found)


class _Look:
    """One look for the claims of a list and for their standing, as far as either has to be read."""

    def __init__(self, session: Session, whole: Filters, viewer: Member) -> None:
        self._session, self._whole, self._viewer = session, whole, viewer
        # What was read just now: claims, and the marks at their places.
        self._read: set[int] = set()
        self._marks: dict[int, int] = {}

    def found(self) -> Found | _TooMany:
        """The claims that the list is of, whoever asks."""
        key, of = ("found", self._whole), subjects(self._whole)
        return remembered.keep_up(self._session, key, self._found, self._found_since, of=of)

    def marked(self, found: Found) -> Marked:
        """The same with their standing for the member."""

        def since(held: Marked, ids: Collection[int]) -> Marked:
            unread = set(ids).intersection(found.ids).difference(self._read)
            if unread:
                self._look(lists.standing_of(self._viewer.role), ids=list(unread))
            return held.mended(found, self._marks)

        unmarked = Marked(found, bytes(len(found)))
        key = "marks", self._whole, self._viewer.id
        return remembered.keep_up(self._session, key, lambda: since(unmarked, found.ids), since)

    def _found(self) -> Found | _TooMany:
        return _counted(Found.sorted(self._passing()))

    def _found_since(self, held: Found | _TooMany, ids: Collection[int]) -> Found | _TooMany:
        if isinstance(held, _TooMany):
            left = held.more - len(ids)
            return _TooMany(left) if left > 0 else self._found()
        return _counted(held.mended(ids, self._passing(list(ids)))) if ids else held

    def _passing(self, among: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """The places and ids of the claims that pass, of all or of some."""
        claims = lists.matching(self._whole, self._viewer, gathered=True, among=among)
        query = claims.with_only_columns(*lists.standing(self._viewer.role))
        return self._look(query.limit(lists.MOST_COUNTED + _SPARE))

    def _look(self, query: Any, **values: Any) -> list[tuple[int, int]]:
        given = values | {"viewer_id": self._viewer.id}
        places = []
        for article_id, number, id_, *standing in self._session.execute(query, given):
            place = _place(article_id, number)
            places.append((place, id_))
            self._read.add(id_)
            self._marks[place] = _MARKS[tuple(standing)]
        return places


def _counted(found: Found) -> Found | _TooMany:
    more = len(found) - lists.MOST_COUNTED
    return _TooMany(more) if more > 0 else found
