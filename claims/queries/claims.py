"""Claims and their speakers, tags and quotations, looked up for what is done to them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Appearance, Claim, ClaimTag, Desk, Member, Rating, Speaker, Tag


def one(session: Session, claim_id: int) -> Claim | None:
    """A claim with its article and speaker, for what is done to it."""
    return session.exec(_one(), params={"claim_id": claim_id}).first()


@cache
def _one() -> SelectOfScalar[Claim]:
    return (
        select(Claim)
        .where(Claim.id == sa.bindparam("claim_id"))
        .options(
            joinedload(Claim.article),  # type: ignore[arg-type]
            joinedload(Claim.speaker),  # type: ignore[arg-type]
        )
    )


def with_rating(session: Session, claim_id: int, key: str) -> tuple[Claim, Rating | None] | None:
    """A claim that is judged, and the rating of this key on the scale in force."""
    found = session.execute(_with_rating(), {"claim_id": claim_id, "key": key}).first()
    return (found[0], found[1]) if found else None


@cache
def _with_rating() -> Any:
    in_force = select(Desk.scale_id).where(Desk.id == 1).scalar_subquery()
    chosen = sa.and_(col(Rating.key) == sa.bindparam("key"), col(Rating.scale_id) == in_force)
    return (
        sa.select(Claim, Rating)
        .outerjoin(Rating, chosen)
        .where(col(Claim.id) == sa.bindparam("claim_id"))
    )


def speaker(session: Session, name: str, role: str) -> Speaker | None:
    """The speaker of exactly this name and role."""
    return session.exec(select(Speaker).where(Speaker.name == name, Speaker.role == role)).first()


def speakers(session: Session, article_id: int) -> Sequence[Speaker]:
    """Everybody credited with a claim of an article, by name."""
    credited = select(Claim.speaker_id).where(Claim.article_id == article_id)
    return session.exec(
        select(Speaker)
        .where(col(Speaker.id).in_(credited))
        .order_by(col(Speaker.name), col(Speaker.id))
    ).all()


def tag(session: Session, name: str) -> Tag | None:
    """The tag of this name."""
    return session.exec(select(Tag).where(Tag.name == name)).first()


def tags(session: Session, claim: Claim) -> list[str]:
    """The tags on a claim, in the order of the alphabet."""
    names = session.exec(
        select(Tag.name)
        .join(ClaimTag, col(ClaimTag.tag_id) == Tag.id)
        .where(ClaimTag.claim_id == claim.id)
    ).all()
    # Sorted here: each database has an alphabet of its own.
    return sorted(names)


def appearances(session: Session, claim: Claim) -> Sequence[Appearance]:
    """Where a claim is made, in reading order."""
    return session.exec(
        select(Appearance)
        .where(Appearance.claim_id == claim.id)
        .order_by(col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))
    ).all()


def open_with(session: Session, member: Member) -> Sequence[Claim]:
    """The claims that a member has in hand and that are not settled."""
    return session.exec(
        select(Claim)
        .where(
            Claim.assignee_id == member.id,
            col(Claim.rating_id).is_(None),
            col(Claim.withdrawn_at).is_(None),
        )
        .order_by(col(Claim.id))
    ).all()
