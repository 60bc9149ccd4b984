import base64
import json

import pytest
from sqlmodel import col, select

from claims.models import Claim, Source
from claims.queries import paging
from claims.queries.paging import Order
from tests.factories import a_claim, a_source


@pytest.mark.parametrize("columns", [(Source.title, Source.id), (Source.created_at, Source.id)])
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_goes_on_where_its_page_ended_whatever_it_is_sorted_by(session, columns, descending):
    for number in range(7):
        a_source(session, f"Made-up record {number % 3}")
    order = Order(tuple(col(column) for column in columns), descending=descending)

    seen, after = [], None
    for _ in range(4):
        page = paging.page(session, select(Source), order, after=after, size=2)
        seen += [source.id for source in page.rows]
        after = page.next

    assert after is None
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 7


def a_cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "é",
        a_cursor(),
        a_cursor("a title"),
        a_cursor("a title", "1"),
        a_cursor("a title", True),
        a_cursor("a title", 2**31),
        a_cursor("a\0title", 1),
        a_cursor("half a \ud83d", 1),
        a_cursor(None, 1),
    ],
)
def test_a_cursor_that_makes_no_sense_starts_the_list_anew(session, cursor):
    source = a_source(session)
    order = Order((col(Source.title), col(Source.id)))

    page = paging.page(session, select(Source), order, after=cursor)

    assert page.rows == [source]


def test_a_list_sorted_by_change_goes_on_too(session):
    claims = [a_claim(session, evidence=[]) for _ in range(3)]
    order = Order((col(Claim.changed_at), col(Claim.id)))

    first = paging.page(session, select(Claim), order, size=2)
    rest = paging.page(session, select(Claim), order, after=first.next, size=2)

    assert [*first.rows, *rest.rows] == claims
