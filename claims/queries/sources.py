"""The library of sources, and every claim that a source bears on."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims import rules
from claims.models import (
    Capture,
    Claim,
    Content,
    Event,
    Evidence,
    Job,
    Member,
    Origin,
    OriginHint,
    Source,
)
from claims.models.columns import now
from claims.queries import captures, evidence, jobs, ledger, origins, paging, searching
from claims.queries.evidence import Provenance
from claims.queries.paging import Order
from claims.rules.vocabulary import JobState, SourceType

UNGRADED = "none"

_LONGEST_SEARCH = 200
_COPIES = 20


class Sort(StrEnum):
    """In which order sources are listed."""

    NEWEST = "newest"
    TITLE = "title"


class Shown(StrEnum):
    """Whether withdrawn sources are listed."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    ALL = "all"


class Health(StrEnum):
    """How the desk’s copies of a source are."""

    NONE = "none"
    CAPTURED = "captured"
    FAILED = "failed"
    DAMAGED = "damaged"


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
    health: Health | None = None
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
            health=_one_of(Health, args.get("health")),
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
    """One page of the library: its sources, on how many claims each bears, how its copies are."""

    sources: Sequence[Source]
    next: str | None
    claims: Mapping[int, int]
    health: Mapping[int, Collection[Health]]


@dataclass(frozen=True)
class Copies:
    """The copies of a source, newest first, and the jobs that somebody waits for.

    `rev` changes when anything of it does.
    """

    rows: paging.Page[Capture]
    jobs: Sequence[Job]

    @property
    def open(self) -> bool:
        """Whether anything may change without anybody doing something."""
        return any(job.state in jobs.OPEN for job in self.jobs)

    @property
    def rev(self) -> str:
        """What changes with them."""
        of_jobs = [
            f"{job.id} {job.state} {job.due_at if job.state is JobState.WAITING else ''} "
            f"{job.received} {job.trouble} {job.lost} {rules.retries.worker(job.due_at, now())}"
            for job in self.jobs
        ]
        of_rows = [
            f"{row.id} {row.content.damage} {row.withdrawn_at}" for row in self.rows.rows[:20]
        ]
        return hashlib.sha256("\n".join([*of_jobs, *of_rows]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class SourcePage:
    """Everything that a source's page shows.

    `bearings` are the pieces of evidence drawn from it, newest first, each
    with its claim, and how it can be checked in `provenance`, by its id; `standing` of them
    are not withdrawn. `suggestions` are sources that the
    desk takes for the same origin, `merged_into` is the one that this turned out to be.
    """

    source: Source
    added_by: Member | None
    withdrawn_by: Member | None
    bearings: paging.Page[Evidence]
    provenance: Mapping[int, Provenance]
    standing: int
    copies: Copies
    history: paging.Page[Event]
    origin: Origin | None
    origin_names: Sequence[str]
    suggestions: Sequence[OriginHint]
    merged_into: Source | None


@dataclass(frozen=True)
class Merging:
    """A source that may be the same as another, with what would move: evidence and copies."""

    source: Source
    evidence: int
    copies: int


def library(session: Session, filters: Filters, *, after: str | None = None) -> Library:
    """One page of the sources that filters let through."""
    found = paging.page(session, matching(filters), ORDERS[filters.sort], after=after)
    ids = [source.id for source in found.rows]
    return Library(found.rows, found.next, _claims(session, found.rows), _health(session, ids))


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
    if filters.health is Health.NONE:
        query = query.where(col(Source.id).not_in(_ITS_HEALTH[Health.CAPTURED]))
    elif filters.health:
        query = query.where(col(Source.id).in_(_ITS_HEALTH[filters.health]))
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


def others(session: Session, source: Source, q: str = "", *, size: int = 20) -> Sequence[Source]:
    """The sources in use, besides one, that a search finds; that of a pasted address first."""
    same = same_page(session, q, besides=source.id)
    known = {source.id, same.id if same else None}
    found = [one for one in options(session, q, size=size + 1) if one.id not in known]
    return [*([same] if same else ()), *found][:size]


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
    older: str | None = None,
) -> SourcePage | None:
    """What the page of a source shows.

    `after` pages its evidence, `earlier` its history, `older` its copies.
    """
    # Before what they fill in: a page that shows no capture under way is asked for no more.
    held = copies(session, source_id, older=older)
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
    drawn = paging.page(session, bearings, _BEARINGS, after=after)
    return SourcePage(
        source=source,
        added_by=session.get(Member, source.created_by_id) if source.created_by_id else None,
        withdrawn_by=session.get(Member, source.withdrawn_by_id)
        if source.withdrawn_by_id
        else None,
        bearings=drawn,
        provenance=evidence.provenances(session, drawn.rows),
        standing=standing_evidence(session, source),
        copies=held,
        history=paging.page(session, _history(source), ledger.ORDER, after=earlier),
        origin=origins.one(session, source.origin_id) if source.origin_id else None,
        origin_names=origins.names(session),
        suggestions=origins.suggestions(session, source.id),
        merged_into=one(session, source.merged_into_id) if source.merged_into_id else None,
    )


def _history(source: Source) -> SelectOfScalar[Event]:
    """What happened to a source and to its copies."""
    its_copies = select(Capture.id).where(Capture.source_id == source.id)
    return select(Event).where(
        sa.or_(
            sa.and_(col(Event.subject) == Source.__tablename__, col(Event.subject_id) == source.id),
            sa.and_(
                col(Event.subject) == Capture.__tablename__, col(Event.subject_id).in_(its_copies)
            ),
        )
    )


def copies(session: Session, source_id: int, *, older: str | None = None) -> Copies:
    """The copies of a source, and what is under way."""
    return Copies(
        captures.of_source(session, source_id, after=older, size=_COPIES),
        jobs.shown(session, source_id),
    )


def merging(session: Session, source: Source) -> Merging:
    """A source, and how much evidence, withdrawn or not, and how many copies belong to it."""
    counts = (
        sa.select(sa.func.count()).where(col(row.source_id) == source.id).scalar_subquery()
        for row in (Evidence, Capture)
    )
    evidence, taken = session.execute(sa.select(*counts)).one()
    return Merging(source, evidence, taken)


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


# The ids of sources whose copies are so.
_ITS_HEALTH: dict[Health, Any] = {
    Health.CAPTURED: select(Capture.source_id).where(captures.STANDING),
    Health.FAILED: select(Job.source_id).where(jobs.failed()),
    Health.DAMAGED: select(Capture.source_id)
    .join(Content, col(Content.sha256) == Capture.sha256)
    .where(col(Content.damage).is_not(None), captures.STANDING),
}


def _health(session: Session, ids: Sequence[int]) -> dict[int, set[Health]]:
    """How the copies of each of these sources are, in one statement."""
    found: dict[int, set[Health]] = {source_id: set() for source_id in ids}
    parts = [
        query.where(query.selected_columns[0].in_(ids)).add_columns(sa.literal(health.value))
        for health, query in _ITS_HEALTH.items()
    ]
    for source_id, health in session.execute(sa.union(*parts)):
        found[source_id].add(Health(health))
    return found


def _one_of(words: type[Any], text: str | None) -> Any:
    return next((word for word in words if word.value == text), None)
