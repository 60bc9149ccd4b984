"""Whether a desk is whole: its ledger, its tables and what is derived from them agree."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlmodel import Session, SQLModel, col, select

from claims import desk, ledger
from claims.models import (
    Claim,
    ClaimWords,
    Comment,
    Event,
    Evidence,
    Receipt,
    Ruling,
    Source,
    Verdict,
)

# What members write, and the columns that change without an event of the record's own: derived
# ones, and where a merge puts it.
WRITTEN: dict[type[SQLModel], set[str]] = {
    Claim: {"state", "rating_id", "evidence_count", "changed_at"},
    Comment: {"claim_id"},
    Evidence: {"claim_id"},
    Ruling: {"standing"},
    Source: set(),
    Verdict: {"standing"},
}


def faults(session: Session, touched: Collection[int] | None = None) -> list[str]:
    """Everything that is half done or does not fit together in the database.

    What is derived is derived anew of every claim, or of those that were `touched`.
    """
    session.expire_all()
    return [
        *_broken(session),
        *_untold(session),
        *_underived(session, touched),
        *_misled(session),
    ]


def _broken(session: Session) -> Iterator[str]:
    broken = ledger.verify(session).broken
    if broken:
        yield f"the ledger is broken at event {broken.seq}: {broken.reason}"


def _untold(session: Session) -> Iterator[str]:
    """The ledger, told from its beginning, ends with what the tables hold."""
    told: dict[str, dict[int, dict[str, object]]] = defaultdict(lambda: defaultdict(dict))
    for event in session.exec(select(Event).order_by(col(Event.seq))):
        if event.subject_id is not None:
            told[event.subject][event.subject_id].update(event.after)
    for table, moved in WRITTEN.items():
        name = str(table.__tablename__)
        held = {row.id: ledger.snapshot(row) for row in session.exec(select(table))}
        yield from (f"{name} {i} has no event" for i in held.keys() - told[name].keys())
        yield from (f"the events of {name} {i} have no record" for i in told[name].keys() - held)
        for i in held.keys() & told[name].keys():
            for field, value in held[i].items():
                if field not in moved and field in told[name][i] and told[name][i][field] != value:
                    yield f"{name} {i} has another {field} than the ledger tells"


def _underived(session: Session, touched: Collection[int] | None) -> Iterator[str]:
    """What is derived of each claim is what would be derived of it now."""

    def derived() -> dict[int, tuple[object, ...]]:
        rows = session.exec(
            select(Claim.id, Claim.state, Claim.rating_id, Claim.evidence_count, ClaimWords.words)
            .outerjoin(ClaimWords, col(ClaimWords.claim_id) == Claim.id)
            .execution_options(populate_existing=True)
        )
        # Words are found in any order.
        return {
            i: (state, rating, evidence, frozenset((words or "").split()))
            for i, state, rating, evidence, words in rows
        }

    held = derived()
    for claim in session.exec(select(Claim)).all():
        if touched is None or claim.id in touched:
            desk.standing.refresh(session, claim)
    fresh = derived()
    session.rollback()
    yield from (f"what is derived of claim {i} is stale" for i in held if held[i] != fresh[i])


def _misled(session: Session) -> Iterator[str]:
    """Each form that was answered left a receipt for its answer."""
    for receipt in session.exec(select(Receipt)):
        if not receipt.location.startswith("/"):
            yield f"the receipt {receipt.token} leads to {receipt.location}"
