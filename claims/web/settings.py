"""The settings page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "settings"
