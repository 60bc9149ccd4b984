"""An article’s text with its claims highlighted in place."""

import re

import pytest

from claims import desk
from claims.desk.articles import Facts, Pointer
from claims.rules.vocabulary import Kind
from tests.factories import a_claim
from tests.web.dams import DAM, claims_of, marks_of, outlined, settle, text_of, the_dam, words_of


@pytest.fixture
def article(session, ada):
    return the_dam(session, ada)


def test_claims_stand_in_the_text_in_the_colour_of_their_ruling(session, reader, article):
    settle(session, claims_of(session, article)[0], "half-true")

    page = reader.get(f"/articles/{article.id}")

    assert marks_of(page.text) == [
        ("c-amber", "finished in 2001"),
        ("todo", "40 million litres"),
    ]
    assert text_of(page.text) == [line for line in DAM.split("\n") if line]


def test_offsets_on_the_page_are_those_of_the_text(session, reader, article):
    page = reader.get(f"/articles/{article.id}")

    for paragraph in re.findall(r'<p id="p\d+"[^>]*data-start="(\d+)"[^>]*>(.*?)</p>', page.text):
        words = re.sub(r"<[^>]*>", "", paragraph[1])
        assert DAM[int(paragraph[0]) :].startswith(words)


def test_overlapping_claims_are_cut_into_stretches_and_keep_the_words(session, reader, ada):
    article = desk.articles.add(session, Facts("Overlaps"), by=ada)
    desk.articles.load_text(session, article, "one two three four five", by=ada)
    for quotation in ("one two three", "three four", "two", "one two three four five"):
        desk.articles.mark(session, article, Pointer(quotation), quotation, Kind.FACT, by=ada)
    session.commit()

    page = reader.get(f"/articles/{article.id}")

    assert text_of(page.text) == ["one two three four five"]
    assert [words for _kind, words in marks_of(page.text)] == [
        "one ",
        "two",
        " ",
        "three",
        " four",
        " five",
    ]
    ids = {claim.id for claim in claims_of(session, article)}
    assert {int(i) for i in re.findall(r'id="claim-(\d+)"', page.text)} == ids


def test_what_an_article_says_is_never_markup(session, reader, ada):
    article = desk.articles.add(session, Facts("<b>Bold</b>"), by=ada)
    text = "<script>alert(1)</script> & “quoted” <p>"
    desk.articles.load_text(session, article, text, by=ada)
    desk.articles.mark(session, article, Pointer("& “quoted” <p>"), '"><i>', Kind.FACT, by=ada)
    session.commit()

    page = reader.get(f"/articles/{article.id}?claim={claims_of(session, article)[0].id}")

    assert "<script>alert" not in page.text
    assert "<i>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_without_its_text_an_article_shows_its_outline(session, reader, ada):
    article = outlined(session, ada)

    page = reader.get(f"/articles/{article.id}")

    assert "outline, full text not loaded" in page.text
    assert text_of(page.text) == [
        "The dam was “finished in 2001”, and it “holds 40 million”.",
        "More is said of “finished in 2001”.",
    ]
    also = re.search(r'<ul class="also".*?</ul>', page.text, re.DOTALL)[0]
    assert marks_of(also) == [("todo", "“is made up”")]


def test_withdrawn_claims_are_quoted_in_the_outline_no_more(session, reader, ada):
    article = outlined(session, ada)
    first = claims_of(session, article)[0]
    desk.claims.withdraw(session, first, "Said twice", by=ada)
    session.commit()

    page = reader.get(f"/articles/{article.id}?claim={first.id}")

    assert "“finished in 2001”" in text_of(page.text)[0]
    assert (
        f"claim={first.id}" not in re.search(r'<div class="text".*?</div>', page.text, re.DOTALL)[0]
    )
    assert "not one of this article now" in page.text
    folded = page.text[page.text.index("Withdrawn claims") :]
    assert first.statement in folded
    assert "Said twice" in folded
    assert f'action="/claims/{first.id}/restore"' in folded


def test_a_claim_opens_beside_the_text_and_is_lit_in_it(session, reader, article):
    first, second = claims_of(session, article)

    page = reader.get(f"/articles/{article.id}?claim={second.id}")

    panel = page.text[page.text.index('id="panel"') :]
    assert f"Claim {second.number}" in panel
    assert second.statement in panel
    assert "Open claim" in panel
    assert "Add evidence" in panel
    assert "paragraph 2" in panel
    assert [kind for kind, _words in marks_of(page.text)] == ["todo", "todo now"]
    assert first.statement not in panel


def test_htmx_gets_the_panel_alone(session, reader, article):
    claim = claims_of(session, article)[0]

    panel = reader.htmx("GET", f"/articles/{article.id}?claim={claim.id}", "panel")

    assert panel.text.lstrip().startswith("<aside")
    assert f'data-claim="{claim.id}"' in panel.text
    assert "40 million litres" not in panel.text
    assert "<html" not in panel.text


def test_the_panel_counts_what_was_found_on_a_claim(session, reader):
    claim = a_claim(session)

    panel = reader.htmx("GET", f"/articles/{claim.article_id}?claim={claim.id}", "panel").text

    assert "1 supports 0 refute 1 source" in words_of(panel)


@pytest.mark.parametrize("claim", ["0", "999", "abc", "-1", "1e9", "٣", "9" * 30])
def test_an_address_with_a_claim_that_is_not_there_still_shows_the_article(reader, article, claim):
    page = reader.get(f"/articles/{article.id}", query_string={"claim": claim})

    assert page.status_code == 200
    assert "not one of this article now" in page.text


def test_without_a_claim_the_panel_lists_them_by_paragraph(session, reader, article):
    page = reader.get(f"/articles/{article.id}")

    panel = page.text[page.text.index('id="panel"') :]
    assert re.findall(r"Paragraph (\d)", panel) == ["1", "2"]
    for claim in claims_of(session, article):
        assert claim.statement in panel


def test_an_article_costs_the_same_however_many_claims_it_has(session, reader, article, statements):
    first = claims_of(session, article)[0]
    counts = {}
    for address in ("", f"?claim={first.id}", "/mark"):
        reader.get(f"/articles/{article.id}{address}")
        statements.forget()
        reader.get(f"/articles/{article.id}{address}")
        counts[address] = len(statements)
    for number in range(15):
        a_claim(session, article=article, speaker=f"Speaker {number}", quotation="in 2001")

    for address, few in counts.items():
        statements.forget()
        reader.get(f"/articles/{article.id}{address}")
        assert len(statements) == few, address


@pytest.mark.parametrize("rest", ["", "/edit", "/text", "/mark", "/passages/1"])
def test_an_article_that_is_not_there_is_not_found(reader, rest):
    assert reader.get(f"/articles/9999{rest}").status_code == 404
