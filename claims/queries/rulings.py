"""Rulings on a claim: the one in force, and those before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from claims.models import Claim, Ruling


@dataclass(frozen=True)
class ClaimRulings:
    """The ruling in force on a claim, and the earlier ones, newest first."""

    standing: Ruling | None
    earlier: Sequence[Ruling]

    @property
    def corrections(self) -> Sequence[Ruling]:
        """The rulings, newest first, that corrected a published one before them."""
        everything = ([self.standing] if self.standing else []) + list(self.earlier)
        return [ruling for ruling in everything if ruling.correction]


def of(rulings: Sequence[Ruling]) -> ClaimRulings:
    """Tell the ruling in force from the earlier ones; every ruling of one claim, newest first."""
    return ClaimRulings(
        next((ruling for ruling in rulings if ruling.standing), None),
        [ruling for ruling in rulings if not ruling.standing],
    )


def standing(session: Session, claim: Claim) -> Ruling | None:
    """The ruling in force on a claim."""
    return session.exec(
        select(Ruling).where(Ruling.claim_id == claim.id, col(Ruling.standing))
    ).first()
