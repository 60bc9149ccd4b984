"""What members do at the desk: the use cases. None of them commits."""

from claims.desk import (
    articles,
    assignments,
    claims,
    discussion,
    evidence,
    guesses,
    members,
    receipts,
    reports,
    rulings,
    scales,
    settings,
    sources,
    standing,
    verdicts,
    withdrawals,
)

__all__ = [
    "articles",
    "assignments",
    "claims",
    "discussion",
    "evidence",
    "guesses",
    "members",
    "receipts",
    "reports",
    "rulings",
    "scales",
    "settings",
    "sources",
    "standing",
    "verdicts",
    "withdrawals",
]
