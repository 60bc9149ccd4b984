"""The queue: claims searched, filtered and sorted, a page at a time."""

from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session

from claims.models import Member
from claims.queries import choices, counts, found, paging, remembered, rows, searching
from claims.queries.choices import Choices
from claims.queries.counts import Counts
from claims.queries.filters import Filters
from claims.queries.rows import Row


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
    marked = found.marks(session, filters, viewer)
    offered = filters.article, filters.speaker, filters.assignee
    return QueuePage(
        filters,
        rows.page(session, filters, viewer, marked, after=after, size=size),
        counts.of(session, filters, viewer, marked),
        remembered.read(
            session,
            ("choices", *offered),
            lambda: choices.offered(session, filters),
            of=choices.SUBJECTS,
        ),
        from_start=not after,
    )
