"""Claims that bear on one another: linked by a member, split from one another or merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, select

from claims.models import Article, Claim, ClaimLink, Member
from claims.queries import attached, lists
from claims.queries.filters import Filters
from claims.rules.scales import RatingDefinition


@dataclass(frozen=True)
class Related:
    """A claim that bears on another: linked by a member, or from the same claim once."""

    claim: Claim
    article: str
    rating: RatingDefinition | None
    link: ClaimLink | None
    unlinked_by: str | None
    origin: str

    @property
    def stands(self) -> bool:
        """Whether it still bears on the other, as far as anybody says."""
        return bool(self.origin) or (self.link is not None and self.link.withdrawn_at is None)


def link(session: Session, claim: Claim, other: Claim) -> ClaimLink | None:
    """The link between two claims."""
    first, second = sorted((claim.id, other.id))
    return session.exec(
        select(ClaimLink).where(ClaimLink.claim_id == first, ClaimLink.other_id == second)
    ).first()


def links(session: Session, claim: Claim) -> Sequence[ClaimLink]:
    """Every link of a claim to others."""
    return session.exec(select(ClaimLink).where(_of(claim)).order_by(col(ClaimLink.id))).all()


def link_of(session: Session, claim: Claim, link_id: int) -> ClaimLink | None:
    """One link of a claim by its id."""
    return session.exec(select(ClaimLink).where(ClaimLink.id == link_id, _of(claim))).first()


def candidates(
    session: Session, claim: Claim, q: str, *, viewer: Member, same_article: bool, size: int = 12
) -> Sequence[Claim]:
    """Claims that another may be linked to or merged into, found by a number or by words.

    A number is that of a claim in the same article. Without either, the claims
    that are made around the same place.
    """
    q = q.strip()
    filters = Filters(q="" if q.isdecimal() else q)
    query = lists.matching(filters, viewer).where(Claim.id != claim.id)
    if same_article or q.isdecimal() or not q:
        query = query.where(Claim.article_id == claim.article_id)
    if q.isdecimal():
        query = query.where(Claim.number == min(int(q), 2**31 - 1))
    near = sa.func.abs(col(Claim.number) - claim.number)
    found = session.execute(
        query.options(*_named())
        .order_by(col(Claim.article_id) != claim.article_id, near, col(Claim.id))
        .limit(size)
    )
    return found.scalars().all()


def read(
    claim: Claim,
    column: Any,
    names: Mapping[int | None, str],
    ratings: Mapping[int, RatingDefinition],
) -> list[Related]:
    """The claims that were linked to one, split from it or merged with it."""
    found = [
        Related(
            other,
            article,
            ratings.get(other.rating_id),
            link,
            names.get(link.withdrawn_by_id) if link else None,
            _origin(claim, other),
        )
        for other, link, article in attached.together(column, Claim, ClaimLink)
    ]
    return sorted(found, key=lambda one: (one.claim.article_id, one.claim.number))


def bearing_on(claim_id: Any) -> Any:
    came_from = aliased(Claim)
    ends = (
        sa.select(col(ClaimLink.other_id)).where(col(ClaimLink.claim_id) == claim_id),
        sa.select(col(ClaimLink.claim_id)).where(col(ClaimLink.other_id) == claim_id),
        sa.select(col(Claim.id)).where(col(Claim.split_from_id) == claim_id),
        sa.select(col(Claim.id)).where(col(Claim.merged_into_id) == claim_id),
        sa.select(col(came_from.split_from_id)).where(col(came_from.id) == claim_id),
        sa.select(col(came_from.merged_into_id)).where(col(came_from.id) == claim_id),
    )
    near = sa.union_all(*ends).subquery()
    return (
        sa.select(*attached.columns(Claim, ClaimLink), col(Article.title))
        .join(Article, col(Article.id) == Claim.article_id)
        .outerjoin(
            ClaimLink,
            sa.or_(
                sa.and_(col(ClaimLink.claim_id) == claim_id, col(ClaimLink.other_id) == Claim.id),
                sa.and_(col(ClaimLink.other_id) == claim_id, col(ClaimLink.claim_id) == Claim.id),
            ),
        )
        .where(col(Claim.id).in_(sa.select(near)))
    )


def _named() -> tuple[Any, Any]:
    """What a claim is shown with where another one's page names it."""
    return joinedload(Claim.article), joinedload(Claim.rating)  # type: ignore[arg-type]


def _of(claim: Claim) -> Any:
    return sa.or_(col(ClaimLink.claim_id) == claim.id, col(ClaimLink.other_id) == claim.id)


def _origin(claim: Claim, other: Claim) -> str:
    if other.split_from_id == claim.id:
        return "split from this claim"
    if claim.split_from_id == other.id:
        return "this claim was split from it"
    if other.merged_into_id == claim.id:
        return "merged into this claim"
    if claim.merged_into_id == other.id:
        return "this claim was merged into it"
    return ""
