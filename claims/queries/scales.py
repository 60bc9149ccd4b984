"""Rating scales and their values."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from claims.models import Rating, Scale
from claims.queries import remembered, settings
from claims.rules.scales import RatingDefinition


def current(session: Session) -> Sequence[Rating]:
    """The ratings of the scale in force, in their order."""
    return settings.read(session).scale


def known(session: Session) -> Mapping[int, Rating]:
    """Each rating of any version of the scale, by its id."""
    return settings.read(session).ratings


def every(session: Session) -> Mapping[int, RatingDefinition]:
    """How each rating of any version of the scale looks and what it means, by its id."""

    def fresh() -> dict[int, RatingDefinition]:
        return {
            rating.id: RatingDefinition(
                rating.key,
                rating.name,
                rating.number,
                rating.colour,
                rating.shape,
                rating.definition,
                rating.needs_evidence,
            )
            for rating in known(session).values()
        }

    return remembered.read(session, "ratings", fresh, of=remembered.SETTINGS)


def rating(session: Session, rating_id: int) -> Rating:
    """A rating of any version of the scale."""
    return session.exec(select(Rating).where(Rating.id == rating_id)).one()


def latest_version(session: Session) -> int:
    """The version of the newest scale; 0 before there is one."""
    newest = select(Scale.version).order_by(col(Scale.version).desc()).limit(1)
    return session.exec(newest).first() or 0
