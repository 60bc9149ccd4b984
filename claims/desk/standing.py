"""Keep what is derived of a claim in step with what it rests on.

Every use case that changes evidence, verdicts, rulings or the words of a claim
calls `refresh` last, in the same transaction.
"""

from sqlmodel import Session

from claims import queries, rules
from claims.models import Claim, ClaimWords
from claims.rules.workflow import Policy


def refresh(session: Session, claim: Claim, policy: Policy | None = None) -> None:
    """Derive a claim's state, rating, count of evidence and search words anew."""
    session.flush()
    policy = policy or queries.standing.desk(session).policy
    found = queries.standing.standing_ruling(session, claim)
    claim.evidence_count = queries.standing.evidence_count(session, claim)
    claim.state = rules.workflow.state(
        policy,
        evidence=claim.evidence_count,
        verdicts=queries.standing.given_verdicts(session, claim),
        ruling=queries.standing.ruling_facts(found),
    )
    claim.rating_id = found[0].rating_id if found else None
    claim.touch()
    reword(session, claim)


def reword(session: Session, claim: Claim) -> None:
    """Derive the words by which a claim is found."""
    texts = [claim.statement, *queries.standing.searched_texts(session, claim)]
    words = " ".join(dict.fromkeys(rules.searching.words(" ".join(t for t in texts if t))))
    held = session.get(ClaimWords, claim.id)
    if held:
        held.words = words
    else:
        session.add(ClaimWords(claim_id=claim.id, words=words))
    session.flush()
