"""The welcome page, at which the first owner is made."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from claims.web.access import open_to_all

bp = Blueprint("welcome", __name__, url_prefix="/welcome")


@bp.get("")
@open_to_all
def show() -> ResponseReturnValue:
    """To be written."""
    return "welcome"
