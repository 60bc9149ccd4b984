"""Search by folded words, on each engine's own index."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from claims import rules

_MOST_WORDS = 20


def sought(q: str) -> list[str]:
    """The words that a search looks for, folded; more than a sentence of them is left out."""
    return list(dict.fromkeys(rules.searching.words(q)))[:_MOST_WORDS]


def found(record_id: Any, record: str, q: str, *, of_few: bool = False) -> Any:
    """The condition under which a record's words hold every word of a search, or its beginning.

    `record` names the table whose words are indexed, such as `source`. A
    search without a word in it finds nothing. `of_few`: other conditions leave so
    few records that each is looked into, rather than the index walked.
    """
    # Folded words hold letters and digits only, so nothing in them can be an operator.
    looked_for = [(word, "" if word.isdecimal() else "*") for word in sought(q)]
    if not looked_for:
        return sa.false()
    fts5 = " AND ".join(f'"{word}"{begins}' for word, begins in looked_for)
    tsquery = " & ".join(f"'{word}'{begins and ':*'}" for word, begins in looked_for)
    how = _FoundAmongFew if of_few else _Found
    return how(record_id, sa.literal_column(record), sa.literal(fts5), sa.literal(tsquery))


class _Found(FunctionElement[bool]):
    """Whether a record is found by words; each engine has a search of its own."""

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Stand as it is: SQLite would not use its index for `… IN (…) = 1`."""
        return self


class _FoundAmongFew(_Found):
    """The same of few records. PostgreSQL sees by itself that they are."""

    inherit_cache = True


@compiles(_Found, "sqlite")
def _found_in_fts5(element: Any, compiler: Any, **options: Any) -> str:
    record_id, record, fts5, _ = element.clauses
    identity, words = (compiler.process(part, **options) for part in (record_id, fts5))
    table = f"{record}_search"
    return f"{identity} IN (SELECT rowid FROM {table} WHERE {table} MATCH {words})"  # noqa: S608  # nosec B608


@compiles(_FoundAmongFew, "sqlite")
def _each_in_fts5(element: Any, compiler: Any, **options: Any) -> str:
    record_id, record, fts5, _ = element.clauses
    identity, words = (compiler.process(part, **options) for part in (record_id, fts5))
    table = f"{record}_search"
    return f"EXISTS (SELECT 1 FROM {table} WHERE {table} MATCH {words} AND rowid = {identity})"  # noqa: S608  # nosec B608


@compiles(_Found, "postgresql")
def _found_in_tsvector(element: Any, compiler: Any, **options: Any) -> str:
    record_id, record, _, tsquery = element.clauses
    identity, words = (compiler.process(part, **options) for part in (record_id, tsquery))
    # Word for word the expression of the index, or it would not be used.
    holds = f"searched(words) @@ CAST({words} AS tsquery)"
    return f"{identity} IN (SELECT {record}_id FROM {record}_words WHERE {holds})"  # noqa: S608  # nosec B608


def among(record_id: Any, ids: Sequence[int]) -> Any:
    """The condition under which a record is one of those with these ids, however many they are."""
    return _Among(record_id, sa.bindparam(None, ids, _Ids(), unique=True))


def among_given(record_id: Any) -> Any:
    """The same for ids that are given as `ids` when the statement is executed."""
    return _Among(record_id, sa.bindparam("ids", type_=_Ids()))


class _Ids(sa.TypeDecorator[Sequence[int]]):
    """Ids as one value of a statement, which so stays the same for few and for many."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.ARRAY(sa.Integer))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: sa.Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class _Among(FunctionElement[bool]):
    """Whether an id is among others, which each engine is given in its own way."""

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Stand as it is, for the same reason."""
        return self


@compiles(_Among, "sqlite")
def _among_json(element: Any, compiler: Any, **options: Any) -> str:
    identity, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{identity} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  # nosec B608


@compiles(_Among, "postgresql")
def _among_array(element: Any, compiler: Any, **options: Any) -> str:
    identity, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{identity} = ANY({ids})"
