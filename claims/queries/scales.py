"""Rating scales and their values."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from claims.models import Desk, Rating, Scale


def current(session: Session) -> Sequence[Rating]:
    """The ratings of the scale in force, in their order."""
    return session.exec(
        select(Rating)
        .join(Desk, col(Desk.scale_id) == Rating.scale_id)
        .order_by(col(Rating.position))
    ).all()


def latest_version(session: Session) -> int:
    """The version of the newest scale; 0 before there is one."""
    newest = select(Scale.version).order_by(col(Scale.version).desc()).limit(1)
    return session.exec(newest).first() or 0
