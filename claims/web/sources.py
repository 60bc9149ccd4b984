"""The sources page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("sources", __name__, url_prefix="/sources")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "sources"
