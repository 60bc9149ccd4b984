"""Short lists that belong to one record, read along with it in its own statement.

A claim's page shows its tags, quotations, questions and leads: a statement for
each would cost more than all that is in them. The database writes each list as
JSON into a column of its own; here it becomes records again, which are to be
read only: no session knows them.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

from claims.models.columns import UtcDateTime, in_utc

Record = TypeVar("Record", bound=SQLModel)


def listed(of: type[SQLModel], *where: Any) -> Any:
    """A column with all records of a kind that meet the conditions; `records` reads it."""
    return sa.select(_Rows(*_columns(of).values())).where(*where).scalar_subquery()


def records(of: type[Record], column: Any) -> list[Record]:
    """The records that a column made by `listed` holds, by their ids."""
    columns = _columns(of)
    found = [
        of(
            **{
                name: _value(kept, attribute.type)
                for (name, attribute), kept in zip(columns.items(), row, strict=True)
            }
        )
        for row in _rows(column)
    ]
    return sorted(found, key=lambda record: getattr(record, "id"))  # noqa: B009 - each kind has one


def words(column: Any, *where: Any) -> Any:
    """A column with a text of every record that meets the conditions; `texts` reads it."""
    return sa.select(_Rows(column)).where(*where).scalar_subquery()


def texts(column: Any) -> list[str]:
    """The texts that a column made by `words` holds, in the order of the alphabet."""
    # Sorted here: each database has an alphabet of its own.
    return sorted(text for (text,) in _rows(column))


def _columns(of: type[SQLModel]) -> dict[str, Any]:
    return {attribute.key: attribute.columns[0] for attribute in sa.inspect(of).column_attrs}


def _rows(column: Any) -> Sequence[Any]:
    # PostgreSQL's driver has read the JSON; SQLite's hands over its text.
    rows: Sequence[Any] = json.loads(column) if isinstance(column, str) else column
    return rows or ()


def _value(kept: Any, kind: Any) -> Any:
    if kept is None:
        return None
    if isinstance(kind, UtcDateTime):
        return in_utc(datetime.fromisoformat(kept))
    if isinstance(kind, sa.Enum):
        return kind.enum_class(kept) if kind.enum_class else kept
    return bool(kept) if isinstance(kind, sa.Boolean) else kept


class _Rows(FunctionElement[Any]):
    """All rows of a select as one JSON array of arrays."""

    type = sa.types.NullType()
    inherit_cache = True


@compiles(_Rows, "sqlite")
def _as_json_group_array(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(_Rows, "postgresql")
def _as_json_agg(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_agg(json_build_array({compiler.process(element.clauses, **options)}))"
