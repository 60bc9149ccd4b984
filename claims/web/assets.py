"""Stylesheets and scripts, by addresses that change with their content."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, url_for
from lucide.jinja import lucide
from markupsafe import Markup


def _htmx_folder() -> Path:
    # django-htmx carries a well-kept copy of htmx; the package is found, never imported.
    spec = importlib.util.find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("django-htmx is not installed; start the desk with python3 app.py")
    return Path(spec.submodule_search_locations[0]) / "static" / "django_htmx"


def register(app: Flask) -> None:
    """Serve the desk's own assets and htmx, cached for good under their fingerprint."""
    own = Path(str(app.static_folder))
    vendored = _htmx_folder()
    app.register_blueprint(
        Blueprint("vendor", __name__, static_folder=str(vendored), static_url_path="/vendor")
    )

    @cache
    def found(name: str) -> tuple[str, str]:
        endpoint, folder = (
            ("static", own) if (own / name).is_file() else ("vendor.static", vendored)
        )
        return endpoint, hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]

    def asset(name: str) -> str:
        endpoint, fingerprint = found(name)
        return url_for(endpoint, filename=name, v=fingerprint)

    app.add_template_global(asset)
    app.add_template_global(_icon, "lucide_icon")
    app.after_request(_keep_assets)


def _keep_assets(response: Response) -> Response:
    if request.endpoint in {"static", "vendor.static"} and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@cache
def _icon(name: str) -> Markup:
    # The package reads a zip file for each icon, so each is drawn once.
    return Markup(lucide(name, size=18, aria_hidden="true"))  # noqa: S704
