"""Stylesheet, script and icon: each one file, by an address that changes with its content."""

import gzip
import hashlib
import importlib.util
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request, url_for
from lucide.jinja import lucide
from markupsafe import Markup

from claims.web import compression

_OWN = Path(__file__).parent.parent / "static"

# One script for every page, so that a first visit asks for it once: what it is made of, in order.
_SCRIPT = ("htmx-2.min.js", "desk.js", "session.js", "drafts.js", "article.js", "uploads.js")


@dataclass(frozen=True)
class _Asset:
    """A file as browsers ask for it, with its fingerprint."""

    content: bytes
    zipped: bytes
    media_type: str
    fingerprint: str


def register(app: Flask) -> None:
    """Serve the desk's own assets and htmx, cached for good under their fingerprint."""
    assets = {
        "desk.css": _asset("desk.css", _read("desk.css")),
        "desk.svg": _asset("desk.svg", _read("desk.svg")),
        # In a function each, where "use strict" and names stay one file's own.
        "desk.js": _asset(
            "desk.js", b"\n".join(b"(() => {%s\n})();" % _read(name) for name in _SCRIPT)
        ),
    }

    def static(filename: str) -> Response:
        found = assets.get(filename) or abort(404)
        zipped = compression.taken()
        response = Response(found.zipped if zipped else found.content, mimetype=found.media_type)
        if zipped:
            response.content_encoding = "gzip"
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{found.fingerprint}{'z' if zipped else ''}")
        if request.args.get("v") == found.fingerprint:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.make_conditional(request)
        return response

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=assets[name].fingerprint)

    app.add_url_rule("/static/<filename>", endpoint="static", view_func=static)
    app.add_template_global(asset)
    app.add_template_global(_icon, "lucide_icon")


def _asset(name: str, content: bytes) -> _Asset:
    return _Asset(
        content,
        gzip.compress(content, mtime=0),
        mimetypes.guess_type(name)[0] or "application/octet-stream",
        hashlib.sha256(content).hexdigest()[:12],
    )


def _read(name: str) -> bytes:
    own = _OWN / name
    return (own if own.is_file() else _htmx_folder() / name).read_bytes()


def _htmx_folder() -> Path:
    # django-htmx carries a well-kept copy of htmx; the package is found, never imported.
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("django-htmx is not installed; start the desk with python3 app.py")
    return Path(spec.submodule_search_locations[0]) / "static" / "django_htmx"


@cache
def _icon(name: str) -> Markup:
    # The package reads a zip file for each icon, so each is drawn once.
    return Markup(lucide(name, size=18, aria_hidden="true"))  # noqa: S704  # nosec B704
