"""What events of the ledger are about, by name."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from claims.models import Article, Claim, Event, Member, Origin, Source

# A claim is called by its number in the article and what it states, so far as a line holds it.
_STATED = sa.func.substr(col(Claim.statement), 1, 200, type_=sa.String)
_NAMES: dict[str, Any] = {
    "claim": sa.cast(col(Claim.number), sa.String).concat(" ").concat(_STATED),
    "article": col(Article.title),
    "member": col(Member.name),
    "source": col(Source.title),
    "origin": col(Origin.name),
}
_IDS: dict[str, Any] = {
    "claim": col(Claim.id),
    "article": col(Article.id),
    "member": col(Member.id),
    "source": col(Source.id),
    "origin": col(Origin.id),
}

# What has no page of its own but belongs to a source, which its events name.
_OF_SOURCE = frozenset({"capture", "origin_hint"})


def names(session: Session, events: Iterable[Event]) -> dict[tuple[str, int], str]:
    """The names of the claims, articles, members, sources and origins of events, by kind and id.

    One statement, however many events there are.
    """
    wanted: dict[str, set[int]] = {kind: set() for kind in _IDS}
    for event in events:
        for kind, number in mentioned(event):
            wanted[kind].add(number)
    parts = [
        sa.select(sa.literal(kind), _IDS[kind], _NAMES[kind]).where(_IDS[kind].in_(sorted(ids)))
        for kind, ids in wanted.items()
        if ids
    ]
    if not parts:
        return {}
    return {(kind, number): name for kind, number, name in session.execute(sa.union_all(*parts))}


def subject(event: Event) -> tuple[str, int] | None:
    """What an event is about, as kind and id: a claim before all, as most work is on one."""
    if event.claim_id is not None:
        return "claim", event.claim_id
    if event.article_id is not None:
        return "article", event.article_id
    if event.subject == "capture" and isinstance(event.after.get("source_id"), int):
        return "source", event.after["source_id"]
    if event.subject in _IDS and event.subject_id is not None:
        return event.subject, event.subject_id
    source_id = event.after.get("source_id") if event.subject in _OF_SOURCE else None
    return ("source", source_id) if isinstance(source_id, int) else None


def mentioned(event: Event) -> Iterable[tuple[str, int]]:
    """Everything that an event names by its id."""
    about = subject(event)
    if about:
        yield about
    assignee = event.after.get("assignee_id")
    if isinstance(assignee, int):
        yield "member", assignee
