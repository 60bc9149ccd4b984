"""The rating scale: published as a new version, never changed in place."""

from collections.abc import Sequence

from sqlmodel import Session

from claims import ledger, queries
from claims.models import Desk, Member, Rating, Scale
from claims.rules.scales import RatingDefinition


def publish(
    session: Session, desk: Desk, ratings: Sequence[RatingDefinition], *, by: Member | None
) -> Scale:
    """Put a new version of the rating scale in force; verdicts keep the one they were given on."""
    before = ledger.snapshot(desk)
    scale = Scale(
        version=queries.scales.latest_version(session) + 1, created_by_id=by.id if by else None
    )
    session.add(scale)
    session.flush()
    for position, rating in enumerate(ratings, start=1):
        session.add(Rating(scale_id=scale.id, position=position, **vars(rating)))
    desk.scale_id = scale.id
    words = [vars(rating) for rating in ratings]
    ledger.record(
        session,
        "rating scale published",
        desk,
        by=by,
        before=before,
        detail={"scale": scale.version, "ratings": words},
    )
    return scale
