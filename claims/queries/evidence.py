"""Evidence on a claim, weighed into three sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Claim, Evidence
from claims.rules.vocabulary import Stance


@dataclass(frozen=True)
class ClaimEvidence:
    """Everything that was found on one claim, oldest first, with what was withdrawn apart."""

    supports: tuple[Evidence, ...]
    context: tuple[Evidence, ...]
    refutes: tuple[Evidence, ...]
    withdrawn: tuple[Evidence, ...]

    @property
    def standing(self) -> tuple[Evidence, ...]:
        """All that a verdict can rest on."""
        return self.supports + self.context + self.refutes


def on_claim(session: Session, claim: Claim) -> ClaimEvidence:
    """The evidence on a claim, each piece with its source and who added it, in one statement."""
    return on(session, claim.id)


def on(session: Session, claim_id: int) -> ClaimEvidence:
    """The same for a claim of which only the id is known."""
    return weighed(session.exec(_all_on(), params={"claim_id": claim_id}).all())


def weighed(pieces: Sequence[Evidence]) -> ClaimEvidence:
    """Sort pieces of evidence on one claim into its three sides."""

    def side(stance: Stance) -> tuple[Evidence, ...]:
        return tuple(p for p in pieces if p.withdrawn_at is None and p.stance == stance)

    return ClaimEvidence(
        supports=side(Stance.SUPPORTS),
        context=side(Stance.CONTEXT),
        refutes=side(Stance.REFUTES),
        withdrawn=tuple(p for p in pieces if p.withdrawn_at is not None),
    )


def one(session: Session, claim_id: int, evidence_id: int) -> Evidence | None:
    """One piece of a claim's evidence, standing or withdrawn."""
    return session.exec(
        _whole()
        .options(joinedload(Evidence.claim))  # type: ignore[arg-type]
        .where(Evidence.id == evidence_id, Evidence.claim_id == claim_id)
    ).first()


@cache
def _all_on() -> SelectOfScalar[Evidence]:
    return _whole().where(Evidence.claim_id == sa.bindparam("claim_id"))


def _whole() -> SelectOfScalar[Evidence]:
    return (
        select(Evidence)
        .options(
            joinedload(Evidence.source),  # type: ignore[arg-type]
            joinedload(Evidence.created_by),  # type: ignore[arg-type]
            joinedload(Evidence.withdrawn_by),  # type: ignore[arg-type]
        )
        .order_by(col(Evidence.id))
    )
