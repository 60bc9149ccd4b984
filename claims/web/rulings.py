"""The desk's ruling on a claim."""

from flask import Blueprint

bp = Blueprint("rulings", __name__, url_prefix="/claims/<int:claim_id>/ruling")
