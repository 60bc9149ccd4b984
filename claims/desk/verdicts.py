"""Verdicts: a reviewer's own judgement of a claim."""

from collections.abc import Collection

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import standing
from claims.models import Claim, Member, Rating, Verdict, VerdictEvidence
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Confidence


def give(
    session: Session,
    claim: Claim,
    rating: Rating,
    rationale: str,
    *,
    by: Member,
    confidence: Confidence = Confidence.MEDIUM,
    rests_on: Collection[int] = (),
) -> Verdict:
    """Record one reviewer's verdict on a claim, resting on evidence given by its ids.

    Refused while the claim has no evidence, unless an opinion or a prediction
    is called not checkable. An earlier verdict by the same reviewer is kept
    and superseded.
    """
    ledger.take_turn(session)
    settings = queries.standing.desk(session)
    on_claim = queries.standing.evidence_ids(session, claim)
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    rules.gates.check_scale(rating.scale_id, in_force=settings.scale_id)
    rules.gates.check_grounds(
        kind=claim.kind, evidence=len(on_claim), needs_evidence=rating.needs_evidence
    )
    chosen = on_claim & set(rests_on)
    if rating.needs_evidence and not chosen:
        raise Refused("Choose the evidence that this verdict rests on.")
    earlier = queries.verdicts.latest(session, claim, by)
    if earlier:
        earlier.standing = False
        # The earlier one has to step back before the database lets another stand.
        session.flush()
    verdict = Verdict(
        claim_id=claim.id,
        member_id=by.id,
        rating_id=rating.id,
        confidence=confidence,
        rationale=rationale,
        supersedes_id=earlier.id if earlier else None,
    )
    session.add(verdict)
    session.flush()
    for evidence_id in sorted(chosen):
        session.add(VerdictEvidence(verdict_id=verdict.id, evidence_id=evidence_id))
    ledger.record(
        session,
        "verdict changed" if earlier else "verdict given",
        verdict,
        by=by,
        detail={"rating": rating.name, "rests on": sorted(chosen)},
    )
    standing.judged(session, claim, settings.policy, by_verdict=True)
    return verdict
