import pytest
from sqlmodel import select

from claims import desk, queries
from claims.desk.sources import Facts
from claims.models import Desk, Evidence, Job, Source
from claims.rules.vocabulary import JobKind, Stance
from tests.desk.test_origins import RELEASE, captured
from tests.factories import (
    a_claim,
    a_member,
    a_source,
    a_verdict,
    an_article,
    an_owner,
    some_evidence,
)


@pytest.fixture
def reviewer(session):
    return a_member(session, "Reviewer Nine")


@pytest.fixture
def two(session):
    """The ids of two sources that the desk takes for one."""
    first = desk.sources.add(
        session, Facts("First report", url="https://wire.example/dam"), by=None
    )
    second = desk.sources.add(session, Facts("Second report"), by=None)
    captured(session, first, RELEASE)
    captured(session, second, RELEASE, canonical="https://wire.example/dam")
    numbers = first.id, second.id
    session.rollback()
    return numbers


def hint_of(session, source_id):
    [hint] = queries.origins.suggestions(session, source_id)
    number = hint.id
    session.rollback()
    return number


def test_a_reviewer_says_who_a_source_comes_from_and_sees_all_that_do(session, client, reviewer):
    first, second = a_source(session, "First report"), a_source(session, "Second report")
    client.as_(reviewer)

    for source in (first, second):
        answer = client.post(
            f"/sources/{source.id}/origin", data={"origin": "The made-up ministry"}
        )
        assert answer.status_code == 303

    page = client.get(f"/sources/{first.id}").text
    assert "Comes from" in page
    origin = session.exec(select(Source.origin_id)).first()
    listed = client.get(f"/origins/{origin}").text
    assert "First report" in listed
    assert "Second report" in listed
    assert client.get("/origins/4711").status_code == 404

    assert client.post(f"/sources/{first.id}/origin/leave").status_code == 303
    assert "An origin of its own" in client.get(f"/sources/{first.id}").text


def test_an_origin_needs_a_name(session, client, reviewer):
    source = a_source(session)

    answer = client.as_(reviewer).post(f"/sources/{source.id}/origin", data={"origin": " "})

    assert answer.status_code == 422
    assert "Fill this in." in answer.text


def test_a_suggestion_is_shown_on_both_sources_and_decided_on_either(
    session, client, reviewer, two
):
    first, second = two
    client.as_(reviewer)
    assert "Do both come from one origin?" in client.get(f"/sources/{second}").text

    answer = client.post(f"/sources/{first}/alike/{hint_of(session, first)}/same")

    assert answer.status_code == 303
    page = client.get(f"/sources/{second}").text
    assert "Do both come from one origin?" not in page
    assert "Comes from" in page


def test_independent_sources_are_not_asked_about_again(session, client, reviewer, two):
    first, second = two
    hint = hint_of(session, first)

    client.as_(reviewer).post(f"/sources/{second}/alike/{hint}/different")

    assert "Do both come from one origin?" not in client.get(f"/sources/{first}").text
    again = client.post(f"/sources/{second}/alike/{hint}/different")
    assert again.status_code == 409
    assert client.post(f"/sources/{a_source(session).id}/alike/{hint}/same").status_code == 404


def test_a_double_is_merged_and_leads_to_the_source_that_stays(session, client, reviewer, two):
    first, second = two
    claim = a_claim(session, evidence=[])
    piece = some_evidence(session, claim, source=session.get_one(Source, second))
    client.as_(reviewer)

    answer = client.post(f"/sources/{second}/merge", data={"into": first})

    assert answer.location == f"/sources/{first}"
    session.expire_all()
    assert session.get_one(Evidence, piece.id).source_id == first
    left = client.get(f"/sources/{second}").text
    assert "It is the same source as" in left
    assert client.post(f"/sources/{first}/merge", data={"into": first}).status_code == 409
    refused = client.post(f"/sources/{first}/merge", data={"into": ""})
    assert refused.status_code == 422
    assert "Choose the source that stays." in refused.text
    # The suggestion that they are one has come true.
    assert "Do both come from one origin?" not in client.get(f"/sources/{first}").text


def test_any_other_source_is_looked_for_and_seen_beside_the_one_to_merge(session, client, reviewer):
    source = a_source(session, "Register of made-up dams")
    first = desk.sources.add(session, Facts("Made-up wire report"), by=None)
    paged = desk.sources.add(session, Facts("A page", url="https://wire.example/dam"), by=None)
    captured(session, paged, RELEASE)
    some_evidence(session, a_claim(session, evidence=[]), source=source)
    session.commit()
    client.as_(reviewer)
    merging = f"/sources/{source.id}/merge"

    def offered(q):
        page = client.htmx("GET", merging, "candidates", query_string={"q": q}).text
        return {one.id for one in (source, first, paged) if f'value="{one.id}"' in page}

    assert f'href="{merging}"' in client.get(f"/sources/{source.id}").text
    assert offered("") == {first.id, paged.id}
    assert offered("wire report") == {first.id}
    assert offered("http://wire.example/dam?utm_source=letter") == {paged.id}
    assert offered("register") == set()
    both = client.get(f"{merging}?into={paged.id}").text
    assert "1 piece of evidence · 0 copies" in both
    assert "0 pieces of evidence · 1 copy" in both
    assert f'href="/sources/{paged.id}/merge?into={source.id}"' in both
    assert client.get(f"{merging}?into=4711").status_code == 404


def test_an_archived_copy_is_recorded_and_told_with_its_moment(session, client, reviewer):
    source = a_source(session, url="https://figures.register.example/dams")
    address = "https://web.archive.org/web/20190721120000/https://figures.register.example/dams"
    client.as_(reviewer)

    client.post(f"/sources/{source.id}/archive", data={"archive_url": address})

    page = client.get(f"/sources/{source.id}").text
    assert "Wayback Machine" in page
    assert "a copy of 21 July 2019, 12:00 UTC" in page
    wrong = client.post(f"/sources/{source.id}/archive", data={"archive_url": "javascript:x"})
    assert wrong.status_code == 422
    client.post(f"/sources/{source.id}/archive", data={"archive_url": ""})
    assert "No copy outside the desk is recorded." in client.get(f"/sources/{source.id}").text


def test_the_wayback_machine_is_asked_in_the_background(session, client, reviewer):
    source, bare = a_source(session, url="https://figures.register.example/dams"), a_source(session)
    client.as_(reviewer)

    answer = client.post(f"/sources/{source.id}/archive/ask")

    assert answer.status_code == 303
    job = session.exec(select(Job)).one()
    assert (job.kind, job.url) == (JobKind.ARCHIVE, "https://figures.register.example/dams")
    refused = client.post(f"/sources/{bare.id}/archive/ask")
    assert refused.status_code == 422
    assert "no address that an archive could save" in refused.text


def test_the_article_itself_is_refused_with_the_form_kept_until_there_is_a_reason(
    session, client, reviewer
):
    article = an_article(session)
    article.url = "https://daily.example/made-up-dam"
    claim = a_claim(session, article=article, evidence=[])
    source = a_source(session, "The article", url=article.url)
    source = desk.sources.add(session, Facts("The article", url=article.url), by=None)
    session.commit()
    form = {"source_id": source.id, "stance": "refutes", "excerpt": "Kept words."}
    client.as_(reviewer)

    refused = client.post(f"/claims/{claim.id}/evidence", data=form)

    assert refused.status_code == 422
    assert "an article is no evidence for its own claims" in refused.text
    assert "Kept words." in refused.text
    assert "Why the article itself may stand here" in refused.text
    reason = "It says the opposite in paragraph nine."
    added = client.post(f"/claims/{claim.id}/evidence", data=form | {"own_article_reason": reason})
    assert added.status_code == 303
    assert reason in client.get(f"/claims/{claim.id}").text


def test_an_article_described_as_a_new_source_is_refused_and_not_added(session, client, reviewer):
    article = an_article(session)
    article.url = "https://daily.example/made-up-dam"
    claim = a_claim(session, article=article, evidence=[])
    form = {"from": "new", "title": "The article", "type": "news report", "url": article.url}

    refused = client.as_(reviewer).post(
        f"/claims/{claim.id}/evidence", data=form | {"stance": "refutes", "excerpt": "Words."}
    )

    assert refused.status_code == 422
    assert "Why the article itself may stand here" in refused.text
    session.rollback()
    assert session.exec(select(Source)).all() == []


def test_an_editor_says_why_so_few_origins_suffice(session, client):
    settings = session.get_one(Desk, 1)
    settings.origins_required = 2
    claim = a_claim(session, evidence=[Stance.REFUTES])
    a_verdict(session, claim)
    owner = an_owner(session)
    form = {"rating": "false", "rationale": "Wrong.", "version": "0"}
    client.as_(owner)
    assert "Why so few independent origins suffice" in client.get(f"/claims/{claim.id}").text

    refused = client.post(f"/claims/{claim.id}/ruling", data=form)

    assert refused.status_code == 409
    assert "one independent origin on either side" in refused.text
    reason = "The register is the only one there is."
    settled = client.post(f"/claims/{claim.id}/ruling", data=form | {"origins_reason": reason})
    assert settled.status_code == 303
    assert reason in client.get(f"/claims/{claim.id}").text


def test_the_form_asks_why_once_evidence_turned_out_to_be_the_article(session, client, reviewer):
    article = an_article(session)
    address = "https://daily.example/made-up-dam"
    source = desk.sources.add(session, Facts("A copy", url=address), by=None)
    claim = a_claim(session, article=article, evidence=[])
    piece = some_evidence(session, claim, source=source)
    edit = f"/claims/{claim.id}/evidence/{piece.id}/edit"
    client.as_(reviewer)
    assert "Why the article itself may stand here" not in client.get(edit).text

    article.url = address
    session.commit()

    assert "Why the article itself may stand here" in client.get(edit).text
