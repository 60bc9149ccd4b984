"""One claim, and all that its page shows."""

from sqlmodel import Session, select

from claims.models import Speaker, Tag


def speaker(session: Session, name: str, role: str) -> Speaker | None:
    """The speaker of exactly this name and role."""
    return session.exec(select(Speaker).where(Speaker.name == name, Speaker.role == role)).first()


def tag(session: Session, name: str) -> Tag | None:
    """The tag of this name."""
    return session.exec(select(Tag).where(Tag.name == name)).first()
