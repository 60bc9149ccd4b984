"""What nearly every page needs and seldom changes, read in one statement: the desk's settings,
everybody who ever worked there, and the ratings of every version of its scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from claims.models import Desk, Member, Rating
from claims.queries import attached, remembered
from claims.queries.remembered import SETTINGS


@dataclass(frozen=True)
class Settings:
    """How the desk is set up, as one moment had it; the records are to be read only."""

    desk: Desk
    # By their ids.
    members: Mapping[int, Member]
    ratings: Mapping[int, Rating]
    # The ratings of the scale in force, in their order.
    scale: Sequence[Rating]


def read(session: Session) -> Settings:
    """How the desk is set up."""

    def fresh() -> Settings:
        found = session.execute(_all()).one()
        (desk,) = attached.records(Desk, found.desk)
        members = attached.records(Member, found.members)
        ratings = attached.records(Rating, found.ratings)
        in_force = (rating for rating in ratings if rating.scale_id == desk.scale_id)
        return Settings(
            desk,
            {member.id: member for member in members},
            {rating.id: rating for rating in ratings},
            sorted(in_force, key=lambda rating: rating.position),
        )

    return remembered.read(session, "settings", fresh, of=SETTINGS)


@cache
def _all() -> Any:
    lists: dict[str, type[SQLModel]] = {"desk": Desk, "members": Member, "ratings": Rating}
    return sa.select(
        *(
            attached.listed(sa.select(*attached.columns(kind))).label(name)
            for name, kind in lists.items()
        )
    )
