"""What a member may see, and when: blind review, decided on the server."""

from claims.rules.workflow import Policy, complete


def verdicts_revealed(policy: Policy, *, verdicts: int, ruled: bool) -> bool:
    """Whether everybody may see everybody's verdicts on a claim.

    Under a blind policy they stay hidden until all required verdicts are in,
    or a ruling stands. A reviewer always sees their own.
    """
    return not policy.blind or ruled or complete(policy, verdicts)
