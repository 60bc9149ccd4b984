"""What a report is made of, read a batch at a time: each ruling and all that it rests on.

However long the selection is, no more than a batch of it is held at once, so
that an export can be written while it is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Claim,
    Evidence,
    Member,
    Rating,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.queries import members, queue, scales, standing
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.reports import Finding, LeftOut, ReportedRating
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Correction

BATCH = 1000


class Reader:
    """Reads the findings on the claims that filters let through, and the claims left out.

    Rulings that are not published are among the findings only if asked for.
    Filters that ask about a member ("mine") need a viewer.
    """

    def __init__(
        self,
        session: Session,
        filters: Filters,
        *,
        viewer: Member | None = None,
        unpublished: bool = False,
    ) -> None:
        self.session = session
        self.policy = standing.desk(session).policy
        self.chosen = queue.matching(filters, cast(Member, viewer))
        self._order = queue.order(filters)
        published = col(Ruling.published_at).is_not(None)
        draft = sa.and_(col(Ruling.id).is_not(None), col(Ruling.reopened_at).is_(None))
        self._reported = sa.or_(published, draft) if unpublished else published
        self._names = members.names(session)
        self._ratings = {id_: as_reported(rating) for id_, rating in scales.every(session).items()}

    def titles(self) -> Mapping[int, str]:
        """The titles of the articles that the claims are from, by id."""
        ids = self.chosen.with_only_columns(col(Claim.article_id))
        query = sa.select(col(Article.id), col(Article.title)).where(col(Article.id).in_(ids))
        return {article.id: article.title for article in self.session.execute(query)}

    def findings(self) -> Iterator[Finding]:
        """Each ruling that is reported, in the order that the filters ask for."""
        for batch in self._batches(self._reported):
            ids = [row.id for row in batch]
            corrected = [row.id for row in batch if row.supersedes_id is not None]
            history = self._history(corrected) if corrected else {}
            quotations, evidence = self._quotations(ids), self._evidence(ids)
            verdicts = self._verdicts(ids)
            for row in batch:
                earlier = history.get(row.id, ())
                yield Finding(
                    claim_id=row.id,
                    article_id=row.article_id,
                    number=row.number,
                    statement=row.statement,
                    kind=row.kind,
                    speaker=_speaker(row),
                    quotations=tuple(quotations.get(row.id, ())),
                    rating=self._ratings[row.rating_id],
                    rationale=row.rationale,
                    ruled_by=self._names[row.ruled_by_id],
                    ruled_at=row.ruled_at,
                    published_at=_first_published(row, earlier),
                    reopened_at=row.reopened_at,
                    reopening_reason=row.reopening_reason,
                    corrections=tuple(self._corrections(earlier)),
                    verdicts=verdicts.get(row.id),
                    evidence=tuple(evidence.get(row.id, ())),
                )

    def left_out(self) -> Iterator[LeftOut]:
        """Each claim on which no ruling can be reported, in the same order."""
        for batch in self._batches(sa.not_(sa.func.coalesce(self._reported, sa.false()))):
            history = self._history([row.id for row in batch])
            for row in batch:
                corrections = self._corrections(history.get(row.id, ()))
                taken_back = [one for one in corrections if one.kind is Correction.VOID]
                yield LeftOut(
                    claim_id=row.id,
                    article_id=row.article_id,
                    number=row.number,
                    statement=row.statement,
                    kind=row.kind,
                    state=row.state,
                    taken_back=taken_back[-1] if taken_back else None,
                )

    def _batches(self, condition: Any) -> Iterator[Sequence[Any]]:
        """Claims with their speaker and the ruling in force, a batch after the other."""
        ids = self.chosen.with_only_columns(col(Claim.id))
        query = (
            sa.select(
                col(Claim.id),
                col(Claim.article_id),
                col(Claim.number),
                col(Claim.statement),
                col(Claim.kind),
                col(Claim.state),
                col(Claim.changed_at),
                col(Claim.evidence_count),
                col(Speaker.name),
                col(Speaker.role),
                col(Speaker.type),
                col(Speaker.same_as),
                col(Ruling.rating_id),
                col(Ruling.rationale),
                col(Ruling.ruled_by_id),
                col(Ruling.created_at).label("ruled_at"),
                col(Ruling.published_at),
                col(Ruling.reopened_at),
                col(Ruling.reopening_reason),
                col(Ruling.supersedes_id),
            )
            .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
            .outerjoin(Ruling, sa.and_(col(Ruling.claim_id) == Claim.id, col(Ruling.standing)))
            .where(ids.whereclause, condition)
        )
        after: str | None = None
        while True:
            batch = self.session.execute(self._order.apply(query, after).limit(BATCH)).all()
            if batch:
                yield batch
            if len(batch) < BATCH:
                return
            after = self._order.cursor(batch[-1])

    def _history(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        """Every ruling that each of these claims ever had, oldest first."""
        rulings = self.session.execute(
            sa.select(
                col(Ruling.claim_id),
                col(Ruling.id),
                col(Ruling.rating_id),
                col(Ruling.ruled_by_id),
                col(Ruling.created_at),
                col(Ruling.published_at),
                col(Ruling.supersedes_id),
                col(Ruling.correction),
                col(Ruling.correction_reason),
            )
            .where(col(Ruling.claim_id).in_(ids))
            .order_by(col(Ruling.claim_id), col(Ruling.id))
        )
        return {claim: list(of) for claim, of in groupby(rulings, key=lambda row: row.claim_id)}

    def _corrections(self, history: Iterable[Any]) -> Iterator[reports.ReportedCorrection]:
        by_id = {ruling.id: ruling for ruling in history}
        for ruling in by_id.values():
            if ruling.correction is None:
                continue
            before = by_id.get(ruling.supersedes_id)
            yield reports.ReportedCorrection(
                kind=ruling.correction,
                reason=ruling.correction_reason or "",
                at=ruling.created_at,
                by=self._names[ruling.ruled_by_id],
                before=self._ratings[before.rating_id] if before else None,
                after=self._ratings[ruling.rating_id],
            )

    def _quotations(self, ids: Sequence[int]) -> Mapping[int, list[reports.ReportedQuotation]]:
        rows = self.session.execute(
            sa.select(
                col(Appearance.claim_id),
                col(Appearance.quotation),
                col(Appearance.paragraph),
                col(Appearance.placement),
            )
            .where(col(Appearance.claim_id).in_(ids))
            .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
        )
        found = defaultdict(list)
        for claim_id, text, paragraph, placement in rows:
            found[claim_id].append(
                reports.ReportedQuotation(text=text, paragraph=paragraph, placement=placement)
            )
        return found

    def _verdicts(self, ids: Sequence[int]) -> dict[int, reports.ReportedVerdicts]:
        """The standing verdicts on claims that have a ruling, as far as they are revealed."""
        rows = self.session.execute(
            sa.select(
                col(Verdict.claim_id),
                col(Verdict.member_id),
                col(Verdict.rating_id),
                col(Verdict.confidence),
            )
            .where(col(Verdict.standing), col(Verdict.claim_id).in_(ids))
            .order_by(col(Verdict.claim_id), col(Verdict.id))
        )
        found = {}
        for claim_id, of in groupby(rows, key=lambda row: row.claim_id):
            given = list(of)
            if not rules.visibility.verdicts_revealed(self.policy, verdicts=len(given), ruled=True):
                continue
            keys = {self._ratings[row.rating_id].key for row in given}
            found[claim_id] = reports.ReportedVerdicts(
                given=tuple(
                    reports.ReportedVerdict(
                        reviewer=self._names[row.member_id],
                        rating=self._ratings[row.rating_id].name,
                        confidence=row.confidence,
                    )
                    for row in given
                ),
                agree=len(keys) == 1 if len(given) > 1 else None,
            )
        return found

    def _evidence(self, ids: Sequence[int]) -> Mapping[int, list[reports.ReportedEvidence]]:
        """The evidence that stands on the claims, the best graded of each first."""
        rows = self.session.execute(
            sa.select(
                col(Evidence.claim_id),
                col(Evidence.stance),
                col(Source.title),
                col(Source.type),
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
            )
            .join(Source, col(Source.id) == col(Evidence.source_id))
            .where(col(Evidence.claim_id).in_(ids), col(Evidence.withdrawn_at).is_(None))
            .order_by(
                col(Evidence.claim_id),
                sa.func.coalesce(col(Source.reliability), "F"),
                sa.func.coalesce(col(Evidence.credibility), 6),
                col(Evidence.id),
            )
        )
        found = defaultdict(list)
        for row in rows:
            found[row.claim_id].append(
                reports.ReportedEvidence(
                    stance=row.stance,
                    title=row.title,
                    type=row.type,
                    publisher=row.publisher,
                    author=row.author,
                    published_on=row.published_on,
                    url=row.url,
                    language=row.language,
                    excerpt=row.excerpt,
                    locator=row.locator,
                    reliability=row.reliability,
                    credibility=row.credibility,
                    note=row.note,
                )
            )
        return found


def as_reported(rating: Rating | RatingDefinition) -> ReportedRating:
    """A rating as a report carries it."""
    return ReportedRating(
        key=rating.key,
        name=rating.name,
        number=rating.number,
        colour=rating.colour,
        shape=rating.shape,
        definition=rating.definition,
    )


def _speaker(row: Any) -> reports.ReportedSpeaker | None:
    if row.name is None:
        return None
    return reports.ReportedSpeaker(name=row.name, role=row.role, type=row.type, same_as=row.same_as)


def _first_published(ruling: Any, history: Iterable[Any]) -> datetime | None:
    """When the ruling, or the one that it corrects, was first published."""
    by_id = {earlier.id: earlier for earlier in history}
    first: datetime | None = ruling.published_at
    before = by_id.get(ruling.supersedes_id)
    while before is not None and before.published_at is not None:
        first = before.published_at
        before = by_id.get(before.supersedes_id)
    return first
