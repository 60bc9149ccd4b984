"""Urdu, Arabic and Chinese: entered, found, shown in the article and exported, each its own way."""

import csv
import io
import json
import re

import pytest

from claims import desk, exports
from claims.desk.articles import Facts, Pointer
from claims.desk.claims import Credit
from claims.rules.vocabulary import Kind
from tests.factories import a_ruling, an_owner, some_evidence

# Language, the article's text, the words quoted, the speaker, and searches that have to find them.
URDU = (
    "ur",
    "ڈیم میں ۴۰ ملین لیٹر پانی ہے۔ وزیرِ اعظم کی رپورٹ کہتی ہے کہ دیوار اونچی ہے۔",
    "دیوار اونچی ہے",
    "نسرین قریشی",
    # With the letters and marks of an Arabic keyboard, and with none.
    ["ديوار اونچی", "دیوار", "وزیر اعظم", "نسرین قریشي", "كی رپورٹ"],
)
ARABIC = (
    "ar",
    "قالَ المُهَنْدِسُ إنّ السَّدَّ يَحْجُزُ المِياهَ. والحائط قديم.",
    "السَّدَّ يَحْجُزُ المِياهَ",
    "أحمد بن علي",
    ["السد يحجز المياه", "السَدّ", "يحجز", "احمد", "علی"],
)
CHINESE = (
    "zh",
    "董事会表示，水坝的围墙在二零零一年夏天加高了三米。",
    "水坝的围墙在二零零一年夏天加高了三米",
    "王小明",
    ["围墙", "夏天加高", "王小明", "小明"],
)


@pytest.fixture
def read(client, session):
    client.as_(an_owner(session))
    return client


def a_claim_in(session, language, text, quoted, speaker):
    owner = an_owner(session)
    article = desk.articles.add(session, Facts(f"Title {quoted}", language=language), by=owner)
    desk.articles.load_text(session, article, text, by=owner)
    claim = desk.articles.mark(
        session,
        article,
        Pointer(quoted),
        f"{text.split('.')[0]}",
        Kind.FACT,
        by=owner,
        credit=Credit(speaker),
        tags=[speaker],
    )
    session.commit()
    some_evidence(session, claim, excerpt=quoted, by=owner)
    a_ruling(session, claim, rationale=quoted)
    return article, claim


@pytest.mark.parametrize(
    ("language", "text", "quoted", "speaker", "searches"),
    [URDU, ARABIC, CHINESE],
    ids=["Urdu", "Arabic", "Chinese"],
)
def test_a_claim_in_another_script_is_found_lit_and_exported_as_it_was_written(
    session, read, language, text, quoted, speaker, searches
):
    article, claim = a_claim_in(session, language, text, quoted, speaker)

    for search in searches:
        found = read.get("/claims", query_string={"q": search}).text
        assert f"/claims/{claim.id}?" in found, search
    assert f"/claims/{claim.id}?" not in read.get("/claims?q=nothing").text

    page = read.get(f"/articles/{article.id}?claim={claim.id}").text
    assert re.search(rf'<div class="text" lang="{language}"', page)
    lit = re.search(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", "", lit).strip() == quoted
    shown = read.get(f"/claims/{claim.id}").text
    assert f'dir="auto" lang="{language}"' in shown
    assert f'<strong dir="auto">{speaker}</strong>' in shown

    files = {
        name: read.get(f"/reports/export.{kind.ending}?article={article.id}").text
        for name, kind in exports.FORMATS.items()
    }
    for name in ("html", "markdown", "csv", "json"):
        assert quoted in files[name], name
        assert speaker in files[name], name
    assert re.search(r'<h2 [^>]*dir="auto">', files["html"])
    assert f'lang="{language}"' in files["html"]
    [row] = list(csv.DictReader(io.StringIO(files["csv"].lstrip("\ufeff"))))
    assert row["quotation"] == quoted
    assert json.loads(files["json"])["findings"][0]["quotations"][0]["text"] == quoted


def test_a_full_width_name_is_found_by_plain_letters_and_the_other_way(session, read):
    text = "ＡＢＣ社は２００１年に設立された。"
    _, claim = a_claim_in(session, "ja", text, "２００１年", "Ｔａｎａｋａ")

    for search in ("abc", "tanaka", "2001", "２００１", "ＴＡＮＡＫＡ", "設立"):
        assert f"/claims/{claim.id}?" in read.get("/claims", query_string={"q": search}).text
