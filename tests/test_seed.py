"""The first article, given to a desk; the data itself is looked at in test_seed_data."""

import copy
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from claims import database, desk, ledger, queries, seed
from claims.desk.articles import Facts, Pointer
from claims.models import Appearance, Article, Claim, ClaimLink, Event, Lead, Speaker
from claims.rules.vocabulary import Kind, Placement
from tests.factories import a_member

SEEDS = seed.read(seed.FIRST_ARTICLE)


def everything(session):
    """All that seeding writes, as it stands."""
    tables = (Article, Claim, Appearance, Lead, ClaimLink, Speaker)
    return {
        table.__name__: [
            row.model_dump()
            for row in session.exec(select(table).order_by(*table.__table__.primary_key))
        ]
        for table in tables
    }


def with_one_more(seeds):
    """A newer seed file: one claim more, linked to the first and to itself alone in nothing."""
    newer = copy.deepcopy(seeds)
    number = len(newer["claims"]) + 1
    newer["claims"].append(
        {
            "number": number,
            "statement": "A made-up claim that a later reading found",
            "kind": "fact",
            "speaker": None,
            "appearances": [
                {
                    "paragraph": 1,
                    "quotation": "a made-up quotation",
                    "prefix": "",
                    "suffix": "",
                    "start": 1,
                    "end": 20,
                }
            ],
            "leads": ["Made-up records"],
            "tags": ["made-up"],
        }
    )
    newer["links"].append({"claims": [1, number], "note": "Made-up link"})
    return newer


def test_a_new_desk_gets_every_claim_of_the_first_article(session):
    done = seed.first_article(session)
    session.commit()

    claims = session.exec(select(Claim).order_by(Claim.number)).all()
    assert (done.new, done.claims) == (True, len(SEEDS["claims"]))
    assert [c.number for c in claims] == [one["number"] for one in SEEDS["claims"]]
    assert [c.statement for c in claims] == [one["statement"] for one in SEEDS["claims"]]
    assert [c.kind for c in claims] == [one["kind"] for one in SEEDS["claims"]]
    assert all(c.seeded for c in claims)
    assert done.article.outline == SEEDS["outline"]
    assert done.article.claims_numbered == len(claims)
    assert done.article.created_by_id is None


def test_seeded_claims_have_their_quotations_leads_tags_speakers_and_links(session):
    done = seed.first_article(session)
    session.commit()

    numbers = {c.id: c.number for c in session.exec(select(Claim)).all()}
    appearances = session.exec(select(Appearance)).all()
    assert Counter((numbers[a.claim_id], a.quotation, a.start, a.end) for a in appearances) == (
        Counter(
            (one["number"], where["quotation"], where["start"], where["end"])
            for one in SEEDS["claims"]
            for where in one["appearances"]
        )
    )
    assert {a.placement for a in appearances} == {Placement.EXPECTED}
    leads = session.exec(select(Lead)).all()
    assert len(leads) == sum(len(one["leads"]) for one in SEEDS["claims"])
    speakers = session.exec(select(Speaker)).all()
    assert {(s.name, s.role, s.same_as) for s in speakers} == {
        (s["name"], s["role"], s["same_as"]) for s in SEEDS["speakers"].values()
    }
    linked = session.exec(select(ClaimLink)).all()
    pairs = {frozenset((numbers[one.claim_id], numbers[one.other_id])) for one in linked}
    assert all(
        frozenset((a, b)) in pairs
        for link in SEEDS["links"]
        for a in link["claims"]
        for b in link["claims"]
        if a < b
    )
    assert len(linked) == len(pairs) == done.links
    first = session.exec(select(Claim).where(Claim.number == 1)).one()
    assert queries.claims.tags(session, first) == sorted(SEEDS["claims"][0]["tags"])


def test_seeding_is_written_down_and_nobody_is_named_for_it(session):
    seed.first_article(session)
    session.commit()

    events = session.exec(select(Event).where(Event.article_id.is_not(None))).all()
    assert {(e.member_id, e.actor) for e in events} == {(None, "the desk")}
    actions = Counter(e.action for e in events)
    assert actions["claim added"] == len(SEEDS["claims"])
    assert actions["article added"] == actions["article seeded"] == 1
    assert ledger.verify(session).broken is None


def test_seeding_twice_adds_nothing(session):
    seed.first_article(session)
    session.commit()
    before, events = everything(session), ledger.verify(session).events

    again = seed.first_article(session)
    session.commit()

    assert (again.new, again.claims, again.links) == (False, 0, 0)
    assert everything(session) == before
    assert ledger.verify(session).events == events


def test_seeding_after_reviewers_worked_touches_nothing_of_theirs(session):
    ada = a_member(session)
    article = seed.first_article(session).article
    session.commit()
    claims = {c.number: c for c in session.exec(select(Claim)).all()}
    desk.claims.reword(session, claims[22], "Reworded by a reviewer", by=ada)
    desk.claims.change_kind(session, claims[23], Kind.OPINION, by=ada)
    desk.claims.change_speaker(session, claims[24], desk.claims.Credit("Speaker Two"), by=ada)
    desk.claims.retag(session, claims[25], ["another-tag"], by=ada)
    desk.claims.withdraw(session, claims[26], "Not checkable work", by=ada)
    desk.claims.merge(session, claims[27], claims[28], by=ada)
    held = session.exec(select(ClaimLink).where(ClaimLink.claim_id == claims[30].id)).first()
    assert held is not None
    desk.claims.unlink(session, held, "Unrelated", by=ada)
    desk.articles.mark(session, article, Pointer("their own"), "Their own", Kind.FACT, by=ada)
    facts = Facts(title="A title by a reviewer", publisher="A made-up paper")
    desk.articles.edit(session, article, facts, read=article.version, by=ada)
    desk.articles.load_text(session, article, "A made-up text of another kind.", by=ada)
    session.commit()
    before, events = everything(session), ledger.verify(session).events

    seed.first_article(session)
    session.commit()
    session.expire_all()

    assert everything(session) == before
    assert ledger.verify(session).events == events


def test_a_newer_seed_file_adds_only_what_is_new_in_it(session):
    ada = a_member(session)
    seed.first_article(session)
    own = session.exec(select(Claim).where(Claim.number == 1)).one()
    desk.claims.reword(session, own, "Reworded by a reviewer", by=ada)
    session.commit()
    links = len(session.exec(select(ClaimLink)).all())
    newer = with_one_more(SEEDS)

    done = seed.first_article(session, newer)
    session.commit()
    again = seed.first_article(session, newer)

    assert (done.new, done.claims, done.links) == (False, 1, 1)
    assert (again.claims, again.links) == (0, 0)
    added = session.exec(select(Claim).order_by(Claim.number.desc())).first()
    assert added.statement == "A made-up claim that a later reading found"
    assert added.number == len(SEEDS["claims"]) + 1
    assert len(session.exec(select(ClaimLink)).all()) == links + 1
    assert session.exec(select(Claim).where(Claim.number == 1)).one() is own
    assert own.statement == "Reworded by a reviewer"


def test_a_new_seed_takes_the_next_number_when_a_member_has_its_own(session):
    ada = a_member(session)
    article = seed.first_article(session).article
    theirs = desk.articles.mark(
        session, article, Pointer("their own"), "Their own", Kind.FACT, by=ada
    )
    session.commit()
    newer = with_one_more(SEEDS)

    seed.first_article(session, newer)
    seed.first_article(session, newer)
    session.commit()

    numbers = {c.statement: c.number for c in session.exec(select(Claim)).all()}
    assert numbers["Their own"] == theirs.number == len(SEEDS["claims"]) + 1
    assert numbers["A made-up claim that a later reading found"] == theirs.number + 1
    assert len(numbers) == theirs.number + 1


def test_a_new_seed_is_placed_in_a_text_that_is_there_already(session):
    article = seed.first_article(session).article
    desk.articles.load_text(session, article, "It holds a made-up quotation.", by=None)

    seed.first_article(session, with_one_more(SEEDS))
    session.commit()

    new = session.exec(
        select(Appearance).where(Appearance.quotation == "a made-up quotation")
    ).one()
    assert (new.placement, new.start, new.end) == (Placement.FOUND, 9, 28)


def test_a_withdrawn_first_article_stays_withdrawn(session):
    article = seed.first_article(session).article
    desk.articles.withdraw(session, article, "Not ours to check", by=a_member(session))
    session.commit()

    done = seed.first_article(session, with_one_more(SEEDS))

    assert (done.new, done.claims) == (False, 0)
    assert done.article.withdrawn_at is not None


def test_a_speaker_whom_the_desk_knows_keeps_what_members_found_out(session):
    known = next(s for s in SEEDS["speakers"].values() if s["same_as"])
    ours = desk.claims.speaker(session, known["name"], known["role"])
    ours.same_as = "https://speakers.example/found-by-a-member"
    session.commit()

    seed.first_article(session)
    session.commit()

    assert ours.same_as == "https://speakers.example/found-by-a-member"
    assert session.exec(select(Claim).where(Claim.speaker_id == ours.id)).first() is not None


@pytest.mark.parametrize("text", ["Another text.", "And another."])
def test_a_text_other_than_the_one_that_claims_were_drawn_from_is_known(session, text):
    article = seed.first_article(session).article
    loaded = desk.articles.load_text(session, article, text, by=None)

    assert seed.is_seeded_text(loaded.snapshot, article) is False


def test_the_text_that_claims_were_drawn_from_is_known(session):
    article = seed.first_article(session).article
    loaded = desk.articles.load_text(session, article, "Another text.", by=None)
    loaded.snapshot.sha256 = SEEDS["text_sha256"]

    assert seed.is_seeded_text(loaded.snapshot, article) is True


def test_of_an_article_that_was_not_seeded_nobody_asks(session):
    article = desk.articles.add(session, Facts("A made-up article"), by=None)
    loaded = desk.articles.load_text(session, article, "A text.", by=None)

    assert seed.is_seeded_text(loaded.snapshot, article) is None


def test_two_processes_that_start_at_once_seed_once(engine):
    few = {**SEEDS, "claims": SEEDS["claims"][:5]}
    with ThreadPoolExecutor(2) as both:

        def start(_number: int) -> int:
            with database.session(engine) as session:
                done = seed.first_article(session, few)
                session.commit()
                return done.claims

        added = sorted(both.map(start, range(2)))

    assert added == [0, 5]
    with database.session(engine) as session:
        assert len(session.exec(select(Article)).all()) == 1
        assert ledger.verify(session).broken is None
