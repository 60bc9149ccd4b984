"""What members do at the desk: the use cases. None of them commits."""

from claims.desk import claims, discussion, members, reports, rulings, scales, settings, standing, verdicts

__all__ = [
    "claims",
    "discussion",
    "members",
    "reports",
    "rulings",
    "scales",
    "settings",
    "standing",
    "verdicts",
]
