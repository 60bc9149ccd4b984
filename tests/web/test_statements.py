"""What a page or a save costs the database, in statements."""

from claims import desk, queries
from claims.queries import reading, remembered
from tests.factories import a_claim, a_ruling, a_verdict, an_article, an_owner, some_evidence


def test_a_page_takes_at_most_eight_statements_right_after_a_start_or_a_change(
    client, session, statements
):
    owner = an_owner(session)
    article = an_article(session)
    claim, other = a_claim(session, article=article), a_claim(session, article=article)
    some_evidence(session, claim, by=owner)
    a_verdict(session, claim, by=owner)
    a_ruling(session, claim)
    desk.claims.link(session, claim, other, "The same register.", by=owner)
    desk.discussion.ask(session, claim, "Which register?", by=owner)
    desk.claims.retag(session, claim, ["dams"], by=owner)
    desk.articles.load_text(session, article, "It holds 40 million litres.", by=owner)
    session.commit()
    client.as_(owner)
    addresses = [
        *("/", "/claims", "/claims?q=dam&mine=1&waiting=me&sort=changed", "/articles", "/sources"),
        *(
            f"/claims/{claim.id}",
            f"/claims/{claim.id}?in=sort%3Dchanged",
            f"/claims/{claim.id}/history",
        ),
        *(f"/articles/{article.id}", f"/articles/{article.id}?claim={claim.id}"),
        *("/reports", "/ledger", "/people", "/settings", "/account"),
    ]
    taken = {}

    for address in addresses:
        # As right after a start, when nothing has been read yet.
        remembered._kept.clear()
        reading._cut.clear()
        statements.sent.clear()
        client.get(address)
        taken[f"{address} for the first time"] = len(statements)
        desk.discussion.comment(session, other, "Something else happened.", by=owner)
        session.commit()
        statements.sent.clear()
        assert client.get(address).status_code == 200
        taken[address] = len(statements)

    assert {address: number for address, number in taken.items() if number > 8} == {}


def test_a_verdict_that_takes_the_place_of_another_takes_twelve_statements(
    client, session, statements
):
    owner = an_owner(session)
    claim = a_claim(session)
    some_evidence(session, claim, by=owner)
    a_verdict(session, claim, by=owner)
    session.commit()
    client.as_(owner)
    pieces = [piece.id for piece in queries.evidence.on_claim(session, claim).standing]
    form = {"rating": "true", "rationale": "Both registers say so.", "rests_on": pieces}

    statements.forget()
    answer = client.post(f"/claims/{claim.id}/verdicts", data=form | {"once": "this-form"})

    assert answer.status_code == 303
    assert len(statements) <= 12
