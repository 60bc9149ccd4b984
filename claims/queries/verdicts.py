"""Verdicts, as far as a member may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Claim, Member, Verdict, VerdictEvidence
from claims.rules.workflow import Policy


@dataclass(frozen=True)
class ClaimVerdicts:
    """The verdicts on a claim that one viewer may see.

    `standing` and `superseded` are newest first; `rests_on` gives the ids of
    the evidence behind each. While verdicts are `hidden`, others' are in none
    of these, and nobody learns how many there are.
    """

    own: Verdict | None
    standing: Sequence[Verdict]
    superseded: Sequence[Verdict]
    rests_on: Mapping[int, frozenset[int]]
    hidden: bool
    required: int

    @property
    def agree(self) -> bool | None:
        """Whether the visible verdicts agree; None while that is not known."""
        if self.hidden or len(self.standing) < self.required:
            return None
        return len({verdict.rating.key for verdict in self.standing}) == 1


def on_claim(session: Session, claim: Claim, *, viewer: Member, policy: Policy) -> ClaimVerdicts:
    """Read the verdicts on a claim, and leave out what is still blind to the viewer."""
    rows = session.execute(_all_on(), {"claim_id": claim.id}).all()
    rests_on: dict[int, set[int]] = {}
    for verdict, evidence_id in rows:
        grounds = rests_on.setdefault(verdict.id, set())
        if evidence_id is not None:
            grounds.add(evidence_id)
    verdicts = list({verdict.id: verdict for verdict, _ in rows}.values())
    standing = [verdict for verdict in verdicts if verdict.standing]
    revealed = rules.visibility.verdicts_revealed(
        policy, verdicts=len(standing), ruled=claim.rating_id is not None
    )
    seen = [v for v in verdicts if revealed or v.member_id == viewer.id]
    return ClaimVerdicts(
        own=next((v for v in standing if v.member_id == viewer.id), None),
        standing=[v for v in seen if v.standing],
        superseded=[v for v in seen if not v.standing],
        rests_on={v.id: frozenset(rests_on[v.id]) for v in seen},
        hidden=not revealed,
        required=policy.verdicts_required,
    )


@cache
def _all_on() -> Any:
    # A verdict comes once for each piece of evidence that it rests on.
    return (
        sa.select(Verdict, col(VerdictEvidence.evidence_id))
        .outerjoin(VerdictEvidence, col(VerdictEvidence.verdict_id) == Verdict.id)
        .where(col(Verdict.claim_id) == sa.bindparam("claim_id"))
        .options(joinedload(Verdict.member), joinedload(Verdict.rating))  # type: ignore[arg-type]
        .order_by(col(Verdict.id).desc())
    )


def latest(session: Session, claim: Claim, member: Member) -> Verdict | None:
    """A reviewer's standing verdict on a claim."""
    return session.exec(
        select(Verdict).where(
            Verdict.claim_id == claim.id, Verdict.member_id == member.id, col(Verdict.standing)
        )
    ).first()
