import io
import re

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.articles import Facts, Pointer
from claims.models import Appearance, Article, Claim
from claims.rules.vocabulary import Kind, Placement, Role, State
from tests.factories import a_claim, a_member, an_article, the_rating

DAM = (
    "The made-up dam 🏞️ was finished in 2001, its makers say.\n\n"
    "It holds 40 million litres. A second one holds 40 million litres too.\n"
    "ڈیم میں ۴۰ ملین لیٹر پانی ہے۔"
)


@pytest.fixture
def ada(session):
    return a_member(session, "Reviewer Ada")


@pytest.fixture
def reader(client, ada):
    return client.as_(ada)


@pytest.fixture
def article(session, ada):
    """An article with its full text and two claims in it."""
    article = desk.articles.add(session, Facts("The made-up dam"), by=ada)
    desk.articles.load_text(session, article, DAM, by=ada)
    for quotation, start in (("finished in 2001", None), ("40 million litres", 80)):
        pointer = Pointer(quotation, start=start)
        desk.articles.mark(session, article, pointer, f"It is: {quotation}", Kind.FACT, by=ada)
    session.commit()
    return article


def outlined(session, ada):
    """An article of which only an outline is there: claims 1 and 2 marked, 3 not."""
    outline = ["The dam was {1}, and it {2}.", "More is said of {1}."]
    article = desk.articles.add(session, Facts("Outlined"), by=ada, outline=outline)
    for quotation in ("finished in 2001", "holds 40 million", "is made up"):
        pointer = Pointer(quotation, paragraph=1)
        desk.articles.mark(session, article, pointer, f"It {quotation}", Kind.FACT, by=ada)
    session.commit()
    return article


def settle(session, claim, rating):
    claim.state = State.RULED
    claim.rating_id = the_rating(session, rating).id
    session.commit()


def claims_of(session, article) -> list[Claim]:
    query = select(Claim).where(Claim.article_id == article.id).order_by(Claim.number)
    session.expire_all()
    return list(session.exec(query).all())


def text_of(html: str) -> list[str]:
    """The words of each paragraph as a browser has them in its text nodes."""
    paragraphs = re.findall(r'<p id="p\d+"[^>]*>(.*?)</p>', html, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", p) for p in paragraphs]


def words_of(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def marks_of(html: str) -> list[tuple[str, str]]:
    """Class and words of each highlighted passage."""
    found = re.findall(r'<mark class="([^"]*)".*?>(.*?)</mark>', html, re.DOTALL)
    return [(kind, re.sub(r"<[^>]*>", "", words)) for kind, words in found]


# ---- the list ------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(reader):
    page = reader.get("/articles")

    assert "No article yet" in page.text
    assert 'href="/articles/new"' in page.text


def test_the_list_says_how_far_each_article_is(session, reader, article):
    settle(session, claims_of(session, article)[0], "true")

    page = reader.get("/articles")

    assert "The made-up dam" in page.text
    assert "1 of 2 settled" in words_of(page.text)


def test_a_long_list_is_paged_and_htmx_extends_it(session, reader):
    for number in range(queries.paging.SIZE + 2):
        session.add(Article(title=f"Made-up article {number:03}"))
    session.commit()

    first = reader.get("/articles")
    address = re.search(r'href="(/articles\?after=[^"]+)"', first.text)[1]
    rest = reader.get(address)
    extension = reader.htmx("GET", address, "more")

    assert first.text.count("data-row") == queries.paging.SIZE
    assert rest.text.count("data-row") == extension.text.count("data-row") == 2
    assert "<html" not in extension.text
    shown = re.findall(r"Made-up article (\d+)", first.text + rest.text)
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == len(shown) == queries.paging.SIZE + 2


def test_the_list_costs_the_same_however_long_it_is(session, reader, statements):
    a_claim(session)
    reader.get("/articles")
    statements.forget()
    reader.get("/articles")
    few = len(statements)
    for _ in range(12):
        a_claim(session, evidence=[])
    statements.forget()

    reader.get("/articles")

    assert len(statements) == few


# ---- an article and its facts --------------------------------------------------------------------


def test_an_article_needs_only_a_title(session, reader):
    response = reader.post("/articles/new", data={"title": "A made-up article", "language": "en"})

    article = session.exec(select(Article)).one()
    assert response.status_code == 303
    assert response.location == f"/articles/{article.id}"
    assert (article.title, article.publisher, article.published_on) == (
        "A made-up article",
        None,
        None,
    )


def test_an_article_comes_with_its_facts_and_its_text(session, reader):
    reader.post(
        "/articles/new",
        data={
            "title": "The dam",
            "url": "https://paper.example/dam",
            "publisher": "The Made-Up Paper",
            "author": "A. Made-Up",
            "published_on": "2026-11",
            "language": "ur",
            "text": DAM.replace("\n", "\r\n"),
        },
    )

    article = session.exec(select(Article)).one()
    page = reader.get(f"/articles/{article.id}")
    for shown in ("The Made-Up Paper", "A. Made-Up", "2026-11", 'lang="ur"', 'dir="auto"'):
        assert shown in page.text
    assert text_of(page.text) == [line for line in DAM.split("\n") if line]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": " "}, "Fill this in."),
        ({"url": "javascript:alert(1)"}, "whole address"),
        ({"published_on": "last week"}, "write a date as|Write a date as"),
        ({"published_on": "2026-02-31"}, "no such date"),
        ({"language": "the Urdu one"}, "language as its code"),
        ({"publisher": "x" * 301}, "at most 300"),
        ({"text": " \n "} | {"title": ""}, "Fill this in."),
    ],
)
def test_a_wrong_field_is_named_and_everything_typed_is_kept(session, reader, typed, sentence):
    typed = {"title": "The dam", "author": "A. Made-Up", "language": "en", "text": "Words."} | typed

    page = reader.post("/articles/new", data=typed)

    assert page.status_code == 422
    assert re.search(sentence, page.text)
    assert 'value="A. Made-Up"' in page.text
    assert session.exec(select(Article)).first() is None


def test_an_articles_text_that_is_no_text_makes_no_article(session, reader):
    file = (io.BytesIO(b"%PDF-1.7"), "article.txt")

    page = reader.post("/articles/new", data={"title": "The dam", "language": "en", "file": file})

    assert page.status_code == 422
    assert "This file is a PDF" in page.text
    assert session.exec(select(Article)).first() is None


def test_a_double_submit_makes_one_article(session, reader):
    form = {"title": "The dam", "language": "en", "once": "a-token"}

    first = reader.post("/articles/new", data=form)
    second = reader.post("/articles/new", data=form)

    assert first.location == second.location
    assert len(session.exec(select(Article)).all()) == 1


def test_facts_are_corrected(session, reader, article):
    form = {"title": "Another title", "language": "en", "version": article.version}

    response = reader.post(f"/articles/{article.id}/edit", data=form)

    assert response.location == f"/articles/{article.id}"
    assert "Another title" in reader.get(response.location).text


def test_who_saves_over_somebody_else_sees_both_and_keeps_their_own(session, reader, article):
    read = article.version
    desk.articles.edit(session, article, Facts("By Bob"), read=read, by=a_member(session, "Bob"))
    session.commit()
    form = {"title": "By Ada", "language": "en", "version": read}

    page = reader.post(f"/articles/{article.id}/edit", data=form)

    assert page.status_code == 409
    assert "By Bob" in page.text
    assert "By Ada" in page.text
    again = {**form, "version": re.search(r'name="version" value="(\d+)"', page.text)[1]}
    assert reader.post(f"/articles/{article.id}/edit", data=again).status_code == 303
    assert "By Ada" in reader.get(f"/articles/{article.id}").text


def test_a_withdrawn_article_leaves_the_list_says_why_and_comes_back(reader, article):
    address = f"/articles/{article.id}"

    assert reader.post(f"{address}/withdraw", data={"reason": " "}).status_code == 422
    reader.post(f"{address}/withdraw", data={"reason": "Published by mistake"})

    assert "The made-up dam" not in reader.get("/articles").text
    assert "The made-up dam" in reader.get("/articles?withdrawn=1").text
    page = reader.get(address)
    assert "Published by mistake" in page.text
    assert "Reviewer Ada" in page.text
    assert f"{address}/mark" not in page.text
    assert "Restore" in reader.get(f"{address}/edit").text
    reader.post(f"{address}/restore")
    assert "The made-up dam" in reader.get("/articles").text


# ---- the text ------------------------------------------------------------------------------------


def test_a_text_file_in_another_encoding_is_loaded_and_its_quotations_found(session, reader, ada):
    article = outlined(session, ada)
    text = "It was finished in 2001 – says the café – and holds 40 million."
    file = (io.BytesIO(text.encode("cp1252")), "article.txt")

    response = reader.post(f"/articles/{article.id}/text", data={"file": file})
    page = reader.get(response.location)

    assert "2 of 3 quotations found" in page.text
    assert "Windows-1252" in page.text
    assert text_of(page.text) == [text]
    assert "1 quotation is not in this text" in words_of(page.text)
    assert "is made up" in page.text


def test_the_same_text_again_adds_nothing_and_says_so(session, reader, article):
    response = reader.post(f"/articles/{article.id}/text", data={"text": DAM})

    assert "nothing was added" in reader.get(response.location).text
    assert len(queries.articles.snapshots(session, article)) == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Paste the article’s text"),
        ({"text": "  "}, "Paste the article’s text"),
        ({"text": "Pasted.", "file": "chosen"}, "Leave one of the two out"),
        ({"file": "PK\x03\x04"}, "Office document"),
    ],
)
def test_a_text_that_cannot_be_loaded_says_why_and_keeps_what_was_pasted(
    session, reader, article, form, sentence
):
    if "file" in form:
        form = form | {"file": (io.BytesIO(form["file"].encode()), "article.txt")}

    page = reader.post(f"/articles/{article.id}/text", data=form)

    assert page.status_code == 422
    assert sentence in page.text
    assert form.get("text", "").strip() in page.text
    assert len(queries.articles.snapshots(session, article)) == 1


def test_the_versions_of_a_text_are_listed_with_their_digests(session, reader, article, ada):
    desk.articles.load_text(session, article, DAM + "\nAnd more.", by=ada)
    session.commit()

    page = reader.get(f"/articles/{article.id}/text")

    for snapshot, _who in queries.articles.snapshots(session, article):
        assert f"Version {snapshot.number}" in page.text
        assert snapshot.sha256[:12] in page.text
    assert page.text.count("in force") == 1


# ---- reading it ----------------------------------------------------------------------------------


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


# ---- marking -------------------------------------------------------------------------------------


def test_selected_words_become_a_claim(session, reader, article, ada):
    start = DAM.index("A second one")
    form = {
        "quotation": "A second one",
        "prefix": "litres. ",
        "suffix": " holds",
        "start": start,
        "statement": "There are two made-up dams",
        "kind": "number",
        "speaker": "Speaker One",
        "role": "made-up role",
        "tags": "water, dams",
        "leads": "The register of made-up dams\n\nA map",
    }

    response = reader.post(f"/articles/{article.id}/mark", data=form)

    claim = claims_of(session, article)[-1]
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    assert response.location == f"/articles/{article.id}?claim={claim.id}"
    assert (claim.statement, claim.kind) == ("There are two made-up dams", Kind.NUMBER)
    assert (place.start, place.placement) == (start, Placement.FOUND)
    assert queries.claims.tags(session, claim) == ["dams", "water"]
    page = reader.get(response.location)
    assert "A second one" in [words for _kind, words in marks_of(page.text)]
    assert "Speaker One" in page.text


def test_the_form_starts_with_what_was_selected(reader, article):
    page = reader.get(
        f"/articles/{article.id}/mark",
        query_string={"quotation": "A second one", "start": "87", "prefix": "litres. "},
    )

    assert page.text.count(">\nA second one</textarea>") == 2
    assert 'name="start" value="87"' in page.text
    assert 'name="prefix" value="litres. "' in page.text
    assert text_of(page.text)


def test_htmx_swaps_the_form_in_beside_the_text_and_the_whole_article_after(
    session, reader, article
):
    form = reader.htmx("GET", f"/articles/{article.id}/mark?quotation=one", "panel")
    wrong = reader.htmx(
        "POST", f"/articles/{article.id}/mark", "reader", data={"quotation": "one", "kind": "fact"}
    )
    right = reader.htmx(
        "POST",
        f"/articles/{article.id}/mark",
        "reader",
        data={"quotation": "A second one", "statement": "Two", "kind": "fact"},
    )
    after = reader.htmx("GET", right.location, "reader")

    assert form.text.lstrip().startswith("<aside")
    assert wrong.status_code == 422
    assert wrong.headers["HX-Retarget"] == "#panel"
    assert wrong.text.lstrip().startswith("<aside")
    assert after.text.lstrip().startswith('<div class="reader"')
    assert "Claim 3 added." in after.text


def test_words_that_are_not_in_the_text_are_sent_back_with_what_was_typed(session, reader, article):
    form = {"quotation": "finished in 2011", "statement": "Typed words", "kind": "fact"}

    page = reader.post(f"/articles/{article.id}/mark", data=form)

    assert page.status_code == 422
    assert "not in the article’s text" in page.text
    assert "Typed words" in page.text
    assert len(claims_of(session, article)) == 2


def test_repeated_words_are_offered_for_choice(session, reader, article):
    form = {"quotation": "40 million litres", "statement": "Said again", "kind": "fact"}

    page = reader.post(f"/articles/{article.id}/mark", data=form)

    assert page.status_code == 422
    assert "2 times" in page.text
    starts = re.findall(r'type="radio" name="start" value="(\d+)"', page.text)
    assert [DAM[int(s) :].startswith("40 million litres") for s in starts] == [True, True]
    chosen = reader.post(f"/articles/{article.id}/mark", data=form | {"start": starts[1]})
    assert chosen.status_code == 303
    claim = claims_of(session, article)[-1]
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    assert place.start == int(starts[1])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"statement": ""}, "Fill this in."),
        ({"quotation": " "}, "Fill this in."),
        ({"kind": "gossip"}, "Choose one of the values offered."),
        ({"tags": "x" * 61}, "at most 60"),
        ({"leads": "x" * 1001}, "at most 1000"),
        ({"statement": "x" * 2001}, "at most 2000"),
        ({"speaker": "x" * 301}, "at most 300"),
    ],
)
def test_a_claim_that_cannot_be_made_says_which_field_is_wrong(
    session, reader, article, typed, sentence
):
    form = {"quotation": "A second one", "statement": "Two", "kind": "fact"} | typed

    page = reader.post(f"/articles/{article.id}/mark", data=form)

    assert page.status_code == 422
    assert sentence in page.text
    assert len(claims_of(session, article)) == 2


def test_a_claim_is_marked_by_its_quotation_before_the_text_is_there(session, reader, ada):
    article = outlined(session, ada)
    form = {"quotation": "with a wall", "statement": "Walled", "kind": "fact", "paragraph": "2"}

    response = reader.post(f"/articles/{article.id}/mark", data=form)

    assert response.status_code == 303
    claim = claims_of(session, article)[-1]
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    assert (place.placement, place.paragraph) == (Placement.EXPECTED, 2)
    assert "“with a wall”" in reader.get(response.location).text


def test_an_orphan_is_offered_the_nearest_words_and_takes_others(session, reader, article, ada):
    text = DAM.replace("finished in 2001", "completed in 2001")
    desk.articles.load_text(session, article, text, by=ada)
    session.commit()
    claim = claims_of(session, article)[0]
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    address = f"/articles/{article.id}/passages/{place.id}"

    page = reader.get(f"/articles/{article.id}")
    form = reader.get(address)

    assert address in page.text
    assert "1 quotation is not in this text" in words_of(page.text)
    assert "Use the nearest words" in form.text
    assert "in 2001" in form.text
    version = re.search(r'name="version" value="(\d+)"', form.text)[1]
    saved = reader.post(address, data={"quotation": "completed in 2001", "version": version})
    assert saved.location == f"/articles/{article.id}?claim={claim.id}"
    after = reader.get(saved.location)
    assert "not in this text" not in after.text
    assert ("todo now", "completed in 2001") in marks_of(after.text)


def test_a_passage_that_somebody_else_moved_meanwhile_is_a_conflict(session, reader, article, ada):
    claim = claims_of(session, article)[0]
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    read = desk.articles.state_of(place)
    desk.articles.anchor(session, place, Pointer("its makers say"), read=read, by=ada)
    session.commit()
    form = {"quotation": "A second one", "version": read}

    page = reader.post(f"/articles/{article.id}/passages/{place.id}", data=form)

    assert page.status_code == 409
    stands, yours = re.findall(r"<mark>(.*?)</mark>", page.text.partition("versions")[2])[:2]
    assert (stands, yours) == ("its makers say", "A second one")
    again = form | {"version": re.search(r'name="version" value="(\d+)"', page.text)[1]}
    assert reader.post(f"/articles/{article.id}/passages/{place.id}", data=again).location
    assert "A second one" in marks_of(reader.get(f"/articles/{article.id}").text)[-1]


def test_of_the_same_words_twice_in_a_text_a_conflict_shows_which_ones_are_meant(
    session, reader, ada
):
    text = "It holds water. Nobody denies that.\n\nThe second one holds water, too."
    article = an_article(session)
    claim = a_claim(session, article=article, quotation="denies")
    desk.articles.load_text(session, article, text, by=ada)
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    read, second = desk.articles.state_of(place), text.rindex("holds water")
    first = Pointer("holds water", "It ", ". Nobody", start=3)
    desk.articles.anchor(session, place, first, read=read, by=ada)
    session.commit()
    address = f"/articles/{article.id}/passages/{place.id}"
    form = {"quotation": "holds water", "prefix": "The second one ", "suffix": ", too."}
    form |= {"start": second, "version": read}

    page = reader.htmx("POST", address, "reader", data=form)

    assert page.status_code == 409
    versions = re.findall(r"…?([^>]*)<mark>holds water</mark>", page.text)
    assert [before.strip() for before in versions[:2]] == ["It", "The second one"]
    again = form | {"version": re.search(r'name="version" value="(\d+)"', page.text)[1]}
    assert reader.post(address, data=again).status_code == 303
    session.refresh(place)
    assert place.start == second


def test_two_who_choose_the_same_paragraph_before_the_text_is_loaded_agree_and_others_do_not(
    session, reader, ada
):
    article = an_article(session)
    claim = a_claim(session, article=article)
    place = session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()
    read = desk.articles.state_of(place)
    pointer = Pointer(place.quotation, paragraph=2)
    desk.articles.anchor(session, place, pointer, read=read, by=ada)
    session.commit()
    address = f"/articles/{article.id}/passages/{place.id}"
    form = {"quotation": place.quotation, "version": read}

    same = reader.post(address, data=form | {"paragraph": "2"})
    other = reader.post(address, data=form | {"paragraph": "3"})

    assert same.status_code == 303
    assert other.status_code == 409
    assert re.findall(r"Paragraph (\d)</p>", other.text) == ["2", "3"]


def test_a_passage_of_another_article_is_not_found(session, reader, article):
    other = a_claim(session)
    place = session.exec(select(Appearance).where(Appearance.claim_id == other.id)).one()

    assert reader.get(f"/articles/{article.id}/passages/{place.id}").status_code == 404


# ---- who may -------------------------------------------------------------------------------------


def test_a_viewer_reads_everything_and_changes_nothing(session, client, article):
    viewer = client.as_(a_member(session, "Viewer One", Role.VIEWER))
    address = f"/articles/{article.id}"
    claim = claims_of(session, article)[0]

    for page in ("/articles", address, f"{address}?claim={claim.id}", f"{address}/text"):
        answer = viewer.get(page)
        assert answer.status_code == 200
        assert not re.search(r'action="/articles[^"]*"', answer.text), page
        assert not re.search(r'href="[^"]*/(mark|edit|new|passages/\d+)\b', answer.text), page
    for page in ("/articles/new", f"{address}/edit", f"{address}/mark", f"{address}/passages/1"):
        assert viewer.get(page).status_code == 403
    for page in ("edit", "withdraw", "restore", "text", "mark", "passages/1"):
        assert viewer.post(f"{address}/{page}", data={}).status_code == 403
    assert viewer.post("/articles/new", data={"title": "Mine", "language": "en"}).status_code == 403


def test_who_is_not_signed_in_reads_nothing(session, client, article, ada):
    a_member(session, "Owner One", Role.OWNER)

    assert client.get(f"/articles/{article.id}").status_code == 303
    assert client.post(f"/articles/{article.id}/mark", data={}).status_code == 401
