from claims import desk, queries
from claims.models import Claim
from claims.rules.vocabulary import Role
from tests.factories import a_claim, a_member, an_article, an_editor


def test_a_new_desk_says_where_to_start(session, client):
    client.as_(an_editor(session))

    page = client.get("/").text

    assert "Start with an article" in page
    assert 'href="/articles"' in page


def test_the_desk_shows_what_waits_and_leads_into_the_queue(session, client):
    ada, article = a_member(session, "Ada Nobody"), an_article(session)
    for number in range(6):
        a_claim(session, f"claim {number}", article=article)

    page = client.as_(ada).get("/").text

    assert "6</span> claims wait for you" in page
    assert 'href="/claims?waiting=judge">All 6' in page
    assert 'href="/claims?waiting=me"' in page


def test_a_reader_is_asked_for_nothing(session, client):
    a_claim(session)

    page = client.as_(a_member(session, role=Role.VIEWER)).get("/").text

    assert "wait" not in page
    assert "Take it" not in page


def test_a_claim_that_nobody_has_is_taken_from_the_desk(session, client):
    ada, claim = a_member(session), a_claim(session, evidence=[])
    form = {"do": "assign", "to": ada.id, "claim": claim.id, "back": "desk"}

    page = client.as_(ada).htmx("POST", "/claims/bulk", "desk", data=form, follow_redirects=True)

    assert page.text.lstrip().startswith('<section class="page" id="desk"')
    assert "In your hands" in page.text
    session.expire_all()
    assert session.get(Claim, claim.id).assignee_id == ada.id


def test_the_desk_tells_what_happened_in_plain_words(session, client):
    ed, ada = an_editor(session, "Edna Nobody"), a_member(session, "Ada Nobody")
    claim = a_claim(session, "The dam & its litres", by=ada)
    desk.claims.assign(session, claim, ada, by=ed)
    session.commit()

    page = client.as_(ada).get("/").text

    assert "Edna Nobody</strong> handed Ada Nobody the claim" in page
    assert "The dam &amp; its litres" in page
    assert f'href="/claims/{claim.id}"' in page


def test_a_blind_verdict_does_not_show_on_the_desk(session, client):
    queries.standing.desk(session).verdicts_required = 2
    ada, eve = a_member(session, "Ada Nobody"), a_member(session, "Eve Nobody")
    claim = a_claim(session)
    ratings = {rating.key: rating for rating in queries.scales.current(session)}
    grounds = queries.standing.basis(session, claim).evidence
    desk.verdicts.give(session, claim, ratings["false"], "Nine.", rests_on=grounds, by=ada)
    session.commit()

    assert "gave the verdict False" not in client.as_(eve).get("/").text
    assert "gave the verdict False" in client.as_(ada).get("/").text
