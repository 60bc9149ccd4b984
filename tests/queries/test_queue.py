import pytest

from claims import queries
from claims.queries.filters import Filters, Sort
from claims.rules.vocabulary import Kind, Stance, State
from tests.factories import a_claim, a_member, an_article, the_rating
from tests.queries.walking import counted, walked


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
    monkeypatch.setattr(queries.rows, "_FEW", 0)

    assert [listed(**args) for args in asked] == few
    assert [len(claims) for claims in few] == [3, 1, 2, 0]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("q", ["dam", ""])
def test_a_list_and_its_chips_are_what_the_database_says_of_each(session, sort, q):
    ada = a_member(session)
    article = an_article(session)
    for n in range(5):
        evidence = [Stance.SUPPORTS] * (n % 3)
        a_claim(session, f"dam {n}", article=article, evidence=evidence, by=ada)
    if q:
        a_claim(session, "a weir", quotation="weir", evidence=[])

    for args in ({}, {"state": "in review"}, {"rating": "none"}, {"mine": "1"}, {"waiting": "me"}):
        filters = Filters.from_args({"q": q, "sort": sort} | args)
        after = None
        for _ in range(2):
            page = queries.queue.page(session, filters, ada, after=after, size=2)
            ids, following = walked(session, filters, ada, after=after, size=2)
            assert [row.id for row in page.claims.rows] == ids, args
            assert page.claims.next == following, args
            after = following
        assert page.counts.every == (3 if "mine" in args or "waiting" in args else 5), args
        assert page.counts == counted(session, filters, ada), args
