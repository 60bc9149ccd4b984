"""What a list shows of its claims: which of them are on a page, and a row for each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import Article, Claim, ClaimTag, Member, Speaker, Tag
from claims.queries import found, lists, members, paging, remembered, scales, searching
from claims.queries.filters import Filters, Sort
from claims.queries.found import Marked
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Kind, State

# So few are quicker gathered and sorted than met on a walk along all claims in their order.
_FEW = 1_000

# Rows that are kept, of all lists together.
_MOST = 2_000


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


def page(
    session: Session,
    filters: Filters,
    viewer: Member,
    marked: Marked | None,
    *,
    after: str | None,
    size: int,
) -> paging.Page[Row]:
    """One page of a list: of the claims that were marked, or met on a walk along all."""
    order, most = lists.order(filters), size + 1
    ids: Sequence[int] | None = None
    if marked is not None:
        ids = marked.first(filters, order, after, most)
    if ids is None:
        lasting = filters.sort in {Sort.ARTICLE, Sort.NEWEST}
        ids = remembered.read(
            session,
            ("page", filters, viewer.id, after, size),
            lambda: _asked_for(session, filters, viewer, marked, after, most),
            of=found.subjects(filters) if lasting else (),
        )
    return order.cut(of(session, ids), size)


def _asked_for(
    session: Session,
    filters: Filters,
    viewer: Member,
    marked: Marked | None,
    after: str | None,
    most: int,
) -> Sequence[int]:
    """The claims that come first behind a cursor in an order that only the database knows."""
    listed = None if marked is None else marked.listed(filters)
    if listed is not None and (filters.q or len(listed) <= _FEW):
        claims = select(Claim).where(searching.among(col(Claim.id), listed))
    else:
        claims = lists.matching(filters, viewer)
    ids = claims.with_only_columns(col(Claim.id))
    return session.scalars(lists.order(filters).apply(ids, after).limit(most)).all()


def of(session: Session, ids: Sequence[int]) -> list[Row]:
    """The rows of claims; each is read again once something happened to its claim."""
    kept = remembered.keep_up(session, "rows", dict[int, Row], _without)
    known = {id_: kept[id_] for id_ in ids if id_ in kept}
    if len(known) < len(ids):
        read = _read(session, [id_ for id_ in ids if id_ not in known])
        if len(kept) + len(read) > _MOST:
            kept.clear()
        kept.update(read)
        known |= read
    return [known[id_] for id_ in ids]


def _without(kept: dict[int, Row], ids: Collection[int]) -> dict[int, Row]:
    # Another one each time: somebody may still put into this one what was read before.
    rows = kept.copy()
    for id_ in ids:
        rows.pop(id_, None)
    return rows


def _read(session: Session, ids: Sequence[int]) -> Mapping[int, Row]:
    ratings, names = scales.every(session), members.names(session)
    rows = {}
    # A claim comes once for each of its tags.
    for id_, group in groupby(session.execute(_rows(), {"ids": ids}), key=itemgetter(0)):
        tagged = list(group)
        first = tagged[0]
        rows[id_] = Row(
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
    return rows


@cache
def _rows() -> Any:
    return (
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
        .join(Article, col(Article.id) == Claim.article_id)
        .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
        .outerjoin(ClaimTag, col(ClaimTag.claim_id) == Claim.id)
        .outerjoin(Tag, col(Tag.id) == ClaimTag.tag_id)
        .where(searching.among_given(col(Claim.id)))
        .order_by(col(Claim.id))
    )
