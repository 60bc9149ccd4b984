"""What a search found, and where the work on each claim stands: kept until that changes."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import compress
from operator import itemgetter
from typing import Any

from sqlmodel import Session, col

from claims.models import Appearance, Article, Claim, Evidence, Member, Source, Speaker
from claims.queries import lists, remembered, searching
from claims.queries.filters import Filters, Sort
from claims.rules.vocabulary import State

# What makes a claim one that lasting filters let through.
SUBJECTS = (Appearance, Article, Claim, Evidence, Source, Speaker)


def claims(session: Session, lasting: Filters, viewer: Member) -> Sequence[int] | None:
    """The claims that a search lets through, whatever is judged of them, in their articles' order.

    None when there is nothing to search, or more than `lists.MOST_COUNTED` are
    found: those are soon met on a walk along all claims.
    """
    if not (searching.sought(lasting.q) or lasting.tag):
        return None

    def fresh() -> Sequence[int] | None:
        place = lists.order(Filters()).columns
        query = lists.matching(lasting, viewer, gathered=True).limit(lists.MOST_COUNTED + 1)
        found = session.execute(query.with_only_columns(*place, col(Claim.id))).all()
        # Four bytes for each: many searches are remembered.
        few = len(found) <= lists.MOST_COUNTED
        return array("I", map(itemgetter(-1), sorted(found))) if few else None

    asked = lasting.but(sort=Sort.ARTICLE)
    return remembered.read(session, ("found", asked), fresh, of=SUBJECTS)


def first(found: Sequence[int], sort: Sort, most: int) -> Sequence[int]:
    """Those found that come first, or all where a change of any of them changes the order."""
    if sort is Sort.ARTICLE:
        return found[:most]
    return nlargest(most, found) if sort is Sort.NEWEST else found


@dataclass(frozen=True)
class Marked:
    """The claims that a search found, and for each a byte: its state and `lists.flagged`.

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

    def mended(self, places: Mapping[int, int], rows: Iterable[Any]) -> "Marked":
        """The same with the claims at these places marked anew, as rows say."""
        marks = bytearray(self.marks)
        for place in places.values():
            marks[place] = 0
        for state, *flags, claim_id in rows:
            marks[places[claim_id]] = self.mark(state, *flags)
        return Marked(self.ids, bytes(marks))


def marks(session: Session, filters: Filters, viewer: Member, found: Sequence[int]) -> Marked:
    """Mark the claims that were found; those only that were worked on since they were marked.

    A verdict or a ruling changes the claim that it is about and no other.
    """

    def mend(held: Marked, ids: Collection[int | None]) -> Marked:
        wanted = set(ids)
        places = {claim_id: place for place, claim_id in enumerate(held.ids) if claim_id in wanted}
        if not places:
            return held
        rows = lists.flagged(filters, viewer, col(Claim.id), found=list(places))
        return held.mended(places, session.execute(rows))

    asked = filters.but(state=None, sort=Sort.ARTICLE), viewer.id
    return remembered.keep_up(
        session,
        ("marks", *asked),
        lambda: mend(Marked(found, bytes(len(found))), found),
        mend,
        of=SUBJECTS + remembered.SETTINGS,
    )
