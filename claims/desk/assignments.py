"""Assignments: many claims handed to somebody, or tagged, in one go."""

from collections.abc import Sequence

from sqlmodel import Session, col, delete

from claims import ledger, queries
from claims.desk import claims as one_by_one
from claims.desk import standing
from claims.models import Claim, ClaimTag, Member
from claims.rules.refusals import Refused

# Each change is an event of its own, so more than this would keep others from the ledger.
MOST = 500


def assign(session: Session, claims: Sequence[Claim], to: Member | None, *, by: Member) -> int:
    """Hand claims to a member who may review, or with None to nobody; says how many it changed."""
    _check_number(claims)
    changed = [claim for claim in claims if claim.assignee_id != (to.id if to else None)]
    for claim in changed:
        one_by_one.assign(session, claim, to, by=by)
    return len(changed)


def tag(session: Session, claims: Sequence[Claim], name: str, *, by: Member) -> int:
    """Put a tag on claims; says how many did not have it."""
    _check_number(claims)
    held = _held(session, claims)
    changed = [claim for claim in claims if name not in held[claim.id]]
    if not changed:
        return 0
    tag_id = one_by_one.tag(session, name).id
    session.add_all(ClaimTag(claim_id=claim.id, tag_id=tag_id) for claim in changed)
    for claim in changed:
        _record(session, claim, held[claim.id], held[claim.id] | {name}, by)
    return len(changed)


def untag(session: Session, claims: Sequence[Claim], name: str, *, by: Member) -> int:
    """Take a tag off claims; says how many had it."""
    _check_number(claims)
    held = _held(session, claims)
    changed = [claim for claim in claims if name in held[claim.id]]
    if not changed:
        return 0
    session.exec(
        delete(ClaimTag).where(
            col(ClaimTag.tag_id) == one_by_one.tag(session, name).id,
            col(ClaimTag.claim_id).in_([claim.id for claim in changed]),
        )
    )
    for claim in changed:
        _record(session, claim, held[claim.id], held[claim.id] - {name}, by)
    return len(changed)


def _check_number(claims: Sequence[Claim]) -> None:
    if len(claims) > MOST:
        raise Refused(f"That is more than {MOST} claims at once: narrow the filter first.")


def _held(session: Session, claims: Sequence[Claim]) -> dict[int, frozenset[str]]:
    """The tags that each claim has, in one statement."""
    held: dict[int, frozenset[str]] = {claim.id: frozenset() for claim in claims}
    for claim_id, name in queries.lists.tags_of(session, list(held)):
        held[claim_id] |= {name}
    return held


def _record(
    session: Session, claim: Claim, before: frozenset[str], after: frozenset[str], by: Member
) -> None:
    ledger.record(
        session,
        "tags changed",
        claim,
        by=by,
        before=ledger.snapshot(claim),
        detail={"tags": sorted(after)},
        detail_before={"tags": sorted(before)},
    )
    standing.touch(session, claim)
