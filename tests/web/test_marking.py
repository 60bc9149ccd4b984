"""Words of an article become claims, and claims find their words again."""

import re

import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.articles import Pointer
from claims.models import Appearance
from claims.rules.vocabulary import Kind, Placement
from tests.factories import a_claim, an_article
from tests.web.dams import DAM, claims_of, marks_of, outlined, text_of, the_dam, words_of


@pytest.fixture
def article(session, ada):
    return the_dam(session, ada)


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
