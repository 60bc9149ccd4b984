"""Members and invitations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims.models import Invitation, Member
from claims.queries import paging, remembered, settings
from claims.queries.remembered import AsOf
from claims.rules.emails import folded
from claims.rules.roles import Action
from claims.rules.vocabulary import Role

BY_NAME = paging.Order((col(Member.name), col(Member.id)))

_present = col(Member.removed_at).is_(None)


def signed_in(session: Session, member_id: int, epoch: int) -> Member | None:
    """The member behind a session, unless removed or signed out everywhere since."""
    return session.exec(_signed_in(), params={"member_id": member_id, "epoch": epoch}).first()


def reading(session: Session, member_id: int, epoch: int) -> Member | None:
    """The same, for a session that only reads; it may use what was read before from now on."""
    numbers = session.execute(_read_as_of(), {"member_id": member_id, "epoch": epoch}).first()
    if numbers is None:
        return None
    remembered.begin(session, AsOf.read(numbers))
    return known(session)[member_id]


@cache
def _signed_in() -> SelectOfScalar[Member]:
    return select(Member).where(*_behind_session())


@cache
def _read_as_of() -> Any:
    # Every page asks this first.
    return sa.select(*remembered.as_of()).select_from(Member).where(*_behind_session())


def _behind_session() -> tuple[Any, ...]:
    return (
        col(Member.id) == sa.bindparam("member_id"),
        col(Member.epoch) == sa.bindparam("epoch"),
        _present,
    )


def by_email(session: Session, email: str) -> Member | None:
    """The member, present or removed, with an e-mail address; case does not count."""
    return session.exec(select(Member).where(Member.email == folded(email))).first()


def member(session: Session, member_id: int) -> Member | None:
    """The member, present or removed, with this id."""
    return session.get(Member, member_id)


def names(session: Session) -> Mapping[int | None, str]:
    """What everybody who ever worked at the desk is called, by their id."""

    def fresh() -> dict[int | None, str]:
        return {member.id: member.name for member in known(session).values()}

    return remembered.read(session, "names", fresh, of=remembered.SETTINGS)


def known(session: Session) -> Mapping[int, Member]:
    """Everybody who ever worked at the desk, by their id."""
    return settings.read(session).members


def assignable(session: Session) -> tuple[tuple[int, str], ...]:
    """Everybody whose role lets them review: id and name, in the order of the alphabet."""

    def fresh() -> tuple[tuple[int, str], ...]:
        present = (member for member in known(session).values() if member.removed_at is None)
        reviewers = (member for member in present if member.may(Action.REVIEW))
        by_name = sorted(reviewers, key=lambda member: member.name.lower())
        return tuple((member.id, member.name) for member in by_name)

    return remembered.read(session, "assignable", fresh, of=remembered.SETTINGS)


def everybody(session: Session) -> Sequence[Member]:
    """Everybody who ever worked at the desk, by name."""
    return session.exec(select(Member).order_by(col(Member.name), col(Member.id))).all()


def any_owner(session: Session) -> bool:
    """Whether the desk has an owner; before that, only the welcome page is open."""
    return session.exec(_an_owner()).first() is not None


@cache
def _an_owner() -> SelectOfScalar[int]:
    # Whoever is not signed in asks this with every page.
    return _owners().limit(1)


def owned_by_others(session: Session, but: Member) -> bool:
    """Whether the desk has an owner besides this one."""
    return session.exec(_owners().where(Member.id != but.id).limit(1)).first() is not None


def invitation(session: Session, digest: str) -> Invitation | None:
    """The invitation whose link carries the token with this digest, used or not."""
    return session.exec(select(Invitation).where(Invitation.nonce_digest == digest)).first()


def invitation_by_id(session: Session, invitation_id: int) -> Invitation | None:
    """One invitation, used or not."""
    return session.get(Invitation, invitation_id)


def open_invitations(
    session: Session, at: datetime, *, by: Member | None = None
) -> Sequence[Invitation]:
    """Invitations whose links still work, the newest first; of one owner, if given."""
    query = select(Invitation).where(
        col(Invitation.used_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
        Invitation.expires_at > at,
    )
    if by is not None:
        query = query.where(Invitation.invited_by_id == by.id)
    return session.exec(query.order_by(col(Invitation.id).desc())).all()


@dataclass(frozen=True)
class People:
    """What the people page shows: members, or former ones; invitations only to owners."""

    members: paging.Page[Member]
    former: bool
    any_former: bool
    invitations: Sequence[Invitation]
    # Who sent the invitations, by id.
    inviters: Mapping[int, str]
    may_change: bool
    # The one owner there is, who can then neither go nor step down.
    last_owner_id: int | None


def people(
    session: Session,
    *,
    viewer: Member,
    at: datetime,
    former: bool = False,
    after: str | None = None,
) -> People:
    """The people of the desk by name, as far as a member may see them."""
    if not viewer.may("people"):
        members = paging.page(session, select(Member).where(_present), BY_NAME, after=after)
        return People(members, False, False, (), {}, False, None)
    removed = col(Member.removed_at).is_not(None)
    listed = select(Member).where(removed if former else _present)
    invitations = open_invitations(session, at)
    inviters = session.exec(
        select(Member.id, Member.name).where(
            col(Member.id).in_({invitation.invited_by_id for invitation in invitations})
        )
    ).all()
    owners = session.exec(_owners().limit(2)).all()
    return People(
        members=paging.page(session, listed, BY_NAME, after=after),
        former=former,
        any_former=session.exec(select(Member.id).where(removed).limit(1)).first() is not None,
        invitations=invitations,
        inviters=dict(inviters),
        may_change=True,
        last_owner_id=owners[0] if len(owners) == 1 else None,
    )


def _owners() -> SelectOfScalar[int]:
    return select(Member.id).where(Member.role == Role.OWNER, _present)


def count_reviewers(session: Session) -> int:
    """How many people at the desk can give verdicts."""
    judging = select(sa.func.count()).select_from(Member)
    return session.exec(
        judging.where(col(Member.removed_at).is_(None), col(Member.role) != Role.VIEWER)
    ).one()
