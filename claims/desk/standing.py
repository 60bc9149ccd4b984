"""Keep what is derived of a claim in step with what it rests on.

Every use case that changes evidence or the words of a claim calls `refresh`
last, in the same transaction; one that only judges it calls `judged`.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from claims import queries, rules
from claims.models import Claim, ClaimWords
from claims.models.columns import now
from claims.rules.workflow import Policy


def refresh(session: Session, claim: Claim) -> None:
    """Derive a claim's state, rating, count of evidence and search words anew."""
    judged(session, claim, queries.standing.desk(session).policy)
    reword(session, claim)


def judged(session: Session, claim: Claim, policy: Policy, *, by_verdict: bool = False) -> None:
    """Derive what follows from a verdict or a ruling; neither adds words to be found by.

    A verdict that is still blind leaves no trace, not even in when the claim last changed.
    """
    session.flush()
    found = queries.standing.standing_ruling(session, claim)
    evidence = queries.standing.evidence_count(session, claim)
    verdicts = queries.standing.given_verdicts(session, claim)
    state = rules.workflow.state(
        policy,
        evidence=evidence,
        verdicts=verdicts,
        ruling=queries.standing.ruling_facts(found),
    )
    revealed = rules.visibility.verdicts_revealed(
        policy, verdicts=len(verdicts), ruled=found is not None
    )
    seen = {"changed_at": now()} if revealed or not by_verdict else {}
    note(
        session,
        claim,
        evidence_count=evidence,
        state=state,
        rating_id=found[0].rating_id if found else None,
        **seen,
    )


def touch(session: Session, claim: Claim) -> None:
    """Note that something about a claim changed just now."""
    note(session, claim, changed_at=now())


def note(session: Session, claim: Claim, **values: Any) -> None:
    """Write columns of a claim that are no words of it, and leave its version as it is.

    Whoever is rewording a claim has not been overtaken by somebody who adds
    evidence to it, and two who add evidence at once don't get in each other's way.
    """
    session.execute(sa.update(Claim).where(col(Claim.id) == claim.id).values(**values))


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
