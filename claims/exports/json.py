"""A report as JSON, in the shape of `verdict-report.schema.json` beside this file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claims.rules import reports
from claims.rules.reports import VerdictReport

SCHEMA = Path(__file__).parent / "verdict-report.schema.json"


def write(report: VerdictReport, _digest: str | None) -> Iterator[str]:
    """Everything that the report holds; `reports.from_json` reads it back."""
    yield reports.to_json(report)


def schema() -> dict[str, Any]:
    """The JSON Schema of the format, made from the report itself; a test keeps the file in step."""
    described = VerdictReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | described
