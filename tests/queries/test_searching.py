import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from claims.models import Source
from claims.queries import searching


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_asks_the_index_for_words_that_it_does_not_know_beforehand(session, engine):
    for statement in (
        """INSERT INTO source (id, title, type, version, created_at)
        SELECT n, 'Register', 'book', 1, now() FROM generate_series(1, 3000) n""",
        "INSERT INTO source_words SELECT id, 'register ' || id FROM source",
        "ANALYZE source, source_words",
    ):
        session.execute(sa.text(statement))
    query = select(Source.id).where(searching.found(col(Source.id), "source", "register"))
    newest = query.order_by(col(Source.id).desc()).limit(51).compile(dialect=engine.dialect)
    numbered = str(newest) % {name: f"${n}" for n, name in enumerate(newest.params, 1)}

    plan = session.execute(sa.text(f"EXPLAIN (GENERIC_PLAN) {numbered}".replace(":", r"\:")))

    assert "ix_source_words_search" in " ".join(row[0] for row in plan)
