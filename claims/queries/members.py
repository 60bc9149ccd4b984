"""Members and invitations."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from claims.models import Member
from claims.rules.vocabulary import Role


def signed_in(session: Session, member_id: int, epoch: int) -> Member | None:
    """The member behind a session, unless removed or signed out everywhere since."""
    return session.exec(
        select(Member).where(
            Member.id == member_id, Member.epoch == epoch, col(Member.removed_at).is_(None)
        )
    ).first()


def by_email(session: Session, email: str) -> Member | None:
    """The member, present or removed, with an e-mail address; case does not count."""
    return session.exec(select(Member).where(Member.email == email.strip().casefold())).first()


def present(session: Session) -> Sequence[Member]:
    """Everybody who works at the desk now, by name."""
    return session.exec(
        select(Member)
        .where(col(Member.removed_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    ).all()


def any_owner(session: Session) -> bool:
    """Whether the desk has an owner; before that, only the welcome page is open."""
    owners = select(Member.id).where(Member.role == Role.OWNER, col(Member.removed_at).is_(None))
    return session.exec(owners.limit(1)).first() is not None
