from urllib.parse import parse_qsl, urlencode

import hypothesis.strategies as st
from hypothesis import given

from claims import queries
from claims.queries.filters import Filters, Sort, Waiting
from claims.rules.vocabulary import Kind, State

FILTERS = st.builds(
    Filters,
    q=st.text(max_size=30).map(queries.filters._clean),
    state=st.none() | st.sampled_from(State),
    rating=st.sampled_from(["", "none", "false", "mostly-true"]),
    kind=st.none() | st.sampled_from(Kind),
    speaker=st.none() | st.integers(0, 2**31 - 1),
    article=st.none() | st.integers(1, 2**31 - 1),
    assignee=st.none() | st.integers(0, 2**31 - 1),
    tag=st.text(max_size=30).map(queries.filters._clean),
    mine=st.booleans(),
    waiting=st.none() | st.sampled_from(Waiting),
    sort=st.sampled_from(Sort),
)


@given(FILTERS)
def test_filters_come_back_from_their_address_as_they_were(filters):
    assert Filters.from_args(filters.to_args()) == filters
    assert Filters.carried(filters.carry) == filters
    assert Filters.from_args(dict(parse_qsl(urlencode(filters.to_args())))) == filters


@given(st.dictionaries(st.sampled_from(sorted(queries.filters._READERS)), st.text(max_size=300)))
def test_whatever_an_address_asks_is_read_or_noted(args):
    filters = Filters.from_args(args)

    assert {name for name, _ in filters.ignored} <= set(args)
    assert Filters.from_args(filters.to_args()) == filters
