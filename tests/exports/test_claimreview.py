"""ClaimReview: what Google asks for is there, and what is not known is not."""

import json
from dataclasses import replace

from claims import exports
from claims.rules import reports
from claims.rules.vocabulary import Correction, SpeakerType
from tests.exports.values import DAY, a_finding, a_piece, a_report, rated, the_article

# https://developers.google.com/search/docs/appearance/structured-data/factcheck
# as of November 2026: property, whether it is required, and the types it may have.
GOOGLE = {
    "ClaimReview": {
        "claimReviewed": (True, str),
        "reviewRating": (True, "Rating"),
        "url": (True, str),
        "author": (False, "Organization"),
        "datePublished": (False, str),
        "itemReviewed": (False, "Claim"),
    },
    "Claim": {
        "appearance": (False, "Article"),
        "author": (False, ("Organization", "Person")),
        "datePublished": (False, str),
        "firstAppearance": (False, "Article"),
    },
    "Rating": {
        "alternateName": (True, str),
        "bestRating": (False, int),
        "name": (False, str),
        "ratingValue": (False, int),
        "worstRating": (False, int),
    },
}


def reviews(report):
    return json.loads("".join(exports.FORMATS["claimreview"].write(report, None)))


def lacking(item, *, required_only):
    """The properties of Google's list that an item and the items in it lack or have wrong."""
    found = []
    for name, (required, kinds) in GOOGLE.get(item["@type"], {}).items():
        value = item.get(name)
        if value is None:
            if required or not required_only:
                found.append(f"{item['@type']}.{name}")
        elif isinstance(kinds, type):
            if not isinstance(value, kinds):
                found.append(f"{item['@type']}.{name} is {value!r}")
        elif value["@type"] not in kinds:
            found.append(f"{item['@type']}.{name} is a {value['@type']}")
        else:
            found += lacking(value, required_only=required_only)
    return found


def test_a_claim_of_the_article_itself_has_all_that_google_requires_and_recommends():
    (review,) = reviews(a_report(a_finding(speaker=None)))

    assert review["@context"] == "https://schema.org"
    assert lacking(review, required_only=False) == []


def test_of_a_speaker_only_the_first_time_they_said_so_is_not_known():
    (review,) = reviews(a_report())

    assert lacking(review, required_only=False) == ["Claim.datePublished", "Claim.firstAppearance"]
    assert review["itemReviewed"]["author"] == {
        "@type": "Person",
        "name": "Minister Madeup",
        "description": "made-up minister",
        "sameAs": "https://people.example/m",
    }


def test_a_rating_off_the_line_of_truth_has_a_word_and_no_number():
    (review,) = reviews(a_report(a_finding("misleading")))

    assert lacking(review, required_only=True) == []
    assert review["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "Misleading",
        "name": "Misleading",
    }


def test_a_number_lies_between_false_and_true():
    (review,) = reviews(a_report(a_finding("false")))

    rating = review["reviewRating"]
    assert (rating["ratingValue"], rating["worstRating"], rating["bestRating"]) == (1, 1, 5)


def test_a_review_says_where_it_is_published_by_whom_and_when():
    (review,) = reviews(a_report())

    assert review["url"] == "https://desk.example/reports/3#claim-7"
    assert review["author"] == {
        "@type": "Organization",
        "name": "The Made-up Desk",
        "url": "https://desk.example",
        "logo": "https://desk.example/logo.png",
    }
    assert review["datePublished"] == "2026-11-22T09:30:00+00:00"


def test_the_place_that_a_review_names_is_in_the_page():
    page = "".join(exports.FORMATS["html"].write(a_report(), None))

    assert 'id="claim-7"' in page


def test_a_correction_dates_the_review_anew():
    change = reports.ReportedCorrection(
        kind=Correction.UPDATE,
        reason="New figures.",
        at=DAY.replace(day=25),
        by="Editor One",
        before=rated("false"),
        after=rated("half-true"),
    )

    (review,) = reviews(a_report(a_finding(corrections=(change,))))

    assert review["datePublished"] == "2026-11-22T09:30:00+00:00"
    assert review["dateModified"] == "2026-11-25T09:30:00+00:00"


def test_a_draft_is_not_for_the_world():
    report = a_report(a_finding(published_at=None))

    assert reviews(report) == []
    assert "No ruling in this report is published" in exports.claimreview.missing(report)[0]


def test_nothing_is_missing_when_everything_is_known():
    assert exports.claimreview.missing(a_report()) == []


def test_without_the_desks_address_and_name_the_export_says_so_and_invents_none():
    desk = reports.ReportedDesk(name="Fact Desk", public_url=None, logo_url=None)
    report = a_report(desk=desk)

    address, name = exports.claimreview.missing(report)
    (review,) = reviews(report)

    assert "public address is not set" in address
    assert "no name of its own" in name
    assert "url" not in review
    assert "url" not in review["author"]
    assert "application/ld+json" not in "".join(exports.FORMATS["html"].write(report, None))


def test_what_is_not_known_of_the_article_stays_out():
    bare = the_article(url=None, author=None, publisher=None, published_on=None)
    report = a_report(a_finding(speaker=None), articles=(bare,))

    (review,) = reviews(report)

    assert set(review["itemReviewed"]) == {"@type", "appearance", "firstAppearance"}
    assert set(review["itemReviewed"]["appearance"]) == {"@type", "headline", "inLanguage"}
    assert len(exports.claimreview.missing(report)) == 2


def test_the_words_of_a_claim_are_those_of_the_desk_without_the_rating():
    (review,) = reviews(a_report())

    assert review["claimReviewed"] == "The made-up dam holds 40 million litres"
    assert review["reviewBody"] == "The register says 40."


def test_a_body_is_no_person_and_who_is_neither_on_record_is_credited_to_nobody():
    def credited(kind):
        finding = a_finding("false")
        speaker = replace(finding.speaker, type=kind)
        report = a_report(replace(finding, speaker=speaker))
        (review,) = reviews(report)
        return review["itemReviewed"].get("author"), " ".join(exports.claimreview.missing(report))

    body, nothing_missing = credited(SpeakerType.BODY)
    nobody, said = credited(None)

    assert body["@type"] == "Organization"
    assert "person or a body" not in nothing_missing
    assert nobody is None
    assert "whether “Minister Madeup” is a person or a body" in said


def test_a_review_cites_its_sources_and_where_they_are_archived():
    archived = "https://web.archive.org/web/20190721120000/https://register.example/dams"
    piece = a_piece(archive_url=archived)
    by_word = a_piece(title="A letter", url="javascript:alert(1)", published_on=None)

    (review,) = reviews(a_report(findings=(a_finding(evidence=(piece, by_word)),)))

    first, second = review["citation"]
    assert (first["name"], first["archivedAt"]) == ("Register of made-up dams", archived)
    assert second == {"@type": "CreativeWork", "name": "A letter"}
