"""The fact-check desk: articles, claims, evidence, verdicts, rulings and reports."""

__version__ = "0.1.0"
