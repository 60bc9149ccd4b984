"""Captures: what a source's address or file held, fetched safely and kept as it was."""
