"""Two members who work on one claim at the same moment wait for each other, and for no longer."""

import threading

from claims import database, desk, ledger
from claims.models import Article, Claim, Evidence, Member, Source
from claims.rules.vocabulary import Kind, Stance
from tests import soundness
from tests.factories import a_claim, a_member, a_source


def at_once(engine, *works):
    """Do each work a few times, every one in a thread and a session of its own."""
    faults = []

    def go(work):
        try:
            for n in range(12):
                with database.session(engine) as session:
                    work(session, n)
                    session.commit()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test shows it
            faults.append(fault)

    threads = [threading.Thread(target=go, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_rewording_adding_evidence_and_adding_claims_do_not_lock_each_other_out(engine, session):
    ada, source, claim = a_member(session), a_source(session), a_claim(session, evidence=[])
    ids = ada.id, source.id, claim.id, claim.article_id

    def read(session):
        tables = Member, Source, Claim, Article
        return [session.get_one(table, i) for table, i in zip(tables, ids, strict=True)]

    def reword(session, n):
        by, _, claim, _ = read(session)
        desk.claims.reword(session, claim, f"Wording {n}", by=by)

    def attach(session, n):
        by, source, claim, _ = read(session)
        piece = Evidence(
            claim_id=claim.id, source_id=source.id, stance=Stance.SUPPORTS, created_by_id=by.id
        )
        session.add(piece)
        ledger.record(session, "evidence added", piece, by=by)
        desk.standing.refresh(session, claim)

    def assign(session, n):
        by, _, claim, _ = read(session)
        desk.claims.assign(session, claim, by if n % 2 == 0 else None, by=by)

    def add(session, n):
        by, _, _, article = read(session)
        desk.claims.add(session, article, f"Claim {n}", Kind.FACT, by=by)

    at_once(engine, reword, attach, assign, add)

    session.expire_all()
    assert session.get(Claim, ids[2]).statement == "Wording 11"
    assert session.get(Claim, ids[2]).evidence_count == 12
    assert session.get(Article, ids[3]).claims_numbered == 13
    assert ledger.verify(session).broken is None


def test_a_claim_that_was_reworded_while_evidence_was_added_is_found_by_its_new_words(
    engine, session
):
    ada, source, claim = a_member(session), a_source(session), a_claim(session, speaker="Old")
    with database.session(engine) as other:
        theirs = other.get_one(Claim, claim.id)
        desk.claims.reword(other, theirs, "The made-up reservoir leaks", by=ada)
        other.commit()

    finding = desk.evidence.Finding(Stance.REFUTES, "It holds.")
    desk.evidence.attach(session, claim, source, finding, by=ada)
    session.commit()

    assert soundness.faults(session) == []
