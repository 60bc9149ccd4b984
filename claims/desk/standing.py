"""Keep what is derived of a claim in step with what it rests on.

Every use case that changes evidence or the words of a claim calls `refresh`
last, in the same transaction; one that only judges it calls `judged`.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from claims import queries, rules
from claims.models import Claim, ClaimWords
from claims.models.columns import now
from claims.queries.standing import Basis


def refresh(session: Session, claim: Claim) -> None:
    """Derive a claim's state, rating, count of evidence and search words anew."""
    judged(session, claim)
    reword(session, claim)


def judged(session: Session, claim: Claim) -> None:
    """Derive what follows from a ruling; it adds no words to be found by."""
    session.flush()
    _follow(session, claim, queries.standing.basis(session, claim), changed_at=now())


def given(session: Session, claim: Claim, basis: Basis) -> None:
    """Derive what follows from a verdict; `basis` counts it in.

    One that is still blind leaves no trace, not even in when the claim last changed.
    """
    revealed = rules.visibility.verdicts_revealed(
        basis.policy, verdicts=len(basis.verdicts), ruled=basis.ruling is not None
    )
    _follow(session, claim, basis, **({"changed_at": now()} if revealed else {}))


def _follow(session: Session, claim: Claim, basis: Basis, **values: Any) -> None:
    state = rules.workflow.state(
        basis.policy,
        evidence=len(basis.evidence),
        verdicts=basis.verdicts.values(),
        ruling=basis.ruling,
    )
    note(
        session,
        claim,
        evidence_count=len(basis.evidence),
        state=state,
        rating_id=basis.rating_id,
        **values,
    )


def touch(session: Session, claim: Claim) -> None:
    """Note that something about a claim changed just now."""
    note(session, claim, changed_at=now())


def note(session: Session, claim: Claim, **values: Any) -> None:
    """Write columns of a claim that are no words of it, and leave its version as it is.

    Whoever is rewording a claim has not been overtaken by somebody who adds
    evidence to it, and two who add evidence at once don't get in each other's way.
    """
    session.execute(_note(), {"claim_id": claim.id, **values})
    for name, value in values.items():
        set_committed_value(claim, name, value)


@cache
def _note() -> sa.Update:
    # Of the table, not of records: that would count the version up.
    table = Claim.__table__  # type: ignore[attr-defined]
    return sa.update(table).where(table.c.id == sa.bindparam("claim_id"))


def reword(session: Session, claim: Claim) -> None:
    """Derive the words by which a claim is found."""
    texts = queries.standing.searched_texts(session, claim)
    words = " ".join(dict.fromkeys(rules.searching.words(" ".join(t for t in texts if t))))
    held = session.get(ClaimWords, claim.id)
    if held:
        held.words = words
    else:
        session.add(ClaimWords(claim_id=claim.id, words=words))
    session.flush()
