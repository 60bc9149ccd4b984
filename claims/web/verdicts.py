"""Verdicts on a claim."""

from flask import Blueprint

bp = Blueprint("verdicts", __name__, url_prefix="/claims/<int:claim_id>/verdicts")
