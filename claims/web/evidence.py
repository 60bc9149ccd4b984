"""Evidence on a claim."""

from flask import Blueprint

bp = Blueprint("evidence", __name__, url_prefix="/claims/<int:claim_id>/evidence")
