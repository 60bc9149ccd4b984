"""The library of sources, and every claim that a source bears on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Claim, Event, Evidence, Member, Source
from claims.queries import ledger, paging, searching
from claims.queries.paging import Order
from claims.rules.vocabulary import SourceType

UNGRADED = "none"

_LONGEST_SEARCH = 200


class Sort(StrEnum):
    """In which order sources are listed."""

    NEWEST = "newest"
    TITLE = "title"


class Shown(StrEnum):
    """Whether withdrawn sources are listed."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    ALL = "all"


ORDERS = {
    Sort.NEWEST: Order((col(Source.id),), descending=True),
    Sort.TITLE: Order((col(Source.title), col(Source.id))),
}

_BEARINGS = Order((col(Evidence.id),), descending=True)


@dataclass(frozen=True)
class Filters:
    """Which sources to list, and in which order, as an address says it."""

    q: str = ""
    type: SourceType | None = None
    reliability: str = ""
    shown: Shown = Shown.STANDING
    sort: Sort = Sort.NEWEST

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Filters":
        """Read the filters of an address; what makes no sense is ignored."""
        grade = args.get("reliability", "")
        return cls(
            q=" ".join(args.get("q", "").split())[:_LONGEST_SEARCH],
            type=_one_of(SourceType, args.get("type")),
            reliability=grade if grade in {*rules.grades.RELIABILITY, UNGRADED} else "",
            shown=_one_of(Shown, args.get("shown")) or Shown.STANDING,
            sort=_one_of(Sort, args.get("sort")) or Sort.NEWEST,
        )

    def to_args(self) -> dict[str, str]:
        """The part of an address that says these filters."""
        return {
            f.name: str(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }

    @property
    def active(self) -> bool:
        """Whether any filter leaves sources out that are otherwise listed."""
        return bool(self.to_args().keys() - {"sort"})


@dataclass(frozen=True)
class Library:
    """One page of the library: its sources, and on how many claims each bears."""

    sources: Sequence[Source]
    next: str | None
    claims: Mapping[int, int]


@dataclass(frozen=True)
class SourcePage:
    """Everything that a source's page shows.

    `bearings` are the pieces of evidence drawn from it, newest first, each
    with its claim; `standing` of them are not withdrawn.
    """

    source: Source
    added_by: Member | None
    withdrawn_by: Member | None
    bearings: paging.Page[Evidence]
    standing: int
    history: paging.Page[Event]


def library(session: Session, filters: Filters, *, after: str | None = None) -> Library:
    """One page of the sources that filters let through."""
    found = paging.page(session, matching(filters), ORDERS[filters.sort], after=after)
    return Library(found.rows, found.next, _claims(session, found.rows))


def matching(filters: Filters) -> Any:
    """A select of the sources that filters let through, in no order."""
    query = select(Source)
    if filters.q:
        query = query.where(searching.found(col(Source.id), "source", filters.q))
    if filters.type:
        query = query.where(Source.type == filters.type)
    if filters.reliability == UNGRADED:
        query = query.where(col(Source.reliability).is_(None))
    elif filters.reliability:
        query = query.where(Source.reliability == filters.reliability)
    if filters.shown is Shown.STANDING:
        query = query.where(col(Source.withdrawn_at).is_(None))
    elif filters.shown is Shown.WITHDRAWN:
        query = query.where(col(Source.withdrawn_at).is_not(None))
    return query


def options(session: Session, q: str = "", *, size: int = 6) -> Sequence[Source]:
    """The sources that a new piece of evidence may be drawn from, newest first."""
    query = matching(Filters.from_args({"q": q}))
    found: Sequence[Source] = session.exec(query.order_by(col(Source.id).desc()).limit(size)).all()
    return found


def any_standing(session: Session) -> bool:
    """Whether the library holds a source to choose."""
    return bool(options(session, size=1))


def one(session: Session, source_id: int) -> Source | None:
    """One source, standing or withdrawn."""
    return session.get(Source, source_id)


def page(
    session: Session,
    source_id: int,
    *,
    after: str | None = None,
    earlier: str | None = None,
) -> SourcePage | None:
    """What the page of a source shows; `after` and `earlier` page its evidence and history."""
    source = one(session, source_id)
    if source is None:
        return None
    bearings = (
        select(Evidence)
        .where(Evidence.source_id == source.id)
        .options(
            joinedload(Evidence.claim).joinedload(Claim.article),  # type: ignore[arg-type]
            joinedload(Evidence.claim).joinedload(Claim.rating),  # type: ignore[arg-type]
        )
    )
    events = select(Event).where(
        Event.subject == Source.__tablename__, Event.subject_id == source.id
    )
    return SourcePage(
        source=source,
        added_by=session.get(Member, source.created_by_id) if source.created_by_id else None,
        withdrawn_by=session.get(Member, source.withdrawn_by_id)
        if source.withdrawn_by_id
        else None,
        bearings=paging.page(session, bearings, _BEARINGS, after=after),
        standing=standing_evidence(session, source),
        history=paging.page(session, events, ledger.ORDER, after=earlier),
    )


def standing_evidence(session: Session, source: Source) -> int:
    """How many pieces of standing evidence rest on a source."""
    return session.exec(
        select(sa.func.count())
        .select_from(Evidence)
        .where(Evidence.source_id == source.id, col(Evidence.withdrawn_at).is_(None))
    ).one()


def claims_found_by(session: Session, source: Source) -> Sequence[Claim]:
    """The claims whose search words include this source's."""
    bearing = select(Evidence.claim_id).where(
        Evidence.source_id == source.id, col(Evidence.withdrawn_at).is_(None)
    )
    return session.exec(select(Claim).where(col(Claim.id).in_(bearing))).all()


def same_page(session: Session, url: str | None, *, besides: int | None = None) -> Source | None:
    """The source in use, if any, whose address leads to the same page."""
    fingerprint = rules.addresses.fingerprint(url)
    if fingerprint is None:
        return None
    return session.exec(
        select(Source)
        .where(
            Source.url_fingerprint == fingerprint,
            col(Source.withdrawn_at).is_(None),
            col(Source.id).is_distinct_from(besides),
        )
        .order_by(col(Source.id))
        .limit(1)
    ).first()


def _claims(session: Session, sources: Sequence[Source]) -> dict[int, int]:
    """On how many claims each of these sources bears."""
    counted = session.exec(
        select(Evidence.source_id, sa.func.count(sa.distinct(col(Evidence.claim_id))))
        .where(
            col(Evidence.source_id).in_([source.id for source in sources]),
            col(Evidence.withdrawn_at).is_(None),
        )
        .group_by(col(Evidence.source_id))
    ).all()
    return {source.id: 0 for source in sources} | dict(counted)


def _one_of(words: type[Any], text: str | None) -> Any:
    return next((word for word in words if word.value == text), None)
