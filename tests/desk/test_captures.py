import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.models import Claim, Content, Event, ExcerptCheck
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Damage, Mark, SourceType, Stance
from tests.factories import a_claim, a_copy, a_member, an_editor

PAGE = "https://figures.register.example/dams"
TEXT = "The register lists 40 million litres. Nobody has measured the dam since 1999."


def a_pasted_source(session, url=PAGE):
    source = desk.sources.add(session, Facts(title=url, url=url), by=a_member(session))
    session.commit()
    return source


def kept(session, source, text=TEXT, **told):
    return a_copy(session, source, text, **told)


def quoted(session, source, excerpt, claim=None):
    claim = claim or a_claim(session)
    piece = desk.evidence.attach(
        session, claim, source, Finding(Stance.REFUTES, excerpt), by=a_member(session)
    )
    session.commit()
    return piece


def check(session, piece):
    session.expire_all()
    return session.get(ExcerptCheck, piece.id)


def found(session, q):
    return [s.title for s in queries.sources.library(session, queries.sources.Filters(q=q)).sources]


def test_a_pasted_address_is_described_by_its_page(session):
    source = a_pasted_source(session)

    kept(
        session,
        source,
        title="Register of made-up dams",
        author="Committee for Inventions",
        publisher="Office of Invented Statistics",
        published_on="2019-07",
        language="en",
        type=SourceType.NEWS_REPORT,
    )

    session.refresh(source)
    assert source.title == "Register of made-up dams"
    assert (source.author, source.published_on) == ("Committee for Inventions", "2019-07")
    assert source.type is SourceType.NEWS_REPORT


def test_a_document_without_a_title_is_called_by_the_name_of_its_file(session):
    source = a_pasted_source(session, "https://figures.register.example/Annual%20register.pdf")

    a_copy(session, source, TEXT, final_url=source.url, media_type="application/pdf")

    session.refresh(source)
    assert (source.title, source.type) == ("Annual register.pdf", SourceType.OTHER)


def test_what_a_reviewer_wrote_is_left_as_it_is(session):
    source = desk.sources.add(
        session,
        Facts(title="What I call it", url=PAGE, author="Reporter Nine", type=SourceType.STUDY),
        by=a_member(session),
    )

    kept(session, source, title="Welcome!", author="admin", type=SourceType.NEWS_REPORT)

    session.refresh(source)
    assert (source.title, source.author) == ("What I call it", "Reporter Nine")
    assert source.type is SourceType.STUDY


def test_a_source_is_found_by_what_its_copy_says(session):
    source = a_pasted_source(session)
    kept(session, source, title="Register of made-up dams")

    assert found(session, "measured since") == ["Register of made-up dams"]
    assert found(session, "unmeasured") == []


def test_the_same_bytes_are_one_content_however_often_they_are_captured(session):
    source = a_pasted_source(session)

    first, second = kept(session, source), kept(session, source)

    assert first.sha256 == second.sha256
    assert len(session.exec(select(Content)).all()) == 1


def test_an_excerpt_is_marked_as_soon_as_it_is_quoted(session):
    source = a_pasted_source(session)
    capture = kept(session, source)

    piece = quoted(session, source, "Nobody has measured the dam")

    mark = check(session, piece)
    assert (mark.mark, mark.capture_id) == (Mark.VERBATIM, capture.id)
    assert TEXT[mark.start : mark.end] == "Nobody has measured the dam"


def test_an_excerpt_is_looked_for_when_the_copy_comes_and_again_when_it_is_edited(session):
    source = a_pasted_source(session)
    piece = quoted(session, source, "Nobody  has measured the dam")
    assert check(session, piece) is None

    kept(session, source)
    assert check(session, piece).mark is Mark.NORMALISED

    piece = queries.evidence.one(session, piece.claim_id, piece.id)
    finding = Finding(Stance.REFUTES, "Everybody measures everything each morning.")
    desk.evidence.edit(session, piece, finding, read=piece.version, by=a_member(session))
    session.commit()
    assert check(session, piece).mark is Mark.ABSENT


def test_an_excerpt_keeps_the_mark_of_the_copy_that_has_it_when_the_page_changes(session):
    source = a_pasted_source(session)
    first = kept(session, source)
    piece = quoted(session, source, "Nobody has measured the dam since 1999.")

    kept(session, source, text="The register was taken down. Come back another day.")

    mark = check(session, piece)
    assert (mark.mark, mark.capture_id) == (Mark.VERBATIM, first.id)
    assert queries.evidence.provenance_of(session, piece).no_longer


def test_an_excerpt_that_the_newest_copy_has_as_well_stands_without_a_warning(session):
    source = a_pasted_source(session)
    piece = quoted(session, source, "Nobody has measured the dam since 1999.")

    kept(session, source)
    kept(session, source, text=f"{TEXT} More was added.")

    kept_so_far = queries.evidence.provenance_of(session, piece)
    assert (kept_so_far.mark, kept_so_far.no_longer) == (Mark.VERBATIM, False)


def test_evidence_without_an_excerpt_has_no_mark(session):
    source = a_pasted_source(session)
    kept(session, source)
    claim = a_claim(session)

    piece = desk.evidence.attach(
        session, claim, source, Finding(Stance.CONTEXT, note="Read it whole."), by=a_member(session)
    )
    session.commit()

    assert check(session, piece) is None


@pytest.mark.parametrize("damage", list(Damage))
def test_damage_is_flagged_told_in_the_ledger_and_over_when_the_bytes_are_back(session, damage):
    source = a_pasted_source(session)
    capture = kept(session, source)
    content = session.get_one(Content, capture.sha256)

    desk.captures.found_damaged(session, content, damage)
    desk.captures.found_damaged(session, content, damage)
    session.commit()

    assert content.damage is damage
    said = select(Event.action).where(Event.subject == "capture").order_by(Event.seq)
    assert session.exec(said).all()[1:] == [f"copy found {damage}"]

    kept(session, source)

    session.refresh(content)
    assert content.damage is None
    assert "copy found sound again" in session.exec(said).all()


def test_a_withdrawn_copy_is_looked_in_and_found_no_more_until_it_is_restored(session):
    ada = a_member(session)
    source = a_pasted_source(session)
    wrong = kept(session, source, "Nobody has measured the dam: a page about another one.")
    piece = quoted(session, source, "Nobody has measured the dam")
    right = kept(session, source, "Somebody measured the dam at last.")
    wrong.taken_by_id = ada.id
    wrong = queries.captures.one(session, wrong.id)
    assert (check(session, piece).capture_id, found(session, "another")) == (wrong.id, [PAGE])

    desk.captures.withdraw(session, wrong, "The page of another dam.", by=ada)
    session.commit()

    assert check(session, piece).capture_id == right.id
    assert found(session, "another") == []
    assert queries.captures.before(session, right) is None
    told = session.exec(select(Event).where(Event.action == "capture withdrawn")).one()
    assert told.after["withdrawal_reason"] == "The page of another dam."
    assert (told.after["source_id"], told.actor) == (source.id, ada.name)

    desk.captures.restore(session, wrong, by=ada)
    session.commit()
    assert check(session, piece).capture_id == wrong.id
    assert found(session, "another") == [PAGE]


def test_a_copy_is_withdrawn_by_whoever_took_it_or_an_editor_and_brought_back_likewise(session):
    ada, editor = a_member(session), an_editor(session)
    capture = kept(session, a_pasted_source(session))
    capture.taken_by_id = ada.id
    session.commit()
    capture = queries.captures.one(session, capture.id)

    with pytest.raises(Refused, match="whoever took a copy, or an editor"):
        desk.captures.withdraw(session, capture, "Wrong.", by=a_member(session))
    desk.captures.withdraw(session, capture, "It shows private data.", by=editor)
    with pytest.raises(Refused, match="withdrawn already"):
        desk.captures.withdraw(session, capture, "Wrong.", by=ada)
    with pytest.raises(Refused, match="only an editor can restore it"):
        desk.captures.restore(session, capture, by=ada)
    desk.captures.restore(session, capture, by=editor)
    with pytest.raises(Refused, match="nothing to restore"):
        desk.captures.restore(session, capture, by=editor)

    desk.captures.withdraw(session, capture, "My slip.", by=ada)
    desk.captures.restore(session, capture, by=ada)
    assert capture.withdrawn_at is None


def test_a_source_of_which_every_copy_is_withdrawn_has_none_in_use(session):
    source = a_pasted_source(session)
    capture = kept(session, source)
    piece = quoted(session, source, "Nobody has measured the dam")

    desk.captures.withdraw(
        session, queries.captures.one(session, capture.id), "Wrong.", by=an_editor(session)
    )
    session.commit()

    provenance = queries.evidence.provenance_of(session, piece)
    assert (provenance.mark, provenance.kept, provenance.withdrawn) == (None, False, True)
    none = queries.sources.Filters(health=queries.sources.Health.NONE)
    assert source.id in {one.id for one in queries.sources.library(session, none).sources}


def test_two_sources_that_are_one_are_merged_with_their_evidence_and_copies(session):
    double, stays = a_pasted_source(session, f"{PAGE}?utm_source=x"), a_pasted_source(session)
    capture = kept(session, double, title="Register of made-up dams", author="Reporter Nine")
    piece = quoted(session, double, "Nobody has measured the dam")

    desk.sources.merge(session, double, stays, by=a_member(session))
    session.commit()

    session.expire_all()
    assert (piece.source_id, capture.source_id) == (stays.id, stays.id)
    assert (stays.title, stays.author) == (PAGE, "Reporter Nine")
    assert double.merged_into_id == stays.id
    assert double.withdrawn_at is not None
    assert found(session, "measured") == [PAGE]
    assert check(session, piece).mark is Mark.VERBATIM
    assert session.get(Claim, piece.claim_id).evidence_count == 2


def test_excerpts_of_both_merged_sources_are_looked_for_in_the_copies_of_both(session):
    double, stays = a_pasted_source(session, f"{PAGE}/2"), a_pasted_source(session)
    kept(session, double, "The second page says that nobody has measured the dam.")
    kept(session, stays, "The first page says that the dam holds forty.")
    of_stays = quoted(session, stays, "nobody has measured the dam")
    of_double = quoted(session, double, "the dam holds forty")
    assert check(session, of_stays).mark is Mark.ABSENT

    desk.sources.merge(session, double, stays, by=a_member(session))
    session.commit()

    marks = {check(session, piece).mark for piece in (of_stays, of_double)}
    assert marks == {Mark.VERBATIM}
