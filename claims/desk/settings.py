"""The desk's own settings and its review policy."""

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.models import Desk, Member
from claims.rules.refusals import check_version


def change(
    session: Session,
    desk: Desk,
    *,
    name: str,
    public_url: str | None,
    logo_url: str | None,
    read: int,
    by: Member,
) -> None:
    """Change the desk's name and where readers find it."""
    now = {"name": desk.name, "public_url": desk.public_url or "", "logo_url": desk.logo_url or ""}
    check_version(read, desk.version, now, of=("desk", desk.id))
    before = ledger.snapshot(desk)
    desk.name = name
    desk.public_url = public_url
    desk.logo_url = logo_url
    ledger.record(session, "settings changed", desk, by=by, before=before)


def change_policy(
    session: Session,
    desk: Desk,
    *,
    verdicts_required: int,
    blind: bool,
    origins_required: int,
    read: int,
    by: Member,
) -> int:
    """Change how the desk reviews; claims not yet settled stand anew under the new policy.

    Returns how many claims changed their state.
    """
    ledger.take_turn(session)
    now = {
        "verdicts_required": str(desk.verdicts_required),
        "blind": "1" if desk.blind else "",
        "origins_required": str(desk.origins_required),
    }
    check_version(read, desk.version, now, of=("desk", desk.id))
    before = ledger.snapshot(desk)
    desk.verdicts_required = verdicts_required
    desk.blind = blind
    desk.origins_required = origins_required
    moved = queries.standing.unsettled(session)
    changed = 0
    for claim, verdicts in moved:
        state = rules.workflow.state(
            desk.policy, evidence=claim.evidence_count, verdicts=verdicts, ruling=None
        )
        if state is not claim.state:
            claim.state = state
            changed += 1
    ledger.record(
        session, "review policy changed", desk, by=by, before=before, detail={"claims": changed}
    )
    return changed
