import hypothesis.strategies as st
import pytest
from hypothesis import given
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from claims.rules.vocabulary import Stance
from claims.web.forms import (
    Line,
    MaybeAddress,
    MaybeDate,
    MaybeLine,
    MaybeNumber,
    Submission,
    Text,
    listed,
)


class ExampleForm(BaseModel):
    title: Line
    note: Text = "none"
    place: MaybeLine = ""
    stance: Stance = Stance.SUPPORTS
    year: MaybeDate = None
    url: MaybeAddress = None
    grade: MaybeNumber = None
    evidence: list[int] = []


def submitted(**typed):
    pairs = [(k, v) for k, vs in typed.items() for v in (vs if isinstance(vs, list) else [vs])]
    return Submission(ExampleForm, MultiDict(pairs))


def test_a_field_is_checked_after_the_space_around_it_is_gone():
    form = submitted(title="  The made-up dam  ", place="   ")

    assert form.valid
    assert form.data.title == "The made-up dam"
    assert form.data.place == ""


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({}, "title", "Fill this in."),
        ({"title": "   "}, "title", "Fill this in."),
        ({"title": "x" * 501}, "title", "This is too long: at most 500 characters."),
        ({"title": "x", "stance": "maybe"}, "stance", "Choose one of the values offered."),
        ({"title": "x", "year": "21 July"}, "year", "Write a date as 2009, 2009-07 or 2009-07-21."),
        ({"title": "x", "year": "2009-02-30"}, "year", "There is no such date."),
        ({"title": "x", "url": "javascript:alert(1)"}, "url", "Write a whole address"),
        ({"title": "x", "grade": "two"}, "grade", "Write a whole number."),
        ({"title": "x", "evidence": ["1", "x"]}, "evidence", "Write a whole number."),
    ],
)
def test_a_wrong_field_says_what_would_be_right(typed, field, message):
    form = submitted(**typed)

    assert not form.valid
    assert message in form.errors[field]
    for name, value in typed.items():
        assert (form.values(name) if isinstance(value, list) else form.value(name)) == value


@pytest.mark.parametrize("year", ["2009", "2009-07", "2009-07-21", ""])
def test_a_date_is_as_exact_as_it_is_known(year):
    assert submitted(title="x", year=year).data.year == (year or None)


def test_what_no_database_stores_is_replaced_and_not_lost():
    form = submitted(title="before\x00after\ud800")

    assert form.data.title == "before\ufffdafter\ufffd"


@given(st.text())
def test_whatever_is_typed_comes_back_as_typed(text):
    assert submitted(title=text).value("title") == text


def test_a_list_typed_with_commas_has_no_blanks_or_repeats():
    assert listed(["nap, swat ,", "nap", " "]) == ["nap", "swat"]
