"""Custody: whether the bytes of every copy are still what they were when they were kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from claims import database, desk, queries
from claims.captures.store import Health, Store
from claims.rules.vocabulary import Damage

# So many bytes at a time belong to one look; what was found is written down after each.
_BATCH = 100

_DAMAGE = {Health.MISSING: Damage.MISSING, Health.CHANGED: Damage.CHANGED}


@dataclass
class Examination:
    """How many contents were looked at, and the digests of those that are damaged."""

    checked: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every content is what it should be."""
        return not self.missing and not self.changed


def examine(
    engine: sa.Engine, store: Store, *, told: Callable[[int], None] = lambda _checked: None
) -> Examination:
    """Read every content in the store, and flag what is missing or changed on all its copies.

    Members go on working: nothing is held while bytes are read. `told` hears how many
    were looked at so far. Raises `Unavailable` when the store cannot be reached.
    """
    found = Examination()
    after = ""
    while digests := _next(engine, after):
        healths = {digest: store.check(digest) for digest in digests}
        _write_down(engine, healths)
        found.checked += len(healths)
        found.missing += [d for d, health in healths.items() if health is Health.MISSING]
        found.changed += [d for d, health in healths.items() if health is Health.CHANGED]
        after = digests[-1]
        told(found.checked)
    return found


def _next(engine: sa.Engine, after: str) -> Sequence[str]:
    with database.session(engine) as session:
        return queries.captures.digests(session, after=after, limit=_BATCH)


def _write_down(engine: sa.Engine, healths: dict[str, Health]) -> None:
    with database.session(engine) as session:
        for content in queries.captures.contents(session, list(healths)):
            damage = _DAMAGE.get(healths[content.sha256])
            if damage:
                desk.captures.found_damaged(session, content, damage)
            else:
                desk.captures.found_sound(session, content)
        session.commit()
