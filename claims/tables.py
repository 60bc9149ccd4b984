"""Whole tables, as the database describes them: read to the last record, filled, cleared away.

The models know the tables of today; these functions work on those of any time.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from claims.models.columns import UtcDateTime

_BATCH = 1000


def names(connection: sa.Connection) -> list[str]:
    """The tables that hold records; what SQLite keeps for its search is derived from them."""
    found = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    return sorted(found - set(_searches(connection, found)))


def digests(connection: sa.Connection) -> list[str]:
    """The names of the bytes that the store should hold; none before the desk kept any."""
    if "content" not in names(connection):
        return []
    found = connection.exec_driver_sql("SELECT sha256 FROM content ORDER BY sha256")
    return list(found.scalars())


def _searches(connection: sa.Connection, found: Iterable[str]) -> Iterator[str]:
    """SQLite's search tables, and those in which each of them keeps its index."""
    if connection.dialect.name != "sqlite":
        return
    virtual = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
    ).scalars()
    for search in virtual:
        yield search
        yield from (name for name in found if name.startswith(f"{search}_"))


@dataclass(frozen=True)
class Kind:
    """How the values of a column go into JSON and come out of it again."""

    sql: sa.types.TypeEngine[Any]
    json: type
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value


def _text(value: str) -> str:
    value.encode()
    return value


def _json(value: str) -> str:
    json.loads(value)
    return _text(value)


def _whole(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise ValueError("a number is out of all bounds")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment has no time zone")
    return moment


# A column is of the first kind whose type it has. JSON stays the very text that it is in the
# database, so that it comes back letter by letter.
_KINDS: Sequence[tuple[type[sa.types.TypeEngine[Any]], Kind]] = (
    (sa.JSON, Kind(sa.Text(), str, _json)),
    (sa.String, Kind(sa.Text(), str, _text)),
    (sa.Boolean, Kind(sa.Boolean(), bool, bool)),
    (sa.Integer, Kind(sa.BigInteger(), int, _whole)),
    (sa.Float, Kind(sa.Double(), float, float)),
    (sa.DateTime, Kind(UtcDateTime(), str, _moment, datetime.isoformat)),
)


class Table:
    """One table, with its records as lines of JSON."""

    def __init__(self, connection: sa.Connection, name: str) -> None:
        inspector = sa.inspect(connection)
        described = inspector.get_columns(name)
        self.name = name
        self.key: list[str] = inspector.get_pk_constraint(name)["constrained_columns"]
        self._kinds = {column["name"]: _kind(name, column["type"]) for column in described}
        self._json = {c["name"] for c in described if isinstance(c["type"], sa.JSON)}
        self._table = sa.table(name, *(sa.column(c, kind.sql) for c, kind in self._kinds.items()))

    def holds_any(self, connection: sa.Connection) -> bool:
        """Whether there is a record in it."""
        return connection.execute(sa.select(self._table).limit(1)).first() is not None

    def lines(self, connection: sa.Connection) -> Iterator[bytes]:
        """Every record, in the order of its key; a few of them in memory at a time."""
        columns = [
            sa.cast(column, sa.Text) if column.name in self._json else column
            for column in self._table.c
        ]
        records = sa.select(*columns).order_by(*(self._table.c[name] for name in self.key))
        for record in connection.execute(records, execution_options={"yield_per": _BATCH}):
            values = {
                name: None if value is None else kind.write(value)
                for (name, kind), value in zip(self._kinds.items(), record, strict=True)
            }
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def fill(self, connection: sa.Connection, lines: Iterable[bytes]) -> None:
        """Put records in the place of those that a migration left.

        Raises ValueError for a line that is no record of this table.
        """
        if self.holds_any(connection):
            connection.execute(sa.delete(self._table))
        insert = sa.insert(self._table).values(
            {name: self._bound(connection, name) for name in self._kinds}
        )
        records = (self._record(line, number) for number, line in enumerate(lines, 1))
        while batch := list(islice(records, _BATCH)):
            connection.execute(insert, batch)

    def _bound(self, connection: sa.Connection, name: str) -> sa.ColumnElement[Any]:
        value = sa.bindparam(name, type_=self._kinds[name].sql)
        # PostgreSQL has to be told that a text is JSON; SQLite would take it for a number.
        told = name in self._json and connection.dialect.name == "postgresql"
        return sa.cast(value, sa.JSON) if told else value

    def _record(self, line: bytes, number: int) -> Mapping[str, Any]:
        try:
            values = json.loads(line)
            if not isinstance(values, dict) or values.keys() != self._kinds.keys():
                raise ValueError("it does not have the columns of the table")
            return {name: self._value(name, value) for name, value in values.items()}
        except (ValueError, RecursionError) as error:
            raise ValueError(f"record {number} of the table {self.name}: {error}") from error

    def _value(self, name: str, value: Any) -> Any:
        kind = self._kinds[name]
        if value is None:
            return None
        if type(value) is not kind.json:
            raise ValueError(f"{name} holds a value of another kind")
        return kind.read(value)


def _kind(table: str, described: sa.types.TypeEngine[Any]) -> Kind:
    for sort, kind in _KINDS:
        if isinstance(described, sort):
            return kind
    raise TypeError(f"there is no way to carry the {described!r} of the table {table}")


@contextmanager
def references_last(connection: sa.Connection, tables: Iterable[Table]) -> Iterator[None]:
    """Let records refer to others that come later; at the end, all have to be there.

    Raises IntegrityError when one is not.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        yield
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if astray:
            fault = sqlite3.IntegrityError(f"a record of {astray[0]} refers to none of {astray[2]}")
            raise sa.exc.IntegrityError(None, None, fault)
        return
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    alter = [
        f"ALTER TABLE {quote(table.name)} ALTER CONSTRAINT {quote(str(key['name']))}"
        for table in tables
        for key in inspector.get_foreign_keys(table.name)
    ]
    for constraint in alter:
        connection.exec_driver_sql(f"{constraint} DEFERRABLE INITIALLY DEFERRED")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for constraint in alter:
        connection.exec_driver_sql(f"{constraint} NOT DEFERRABLE")


def number_on(connection: sa.Connection, tables: Iterable[Table]) -> None:
    """Let PostgreSQL number new records after those that are there; SQLite does of its own."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for table in tables:
        for column in table.key:
            named = connection.execute(
                sa.func.pg_get_serial_sequence(quote(table.name), column).select()
            ).scalar_one()
            if named:
                highest = sa.func.max(sa.column(column, sa.BigInteger()))
                connection.execute(
                    sa.select(sa.func.setval(named, highest)).select_from(sa.table(table.name))
                )


def clear(connection: sa.Connection) -> None:
    """Take every table away, with what the migrations made around it."""
    there = names(connection)
    if connection.dialect.name == "sqlite":
        searches = set(_searches(connection, ()))
        ordered = [name for name, _ in sa.inspect(connection).get_sorted_table_and_fkc_names()]
        gone = [*searches, *(name for name in reversed(ordered) if name in there)]
    else:
        quoted = ", ".join(map(connection.dialect.identifier_preparer.quote, there))
        # What triggers and indexes call.
        functions = sa.text(
            "WITH mine AS (SELECT oid FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:names)) "
            "SELECT tgfoid::regprocedure::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid IN (TABLE mine) "
            "UNION SELECT p.oid::regprocedure::text FROM pg_index i JOIN pg_depend d "
            "ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid "
            "JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid "
            "WHERE i.indrelid IN (TABLE mine) AND p.pronamespace = current_schema()::regnamespace"
        )
        called = connection.execute(functions, {"names": there}).scalars().all()
        connection.exec_driver_sql(f"DROP TABLE {quoted}")
        for function in called:
            connection.exec_driver_sql(f"DROP FUNCTION {function}")
        gone = []
    for name in (*gone, "alembic_version"):
        connection.exec_driver_sql(
            f"DROP TABLE {connection.dialect.identifier_preparer.quote(name)}"
        )
