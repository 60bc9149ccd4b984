"""The rules of fact-checking in plain Python: no database, network or web."""

from claims.rules import (
    gates,
    grades,
    passages,
    refusals,
    roles,
    scales,
    searching,
    visibility,
    vocabulary,
    workflow,
)

__all__ = [
    "gates",
    "grades",
    "passages",
    "refusals",
    "roles",
    "scales",
    "searching",
    "visibility",
    "vocabulary",
    "workflow",
]
