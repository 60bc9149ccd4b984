"""A report as schema.org ClaimReview, in JSON-LD, with what Google asks for.

https://developers.google.com/search/docs/appearance/structured-data/factcheck
What the desk does not know stays out; `missing` says so.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from claims import prose
from claims.rules.addresses import is_web
from claims.rules.reports import (
    Finding,
    ReportedArticle,
    ReportedEvidence,
    ReportedRating,
    ReportedSpeaker,
    VerdictReport,
)
from claims.rules.scales import BEST, WORST
from claims.rules.vocabulary import SpeakerType

_UNNAMED = "Fact Desk"


def write(report: VerdictReport, _digest: str | None) -> Iterator[str]:
    """A list of reviews, one for each published ruling."""
    before = "[\n"
    for review in reviews(report):
        yield before + json.dumps(review, ensure_ascii=False, indent=2)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def embedded(report: VerdictReport) -> Iterator[str]:
    """The same, to stand inside a `script` element: nothing in it can close that."""
    for part in write(report, None):
        for character in "<>&\u2028\u2029":
            part = part.replace(character, f"\\u{ord(character):04x}")
        yield part


def reviews(report: VerdictReport) -> Iterator[dict[str, Any]]:
    """A ClaimReview for each ruling; one that is not published yet is not for the world."""
    articles = {article.id: article for article in report.articles}
    for finding in report.findings:
        if finding.published_at is not None:
            yield _review(report, finding, articles[finding.article_id])


def missing(report: VerdictReport) -> list[str]:
    """What the reviews lack for search engines to take them, a sentence each."""
    return list(_missing(report))


def _missing(report: VerdictReport) -> Iterable[str]:
    figures = report.figures
    published = figures.rulings - figures.drafts
    if not is_web(report.desk.public_url):
        yield (
            "The desk’s public address is not set, so no review says where it is published. "
            "An owner sets it under Settings."
        )
    if not report.desk.name.strip() or report.desk.name == _UNNAMED:
        yield "The desk has no name of its own, so readers cannot tell who reviewed the claims."
    if not published:
        yield "No ruling in this report is published, so there is no review to give."
    if figures.drafts and published:
        left_out = "One ruling is" if figures.drafts == 1 else f"{figures.drafts} rulings are"
        yield f"{left_out} not published yet and left out."
    for article in report.articles:
        if article.id in figures.articles and not is_web(article.url):
            yield (
                f"The article “{article.title}” has no web address, "
                "so its reviews do not say where the claims appear."
            )
        if article.id in figures.speaking and not (article.author or article.publisher):
            yield (
                f"Neither author nor publisher of “{article.title}” is known, "
                "so the claims that it makes itself are credited to nobody."
            )
    for name in sorted(figures.untyped):
        yield (
            f"It is not recorded whether “{name}” is a person or a body, so their claims are "
            "credited to nobody. A reviewer says so under Edit on one of their claims."
        )


def _review(report: VerdictReport, finding: Finding, article: ReportedArticle) -> dict[str, Any]:
    changed = finding.corrections[-1].at if finding.corrections else None
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "ClaimReview",
            "url": _address(report, finding),
            "name": f"Fact check: {finding.statement}",
            "claimReviewed": finding.statement,
            "datePublished": _moment(finding.published_at),
            "dateModified": _moment(changed),
            "author": _known(
                {
                    "@type": "Organization",
                    "name": report.desk.name,
                    "url": _web(report.desk.public_url),
                    "logo": _web(report.desk.logo_url),
                }
            ),
            "reviewRating": _rating(finding.rating),
            "reviewBody": prose.to_text(finding.rationale),
            "itemReviewed": _claim(finding, article),
            "citation": [_cited(piece) for piece in finding.evidence] or None,
        }
    )


def _address(report: VerdictReport, finding: Finding) -> str | None:
    """Where readers find the review: in the frozen report, or at the claim itself."""
    home = _web(report.desk.public_url)
    if home is None:
        return None
    if report.number is None:
        return f"{home.rstrip('/')}/claims/{finding.claim_id}"
    return f"{home.rstrip('/')}/reports/{report.number}#claim-{finding.claim_id}"


def _rating(rating: ReportedRating) -> dict[str, Any]:
    """The word in every case; the number only where the rating lies on the line of truth."""
    words = {"@type": "Rating", "alternateName": rating.name, "name": rating.name}
    if rating.number is None:
        return words
    return words | {
        "ratingValue": rating.number,
        "bestRating": BEST,
        "worstRating": WORST,
        "ratingExplanation": rating.definition,
    }


def _claim(finding: Finding, article: ReportedArticle) -> dict[str, Any]:
    text = _known(
        {
            "@type": "Article",
            "url": _web(article.url),
            "headline": article.title,
            "author": _named("Person", article.author),
            "publisher": _named("Organization", article.publisher),
            "datePublished": article.published_on,
            "inLanguage": article.language,
        }
    )
    claim = {"@type": "Claim", "appearance": text}
    if finding.speaker:
        if finding.speaker.type is None:
            return claim
        # When and where a speaker first said so is not known from the article.
        return claim | {"author": _speaker(finding.speaker)}
    author = text.get("author") or text.get("publisher")
    return claim | _known(
        {"author": author, "datePublished": article.published_on, "firstAppearance": text}
    )


def _cited(piece: ReportedEvidence) -> dict[str, Any]:
    """A source that the ruling rests on, and where an outside archive keeps it."""
    return _known(
        {
            "@type": "CreativeWork",
            "name": piece.title,
            "url": _web(piece.url),
            "archivedAt": _web(piece.archive_url),
            "datePublished": piece.published_on,
            "inLanguage": piece.language,
        }
    )


def _speaker(speaker: ReportedSpeaker) -> dict[str, Any]:
    return _known(
        {
            "@type": "Organization" if speaker.type is SpeakerType.BODY else "Person",
            "name": speaker.name,
            "description": speaker.role,
            "sameAs": _web(speaker.same_as),
        }
    )


def _named(kind: str, name: str | None) -> dict[str, str] | None:
    return {"@type": kind, "name": name} if name else None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _web(address: str | None) -> str | None:
    return address if is_web(address) else None


def _known(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "", {})}
