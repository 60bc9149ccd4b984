"""The queue: every claim of the desk, searched, filtered and sorted."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("queue", __name__, url_prefix="/claims")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "claims"
