import base64
import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlmodel import select

from claims import desk, queries
from claims.models import Claim, Event, Verdict
from claims.queries.filters import Filters, Sort
from claims.rules.vocabulary import Kind, Role
from tests.factories import (
    a_claim,
    a_member,
    an_article,
    an_editor,
    the_rating,
)


def rows(page):
    return [int(number) for number in re.findall(r'id="row-(\d+)"', page)]


def more(page):
    found = re.search(r'<p class="pager"><a class="btn" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def many_claims(session, number, article=None):
    """Claims without evidence in one statement each; the quickest way to a long list."""
    article = article or an_article(session)
    for n in range(number):
        session.add(
            Claim(article_id=article.id, number=n + 1, statement=f"claim {n}", kind=Kind.FACT)
        )
    article.claims_numbered = number
    session.commit()


def test_a_desk_without_claims_leads_to_the_articles(session, client):
    client.as_(a_member(session))

    page = client.get("/claims")

    assert "No claims yet" in page.text
    assert 'href="/articles"' in page.text


def test_a_filter_without_claims_offers_to_clear_it(session, client):
    a_claim(session)
    client.as_(a_member(session))

    page = client.get("/claims?kind=opinion&sort=newest")

    assert "No claim matches" in page.text
    assert 'href="/claims?sort=newest"' in page.text


def test_the_list_shows_where_each_claim_stands(session, client):
    ada = a_member(session, "Ada Nobody")
    claim = a_claim(session, speaker="Mayor Nobody")
    claim.assignee_id = ada.id
    claim.rating_id = the_rating(session, "mostly-false").id
    session.commit()

    page = client.as_(ada).get("/claims").text

    for words in (claim.statement, "Mayor Nobody", "Mostly false", "in review", "Ada Nobody"):
        assert words in page
    link = re.search(rf'href="(/claims/{claim.id}\?in=[^"]+)"', page)
    carried = parse_qs(urlsplit(html.unescape(link[1])).query)["in"][0]
    assert Filters.carried(carried) == Filters()


def test_what_the_address_asks_and_nobody_knows_is_said(session, client):
    a_claim(session)
    client.as_(a_member(session))

    page = client.get("/claims?state=nonsense&article=-1&sort=%00&q=%E2%80%A6&after=@@@")

    assert page.status_code == 200
    assert "nonsense" in page.text
    assert "no word to look for" in page.text
    assert len(rows(page.text)) == 1


def test_a_form_with_empty_fields_leads_to_an_address_fit_to_share(session, client):
    client.as_(a_member(session))

    answer = client.get("/claims?q=&kind=fact&speaker=&sort=article")

    assert (answer.status_code, answer.location) == (303, "/claims?kind=fact")


def test_htmx_gets_the_list_alone_and_the_address_to_show(session, client):
    a_claim(session)
    client.as_(a_member(session))

    part = client.htmx("GET", "/claims?q=dam&kind=", "queue")

    assert part.text.lstrip().startswith('<section class="page" id="queue"')
    assert part.headers["HX-Push-Url"] == "/claims?q=dam"


def test_a_searched_word_is_marked_and_its_markup_is_only_text(session, client):
    a_claim(session, "<script>alert(1)</script> The dam & its café")
    client.as_(a_member(session))

    page = client.get("/claims?q=cafe+script").text

    assert "&lt;<mark>script</mark>&gt;" in page
    assert "<mark>café</mark>" in page
    assert "<script>alert" not in page


def test_more_extends_the_list_and_works_as_a_link(session, client):
    many_claims(session, 120)
    client.as_(a_member(session))

    first = client.get("/claims").text
    second = client.htmx("GET", more(first), "more").text
    third = client.get(more(second)).text

    assert second.lstrip().startswith("<tr")
    assert rows(first) + rows(second) + rows(third) == sorted(session.exec(select(Claim.id)).all())
    assert more(third) is None
    assert "From the start of the list" in third


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), max_size=24),
    st.integers(1, 7),
)
def test_pages_put_together_are_the_whole_list_in_every_order(session, claims, size):
    ada = a_member(session)
    articles = [an_article(session) for _ in range(3)]
    made = set()
    for position, (where, evidence, hour) in enumerate(claims):
        changed = articles[0].created_at.replace(hour=hour, microsecond=0)
        claim = Claim(
            article_id=articles[where].id,
            number=position + 1,
            statement="claim",
            kind=Kind.FACT,
            evidence_count=evidence,
            changed_at=changed,
        )
        session.add(claim)
        session.flush()
        made.add(claim.id)
    session.commit()

    for sort in Sort:
        filters = Filters(sort=sort)
        order, chosen = queries.lists.order(filters), queries.lists.matching(filters, ada)
        chosen = chosen.where(Claim.id.in_(made))
        whole = session.exec(order.apply(chosen, None)).all()
        assert {claim.id for claim in whole} == made
        paged, after = [], None
        while True:
            page = queries.paging.page(session, chosen, order, after=after, size=size)
            paged += page.rows
            after = page.next
            if after is None:
                break
        assert paged == whole


def test_a_list_costs_as_many_statements_however_long_it_is(session, client, statements):
    ada = a_member(session)
    article = an_article(session)
    for n in range(10):
        a_claim(session, f"dam {n}", article=article, speaker=f"Speaker Nobody {n}")
    client.as_(ada)

    def cost(address, **options):
        statements.forget()
        # Who is there and how the desk is set up is known from any page before.
        client.get("/account")
        statements.sent.clear()
        assert client.open(address, **options).status_code == 200
        return len(statements)

    addresses = ("/claims", "/claims?q=dam&mine=1&waiting=me", "/claims?sort=evidence", "/")
    before = [cost(address) for address in addresses]
    many_claims(session, 190)
    for member in range(20):
        a_member(session, f"Member {member}")

    assert [cost(address) for address in addresses] == before
    assert max(before) <= 8


def test_counts_and_filters_tell_nothing_of_a_blind_verdict(session, client):
    queries.standing.desk(session).verdicts_required = 2
    ada, eve = a_member(session, "Ada"), a_member(session, "Eve")
    claim, other = a_claim(session), a_claim(session)
    addresses = [
        f"/claims?{query}"
        for query in (
            "", "mine=1", "waiting=me", "waiting=judge", "rating=false", "rating=none",
            "state=in+review", "state=agreed", "sort=evidence", "q=false", "q=arithmetic",
        )
    ]  # fmt: skip
    client.as_(eve)
    changed = claim.changed_at

    def told():
        pages = [client.get(address).text for address in addresses]
        return [re.sub(r'value="[\w.-]{20,}"|content="[^"]{40,}"', "", page) for page in pages]

    before = told()
    session.add(
        Verdict(
            claim_id=claim.id,
            member_id=ada.id,
            rating_id=the_rating(session, "false").id,
            rationale="The arithmetic of the made-up register.",
        )
    )
    desk.standing.refresh(session, claim)
    desk.standing.note(session, claim, changed_at=changed)
    session.commit()

    assert told() == before
    client.as_(ada)
    assert rows(client.get("/claims?waiting=judge").text) == [other.id]


# ---- many at once -----------------------------------------------------------------------------


def test_chosen_claims_are_handed_out_and_the_notice_says_how_many(session, client):
    ed, ada = an_editor(session), a_member(session, "Ada Nobody")
    article = an_article(session)
    claims = [a_claim(session, str(n), article=article) for n in range(3)]
    form = {
        "do": "assign",
        "to": ada.id,
        "claim": [claims[0].id, claims[2].id],
        "in": "kind=number",
    }

    answer = client.as_(ed).post("/claims/bulk", data=form)

    assert (answer.status_code, answer.location) == (303, "/claims?kind=number")
    assert "2 claims assigned to Ada Nobody." in client.get(answer.location).text
    again = client.htmx("POST", "/claims/bulk", "queue", data=form, follow_redirects=True)
    assert "Nothing changed. 2 claims were so already." in again.text
    session.expire_all()
    assert [c.assignee_id for c in claims] == [ada.id, None, ada.id]


def test_all_that_match_are_tagged_and_no_others(session, client):
    ada = a_member(session)
    article = an_article(session)
    facts = [a_claim(session, str(n), article=article, kind=Kind.FACT) for n in range(2)]
    a_claim(session, "a number", article=article)
    form = {"do": "tag", "tag": " water ", "scope": "all", "in": "kind=fact"}

    client.as_(ada).post("/claims/bulk", data=form)

    assert rows(client.get("/claims?tag=water").text) == [c.id for c in facts]
    client.post("/claims/bulk", data=form | {"do": "untag"})
    assert rows(client.get("/claims?tag=water").text) == []


def test_a_double_submit_changes_once(session, client):
    ada, claim = a_member(session), a_claim(session)
    form = {"do": "tag", "tag": "water", "claim": claim.id, "once": "a token of this form"}
    client.as_(ada)

    first, second = (client.post("/claims/bulk", data=form) for _ in range(2))

    assert first.location == second.location
    assert len(session.exec(select(Event).where(Event.action == "tags changed")).all()) == 1


def test_who_only_reads_changes_nothing_and_sees_no_form_for_it(session, client):
    claim = a_claim(session)
    client.as_(a_member(session, role=Role.VIEWER))

    answer = client.post("/claims/bulk", data={"do": "tag", "tag": "x", "claim": claim.id})

    assert answer.status_code == 403
    page = client.get("/claims").text
    assert 'id="bulk"' not in page
    assert 'type="checkbox"' not in page
    assert "Waiting for me" not in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"do": "assign", "to": "me", "claim": "1"}, "Choose who"),
        ({"do": "assign", "to": "99999999999", "claim": "1"}, "Choose who"),
        ({"do": "assign", "to": "none"}, "Choose at least one"),
        ({"do": "assign", "to": "none", "claim": ["x", "-1"]}, "whole number"),
        ({"do": "assign", "to": "none", "claim": str(2**40)}, ""),
        ({"do": "assign", "to": "none", "claim": "2147483646"}, "Choose at least one"),
        ({"do": "tag", "claim": "1", "tag": "  "}, "Write the tag"),
        ({"do": "tag", "claim": "1", "tag": "x" * 61}, "60 characters"),
        ({"do": "tag", "claim": "1", "tag": "water, dams"}, "one tag at a time"),
        ({"do": "burn", "claim": "1"}, "values offered"),
        ({}, "Fill this in"),
    ],
)
def test_a_senseless_form_is_answered_in_the_words_of_its_field(session, client, form, words):
    a_claim(session)
    client.as_(a_member(session))

    answer = client.post("/claims/bulk", data=form)

    assert answer.status_code == 422
    assert words in answer.text
    assert not session.exec(select(Event).where(Event.action == "tags changed")).all()


def test_a_wrong_form_keeps_what_was_ticked_and_typed(session, client):
    claim = a_claim(session)
    client.as_(a_member(session))
    form = {"do": "tag", "claim": claim.id, "tag": "x" * 61}

    answer = client.htmx("POST", "/claims/bulk", "queue", data=form)

    assert "checked" in answer.text
    assert "x" * 61 in answer.text


def test_what_was_ticked_further_down_a_long_list_stays_chosen_when_the_form_was_wrong(
    session, client
):
    many_claims(session, 60)
    ids = sorted(session.exec(select(Claim.id)).all())
    client.as_(a_member(session))

    page = client.post("/claims/bulk", data={"do": "tag", "claim": [ids[0], ids[-1]]})

    assert f'<input type="hidden" name="claim" value="{ids[-1]}">' in page.text
    assert "and 1 further down" in page.text


def test_claims_that_are_gone_are_told_of(session, client):
    ada, claim, gone = a_member(session), a_claim(session), a_claim(session)
    gone.withdrawn_at = gone.created_at
    session.commit()
    form = {"do": "assign", "to": ada.id, "claim": [claim.id, gone.id]}

    page = client.as_(ada).post("/claims/bulk", data=form, follow_redirects=True)

    assert "1 claim assigned to you. 1 claim is not in the list any more." in page.text


def test_a_cursor_that_somebody_made_up_starts_the_list_or_goes_on_and_never_fails(session, client):
    claim = a_claim(session)
    client.as_(a_member(session))

    for values in (
        [1],
        ["x", 1],
        ["0001-01-01T00:00:00+23:00", 1],
        ["9999-12-31T23:59:59-23:00", 1],
    ):
        after = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
        for sort in Sort:
            page = client.get("/claims", query_string={"sort": sort, "after": after})
            assert page.status_code == 200
            assert rows(page.text) in ([], [claim.id])
