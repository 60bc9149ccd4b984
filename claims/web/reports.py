"""The reports page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "reports"
