import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import assume, example, given

from claims.rules.passages import Segment, Text, normalise, segments

# Latin, accents set apart, Urdu with vowel marks, emoji joined from several, blanks and dashes.
LETTERS = st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"])
SCRAPS = st.sampled_from(
    [
        "the dam ",
        "e\u0301",
        "é",
        "ڈیم ",
        "پاکِستان",
        "👩🏽‍🚒",
        "👨‍👩‍👧",
        "“",
        "’",
        "—",
        " ",
        "\n",
        "40 million",
    ]
)
TEXTS = st.lists(SCRAPS | LETTERS, max_size=60).map("".join)


@st.composite
def marked(draw):
    """A text and a stretch of it that somebody marked."""
    text = draw(TEXTS.filter(lambda text: text.strip()))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    assume(text[start:end].strip())
    return text, start, end


@given(marked())
def test_a_quotation_is_found_where_its_offsets_say(given_mark):
    text, start, end = given_mark
    passage = Text(text).passage(start, end)

    found = Text(text).find(
        passage.quotation, prefix=passage.prefix, suffix=passage.suffix, near=start
    )

    assert found is not None
    assert text[found.start : found.end] == found.quotation == passage.quotation


@given(marked(), TEXTS)
def test_an_anchor_survives_an_edit_before_it(given_mark, inserted):
    text, start, end = given_mark
    before = Text(text).passage(start, end)
    edited = inserted + text

    found = Text(edited).find(
        before.quotation, prefix=before.prefix, suffix=before.suffix, near=start
    )

    assert found is not None
    assert edited[found.start : found.end] == before.quotation


@given(
    st.sampled_from(
        ["", "Neu: ", "👩🏽‍🚒👩🏽‍🚒", "e\u0301e\u0301 ", "پاکِستان۔ ", "\n\n", "a " * 500]
    )
)
def test_an_anchor_moves_by_the_code_points_put_before_it(inserted):
    text = "The made-up dam 🏞️ holds 40 million litres. ڈیم میں 40 million لیٹر ہیں۔"
    start = text.index("40 million لیٹر")
    anchor = Text(text).passage(start, start + len("40 million"))

    found = Text(inserted + text).find(
        anchor.quotation, prefix=anchor.prefix, suffix=anchor.suffix, near=anchor.start
    )

    assert found is not None
    assert found.start == start + len(inserted)


@given(marked())
def test_words_around_a_passage_are_the_words_around_it(given_mark):
    text, start, end = given_mark

    passage = Text(text).passage(start, end)

    assert text[:start].endswith(passage.prefix)
    assert text[end:].startswith(passage.suffix)


@given(marked(), TEXTS)
def test_no_quotation_that_would_be_found_is_passed_over(given_mark, other):
    text, start, end = given_mark
    copied = unicodedata.normalize("NFC", text[start:end]).replace("’", "'").replace("“", '"')

    for words in (text, other):
        for quotation in (text[start:end], copied):
            if Text(words).find(quotation) is not None:
                assert Text(words).may_hold(quotation)


def test_a_quotation_whose_words_do_not_follow_one_another_is_passed_over():
    text = Text("The dam holds forty million litres of water, they say.")

    assert text.may_hold("olds forty million lit")
    assert not text.may_hold("The dam holds sixty million litres")
    assert not text.may_hold("The dam holds million forty litres of water")


def test_of_two_repeats_the_one_with_the_same_words_around_it_is_meant():
    text = "In June it was one million. In July it was one million."

    found = Text(text).find("one million", prefix="July it was ", near=14)

    assert found is not None
    assert found.start == text.rindex("one million")


def test_of_two_repeats_in_the_same_words_the_nearer_is_meant():
    text = "It fell. It rose. It fell. It rose. It fell."

    found = Text(text).find("It fell", near=20)

    assert found is not None
    assert found.start == 18


def test_without_a_hint_the_first_repeat_is_meant():
    found = Text("It fell. It fell.").find("It fell")

    assert found is not None
    assert found.start == 0


def test_repeats_that_overlap_are_all_places():
    assert [p.start for p in Text("ha ha ha").places("ha ha")] == [0, 3]


def test_a_letter_is_not_found_inside_one_with_an_accent_when_it_stands_elsewhere():
    text = "the cafe\u0301 and the cafe"

    found = Text(text).find("cafe")

    assert found is not None
    assert found.start == text.rindex("cafe")


def test_half_an_emoji_is_not_taken_for_it_when_it_stands_whole_elsewhere():
    text = "👩\u200d🚒 came, then 👩 came"

    found = Text(text).find("👩")

    assert found is not None
    assert found.start == text.rindex("👩")


def test_what_is_not_there_is_not_found():
    assert Text("Nothing of the kind.").find("something") is None
    assert Text("").find("something") is None


@pytest.mark.parametrize("quotation", ["", " ", "\n"])
def test_nothing_is_found_nowhere(quotation):
    text = Text("A text, with blanks.\n\nAnd more.")

    assert text.find(quotation, prefix="A", suffix=" text") is None
    assert text.nearest(quotation) is None


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("He said “it’s over” and left", '"it\'s over" and'),
        ("He said 'over' and left", "‘over’"),
        ("between 2001–2009 only", "2001-2009"),
        ("a no\u00adnon\u200bsense", "nononsense"),
        ("no\u00a0more  than\u2009ten", "no more than ten"),
        ("first line\nsecond line", "line second"),
        ("the cafe\u0301 closed", "café closed"),
        ("the café closed", "cafe\u0301 closed"),
        ("so … on", "so ... on"),
        ("\u2067یہ ڈیم\u2069 بڑا ہے", "یہ ڈیم بڑا"),
    ],
)
def test_what_copying_changes_does_not_lose_a_quotation(text, quotation):
    found = Text(text).find(quotation)

    assert found is not None
    assert found.quotation == text[found.start : found.end]
    assert found.quotation.strip() == found.quotation


@given(marked())
def test_a_copy_in_other_dress_is_found_with_the_texts_own_words(given_mark):
    text, start, end = given_mark
    copied = unicodedata.normalize("NFC", text[start:end]).replace("’", "'").replace("“", '"')
    assume(copied.strip())

    found = Text(text).find(copied, near=start)

    if found is not None:
        assert found.quotation == text[found.start : found.end]


def test_a_reworded_passage_is_offered_as_the_nearest():
    text = "The desk met. With 2.1 million persons evacuating their houses, it emptied. It rained."

    nearest = Text(text).nearest("with 2.2 million people evacuating their homes")

    assert nearest is not None
    assert "2.1 million persons evacuating their houses" in nearest.quotation
    assert nearest.quotation == text[nearest.start : nearest.end]


def test_nothing_is_offered_when_nothing_is_like_it():
    assert Text("It rained.").nearest("2.2 million people evacuated their homes") is None


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2), (0, 99)])
def test_offsets_outside_the_text_are_refused(start, end):
    with pytest.raises(ValueError, match="do not lie"):
        Text("0123456789").passage(start, end)


def test_line_ends_become_one_and_words_stay():
    assert normalise("\ufeff\r\n A\u00a0b\r\nc\rd\n\n") == " A\u00a0b\nc\nd"


@given(TEXTS)
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS, st.data())
def test_every_word_lies_in_the_paragraph_that_its_offset_names(text, data):
    paragraphs = Text(text).paragraphs
    assume(paragraphs)
    number = data.draw(st.integers(1, len(paragraphs)))
    start, end = paragraphs[number - 1]

    assert Text(text).paragraph_at(data.draw(st.integers(start, end - 1))) == number


@given(
    st.text("abc \n", min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=8),
)
@example("a\n\nb", [(1, 1)])
def test_segments_hold_the_whole_text_and_every_mark(text, spans):
    marks = [
        (start, min(start + length, len(text)), key)
        for key, (start, length) in enumerate(spans)
        if start < len(text)
    ]
    paragraphs = Text(text).paragraphs

    cut = list(segments(paragraphs, marks))

    assert len(cut) == len(paragraphs)
    for (start, end), pieces in zip(paragraphs, cut, strict=True):
        assert "".join(text[p.start : p.end] for p in pieces) == text[start:end]
        for piece in pieces:
            lying = {key for first, last, key in marks if first < piece.end and last > piece.start}
            assert set(piece.marks) == lying


def test_overlapping_marks_are_cut_where_one_begins_or_ends():
    [pieces] = segments([(0, 10)], [(0, 6, "long"), (4, 8, "late"), (1, 3, "nested")])

    assert pieces == [
        Segment(0, 1, ("long",)),
        Segment(1, 3, ("nested", "long")),
        Segment(3, 4, ("long",)),
        Segment(4, 6, ("late", "long")),
        Segment(6, 8, ("late",)),
        Segment(8, 10, ()),
    ]
