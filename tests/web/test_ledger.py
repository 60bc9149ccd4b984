import re

import pytest
import sqlalchemy as sa

from claims import desk, ledger, queries
from claims.models import Claim, Content, Desk
from claims.rules.vocabulary import Damage, Role
from tests.factories import (
    a_claim,
    a_copy,
    a_member,
    a_source,
    a_verdict,
    an_article,
    an_owner,
)
from tests.test_ledger import unlock


@pytest.fixture
def reader(client, session):
    """Somebody who may only read, signed in."""
    member = a_member(session, "Reader One", Role.VIEWER)
    client.as_(member)
    return member


def lines(page):
    """The numbers of the lines on a page, from the top."""
    return [int(n) for n in re.findall(r'<tr id="event-(\d+)"', page)]


def line(page, seq):
    return re.search(rf'<tr id="event-{seq}".*?</tr>', page, re.DOTALL)[0]


def test_the_ledger_shows_every_change_newest_first(client, session, reader):
    claim = a_claim(session, by=reader)
    before = ledger.snapshot(claim)
    claim.statement = "The made-up dam holds 41 million litres"
    ledger.record(session, "claim reworded", claim, by=reader, before=before)
    session.commit()

    page = client.get("/ledger").text

    seq, digest = ledger.end(session)
    assert lines(page) == list(range(seq, 0, -1))
    newest = line(page, seq)
    assert "Reader One" in newest
    assert "reworded the claim" in newest
    assert "<del>The made-up dam holds 40 million litres</del>" in newest
    assert "<ins>The made-up dam holds 41 million litres</ins>" in newest
    assert digest in newest
    assert digest in page.partition("Newest digest")[2][:300]


def test_a_long_ledger_goes_on_where_the_page_ends(client, session, reader):
    article = an_article(session)
    for number in range(60):
        before = ledger.snapshot(article)
        article.title = f"A made-up article, version {number}"
        ledger.record(session, "article edited", article, by=reader, before=before)
    session.commit()

    page = client.get("/ledger").text
    following = re.search(r'href="(/ledger\?after=[^"]+)"', page)[1].replace("&amp;", "&")
    rest = client.get(following).text
    part = client.htmx("GET", following, "more").text

    assert lines(page) + lines(rest) == list(range(lines(page)[0], 0, -1))
    assert lines(part) == lines(rest)
    assert "<html" not in part


def test_the_ledger_is_as_cheap_for_many_claims_as_for_few(client, session, reader, statements):
    a_claim(session, by=reader)
    client.get("/ledger")
    statements.forget()
    client.get("/ledger")
    few = len(statements)
    for _ in range(12):
        a_claim(session, by=reader)

    statements.forget()
    client.get("/ledger")

    assert len(statements) == few


def test_the_ledger_is_filtered_by_member_and_subject(client, session, reader):
    other = a_member(session, "Reviewer Two")
    mine, theirs = a_claim(session, by=reader), a_claim(session, by=other)

    by_me = client.get(f"/ledger?member={reader.id}&about=claim").text
    about_evidence = client.get("/ledger?about=evidence").text

    [only] = lines(by_me)
    assert mine.statement in line(by_me, only)
    assert len(lines(about_evidence)) == 2
    assert theirs.id != mine.id


@pytest.mark.parametrize(
    "query",
    ["member=99999999999999999999", "member=x", "about=nonsense", "after=nonsense", "after=W10"],
)
def test_a_filter_that_makes_no_sense_shows_the_whole_ledger(client, session, reader, query):
    a_claim(session)

    response = client.get(f"/ledger?{query}")

    assert response.status_code == 200
    assert lines(response.text)[-1] == 1


def test_a_filter_that_finds_nothing_leads_back(client, session, reader):
    page = client.get("/ledger?about=report").text

    assert "No such line" in page
    assert 'href="/ledger"' in page


def two_verdicts_needed(session):
    settings = session.get(Desk, 1)
    settings.verdicts_required, settings.blind = 2, True
    session.add(settings)
    session.commit()


def test_a_blind_verdict_is_a_sealed_line_that_tells_nothing(client, session, reader):
    two_verdicts_needed(session)
    reviewer = a_member(session, "Reviewer Two")
    claim = a_claim(session)
    a_verdict(session, claim, "false", rationale="A secret rationale.", by=reviewer)
    session.commit()
    seq = ledger.verify(session).events

    for address in ("/ledger", f"/ledger?member={reviewer.id}", "/ledger?about=verdict"):
        assert "secret rationale" not in client.get(address).text
    page = client.get("/ledger").text
    sealed = line(page, seq)
    assert "Sealed until the verdicts on this claim are revealed." in sealed
    for told in ("Reviewer Two", "<time", "verdict given", "false", claim.statement):
        assert told not in sealed
    assert ledger.head(session) in sealed
    assert seq not in lines(client.get(f"/ledger?member={reviewer.id}").text)
    assert seq not in lines(client.get("/ledger?about=verdict").text)

    theirs = client.as_(reviewer).get("/ledger").text
    assert "A secret rationale." in line(theirs, seq)


def test_a_sealed_line_opens_when_the_verdicts_are_revealed(client, session, reader):
    two_verdicts_needed(session)
    claim = a_claim(session)
    a_verdict(session, claim, "false", rationale="A secret rationale.", by=a_member(session))
    a_verdict(session, claim, "true", rationale="Another one.", by=a_member(session))
    session.commit()
    assert session.get(Claim, claim.id).state == "disputed"

    page = client.get("/ledger").text

    assert "Sealed" not in page
    assert "A secret rationale." in page


def test_anybody_may_verify_the_ledger(client, session, reader):
    a_claim(session)

    page = client.get("/ledger?verify=1").text
    part = client.htmx("GET", "/ledger?verify=1", "verification").text

    held = f"The ledger holds: all {ledger.verify(session).events} events"
    assert held in page
    assert held in part
    assert "<html" not in part
    assert "The ledger holds" not in client.get("/ledger").text


def test_a_ledger_that_was_changed_says_where(client, session, reader):
    a_claim(session)
    unlock(session)
    session.execute(sa.text("UPDATE event SET actor = 'nobody' WHERE seq = 2"))
    session.commit()

    page = client.get("/ledger?verify=1").text

    assert "broken at event" in page
    assert "was changed" in page


def test_no_secret_of_a_member_is_in_the_ledger(client, session):
    owner = an_owner(session)
    password = "four made-up words"
    member = desk.members.add(session, "Ada", "ada@desk.example", Role.OWNER, password, by=owner)
    desk.members.set_password(session, member, password + "!", by=member)
    _, token = desk.members.invite(session, Role.VIEWER, "", by=member)
    session.commit()

    page = client.as_(owner).get("/ledger").text

    for secret in (password, token, desk.members.digest(token), "argon2"):
        assert secret not in page


def test_what_happens_to_copies_and_origins_is_told_of_their_sources(client, session, reader):
    source, other = a_source(session, "Paper One"), a_source(session, "Paper Two")
    release = "The made-up dam holds forty million litres, said the made-up ministry. " * 20
    copies = [a_copy(session, one, release + "!" * n) for n, one in enumerate((source, other))]
    content = session.get_one(Content, copies[0].sha256)
    desk.captures.found_damaged(session, content, Damage.CHANGED)
    desk.captures.found_sound(session, content)
    (hint,) = queries.origins.suggestions(session, source.id)
    origin = desk.origins.agree(session, hint, by=reader)
    session.commit()

    page = client.get("/ledger").text

    told = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page))
    for words in (
        "the desk took a copy of Paper One",
        "the desk found a damaged copy of Paper One",
        "the desk found the bytes sound again in a copy of Paper One",
        "Reader One called two sources one origin among them Paper One",
        "Reader One changed the origin of Paper Two",
    ):
        assert words in told, words
    assert f'href="/sources/{source.id}"' in page
    assert re.search(
        rf'named an origin\s+<a href="/origins/{origin.id}" dir="auto">Paper One</a>', page
    )
