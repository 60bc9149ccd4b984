"""Signing in and out, and a member's own account."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from claims.web.access import open_to_all

bp = Blueprint("account", __name__)


@bp.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """To be written."""
    return "sign in"


@bp.post("/sign-out")
@open_to_all
def leave() -> ResponseReturnValue:
    """To be written."""
    return "signed out"


@bp.get("/account")
def show() -> ResponseReturnValue:
    """To be written."""
    return "account"
