"""The desk in a browser: blueprints, one transaction a request, error pages."""

import secrets

import sqlalchemy as sa
from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from claims import database, prose, queries, rules
from claims.models import Receipt
from claims.rules.refusals import Conflict, Refused
from claims.web import (
    access,
    account,
    articles,
    assets,
    claims,
    compression,
    desk,
    discussion,
    drawing,
    evidence,
    health,
    ledger,
    people,
    queue,
    reports,
    rulings,
    settings,
    sources,
    verdicts,
    welcome,
    wording,
)
from claims.web.htmx import answer_in_place, htmx

BLUEPRINTS = (
    desk.bp,
    articles.bp,
    queue.bp,
    claims.bp,
    discussion.bp,
    evidence.bp,
    verdicts.bp,
    rulings.bp,
    sources.bp,
    reports.bp,
    ledger.bp,
    people.bp,
    settings.bp,
    account.bp,
    welcome.bp,
    health.bp,
)

_ADVICE = {
    400: "The desk could not read this request. Go back, reload the page and try again.",
    401: "You are signed out. Sign in, then send the form again: what you typed is below.",
    403: "Your role does not allow this. An owner of the desk can change it under People.",
    404: "There is nothing at this address. It may have been mistyped.",
    405: "This address only takes forms. Go back to the page that it belongs to.",
    413: "That is more than the desk takes at once. Send a smaller file or text.",
    500: "Something went wrong on our side; nothing was changed. Try again in a moment.",
    503: "The desk cannot reach its database. Nothing was changed; try again in a moment.",
}

# What a page that gives back what was typed leaves out, besides passwords.
_UNSHOWN = frozenset({"csrf_token", "once", "version", "key"})


class _Fresh:
    """A token that is another one each time it is written: two forms of a page share none."""

    def __str__(self) -> str:
        return secrets.token_urlsafe(16)


class _RecordId(IntegerConverter):
    """A number in an address; one that no database could have given out leads nowhere."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2**31 - 1)


def register(app: Flask, engine: sa.Engine) -> None:
    """Give an application every page of the desk."""
    app.url_map.converters["int"] = _RecordId
    htmx.init_app(app)

    @app.before_request
    def open_session() -> ResponseReturnValue | None:
        g.session = database.session(engine)
        return _already_done()

    access.register(app)
    # After the session is opened, so that a refused form still shows the member's desk.
    CSRFProtect(app)
    assets.register(app)
    compression.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    wording.register(app)
    drawing.register(app)
    # Safe HTML: what comes out of it is cleaned.
    app.add_template_filter(lambda text: Markup(prose.to_html(text)), "markdown")  # noqa: S704

    app.after_request(_settle)
    app.after_request(_protect)

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        session = g.pop("session", None)
        if session is not None:
            session.close()

    @app.context_processor
    def shared() -> dict[str, object]:
        if "desk" not in g:
            g.desk = queries.standing.desk(g.session) if "session" in g else None
        return {"desk": g.desk, "once_token": _Fresh()}

    app.register_error_handler(Conflict, _conflict)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(sa.exc.OperationalError, _out_of_reach)
    app.register_error_handler(sa.orm.exc.StaleDataError, _stale_record)
    app.register_error_handler(sa.exc.IntegrityError, _stale_record)


def _already_done() -> ResponseReturnValue | None:
    """Send a form that was submitted twice to where the first submission went."""
    token = request.form.get("once") if request.method == "POST" else None
    if token:
        receipt = g.session.get(Receipt, token[:64])
        if receipt:
            return redirect(receipt.location, 303)
    return None


def _settle(response: Response) -> Response:
    """Commit what a request did when its answer says that it went well."""
    session = g.get("session")
    if session is None:
        return response
    if response.status_code >= 400:
        session.rollback()
        return response
    token = request.form.get("once") if request.method == "POST" else None
    if token and response.location and not session.get(Receipt, token[:64]):
        session.add(Receipt(token=token[:64], location=response.location))
    try:
        session.commit()
    except sa.exc.IntegrityError:
        session.rollback()
        twice = _already_done()
        if isinstance(twice, Response):
            return twice
        raise
    return response


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-cache"
    return response


def _refusal(status: int, title: str, message: str) -> Response:
    """Say no, and give back what was typed.

    For htmx, desk.js says the message above the page and leaves the form as it was.
    """
    session = g.get("session")
    if session is not None:
        session.rollback()
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value.strip() and name not in _UNSHOWN and "password" not in name
    ]
    page = render_template("refused.html", title=title, message=message, typed=typed)
    return make_response(page, status)


def _refused(error: Refused) -> Response:
    return _refusal(409, "This can’t be done yet", str(error))


def _failed(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    advice = _ADVICE.get(status, error.description or "")
    return _refusal(status, error.name, advice)


def _stale_form(_error: CSRFError) -> Response:
    return _refusal(
        400,
        "This form is from another session",
        "Reload the page, then send the form again: what you typed is below.",
    )


def _out_of_reach(_error: sa.exc.OperationalError) -> Response:
    g.desk = None
    return _refusal(503, "The database is out of reach", _ADVICE[503])


def _stale_record(_error: Exception) -> Response:
    return _refusal(
        409,
        "Somebody else was faster",
        "This changed at the very moment you saved. Reload the page and look at what is there "
        "now; what you typed is below.",
    )


def _conflict(error: Conflict) -> Response:
    """Both versions side by side, and the form to save a joined one."""
    g.session.rollback()
    fields = [
        (name, value, theirs, rules.differences.parts(theirs or "", value))
        for name, value in request.form.items(multi=True)
        for theirs in [error.now.get(name)]
        if name not in _UNSHOWN and "password" not in name
    ]
    return answer_in_place(
        "conflict.html",
        "_conflict.html",
        status=409,
        message=str(error),
        version=error.version,
        fields=fields,
        action=request.full_path.rstrip("?"),
    )
