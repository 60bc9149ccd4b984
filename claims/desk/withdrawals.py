"""Withdrawn is not deleted: whatever is taken back stays, with who did it and why."""

from sqlmodel import Session

from claims import ledger
from claims.models import Capture, Claim, Comment, Evidence, Lead, Member, Question, Source
from claims.models.columns import Withdrawable, now

Row = Capture | Claim | Comment | Evidence | Lead | Question | Source


def withdraw(session: Session, row: Row, reason: str, *, by: Member) -> None:
    """Take something back, with the reason."""
    before = ledger.snapshot(row)
    mark(row, reason, by=by)
    _record(session, "withdrawn", row, before, by=by)


def restore(session: Session, row: Row, *, by: Member) -> None:
    """Bring back what was withdrawn, as it was; the history keeps the reason."""
    before = ledger.snapshot(row)
    unmark(row)
    _record(session, "restored", row, before, by=by)


def _record(session: Session, what: str, row: Row, before: ledger.Values, *, by: Member) -> None:
    # A copy has no name but that of its source.
    of = {"source_id": row.source_id} if isinstance(row, Capture) else None
    action = f"{row.__tablename__} {what}"
    ledger.record(session, action, row, by=by, before=before, detail=of, detail_before=of)


def mark(row: Withdrawable, reason: str, *, by: Member) -> None:
    """Write into a record that it is withdrawn."""
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawal_reason = now(), by.id, reason


def unmark(row: Withdrawable) -> None:
    """Write into a record that it stands."""
    row.withdrawn_at = row.withdrawn_by_id = row.withdrawal_reason = None
