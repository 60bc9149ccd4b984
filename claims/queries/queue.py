"""The queue: claims searched, filtered and sorted, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import Article, Claim, ClaimTag, Member, Speaker, Tag
from claims.queries import (
    choices,
    counts,
    found,
    lists,
    members,
    paging,
    remembered,
    scales,
    searching,
)
from claims.queries.choices import Choices
from claims.queries.counts import Counts
from claims.queries.filters import Filters
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Kind, State

# So few are quicker gathered and sorted than met on a walk along all claims in their order.
_FEW = 1_000


@dataclass(frozen=True)
class Row:
    """A claim as a list shows it."""

    id: int
    number: int
    statement: str
    kind: Kind
    state: State
    rating: RatingDefinition | None
    evidence_count: int
    changed_at: datetime
    article_id: int
    article: str
    # None: the article itself says so.
    speaker: str | None
    assignee: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class QueuePage:
    """Everything that the page of claims shows to one member."""

    filters: Filters
    claims: paging.Page[Row]
    counts: Counts
    choices: Choices
    # Whether the list starts at its beginning.
    from_start: bool

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that were searched for."""
        return tuple(searching.sought(self.filters.q))


def page(
    session: Session,
    filters: Filters,
    viewer: Member,
    *,
    after: str | None = None,
    size: int = paging.SIZE,
) -> QueuePage:
    """Read one page of the queue, and what stands around it, in a fixed number of statements."""
    whose = filters, viewer.id
    offered = filters.article, filters.speaker, filters.assignee
    searched = found.claims(session, filters.lasting(), viewer)
    marked = None if searched is None else found.marks(session, filters, viewer, searched)
    counted = remembered.read(
        session, ("counts", *whose), lambda: counts.of(session, filters, viewer, marked)
    )
    few = counted.total is not None and counted.total <= _FEW
    return QueuePage(
        filters,
        remembered.read(
            session,
            ("rows", *whose, after, size),
            lambda: rows(
                session,
                filters,
                viewer,
                after=after,
                size=size,
                gathered=few,
                among=None if marked is None else marked.listed(filters.state),
            ),
        ),
        counted,
        remembered.read(
            session,
            ("choices", *offered),
            lambda: choices.offered(session, filters),
            of=choices.SUBJECTS,
        ),
        from_start=not after,
    )


def rows(
    session: Session,
    filters: Filters,
    viewer: Member,
    *,
    after: str | None = None,
    size: int,
    gathered: bool = False,
    among: Sequence[int] | None = None,
) -> paging.Page[Row]:
    """Read the rows of one page in one statement.

    The few claims are found first, which an index alone can answer, and only
    then is looked up what is shown of them. They are `among` those that a search found, if it did.
    """
    sorting = lists.order(filters)
    if among is None:
        claims = lists.matching(filters, viewer, gathered=gathered)
    else:
        some = among if after else found.first(among, filters.sort, size + 1)
        claims = select(Claim).where(searching.among(col(Claim.id), some))
    ids = claims.with_only_columns(col(Claim.id))
    few = sorting.apply(ids, after).limit(size + 1).subquery()
    listing = session.execute(
        sorting.apply(
            sa.select(
                col(Claim.id),
                col(Claim.number),
                col(Claim.statement),
                col(Claim.kind),
                col(Claim.state),
                col(Claim.rating_id),
                col(Claim.evidence_count),
                col(Claim.changed_at),
                col(Claim.article_id),
                col(Article.title),
                col(Speaker.name).label("speaker"),
                col(Claim.assignee_id),
                col(Tag.name).label("tag"),
            )
            .join(few, few.c.id == Claim.id)
            .join(Article, col(Article.id) == Claim.article_id)
            .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
            .outerjoin(ClaimTag, col(ClaimTag.claim_id) == Claim.id)
            .outerjoin(Tag, col(Tag.id) == ClaimTag.tag_id),
            None,
        )
    )
    ratings, names = scales.every(session), members.names(session)
    made = []
    # A claim comes once for each of its tags.
    for _id, group in groupby(listing, key=itemgetter(0)):
        tagged = list(group)
        first = tagged[0]
        made.append(
            Row(
                id=first.id,
                number=first.number,
                statement=first.statement,
                kind=first.kind,
                state=first.state,
                rating=ratings.get(first.rating_id),
                evidence_count=first.evidence_count,
                changed_at=first.changed_at,
                article_id=first.article_id,
                article=first.title,
                speaker=first.speaker,
                assignee=names.get(first.assignee_id),
                tags=tuple(sorted(row.tag for row in tagged if row.tag is not None)),
            )
        )
    return sorting.cut(made, size)
