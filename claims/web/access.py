"""Who is asking, and whether their role allows it: the one place that decides."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from flask import Flask, abort, flash, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from claims import queries
from claims.models import Member
from claims.rules.roles import Action
from claims.web import guesses
from claims.web.htmx import wants_fragment

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

_NEEDS = "__desk_needs__"
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Cookies(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which a browser that came by https sends by https only."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


class Visitor(UserMixin):  # type: ignore[misc]
    """A signed-in member, as the session cookie knows them: by id and epoch."""

    def __init__(self, member: Member) -> None:
        self.member = member

    def get_id(self) -> str:
        return f"{self.member.id}:{self.member.epoch}"


def needs(action: Action) -> Callable[[View], View]:
    """Say which action a view takes; a member's role must allow it."""

    def mark(view: View) -> View:
        setattr(view, _NEEDS, action)
        return view

    return mark


def open_to_all(view: View) -> View:
    """Let people in who are not signed in."""
    setattr(view, _NEEDS, None)
    return view


def needed(app: Flask, endpoint: str) -> Action | None:
    """The action that an endpoint takes; None when it is open to all.

    Reading is what every member may do. A view that changes something has to
    say what it needs, or nobody may use it.
    """
    view = app.view_functions[endpoint]
    return getattr(view, _NEEDS, Action.READ)


def sign_in(member: Member) -> None:
    """Start a session for a member; it ends when it is left unused for a month."""
    guesses.know_browser(member)
    session.clear()
    session.permanent = True
    login_user(Visitor(member), remember=False)


def sign_out() -> None:
    """End the session."""
    logout_user()
    session.clear()


def register(app: Flask) -> None:
    """Ask, before every view, who is there and whether they may."""
    app.session_interface = Cookies()
    # Pages and files stay free of cookies: `_admit` renews the session itself, once a day.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    # Templates read g.member; asking for it again could fail where the database is out of reach.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(lambda: _admit(app))


def _load(identity: str) -> Visitor | None:
    member_id, _, epoch = identity.partition(":")
    # What changes something is read as it is.
    changing = request.method in _CHANGES
    find = queries.members.signed_in if changing else queries.members.reading
    member = find(g.session, int(member_id), int(epoch))
    return Visitor(member) if member else None


def _admit(app: Flask) -> ResponseReturnValue | None:
    g.member = None
    endpoint = request.endpoint
    if endpoint == "static":
        return None
    if current_user.is_authenticated:
        g.member = current_user.member
        today = datetime.now(UTC).date().isoformat()
        if session.get("day") != today:
            session["day"] = today
    if endpoint is None:
        return None
    action = needed(app, endpoint)
    if action is None:
        return None
    if g.member is None:
        if not queries.members.any_owner(g.session):
            return redirect(url_for("welcome.show"), 303)
        if request.method != "GET" or wants_fragment():
            # What was typed is kept: in the form, or on the page that refuses.
            abort(401)
        flash("Sign in to go on.", "info")
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    if request.method in _CHANGES and not hasattr(app.view_functions[endpoint], _NEEDS):
        abort(403)
    if not g.member.may(action):
        abort(403)
    return None
