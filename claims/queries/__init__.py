"""Every SELECT of the desk, by the same subjects as the tables."""

from claims.queries import (
    articles,
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
    searching,
    sources,
    standing,
    subjects,
    verdicts,
)

__all__ = [
    "articles",
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
    "searching",
    "sources",
    "standing",
    "subjects",
    "verdicts",
]
