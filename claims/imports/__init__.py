"""What comes into the desk from outside: one module a kind of input."""

from claims.imports import reading, text

__all__ = ["reading", "text"]
