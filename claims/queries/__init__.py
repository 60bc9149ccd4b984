"""Every SELECT of the desk, by the same subjects as the tables."""

from claims.queries import (
    claims,
    evidence,
    ledger,
    members,
    paging,
    queue,
    rulings,
    scales,
    standing,
    verdicts,
)

__all__ = [
    "claims",
    "evidence",
    "ledger",
    "members",
    "paging",
    "queue",
    "rulings",
    "scales",
    "standing",
    "verdicts",
]
