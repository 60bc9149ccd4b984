"""What a list has and what its chips count, asked of the database anew for each of them."""

from claims import queries
from claims.queries.counts import Counts
from claims.queries.filters import Waiting
from claims.rules.vocabulary import State


def walked(session, filters, viewer, **where):
    """The ids of a page's claims, and where the next one starts."""
    claims = queries.lists.matching(filters, viewer)
    page = queries.paging.page(session, claims, queries.lists.order(filters), **where)
    return [claim.id for claim in page.rows], page.next


def counted(session, filters, viewer):
    """How many claims each chip would list."""

    def number(**chip):
        return len(session.exec(queries.lists.matching(filters.but(**chip), viewer)).all())

    states = tuple((state, number(state=state)) for state in State)
    every, waiting, mine = number(state=None), number(waiting=Waiting.ME), number(mine=True)
    return Counts(states, every, waiting, mine, number())
