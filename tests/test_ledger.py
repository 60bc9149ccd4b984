import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlmodel import col, select

from claims import ledger
from claims.models import Event
from tests.factories import a_claim, a_member


def test_every_change_is_an_event_that_follows_from_the_one_before(session):
    claim = a_claim(session)
    before = ledger.snapshot(claim)
    claim.statement = "The made-up dam holds 41 million litres"

    ledger.record(session, "claim reworded", claim, by=a_member(session), before=before)
    session.commit()

    event = session.exec(select(Event).order_by(col(Event.seq).desc())).first()
    assert event.before == {"statement": "The made-up dam holds 40 million litres"}
    assert event.after == {"statement": "The made-up dam holds 41 million litres"}
    assert event.claim_id == claim.id
    found = ledger.verify(session)
    assert found.broken is None
    assert found.events == event.seq
    assert found.head == ledger.head(session) == event.digest


@pytest.mark.parametrize("change", ["UPDATE event SET actor = 'nobody'", "DELETE FROM event"])
def test_the_database_refuses_to_rewrite_the_ledger(session, change):
    a_claim(session)

    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text(change))


def unlock(session):
    """What only somebody with the database in their hands can do: take the triggers away."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DROP TRIGGER event_no_update"))
        session.execute(sa.text("DROP TRIGGER event_no_delete"))
    else:
        session.execute(sa.text("ALTER TABLE event DISABLE TRIGGER event_append_only"))


@pytest.mark.parametrize(
    ("tampering", "seq", "reason"),
    [
        ("UPDATE event SET actor = 'nobody' WHERE seq = 3", 3, "was changed"),
        ("DELETE FROM event WHERE seq = 3", 3, "missing"),
        ("UPDATE event SET previous = digest WHERE seq = 3", 3, "does not follow"),
        ("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", None, "should end"),
    ],
)
def test_verify_names_the_first_break(session, tampering, seq, reason):
    a_claim(session)
    events = ledger.verify(session).events
    session.expunge_all()
    unlock(session)
    session.execute(sa.text(tampering))

    found = ledger.verify(session)

    assert found.broken is not None
    assert found.broken.seq == (seq or events)
    assert reason in found.broken.reason


def test_secrets_never_enter_the_ledger(session):
    member = a_member(session)

    assert "password_hash" not in ledger.snapshot(member)
    assert "epoch" not in ledger.snapshot(member)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4)
)
def test_the_chain_holds_whatever_members_write(session, texts):
    claim = a_claim(session)
    for text in texts:
        before = ledger.snapshot(claim)
        claim.statement = text[:2000]
        ledger.record(session, "claim reworded", claim, by=None, before=before)
    session.commit()
    session.expunge_all()

    assert ledger.verify(session).broken is None
