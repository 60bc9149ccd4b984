"""What a verdict report says of a selection of claims."""

from claims import desk, exports, queries
from claims.models import Claim
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules import reports, sentences
from claims.rules.vocabulary import Correction, Kind, State
from tests.factories import (
    a_claim,
    a_correction,
    a_member,
    a_ruling,
    a_source,
    a_verdict,
    an_article,
    an_editor,
    some_evidence,
    the_rating,
)


def a_report(session, filters=None, **options):
    return queries.reports.build(
        session, filters or Filters(), made_at=now(), made_by="Editor One", **options
    )


def test_a_report_carries_published_rulings_and_names_what_it_leaves_out(session):
    article = an_article(session)
    ruled = a_claim(session, article=article)
    a_ruling(session, ruled, "half-true")
    waiting = a_claim(session, "The dam is old", article=article)

    report = a_report(session, Filters(article=article.id))

    assert [(f.statement, f.rating.name) for f in report.findings] == [
        (ruled.statement, "Half true")
    ]
    assert [(c.statement, c.state) for c in report.left_out] == [
        (waiting.statement, State.IN_REVIEW)
    ]


def test_a_ruling_that_is_not_published_is_reported_only_when_asked_for(session):
    claim = a_claim(session)
    a_ruling(session, claim, published=False)

    assert a_report(session).findings == ()
    assert a_report(session).left_out[0].state == State.RULED
    (finding,) = a_report(session, unpublished=True).findings
    assert finding.draft


def test_a_finding_holds_everything_that_it_rests_on(session):
    claim = a_claim(session, speaker="Made-up minister", evidence=[])
    source = a_source(
        session,
        "Dam survey",
        url="https://survey.example/1",
        publisher="Made-up institute",
        published_on="2009-07",
        reliability="B",
    )
    some_evidence(session, claim, source=source, excerpt="40 million litres")
    editor = an_editor(session, "Editor Two")
    a_ruling(session, claim, "true", by=editor, rationale="**Measured** in the survey.")

    (finding,) = a_report(session).findings

    assert finding.speaker.name == "Made-up minister"
    assert finding.quotations[0].text == "holds 40 million litres"
    assert finding.rationale == "**Measured** in the survey."
    assert finding.ruled_by == "Editor Two"
    (piece,) = finding.side("supports")
    assert (piece.title, piece.publisher, piece.reliability) == (
        "Dam survey",
        "Made-up institute",
        "B",
    )
    assert piece.excerpt == "40 million litres"
    assert finding.side("refutes") == ()


def test_withdrawn_evidence_is_not_reported(session):
    claim = a_claim(session)
    piece = some_evidence(session, claim, excerpt="Taken back")
    a_ruling(session, claim)
    piece.withdrawn_at = now()
    session.commit()

    (finding,) = a_report(session).findings

    assert [p.excerpt for p in finding.evidence] == ["The register lists 40 million litres."]


def test_a_correction_shows_the_old_rating_beside_the_new(session):
    claim = a_claim(session)
    first = a_ruling(session, claim, "false")
    a_correction(session, claim, "half-true", reason="New figures.")

    (finding,) = a_report(session).findings

    (change,) = finding.corrections
    assert (change.before.name, change.after.name, change.reason) == (
        "False",
        "Half true",
        "New figures.",
    )
    assert finding.rating.name == "Half true"
    assert finding.published_at == first.published_at


def test_a_ruling_taken_back_leaves_the_claim_out_and_says_why(session):
    claim = a_claim(session)
    a_ruling(session, claim)
    a_correction(session, claim, kind=Correction.VOID, reason="The wrong dam.")

    report = a_report(session)

    assert report.findings == ()
    assert report.left_out[0].taken_back.reason == "The wrong dam."


def test_a_reopened_claim_is_reported_with_the_ruling_that_stands(session):
    claim = a_claim(session)
    a_ruling(session, claim)
    desk.rulings.reopen(session, claim, "A reader wrote in.", by=an_editor(session))

    (finding,) = a_report(session).findings

    assert finding.reopening_reason == "A reader wrote in."


def test_a_draft_that_is_reopened_is_left_out(session):
    claim = a_claim(session)
    a_ruling(session, claim, published=False)
    desk.rulings.reopen(session, claim, "A reader wrote in.", by=an_editor(session))

    report = a_report(session, unpublished=True)

    assert report.findings == ()
    assert report.left_out[0].state == State.REOPENED


def test_verdicts_on_unruled_claims_stay_blind_in_a_report(session):
    claim = a_claim(session)
    settings = queries.standing.desk(session)
    settings.verdicts_required = 2
    a_verdict(
        session, claim, "misleading", by=a_member(session, "Secret reviewer"), rationale="Hush."
    )

    text = reports.to_json(a_report(session, unpublished=True))

    assert "Secret reviewer" not in text
    assert "Hush." not in text
    assert '"claims": 1' not in text


def test_reviewers_and_their_agreement_are_named_once_a_claim_is_ruled(session):
    claim = a_claim(session)
    a_verdict(session, claim, "false", by=a_member(session, "Reviewer A"))
    a_verdict(session, claim, "mostly-false", by=a_member(session, "Reviewer B"))
    desk.rulings.settle(
        session, claim, the_rating(session, "false"), "Why.", read=0, by=an_editor(session)
    )

    (finding,) = a_report(session, unpublished=True).findings

    assert finding.verdicts.agree is False
    assert [(v.reviewer, v.rating) for v in finding.verdicts.given] == [
        ("Reviewer A", "False"),
        ("Reviewer B", "Mostly false"),
    ]


def test_withdrawn_claims_of_an_article_are_counted_and_not_told(session):
    article = an_article(session)
    a_ruling(session, a_claim(session, article=article))
    gone = a_claim(session, "Withdrawn words", article=article)
    gone.withdrawn_at = now()
    session.commit()

    report = a_report(session, Filters(article=article.id))

    assert report.withdrawn == 1
    assert "Withdrawn words" not in reports.to_json(report)


def test_the_tally_counts_every_rating_of_the_scale_in_its_order(session):
    article = an_article(session)
    for key in ("false", "true", "false"):
        a_ruling(session, a_claim(session, article=article), key)

    tally = [(c.rating.name, c.claims) for c in a_report(session).tally]

    assert tally == [
        ("True", 1),
        ("Mostly true", 0),
        ("Half true", 0),
        ("Misleading", 0),
        ("Mostly false", 0),
        ("False", 2),
        ("Unproven", 0),
        ("Not checkable", 0),
    ]


def test_any_filter_of_claims_can_be_reported(session):
    article = an_article(session, "Dams")
    a_ruling(session, a_claim(session, "A number", article=article, kind=Kind.NUMBER))
    a_ruling(session, a_claim(session, "A fact", article=article, kind=Kind.FACT))

    report = a_report(session, Filters(article=article.id, kind=Kind.FACT))

    assert [f.statement for f in report.findings] == ["A fact"]
    assert report.selection.words == "Claims of “Dams”, of the kind “fact”"
    assert report.selection.filter == {"article": str(article.id), "kind": "fact"}
    assert report.withdrawn is None


def test_a_report_over_several_articles_tells_them_apart(session):
    for title, reviewer in (("Dams", "Reviewer A"), ("Bridges", "Reviewer B")):
        claim = a_claim(session, article=an_article(session, title))
        a_verdict(session, claim, by=a_member(session, reviewer))
        desk.rulings.settle(
            session, claim, the_rating(session, "false"), "Why.", read=0, by=an_editor(session)
        )

    report = a_report(session, unpublished=True)

    assert [report.article(f.article_id).title for f in report.findings] == ["Dams", "Bridges"]
    assert sentences.summary(report) == (
        "2 of 2 claims in two articles, checked by two reviewers under single review. "
        "Draft: two of these rulings are not published yet."
    )


def test_the_summary_says_what_is_settled_how_and_what_is_not(session):
    article = an_article(session)
    a_ruling(session, a_claim(session, article=article))
    a_claim(session, article=article)
    a_claim(session, article=article)

    assert sentences.summary(a_report(session, Filters(article=article.id))) == (
        "1 of the article’s 3 claims, checked by one reviewer under single review. "
        "2 claims are not settled and are listed at the end."
    )


def test_the_summary_tells_a_ruling_held_back_from_a_claim_not_settled(session):
    article = an_article(session)
    a_ruling(session, a_claim(session, article=article), published=False)

    assert sentences.summary(a_report(session, Filters(article=article.id))) == (
        "None of the article’s 1 claim is published yet."
    )

    a_ruling(session, a_claim(session, article=article))

    assert "1 claim is not settled or not published yet and is listed at the end." in (
        sentences.summary(a_report(session, Filters(article=article.id)))
    )


def test_a_report_takes_as_many_statements_for_many_claims_as_for_one(app, client, statements):
    from claims import database

    with database.session(app.extensions["engine"]) as session:
        article = an_article(session)

        def counted():
            session.expire_all()
            statements.forget()
            a_report(session, Filters(article=article.id))
            return len(statements)

        def ruled():
            claim = a_claim(session, article=article, speaker="Made-up minister")
            a_ruling(session, claim)
            a_correction(session, claim)

        ruled()
        a_claim(session, article=article)
        one = counted()
        for _ in range(4):
            ruled()
        a_claim(session, article=article)

        assert counted() == one


def test_a_report_read_in_many_batches_is_the_same(session, monkeypatch):
    article = an_article(session)
    for n in range(5):
        claim = a_claim(session, f"dam {n}", article=article, speaker="Made-up minister")
        if n % 2:
            a_ruling(session, claim)
            a_correction(session, claim, kind=Correction.VOID if n == 3 else Correction.UPDATE)
    moment = now()

    def report(**args):
        return queries.reports.build(
            session, Filters.from_args(args), made_at=moment, made_by="Editor One", unpublished=True
        )

    for sort in ("article", "changed", "newest", "evidence"):
        monkeypatch.setattr(queries.selections, "BATCH", 1000)
        whole = report(sort=sort)
        monkeypatch.setattr(queries.selections, "BATCH", 1)
        assert report(sort=sort) == whole
    assert len(whole.findings) + len(whole.left_out) == 5


def test_what_happened_to_a_reports_claims_since_is_counted(session):
    article = an_article(session)
    claims = [a_claim(session, article=article) for _ in range(5)]
    for claim in claims:
        a_ruling(session, claim)
    report = a_report(session)
    editor = an_editor(session)
    a_correction(session, claims[0])
    a_correction(session, claims[1], kind=Correction.VOID)
    desk.rulings.reopen(session, claims[2], "Why?", by=editor)
    session.get(Claim, claims[3].id).withdrawn_at = now()
    session.commit()

    changes = queries.reports.changes_since(session, report)

    assert changes == {"corrected": 1, "taken back": 1, "reopened": 1, "withdrawn": 1}
    assert sentences.changes_in_words(changes) == (
        "Since this report was frozen, of its claims one was corrected, one was taken back, "
        "one was reopened and one was withdrawn."
    )


def test_the_opening_of_a_report_has_the_first_findings_and_the_figures_of_all(session):
    viewer = an_editor(session)
    article = an_article(session)
    dams = an_article(session, "Dams")
    for n in range(12):
        claim = a_claim(
            session,
            f"dam {n}",
            article=dams if n % 2 else article,
            speaker="Made-up minister" if n % 3 == 0 else None,
        )
        if n < 10:
            a_ruling(session, claim, "true" if n % 2 else "false", published=n > 2)
        if n in {5, 6, 7}:
            a_correction(session, claim, kind=Correction.VOID if n == 7 else Correction.UPDATE)
        if n == 8:
            desk.rulings.reopen(session, claim, "A reader wrote in.", by=viewer)
    session.commit()

    for unpublished in (False, True):
        for filters in (Filters(), Filters(article=dams.id), Filters(kind=Kind.FACT)):
            moment = now()
            options = {"made_at": moment, "made_by": "One", "viewer": viewer}
            options["unpublished"] = unpublished
            whole = queries.reports.build(session, filters, **options)
            opening = queries.reports.opening(session, filters, **options, most=2)

            assert opening.findings == whole.findings[:2]
            assert opening.left_out == whole.left_out[:2]
            assert opening.figures == whole.figures
            assert opening.tally == whole.tally
            assert opening.articles == whole.articles
            assert sentences.summary(opening) == sentences.summary(whole)
            assert exports.claimreview.missing(opening) == exports.claimreview.missing(whole)
