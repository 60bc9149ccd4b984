"""What the filters of a list offer to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Article, Claim, ClaimTag, Desk, Member, Scale, Speaker, Tag
from claims.queries import lists, scales
from claims.queries.filters import NOBODY, NONE, Filters
from claims.rules.roles import Action
from claims.rules.vocabulary import Role


@dataclass(frozen=True)
class Choice:
    """A value that a filter offers."""

    value: int | str
    name: str
    # A member who is not can no longer be handed a claim.
    present: bool = True


# Each is itself and no other: to compare hundreds of names would cost more than to draw them.
@dataclass(frozen=True, eq=False)
class Choices:
    """What the filters offer, by name; values that no claim has are left out."""

    articles: Sequence[Choice]
    speakers: Sequence[Choice]
    members: Sequence[Choice]
    tags: Sequence[Choice]
    ratings: Sequence[Choice]

    @cached_property
    def options(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The same as an address says it, with its words, by name."""
        return {
            field.name: tuple(
                (str(choice.value), choice.name) for choice in getattr(self, field.name)
            )
            for field in fields(self)
        }

    def named(self, facet: str, value: int | str | None, *, none: str = "") -> str:
        """What a value of a facet is called, or `none` for the value that says there is none."""
        if value in {NOBODY, NONE}:
            return none
        for choice in getattr(self, facet):
            if choice.value == value:
                return str(choice.name)
        return "unknown"


_MOST_CHOICES = 300

SUBJECTS = (Article, Claim, Desk, Member, Scale, Speaker)


def offered(session: Session, filters: Filters) -> Choices:
    """What the filters offer, in one statement: the newest values in use, and the chosen one."""
    found: dict[str, list[Choice]] = {"articles": [], "speakers": [], "members": [], "tags": []}
    chosen = {name: getattr(filters, name) for name in ("article", "speaker", "assignee")}
    of_article = filters.article is not None
    for facet, number, name, more, is_present in session.execute(_in_use(of_article), chosen):
        value = name if facet == "tags" else number
        words = f"{name}, {more}" if more else name
        found[facet].append(Choice(value, words, bool(is_present)))
    for choices in found.values():
        choices.sort(key=lambda choice: choice.name.casefold())
    ratings = [Choice(rating.key, rating.name) for rating in scales.current(session)]
    return Choices(**found, ratings=ratings)


@cache
def _in_use(of_article: bool) -> Any:
    """Select the values in use of every facet, and the chosen `article`, `speaker` and `assignee`.

    Speakers are those of all articles, or of the chosen one.
    """
    article, speaker, assignee = (
        sa.bindparam(name, type_=sa.Integer) for name in ("article", "speaker", "assignee")
    )
    of_tag = col(ClaimTag.tag_id) == Tag.id
    reviewing = [role for role in Role if rules.roles.may(role, Action.REVIEW)]
    present = sa.and_(col(Member.removed_at).is_(None), col(Member.role).in_(reviewing))
    speaks: Any = sa.exists().where(col(Claim.speaker_id) == Speaker.id, lists.listed())
    if of_article:
        there = select(Claim.speaker_id).where(Claim.article_id == article, lists.listed())
        speaks = col(Speaker.id).in_(there)
    facets = (
        _newest("articles", Article, Article.title, article).where(
            sa.exists().where(col(Claim.article_id) == Article.id, lists.listed())
        ),
        _newest("speakers", Speaker, Speaker.name, speaker, more=col(Speaker.role)).where(
            sa.or_(speaks, col(Speaker.id) == speaker)
        ),
        _newest("members", Member, Member.name, assignee, present=present).where(
            sa.or_(present, sa.exists().where(col(Claim.assignee_id) == Member.id, lists.listed()))
        ),
        _newest("tags", Tag, Tag.name).where(
            sa.exists().where(of_tag, col(ClaimTag.claim_id) == Claim.id, lists.listed())
        ),
    )
    return sa.union_all(*(sa.select(facet.subquery()) for facet in facets))


def _newest(
    facet: str,
    of: Any,
    name: Any,
    chosen: Any = None,
    *,
    more: Any = None,
    present: Any = None,
) -> Any:
    """Select what a facet offers, the chosen value before all; a longer list nobody reads."""
    return (
        sa.select(
            sa.literal(facet).label("facet"),
            col(of.id).label("id"),
            col(name).label("name"),
            (sa.literal("") if more is None else more).label("more"),
            (sa.true() if present is None else present).label("present"),
        )
        .order_by(sa.case((col(of.id) == chosen, 0), else_=1), col(of.id).desc())
        .limit(_MOST_CHOICES)
    )
