"""Whether the desk runs, for whatever watches over it."""

import sqlalchemy as sa
from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from claims.web.access import open_to_all

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to_all
def show() -> ResponseReturnValue:
    """Answer 200 while the desk and its database work, 503 when the database does not."""
    g.session.execute(sa.text("SELECT 1"))
    return {"status": "ok"}
