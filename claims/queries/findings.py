"""What a report is made of, read a batch at a time: each ruling and all that it rests on.

However long the selection is, no more than a batch of it is held at once, so
that an export can be written while it is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Capture,
    Claim,
    Content,
    Evidence,
    ExcerptCheck,
    Member,
    Origin,
    Rating,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.queries import lists, members, scales, standing
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.reports import Figures, Finding, LeftOut, ReportedRating
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Correction, Kind, Placement, SourceType, Stance, State

BATCH = 500


def _word(column: Any) -> Any:
    """A column of the desk's fixed words as they are stored."""
    return sa.type_coerce(column, sa.String)


def _of_chosen(column: Any) -> Any:
    """The condition that a column names one of the claims that a statement is about."""
    # Written into the statement: a thousand parameters take longer than what they ask for.
    return column.in_(sa.bindparam("ids", expanding=True, literal_execute=True))


# What is read of claims, of those with a ruling, and of those left out; in the order in which
# they are taken apart.
_CLAIM = (
    col(Claim.id),
    col(Claim.article_id),
    col(Claim.number),
    col(Claim.statement),
    _word(Claim.kind),
    _word(Claim.state),
)
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
# What is read of what belongs to them.
_RULINGS = (
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
    .where(_of_chosen(col(Ruling.claim_id)))
    .order_by(col(Ruling.id))
)
_QUOTATIONS = (
    sa.select(
        col(Appearance.claim_id),
        col(Appearance.quotation),
        col(Appearance.paragraph),
        _word(Appearance.placement),
    )
    .where(_of_chosen(col(Appearance.claim_id)))
    .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
)
_VERDICTS = (
    sa.select(
        col(Verdict.claim_id),
        col(Verdict.member_id),
        col(Verdict.rating_id),
        _word(Verdict.confidence),
    )
    .where(col(Verdict.standing), _of_chosen(col(Verdict.claim_id)))
    .order_by(col(Verdict.id))
)
# The best graded of each claim first. Of the columns between the first and the last three, a
# `ReportedEvidence` is made.
_EVIDENCE = (
    sa.select(
        col(Evidence.claim_id),
        _word(Evidence.stance),
        col(Source.title),
        _word(Source.type),
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
    )
    .join(Source, col(Source.id) == col(Evidence.source_id))
    .outerjoin(Origin, col(Origin.id) == col(Source.origin_id))
    .where(_of_chosen(col(Evidence.claim_id)), col(Evidence.withdrawn_at).is_(None))
    .order_by(
        sa.func.coalesce(col(Source.reliability), "F"),
        sa.func.coalesce(col(Evidence.credibility), 6),
        col(Evidence.id),
    )
)
# The copy in which an excerpt was looked for; else the newest of the source.
_newest = (
    sa.select(sa.func.max(col(Capture.id)))
    .where(col(Capture.source_id) == col(Evidence.source_id), col(Capture.withdrawn_at).is_(None))
    .correlate(Evidence)
    .scalar_subquery()
)
_COPIES = (
    sa.select(
        col(Evidence.id),
        col(Capture.sha256),
        col(Capture.taken_at),
        col(ExcerptCheck.mark),
        col(Content.damage).is_not(None),
        col(Content.media_type),
    )
    .outerjoin(ExcerptCheck, col(ExcerptCheck.evidence_id) == col(Evidence.id))
    .join(Capture, col(Capture.id) == sa.func.coalesce(col(ExcerptCheck.capture_id), _newest))
    .join(Content, col(Content.sha256) == col(Capture.sha256))
    .where(_of_chosen(col(Evidence.claim_id)), col(Evidence.withdrawn_at).is_(None))
)

_IN_FORCE = sa.and_(col(Ruling.claim_id) == col(Claim.id), col(Ruling.standing))

_KINDS = {str(kind): kind for kind in Kind}
_STATES = {str(state): state for state in State}
_STANCES = {str(stance): stance for stance in Stance}
_TYPES = {str(type_): type_ for type_ in SourceType}
_PLACEMENTS = {str(placement): placement for placement in Placement}


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
        batch: int | None = None,
    ) -> None:
        self.session = session
        self._batch = batch or BATCH
        self.policy = standing.desk(session).policy
        self.chosen = lists.matching(filters, viewer)
        self._order = lists.order(filters)
        published = col(Ruling.published_at).is_not(None)
        draft = sa.and_(col(Ruling.id).is_not(None), col(Ruling.reopened_at).is_(None))
        self._reported = sa.or_(published, draft) if unpublished else published
        self._unreported = sa.not_(sa.func.coalesce(self._reported, sa.false()))
        self._names = members.names(session)
        self._ratings = {id_: as_reported(rating) for id_, rating in scales.every(session).items()}
        # A desk that keeps no copies need not look for one at every piece of evidence.
        self._keeps_copies = bool(self._rows(sa.select(col(Capture.id)).limit(1)))

    def titles(self) -> Mapping[int, str]:
        """The titles of the articles that the claims are from, by id."""
        ids = self.chosen.with_only_columns(col(Claim.article_id))
        query = sa.select(col(Article.id), col(Article.title)).where(col(Article.id).in_(ids))
        return {article.id: article.title for article in self.session.execute(query)}

    def findings(self) -> Iterator[Finding]:
        """Each ruling that is reported, in the order that the filters ask for."""
        for batch in self._batches(self._reported, *_RULED):
            ids = [row[0] for row in batch]
            corrected = [claim_id for claim_id, *_, supersedes_id, _ in batch if supersedes_id]
            history = self._history(corrected)
            quotations, (evidence, origins) = self._quotations(ids), self._evidence(ids)
            verdicts = self._verdicts(ids)
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
                    quotations=tuple(quotations.get(claim_id, ())),
                    rating=self._ratings[rating_id],
                    rationale=rationale,
                    ruled_by=self._names[ruled_by_id],
                    ruled_at=ruled_at,
                    published_at=_first_published(published_at, supersedes_id, earlier),
                    reopened_at=reopened_at,
                    reopening_reason=reopening_reason,
                    corrections=tuple(self._corrections(earlier)),
                    verdicts=verdicts.get(claim_id),
                    evidence=tuple(evidence.get(claim_id, ())),
                    origins=_origins(origins[claim_id], origins_reason),
                )

    def left_out(self) -> Iterator[LeftOut]:
        """Each claim on which no ruling can be reported, in the same order."""
        for batch in self._batches(self._unreported, *_LEFT_OUT):
            history = self._history([claim_id for claim_id, *_, ruled in batch if ruled])
            for claim_id, article_id, number, statement, kind, state, _ruled in batch:
                corrections = self._corrections(history.get(claim_id, ()))
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

    def figures(self) -> tuple[Figures, Sequence[tuple[ReportedRating, int]]]:
        """What the findings and the claims left out come to, without reading them.

        And how many of the findings have each rating.
        """
        count, rating, draft = sa.func.count(), col(Ruling.rating_id), _is_draft()
        rulings = self._rows(
            self._of(
                self._reported,
                rating,
                count,
                count.filter(draft),
                count.filter(_is_corrected()),
            )
            .group_by(rating)
            .order_by(rating)
        )
        settled, drafts, corrected = (sum(row[n] for row in rulings) for n in (1, 2, 3))
        [(chosen,)] = self._rows(self.chosen.with_only_columns(count))
        held_back = sa.and_(self._unreported, col(Claim.state) == State.RULED)
        published = sa.and_(self._reported, sa.not_(draft))
        speaking = col(Claim.speaker_id).is_(None)
        articles = self._of(
            published, col(Claim.article_id), sa.func.max(sa.case((speaking, 1), else_=0))
        ).group_by(col(Claim.article_id))
        untyped = self._of(
            sa.and_(published, col(Speaker.type).is_(None)), col(Speaker.name)
        ).distinct()
        of = self._rows(articles)
        figures = Figures(
            rulings=settled,
            left_out=chosen - settled,
            drafts=drafts,
            corrected=corrected,
            reviewers=self._reviewers(),
            held_back=bool(self._rows(self._of(held_back, col(Claim.id)).limit(1))),
            articles=frozenset(article_id for article_id, _ in of),
            speaking=frozenset(article_id for article_id, itself in of if itself),
            untyped=frozenset(name for (name,) in self._rows(untyped) if name is not None),
        )
        return figures, [(self._ratings[rating_id], number) for rating_id, number, *_ in rulings]

    def _reviewers(self) -> int:
        """How many members judged what the rulings settle, as far as that is revealed."""
        if not rules.visibility.verdicts_revealed(self.policy, verdicts=0, ruled=True):
            return 0
        judged = (
            sa.select(col(Verdict.id))
            .join(Claim, col(Claim.id) == col(Verdict.claim_id))
            .join(Ruling, _IN_FORCE)
            .where(
                self.chosen.whereclause,
                self._reported,
                col(Verdict.member_id) == col(Member.id),
                col(Verdict.standing),
            )
            .correlate(Member)
        )
        [(number,)] = self._rows(
            sa.select(sa.func.count(col(Member.name).distinct())).where(judged.exists())
        )
        return int(number)

    def _of(self, condition: Any, *columns: Any) -> Any:
        """A select of columns of the chosen claims, of their speakers and rulings in force."""
        return (
            sa.select(*columns)
            .select_from(Claim)
            .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
            .outerjoin(Ruling, _IN_FORCE)
            .where(self.chosen.whereclause, condition)
        )

    def _batches(self, condition: Any, *columns: Any) -> Iterator[Sequence[Any]]:
        """Columns of claims, of their speakers and rulings in force, a batch after the other."""
        query = self._of(condition, *_CLAIM, *columns, *self._order.columns)
        width = len(_CLAIM) + len(columns)
        after: str | None = None
        while True:
            rows = self._rows(self._order.apply(query, after).limit(self._batch))
            if rows:
                yield [row[:width] for row in rows]
            if len(rows) < self._batch:
                return
            after = self._order.cursor(rows[-1])

    def _on(self, query: Any, ids: Sequence[int]) -> Sequence[Any]:
        """What a select finds on these claims."""
        return self._rows(query, ids=ids) if ids else ()

    def _rows(self, query: Any, **values: Any) -> Sequence[Any]:
        """The rows of a select of columns; past the session, which would take as long again."""
        return self.session.connection().execute(query, values).all()

    def _history(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        """Every ruling that each of these claims ever had, oldest first."""
        found = defaultdict(list)
        for ruling in self._on(_RULINGS, ids):
            found[ruling.claim_id].append(ruling)
        return found

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
        found = defaultdict(list)
        for claim_id, text, paragraph, placement in self._on(_QUOTATIONS, ids):
            quotation = reports.ReportedQuotation(text, paragraph, _PLACEMENTS[placement])
            found[claim_id].append(quotation)
        return found

    def _verdicts(self, ids: Sequence[int]) -> dict[int, reports.ReportedVerdicts]:
        """The standing verdicts on claims that have a ruling, as far as they are revealed."""
        given = defaultdict(list)
        for claim_id, member_id, rating_id, confidence in self._on(_VERDICTS, ids):
            given[claim_id].append((self._names[member_id], self._ratings[rating_id], confidence))
        return {
            claim_id: reports.ReportedVerdicts(
                given=tuple(
                    [
                        reports.ReportedVerdict(reviewer, rating.name, confidence)
                        for reviewer, rating, confidence in verdicts
                    ]
                ),
                agree=_agree(verdicts),
            )
            for claim_id, verdicts in given.items()
            if rules.visibility.verdicts_revealed(self.policy, verdicts=len(verdicts), ruled=True)
        }

    def _evidence(self, ids: Sequence[int]) -> "tuple[_Evidence, _Origins]":
        """The evidence that stands on the claims, the best graded of each first.

        And of each piece what its claim's independent origins are counted by.
        """
        found: _Evidence = defaultdict(list)
        origins: _Origins = defaultdict(list)
        copies = self._copies(ids)
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
        ) in self._on(_EVIDENCE, ids):
            pointing, copy = _STANCES[stance], copies.get(key)
            piece = reports.ReportedEvidence(
                *(pointing, title, _TYPES[type_], *said, copy, archive_url, origin, reason)
            )
            found[claim_id].append(piece)
            origins[claim_id].append((pointing, source_id, origin_id, reason is not None))
        return found, origins

    def _copies(self, ids: Sequence[int]) -> Mapping[int, reports.ReportedCopy]:
        """The copies by which the evidence on claims can be checked, by the evidence's id."""
        if not self._keeps_copies:
            return {}
        return {
            key: reports.ReportedCopy(sha256, taken_at, mark, bool(damaged), media_type)
            for key, sha256, taken_at, mark, damaged, media_type in self._on(_COPIES, ids)
        }


_Evidence = dict[int, list[reports.ReportedEvidence]]
_Origins = dict[int, list[rules.origins.Piece]]


def _origins(pieces: Iterable[rules.origins.Piece], reason: str | None) -> reports.ReportedOrigins:
    counted = rules.origins.independence(pieces)
    return reports.ReportedOrigins(counted.supports, counted.refutes, reason)


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


def _agree(verdicts: Sequence[tuple[str, ReportedRating, str]]) -> bool | None:
    """Whether reviewers gave the same rating, also where it is of another version of the scale."""
    if len(verdicts) < 2:
        return None
    return len({rating.key for _reviewer, rating, _confidence in verdicts}) == 1


def _is_draft() -> Any:
    """The condition that `_first_published` gives no moment for the ruling in force."""
    before = aliased(Ruling)
    published = sa.select(col(before.id)).where(
        col(before.id) == col(Ruling.supersedes_id), col(before.published_at).is_not(None)
    )
    return sa.and_(col(Ruling.published_at).is_(None), sa.not_(published.exists()))


def _is_corrected() -> Any:
    """The condition that the ruling in force has corrections."""
    change = aliased(Ruling)
    made = sa.select(col(change.id)).where(
        col(change.claim_id) == col(Ruling.claim_id), col(change.correction).is_not(None)
    )
    return sa.and_(col(Ruling.supersedes_id).is_not(None), made.exists())


def _first_published(
    published_at: datetime | None, supersedes_id: int | None, history: Iterable[Any]
) -> datetime | None:
    """When a ruling, or the one that it corrects, was first published."""
    by_id = {earlier.id: earlier for earlier in history}
    first = published_at
    before = by_id.get(supersedes_id)
    while before is not None and before.published_at is not None:
        first = before.published_at
        before = by_id.get(before.supersedes_id)
    return first
