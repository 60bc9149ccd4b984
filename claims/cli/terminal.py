"""What a terminal shows: texts that cannot steer it, columns, roles as people say them."""

from collections.abc import Iterable

from claims.rules.vocabulary import Role


def columns(rows: Iterable[Iterable[str]]) -> str:
    """Rows of text as aligned columns."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def shown(text: str) -> str:
    """A text for the terminal: what would steer it, or turn the words around, is replaced."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def lines(text: str) -> str:
    """A text of several lines for the terminal."""
    return "\n".join(shown(line) for line in text.split("\n"))


def a(role: Role) -> str:
    """A role with its article: a viewer, an owner."""
    return f"an {role}" if role.value[0] in "aeiou" else f"a {role}"
