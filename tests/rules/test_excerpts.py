"""An excerpt is marked as what it is, and its place is told in code points."""

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from claims import rules
from claims.rules.excerpts import Found, Mark, look_for
from claims.rules.passages import Folded

TEXT = (
    "The register of 2009 lists 41 dams.\n\n"
    "“No state of emergency was declared,” the minister said – twice – on Tuesday. "
    "Nine million people live below the dams; two million of them have been moved since 1941.\n"
    "پاکستان کے ڈیموں میں پانی کی سطح کم ہو گئی ہے۔ 👩🏽‍🚒 The café closed."
)

# What a page may hold: words of several scripts, marks, emoji; no lone halves of characters.
SCRAPS = st.sampled_from(
    ["the dam", "e\u0301", "ڈیم", "پاکِستان", "👩🏽‍🚒", "“", "’", "—", " ", "\n", "…", "...", "40"]
)
LETTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(SCRAPS | LETTERS, max_size=60).map("".join)
WORDS = st.sampled_from(["register", "41", "ڈیم", "水库", "Γράμμα", "café", "👩🏽‍🚒", "na\u00efve"])
PUNCTUATION = st.sampled_from([" ", "\n", " “", "” ", " — ", " – ", "’ ", " 'so' "])
OTHERWISE = str.maketrans(
    {" ": "\u00a0\n", "\n": "  ", "“": '"', "”": "„", "—": "-", "–": "\u2212", "’": "'", "'": "‘"}
)


def found_in(text, excerpt):
    found = look_for(excerpt, text)
    assert found.start is not None
    assert found.end is not None
    assert 0 <= found.start < found.end <= len(text)
    return found.mark, text[found.start : found.end]


@given(TEXTS, st.data())
def test_any_stretch_of_a_text_is_verbatim(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    excerpt = text[start:end]
    assume(excerpt.strip())

    assert found_in(text, excerpt) == (Mark.VERBATIM, excerpt.strip())


@given(st.lists(st.tuples(WORDS, PUNCTUATION), min_size=1, max_size=30), st.data())
def test_other_spaces_quotes_and_dashes_leave_the_same_words(pairs, data):
    first = data.draw(st.integers(0, len(pairs) - 1))
    last = data.draw(st.integers(first, len(pairs) - 1))
    text = "".join(word + after for word, after in pairs)
    stretch = "".join(word + after for word, after in pairs[first : last + 1])
    excerpt = stretch.translate(OTHERWISE)

    mark, passage = found_in(text, excerpt)

    assert mark in (Mark.VERBATIM, Mark.NORMALISED)
    assert mark is Mark.NORMALISED or excerpt.strip() in text
    assert Folded(passage).words.strip() == Folded(excerpt).words.strip()


@settings(deadline=None)
@given(st.text(), TEXTS)
def test_whatever_is_looked_for_the_place_lies_in_the_text(excerpt, text):
    found = look_for(excerpt, text)

    if found.mark is Mark.ABSENT:
        assert found == Found(Mark.ABSENT, None, None, None)
    else:
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("excerpt", "mark", "passage"),
    [
        ("lists 41 dams", Mark.VERBATIM, "lists 41 dams"),
        ("  lists 41 dams.\n", Mark.VERBATIM, "lists 41 dams."),
        # The number itself, not a part of a year.
        ("41", Mark.VERBATIM, "41"),
        ('"No state of emergency was declared," the', Mark.NORMALISED, "“No state of emergency"),
        ("said — twice — on\nTuesday", Mark.NORMALISED, "said – twice – on Tuesday"),
        ("'Nine million people live below the dams'", Mark.NORMALISED, "Nine million people"),
        ("lists 41 dams. “No state", Mark.NORMALISED, "lists 41 dams.\n\n“No state"),
        ("The cafe\u0301 closed", Mark.NORMALISED, "The café closed"),
        ("پانی کی سطح کم", Mark.VERBATIM, "پانی کی سطح کم"),
        ("👩🏽‍🚒 The", Mark.VERBATIM, "👩🏽‍🚒 The"),
    ],
)
def test_an_excerpt_is_marked_as_what_it_is(excerpt, mark, passage):
    told, there = found_in(TEXT, excerpt)

    assert told is mark
    assert there.startswith(passage)


def test_a_number_is_found_as_a_number_of_its_own():
    text = "In 1941 there were 41 dams."

    assert look_for("41", text).start == text.index("41 dams")


@pytest.mark.parametrize("dots", [" … ", "[…]", " [...] ", " (…) ", "... "])
def test_dots_join_pieces_that_come_in_order(dots):
    mark, passage = found_in(TEXT, f"Nine million people{dots}have been moved")

    assert mark is Mark.VERBATIM
    assert passage == TEXT[TEXT.index("Nine") : TEXT.index(" since 1941")]
    assert look_for(f"have been moved{dots}Nine million people", TEXT).mark is Mark.ABSENT


def test_the_pieces_of_an_excerpt_stand_near_one_another():
    far = f"No {'word ' * 1000}emergency"

    assert look_for("No … emergency", far).mark is Mark.ABSENT
    assert found_in(f"{far} No state of emergency", "No … emergency") == (
        Mark.VERBATIM,
        "No state of emergency",
    )


def test_dots_of_the_text_itself_are_no_omission():
    assert found_in("He said … nothing. Then nothing.", "said ... nothing") == (
        Mark.NORMALISED,
        "said … nothing",
    )


def test_an_excerpt_with_other_words_is_nearly_there_and_the_difference_can_be_shown():
    excerpt = "Two million people live below the dams; two million of them have been moved"

    found = look_for(excerpt, TEXT)

    assert found.mark is Mark.NEARLY
    assert TEXT[found.start : found.end] == excerpt.replace("Two", "Nine")
    assert 0.9 < found.similarity < 1
    assert rules.differences.parts(excerpt, TEXT[found.start : found.end])[:2] == [
        (rules.differences.Change.REMOVED, "Two"),
        (rules.differences.Change.ADDED, "Nine"),
    ]


def test_other_words_beside_an_omission_are_nearly_there():
    siege = "No state of siege was declared, the minister said"
    excerpt = f"{siege} […] Nine million people lived below those dams"

    mark, passage = found_in(TEXT, excerpt)

    assert mark is Mark.NEARLY
    assert passage.startswith("No state of emergency")
    assert passage.endswith("live below the dams")


@pytest.mark.parametrize(
    "excerpt",
    [
        "",
        " \n",
        "…",
        "“”",
        # Too short to be meant by anything but its own letters.
        "lists 14 dams",
        "Nobody has ever counted the bridges of this country, said the engineer on Friday",
        # It holds a sentence of the text, and much that is not there.
        f"The register of 2009 lists 41 dams. {'Each was paid for by another bank. ' * 3}",
    ],
)
def test_what_the_text_does_not_say_is_not_found(excerpt):
    assert look_for(excerpt, TEXT) == Found(Mark.ABSENT)


def test_chinese_without_spaces_is_nearly_found():
    text = "一九七五年八月，河南省多座水库在暴雨中溃坝。" * 3 + "报告称四十一座水库已经修复完毕。"

    mark, passage = found_in(text, "报告称四十三座水库已经修复完毕")

    assert mark is Mark.NEARLY
    assert "四十一座水库" in passage


@pytest.mark.parametrize("length", [60, 5_000])
def test_a_changed_word_is_found_in_two_million_characters_soon(length):
    line = "In {} the {}th commission wrote of dam {} that nothing had been done about it. "
    text = "".join(line.format(n % 2000, n % 77, n) for n in range(26_000))[:2_000_000]
    middle = text.index("dam 13000 ")
    excerpt = text[middle : middle + length].replace("nothing", "everything", 1)
    begun = time.thread_time()

    found = look_for(excerpt, text)

    assert found.mark is Mark.NEARLY
    assert found.start == middle
    assert abs(found.end - middle - length) < 20
    assert time.thread_time() - begun < 5


@pytest.mark.parametrize("text", ["a" * 200_000, "a b " * 50_000, "“—” " * 50_000])
def test_a_hostile_text_does_not_hold_the_desk_up(text):
    begun = time.thread_time()

    for excerpt in ("ab" * 2_500, f"{'a b ' * 20}… {'a b ' * 20}c", "a … a … b" * 50):
        look_for(excerpt, text)

    assert time.thread_time() - begun < 10
