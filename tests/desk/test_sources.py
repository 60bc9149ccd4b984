import pytest
from sqlmodel import select

from claims import desk, ledger, queries
from claims.desk.sources import Facts
from claims.models import Event
from claims.rules.refusals import Conflict, Refused
from claims.rules.vocabulary import SourceType
from tests.factories import a_claim, a_member, a_source, some_evidence


def a_listed_source(session, title="Register of made-up dams", **facts):
    source = desk.sources.add(session, Facts(title=title, **facts), by=a_member(session))
    session.commit()
    return source


def found(session, q, **filters):
    filters = queries.sources.Filters(q=q, **filters)
    return [source.title for source in queries.sources.library(session, filters).sources]


def test_a_source_is_found_by_its_title_publisher_author_and_address(session):
    a_listed_source(session, "Another made-up record")
    a_listed_source(
        session,
        publisher="Office of Invented Statistics",
        author="Café Committee",
        url="https://figures.register.example/dams/forty",
    )

    for q in ("register dams", "INVENTED stat", "cafe", "figures.register.example", "forty"):
        assert found(session, q) == ["Register of made-up dams"]
    assert found(session, "reservoir") == []
    assert found(session, "!?") == []


def test_an_edited_source_is_found_by_its_new_words_and_so_are_its_claims(session):
    member = a_member(session)
    source = a_listed_source(session)
    claim = a_claim(session, evidence=[])
    some_evidence(session, claim, source=source, excerpt="Forty.")

    desk.sources.edit(
        session, source, Facts(title="Ledger of weirs"), read=source.version, by=member
    )
    session.commit()

    assert found(session, "register") == []
    assert found(session, "weir") == ["Ledger of weirs"]
    search = queries.filters.Filters(q="weirs")
    assert session.exec(queries.lists.matching(search, member)).all() == [claim]


def test_an_edit_is_an_event_with_what_changed_and_nothing_else(session):
    source = a_listed_source(session, publisher="Nobody in particular")

    desk.sources.edit(
        session,
        source,
        Facts(title=source.title, publisher=None),
        read=source.version,
        by=a_member(session),
    )
    session.commit()

    event = session.exec(select(Event).where(Event.action == "source edited")).one()
    assert event.before == {"publisher": "Nobody in particular"}
    assert event.after == {"publisher": None}
    assert ledger.verify(session).broken is None


def test_saving_a_source_as_it_was_is_no_event(session):
    source = a_listed_source(session)
    events = ledger.verify(session).events
    member = a_member(session)

    desk.sources.edit(session, source, Facts(title=source.title), read=source.version, by=member)
    desk.sources.grade(session, source, None, read=source.version, by=member)
    session.commit()

    assert ledger.verify(session).events == events + 1  # the member


def test_two_who_edit_a_source_at_once_see_both_versions(session):
    source = a_listed_source(session)
    read = source.version
    member = a_member(session)
    desk.sources.edit(session, source, Facts(title="Hers"), read=read, by=member)

    with pytest.raises(Conflict) as conflict:
        desk.sources.edit(session, source, Facts(title="His"), read=read, by=member)

    assert conflict.value.now["title"] == "Hers"
    assert conflict.value.version == source.version


def test_a_grade_is_given_changed_and_taken_back(session):
    source = a_listed_source(session)
    member = a_member(session)

    for grade in ("B", "A", None):
        desk.sources.grade(session, source, grade, read=source.version, by=member)
        session.commit()
        assert source.reliability == grade

    with pytest.raises(Conflict):
        desk.sources.grade(session, source, "C", read=1, by=member)


def test_a_source_that_evidence_rests_on_stays(session):
    member = a_member(session)
    source = a_listed_source(session)
    piece = some_evidence(session, a_claim(session, evidence=[]), source=source)

    with pytest.raises(Refused, match="One piece of evidence rests on this source"):
        desk.sources.withdraw(session, source, "Made up.", by=member)

    evidence = queries.evidence.one(session, piece.claim_id, piece.id)
    desk.evidence.withdraw(session, evidence, "The wrong dam.", by=member)
    desk.sources.withdraw(session, source, "Made up.", by=member)
    session.commit()
    assert found(session, "register") == []
    assert found(session, "register", shown=queries.sources.Shown.WITHDRAWN) == [source.title]


def test_a_withdrawn_source_is_chosen_for_nothing_until_it_is_restored(session):
    member = a_member(session)
    source = a_listed_source(session)
    desk.sources.withdraw(session, source, "Made up.", by=member)
    session.commit()

    assert queries.sources.options(session) == []
    with pytest.raises(Refused, match="withdrawn already"):
        desk.sources.withdraw(session, source, "Again.", by=member)

    desk.sources.restore(session, source, by=member)
    session.commit()
    assert queries.sources.options(session) == [source]
    assert source.withdrawal_reason is None
    with pytest.raises(Refused, match="nothing to restore"):
        desk.sources.restore(session, source, by=member)


def test_a_source_is_known_by_any_address_of_the_same_page(session):
    source = a_listed_source(session, url="https://Register.example/dams/")

    same = queries.sources.same_page(session, "http://register.example/dams?utm_source=x#top")

    assert same == source
    assert queries.sources.same_page(session, "https://register.example/weirs") is None
    assert queries.sources.same_page(session, "") is None
    assert queries.sources.same_page(session, source.url, besides=source.id) is None


def test_the_library_counts_the_claims_that_rest_on_a_source(session):
    source = a_listed_source(session)
    unused = a_source(session, "Unused made-up record")
    claim = a_claim(session, evidence=[])
    some_evidence(session, claim, source=source)
    some_evidence(session, claim, source=source)
    some_evidence(session, a_claim(session, evidence=[]), source=source)

    library = queries.sources.library(session, queries.sources.Filters())

    assert library.claims == {source.id: 2, unused.id: 0}


def test_the_library_is_filtered_by_type_and_grade_and_sorted_by_title(session):
    for title, kind, grade in (
        ("C record", SourceType.DATASET, "A"),
        ("A record", SourceType.STUDY, None),
        ("B record", SourceType.DATASET, None),
    ):
        desk.sources.add(session, Facts(title, kind), reliability=grade, by=None)
    session.commit()

    assert found(session, "") == ["B record", "A record", "C record"]
    assert found(session, "", sort=queries.sources.Sort.TITLE) == [
        "A record",
        "B record",
        "C record",
    ]
    assert found(session, "", type=SourceType.DATASET) == ["B record", "C record"]
    assert found(session, "", reliability="A") == ["C record"]
    assert found(session, "record", reliability="none", type=SourceType.DATASET) == ["B record"]


@pytest.mark.parametrize("sort", list(queries.sources.Sort))
def test_the_library_goes_on_where_its_first_page_ended(session, sort):
    for number in range(120):
        desk.sources.add(session, Facts(f"Made-up record {number % 7}"), by=None)
    session.commit()
    filters = queries.sources.Filters(sort=sort)

    seen, after = [], None
    while True:
        library = queries.sources.library(session, filters, after=after)
        seen += [source.id for source in library.sources]
        after = library.next
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 120


def test_filters_go_into_an_address_and_come_back():
    filters = queries.sources.Filters(
        q="dam",
        type=SourceType.STUDY,
        reliability="B",
        health=queries.sources.Health.DAMAGED,
        shown=queries.sources.Shown.ALL,
        sort=queries.sources.Sort.TITLE,
    )

    assert queries.sources.Filters.from_args(filters.to_args()) == filters
    nonsense = {"type": "rumour", "reliability": "Z", "shown": "x", "sort": "\0", "after": "?"}
    assert queries.sources.Filters.from_args(nonsense) == queries.sources.Filters()
