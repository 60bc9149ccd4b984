"""The rules of fact-checking in plain Python: no database, network or web."""

from claims.rules import (
    addresses,
    changes,
    differences,
    emails,
    gates,
    grades,
    passages,
    refusals,
    reports,
    roles,
    scales,
    searching,
    throttle,
    visibility,
    vocabulary,
    workflow,
)

__all__ = [
    "addresses",
    "changes",
    "differences",
    "emails",
    "gates",
    "grades",
    "passages",
    "refusals",
    "reports",
    "roles",
    "scales",
    "searching",
    "throttle",
    "visibility",
    "vocabulary",
    "workflow",
]
