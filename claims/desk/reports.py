"""Reports: freeze what the desk found, so that it can be quoted and checked for ever."""

from sqlmodel import Session

from claims import ledger, queries
from claims.models import Member, Report
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.refusals import Refused


def freeze(session: Session, filters: Filters, *, by: Member, title: str | None = None) -> Report:
    """Keep the published rulings on the claims that filters let through, as they are now.

    Refused while none of them is published. What changes later does not
    change the report; its page says that something did.
    """
    moment = now()
    number = queries.reports.next_number(session)
    value = queries.reports.build(
        session, filters, made_at=moment, made_by=by.name, viewer=by, title=title, number=number
    )
    if not value.findings:
        raise Refused(
            "There is nothing to freeze yet: no ruling on these claims is published. "
            "Settle a claim and publish its ruling first."
        )
    content = reports.to_json(value)
    report = Report(
        number=number,
        title=value.title,
        article_id=filters.article,
        selection=filters.to_args(),
        content=content,
        sha256=reports.digest(content),
        ledger_head=value.ledger_head,
        claims=len(value.findings),
        frozen_by_id=by.id,
        created_at=moment,
    )
    session.add(report)
    ledger.record(session, "report frozen", report, by=by)
    return report
