"""The welcome page, at which the first owner is made."""

import hmac

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims import desk, prose, queries
from claims.configuration import Configuration
from claims.web import guesses
from claims.web.access import open_to_all, sign_in
from claims.web.account import NewMember, on_fields, unkept
from claims.web.forms import Submission

bp = Blueprint("welcome", __name__, url_prefix="/welcome")


@bp.get("")
@open_to_all
def show() -> ResponseReturnValue:
    """Ask for the first owner's name, e-mail and password."""
    return _turned_away() or unkept(_page(None))


@bp.post("")
@open_to_all
def found() -> ResponseReturnValue:
    """Make the first owner, spend the key, and sign them in."""
    turned_away = _turned_away()
    if turned_away:
        return turned_away
    form = Submission(NewMember, request.form)
    if form.valid:
        with on_fields(form):
            owner = desk.members.found_owner(
                g.session, form.data.name, form.data.email, form.data.password
            )
    if not form.valid:
        return unkept(_page(form)), 422
    _configuration().forget_welcome_key()
    sign_in(owner)
    name = prose.isolated(owner.name)
    flash(f"Welcome, {name}. The desk is yours; invite others under People.", "success")
    return redirect(url_for("desk.index"), 303)


def _turned_away() -> ResponseReturnValue | None:
    """Where to go for whoever does not hold the key, or comes too late."""
    if queries.members.any_owner(g.session):
        return redirect(url_for("account.sign_in"), 303)
    key = request.values.get("key", "")
    if not key:
        return _locked(None), 403
    guess = guesses.of_welcome_key()
    if guess.wait:
        return guesses.too_soon(_locked(guess.refusal), guess.wait)
    if not hmac.compare_digest(key.encode(), _configuration().welcome_key().encode()):
        return _locked("The key in that address is not this desk’s." + guess.warning), 403
    guess.was_right()
    return None


def _locked(why: str | None) -> str:
    return render_template("welcome/locked.html", why=why)


def _page(form: Submission[NewMember] | None) -> str:
    return render_template("welcome/welcome.html", form=form, key=request.values["key"])


def _configuration() -> Configuration:
    configuration: Configuration = current_app.extensions["configuration"]
    return configuration
