"""Every SELECT of the desk, by the same subjects as the tables."""

from claims.queries import (
    claims,
    dashboard,
    evidence,
    ledger,
    members,
    paging,
    queue,
    reports,
    rulings,
    scales,
    standing,
    subjects,
    verdicts,
)

__all__ = [
    "claims",
    "dashboard",
    "evidence",
    "ledger",
    "members",
    "paging",
    "queue",
    "reports",
    "rulings",
    "scales",
    "standing",
    "subjects",
    "verdicts",
]
