"""What must hold before a step, with the sentence that says what is missing."""

from claims.rules.refusals import Refused
from claims.rules.vocabulary import Kind
from claims.rules.workflow import Policy, complete

# Nothing can prove or disprove these as such, so a reason may stand alone.
UNCHECKABLE_KINDS = frozenset({Kind.OPINION, Kind.PREDICTION})


def check_verdict(*, kind: Kind, evidence: int, needs_evidence: bool) -> None:
    """Refuse a verdict that rests on nothing.

    A rating that needs no evidence (not checkable) may be given to an opinion
    or a prediction with a reason alone.
    """
    if evidence:
        return
    if needs_evidence:
        raise Refused("Add evidence before giving a verdict: this claim has none yet.")
    if kind not in UNCHECKABLE_KINDS:
        raise Refused(
            f"Only an opinion or a prediction can be called not checkable without evidence; "
            f"this claim is a {kind}. Add what you found, or change its kind."
        )


def check_ruling(policy: Policy, *, verdicts: int) -> None:
    """Refuse a ruling before the policy's number of verdicts is in."""
    if not complete(policy, verdicts):
        missing = policy.verdicts_required - verdicts
        more = "one more verdict" if missing == 1 else f"{missing} more verdicts"
        raise Refused(f"The review policy asks for {more} before this claim can be settled.")


def check_publishable(*, ruled: bool, published: bool, reopened: bool) -> None:
    """Refuse to publish what is not settled, or is published already."""
    if not ruled:
        raise Refused("Settle the claim before publishing it.")
    if reopened:
        raise Refused("The claim is reopened: settle it again before publishing it.")
    if published:
        raise Refused("This ruling is published already.")
