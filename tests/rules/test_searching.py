import hypothesis.strategies as st
import pytest
from hypothesis import given

from claims.rules.searching import marked, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The Café’s DAM", ["the", "cafe", "s", "dam"]),
        ("مَكَّة كتاب", ["مکه", "کتاب"]),
        ("水坝abc", ["水", "坝", "abc"]),
        ("हिन्दी में", ["हिनदी", "में"]),
        ("x_y 2.2 … 🚰\ufe0f", ["x", "y", "2", "2"]),
    ],
)
def test_words_are_folded_to_one_form(text, folded):
    assert words(text) == words(" ".join(folded))
    assert len(words(text)) == len(folded)


@given(st.text(), st.text(max_size=10))
def test_marking_keeps_every_character(text, q):
    assert "".join(piece for piece, _ in marked(text, words(q))) == text


@given(st.text())
def test_folded_words_stay_as_they_are_and_hold_no_operator(text):
    for word in words(text):
        assert words(word) == [word]
        assert not set(word) & set(" \"'\\*:&|!()<>-+^{}\0")


def test_a_searched_word_is_marked_with_its_ending_and_a_number_only_whole():
    found = [
        piece for piece, is_it in marked("Dams at Café 40, 4 made-up", words("dam 4 cafe")) if is_it
    ]

    assert found == ["Dams", "Café", "4"]
