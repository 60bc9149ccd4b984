"""How the desk turns a request down: why, what would help, and every word that was typed."""

import sqlalchemy as sa
from flask import Flask, Response, g, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from claims import database, prose
from claims.rules.refusals import Conflict, Refused
from claims.web import again, conflicts, uploads
from claims.web.htmx import wants_fragment

_ADVICE = {
    400: "The desk could not read this request. Go back, reload the page and try again.",
    401: "You are signed out. Sign in, then try again.",
    403: "Your role does not allow this. An owner of the desk can change it under People.",
    404: "There is nothing at this address. It may have been mistyped.",
    405: "This address only takes forms. Go back to the page that it belongs to.",
    413: "That is more than the desk takes at once. Send a smaller file or text.",
    500: "Something went wrong on our side; nothing was changed. Try again in a moment.",
}

# Where another try may well go better.
_WORTH_ANOTHER_TRY = frozenset({500})

# So long a program that asks by itself should wait for the database.
_RETRY_AFTER = "5"


def register(app: Flask) -> None:
    """Answer whatever goes wrong with a page that says so."""
    conflicts.register(app)
    app.register_error_handler(Conflict, _conflict)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(sa.exc.DBAPIError, _in_trouble)
    app.register_error_handler(sa.exc.TimeoutError, _in_trouble)
    app.register_error_handler(sa.orm.exc.StaleDataError, _stale_record)
    app.register_error_handler(sa.exc.IntegrityError, _stale_record)


def _refusal(status: int, title: str, message: str, *, worth_another_try: bool = True) -> Response:
    """Say no, and give back what was typed.

    For htmx, desk.js says the message above the page and leaves the form as it was.
    """
    _undo()
    page = render_template(
        "refused.html",
        title=title,
        message=message,
        form=again.sent(),
        final=not worth_another_try,
        place=None,
    )
    return make_response(page, status)


def _undo() -> None:
    """Take back what this request did so far, and what it was about to say of it."""
    if request.method == "POST":
        session.pop("_flashes", None)
    if "session" in g:
        g.session.rollback()


def _refused(error: Refused) -> Response:
    return _refusal(409, "This can’t be done yet", str(error))


def _failed(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status == 401 and not wants_fragment():
        return _signed_out()
    advice = _ADVICE.get(status, error.description or "")
    if status == 413 and request.endpoint in uploads.ENDPOINTS:
        advice = uploads.TOO_MUCH
    return _refusal(status, error.name, advice, worth_another_try=status in _WORTH_ANOTHER_TRY)


def _signed_out() -> Response:
    """Ask who is there, and keep what they were sending until they said so."""
    page = render_template(
        "account/sign_in.html",
        form=None,
        next=url_for("desk.index"),
        waiting=again.sent(),
        on_the_spot=False,
    )
    return make_response(page, 401)


def _stale_form(_error: CSRFError) -> Response:
    name = prose.isolated(g.member.name) if g.get("member") else ""
    who = f" You are signed in as {name}." if name else ""
    response = _refusal(
        400, "This form is from another session", f"Nothing was changed.{who} Send it again."
    )
    # Tells session.js that a fresh token is all that is missing.
    response.headers["X-Stale-Token"] = "1"
    return response


def _in_trouble(error: sa.exc.DBAPIError | sa.exc.TimeoutError) -> Response:
    """The database cannot do its work at the moment."""
    trouble = database.trouble(error)
    if trouble is None:
        raise error
    if trouble is database.AWAY and g.get("saving"):
        trouble = database.BROKEN_OFF
    g.session.close()
    # The page that says so shows what was read before, if anything: no more can be read now.
    for name in ("desk", "member"):
        row = g.get(name)
        if row is None or sa.inspect(row).expired_attributes:
            setattr(g, name, None)
    response = _refusal(trouble.status, trouble.title, trouble.advice)
    response.headers["Retry-After"] = _RETRY_AFTER
    return response


def _stale_record(_error: Exception) -> Response:
    return _refusal(
        409,
        "Somebody else was faster",
        "This changed at the very moment you saved. Look at what is there now, then send yours "
        "again if it is still right.",
    )


def _conflict(error: Conflict) -> Response:
    _undo()
    return conflicts.answer(error)
