"""Members: how they come to the desk, what role they have, and how they leave.

Where no member is named as `by`, the operator acts from the command line.
Each change first waits for its turn at the ledger, so that two owners who act
at the same moment cannot leave the desk without one.
"""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from claims import ledger, passwords, prose, queries
from claims.desk import claims
from claims.models import Invitation, Member
from claims.models.columns import now
from claims.rules.emails import folded, well_formed
from claims.rules.refusals import Refused, check_version
from claims.rules.vocabulary import Role

INVITATION_LASTS = timedelta(days=7)
OPERATOR = "the command line"


class UnfitEmail(Refused):
    """The e-mail address is none, or somebody else's."""


def found_owner(session: Session, name: str, email: str, password: str) -> Member:
    """Make the desk's first owner. Refused once there is one."""
    ledger.take_turn(session)
    if queries.members.any_owner(session):
        raise Refused("This desk has an owner already: sign in, or ask them for an invitation.")
    member = _new(session, name, email, Role.OWNER, password)
    ledger.record(session, "first owner made", member, by=member)
    return member


def add(
    session: Session, name: str, email: str, role: Role, password: str, *, by: Member | None
) -> Member:
    """Add a member outright, without an invitation."""
    ledger.take_turn(session)
    member = _new(session, name, email, role, password)
    _record(session, "member added", member, by=by)
    return member


def invite(session: Session, role: Role, note: str, *, by: Member) -> tuple[Invitation, str]:
    """Invite somebody into a role, for whom `note` is a reminder; the invitation and its token.

    The token goes into a link and is kept nowhere: the desk stores its digest.
    """
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        nonce_digest=digest(token),
        role=role,
        note=note,
        invited_by_id=by.id,
        expires_at=now() + INVITATION_LASTS,
    )
    session.add(invitation)
    ledger.record(session, "member invited", invitation, by=by)
    return invitation, token


def digest(token: str) -> str:
    """What is stored of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_open(invitation: Invitation) -> None:
    """Refuse an invitation that was used or withdrawn, or has expired."""
    ask = "Ask an owner of the desk for a new one."
    if invitation.used_at:
        raise Refused(f"This invitation has been used: each works once. {ask}")
    if invitation.withdrawn_at:
        raise Refused(f"This invitation was withdrawn. {ask}")
    if invitation.expires_at <= now():
        raise Refused(f"This invitation expired after {INVITATION_LASTS.days} days. {ask}")


def join(session: Session, invitation: Invitation, name: str, email: str, password: str) -> Member:
    """Become a member by an invitation, which is then used up."""
    ledger.take_turn(session)
    session.refresh(invitation)
    check_open(invitation)
    member = _new(session, name, email, invitation.role, password)
    session.flush()
    before = ledger.snapshot(invitation)
    invitation.used_at = now()
    invitation.used_by_id = member.id
    ledger.record(session, "member joined", member, by=member)
    ledger.record(session, "invitation used", invitation, by=member, before=before)
    return member


def withdraw(session: Session, invitation: Invitation, reason: str, *, by: Member) -> None:
    """Make an invitation's link useless, with the reason, which the ledger keeps."""
    ledger.take_turn(session)
    session.refresh(invitation)
    check_open(invitation)
    _withdraw(session, invitation, reason, by=by)


def change_role(
    session: Session, member: Member, role: Role, *, by: Member | None, read: int | None = None
) -> None:
    """Give a member another role. The last owner stays one.

    `read` is the version that whoever asks has read; somebody else's change
    since then is a Conflict.
    """
    ledger.take_turn(session)
    session.refresh(member)
    if read is not None:
        check_version(read, member.version, {"role": member.role}, of=("member", member.id))
    _check_present(member)
    if role == member.role:
        return
    _check_not_last_owner(session, member)
    before = ledger.snapshot(member)
    member.role = role
    _record(session, "role changed", member, by=by, before=before)
    _withdraw_invitations(session, member, by=by)
    _hand_back_claims(session, member, by=by)


def remove(session: Session, member: Member, *, by: Member | None) -> None:
    """End a membership: sessions end, invitations go, open claims are with nobody again.

    The member's work and name stay.
    """
    ledger.take_turn(session)
    session.refresh(member)
    _check_present(member)
    _check_not_last_owner(session, member)
    before = ledger.snapshot(member)
    member.removed_at = now()
    member.epoch += 1
    _record(session, "member removed", member, by=by, before=before)
    _withdraw_invitations(session, member, by=by)
    _hand_back_claims(session, member, by=by)


def restore(session: Session, member: Member, *, by: Member | None) -> None:
    """Let a former member back in, with the role and password they had."""
    ledger.take_turn(session)
    session.refresh(member)
    if member.removed_at is None:
        raise Refused(f"{prose.isolated(member.name)} is a member already.")
    before = ledger.snapshot(member)
    member.removed_at = None
    _record(session, "member restored", member, by=by, before=before)


def recognise(session: Session, email: str, password: str) -> Member | None:
    """The member with this e-mail and password; unknown e-mails take as long as wrong passwords."""
    member = queries.members.by_email(session, email)
    known = member if member and member.removed_at is None else None
    if not passwords.matches(known.password_hash if known else None, password) or known is None:
        return None
    return known


def keep_at_todays_cost(session: Session, member: Member, password: str) -> None:
    """Hash a password anew that was kept at another cost; it stays the same password.

    Nothing that the ledger would tell of. Hence written to the table: as a change of the record
    it would count the version up, and a page that shows the member as of the last event would
    hold an old one.
    """
    if not passwords.outdated(member.password_hash):
        return
    table = Member.__table__  # type: ignore[attr-defined]
    hashed = passwords.hashed(password)
    session.execute(sa.update(table).where(table.c.id == member.id).values(password_hash=hashed))
    set_committed_value(member, "password_hash", hashed)


def rename(session: Session, name: str, *, by: Member, read: int) -> None:
    """Change one's own name. Events keep the name of their time."""
    ledger.take_turn(session)
    session.refresh(by)
    check_version(read, by.version, {"name": by.name}, of=("member", by.id))
    if name == by.name:
        return
    before = ledger.snapshot(by)
    by.name = name
    ledger.record(session, "name changed", by, by=by, before=before)


def knows_password(member: Member, password: str) -> bool:
    """Whether whoever is signed in as a member knows the member's password too."""
    return passwords.matches(member.password_hash, password)


def change_email(session: Session, email: str, *, by: Member) -> None:
    """Change the e-mail by which one signs in."""
    ledger.take_turn(session)
    session.refresh(by)
    address = folded(email)
    if address == by.email:
        return
    _check_email(session, address)
    before = ledger.snapshot(by)
    by.email = address
    ledger.record(session, "e-mail changed", by, by=by, before=before)


def set_password(session: Session, member: Member, password: str, *, by: Member | None) -> None:
    """Give a member another password, one's own or as the operator; it ends their sessions."""
    passwords.check(password, email=member.email, name=member.name)
    stored = passwords.hashed(password)
    ledger.take_turn(session)
    session.refresh(member)
    _check_present(member)
    before = ledger.snapshot(member)
    member.password_hash = stored
    member.epoch += 1
    _record(session, "password changed", member, by=by, before=before)


def sign_out_everywhere(session: Session, *, by: Member) -> None:
    """End every session of a member, on every machine."""
    ledger.take_turn(session)
    session.refresh(by)
    before = ledger.snapshot(by)
    by.epoch += 1
    ledger.record(session, "signed out everywhere", by, by=by, before=before)


def _new(session: Session, name: str, email: str, role: Role, password: str) -> Member:
    address = folded(email)
    _check_email(session, address)
    passwords.check(password, email=address, name=name)
    member = Member(name=name, email=address, role=role, password_hash=passwords.hashed(password))
    session.add(member)
    return member


def _check_email(session: Session, email: str) -> None:
    if not well_formed(email):
        raise UnfitEmail("Write an e-mail address, such as name@newsroom.example.")
    known = queries.members.by_email(session, email)
    if known is None:
        return
    if known.removed_at:
        raise UnfitEmail("A former member has this e-mail. An owner can restore them under People.")
    raise UnfitEmail("A member of this desk has this e-mail already.")


def _check_present(member: Member) -> None:
    if member.removed_at:
        raise Refused(
            f"{prose.isolated(member.name)} was removed from the desk. Restore them first."
        )


def _check_not_last_owner(session: Session, member: Member) -> None:
    if member.role == Role.OWNER and not queries.members.owned_by_others(session, member):
        raise Refused(
            f"{prose.isolated(member.name)} is the desk’s only owner. Make somebody else an owner "
            "first."
        )


def _withdraw_invitations(session: Session, member: Member, *, by: Member | None) -> None:
    """Take back the links of somebody who may no longer invite."""
    if member.removed_at is None and member.may("people"):
        return
    for invitation in queries.members.open_invitations(session, now(), by=member):
        _withdraw(session, invitation, f"{member.name} may no longer invite anybody.", by=by)


def _hand_back_claims(session: Session, member: Member, *, by: Member | None) -> None:
    """Give to nobody the open claims of somebody who may no longer review."""
    if member.removed_at is None and member.may("review"):
        return
    for claim in queries.claims.open_with(session, member):
        claims.assign(session, claim, None, by=by)


def _withdraw(session: Session, invitation: Invitation, reason: str, *, by: Member | None) -> None:
    before = ledger.snapshot(invitation)
    invitation.withdrawn_at = now()
    why = {"withdrawal_reason": reason}
    _record(session, "invitation withdrawn", invitation, by=by, before=before, detail=why)


def _record(
    session: Session,
    action: str,
    row: Member | Invitation,
    *,
    by: Member | None,
    before: ledger.Values | None = None,
    detail: ledger.Values | None = None,
) -> None:
    ledger.record(session, action, row, by=by, before=before, detail=detail, actor=OPERATOR)
