import pytest
import sqlalchemy as sa
from sqlmodel import select

from claims import desk, ledger, queries
from claims.models import Event
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Role
from tests.factories import a_claim, a_member, an_article, an_editor


def some_claims(session, number=3):
    article = an_article(session)
    return [a_claim(session, f"claim {n}", article=article, evidence=[]) for n in range(number)]


def events(session, action):
    return session.exec(select(Event).where(Event.action == action).order_by(Event.seq)).all()


def test_claims_are_handed_out_together_with_an_event_for_each(session):
    ed, ada = an_editor(session), a_member(session)
    claims = some_claims(session)
    desk.assignments.assign(session, claims[:1], ada, by=ed)

    changed = desk.assignments.assign(session, claims, ada, by=ed)
    session.commit()

    assert changed == 2
    assert [claim.assignee_id for claim in claims] == [ada.id] * 3
    assert [e.claim_id for e in events(session, "claim assigned")] == [c.id for c in claims]
    assert ledger.verify(session).broken is None
    assert desk.assignments.assign(session, claims, None, by=ed) == 3


def test_who_only_reads_is_handed_nothing(session):
    ed, reader = an_editor(session), a_member(session, "Reader", Role.VIEWER)

    with pytest.raises(Refused, match="only those who review"):
        desk.assignments.assign(session, some_claims(session), reader, by=ed)


def test_a_tag_goes_on_and_off_many_claims_and_the_ledger_has_before_and_after(session):
    ada = a_member(session)
    claims = some_claims(session)
    assert desk.assignments.tag(session, claims[:1], "water", by=ada) == 1
    assert desk.assignments.tag(session, claims, "dams", by=ada) == 3

    assert desk.assignments.tag(session, claims, "water", by=ada) == 2
    assert desk.assignments.untag(session, claims[1:], "water", by=ada) == 2
    assert desk.assignments.untag(session, claims[1:], "water", by=ada) == 0
    session.commit()

    assert queries.lists.tags_of(session, [c.id for c in claims]) == [
        (claims[0].id, "dams"),
        (claims[1].id, "dams"),
        (claims[2].id, "dams"),
        (claims[0].id, "water"),
    ]
    last = events(session, "tags changed")[-1]
    assert (last.before, last.after) == ({"tags": ["dams", "water"]}, {"tags": ["dams"]})


def test_more_claims_than_the_desk_changes_at_once_are_refused(session, monkeypatch):
    monkeypatch.setattr(desk.assignments, "MOST", 2)

    with pytest.raises(Refused, match="more than 2"):
        desk.assignments.tag(session, some_claims(session), "water", by=a_member(session))


def test_tagging_reads_once_however_many_claims(session, engine):
    ada = a_member(session)
    few, many = some_claims(session, 2), some_claims(session, 8)
    session.commit()

    def statements(claims, name):
        sent = []

        def hear(_c, _cursor, statement, *_rest):
            if statement.startswith("SELECT"):
                sent.append(statement)

        sa.event.listen(engine, "before_cursor_execute", hear)
        desk.assignments.tag(session, claims, name, by=ada)
        sa.event.remove(engine, "before_cursor_execute", hear)
        return len(sent)

    assert statements(few, "a") == statements(many, "b")
