"""A CSV that is written while its claims are read."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from claims import desk, exports, queries
from claims.models import Claim, Desk
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules.vocabulary import Correction, Stance
from tests.factories import (
    a_claim,
    a_correction,
    a_member,
    a_ruling,
    a_source,
    a_verdict,
    an_article,
    an_editor,
    some_evidence,
)

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
    monkeypatch.setattr(queries.selections, "BATCH", 2)

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
    monkeypatch.setattr(queries.selections, "BATCH", 1)
    monkeypatch.setattr(exports.csv, "_PIECE", 1)

    parts = exports.streamed(CSV, engine, Filters())
    begun = next(parts)
    for claim in session.exec(select(Claim)):
        claim.statement = "Reworded meanwhile"
    session.commit()

    assert begun + "".join(parts) == before


def test_it_holds_no_more_than_a_batch_and_a_piece(session, engine, monkeypatch):
    some_claims(session)
    monkeypatch.setattr(queries.selections, "BATCH", 1)
    monkeypatch.setattr(exports.csv, "_PIECE", 1)

    parts = list(exports.streamed(CSV, engine, Filters()))

    assert max(part.count("dam ") for part in parts) == 1


def every_kind_of_case(session):
    """Claims as a blind desk has them: ruled in every way, corrected, reopened, not yet ruled."""
    session.get(Desk, 1).verdicts_required = 2
    article = an_article(session, "=SUM(A1) a title")
    editor = an_editor(session, "Editor, One")
    words = [
        "ڈیم خالی تھا",
        '=HYPERLINK("x")',
        "a “dam”,\nof\r\nlines",
        "-3 °C",
        "dam \u202eturned",
    ]
    for n in range(10):
        claim = a_claim(
            session,
            words[n % 5],
            article=article,
            quotation=words[n % 5],
            speaker=words[n % 5] if n % 2 else None,
            evidence=[Stance.SUPPORTS, Stance.REFUTES],
        )
        source = a_source(session, f"@{words[n % 5]}", publisher="Office", published_on="2009-07")
        gone = some_evidence(session, claim, Stance.CONTEXT, source=source)
        if n % 3 == 0:
            gone.withdrawn_at = now()
        if n < 8:
            reviewer = a_member(session, f"Reviewer {n}")
            a_verdict(session, claim, "true" if n % 2 else "false", by=reviewer)
            a_ruling(session, claim, rationale=f"**{words[n % 5]}**", published=n > 1, by=editor)
        else:
            a_verdict(session, claim, by=a_member(session, "Secret reviewer"))
        if n in {4, 5}:
            a_correction(session, claim, kind=Correction.VOID if n == 5 else Correction.UPDATE)
        if n in {1, 6}:
            desk.rulings.reopen(session, claim, "A reader wrote in.", by=editor)
    session.commit()


def test_it_says_of_every_claim_what_the_json_says(session, engine):
    every_kind_of_case(session)
    report = queries.reports.build(
        session, Filters(), made_at=now(), made_by="Editor One", unpublished=True
    )
    told = json.loads("".join(exports.FORMATS["json"].write(report, None)))

    text = "".join(exports.streamed(CSV, engine, Filters(), unpublished=True))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    def moment(at):
        return f"{at[:19]}Z" if at else ""

    def plain(words):
        return exports.csv.plain(words or "")

    assert "Secret reviewer" not in text
    assert len(rows) == len(told["findings"]) + len(told["left_out"]) == 10
    for row, finding in zip(rows, told["findings"], strict=False):
        stances = [piece["stance"] for piece in finding["evidence"]]
        speaker = finding["speaker"] or {"name": "", "role": ""}
        assert row["claim"] == str(finding["number"])
        assert row["statement"] == plain(finding["statement"])
        assert row["kind"] == finding["kind"]
        assert row["speaker"] == plain(speaker["name"])
        assert row["quotation"] == plain(finding["quotations"][0]["text"])
        assert row["rating"] == finding["rating"]["name"]
        assert row["ruled by"] == finding["ruled_by"]
        assert row["ruled at"] == moment(finding["ruled_at"])
        assert row["published at"] == moment(finding["published_at"])
        assert (row["state"] == "reopened") == bool(finding["reopened_at"])
        assert bool(row["corrections"]) == bool(finding["corrections"])
        assert row["reviewers"] == ", ".join(v["reviewer"] for v in finding["verdicts"]["given"])
        assert [row["evidence for"], row["evidence against"], row["context"]] == [
            str(stances.count(stance)) for stance in ("supports", "refutes", "context")
        ]
        for piece in finding["evidence"]:
            assert exports.csv.prose.without_turns(piece["title"]) in (
                row["sources for"] + row["sources against"] + row["sources for context"]
            )
    for row, claim in zip(rows[len(told["findings"]) :], told["left_out"], strict=True):
        assert (row["claim"], row["state"]) == (str(claim["number"]), claim["state"])
        assert row["statement"] == plain(claim["statement"])
        assert not row["rating"] + row["reviewers"] + row["evidence for"]


cells = st.none() | st.integers() | st.text(alphabet='a1,"\r\n\t =-＠ڈ\u202e\u200b', max_size=6)


@given(st.lists(cells, min_size=2, max_size=5))
def test_a_row_is_written_as_every_other_program_would(row):
    held = io.StringIO()
    safe = [exports.csv.plain(cell) if isinstance(cell, str) else cell for cell in row]

    csv.writer(held, lineterminator="\r\n").writerow(safe)

    assert exports.csv.row(row) + "\r\n" == held.getvalue()
