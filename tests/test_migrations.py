"""The migrations: one after the other, and at their end the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from claims import database


def kept_by_a_table(_object, name, kind, _reflected, _compared):
    # Search tables that SQLite keeps for itself.
    return not (kind == "table" and name.startswith(("claim_search", "source_search")))


def test_they_run_in_the_order_of_their_numbers():
    script = ScriptDirectory.from_config(database.configuration())

    walked = [one.revision for one in script.walk_revisions()]

    assert walked[::-1] == database.revisions()
    assert script.get_heads() == [database.revisions()[-1]]


def test_a_founded_desk_stands_at_the_last_of_them(engine):
    with engine.connect() as connection:
        assert database.revision(connection) == database.revisions()[-1]


def test_an_empty_database_stands_at_none(new_database, request):
    for kind in ("sqlite", "postgresql"):
        empty = database.connect(new_database(kind))
        with database.opened(empty) as connection:
            assert database.revision(connection) is None
        empty.dispose()


def test_the_tables_are_as_the_models_say(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": kept_by_a_table, "compare_type": True}
        )
        found = compare_metadata(context, SQLModel.metadata)

    # PostgreSQL searches by an index over an expression, which no model can describe.
    assert [change for change in found if "_words_search" not in str(change)] == []
