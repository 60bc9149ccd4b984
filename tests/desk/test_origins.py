import pytest

from claims import desk, queries
from claims.desk.evidence import Finding
from claims.desk.sources import Facts
from claims.models import Desk
from claims.rules.origins import Why
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Stance
from tests.factories import a_claim, a_copy, a_member, a_verdict, an_article, an_owner, the_rating

RELEASE = " ".join(
    f"The made-up ministry said on day {n} that dam {n * 7} holds." for n in range(9)
)


def a_source(session, title, url=None):
    source = desk.sources.add(session, Facts(title=title, url=url), by=a_member(session))
    session.commit()
    return source


def captured(session, source, text, canonical=None):
    a_copy(session, source, text, canonical=canonical)


def weighed(session, claim, source, stance=Stance.REFUTES, reason=None):
    finding = Finding(stance, note="See there.", own_article_reason=reason)
    piece = desk.evidence.attach(session, claim, source, finding, by=a_member(session))
    session.commit()
    return piece


def suggested(session, source):
    return [
        (hint.why, (hint.other if hint.source_id == source.id else hint.source).title)
        for hint in queries.origins.suggestions(session, source.id)
    ]


def test_ten_reports_of_one_press_release_are_one_origin(session):
    claim = a_claim(session, evidence=[])
    reports = [a_source(session, f"Report {n}") for n in range(3)]
    for report in reports:
        weighed(session, claim, report)
    weighed(session, claim, a_source(session, "The register"), Stance.SUPPORTS)
    weighed(session, claim, a_source(session, "A map"), Stance.CONTEXT)
    assert queries.origins.independence(session, claim.id).refutes == 3

    for report in reports[:2]:
        desk.origins.join(session, report, "The made-up ministry", by=a_member(session))
    session.commit()

    found = queries.origins.independence(session, claim.id)
    assert (found.refutes, found.supports, found.stronger) == (2, 1, 2)


def test_withdrawn_evidence_counts_for_no_origin(session):
    claim = a_claim(session, evidence=[])
    piece = weighed(session, claim, a_source(session, "Report"))
    piece = queries.evidence.one(session, claim.id, piece.id)

    desk.evidence.withdraw(session, piece, "A slip.", by=a_member(session))

    assert queries.origins.independence(session, claim.id).refutes == 0


def test_nearly_the_same_text_is_suggested_as_one_origin_and_a_person_agrees(session):
    first, second = a_source(session, "First report"), a_source(session, "Second report")
    captured(session, first, RELEASE)
    captured(session, second, f"Our reporter writes: {RELEASE}")

    assert suggested(session, first) == [(Why.TEXT, "Second report")]
    hint = queries.origins.suggestions(session, second.id)[0]
    origin = desk.origins.agree(session, hint, by=a_member(session))
    session.commit()

    assert {s.title for s in queries.origins.page(session, origin.id).sources.rows} == {
        "First report",
        "Second report",
    }
    assert suggested(session, first) == []
    with pytest.raises(Refused, match="decided"):
        desk.origins.agree(session, queries.origins.hint(session, hint.id), by=a_member(session))


def test_what_a_person_called_independent_is_not_suggested_again(session):
    first, second = a_source(session, "First report"), a_source(session, "Second report")
    captured(session, first, RELEASE)
    captured(session, second, RELEASE)

    hint = queries.origins.suggestions(session, first.id)[0]
    desk.origins.disagree(session, hint, by=a_member(session))
    captured(session, second, f"{RELEASE} Updated.")

    assert suggested(session, second) == []


def test_one_canonical_address_is_suggested_as_one_origin(session):
    first = a_source(session, "First", "https://wire.example/dams")
    second = a_source(session, "Second", "https://daily.example/from-the-wire")

    captured(session, second, "Too short to compare.", canonical="https://wire.example/dams")

    assert suggested(session, first) == [(Why.ADDRESS, "Second")]


def test_one_site_is_suggested_only_where_both_speak_on_one_claim(session):
    claim = a_claim(session, evidence=[])
    first = a_source(session, "First", "https://www.daily.example.org/one")
    second = a_source(session, "Second", "https://blog.daily.example.org/two")
    third = a_source(session, "Third", "https://daily.example.org/three")

    for source in (first, second):
        weighed(session, claim, source)

    assert suggested(session, first) == [(Why.SITE, "Second")]
    assert suggested(session, third) == []


def test_sources_of_two_origins_are_not_thrown_together(session):
    first, second = a_source(session, "First report"), a_source(session, "Second report")
    captured(session, first, RELEASE)
    captured(session, second, RELEASE)
    member = a_member(session)
    desk.origins.join(session, first, "The made-up ministry", by=member)
    desk.origins.join(session, second, "The made-up wire", by=member)

    hint = queries.origins.suggestions(session, first.id)[0]

    with pytest.raises(Refused, match="different origins"):
        desk.origins.agree(session, hint, by=member)


@pytest.mark.parametrize("way", ["address", "canonical", "text", "shared origin"])
def test_the_article_itself_is_no_evidence_for_its_own_claims(session, way):
    article = an_article(session)
    article.url = "https://daily.example/made-up-dam"
    desk.articles.load_text(session, article, RELEASE, by=an_owner(session))
    claim = a_claim(session, article=article, evidence=[])
    source = a_source(
        session, "A copy", article.url if way == "address" else "https://other.example/copy"
    )
    if way == "canonical":
        captured(session, source, "Short.", canonical=f"{article.url}?utm_source=x")
    if way == "text":
        captured(session, source, f"{RELEASE} Syndicated.")
    if way == "shared origin":
        itself = a_source(session, "Itself", article.url)
        for one in (source, itself):
            desk.origins.join(session, one, "The daily", by=a_member(session))
    session.commit()

    with pytest.raises(Refused, match="no evidence"):
        weighed(session, claim, source)
    session.rollback()
    piece = weighed(session, claim, source, reason="It contradicts itself in paragraph nine.")

    assert piece.own_article_reason == "It contradicts itself in paragraph nine."
    assert queries.origins.independence(session, claim.id).refutes == 0


def test_an_article_whose_text_is_not_loaded_is_known_by_what_is_quoted_from_it(session):
    article = an_article(session)
    said = [sentence.strip() for sentence in RELEASE.split(".") if sentence.strip()]
    claims = [a_claim(session, s, article=article, quotation=s, evidence=[]) for s in said]
    copy, other = a_source(session, "A copy"), a_source(session, "A report on it")
    captured(session, copy, f"{RELEASE} Syndicated.")
    captured(session, other, f"The article says: “{said[0]}”. The register says otherwise.")

    with pytest.raises(Refused, match="no evidence"):
        weighed(session, claims[0], copy)
    session.rollback()

    assert weighed(session, claims[0], other)


@pytest.mark.parametrize("way", ["text of the article", "text of the source", "address"])
def test_what_turns_out_to_be_the_article_later_has_to_be_explained_before_a_ruling(session, way):
    article, member = an_article(session), a_member(session)
    claim = a_claim(session, article=article)
    source = a_source(session, "A copy", "https://other.example/copy")
    if way == "text of the article":
        captured(session, source, f"{RELEASE} Syndicated.")
    piece = weighed(session, claim, source)
    if way != "address":
        desk.articles.load_text(session, article, RELEASE, by=member)
    if way == "text of the source":
        captured(session, source, f"{RELEASE} Syndicated.")
    if way == "address":
        article.url = source.url
    session.commit()
    a_verdict(session, claim)
    rating, editor = the_rating(session, "false"), an_owner(session)

    with pytest.raises(Refused, match=r"as the desk knows by now: .*A copy"):
        desk.rulings.settle(session, claim, rating, "So it is.", read=0, by=editor)
    session.rollback()
    explained = Finding(Stance.REFUTES, "", note="See there.", own_article_reason="It says both.")
    desk.evidence.edit(session, piece, explained, read=piece.version, by=editor)

    assert desk.rulings.settle(session, claim, rating, "So it is.", read=0, by=editor)


def test_another_article_is_evidence_like_any_other(session):
    article = an_article(session)
    article.url = "https://daily.example/made-up-dam"
    claim = a_claim(session, article=article, evidence=[])

    assert weighed(session, claim, a_source(session, "Other", "https://daily.example/other"))


def test_a_ruling_on_too_few_origins_needs_a_written_reason(session):
    settings = session.get_one(Desk, 1)
    desk.settings.change_policy(
        session,
        settings,
        verdicts_required=1,
        blind=False,
        origins_required=2,
        read=settings.version,
        by=an_owner(session),
    )
    claim = a_claim(session)
    a_verdict(session, claim)
    rating, editor = the_rating(session, "false"), an_owner(session)

    with pytest.raises(Refused, match="one independent origin on either side"):
        desk.rulings.settle(session, claim, rating, "Wrong.", read=0, by=editor)
    session.rollback()
    ruling = desk.rulings.settle(
        session, claim, rating, "Wrong.", read=0, by=editor, origins_reason="Nobody else counts."
    )

    assert ruling.origins_reason == "Nobody else counts."
