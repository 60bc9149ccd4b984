"""Made-up reports, as plain values; a test states only what matters to it."""

from datetime import UTC, datetime

from claims.rules import reports
from claims.rules.reports import VerdictReport
from claims.rules.scales import DEFAULT_SCALE
from claims.rules.vocabulary import Kind, Placement, SourceType, SpeakerType, Stance, State

DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

SCALE = tuple(
    reports.ReportedRating(
        key=r.key,
        name=r.name,
        number=r.number,
        colour=r.colour,
        shape=r.shape,
        definition=r.definition,
    )
    for r in DEFAULT_SCALE
)


def rated(key: str) -> reports.ReportedRating:
    return next(rating for rating in SCALE if rating.key == key)


def a_piece(stance: Stance = Stance.SUPPORTS, **fields: object) -> reports.ReportedEvidence:
    return reports.ReportedEvidence(
        **{
            "stance": stance,
            "title": "Register of made-up dams",
            "type": SourceType.OFFICIAL_RECORD,
            "publisher": "Made-up Water Board",
            "author": None,
            "published_on": "2009-07",
            "url": "https://register.example/dams",
            "language": None,
            "excerpt": "40 million litres",
            "locator": "p. 4",
            "reliability": "A",
            "credibility": 2,
            "note": "",
        }
        | fields
    )


def a_finding(key: str = "half-true", **fields: object) -> reports.Finding:
    return reports.Finding(
        **{
            "claim_id": 7,
            "article_id": 1,
            "number": 23,
            "statement": "The made-up dam holds 40 million litres",
            "kind": Kind.NUMBER,
            "speaker": reports.ReportedSpeaker(
                name="Minister Madeup",
                role="made-up minister",
                type=SpeakerType.PERSON,
                same_as="https://people.example/m",
            ),
            "quotations": (
                reports.ReportedQuotation(
                    text="holds 40 million litres", paragraph=2, placement=Placement.FOUND
                ),
            ),
            "rating": rated(key),
            "rationale": "The register says **40**.",
            "ruled_by": "Editor One",
            "ruled_at": DAY,
            "published_at": DAY,
            "reopened_at": None,
            "reopening_reason": None,
            "corrections": (),
            "verdicts": None,
            "evidence": (a_piece(),),
        }
        | fields
    )


def left_out(**fields: object) -> reports.LeftOut:
    return reports.LeftOut(
        **{
            "claim_id": 8,
            "article_id": 1,
            "number": 24,
            "statement": "It overflows next year",
            "kind": Kind.PREDICTION,
            "state": State.TO_CHECK,
            "taken_back": None,
        }
        | fields
    )


def the_article(**fields: object) -> reports.ReportedArticle:
    return reports.ReportedArticle(
        **{
            "id": 1,
            "title": "A made-up article about a made-up dam",
            "url": "https://gazette.example/dam",
            "publisher": "The Made-up Gazette",
            "author": "A. Madeup",
            "published_on": "2026-11-20",
            "language": "en",
            "text_sha256": "ab" * 32,
        }
        | fields
    )


def a_report(*findings: reports.Finding, **fields: object) -> VerdictReport:
    found = findings or (a_finding(),)
    scale, tally = reports.counted(SCALE, [(finding.rating, 1) for finding in found])
    return VerdictReport(
        **{
            "number": 3,
            "title": "A made-up article about a made-up dam",
            "desk": reports.ReportedDesk(
                name="The Made-up Desk",
                public_url="https://desk.example",
                logo_url="https://desk.example/logo.png",
            ),
            "made_at": DAY,
            "made_by": "Editor One",
            "ledger_head": "cd" * 32,
            "selection": reports.Selection(filter={"article": "1"}, words="Every claim"),
            "policy": reports.ReportedPolicy(verdicts_required=2, blind=True, words="Two, blind."),
            "scale": scale,
            "tally": tally,
            "articles": (the_article(),),
            "findings": found,
            "left_out": (left_out(),),
            "withdrawn": 0,
        }
        | fields
    )
