"""The look: readable in light and dark, ratings by colour, shape and word, fields that explain."""

import re
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from claims.rules.scales import COLOURS, DEFAULT_SCALE, SHAPES
from claims.web.forms import Line, Submission

ROOT = Path(__file__).parents[1]
CSS = (ROOT / "claims/static/desk.css").read_text()
TRUE, MOSTLY_TRUE = DEFAULT_SCALE[:2]


class SourceForm(BaseModel):
    """A form as a page would have it."""

    title: Line
    tags: list[str] = []


@pytest.fixture(scope="module")
def parts():
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["csrf_token"] = lambda: "token"
    environment.globals["lucide_icon"] = lambda _name: Markup("<svg></svg>")
    return environment.get_template("components.html").module


def token(name, scheme):
    light, dark = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", CSS).groups()
    return light if scheme == "light" else dark


def channels(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_every_paper(scheme):
    inks, papers = ("ink", "soft", "accent", *COLOURS), ("paper", "sheet", "sunk")

    faint = {
        (ink, paper): round(contrast(token(ink, scheme), token(paper, scheme)), 2)
        for ink, paper in product(inks, papers)
        if contrast(token(ink, scheme), token(paper, scheme)) < 4.5
    }

    assert faint == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(scheme):
    assert contrast(token("edge", scheme), token("sheet", scheme)) >= 3
    assert contrast(token("on-accent", scheme), token("accent", scheme)) >= 4.5


def test_every_colour_of_a_scale_has_its_class():
    assert all(f".c-{colour} {{ --c: var(--{colour}); }}" in CSS for colour in COLOURS)


def test_no_two_ratings_look_alike(parts):
    drawings = {
        shape: parts.glyph({"name": "x", "colour": "red", "shape": shape}) for shape in SHAPES
    }
    drawings["nothing ruled yet"] = parts.glyph()

    assert len({re.search("<(path|circle|rect).*", svg)[0] for svg in drawings.values()}) == 9


def test_a_rating_is_colour_shape_and_word(parts):
    badge = parts.badge(TRUE)

    assert "c-green" in badge
    assert "<path" in badge
    assert "True" in badge


def test_a_shape_alone_says_its_word_to_a_screen_reader(parts):
    assert 'aria-label="Mostly true"' in parts.glyph(MOSTLY_TRUE)
    assert 'aria-label="No ruling yet"' in parts.glyph()
    assert "aria-label" not in parts.glyph(TRUE, named=False)


def test_a_member_is_known_by_initials_and_by_name(parts):
    avatar = parts.avatar("Made-up Person")

    assert ">MP<" in avatar
    assert "Made-up Person" in avatar


def test_a_moment_is_given_in_utc_and_an_unknown_one_is_called_unknown(parts):
    assert "22 Nov 2026, 09:05 UTC" in parts.when(datetime(2026, 11, 22, 9, 5, tzinfo=UTC))
    assert ">22 Nov 2026<" in parts.when(date(2026, 11, 22), day=True)
    assert "unknown" in parts.when(None)


def test_what_is_not_known_of_a_source_is_called_unknown(parts):
    facts = parts.facts([("Author", None), ("Publisher", "A made-up agency")])

    assert re.search(r"<dt>Author</dt><dd[^>]*><span[^>]*>unknown", facts)
    assert "A made-up agency" in facts


def test_coverage_says_in_words_what_its_bar_shows(parts):
    chart = parts.coverage([(TRUE, 3), (MOSTLY_TRUE, 0), (None, 4)], 7)

    assert 'aria-label="3 true, 4 not ruled yet"' in chart
    assert chart.count("<rect") == 1
    assert "4</span> claims left" in chart


def test_coverage_of_an_article_without_claims_is_an_empty_bar(parts):
    assert "<rect" not in parts.coverage([], 0)


def test_the_longest_bar_of_a_tally_is_full(parts):
    chart = parts.tally([(TRUE, 4), (MOSTLY_TRUE, 1), (None, 0)])

    assert re.findall(r'<rect width="([\d.]+)"', chart) == ["100.0", "25.0", "0.0"]
    assert "Not ruled yet" in chart


def test_a_wrong_field_keeps_what_was_typed_and_says_what_is_wrong(parts):
    form = Submission(SourceForm, MultiDict({"publisher": '"><b>'}))

    title = parts.field("title", "Title", form)
    publisher = parts.field("publisher", "Publisher", form, hint="As printed")

    assert 'aria-invalid="true"' in title
    assert 'aria-describedby="title-error"' in title
    assert "Fill this in." in title
    assert 'value="&#34;&gt;&lt;b&gt;"' in publisher
    assert 'aria-describedby="publisher-hint"' in publisher


def test_a_long_text_comes_back_with_its_first_line_empty(parts):
    # A browser drops the first line break of a textarea.
    form = Submission(SourceForm, MultiDict({"note": "\nsecond line"}))

    assert ">\n\nsecond line</textarea>" in parts.textarea("note", "Note", form)


def test_every_choice_that_was_made_stays_made(parts):
    form = Submission(SourceForm, MultiDict([("tags", "b"), ("tags", "c"), ("rating", "true")]))

    tags = parts.checks("tags", "Tags", [("a", "A"), ("b", "B"), ("c", "C")], form, values=["a"])
    rating = parts.rating_choice("rating", DEFAULT_SCALE, form)

    assert re.findall(r'value="(\w)" checked', tags) == ["b", "c"]
    assert re.findall(r'value="([\w-]+)" checked', rating) == ["true"]


def test_a_field_offers_its_first_value_before_anything_was_typed(parts):
    assert 'value="1843"' in parts.field("year", "Year", value=1843)
    assert 'value=""' in parts.field("year", "Year", value=None)
    chosen = parts.select("grade", "Grade", [("A", "a"), ("B", "b")], value="B", blank="choose")
    assert re.findall(r'value="(\w*)" selected', chosen) == ["B"]


def test_more_of_a_list_is_a_link_that_htmx_may_follow(parts):
    pager = parts.pager("/claims?after=7", hx_get="/claims?after=7", hx_swap="outerHTML")

    assert 'href="/claims?after=7" hx-get="/claims?after=7" hx-swap="outerHTML"' in pager


def test_a_template_carries_no_style_and_no_script_of_its_own():
    kept_out = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=|hx-on|javascript:")

    found = {
        str(path.relative_to(ROOT)): kept_out.findall(path.read_text())
        for path in (ROOT / "templates").rglob("*.html")
        if kept_out.search(path.read_text())
    }

    assert found == {}
