"""The rules of fact-checking in plain Python: no database, network or web."""

from claims.rules import (
    addresses,
    changes,
    differences,
    gates,
    grades,
    passages,
    refusals,
    reports,
    roles,
    scales,
    searching,
    visibility,
    vocabulary,
    workflow,
)

__all__ = [
    "addresses",
    "changes",
    "differences",
    "gates",
    "grades",
    "passages",
    "refusals",
    "reports",
    "roles",
    "scales",
    "searching",
    "visibility",
    "vocabulary",
    "workflow",
]
