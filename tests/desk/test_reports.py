"""Freezing a report: what it says then, it says for ever."""

import json

import pytest
from sqlmodel import select

from claims import desk, ledger
from claims.models import Event
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.refusals import Refused
from tests.factories import a_claim, a_correction, a_ruling, an_article, an_editor


def test_a_frozen_report_keeps_what_was_published_and_its_digest(session):
    editor = an_editor(session)
    claim = a_claim(session)
    a_ruling(session, claim, "false")
    head = ledger.head(session)

    report = desk.reports.freeze(session, Filters(article=claim.article_id), by=editor)
    a_correction(session, claim, "true")

    held = reports.from_json(report.content)
    assert held.findings[0].rating.name == "False"
    assert (held.number, held.made_by, held.ledger_head) == (1, "Editor One", head)
    assert reports.digest(report.content) == report.sha256
    assert report.ledger_head == head
    assert reports.to_json(held) == report.content


def test_frozen_reports_are_numbered_without_a_gap(session):
    editor = an_editor(session)
    a_ruling(session, a_claim(session))

    numbers = [desk.reports.freeze(session, Filters(), by=editor).number for _ in range(3)]

    assert numbers == [1, 2, 3]


def test_a_report_goes_by_the_title_that_the_editor_gives(session):
    claim = a_claim(session, article=an_article(session, "Dams"))
    a_ruling(session, claim)
    filters = Filters(article=claim.article_id)

    assert desk.reports.freeze(session, filters, by=an_editor(session)).title == "Dams"
    named = desk.reports.freeze(session, filters, by=an_editor(session), title="Dams, checked")
    assert named.title == "Dams, checked"
    assert reports.from_json(named.content).title == "Dams, checked"


def test_drafts_are_not_frozen(session):
    a_ruling(session, a_claim(session, "Published"))
    a_ruling(session, a_claim(session, "Draft"), published=False)

    report = desk.reports.freeze(session, Filters(), by=an_editor(session))

    held = reports.from_json(report.content)
    assert [finding.statement for finding in held.findings] == ["Published"]
    assert [claim.statement for claim in held.left_out] == ["Draft"]
    assert report.claims == 1


def test_a_report_without_a_published_ruling_is_not_frozen(session):
    a_ruling(session, a_claim(session), published=False)

    with pytest.raises(Refused, match="no ruling on these claims is published"):
        desk.reports.freeze(session, Filters(), by=an_editor(session))


def test_freezing_is_an_event_that_holds_the_digest(session):
    claim = a_claim(session)
    a_ruling(session, claim)

    report = desk.reports.freeze(session, Filters(article=claim.article_id), by=an_editor(session))

    event = session.exec(select(Event).where(Event.action == "report frozen")).one()
    assert event.after["sha256"] == report.sha256
    assert event.article_id == claim.article_id
    assert report.content not in json.dumps(event.after)
    assert ledger.verify(session).broken is None
