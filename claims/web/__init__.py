"""The desk in a browser: blueprints, and one transaction a request."""

import secrets
from contextlib import suppress

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, make_response, request
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.routing import IntegerConverter, Map

from claims import database, prose, queries
from claims.web import (
    access,
    account,
    articles,
    assets,
    captures,
    claims,
    compression,
    copies,
    desk,
    discussion,
    drawing,
    evidence,
    health,
    ledger,
    origins,
    people,
    queue,
    receipts,
    refusals,
    reports,
    rulings,
    settings,
    sources,
    uploads,
    verdicts,
    welcome,
    wording,
)
from claims.web.htmx import htmx

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
    copies.bp,
    origins.bp,
    captures.bp,
    reports.bp,
    ledger.bp,
    people.bp,
    settings.bp,
    account.bp,
    welcome.bp,
    health.bp,
    receipts.bp,
)


class _Fresh:
    """A token that is another one each time it is written: two forms of a page share none."""

    def __str__(self) -> str:
        return secrets.token_urlsafe(16)


class _RecordId(IntegerConverter):
    """A number in an address; one that no database could have given out leads nowhere."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2**31 - 1)


def register(app: Flask) -> None:
    """Give an application every page of the desk."""
    app.url_map.converters["int"] = _RecordId
    htmx.init_app(app)

    @app.before_request
    def open_session() -> None:
        g.session = database.session(current_app.extensions["engine"])

    uploads.register(app)
    access.register(app)
    receipts.register(app)
    # After the session is opened, so that a refused form still shows the member's desk.
    CSRFProtect(app)
    assets.register(app)
    compression.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    app.jinja_env.globals["once_token"] = _Fresh()
    wording.register(app)
    drawing.register(app)
    # Safe HTML: what comes out of it is cleaned.
    app.add_template_filter(lambda text: Markup(prose.to_html(text)), "markdown")  # noqa: S704  # nosec B704

    app.add_template_filter(prose.without_turns, "unturned")
    # The last one registered comes first: what it answers instead is protected as well.
    app.after_request(_protect)
    app.after_request(_settle)

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        session = g.pop("session", None)
        if session is not None:
            session.close()

    @app.context_processor
    def shared() -> dict[str, object]:
        if "desk" not in g:
            g.desk = queries.standing.desk(g.session) if "session" in g else None
        return {"desk": g.desk}

    refusals.register(app)


def _settle(response: Response) -> Response:
    """Commit what a request did when its answer says that it went well."""
    if "session" not in g:
        return response
    if response.status_code < 400:
        g.saving = request.method == "POST"
        try:
            receipts.keep(response)
            g.session.commit()
        except sa.exc.SQLAlchemyError as error:
            response = make_response(current_app.handle_user_exception(error))
        else:
            return response
    g.session.rollback()
    if request.method == "POST" and response.status_code < 500:
        # Sent twice at the same moment, one is done and the other fails for it.
        with suppress(sa.exc.SQLAlchemyError):
            return receipts.first_answer() or response
    return response


# A page of the desk needs nothing of the machine but its clipboard, to write to.
_NO_DEVICES = ", ".join(
    f"{device}=()"
    for device in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
)


# Sent with every answer that does not say otherwise.
_ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _NO_DEVICES,
    # For browsers that do not know frame-ancestors.
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-cache",
}
_BY_HTTPS = _ALWAYS | {"Strict-Transport-Security": "max-age=31536000"}


def _protect(response: Response) -> Response:
    said = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - they are pairs
    for name, value in (_BY_HTTPS if request.is_secure else _ALWAYS).items():
        if name.lower() not in said:
            response.headers.add(name, value)
    return response
