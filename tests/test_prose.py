"""Reasons in Markdown: what readers see of them, and what never gets through."""

from html import unescape

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from claims import prose


def test_reasons_keep_their_emphasis_lists_and_links():
    html = prose.to_html(
        "The register says **40**.\n\n- page 3\n- [the register](https://a.example/r)"
    )

    assert "<strong>40</strong>" in html
    assert html.count("<li") == 2
    assert 'href="https://a.example/r"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_html_in_a_reason_is_shown_and_never_run():
    html = prose.to_html("<script>alert(1)</script> and <img src=x onerror=alert(1)>")

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.example",
        "/sign-out",
    ],
)
def test_only_the_web_and_email_become_links(address):
    assert "<a" not in prose.to_html(f"[press]({address}) and <{address}>")


def test_no_picture_is_fetched_from_elsewhere():
    assert "<img" not in prose.to_html("![seen](https://tracker.example/pixel.gif)")


def test_a_heading_in_a_reason_stays_below_those_of_the_page():
    assert prose.to_html("# Why\n\n###### Really") == (
        '<h4 dir="auto">Why</h4>\n<h4 dir="auto">Really</h4>\n'
    )


def test_urdu_and_english_reasons_each_run_their_own_way():
    assert prose.to_html("یہ درست ہے\n\nThis is right").count('dir="auto"') == 2


def test_the_plain_words_of_a_reason_have_no_marks():
    words = prose.to_text("**Half** of it:\n\n- 1 < 2\n- [the *register*](https://a.example)")

    assert words == "Half of it:\n1 < 2\nthe register"


@pytest.mark.parametrize(
    "reason",
    [
        "Half of it, by the **register**.\n\n1. one\n2. two\n   - deeper\n\n> said so",
        "[the register](https://a.example/r?a=1&b=2) and `code` and ~~struck~~",
        "a | b\n--- | ---\n1 | 2",
        "```\n<b>code</b>\n```\n\nline  \nbroken",
        "2.2 million < 3 million & more; 1 * 2 * 3; snake_case_word",
        "<script>alert(1)</script>",
        "[press](javascript:alert(1))",
        "\\# not a heading\n\\- not a list\n1\\. not either",
    ],
)
def test_a_reason_says_the_same_when_it_is_exported_as_markdown(reason):
    assert prose.to_html(prose.to_markdown(reason)) == prose.to_html(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "[press](<javascript:alert(1)>)",
        "[press][x]\n\n[x]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "![seen](https://tracker.example/pixel.gif)",
    ],
)
def test_another_renderer_makes_nothing_harmful_of_an_exported_reason(reason):
    careless = MarkdownIt("commonmark", {"html": True})
    careless.validateLink = lambda _address: True

    shown = careless.render(prose.to_markdown(reason))

    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")))
def test_any_line_of_text_is_shown_as_it_is_in_markdown(text):
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(prose.literal(text))
    words = " ".join(prose.without_turns(text).split())

    assert unescape(shown.strip()) == (f"<p>{words}</p>" if words else "")


@given(st.text(alphabet="ab \n#*_-+=>`~1.|:[]()<!&\\\t"))
def test_no_word_of_a_reason_is_lost_or_added_in_markdown(text):
    assert prose.to_text(prose.to_markdown(text)).split() == prose.to_text(text).split()


@given(st.text(st.sampled_from("abZé漢ا0 .,;:!?'\"()/%#+=-–—_*&<\n\u00a0\u0301"), max_size=25))
def test_plain_words_are_what_a_reader_of_the_page_would_see(text):
    seen = unescape(nh3.clean(prose.to_html(text), tags=set()))

    assert prose.to_text(text) == "\n".join(line for line in seen.splitlines() if line.strip())


def test_a_name_in_a_sentence_turns_none_of_the_words_around_it():
    assert prose.isolated("بشری\u202e\u2069") == "\u2068بشری\u2069"
