"""One claim, and all that is done about it."""

from flask import Blueprint

bp = Blueprint("claims", __name__, url_prefix="/claims/<int:claim_id>")


@bp.get("")
def show(claim_id: int) -> str:
    """To be written."""
    return str(claim_id)
