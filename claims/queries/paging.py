"""Keyset paging: the next page starts after the last row, however long the list is."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

Row = TypeVar("Row")

SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A stretch of a list, and the cursor of what follows, or None at the end."""

    rows: Sequence[Row]
    next: str | None


@dataclass(frozen=True)
class Order:
    """How a list is sorted: columns that together are unique and never null, all one way."""

    columns: tuple[Any, ...]
    descending: bool = False

    def apply(self, query: Any, after: str | None) -> Any:
        """Sort a select, and start it after a cursor. A cursor that makes no sense is ignored."""
        values = self.values(after)
        if values is not None:
            # A row comparison; spelt with literals so that each value takes its column's type.
            left = sa.tuple_(*self.columns)
            right = sa.tuple_(
                *(sa.literal(v, c.type) for v, c in zip(values, self.columns, strict=True))
            )
            query = query.where(left < right if self.descending else left > right)
        return query.order_by(*(c.desc() if self.descending else c.asc() for c in self.columns))

    def following(self, query: Any) -> Any:
        """The same sorted select behind a `place` that is given when it is executed."""
        here = sa.tuple_(*(sa.bindparam(f"after_{c.key}", type_=c.type) for c in self.columns))
        left = sa.tuple_(*self.columns)
        return query.where(left < here if self.descending else left > here)

    def place(self, row: Any) -> dict[str, Any]:
        """The place of a row, as `following` is given it."""
        return {f"after_{column.key}": getattr(row, column.key) for column in self.columns}

    def values(self, after: str | None) -> list[Any] | None:
        """The values of the columns that a cursor stands for, if it makes sense."""
        return _decode(after, self.columns)

    def cursor(self, row: Any) -> str:
        """Where the list goes on after this row."""
        return _encode([getattr(row, column.key) for column in self.columns])

    def cut(self, rows: Sequence[Row], size: int) -> Page[Row]:
        """The page of rows of which one more than its size was asked for."""
        page = rows[:size]
        return Page(page, self.cursor(page[-1]) if len(rows) > size else None)


def page(
    session: Session, query: Any, order: Order, *, after: str | None = None, size: int = SIZE
) -> Page[Any]:
    """Read one page of a select of records in one statement."""
    return order.cut(session.exec(order.apply(query, after).limit(size + 1)).all(), size)


def _encode(values: Sequence[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str | None, columns: Sequence[Any]) -> list[Any] | None:
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(columns):
            return None
        decoded = []
        for value, column in zip(values, columns, strict=True):
            wanted = _kept_as(column.type)
            if issubclass(wanted, datetime):
                value = datetime.fromisoformat(value)
                if value.tzinfo is None:
                    return None
                value = value.astimezone(UTC)
            elif type(value) is not wanted or not _storable(value):
                return None
            decoded.append(value)
        return decoded
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        return None


def _kept_as(kind: Any) -> type[Any]:
    """The Python type of a column's values; a type of our own says it by what it is made of."""
    wanted: type[Any] = (
        kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
    ).python_type
    return wanted


def _storable(value: Any) -> bool:
    """Whether a database can be asked for this value; raises ValueError for half a character."""
    if isinstance(value, str):
        return b"\0" not in value.encode()
    return not isinstance(value, int) or abs(value) < 2**31
