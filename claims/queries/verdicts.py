"""Verdicts, as far as a member may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from claims import rules
from claims.models import Claim, Member, Verdict
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


def seen(
    verdicts: Sequence[Verdict],
    rests_on: Iterable[tuple[int, int]],
    claim: Claim,
    *,
    viewer: Member,
    policy: Policy,
) -> ClaimVerdicts:
    """Leave out of all verdicts on a claim, newest first, what is still blind to the viewer.

    `rests_on` has the ids of each verdict and of the evidence behind it.
    """
    standing = [verdict for verdict in verdicts if verdict.standing]
    revealed = rules.visibility.verdicts_revealed(
        policy, verdicts=len(standing), ruled=claim.rating_id is not None
    )
    seen = [v for v in verdicts if revealed or v.member_id == viewer.id]
    grounds: dict[int, set[int]] = {verdict.id: set() for verdict in seen}
    for verdict_id, evidence_id in rests_on:
        if verdict_id in grounds:
            grounds[verdict_id].add(evidence_id)
    return ClaimVerdicts(
        own=next((v for v in standing if v.member_id == viewer.id), None),
        standing=[v for v in seen if v.standing],
        superseded=[v for v in seen if not v.standing],
        rests_on={verdict_id: frozenset(held) for verdict_id, held in grounds.items()},
        hidden=not revealed,
        required=policy.verdicts_required,
    )
