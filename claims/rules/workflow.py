"""Where a claim stands: the one place in which its state is derived."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from claims.rules.vocabulary import State


@dataclass(frozen=True)
class GivenVerdict:
    """A reviewer's standing verdict: its rating and when it was given."""

    rating: str
    at: datetime


@dataclass(frozen=True)
class StandingRuling:
    """The ruling in force on a claim."""

    rating: str
    at: datetime
    published: bool
    reopened: bool


@dataclass(frozen=True)
class Policy:
    """How the desk reviews: how many verdicts a claim needs, and whether they are blind.

    `origins_required` is the number of independent origins that a ruling rests on, on the
    side with more of them, unless its editor writes down why not; 0: any number.
    """

    verdicts_required: int
    blind: bool
    origins_required: int = 0


def state(
    policy: Policy,
    *,
    evidence: int,
    verdicts: Collection[GivenVerdict],
    ruling: StandingRuling | None,
) -> State:
    """Derive a claim's state from its evidence, standing verdicts and ruling.

    A verdict given after the ruling that differs from it reopens the claim.
    Fewer verdicts than the policy requires never show as agreed or disputed, and
    under a blind policy not at all, so that the state gives no verdict away.
    """
    if ruling:
        differs = any(v.at > ruling.at and v.rating != ruling.rating for v in verdicts)
        if ruling.reopened or differs:
            return State.REOPENED
        return State.PUBLISHED if ruling.published else State.RULED
    if not complete(policy, len(verdicts)):
        seen = evidence or (verdicts and not policy.blind)
        return State.IN_REVIEW if seen else State.TO_CHECK
    return State.AGREED if len({v.rating for v in verdicts}) == 1 else State.DISPUTED


def complete(policy: Policy, verdicts: int) -> bool:
    """Whether as many verdicts are in as the review policy requires."""
    return verdicts >= policy.verdicts_required
