"""What happened to one claim, told with names in place of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from claims import rules
from claims.models import Claim, Event, Evidence, Lead, Member, Question, Source, Speaker
from claims.queries import ledger, members, remembered, scales
from claims.queries.paging import Page
from claims.rules.changes import Changed
from claims.rules.workflow import Policy

# The id and the name of what an event can mention, besides members and ratings; evidence goes
# by its source.
_NAMED: dict[str, tuple[Any, Any]] = {
    "speaker": (col(Speaker.id), col(Speaker.name)),
    "source": (col(Source.id), col(Source.title)),
    "evidence": (col(Evidence.id), col(Source.title)),
    "question": (col(Question.id), col(Question.text)),
    "lead": (col(Lead.id), col(Lead.text)),
    "claim": (
        col(Claim.id),
        sa.cast(col(Claim.number), sa.String).concat(" ").concat(col(Claim.statement)),
    ),
}


@dataclass(frozen=True)
class History:
    """Events as far as the viewer may see them, and what each of them changed."""

    events: Page[Event]
    changes: Mapping[int, list[Changed]]
    # Of members and ratings: what else an event names is this claim, or stands in its changes.
    names: Mapping[tuple[str, int], str]


def page(
    session: Session, claim: Claim, *, viewer: Member, policy: Policy, after: str | None = None
) -> History:
    """What happened to a claim, newest first, with names in place of ids."""
    events = ledger.recent(session, viewer=viewer, policy=policy, claim_id=claim.id, after=after)
    return told(session, events, known={})


def told(session: Session, events: Page[Event], *, known: Mapping[tuple[str, int], str]) -> History:
    """Tell what events changed; names that are `known` already are not asked for."""
    named = _names(session, events.rows, known)
    changes = {
        e.seq: rules.changes.changed(e.before, e.after, named, (e.subject, e.subject_id or 0))
        for e in events.rows
    }
    return History(events, changes, _everywhere(session))


def _names(
    session: Session, events: Sequence[Event], known: Mapping[tuple[str, int], str]
) -> dict[tuple[str, int], str]:
    """The names of what events mention by id, in one statement if any is not known."""
    named = {**known, **_everywhere(session)}
    wanted = rules.changes.references(held for e in events for held in (e.before, e.after))
    for event in events:
        if event.subject in rules.changes.NAMED and event.subject_id:
            wanted.setdefault(event.subject, set()).add(event.subject_id)
    parts = []
    for subject, mentioned in wanted.items():
        ids = sorted(one for one in mentioned if (subject, one) not in named)
        if not ids or subject not in _NAMED:
            continue
        key, name = _NAMED[subject]
        query = sa.select(sa.literal(subject), key, name).where(key.in_(ids))
        if subject == "evidence":
            query = query.where(col(Evidence.source_id) == Source.id)
        parts.append(query)
    if parts:
        found = session.execute(sa.union_all(*parts))
        named |= {(subject, key): name for subject, key, name in found}
    return named


def _everywhere(session: Session) -> Mapping[tuple[str, int], str]:
    """The names of members and ratings, which events of every claim mention."""

    def fresh() -> dict[tuple[str, int], str]:
        ratings = {("rating", id_): one.name for id_, one in scales.every(session).items()}
        people = {("member", id_): name for id_, name in members.names(session).items() if id_}
        return ratings | people

    return remembered.read(session, "named everywhere", fresh, of=remembered.SETTINGS)
