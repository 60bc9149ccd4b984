"""Articles and the versions of their texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Appearance, Article, Claim, Event, Member, Rating, Snapshot
from claims.queries import attached, scales
from claims.queries.paging import Order
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import State

# Newest first.
ORDER = Order((col(Article.created_at), col(Article.id)), descending=True)

# A claim that is counted: it is there, and it was not merged into another.
COUNTED = (col(Claim.withdrawn_at).is_(None), col(Claim.merged_into_id).is_(None))


@dataclass(frozen=True)
class Coverage:
    """How far an article is: its claims by ruling, in the order of the scale, and in all."""

    counts: Sequence[tuple[RatingDefinition, int]] = ()
    total: int = 0


@dataclass(frozen=True)
class Withdrawal:
    """Who withdrew an article, and why."""

    event: Event

    @property
    def reason(self) -> str:
        """Why the article was withdrawn."""
        return str(self.event.after.get("reason", ""))


class WithdrawnClaim(NamedTuple):
    """A claim that was withdrawn, and by whom."""

    id: int
    number: int
    statement: str
    withdrawn_at: datetime
    withdrawal_reason: str | None
    by: str | None

    @classmethod
    def read(cls, values: Sequence[Any]) -> "WithdrawnClaim":
        """Make one of what a list of them holds."""
        id_, number, statement, withdrawn_at, reason, by = values
        return cls(id_, number, statement, attached.moment(withdrawn_at), reason, by)


def one(session: Session, article_id: int) -> Article | None:
    """An article, withdrawn or not."""
    return session.get(Article, article_id)


def seeded(session: Session, seed_key: str) -> Article | None:
    """The article that was made from the seeds of this key."""
    return session.exec(select(Article).where(Article.seed_key == seed_key)).first()


def seeds_given(session: Session, article: Article) -> Mapping[int, int]:
    """The seeds that an article was given, each with the claim that it became."""
    events = session.exec(
        select(Event.after).where(Event.article_id == article.id, Event.action == "article seeded")
    ).all()
    return {int(seed): claim_id for after in events for seed, claim_id in after["seeds"].items()}


def listed(*, withdrawn: bool = False) -> SelectOfScalar[Article]:
    """Articles that are there, or those that were withdrawn; their outlines stay unread."""
    gone = col(Article.withdrawn_at).is_not(None)
    return (
        select(Article)
        .options(defer(Article.outline))  # type: ignore[arg-type]
        .where(gone if withdrawn else sa.not_(gone))
    )


def any_withdrawn(session: Session) -> bool:
    """Whether there is an article that was withdrawn."""
    return session.exec(listed(withdrawn=True).limit(1)).first() is not None


def coverage(session: Session, articles: Iterable[Article]) -> Mapping[int, Coverage]:
    """How far each of these articles is, in one statement."""
    rows = session.execute(by_rating([article.id for article in articles])).all()
    ratings = scales.every(session)
    return {
        article_id: summed((ratings.get(rating), number) for _id, rating, number in group)
        for article_id, group in groupby(rows, key=itemgetter(0))
    }


def snapshot(session: Session, article: Article) -> Snapshot | None:
    """The version of an article's text that is in force."""
    if not article.snapshot_number:
        return None
    return session.exec(
        select(Snapshot).where(
            Snapshot.article_id == article.id, Snapshot.number == article.snapshot_number
        )
    ).one()


def snapshots_taken(session: Session, article: Article) -> int:
    """The number of the newest version of an article's text; 0 while there is none."""
    newest = select(sa.func.max(col(Snapshot.number))).where(Snapshot.article_id == article.id)
    return session.exec(newest).one() or 0


def snapshots(session: Session, article: Article) -> Sequence[tuple[Snapshot, str | None]]:
    """Every version of an article's text, newest first, without its words; and who loaded it."""
    return session.exec(
        select(Snapshot, Member.name)
        .outerjoin(Member, col(Snapshot.loaded_by_id) == Member.id)
        .options(defer(Snapshot.text, raiseload=True))  # type: ignore[arg-type]
        .where(Snapshot.article_id == article.id)
        .order_by(col(Snapshot.number).desc())
        .limit(50)
    ).all()


def appearances(session: Session, article: Article) -> Sequence[Appearance]:
    """Where every claim of an article is made, those of withdrawn claims too."""
    return session.exec(
        select(Appearance).where(Appearance.article_id == article.id).order_by(col(Appearance.id))
    ).all()


def appearance(session: Session, article: Article, appearance_id: int) -> Appearance | None:
    """Where a claim of an article is made."""
    return session.exec(
        select(Appearance).where(
            Appearance.id == appearance_id, Appearance.article_id == article.id
        )
    ).first()


def published(session: Session, article: Article) -> int:
    """How many claims of an article have a published ruling."""
    return session.exec(
        select(sa.func.count())
        .select_from(Claim)
        .where(Claim.article_id == article.id, Claim.state == State.PUBLISHED, *COUNTED)
    ).one()


def withdrawal(session: Session, article: Article) -> Withdrawal | None:
    """Who withdrew an article, and why; None while it is there."""
    if article.withdrawn_at is None:
        return None
    event = session.exec(
        select(Event)
        .where(Event.article_id == article.id, Event.action == "article withdrawn")
        .order_by(col(Event.seq).desc())
        .limit(1)
    ).first()
    return Withdrawal(event) if event else None


def withdrawn_claims() -> Any:
    """Select the latest claims of an article that were withdrawn; merged ones not counted."""
    return (
        sa.select(
            col(Claim.id),
            col(Claim.number),
            col(Claim.statement),
            col(Claim.withdrawn_at),
            col(Claim.withdrawal_reason),
            col(Member.name),
        )
        .outerjoin(Member, col(Member.id) == Claim.withdrawn_by_id)
        .where(
            col(Claim.article_id) == sa.bindparam("article_id", type_=sa.Integer),
            col(Claim.withdrawn_at).is_not(None),
            col(Claim.merged_into_id).is_(None),
        )
        .order_by(col(Claim.withdrawn_at).desc(), col(Claim.id).desc())
        .limit(50)
    )


def by_rating(article_ids: Iterable[int]) -> Any:
    """How many claims of each article have which rating, in the order of the scale."""
    return (
        sa.select(col(Claim.article_id), col(Claim.rating_id), sa.func.count(col(Claim.id)))
        .outerjoin(Rating, col(Rating.id) == Claim.rating_id)
        .where(col(Claim.article_id).in_(article_ids), *COUNTED)
        .group_by(col(Claim.article_id), col(Claim.rating_id), col(Rating.position))
        .order_by(col(Claim.article_id), col(Rating.position), col(Claim.rating_id))
    )


def summed(counted: Iterable[tuple[RatingDefinition | None, int]]) -> Coverage:
    """The coverage of an article, of how many claims have which rating."""
    counts: dict[str, tuple[RatingDefinition, int]] = {}
    total = 0
    for rating, number in counted:
        total += number
        if rating:
            # The same rating of two versions of the scale is one to a reader.
            counts[rating.key] = (rating, counts.get(rating.key, (rating, 0))[1] + number)
    return Coverage(list(counts.values()), total)
