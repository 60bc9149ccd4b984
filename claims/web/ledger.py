"""The ledger page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("ledger", __name__, url_prefix="/ledger")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "ledger"
