import hashlib

import pytest
from sqlmodel import col, select

from claims import desk, ledger, queries
from claims.desk.articles import Facts, Loaded, Pointer, SeveralPlaces
from claims.models import Appearance, Article, Claim, Event, Snapshot
from claims.rules import passages
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import Kind, Placement
from tests.factories import a_claim, a_member, an_article, the_rating

DAM = (
    "The made-up dam 🏞️ was “finished in 2001”, its makers say.\n"
    "\n"
    "It holds 40 million litres. A second one holds 40 million litres too.\n"
    "ڈیم میں ۴۰ ملین لیٹر پانی ہے۔\n"
)


def load(session, article: Article, text: str = DAM) -> Loaded:
    loaded = desk.articles.load_text(session, article, text, by=a_member(session))
    session.commit()
    return loaded


def mark(session, article: Article, quotation: str, **pointer) -> Claim:
    return desk.articles.mark(
        session,
        article,
        Pointer(quotation, **pointer),
        f"The dam: {quotation}"[:200],
        Kind.FACT,
        by=a_member(session),
    )


def place_of(session, claim: Claim) -> Appearance:
    return session.exec(select(Appearance).where(Appearance.claim_id == claim.id)).one()


def last_event(session) -> Event:
    return session.exec(select(Event).order_by(col(Event.seq).desc())).first()


def test_a_text_is_kept_word_for_word_with_its_digest(session):
    article = an_article(session)

    loaded = load(session, article, "\ufeff" + DAM.replace("\n", "\r\n"))

    text = DAM.strip("\n")
    assert loaded.snapshot.text == text
    assert loaded.snapshot.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert (loaded.snapshot.number, loaded.snapshot.length) == (1, len(text))
    assert article.snapshot_number == 1


def test_every_quotation_is_found_or_becomes_an_orphan_and_none_is_dropped(session):
    article = an_article(session)
    found = a_claim(session, article=article, quotation="finished in 2001")
    urdu = a_claim(session, article=article, quotation="۴۰ ملین لیٹر")
    lost = a_claim(session, article=article, quotation="holds 50 million litres")

    loaded = load(session, article)

    assert (loaded.new, loaded.found, loaded.orphans) == (True, 2, 1)
    for claim in (found, urdu):
        place = place_of(session, claim)
        assert place.placement is Placement.FOUND
        assert place.snapshot_id == loaded.snapshot.id
        assert loaded.snapshot.text[place.start : place.end] == place.quotation
    assert place_of(session, urdu).paragraph == 3
    orphan = place_of(session, lost)
    assert (orphan.placement, orphan.quotation) == (Placement.ORPHAN, "holds 50 million litres")


def test_quotations_of_withdrawn_claims_keep_their_places_too(session):
    article = an_article(session)
    claim = a_claim(session, article=article, quotation="finished in 2001")
    desk.claims.withdraw(session, claim, "Said twice", by=a_member(session))

    load(session, article)

    assert place_of(session, claim).placement is Placement.FOUND


def test_a_new_version_places_everything_again(session):
    article = an_article(session)
    load(session, article)
    claim = mark(session, article, "finished in 2001")
    dropped = mark(session, article, "A second one")
    before = place_of(session, claim).start

    again = load(session, article, "👩🏽‍🚒 New: " + DAM.replace("A second one", "Another one"))

    assert (again.snapshot.number, again.found, again.orphans) == (2, 1, 1)
    assert place_of(session, claim).start == before + len("👩🏽‍🚒 New: ")
    assert place_of(session, dropped).placement is Placement.ORPHAN
    assert len(session.exec(select(Snapshot)).all()) == 2


def test_an_orphan_is_found_again_when_its_words_come_back(session):
    article = an_article(session)
    load(session, article)
    claim = mark(session, article, "A second one")
    load(session, article, "Nothing of the kind.")

    load(session, article)

    place = place_of(session, claim)
    assert place.placement is Placement.FOUND
    assert queries.articles.snapshot(session, article).text[place.start : place.end] == (
        "A second one"
    )


def test_of_repeated_words_the_place_is_kept_through_a_new_version(session):
    article = an_article(session)
    load(session, article)
    second = DAM.rindex("40 million litres")
    claim = mark(session, article, "40 million litres", start=second)

    load(session, article, "A note first.\n" + DAM)

    assert place_of(session, claim).start == second + len("A note first.\n")


def test_the_same_text_loaded_twice_adds_nothing(session):
    article = an_article(session)
    load(session, article)
    events = ledger.verify(session).events

    again = desk.articles.load_text(session, article, DAM.replace("\n", "\r\n"), by=None)
    session.commit()

    assert not again.new
    assert again.snapshot.number == article.snapshot_number == 1
    assert ledger.verify(session).events == events


def test_the_ledger_names_a_text_by_its_digest_and_says_where_quotations_went(session):
    article = an_article(session)
    claim = a_claim(session, article=article, quotation="finished in 2001")

    loaded = load(session, article)

    event = session.exec(select(Event).where(Event.action == "text loaded")).one()
    place = place_of(session, claim)
    assert event.article_id == article.id
    assert event.after["sha256"] == loaded.snapshot.sha256
    assert "text" not in event.after
    assert event.before["places"] == {str(place.id): ["expected", None, None]}
    assert event.after["places"] == {str(place.id): ["found", place.start, place.end]}
    assert ledger.verify(session).broken is None


def test_loading_a_text_does_not_get_in_the_way_of_who_edits_the_facts(session):
    article = an_article(session)
    read = article.version

    load(session, article)
    mark(session, article, "finished in 2001")
    desk.articles.edit(session, article, Facts("Another title"), read=read, by=a_member(session))
    session.commit()

    assert article.title == "Another title"


@pytest.mark.parametrize("text", ["", " \n\n ", "\ufeff"])
def test_an_empty_text_is_refused(session, text):
    article = an_article(session)

    with pytest.raises(Refused, match="no text"):
        load(session, article, text)


def test_a_text_that_no_page_could_show_is_refused(session):
    article = an_article(session)

    with pytest.raises(Refused, match="characters"):
        load(session, article, "a" * (passages.LONGEST + 1))


def test_a_claim_is_made_of_words_of_the_text(session):
    article = an_article(session)
    loaded = load(session, article)

    claim = mark(session, article, "finished in 2001")

    place = place_of(session, claim)
    assert place.placement is Placement.FOUND
    assert place.snapshot_id == loaded.snapshot.id
    assert place.paragraph == 1
    assert DAM[place.start : place.end] == "finished in 2001"
    assert DAM[: place.start].endswith(place.prefix)
    assert DAM[place.end :].startswith(place.suffix)
    assert claim.number == article.claims_numbered == 1


def test_the_server_does_not_believe_offsets_that_do_not_hold_the_words(session):
    article = an_article(session)
    load(session, article)

    claim = mark(session, article, "finished in 2001", start=0)

    place = place_of(session, claim)
    assert DAM[place.start : place.end] == "finished in 2001"


def test_words_that_are_not_in_the_text_make_no_claim(session):
    article = an_article(session)
    load(session, article)

    with pytest.raises(Refused, match="not in the article’s text"):
        mark(session, article, "finished in 2011", start=0)


def test_words_that_stand_twice_are_asked_about_when_nothing_chooses(session):
    article = an_article(session)
    load(session, article)

    with pytest.raises(SeveralPlaces, match="2 times") as several:
        mark(session, article, "40 million litres")

    assert [DAM[p.start : p.end] for p in several.value.places] == ["40 million litres"] * 2
    chosen = mark(session, article, "40 million litres", start=several.value.places[1].start)
    assert place_of(session, chosen).start == DAM.rindex("40 million litres")


def test_without_a_text_a_claim_keeps_the_words_that_were_typed(session):
    article = an_article(session)

    claim = mark(session, article, "finished in 2001", paragraph=2)

    place = place_of(session, claim)
    assert (place.placement, place.start, place.paragraph) == (Placement.EXPECTED, None, 2)
    load(session, article)
    assert place_of(session, claim).placement is Placement.FOUND


def test_a_name_without_a_role_is_the_articles_speaker_of_that_name(session):
    article = an_article(session)
    known = a_claim(session, article=article, speaker="Speaker One")

    claim = desk.articles.mark(
        session,
        article,
        Pointer("words"),
        "A statement",
        Kind.FACT,
        by=a_member(session),
        credit=desk.claims.Credit("Speaker One"),
        tags=["water"],
        leads=["The register of made-up dams"],
    )

    assert claim.speaker_id == known.speaker_id
    assert queries.claims.tags(session, claim) == ["water"]


def test_an_orphan_gets_another_passage(session):
    ada = a_member(session)
    article = an_article(session)
    claim = a_claim(session, article=article, quotation="contains 40 million litres")
    load(session, article)
    place = place_of(session, claim)

    desk.articles.anchor(
        session,
        place,
        Pointer("It holds 40 million litres"),
        read=desk.articles.state_of(place),
        by=ada,
    )
    session.commit()

    assert place.placement is Placement.FOUND
    assert DAM[place.start : place.end] == place.quotation == "It holds 40 million litres"
    event = last_event(session)
    assert (event.action, event.claim_id) == ("passage anchored", claim.id)
    assert event.before["quotation"] == "contains 40 million litres"


def test_a_claim_is_searched_by_the_words_of_its_new_passage(session):
    article = an_article(session)
    claim = a_claim(session, article=article, quotation="nothing of it")
    load(session, article)
    place = place_of(session, claim)
    read = desk.articles.state_of(place)

    desk.articles.anchor(session, place, Pointer("its makers say"), read=read, by=a_member(session))

    filters = queries.filters.Filters(q="makers")
    matching = queries.lists.matching(filters, a_member(session))
    assert [c.id for c in session.exec(matching).all()] == [claim.id]


def test_two_who_choose_a_passage_at_once_see_each_other(session):
    article = an_article(session)
    load(session, article)
    place = place_of(session, mark(session, article, "finished in 2001"))
    read = desk.articles.state_of(place)
    desk.articles.anchor(session, place, Pointer("its makers say"), read=read, by=a_member(session))

    with pytest.raises(Conflict) as conflict:
        desk.articles.anchor(
            session, place, Pointer("A second one"), read=read, by=a_member(session)
        )

    assert conflict.value.now == {"quotation": "its makers say"}
    assert conflict.value.version == desk.articles.state_of(place)


def test_facts_are_edited_with_what_they_were_before(session):
    article = an_article(session)
    facts = Facts("Another title", publisher="A made-up paper", language="ur")

    desk.articles.edit(session, article, facts, read=article.version, by=a_member(session))
    session.commit()

    event = last_event(session)
    assert event.action == "article edited"
    assert event.before == {
        "title": "A made-up article about a made-up dam",
        "publisher": None,
        "language": "en",
    }


def test_saving_facts_unchanged_is_no_event(session):
    article = an_article(session)
    events = ledger.verify(session).events

    desk.articles.edit(
        session, article, Facts(article.title), read=article.version, by=a_member(session)
    )

    assert last_event(session).action == "member added"
    assert ledger.verify(session).events == events + 1


def test_who_edits_over_somebody_else_gets_both_versions(session):
    article = an_article(session)
    read = article.version
    ada, bob = a_member(session, "Reviewer Ada"), a_member(session, "Reviewer Bob")
    desk.articles.edit(session, article, Facts("By Ada", author="A. Made-Up"), read=read, by=ada)
    session.commit()

    with pytest.raises(Conflict) as conflict:
        desk.articles.edit(session, article, Facts("By Bob"), read=read, by=bob)

    assert conflict.value.now["title"] == "By Ada"
    assert conflict.value.now["author"] == "A. Made-Up"
    assert article.title == "By Ada"


def test_a_withdrawn_article_keeps_everything_and_comes_back(session):
    ada = a_member(session)
    article = an_article(session)
    load(session, article)
    claim = mark(session, article, "finished in 2001")

    desk.articles.withdraw(session, article, "Published by mistake", by=ada)
    session.commit()

    withdrawal = queries.articles.withdrawal(session, article)
    assert (withdrawal.reason, withdrawal.event.actor) == ("Published by mistake", ada.name)
    for forbidden in (
        lambda: mark(session, article, "A second one"),
        lambda: load(session, article, "Another text."),
        lambda: desk.articles.withdraw(session, article, "Again", by=ada),
        lambda: desk.articles.edit(session, article, Facts("Title"), read=article.version, by=ada),
    ):
        with pytest.raises(Refused, match="withdrawn"):
            forbidden()
    desk.articles.restore(session, article, by=ada)
    assert article.withdrawn_at is None
    assert place_of(session, claim).placement is Placement.FOUND
    with pytest.raises(Refused, match="not withdrawn"):
        desk.articles.restore(session, article, by=ada)


def test_an_article_with_a_published_ruling_is_not_withdrawn(session):
    from claims.rules.vocabulary import State

    article = an_article(session)
    claim = a_claim(session, article=article)
    claim.state = State.PUBLISHED
    claim.rating_id = the_rating(session, "true").id
    session.commit()

    with pytest.raises(Refused, match="published"):
        desk.articles.withdraw(session, article, "No longer wanted", by=a_member(session))
