import hypothesis.strategies as st
import pytest
from hypothesis import given

from claims.rules import parts
from claims.rules.parts import Most, Part
from claims.rules.passages import LONGEST, Text

FEW = Most(characters=4_000, paragraphs=60, claims=5)

# Lines of any length, empty ones, blanks, and long ones with and without blanks.
LINES = st.one_of(
    st.sampled_from(["", " ", "a", "ڈیم میں پانی ہے۔", "👩🏽‍🚒 e\u0301"]),
    st.builds(
        lambda word, times: word * times,
        st.sampled_from(
            ["word ", "ab", "ڈیم ", "水。", "👨\u200d👩\u200d👧", "e\u0301", " x", "y  "]
        ),
        st.integers(1, 4_000),
    ),
)
TEXTS = st.lists(LINES, max_size=80).map("\n".join)
CROWDS = st.dictionaries(st.integers(0, 60), st.integers(0, 40), max_size=20)


def cut(text: str, crowd=None, most: Most = FEW) -> list[Part]:
    return parts.cut(parts.stretches(Text(text)), crowd or {}, most)


@given(TEXTS, CROWDS)
def test_parts_hold_every_paragraph_once_and_in_order(text, crowd):
    paragraphs = Text(text).paragraphs

    read: dict[int, str] = {}
    for part in cut(text, crowd):
        words = text[part.start : part.end]
        for number, (start, end) in enumerate(Text(words).paragraphs, start=part.first):
            assert number <= part.last
            assert number not in read or part.continues
            read[number] = read.get(number, "") + words[start:end]

    assert list(read) == list(range(1, len(paragraphs) + 1))
    for number, (start, end) in enumerate(paragraphs, start=1):
        assert "".join(read[number].split()) == "".join(text[start:end].split())


@given(TEXTS, CROWDS)
def test_no_part_is_longer_than_can_be_read(text, crowd):
    for number, part in enumerate(cut(text, crowd), start=1):
        assert part.number == number
        assert part.end - part.start <= FEW.characters + 300
        assert part.last - part.first < FEW.paragraphs


@given(TEXTS, CROWDS, st.data())
def test_every_word_is_in_the_part_that_its_offset_names(text, crowd, data):
    found = cut(text, crowd)
    words = [offset for offset, letter in enumerate(text) if not letter.isspace()]
    if words:
        offset = data.draw(st.sampled_from(words))

        part = parts.at(found, offset)

        assert part.start <= offset < part.end
        paragraph = Text(text).paragraph_at(offset)
        assert parts.with_paragraph(found, paragraph).number <= part.number
        assert part.first <= paragraph <= part.last


@given(TEXTS.filter(lambda text: len(text) < 4_000 and text.count("\n") < 60))
def test_an_article_of_ordinary_length_is_read_whole(text):
    assert len(cut(text)) == 1


def test_a_part_ends_with_a_paragraph_before_it_holds_too_many_claims():
    text = "\n".join(f"{number}{'.' * 998}" for number in range(10, 20))

    found = cut(text, {1: 3, 2: 3, 3: 1, 7: 5, 8: 1}, Most(99_999, 60, 5))

    assert [(part.first, part.last) for part in found] == [(1, 2), (3, 7), (8, 8), (9, 10)]


def test_a_paragraph_that_is_too_long_is_cut_after_a_blank_and_goes_on():
    first, second = cut("word " * 1_500 + "\nThe end.", most=Most(5_000, 60, 5))

    assert (first.first, first.last, first.continues) == (1, 1, False)
    assert (second.first, second.last, second.continues) == (1, 2, True)
    assert first.end == second.start
    assert first.end % len("word ") == 0


@pytest.mark.parametrize("letter", ["a", "a\n", "ab ", "e\u0301"])
def test_the_longest_text_is_cut_in_no_time_whatever_it_is_made_of(letter):
    text = (letter * LONGEST)[:LONGEST]

    found = parts.cut(parts.stretches(Text(text)), dict.fromkeys(range(2_000), 25))

    assert len(found) > LONGEST // parts.MOST.characters
    assert max(part.end - part.start for part in found) <= parts.MOST.characters
