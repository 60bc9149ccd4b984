"""The fact-check desk: articles, claims, evidence, verdicts, rulings and reports."""
