"""The articles page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("articles", __name__, url_prefix="/articles")


@bp.get("")
def index() -> ResponseReturnValue:
    """To be written."""
    return "articles"
