"""What is kept between two pages is never older than the newest change."""

import pytest
import sqlalchemy as sa

from claims import database, desk, ledger, queries
from claims.models import Desk
from claims.queries import remembered
from claims.queries.filters import Filters
from claims.queries.remembered import AsOf, as_of
from claims.rules.vocabulary import Kind, Stance
from tests.factories import (
    a_claim,
    a_member,
    a_ruling,
    a_source,
    a_verdict,
    an_article,
    an_editor,
    some_evidence,
)
from tests.queries.walking import counted, walked


@pytest.fixture
def reading(engine):
    """Open a session that only reads, as of the ledger's end."""
    opened = []

    def begin(of=engine):
        session = database.session(of)
        opened.append(session)
        remembered.begin(session, AsOf.read(session.execute(sa.select(*as_of())).one()))
        return session

    yield begin
    for session in opened:
        session.close()


def names(session):
    return set(queries.members.names(session).values())


def test_what_was_read_is_kept_until_something_changes(reading, session, engine):
    a_member(session, "Reviewer Ada")
    first = queries.members.names(reading())

    assert queries.members.names(reading()) is first
    a_member(session, "Reviewer Ben")
    assert names(reading()) == {"Reviewer Ada", "Reviewer Ben"}


def test_people_and_settings_are_not_read_again_for_every_change_of_a_claim(reading, session):
    ada = a_member(session, "Reviewer Ada")
    claim = a_claim(session, by=ada)
    people, waits = queries.members.names(reading()), remembered.read(reading(), "any", object)

    desk.discussion.comment(session, claim, "A remark.", by=ada)
    session.commit()

    assert queries.members.names(reading()) is people
    assert remembered.read(reading(), "any", object) is not waits


def test_a_change_by_another_process_is_noticed(reading, session, database_url):
    a_member(session, "Reviewer Ada")
    elsewhere = database.connect(database_url)
    with reading(elsewhere) as there:
        assert names(there) == {"Reviewer Ada"}

    a_member(session, "Reviewer Ben")

    with reading(elsewhere) as there:
        assert names(there) == {"Reviewer Ada", "Reviewer Ben"}
    elsewhere.dispose()


def test_whoever_changes_something_reads_it_as_it_is_and_keeps_nothing(reading, session):
    ada = a_member(session, "Reviewer Ada")
    assert names(reading()) == {"Reviewer Ada"}

    ada.name = "Reviewer Eve"
    session.flush()
    seen = names(session)
    session.rollback()

    assert seen == {"Reviewer Eve"}
    assert names(reading()) == {"Reviewer Ada"}


def test_a_record_that_is_kept_stays_readable_after_its_session_failed(reading):
    asking = reading()
    settings = queries.standing.desk(asking)
    asking.rollback()
    asking.close()

    again = queries.standing.desk(reading())

    assert again is settings
    assert again.name == "Fact Desk"


def test_no_more_is_kept_than_fits(reading, monkeypatch):
    monkeypatch.setattr(remembered, "_MOST", 3)
    session = reading()

    for key in range(10):
        remembered.read(session, key, lambda: "read")

    assert len(remembered._kept[session.get_bind()]) <= 3


def test_no_more_claims_are_kept_than_fit(reading, monkeypatch):
    monkeypatch.setattr(remembered, "_MOST_CLAIMS", 250)
    session = reading()

    for key in range(10):
        remembered.read(session, key, lambda: range(100))

    assert len(remembered._kept[session.get_bind()]) <= 3


def listed(session, viewer, **args):
    page = queries.queue.page(session, Filters.from_args(args), viewer)
    return page.claims, page.counts


def test_a_search_finds_what_claims_say_since_the_newest_change(reading, session):
    ed = an_editor(session)
    article = an_article(session)
    claim = a_claim(session, "The dam is high", article=article, quotation="high", evidence=[])
    other = a_claim(session, "The weir", article=article, quotation="Its sluice", evidence=[])
    source = a_source(session, "A register")
    (appearance,) = queries.claims.appearances(session, claim)
    desk.articles.load_text(session, article, "High, says the oak. Its sluice.", by=ed)
    session.commit()

    def weigh(excerpt):
        finding = desk.evidence.Finding(Stance.SUPPORTS, excerpt)
        return desk.evidence.attach(session, claim, source, finding, by=ed)

    def evidence():
        return queries.evidence.on_claim(session, claim).supports[0]

    def edit(excerpt):
        finding = desk.evidence.Finding(Stance.SUPPORTS, excerpt)
        desk.evidence.edit(session, evidence(), finding, read=evidence().version, by=ed)

    def retitle(title):
        facts = desk.sources.Facts(title)
        desk.sources.edit(session, source, facts, read=source.version, by=ed)

    def anchor(words):
        read = desk.articles.state_of(appearance)
        pointer = desk.articles.Pointer(words)
        desk.articles.anchor(session, appearance, pointer, read=read, by=ed)

    def split(statement):
        parts = [desk.claims.Part(statement, Kind.FACT)]
        desk.claims.split(session, claim, claim.statement, parts, read=claim.version, by=ed)

    def rename(name):
        speaker = queries.claims.speaker(session, "Mayor Nobody", "")
        before = ledger.snapshot(speaker)
        speaker.name = name
        ledger.record(session, "speaker renamed", speaker, by=ed, before=before)
        desk.standing.reword(session, claim)

    credit = desk.claims.Credit("Mayor Nobody")
    changes = [
        ({"q": "cedar"}, lambda: desk.claims.reword(session, claim, "The dam is cedar", by=ed)),
        (
            {"q": "cedar", "kind": "fact"},
            lambda: desk.claims.change_kind(session, claim, Kind.FACT, by=ed),
        ),
        ({"q": "nobody"}, lambda: desk.claims.change_speaker(session, claim, credit, by=ed)),
        ({"q": "somebody"}, lambda: rename("Mayor Somebody")),
        ({"tag": "water"}, lambda: desk.claims.retag(session, claim, {"water"}, by=ed)),
        ({"tag": "water"}, lambda: desk.assignments.tag(session, [other], "water", by=ed)),
        ({"tag": "water"}, lambda: desk.assignments.untag(session, [other], "water", by=ed)),
        ({"q": "birch"}, lambda: weigh("birch")),
        ({"q": "maple"}, lambda: edit("maple")),
        ({"q": "walnut"}, lambda: retitle("Walnut register")),
        ({"q": "maple"}, lambda: desk.evidence.withdraw(session, evidence(), "Wrong.", by=ed)),
        ({"q": "oak"}, lambda: anchor("says the oak")),
        ({"q": "hazel"}, lambda: split("The dam is hazel")),
        ({"q": "sluice"}, lambda: desk.claims.merge(session, other, claim, by=ed)),
        ({"q": "cedar"}, lambda: desk.claims.withdraw(session, claim, "Twice.", by=ed)),
        ({"q": "cedar"}, lambda: desk.claims.restore(session, claim, by=ed)),
        ({"q": "cedar"}, lambda: desk.articles.withdraw(session, article, "Fake.", by=ed)),
        ({"q": "cedar"}, lambda: desk.articles.restore(session, article, by=ed)),
    ]
    for asked, change in changes:
        with reading() as there:
            before = listed(there, ed, **asked)
        change()
        session.commit()

        with reading() as there:
            after = listed(there, ed, **asked)

        assert after == listed(session, ed, **asked), asked
        assert [row.id for row in after[0].rows] != [row.id for row in before[0].rows], asked
        for others in ({}, {"sort": "changed"}, {"sort": "newest"}, {"rating": "none"}):
            with reading() as there:
                assert listed(there, ed, **others) == listed(session, ed, **others), others


@pytest.mark.parametrize("most", [100, 0])
def test_a_search_says_where_claims_stand_since_the_newest_change(
    reading, session, monkeypatch, most
):
    monkeypatch.setattr(remembered, "_MOST_MENDED", most)
    ed, ada = an_editor(session), a_member(session, "Ada")
    claims = [a_claim(session, f"dam {n}") for n in range(3)]
    one, two, _three = claims

    def require(verdicts):
        held = session.get_one(Desk, 1)
        desk.settings.change_policy(
            session,
            held,
            verdicts_required=verdicts,
            blind=True,
            origins_required=0,
            read=held.version,
            by=ed,
        )

    changes = [
        lambda: a_verdict(session, one, "false", by=ada),
        lambda: a_verdict(session, two, "false", by=ed),
        lambda: desk.discussion.comment(session, one, "A remark.", by=ada),
        lambda: a_verdict(session, one, "true", by=ed),
        lambda: a_ruling(session, two, by=ed),
        lambda: desk.rulings.reopen(session, two, "New facts.", by=ed),
        lambda: desk.claims.assign(session, one, ada, by=ed),
        lambda: require(3),
    ]
    searches = [
        (viewer, {"q": "dam"} | args)
        for viewer in (ed, ada)
        for args in ({}, {"state": "disputed"}, {"rating": "false"}, {"waiting": "me", "mine": "1"})
    ]
    said = set()
    for change in changes:
        change()
        session.commit()
        for viewer, asked in searches:
            with reading() as there:
                after = listed(there, viewer, **asked)
            filters = Filters.from_args(asked)
            ids, _ = walked(session, filters, viewer)
            assert [row.id for row in after[0].rows] == ids, asked
            assert after[1] == counted(session, filters, viewer), asked
            said.add(repr(after))
    assert len(said) > len(changes)


def test_after_a_verdict_on_another_claim_a_search_looks_at_none(reading, session, app, statements):
    ed = an_editor(session)
    claims = [a_claim(session, f"sluice {n}") for n in range(3)]
    other = a_claim(session, "a weir", quotation="weir")

    def search():
        before = len(statements)
        with reading(app.extensions["engine"]) as there:
            listed(there, ed, q="sluice")
        return len(statements) - before

    search()
    a_verdict(session, other, by=ed)
    elsewhere = search()
    a_verdict(session, claims[1], by=ed)
    here = search()

    # The numbers, and what was worked on; where the one claim among them stands, and its row.
    assert (elsewhere, here) == (2, 4)


def test_a_list_that_grows_past_what_is_counted_says_so_and_counts_again_below(
    reading, session, monkeypatch
):
    monkeypatch.setattr(queries.lists, "MOST_COUNTED", 3)
    ed = an_editor(session)
    article = an_article(session)
    claims, totals = [], []

    def look():
        with reading() as there:
            rows, counts = listed(there, ed)
        assert [row.id for row in rows.rows] == walked(session, Filters(), ed)[0]
        totals.append(counts.total)

    for n in range(5):
        claims.append(a_claim(session, f"dam {n}", article=article))
        look()
    for claim in claims:
        desk.claims.withdraw(session, claim, "Twice.", by=ed)
        session.commit()
        look()

    assert totals == [1, 2, 3, None, None, None, 3, 2, 1, 0]


def test_a_row_that_was_read_before_a_change_is_not_kept_after_it(reading, session, monkeypatch):
    ed = an_editor(session)
    claim = a_claim(session, "The dam is high")
    read = queries.rows._read

    def overtaken(there, ids):
        found = read(there, ids)
        monkeypatch.undo()
        desk.claims.reword(session, claim, "The dam is low", by=ed)
        session.commit()
        with reading() as other:
            listed(other, ed)
        return found

    monkeypatch.setattr(queries.rows, "_read", overtaken)
    with reading() as there:
        listed(there, ed)

    with reading() as there:
        assert [row.statement for row in listed(there, ed)[0].rows] == ["The dam is low"]


def told(session, article):
    """What the page of an article tells of its claims."""
    page = queries.reading.page(session, article.id)
    withdrawn = [claim.id for claim in page.withdrawn]
    return page.shown, page.unplaced, page.coverage, page.speakers, page.part, withdrawn


@pytest.mark.parametrize("most", [100, 0])
def test_an_article_is_read_as_it_is_since_the_newest_change(reading, session, monkeypatch, most):
    monkeypatch.setattr(remembered, "_MOST_MENDED", most)
    ed = an_editor(session)
    article = an_article(session)
    claim = a_claim(session, "The dam is high", article=article, quotation="The dam is high")
    other = a_claim(session, "The weir", article=article, quotation="Its sluice", evidence=[])
    third = a_claim(session, "The mill", article=article, quotation="A mill", evidence=[])
    (appearance,) = queries.claims.appearances(session, claim)
    credit = desk.claims.Credit("Mayor Nobody")

    def load(text):
        desk.articles.load_text(session, article, text, by=ed)

    def anchor(words):
        read = desk.articles.state_of(appearance)
        desk.articles.anchor(session, appearance, desk.articles.Pointer(words), read=read, by=ed)

    changes = [
        lambda: load("The dam is high, says the oak. Its sluice."),
        lambda: a_verdict(session, claim, by=ed),
        lambda: a_ruling(session, claim, by=ed),
        lambda: desk.rulings.reopen(session, claim, "New facts.", by=ed),
        lambda: desk.claims.reword(session, claim, "The dam is cedar", by=ed),
        lambda: desk.claims.change_kind(session, claim, Kind.FACT, by=ed),
        lambda: desk.claims.change_speaker(session, claim, credit, by=ed),
        lambda: some_evidence(session, other, by=ed),
        lambda: anchor("says the oak"),
        lambda: desk.claims.withdraw(session, other, "Twice.", by=ed),
        lambda: desk.claims.restore(session, other, by=ed),
        lambda: desk.claims.merge(session, other, third, by=ed),
        lambda: load("The dam is high, says the oak."),
    ]
    for number, change in enumerate(changes):
        with reading() as there:
            before = told(there, article)
        change()
        session.commit()

        with reading() as there:
            after = told(there, article)

        assert after == told(session, article), number
        assert after != before, number


def test_an_article_is_not_read_again_for_work_on_the_claims_of_another(reading, session):
    ed = an_editor(session)
    article = an_article(session)
    claim, elsewhere = a_claim(session, article=article), a_claim(session)
    with reading() as there:
        first = queries.reading.page(there, article.id).shown

    a_verdict(session, elsewhere, by=ed)
    with reading() as there:
        assert queries.reading.page(there, article.id).shown is first
    a_verdict(session, claim, by=ed)
    with reading() as there:
        assert queries.reading.page(there, article.id).shown is not first


def waiting(session, viewer):
    """What the desk's first page tells a member of claims."""
    policy = queries.standing.desk(session).policy
    page = queries.dashboard.page(session, viewer=viewer, policy=policy)
    lately = [(line.event.seq, line.times) for line in page.happened]
    return page.states, page.waiting, page.free, page.progress, lately, page.names


@pytest.mark.parametrize("most", [100, 0])
def test_the_desk_tells_what_waits_since_the_newest_change(reading, session, monkeypatch, most):
    monkeypatch.setattr(remembered, "_MOST_MENDED", most)
    ed, ada = an_editor(session), a_member(session, "Ada")
    article = an_article(session)
    one = a_claim(session, "dam 1", article=article)
    two = a_claim(session, "dam 2", article=article, evidence=[])
    three = a_claim(session, "weir", quotation="weir")

    def require(verdicts):
        held = session.get_one(Desk, 1)
        policy = {"verdicts_required": verdicts, "blind": True, "origins_required": 0}
        desk.settings.change_policy(session, held, **policy, read=held.version, by=ed)

    changes = [
        lambda: desk.claims.assign(session, two, ada, by=ed),
        lambda: some_evidence(session, two, by=ada),
        lambda: a_verdict(session, one, "false", by=ada),
        lambda: a_ruling(session, one, by=ed),
        lambda: desk.rulings.reopen(session, one, "New facts.", by=ed),
        lambda: desk.claims.withdraw(session, three, "Twice.", by=ed),
        lambda: desk.claims.restore(session, three, by=ed),
        lambda: require(2),
        lambda: a_verdict(session, two, "true", by=ed),
        lambda: desk.articles.withdraw(session, article, "Fake.", by=ed),
        lambda: desk.articles.restore(session, article, by=ed),
        lambda: a_claim(session, "mill", article=article),
    ]
    for number, change in enumerate(changes):
        before, after = [], []
        for viewer in (ed, ada):
            with reading() as there:
                before.append(waiting(there, viewer))
        change()
        session.commit()

        for viewer in (ed, ada):
            with reading() as there:
                after.append(waiting(there, viewer))

        assert after == [waiting(session, viewer) for viewer in (ed, ada)], number
        assert after != before, number
