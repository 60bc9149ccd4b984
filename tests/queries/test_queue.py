import pytest

from claims import queries
from claims.queries.filters import Filters, Sort
from claims.rules.vocabulary import Kind, Stance, State
from tests.factories import a_claim, a_member, an_article, the_rating


def test_more_claims_than_are_counted_have_no_number(session, monkeypatch):
    monkeypatch.setattr(queries.lists, "MOST_COUNTED", 3)
    ada = a_member(session)
    article = an_article(session)
    for n in range(4):
        a_claim(session, f"dam {n}", article=article, evidence=[])
    a_claim(session, "a weir", kind=Kind.OPINION, article=article)

    def counts(**args):
        return queries.queue.page(session, Filters.from_args(args), ada).counts

    everything = counts()
    assert (everything.every, everything.total, everything.mine) == (None, None, None)
    assert set(dict(everything.states).values()) == {None}
    assert counts(state="in review").total == 1
    assert counts(state="to check").total is None
    assert dict(counts(kind="opinion").states)[State.IN_REVIEW] == 1


@pytest.mark.parametrize("sort", Sort)
def test_few_claims_are_listed_as_many_are(session, monkeypatch, sort):
    ada = a_member(session)
    a_claim(session, "one", kind=Kind.OPINION)
    for claim in (a_claim(session, "two"), a_claim(session, "three")):
        claim.rating_id = the_rating(session, "false").id
    session.flush()

    def listed(**args):
        page = queries.queue.page(session, Filters.from_args(args | {"sort": sort}), ada)
        return [row.statement for row in page.claims.rows]

    asked = [{}, {"kind": "opinion"}, {"rating": "false"}, {"rating": "none", "kind": "fact"}]
    few = [listed(**args) for args in asked]
    monkeypatch.setattr(queries.queue, "_FEW", 0)

    assert [listed(**args) for args in asked] == few
    assert [len(claims) for claims in few] == [3, 1, 2, 0]


@pytest.mark.parametrize("sort", Sort)
def test_claims_that_a_search_found_are_listed_and_counted_as_on_a_walk(session, sort):
    ada = a_member(session)
    article = an_article(session)
    for n in range(5):
        evidence = [Stance.SUPPORTS] * (n % 3)
        a_claim(session, f"dam {n}", article=article, evidence=evidence, by=ada)
    a_claim(session, "a weir", quotation="weir", evidence=[])

    for args in ({}, {"state": "in review"}, {"rating": "none"}, {"mine": "1"}, {"waiting": "me"}):
        filters = Filters.from_args({"q": "dam", "sort": sort} | args)
        after = None
        for _ in range(2):
            page = queries.queue.page(session, filters, ada, after=after, size=2)
            walked = queries.queue.rows(session, filters, ada, after=after, size=2)
            assert page.claims == walked, args
            after = walked.next
        assert page.counts.every == (3 if "mine" in args or "waiting" in args else 5), args
        assert page.counts == queries.counts.of(session, filters, ada), args
