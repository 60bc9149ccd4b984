"""A CSV that is written while its claims are read."""

from sqlmodel import select

from claims import exports, queries
from claims.models import Claim
from claims.models.columns import now
from claims.queries.filters import Filters
from tests.factories import a_claim, a_correction, a_ruling, an_article

CSV = exports.FORMATS["csv"]


def some_claims(session):
    article = an_article(session)
    for n in range(6):
        claim = a_claim(session, f"dam {n}", article=article, speaker="Made-up minister")
        if n % 2:
            a_ruling(session, claim, published=n > 1)
    a_correction(session, claim)


def test_it_is_the_file_that_the_whole_report_would_be(session, engine, monkeypatch):
    some_claims(session)
    monkeypatch.setattr(queries.findings, "BATCH", 2)

    for unpublished in (False, True):
        for filters in (Filters(), Filters.from_args({"q": "dam", "sort": "changed"})):
            whole = queries.reports.build(
                session, filters, made_at=now(), made_by="Editor One", unpublished=unpublished
            )
            streamed = exports.streamed(CSV, engine, filters, unpublished=unpublished)
            assert "".join(streamed) == "".join(CSV.write(whole, None))


def test_it_shows_the_desk_as_it_was_when_it_began(session, engine, monkeypatch):
    some_claims(session)
    before = "".join(exports.streamed(CSV, engine, Filters()))
    monkeypatch.setattr(queries.findings, "BATCH", 1)
    monkeypatch.setattr(exports.csv, "_PIECE", 1)

    parts = exports.streamed(CSV, engine, Filters())
    begun = next(parts)
    for claim in session.exec(select(Claim)):
        claim.statement = "Reworded meanwhile"
    session.commit()

    assert begun + "".join(parts) == before


def test_it_holds_no_more_than_a_batch_and_a_piece(session, engine, monkeypatch):
    some_claims(session)
    monkeypatch.setattr(queries.findings, "BATCH", 1)
    monkeypatch.setattr(exports.csv, "_PIECE", 1)

    parts = list(exports.streamed(CSV, engine, Filters()))

    assert max(part.count("dam ") for part in parts) == 1
