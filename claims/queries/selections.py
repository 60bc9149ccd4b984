"""The claims that a report is on, read a batch at a time with the rulings that were made on them.

However many there are, no more than a batch of them is held at once, so that an export can be
written while it is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
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
    Rating,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.queries import lists, members, scales, searching, standing
from claims.queries.evidence import no_longer
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.reports import ReportedRating
from claims.rules.scales import RatingDefinition

BATCH = 250

# A moment, made of what the database keeps or not.
Moment = TypeVar("Moment")


def word(column: Any) -> Any:
    """A column of the desk's fixed words as they are stored."""
    return sa.type_coerce(column, sa.String)


def quotations(*columns: Any) -> Any:
    """Select of the claims `ids` what they are quoted with, as the article goes."""
    return (
        sa.select(col(Appearance.claim_id), *columns)
        .where(searching.among_given(col(Appearance.claim_id)))
        .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
    )


def verdicts(*columns: Any) -> Any:
    """Select of the claims `ids` the verdicts that stand."""
    return (
        sa.select(col(Verdict.claim_id), *columns)
        .where(col(Verdict.standing), searching.among_given(col(Verdict.claim_id)))
        .order_by(col(Verdict.id))
    )


def evidence(*columns: Any) -> Any:
    """Select of the claims `ids` the evidence that stands, the best graded of each first."""
    return (
        sa.select(col(Evidence.claim_id), *columns)
        .join(Source, col(Source.id) == col(Evidence.source_id))
        .where(searching.among_given(col(Evidence.claim_id)), col(Evidence.withdrawn_at).is_(None))
        .order_by(
            sa.func.coalesce(col(Source.reliability), "F"),
            sa.func.coalesce(col(Evidence.credibility), 6),
            col(Evidence.id),
        )
    )


# What is read of each claim before all else.
CLAIM = (
    col(Claim.id),
    col(Claim.article_id),
    col(Claim.number),
    col(Claim.statement),
    word(Claim.kind),
    word(Claim.state),
)
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
    .where(searching.among_given(col(Ruling.claim_id)))
    .order_by(col(Ruling.id))
)

_newest = (
    sa.select(sa.func.max(col(Capture.id)))
    .where(col(Capture.source_id) == col(Evidence.source_id), col(Capture.withdrawn_at).is_(None))
    .correlate(Evidence)
    .scalar_subquery()
)
# The copy in which an excerpt was looked for; else the newest of the source.
_COPIES = (
    sa.select(
        col(Evidence.id),
        col(Capture.sha256),
        col(Capture.taken_at),
        col(ExcerptCheck.mark),
        col(Content.damage).is_not(None),
        col(Content.media_type),
        sa.and_(col(ExcerptCheck.mark).is_not(None), no_longer()),
    )
    .outerjoin(ExcerptCheck, col(ExcerptCheck.evidence_id) == col(Evidence.id))
    .join(Capture, col(Capture.id) == sa.func.coalesce(col(ExcerptCheck.capture_id), _newest))
    .join(Content, col(Content.sha256) == col(Capture.sha256))
    .where(searching.among_given(col(Evidence.claim_id)), col(Evidence.withdrawn_at).is_(None))
)

IN_FORCE = sa.and_(col(Ruling.claim_id) == col(Claim.id), col(Ruling.standing))


class Selected:
    """The claims that filters let through, those with a ruling to report and those without.

    Rulings that are not published are among the reported ones only if asked for.
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
        self.reported = sa.or_(published, draft) if unpublished else published
        self.unreported = sa.not_(sa.func.coalesce(self.reported, sa.false()))
        self.names = members.names(session)
        self.ratings = {id_: as_reported(rating) for id_, rating in scales.every(session).items()}
        # A desk that keeps no copies need not look for one at every piece of evidence.
        self._keeps_copies = bool(self.rows(sa.select(col(Capture.id)).limit(1)))

    def titles(self) -> Mapping[int, str]:
        """The titles of the articles that the claims are from, by id."""
        ids = self.chosen.with_only_columns(col(Claim.article_id))
        query = sa.select(col(Article.id), col(Article.title)).where(col(Article.id).in_(ids))
        return {article.id: article.title for article in self.session.execute(query)}

    def of(self, condition: Any, *columns: Any) -> Any:
        """A select of columns of the chosen claims, of their speakers and rulings in force."""
        return (
            sa.select(*columns)
            .select_from(Claim)
            .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
            .outerjoin(Ruling, IN_FORCE)
            .where(self.chosen.whereclause, condition)
        )

    def batches(self, condition: Any, *columns: Any) -> Iterator[Sequence[Any]]:
        """Columns of claims, of their speakers and rulings in force, a batch after the other.

        Those of `CLAIM` come before the columns that are asked for.
        """
        wanted = (*CLAIM, *columns)
        query = self.of(condition, *wanted, *self._order.columns).limit(self._batch)
        first = self._order.apply(query, None)
        # The same for every batch: to put it into words each time would take as long as to read.
        following = self._order.following(first)
        batch = self.rows(first)
        while batch:
            yield [row[: len(wanted)] for row in batch]
            if len(batch) < self._batch:
                return
            batch = self.rows(following, **self._order.place(batch[-1]))

    def on(self, query: Any, ids: Sequence[int]) -> Sequence[Any]:
        """What a select finds on these claims."""
        return self.rows(query, ids=ids) if ids else ()

    def rows(self, query: Any, **values: Any) -> Sequence[Any]:
        """The rows of a select of columns; past the session, which would take as long again."""
        return self.session.connection().execute(query, values).all()

    def reveals(self, verdicts: int) -> bool:
        """Whether a ruling on so many verdicts is shown with them."""
        return rules.visibility.verdicts_revealed(self.policy, verdicts=verdicts, ruled=True)

    def copies(self, ids: Sequence[int]) -> Mapping[int, reports.ReportedCopy]:
        """The copies by which the evidence on claims can be checked, by the evidence's id."""
        if not self._keeps_copies:
            return {}
        return {
            key: reports.ReportedCopy(sha256, at, mark, bool(damaged), media_type, bool(gone))
            for key, sha256, at, mark, damaged, media_type, gone in self.on(_COPIES, ids)
        }

    def history(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        """Every ruling that each of these claims ever had, oldest first."""
        found = defaultdict(list)
        for ruling in self.on(_RULINGS, ids):
            found[ruling.claim_id].append(ruling)
        return found

    def corrections(self, history: Iterable[Any]) -> Iterator[reports.ReportedCorrection]:
        """The corrections among all rulings on a claim, the oldest first."""
        by_id = {ruling.id: ruling for ruling in history}
        for ruling in by_id.values():
            if ruling.correction is None:
                continue
            before = by_id.get(ruling.supersedes_id)
            yield reports.ReportedCorrection(
                kind=ruling.correction,
                reason=ruling.correction_reason or "",
                at=ruling.created_at,
                by=self.names[ruling.ruled_by_id],
                before=self.ratings[before.rating_id] if before else None,
                after=self.ratings[ruling.rating_id],
            )


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


def agree(keys: Collection[str]) -> bool | None:
    """Whether reviewers gave ratings of one key, also where it is of another version of the scale.

    None for less than two of them.
    """
    return None if len(keys) < 2 else len(set(keys)) == 1


def first_published(
    published_at: Moment | None, supersedes_id: int | None, history: Iterable[Any]
) -> Moment | datetime | None:
    """When a ruling, or the one that it corrects, was first published."""
    by_id = {earlier.id: earlier for earlier in history}
    first: Moment | datetime | None = published_at
    before = by_id.get(supersedes_id)
    while before is not None and before.published_at is not None:
        first = before.published_at
        before = by_id.get(before.supersedes_id)
    return first
