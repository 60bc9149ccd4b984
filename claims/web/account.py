"""Signing in and out, and a member's own account."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from pydantic import BaseModel, ValidationInfo, field_validator

from claims import desk, prose
from claims.desk.members import UnfitEmail
from claims.models import Member
from claims.passwords import Weak
from claims.rules.refusals import Refused
from claims.rules.roles import Action
from claims.web import access, again, guesses
from claims.web.access import needs, open_to_all
from claims.web.forms import Email, Name, Password, Submission
from claims.web.htmx import wants_fragment

bp = Blueprint("account", __name__)

# The field of a form that each refusal is about.
_FIELDS: dict[type[Refused], str] = {
    Weak: "password",
    UnfitEmail: "email",
}


class TwicePassword(BaseModel):
    """A new password, typed twice because nobody can see it."""

    password: Password
    password_again: Password

    @field_validator("password_again")
    @classmethod
    def same(cls, again: str, info: ValidationInfo) -> str:
        """Refuse a second password that is not the first."""
        if "password" in info.data and again != info.data["password"]:
            raise ValueError("this is not the same password as above")
        return again


class NewMember(TwicePassword):
    """What somebody tells of themselves when they come to the desk."""

    name: Name
    email: Email


class SignInForm(BaseModel):
    """An e-mail and a password."""

    email: Email
    password: Password


class NameForm(BaseModel):
    """A member's name."""

    name: Name
    version: int


class EmailForm(BaseModel):
    """A new e-mail, confirmed by the password."""

    email: Email
    old_password: Password


class PasswordForm(TwicePassword):
    """A new password, confirmed by the old one."""

    old_password: Password


@contextmanager
def on_fields(form: Submission[Any]) -> Iterator[None]:
    """Put what the desk has against an e-mail or a password under its field."""
    try:
        yield
    except tuple(_FIELDS) as refusal:
        form.refuse(_FIELDS[type(refusal)], str(refusal))


def unkept(page: str) -> Response:
    """A page with a secret in it or in its address, which no cache may keep."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password."""
    if g.member:
        return redirect(_next(), 303)
    return _sign_in(None)


@bp.post("/sign-in")
@open_to_all
def enter() -> ResponseReturnValue:
    """Sign a member in and go where they wanted to."""
    form = Submission(SignInForm, request.form)
    if form.valid:
        guess = guesses.at_sign_in(form.data.email)
        if guess.wait:
            form.refuse("password", guess.refusal)
            return guesses.too_soon(_sign_in(form), guess.wait)
        member = desk.members.recognise(g.session, form.data.email, form.data.password)
        if member:
            # Before anything is written here: it is counted apart, and would wait for that.
            guess.was_right()
            desk.members.keep_at_todays_cost(g.session, member, form.data.password)
            access.sign_in(member)
            return _signed_in(member)
        wrong = "This e-mail and password do not belong together."
        form.refuse("password", wrong + guess.warning)
    return _sign_in(form), 422


def _sign_in(form: Submission[SignInForm] | None) -> str:
    in_place = wants_fragment()
    return render_template(
        "account/_sign_in.html" if in_place else "account/sign_in.html",
        form=form,
        next=_next(),
        waiting=again.carried(),
        on_the_spot=in_place,
    )


def _signed_in(member: Member) -> ResponseReturnValue:
    """Where somebody goes who signed in: on, or back to what they were sending before."""
    if wants_fragment():
        return "", 204
    waiting = again.carried()
    if waiting is None:
        return redirect(_next(), 303)
    g.member = member
    return render_template(
        "refused.html",
        title=f"You are signed in as {prose.isolated(member.name)}",
        message="What you typed before is not sent yet. Look at it, and send it again.",
        form=waiting,
        final=False,
        place=None,
    )


@bp.get("/session")
def session() -> ResponseReturnValue:
    """Who is signed in, and the token of their forms: for a page that is older than the session."""
    token = {"member": g.member.id, "name": g.member.name, "token": generate_csrf()}
    return token, {"Cache-Control": "no-store"}


@bp.post("/sign-out")
@open_to_all
def leave() -> ResponseReturnValue:
    """End this session."""
    access.sign_out()
    flash("You are signed out.", "info")
    return redirect(url_for("account.sign_in"), 303)


@bp.get("/account")
def show() -> ResponseReturnValue:
    """Show a member their own account."""
    return _account()


@bp.post("/account/name")
@needs(Action.READ)
def rename() -> ResponseReturnValue:
    """Take another name."""
    form = Submission(NameForm, request.form)
    if not form.valid:
        return _account(name_form=form), 422
    desk.members.rename(g.session, form.data.name, by=g.member, read=form.data.version)
    flash("Your name is saved. What you did before keeps the name of its time.", "success")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/email")
@needs(Action.READ)
def change_email() -> ResponseReturnValue:
    """Sign in by another e-mail from now on."""
    form = Submission(EmailForm, request.form)
    wait = _confirm(form)
    if form.valid:
        with on_fields(form):
            desk.members.change_email(g.session, form.data.email, by=g.member)
    if not form.valid:
        return _refuse(wait, email_form=form)
    flash(f"From now on you sign in as {g.member.email}.", "success")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/password")
@needs(Action.READ)
def change_password() -> ResponseReturnValue:
    """Take another password; every other session ends."""
    form = Submission(PasswordForm, request.form)
    wait = _confirm(form)
    if form.valid:
        with on_fields(form):
            desk.members.set_password(g.session, g.member, form.data.password, by=g.member)
    if not form.valid:
        return _refuse(wait, password_form=form)
    access.sign_in(g.member)
    flash("Your password is changed, and you are signed out everywhere else.", "success")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/sessions/end")
@needs(Action.READ)
def leave_everywhere() -> ResponseReturnValue:
    """End every session of this member."""
    desk.members.sign_out_everywhere(g.session, by=g.member)
    access.sign_out()
    flash("You are signed out on every device.", "info")
    return redirect(url_for("account.sign_in"), 303)


def _confirm(form: Submission[Any]) -> timedelta:
    """Check the password that confirms a form; how long to wait when it was guessed too often."""
    if not form.valid:
        return timedelta(0)
    guess = guesses.of_own_password(g.member)
    if guess.wait:
        form.refuse("old_password", guess.refusal)
    elif desk.members.knows_password(g.member, form.data.old_password):
        guess.was_right()
    else:
        form.refuse("old_password", "That is not your password." + guess.warning)
    return guess.wait


def _refuse(wait: timedelta, **forms: Submission[Any]) -> ResponseReturnValue:
    page = _account(**forms)
    return guesses.too_soon(page, wait) if wait else (page, 422)


def _account(**forms: Submission[Any]) -> str:
    shown = {"name_form": None, "email_form": None, "password_form": None} | forms  # nosec B105
    return render_template("account/account.html", **shown)


def _next() -> str:
    """The page somebody wanted to see: only ever one of this desk's own."""
    wanted = request.values.get("next", "")
    return wanted if again.is_own(wanted) else url_for("desk.index")
