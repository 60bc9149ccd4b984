import io
import re

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.articles import Facts
from claims.models import Article
from claims.rules.vocabulary import Role
from tests.factories import a_claim, a_member
from tests.web.dams import DAM, claims_of, outlined, settle, text_of, the_dam, words_of


@pytest.fixture
def article(session, ada):
    return the_dam(session, ada)


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
