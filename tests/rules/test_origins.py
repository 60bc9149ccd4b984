"""Two links that lead back to one origin are suggested as one; others are not."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import rules
from claims.rules.origins import (
    ENOUGH,
    SKETCH_LENGTH,
    Traces,
    Why,
    carries,
    likeness,
    parts,
    shared,
    site,
    sketch,
)

PROSE = (
    "dam water level river minister report engineer flood valley village repair cost bank "
    "loan decade survey concrete spillway gate downstream province rain season record"
)
WORDS = PROSE.split()


def prose(seed, length=300):
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def edited(text, share, seed=0):
    """A text in which a share of its words was exchanged."""
    chance = random.Random(seed)
    return " ".join(
        f"other{chance.random()}" if chance.random() < share else word for word in text.split()
    )


TEXTS = st.lists(st.sampled_from(WORDS), min_size=40, max_size=400).map(" ".join)


@given(TEXTS, TEXTS)
def test_a_sketch_is_short_and_likeness_has_no_direction(one, other):
    a, b = sketch(one), sketch(other)

    assert len(a) <= SKETCH_LENGTH
    assert likeness(a, a) == 1
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1


@given(st.text())
def test_any_text_has_a_sketch(text):
    assert likeness(sketch(text), sketch(text)) in (0, 1)


@given(TEXTS)
def test_typography_and_case_leave_a_text_the_same(text):
    other = text.upper().replace(" ", " — ", 5).replace(" ", "\n", 9)

    assert likeness(sketch(text), sketch(other)) == 1


def test_a_sketch_is_the_same_in_every_process():
    assert sketch(" ".join(WORDS * 2))[:24] == "EYuC9TRKlIU0TdJaOrpapz4d"


@pytest.mark.parametrize("seed", range(5))
def test_a_wire_report_is_known_again_after_an_editor_went_over_it(seed):
    report = prose(seed, 600)
    copy = f"By our correspondent. {edited(report, 0.05, seed)} Read more about this."

    assert likeness(sketch(report), sketch(copy)) >= ENOUGH
    assert set(parts(sketch(report))) & set(parts(sketch(copy)))
    assert likeness(sketch(report), sketch(edited(report, 0.5, seed))) < ENOUGH
    assert likeness(sketch(report), sketch(prose(seed + 100, 600))) < 0.3


def test_likeness_is_about_the_share_of_runs_in_common():
    one = " ".join(f"word{n}" for n in range(2000))
    half = " ".join(f"word{n}" for n in range(1000, 3000))

    assert likeness(sketch(one), sketch(half)) == pytest.approx(1 / 3, abs=0.15)


def test_notices_are_not_taken_for_reports():
    notice = "Access denied. You do not have permission to view this page."

    assert sketch(notice) == ""
    assert likeness(sketch(notice), sketch(notice)) == 0
    assert parts(sketch(notice)) == []


def test_urdu_and_chinese_texts_are_known_again():
    urdu = "ڈیم میں پانی کی سطح کم ہو گئی اور وزیر نے کہا کہ مرمت کا کام اگلے سال شروع ہوگا " * 3
    chinese = "一九七五年八月河南省多座水库在暴雨中溃坝下游的村庄被洪水淹没数百万人受灾后来的报告称"

    assert likeness(sketch(urdu), sketch(urdu.replace("وزیر", "وَزِیر"))) == 1
    assert likeness(sketch(chinese), sketch(chinese + "修复完毕")) >= ENOUGH
    assert likeness(sketch(urdu), sketch(chinese)) == 0


def test_the_longest_text_is_sketched_soon():
    text = "".join(f"Dam {n} in the valley of {n % 977} holds. " for n in range(60_000))
    begun = time.thread_time()

    sketch(text[:2_000_000])

    assert time.thread_time() - begun < 10


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://news.bbc.co.uk/2/hi/", "bbc.co.uk"),
        ("HTTP://WWW.Dawn.com.:443/news?x", "dawn.com"),
        ("https://someone.github.io/a", "someone.github.io"),
        ("https://desk@epaper.dawn.com/", "dawn.com"),
        ("https://www.пример.рф/", "пример.рф"),
        ("http://127.0.0.1:8080/a", "127.0.0.1"),
        ("http://[2001:db8::1]/a", "2001:db8::1"),
        ("https://archive.register.example/", "archive.register.example"),
        ("https://[broken", None),
        ("ftp://dawn.com/a", None),
        ("a letter of 2009", None),
        ("https://", None),
        (None, None),
    ],
)
def test_the_site_of_an_address_is_what_somebody_registered(url, told):
    assert site(url) == told


@given(st.text() | st.text().map("https://{}".format))
def test_any_address_has_a_site_or_none(url):
    assert site(url) is None or site(url)


def test_the_reasons_for_one_origin_come_strongest_first():
    report = sketch(prose(1))
    address = rules.addresses.fingerprint("https://wire.example/dams")
    one = Traces(frozenset([address]), "wire.example", report)

    assert shared(one, one) == [Why.ADDRESS, Why.TEXT, Why.SITE]
    assert shared(one, Traces(site="paper.example", sketch=report)) == [Why.TEXT]
    assert shared(one, Traces(site="wire.example")) == [Why.SITE]
    assert shared(Traces(), Traces()) == []


QUOTED = [prose(seed, 6) for seed in range(8)]


def test_a_text_with_most_of_an_article_s_quotations_is_that_article():
    whole = f"It began so: “{'”. And then, “'.join(QUOTED[:5])}”. So it ended.".upper()

    assert carries(whole, QUOTED)
    assert not carries(f"{QUOTED[0]} and {QUOTED[1]}, one daily writes.", QUOTED)


def test_few_or_short_quotations_tell_no_article_from_another():
    assert not carries(" ".join(QUOTED), QUOTED[:4])
    assert not carries("the dam " * 50, ["the dam"] * 8)
