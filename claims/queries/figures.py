"""What all the rulings of a report come to, counted by the database."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from claims import rules
from claims.models import (
    Claim,
    Member,
    Ruling,
    Speaker,
    Verdict,
)
from claims.queries.selections import IN_FORCE, Selected
from claims.rules.reports import Figures, ReportedRating
from claims.rules.vocabulary import State


def of(selected: Selected) -> tuple[Figures, Sequence[tuple[ReportedRating, int]]]:
    """What the findings and the claims left out come to, without reading them.

    And how many of the findings have each rating.
    """
    count, rating, draft = sa.func.count(), col(Ruling.rating_id), _is_draft()
    rulings = selected.rows(
        selected.of(
            selected.reported,
            rating,
            count,
            count.filter(draft),
            count.filter(_is_corrected()),
        )
        .group_by(rating)
        .order_by(rating)
    )
    settled, drafts, corrected = (sum(row[n] for row in rulings) for n in (1, 2, 3))
    [(chosen,)] = selected.rows(selected.chosen.with_only_columns(count))
    held_back = sa.and_(selected.unreported, col(Claim.state) == State.RULED)
    published = sa.and_(selected.reported, sa.not_(draft))
    speaking = col(Claim.speaker_id).is_(None)
    articles = selected.of(
        published, col(Claim.article_id), sa.func.max(sa.case((speaking, 1), else_=0))
    ).group_by(col(Claim.article_id))
    untyped = selected.of(
        sa.and_(published, col(Speaker.type).is_(None)), col(Speaker.name)
    ).distinct()
    from_articles = selected.rows(articles)
    figures = Figures(
        rulings=settled,
        left_out=chosen - settled,
        drafts=drafts,
        corrected=corrected,
        reviewers=_reviewers(selected),
        held_back=bool(selected.rows(selected.of(held_back, col(Claim.id)).limit(1))),
        articles=frozenset(article_id for article_id, _ in from_articles),
        speaking=frozenset(article_id for article_id, itself in from_articles if itself),
        untyped=frozenset(name for (name,) in selected.rows(untyped) if name is not None),
    )
    return figures, [(selected.ratings[rating_id], number) for rating_id, number, *_ in rulings]


def _reviewers(selected: Selected) -> int:
    """How many members judged what the rulings settle, as far as that is revealed."""
    if not rules.visibility.verdicts_revealed(selected.policy, verdicts=0, ruled=True):
        return 0
    judged = (
        sa.select(col(Verdict.id))
        .join(Claim, col(Claim.id) == col(Verdict.claim_id))
        .join(Ruling, IN_FORCE)
        .where(
            selected.chosen.whereclause,
            selected.reported,
            col(Verdict.member_id) == col(Member.id),
            col(Verdict.standing),
        )
        .correlate(Member)
    )
    [(number,)] = selected.rows(
        sa.select(sa.func.count(col(Member.name).distinct())).where(judged.exists())
    )
    return int(number)


def _is_draft() -> Any:
    """The condition that `first_published` gives no moment for the ruling in force."""
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
