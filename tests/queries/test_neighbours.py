import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from claims import desk, queries
from claims.models import Claim, ClaimTag
from claims.queries.filters import Filters, Sort
from claims.rules.vocabulary import Kind
from tests.factories import a_claim, a_member, an_article


def test_neighbours_follow_the_filter_and_the_order(session):
    ada = a_member(session)
    article = an_article(session)
    claims = [
        a_claim(session, str(n), article=article, kind=Kind.FACT if n % 2 else Kind.NUMBER)
        for n in range(7)
    ]
    facts = Filters(kind=Kind.FACT)

    beside = queries.neighbours.beside(session, facts, claims[3], ada)
    assert (beside.previous, beside.next) == (claims[1].id, claims[5].id)
    assert (beside.before, beside.total) == (1, 3)
    newest = queries.neighbours.beside(session, facts.but(sort=Sort.NEWEST), claims[5], ada)
    assert (newest.previous, newest.next, newest.before) == (None, claims[3].id, 0)
    # One that work has moved out of the filter keeps its place.
    outside = queries.neighbours.beside(session, facts, claims[4], ada)
    assert (outside.previous, outside.next, outside.before) == (claims[3].id, claims[5].id, 2)
    searched = queries.neighbours.beside(session, Filters(q="3"), claims[3], ada)
    assert (searched.previous, searched.next, searched.total) == (None, None, 1)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=9))
def test_going_from_claim_to_claim_meets_each_once_in_every_order(session, claims):
    ada = a_member(session)
    articles = [an_article(session) for _ in range(3)]
    tag = desk.claims.tag(session, f"list {articles[0].id}")
    for position, (where, evidence) in enumerate(claims):
        claim = Claim(
            article_id=articles[where].id,
            number=position + 1,
            statement="claim",
            kind=Kind.FACT,
            evidence_count=evidence,
        )
        session.add(claim)
        session.flush()
        session.add(ClaimTag(claim_id=claim.id, tag_id=tag.id))
    session.commit()

    for sort in Sort:
        filters = Filters(tag=tag.name, sort=sort)
        chosen = queries.lists.matching(filters, ada)
        whole = session.exec(queries.lists.order(filters).apply(chosen, None)).all()
        for position, claim in enumerate(whole):
            beside = queries.neighbours.beside(session, filters, claim, ada)
            assert (beside.before, beside.total) == (position, len(claims))
            assert beside.previous == (whole[position - 1].id if position else None)
            assert beside.next == (whole[position + 1].id if claim is not whole[-1] else None)
