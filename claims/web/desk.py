"""The desk page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("desk", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """To be written."""
    return "desk"
