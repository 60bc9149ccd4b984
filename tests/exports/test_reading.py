"""What a reader finds in a report, in each format for people."""

import csv
import io
import time
from dataclasses import replace

import pytest

from claims import exports
from claims.rules import reports, sentences
from claims.rules.vocabulary import Correction, Mark, Stance, State
from tests.exports.values import (
    DAY,
    a_finding,
    a_piece,
    a_report,
    left_out,
    rated,
    the_article,
)

FOR_PEOPLE = ("html", "markdown")


def written(name, report, digest=None):
    return "".join(exports.FORMATS[name].write(report, digest))


def rows(report):
    return list(csv.DictReader(io.StringIO(written("csv", report), newline="")))


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_reader_learns_the_ruling_and_what_it_rests_on(name):
    against = a_piece(Stance.REFUTES, title="Dam survey", excerpt="A third of that")
    text = written(name, a_report(a_finding(evidence=(a_piece(), against))))

    for words in (
        "Verdict report 3",
        "22 November 2026",
        "1 of the article’s 2 claims",
        "Half true",
        "The made-up dam holds 40 million litres",
        "holds 40 million litres",
        "Minister Madeup",
        "Evidence for",
        "Register of made-up dams",
        "July 2009",
        "https://register.example/dams",
        "Evidence against",
        "Dam survey",
        "A third of that",
        "Editor One",
        "The words may be right, but they lead a reader to a wrong conclusion.",
        "It overflows next year",
        "to check",
        "cd" * 32,
        "ab" * 32,
    ):
        assert words in text


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_reader_learns_once_what_the_marks_of_excerpts_mean(name):
    copy = reports.ReportedCopy("ef" * 32, DAY, Mark.NEARLY, False, "application/pdf")
    marked = a_report(a_finding(evidence=(a_piece(copy=copy), a_piece(copy=copy))))
    meaning = "The captured text has a passage much like it, in other words."

    text = written(name, marked)

    assert text.count(meaning) == 1
    assert text.count("nearly so in the copy of") == 2
    assert text.count("application/pdf") == 2
    assert meaning not in written(name, a_report())


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_draft_is_marked_as_one(name):
    text = written(name, a_report(a_finding(published_at=None), number=None))

    assert "not frozen" in text
    assert "Draft:" in text
    assert "not published yet" in text


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_side_without_evidence_says_so(name):
    assert "None on record." in written(name, a_report(a_finding(evidence=())))


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_correction_is_told_with_its_reason(name):
    change = reports.ReportedCorrection(
        kind=Correction.SUBSTANTIAL,
        reason="The wrong year.",
        at=DAY,
        by="Editor One",
        before=rated("false"),
        after=rated("half-true"),
    )
    gone = left_out(taken_back=replace(change, kind=Correction.VOID))
    text = written(name, a_report(a_finding(corrections=(change,)), left_out=(gone,)))

    assert "Corrected 22 November 2026 (substantial)" in text
    assert text.count("The wrong year.") == 2
    assert "One ruling was corrected after publication" in text
    assert "taken back" in text.lower()


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_an_article_without_its_text_says_so(name):
    assert "not loaded" in written(name, a_report(articles=(the_article(text_sha256=None),)))


@pytest.mark.parametrize("name", [*FOR_PEOPLE, "csv", "json", "claimreview"])
def test_a_report_without_a_single_ruling_can_still_be_written(name):
    report = a_report().model_copy(update={"findings": (), "tally": ()})

    assert written(name, report)


def test_a_claim_that_is_not_settled_is_a_row_without_a_rating():
    ruled, open_ = rows(a_report())

    assert (ruled["claim"], ruled["state"], ruled["rating"]) == ("23", "published", "Half true")
    assert (open_["claim"], open_["state"], open_["rating"]) == ("24", "to check", "")


def test_a_row_counts_and_names_the_sources():
    (ruled, _) = rows(a_report())

    assert (ruled["evidence for"], ruled["evidence against"]) == ("1", "0")
    assert ruled["sources for"] == (
        "Register of made-up dams (Made-up Water Board, 2009-07) https://register.example/dams"
    )
    assert ruled["reasons"] == "The register says 40."
    assert ruled["published at"] == "2026-11-22T09:30:00Z"


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ((), "Settled by an editor without a verdict."),
        (("Half true",), "One verdict: half true (Reviewer 1)."),
        (
            ("Half true", "Half true"),
            "Two verdicts agreed (half true: Reviewer 1, half true: Reviewer 2).",
        ),
        (
            ("False", "Half true"),
            "Two verdicts did not agree (false: Reviewer 1, half true: Reviewer 2).",
        ),
    ],
)
def test_the_verdicts_are_told_in_a_sentence(verdicts, words):
    given = tuple(
        reports.ReportedVerdict(reviewer=f"Reviewer {n}", rating=rating, confidence="high")
        for n, rating in enumerate(verdicts, start=1)
    )
    agree = len(set(verdicts)) == 1

    assert sentences.verdicts_in_words(reports.ReportedVerdicts(given=given, agree=agree)) == words


@pytest.mark.parametrize(
    ("known", "words"),
    [("2009", "2009"), ("2009-07", "July 2009"), ("2009-07-21", "21 July 2009")],
)
def test_a_date_is_as_exact_as_it_is_known(known, words):
    assert sentences.day_in_words(known) == words


@pytest.mark.parametrize("name", exports.FORMATS)
def test_five_thousand_findings_are_written_soon_and_piece_by_piece(name):
    many = a_report(
        *(a_finding(claim_id=n, number=n) for n in range(1, 5001)),
        left_out=tuple(left_out(claim_id=n, number=n) for n in range(5001, 5501)),
    )
    written("html", a_report())

    start = time.perf_counter()
    parts = list(exports.FORMATS[name].write(many, None))

    assert time.perf_counter() - start < 60
    assert sum(map(len, parts)) > 500_000
    if name != "json":
        assert max(map(len, parts)) < sum(map(len, parts)) / 4


def test_states_of_rows_are_told_apart():
    report = a_report(
        a_finding(),
        a_finding(published_at=None),
        a_finding(reopened_at=DAY, reopening_reason="A reader wrote in."),
        left_out=(left_out(state=State.DISPUTED),),
    )

    assert [row["state"] for row in rows(report)] == ["published", "ruled", "reopened", "disputed"]
