import codecs

import pytest

from claims.imports import text
from claims.rules import passages
from claims.rules.refusals import Refused

WORDS = "The made-up dam — “new” in 2001 — holds 40 million litres.\nڈیم نیا ہے۔ 👩🏽‍🚒"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + WORDS.encode(), "UTF-8"),
        (WORDS.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "UTF-16"),
        (WORDS.encode("utf-32"), "UTF-32"),
        (codecs.BOM_UTF32_BE + WORDS.encode("utf-32-be"), "UTF-32"),
    ],
)
def test_a_text_file_is_read_in_the_encoding_that_it_has(data, encoding):
    read = text.read(data)

    assert (read.text, read.encoding, read.doubt) == (WORDS, encoding, None)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_a_mark_and_the_guess_is_told(codec):
    read = text.read(WORDS.encode(codec))

    assert read.text == WORDS
    assert "UTF-16" in str(read.doubt)


def test_an_older_encoding_is_guessed_and_the_guess_is_told():
    read = text.read("The café in Zürich – “closed”.".encode("cp1252"))

    assert read.text == "The café in Zürich – “closed”."
    assert "Windows-1252" in str(read.doubt)


def test_line_ends_of_every_system_become_one():
    assert text.read(b"One.\r\nTwo.\rThree.\n\n").text == "One.\nTwo.\nThree."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 word/document.xml", "Office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word"),
        (b"{\\rtf1 The dam}", "rich text"),
        (b"\n<!DOCTYPE html><title>The dam</title>", "web page"),
        (b"\x89PNG\r\n", "a picture"),
        (bytes(range(32)) * 50, "not plain text"),
        (codecs.BOM_UTF16_LE + b"a", "damaged"),
        (b"", "no text"),
        (b" \r\n\t\r\n", "no text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_would_help(data, sentence):
    with pytest.raises(Refused, match=sentence):
        text.read(data)


def test_more_text_than_a_page_can_show_is_refused():
    with pytest.raises(Refused, match="2,000,001 characters"):
        text.read(b"a" * (passages.LONGEST + 1))


def test_a_character_that_no_database_stores_is_replaced():
    data = b"The dam\0 holds. " + b"It holds. " * 20

    assert text.read(data).text.startswith("The dam\ufffd holds.")
