"""What must hold before a step, with the sentence that says what is missing."""

from claims.rules.refusals import Refused
from claims.rules.vocabulary import Kind
from claims.rules.workflow import Policy, complete

# Nothing can prove or disprove these as such, so a reason may stand alone.
UNCHECKABLE_KINDS = frozenset({Kind.OPINION, Kind.PREDICTION})


def check_open(*, withdrawn: bool) -> None:
    """Refuse to judge a claim that is withdrawn."""
    if withdrawn:
        raise Refused("This claim is withdrawn. Restore it first, if it should be checked.")


def check_scale(scale: int, *, in_force: int | None) -> None:
    """Refuse a rating of a scale that is no longer in force."""
    if scale != in_force:
        raise Refused("The rating scale has changed since you opened the page: choose again.")


def check_grounds(*, kind: Kind, evidence: int, needs_evidence: bool) -> None:
    """Refuse a judgement that rests on nothing.

    A rating that needs no evidence (not checkable) may be given to an opinion
    or a prediction with a reason alone.
    """
    if evidence:
        return
    if needs_evidence:
        raise Refused("Add evidence before judging this claim: it has none yet.")
    if kind not in UNCHECKABLE_KINDS:
        raise Refused(
            "Only an opinion or a prediction can be called not checkable without evidence; "
            f"this claim is of the kind “{kind}”. Add what you found, or change its kind."
        )


def check_ruling(policy: Policy, *, verdicts: int, kind: Kind, needs_evidence: bool) -> None:
    """Refuse a ruling before the policy's number of verdicts is in.

    That an opinion or a prediction is not checkable needs a reason, no verdicts.
    """
    if complete(policy, verdicts) or (not needs_evidence and kind in UNCHECKABLE_KINDS):
        return
    missing = policy.verdicts_required - verdicts
    more = "one more verdict" if missing == 1 else f"{missing} more verdicts"
    raise Refused(f"The review policy asks for {more} before this claim can be settled.")


def check_origins(
    policy: Policy, *, origins: int, reason: str | None, needs_evidence: bool
) -> None:
    """Refuse a ruling that rests on too few independent origins, unless it says why."""
    if not needs_evidence or reason or origins >= policy.origins_required:
        return
    found = {0: "no independent origin", 1: "one independent origin"}
    raise Refused(
        f"This claim rests on {found.get(origins, f'{origins} independent origins')} on either "
        f"side, and the review policy asks for {policy.origins_required}. Add evidence that comes "
        "from somebody else, or write down why it can be settled all the same."
    )


def check_copy_stands(*, withdrawn: bool) -> None:
    """Nothing is quoted from a copy that somebody withdrew."""
    if withdrawn:
        raise Refused("This copy is withdrawn: take the words from another one, or restore it.")


def check_own_article(*, own: bool, reason: str | None) -> None:
    """Refuse the checked article as evidence on its own claims, unless somebody says why."""
    if own and not reason:
        raise Refused(
            "This source is the article under check, or a copy of it: an article is no evidence "
            "for its own claims. Choose another source, or write down why it may stand here, as "
            "when the article contradicts itself."
        )


def check_no_own_article(title: str | None) -> None:
    """Refuse to settle a claim on its own article, which is in its evidence under a title."""
    if title is not None:
        raise Refused(
            "The article under check, or a copy of it, is among the evidence, as the desk knows by "
            f"now: “\u2068{title}\u2069”. An article is no evidence for its own claims. Edit "
            "this evidence and write down why it may stand here, or withdraw it, before settling."
        )


def check_publishable(*, ruled: bool, published: bool, reopened: bool) -> None:
    """Refuse to publish what is not settled, or is published already."""
    if not ruled:
        raise Refused("Settle the claim before publishing it.")
    if reopened:
        raise Refused("The claim is reopened: settle it again before publishing it.")
    if published:
        raise Refused("This ruling is published already.")


def check_rewordable(*, published: bool) -> None:
    """Refuse to change the words under a published ruling."""
    if published:
        raise Refused(
            "The ruling on this claim is published, and it judges these words. "
            "Reopen the claim before changing them."
        )


def check_merge(*, same: bool, same_article: bool, withdrawn: bool, ruled: bool) -> None:
    """Refuse to merge claims that cannot become one."""
    if same:
        raise Refused("A claim cannot be merged into itself: choose another one.")
    if not same_article:
        raise Refused("Only claims of the same article can be merged; link these two instead.")
    if withdrawn:
        raise Refused("One of these claims is withdrawn. Restore it first.")
    if ruled:
        raise Refused(
            "One of these claims is settled, and a ruling judges one claim only. "
            "Claims can be merged while neither has a ruling."
        )
