"""What a report is made of: each ruling and all that it rests on, and each claim without one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import col

from claims import rules
from claims.models import (
    Appearance,
    Claim,
    Evidence,
    Origin,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.queries.selections import (
    Selected,
    agree,
    evidence,
    first_published,
    quotations,
    verdicts,
    word,
)
from claims.rules import reports
from claims.rules.reports import Finding, LeftOut
from claims.rules.vocabulary import Correction, Kind, Placement, SourceType, Stance, State

_RULED = (
    col(Speaker.name),
    col(Speaker.role),
    col(Speaker.type),
    col(Speaker.same_as),
    col(Ruling.rating_id),
    col(Ruling.rationale),
    col(Ruling.ruled_by_id),
    col(Ruling.created_at),
    col(Ruling.published_at),
    col(Ruling.reopened_at),
    col(Ruling.reopening_reason),
    col(Ruling.supersedes_id),
    col(Ruling.origins_reason),
)
_LEFT_OUT = (
    sa.select(col(Ruling.id))
    .where(col(Ruling.claim_id) == col(Claim.id))
    .correlate(Claim)
    .exists()
    .label("ruled"),
)
_QUOTATIONS = quotations(
    col(Appearance.quotation), col(Appearance.paragraph), word(Appearance.placement)
)
_VERDICTS = verdicts(col(Verdict.member_id), col(Verdict.rating_id), word(Verdict.confidence))
# Of the columns before the last three, a `ReportedEvidence` is made.
_EVIDENCE = evidence(
    word(Evidence.stance),
    col(Source.title),
    word(Source.type),
    col(Source.publisher),
    col(Source.author),
    col(Source.published_on),
    col(Source.url),
    col(Source.language),
    col(Evidence.excerpt),
    col(Evidence.locator),
    col(Source.reliability),
    col(Evidence.credibility),
    col(Evidence.note),
    col(Source.archive_url),
    col(Origin.name),
    col(Evidence.own_article_reason),
    col(Evidence.id),
    col(Evidence.source_id),
    col(Source.origin_id),
).outerjoin(Origin, col(Origin.id) == col(Source.origin_id))

_KINDS = {str(kind): kind for kind in Kind}
_STATES = {str(state): state for state in State}
_STANCES = {str(stance): stance for stance in Stance}
_TYPES = {str(type_): type_ for type_ in SourceType}
_PLACEMENTS = {str(placement): placement for placement in Placement}


class Findings:
    """Reads the findings on selected claims, and the claims on which there is none."""

    def __init__(self, claims: Selected) -> None:
        self._claims = claims

    def settled(self) -> Iterator[Finding]:
        """Each ruling that is reported, in the order that the filters ask for."""
        for batch in self._claims.batches(self._claims.reported, *_RULED):
            ids = [row[0] for row in batch]
            corrected = [claim_id for claim_id, *_, supersedes_id, _ in batch if supersedes_id]
            history = self._claims.history(corrected)
            quoted, judged = self._quotations(ids), self._verdicts(ids)
            weighed, origins = self._evidence(ids)
            # By their places: to ask rows for columns by name takes longer than all the rest.
            for (
                claim_id,
                article_id,
                number,
                statement,
                kind,
                _state,
                *speaker,
                rating_id,
                rationale,
                ruled_by_id,
                ruled_at,
                published_at,
                reopened_at,
                reopening_reason,
                supersedes_id,
                origins_reason,
            ) in batch:
                earlier = history.get(claim_id, ())
                yield Finding(
                    claim_id=claim_id,
                    article_id=article_id,
                    number=number,
                    statement=statement,
                    kind=_KINDS[kind],
                    speaker=None if speaker[0] is None else reports.ReportedSpeaker(*speaker),
                    quotations=tuple(quoted.get(claim_id, ())),
                    rating=self._claims.ratings[rating_id],
                    rationale=rationale,
                    ruled_by=self._claims.names[ruled_by_id],
                    ruled_at=ruled_at,
                    published_at=first_published(published_at, supersedes_id, earlier),
                    reopened_at=reopened_at,
                    reopening_reason=reopening_reason,
                    corrections=tuple(self._claims.corrections(earlier)),
                    verdicts=judged.get(claim_id),
                    evidence=tuple(weighed.get(claim_id, ())),
                    origins=_origins(origins[claim_id], origins_reason),
                )

    def left_out(self) -> Iterator[LeftOut]:
        """Each claim on which no ruling can be reported, in the same order."""
        for batch in self._claims.batches(self._claims.unreported, *_LEFT_OUT):
            history = self._claims.history([claim_id for claim_id, *_, ruled in batch if ruled])
            for claim_id, article_id, number, statement, kind, state, _ruled in batch:
                corrections = self._claims.corrections(history.get(claim_id, ()))
                taken_back = [one for one in corrections if one.kind is Correction.VOID]
                yield LeftOut(
                    claim_id=claim_id,
                    article_id=article_id,
                    number=number,
                    statement=statement,
                    kind=_KINDS[kind],
                    state=_STATES[state],
                    taken_back=taken_back[-1] if taken_back else None,
                )

    def _quotations(self, ids: Sequence[int]) -> Mapping[int, list[reports.ReportedQuotation]]:
        found = defaultdict(list)
        for claim_id, text, paragraph, placement in self._claims.on(_QUOTATIONS, ids):
            quotation = reports.ReportedQuotation(text, paragraph, _PLACEMENTS[placement])
            found[claim_id].append(quotation)
        return found

    def _verdicts(self, ids: Sequence[int]) -> dict[int, reports.ReportedVerdicts]:
        """The standing verdicts on claims that have a ruling, as far as they are revealed."""
        given = defaultdict(list)
        for claim_id, member_id, rating_id, confidence in self._claims.on(_VERDICTS, ids):
            given[claim_id].append(
                (self._claims.names[member_id], self._claims.ratings[rating_id], confidence)
            )
        return {
            claim_id: reports.ReportedVerdicts(
                given=tuple(
                    [
                        reports.ReportedVerdict(reviewer, rating.name, confidence)
                        for reviewer, rating, confidence in all_given
                    ]
                ),
                agree=agree([rating.key for _reviewer, rating, _confidence in all_given]),
            )
            for claim_id, all_given in given.items()
            if self._claims.reveals(len(all_given))
        }

    def _evidence(self, ids: Sequence[int]) -> "tuple[_Evidence, _Origins]":
        """The evidence that stands on the claims, the best graded of each first.

        And of each piece what its claim's independent origins are counted by.
        """
        found: _Evidence = defaultdict(list)
        origins: _Origins = defaultdict(list)
        copies = self._claims.copies(ids)
        for (
            claim_id,
            stance,
            title,
            type_,
            *said,
            archive_url,
            origin,
            reason,
            key,
            source_id,
            origin_id,
        ) in self._claims.on(_EVIDENCE, ids):
            pointing, copy = _STANCES[stance], copies.get(key)
            piece = reports.ReportedEvidence(
                *(pointing, title, _TYPES[type_], *said, copy, archive_url, origin, reason)
            )
            found[claim_id].append(piece)
            origins[claim_id].append((pointing, source_id, origin_id, reason is not None))
        return found, origins


_Evidence = dict[int, list[reports.ReportedEvidence]]
_Origins = dict[int, list[rules.origins.Piece]]


def _origins(pieces: Iterable[rules.origins.Piece], reason: str | None) -> reports.ReportedOrigins:
    counted = rules.origins.independence(pieces)
    return reports.ReportedOrigins(counted.supports, counted.refutes, reason)
