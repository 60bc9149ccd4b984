"""Short lists that belong to one record, read along with it in its own statement.

A claim's page shows its evidence, verdicts, questions, latest events and more:
a statement for each would cost more than all that is in them. The database
writes each list as JSON into a column of its own; here it becomes records
again, which are to be read only: no session knows them.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

from claims.models.columns import UtcDateTime, in_utc

Record = TypeVar("Record", bound=SQLModel)


def columns(*of: type[SQLModel]) -> list[Any]:
    """All columns of some kinds of records, in the order in which `together` reads them."""
    return [
        getattr(kind, attribute.key) for kind in of for attribute in sa.inspect(kind).column_attrs
    ]


def listed(query: Any) -> Any:
    """A column with every row of a select: for `records`, `together`, `texts` or `rows`."""
    found = query.subquery()
    return sa.select(_Rows(*found.c)).scalar_subquery()


def records(of: type[Record], column: Any) -> list[Record]:
    """The records of which a list holds the `columns`, by their keys."""
    return [record for (record,) in together(column, of)]


def newest(of: type[Record], column: Any) -> list[Record]:
    """The same, the newest first."""
    return records(of, column)[::-1]


def together(column: Any, *of: type[SQLModel]) -> list[tuple[Any, ...]]:
    """Records that a list holds side by side, by the keys of the first.

    None for the others where an outer join found nothing. Columns that follow
    stand behind them as they are.
    """
    readers = [_Reader.of(kind) for kind in of]
    found = []
    for row in rows(column):
        start, side = 0, []
        for reader in readers:
            end = start + len(reader.names)
            side.append(reader.record(row[start:end]))
            start = end
        found.append((*side, *row[start:]))
    key = readers[0].names[readers[0].key]
    return sorted(found, key=lambda side: getattr(side[0], key))


def texts(column: Any) -> list[str]:
    """The texts that a list of one column holds, in the order of the alphabet."""
    # Sorted here: each database has an alphabet of its own.
    return sorted(text for (text,) in rows(column))


def rows(column: Any) -> Sequence[Any]:
    """The rows of a list as they are, in no order."""
    held: Sequence[Any] = json.loads(column) if column else ()
    return held


def moment(kept: str) -> datetime:
    """A moment that stands in a row."""
    return in_utc(datetime.fromisoformat(kept))


def put(record: Record, **beside: Any) -> Record:
    """Say what a record of a list belongs to: its source, its member."""
    vars(record).update(beside)
    return record


class _Reader:
    """Makes one kind of record of its values in JSON.

    As the ORM does it, past the class's own `__init__`, which takes twenty times as long.
    """

    def __init__(self, kind: type[SQLModel]) -> None:
        mapper = sa.inspect(kind)
        held = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
        self.names = list(held)
        self.key = list(held.values()).index(mapper.primary_key[0])
        self._new = mapper.class_manager.new_instance
        made = ((name, _maker(column.type)) for name, column in held.items())
        self._makers = [(name, make) for name, make in made if make]

    @staticmethod
    @cache
    def of(kind: type[SQLModel]) -> "_Reader":
        return _Reader(kind)

    def record(self, values: Sequence[Any]) -> Any:
        if values[self.key] is None:
            return None
        held = dict(zip(self.names, values, strict=True))
        for name, make in self._makers:
            if held[name] is not None:
                held[name] = make(held[name])
        return put(self._new(), **held)


def _maker(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a column's value of what JSON has in its place; None where that is the same."""
    if isinstance(kind, UtcDateTime):
        return moment
    if isinstance(kind, sa.Enum):
        return kind.enum_class
    if isinstance(kind, sa.JSON):
        # SQLite keeps it as text, and writes that into the list.
        return lambda kept: json.loads(kept) if isinstance(kept, str) else kept
    return bool if isinstance(kind, sa.Boolean) else None


class _Rows(FunctionElement[Any]):
    """All rows of a select as one JSON array of arrays."""

    type = sa.types.NullType()
    inherit_cache = True


@compiles(_Rows, "sqlite")
def _as_json_group_array(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(_Rows, "postgresql")
def _as_json_agg(element: Any, compiler: Any, **options: Any) -> str:
    # As text: by that, a list that is the same as before is known again.
    return f"json_agg(json_build_array({compiler.process(element.clauses, **options)}))::text"
