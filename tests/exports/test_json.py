"""A report as JSON: nothing is lost on the way, and the shape is the documented one."""

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from claims import exports
from claims.rules import reports
from claims.rules.vocabulary import Correction, Kind, Stance, State
from tests.exports.values import a_finding, a_piece, a_report, left_out, rated

# Whatever a database may hold.
words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
maybe_words = st.none() | words
moments = st.datetimes(timezones=st.just(UTC))
keys = st.sampled_from(["true", "half-true", "misleading", "not-checkable"])
ids = st.integers(1, 10**9)

corrections = st.builds(
    reports.ReportedCorrection,
    kind=st.sampled_from(Correction),
    reason=words,
    at=moments,
    by=words,
    before=st.none() | keys.map(rated),
    after=keys.map(rated),
)
verdicts = st.builds(
    reports.ReportedVerdicts,
    given=st.lists(
        st.builds(reports.ReportedVerdict, reviewer=words, rating=words, confidence=words),
        max_size=3,
    ).map(tuple),
    agree=st.none() | st.booleans(),
)
pieces = st.builds(
    a_piece,
    stance=st.sampled_from(Stance),
    title=words,
    publisher=maybe_words,
    author=maybe_words,
    url=maybe_words,
    excerpt=words,
    note=words,
    reliability=st.none() | st.sampled_from("ABCDEF"),
    credibility=st.none() | st.integers(1, 6),
)
findings = st.builds(
    a_finding,
    key=keys,
    claim_id=ids,
    number=ids,
    statement=words,
    kind=st.sampled_from(Kind),
    rationale=words,
    ruled_at=moments,
    published_at=st.none() | moments,
    reopened_at=st.none() | moments,
    reopening_reason=maybe_words,
    corrections=st.lists(corrections, max_size=2).map(tuple),
    verdicts=st.none() | verdicts,
    evidence=st.lists(pieces, max_size=3).map(tuple),
)
whole_reports = st.lists(findings, min_size=1, max_size=3).flatmap(
    lambda found: st.builds(
        a_report,
        *(st.just(finding) for finding in found),
        number=st.none() | ids,
        title=words,
        made_at=moments,
        made_by=words,
        withdrawn=st.none() | st.integers(0, 9),
        left_out=st.lists(
            st.builds(
                left_out,
                statement=words,
                state=st.sampled_from(State),
                taken_back=st.none() | corrections,
            ),
            max_size=2,
        ).map(tuple),
    )
)


@settings(deadline=None)
@given(whole_reports)
def test_a_report_read_back_from_its_json_is_the_same_report(report):
    text = reports.to_json(report)

    assert reports.from_json(text) == report
    assert reports.to_json(reports.from_json(text)) == text


@settings(deadline=None, max_examples=30)
@given(whole_reports)
def test_every_format_can_write_every_report(report):
    for kind in exports.FORMATS.values():
        text = "".join(kind.write(report, None))
        assert text.encode("utf-8")


@settings(deadline=None, max_examples=30)
@given(whole_reports)
def test_the_json_of_any_report_has_the_documented_shape(report):
    schema = json.loads(exports.json.SCHEMA.read_text(encoding="utf-8"))

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(reports.to_json(report)))


def test_the_documented_shape_is_the_one_that_is_written():
    """After a change: write `exports.json.schema()` to the file, and count up the version."""
    assert json.loads(exports.json.SCHEMA.read_text(encoding="utf-8")) == exports.json.schema()


def test_the_json_says_which_format_it_is():
    content = json.loads(reports.to_json(a_report()))

    assert (content["format"], content["version"]) == ("fact-desk/verdict-report", 1)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other"}'])
def test_what_is_no_report_is_not_read_as_one(text):
    with pytest.raises(ValueError, match="VerdictReport"):
        reports.from_json(text)


def test_a_frozen_report_exported_as_json_matches_its_digest_to_the_letter():
    content = reports.to_json(a_report())

    written = "".join(exports.frozen(exports.FORMATS["json"], content))

    assert written == content
    assert reports.digest(content) in "".join(exports.frozen(exports.FORMATS["html"], content))
    assert reports.digest(content) in "".join(exports.frozen(exports.FORMATS["markdown"], content))
