"""What a new desk starts with: its settings, a rating scale, and the first article."""

from sqlmodel import Session

from claims import desk, ledger
from claims.models import Desk
from claims.rules.scales import DEFAULT_SCALE


def found(session: Session) -> None:
    """Give a new database its desk and rating scale; does nothing to one that has them."""
    if session.get(Desk, 1):
        return
    settings = Desk(id=1)
    session.add(settings)
    ledger.record(session, "desk founded", settings, by=None)
    desk.scales.publish(session, settings, DEFAULT_SCALE, by=None)
