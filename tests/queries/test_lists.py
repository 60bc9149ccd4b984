import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from claims import desk, queries
from claims.models import Claim, ClaimTag, Verdict
from claims.queries.filters import NOBODY, Filters, Sort
from claims.rules.vocabulary import Kind, State
from tests.factories import (
    a_claim,
    a_member,
    a_source,
    an_article,
    an_editor,
    some_evidence,
    the_rating,
)


def found(session, viewer, **args):
    filters = Filters.from_args(args)
    chosen = queries.lists.matching(filters, viewer)
    rows = queries.paging.page(session, chosen, queries.lists.order(filters)).rows
    return [claim.statement for claim in rows]


SEARCHES = [
    ("dam litres", True),
    ("LITRE", True),
    ("million 40", True),
    ("4", False),
    ("مکہ", True),
    ("مكه", True),
    ("cafe", True),
    ("CAFÉ", True),
    ("水坝", True),
    ("हिन्दी", True),
    ("aquatic registrar", True),
    ("invented-works", True),
    ("dam OR nothing", False),
    ("nonsuch", False),
]


@pytest.mark.parametrize(("q", "there"), SEARCHES)
def test_a_search_finds_words_however_they_are_typed(session, q, there):
    ada = a_member(session)
    claim = a_claim(session, quotation="Café مکه 水坝 हिन्दी", speaker="Aquatic Registrar Nobody")
    some_evidence(session, claim, source=a_source(session, publisher="Invented-Works Monthly"))
    a_claim(session, "Something else entirely", quotation="else", evidence=[])

    assert found(session, ada, q=q) == ([claim.statement] if there else [])


HOSTILE = [
    '"', "'", "\\", "a\\", "' OR 1=1 --", "dam AND", "NEAR(dam litres, 2)", "words:dam", "*",
    "dam*", "(dam", "dam)", "%", "_", "dam\0", "^dam", "-dam", "{dam}", "dam:*", "dam & !x",
    "\ud800", "x" * 9000, "dam " * 900, "𞤀𞤣", "🚰", "\u200c",
]  # fmt: skip


@pytest.mark.parametrize("q", HOSTILE)
def test_no_search_text_breaks_the_search(session, q):
    ada = a_member(session)
    a_claim(session)

    assert len(found(session, ada, q=q)) in {0, 1}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_a_claim_is_found_by_every_word_of_its_statement(session, text):
    ada = a_member(session)
    statement = queries.filters._clean(text) or "A made-up dam"
    claim = a_claim(session, statement, quotation="x", evidence=[])
    claim_ids = [c.id for c in session.exec(queries.lists.matching(Filters(q=statement), ada))]

    assert claim.id in claim_ids


def test_a_search_without_words_leaves_nothing_out(session):
    ada = a_member(session)
    claim = a_claim(session)

    assert found(session, ada, q="— … !") == [claim.statement]


def test_each_filter_lets_through_what_it_names(session):
    ada, eve = a_member(session, "Ada"), a_member(session, "Eve")
    first, second = an_article(session, "First"), an_article(session, "Second")
    one = a_claim(session, "one", article=first, kind=Kind.FACT, speaker="Mayor Nobody")
    two = a_claim(session, "two", article=second, kind=Kind.NUMBER, evidence=[])
    one.assignee_id = ada.id
    one.rating_id = the_rating(session, "false").id
    session.add(ClaimTag(claim_id=two.id, tag_id=desk.claims.tag(session, "water").id))
    session.commit()

    for args in (
        {"state": "in review"},
        {"kind": "fact"},
        {"speaker": str(one.speaker_id)},
        {"article": str(first.id)},
        {"assignee": str(ada.id)},
        {"rating": "false"},
        {"mine": "1"},
        {"kind": "fact", "rating": "false", "assignee": str(ada.id)},
    ):
        assert found(session, ada, **args) == ["one"], args
    for args in (
        {"state": "to check"},
        {"kind": "number"},
        {"speaker": "none"},
        {"article": str(second.id)},
        {"assignee": "none"},
        {"rating": "none"},
        {"tag": "water"},
    ):
        assert found(session, ada, **args) == ["two"], args
    for args in (
        {"tag": "no such tag"},
        {"article": "999999"},
        {"assignee": str(eve.id)},
        {"kind": "fact", "tag": "water"},
    ):
        assert found(session, ada, **args) == [], args
    assert Filters.from_args({"speaker": "none"}).speaker == NOBODY


def test_what_is_withdrawn_or_merged_is_not_listed(session):
    ada = a_member(session)
    article = an_article(session)
    kept, gone, merged = (a_claim(session, name, article=article) for name in ("a", "b", "c"))
    of_gone = a_claim(session, "d")
    gone.withdrawn_at = gone.created_at
    merged.merged_into_id = kept.id
    of_gone.article_id = an_article(session).id
    session.flush()
    session.get(type(article), of_gone.article_id).withdrawn_at = kept.created_at
    session.commit()

    assert found(session, ada) == ["a"]


def test_work_that_one_did_makes_a_claim_ones_own(session):
    ada, eve = a_member(session, "Ada"), a_member(session, "Eve")
    weighed = a_claim(session, "weighed", evidence=[])
    some_evidence(session, weighed, by=ada)
    judged = a_claim(session, "judged")
    a_verdict(session, judged, ada)
    a_claim(session, "untouched")

    assert found(session, ada, mine="1") == ["weighed", "judged"]
    assert found(session, eve, mine="1") == []


def a_verdict(session, claim, by, rating="false"):
    session.add(
        Verdict(
            claim_id=claim.id,
            member_id=by.id,
            rating_id=the_rating(session, rating).id,
            rationale="The made-up register says so.",
        )
    )
    desk.standing.refresh(session, claim)
    session.commit()


def test_what_waits_for_a_member_depends_on_what_they_can_do_about_it(session):
    queries.standing.desk(session).verdicts_required = 2
    ada, ed, reader = a_member(session, "Ada"), an_editor(session), a_member(session, "R", "viewer")
    article = an_article(session)
    to_check = a_claim(session, "to check", article=article, evidence=[])
    taken = a_claim(session, "taken", article=article, evidence=[])
    taken.assignee_id = ada.id
    to_judge = a_claim(session, "to judge", article=article)
    judged = a_claim(session, "judged", article=article)
    a_verdict(session, judged, ada)
    disputed = a_claim(session, "disputed", article=article)
    a_verdict(session, disputed, ada)
    a_verdict(session, disputed, ed, "true")
    session.commit()
    assert [c.state for c in (to_check, to_judge, judged, disputed)] == [
        State.TO_CHECK, State.IN_REVIEW, State.IN_REVIEW, State.DISPUTED,
    ]  # fmt: skip

    assert found(session, ada, waiting="me") == ["taken", "to judge"]
    assert found(session, ed, waiting="me") == ["to judge", "judged", "disputed"]
    assert found(session, reader, waiting="me") == []
    assert found(session, ed, waiting="settle") == ["disputed"]
    assert found(session, ada, waiting="judge") == ["to judge"]
    assert found(session, ada, waiting="settle") == []
    disputed.assignee_id = ada.id
    session.commit()
    assert found(session, ada, waiting="check") == ["taken", "disputed"]


def test_where_one_verdict_is_enough_a_claim_in_hand_waits_for_nobody_else(session):
    ada, eve = a_member(session, "Ada"), a_member(session, "Eve")
    claim = a_claim(session, "in review")
    claim.assignee_id = ada.id
    session.commit()

    assert found(session, ada, waiting="judge") == ["in review"]
    assert found(session, eve, waiting="judge") == []


# PostgreSQL chooses its plan by how much there is.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("args", [{}, {"kind": "opinion", "rating": "none"}, {"state": "ruled"}])
@pytest.mark.parametrize("sort", [Sort.ARTICLE, Sort.CHANGED, Sort.EVIDENCE])
def test_a_page_of_the_list_is_found_in_an_index_alone(engine, session, args, sort):
    filters = Filters.from_args(args | {"sort": sort})
    ids = queries.lists.matching(filters, a_member(session)).with_only_columns(Claim.id)
    query = queries.lists.order(filters).apply(ids, None).limit(51)
    written = query.compile(engine, compile_kwargs={"literal_binds": True})

    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()

    assert any("claim USING COVERING INDEX ix_claim_by_" in step[-1] for step in plan), plan


# PostgreSQL chooses its plan by how much there is.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "args", [{"kind": "opinion"}, {"rating": "false"}, {"rating": "none", "state": "to check"}]
)
def test_few_claims_of_a_kind_or_a_rating_are_found_without_a_look_at_the_others(
    engine, session, args
):
    filters = Filters.from_args(args | {"sort": "changed"})
    few = queries.lists.matching(filters, a_member(session), gathered=True)
    query = queries.lists.order(filters).apply(few.with_only_columns(Claim.id), None).limit(51)
    written = query.compile(engine, compile_kwargs={"literal_binds": True})

    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()

    assert any("ix_claim_by_kind (kind=?" in step[-1] for step in plan), plan
