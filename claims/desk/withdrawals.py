"""Withdrawn is not deleted: whatever is taken back stays, with who did it and why."""

from sqlmodel import Session

from claims import ledger
from claims.models import Claim, Comment, Evidence, Lead, Member, Question, Source
from claims.models.columns import Withdrawable, now

Row = Claim | Comment | Evidence | Lead | Question | Source


def withdraw(session: Session, row: Row, reason: str, *, by: Member) -> None:
    """Take something back, with the reason."""
    before = ledger.snapshot(row)
    mark(row, reason, by=by)
    ledger.record(session, f"{row.__tablename__} withdrawn", row, by=by, before=before)


def restore(session: Session, row: Row, *, by: Member) -> None:
    """Bring back what was withdrawn, as it was; the history keeps the reason."""
    before = ledger.snapshot(row)
    unmark(row)
    ledger.record(session, f"{row.__tablename__} restored", row, by=by, before=before)


def mark(row: Withdrawable, reason: str, *, by: Member) -> None:
    """Write into a record that it is withdrawn."""
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawal_reason = now(), by.id, reason


def unmark(row: Withdrawable) -> None:
    """Write into a record that it stands."""
    row.withdrawn_at = row.withdrawn_by_id = row.withdrawal_reason = None
