"""Verdicts: a reviewer's own judgement of a claim."""

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import standing
from claims.models import Claim, Member, Rating, Verdict, VerdictEvidence
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Confidence
from claims.rules.workflow import GivenVerdict

# Every verdict takes these, so they are made once.
_VERDICT = Verdict.__table__  # type: ignore[attr-defined]
_STEP_BACK = (
    sa.update(_VERDICT).where(_VERDICT.c.id == sa.bindparam("earlier")).values(standing=False)
)
_REST_ON = sa.insert(VerdictEvidence.__table__)  # type: ignore[attr-defined]


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
    basis = queries.standing.basis(session, claim)
    rules.gates.check_open(withdrawn=basis.withdrawn)
    rules.gates.check_scale(rating.scale_id, in_force=basis.scale_id)
    rules.gates.check_grounds(
        kind=basis.kind, evidence=len(basis.evidence), needs_evidence=rating.needs_evidence
    )
    chosen = sorted(basis.evidence & set(rests_on))
    if rating.needs_evidence and not chosen:
        raise Refused("Choose the evidence that this verdict rests on.")
    earlier = basis.verdict_ids.get(by.id)
    if earlier is not None:
        # The earlier one has to step back before the database lets another stand.
        session.execute(_STEP_BACK, {"earlier": earlier})
    verdict = Verdict(
        claim_id=claim.id,
        member_id=by.id,
        rating_id=rating.id,
        confidence=confidence,
        rationale=rationale,
        supersedes_id=earlier,
    )
    session.add(verdict)
    session.flush()
    if chosen:
        session.execute(
            _REST_ON,
            [{"verdict_id": verdict.id, "evidence_id": piece} for piece in chosen],
        )
    ledger.record(
        session,
        "verdict changed" if earlier else "verdict given",
        verdict,
        by=by,
        detail={"rating": rating.name, "rests on": chosen},
    )
    given = {by.id: GivenVerdict(rating.key, verdict.created_at)}
    standing.given(session, claim, replace(basis, verdicts={**basis.verdicts, **given}))
    return verdict
