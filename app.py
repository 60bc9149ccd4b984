"""Fact Desk: take an article apart into claims, check them, publish the verdicts.

python3 app.py          set up, the first time, and run the desk
python3 app.py test     set up and run every test
"""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the first start may be by any Python
        sys.exit("Fact Desk needs Python 3.11 or newer: start it with one, as in python3.11 app.py")
    if sys.platform == "win32":
        sys.exit("Fact Desk runs on Linux and macOS: on Windows, start it inside WSL.")

    # What is imported below has to be installed first.
    from claims import installation

    installation.start(sys.argv[1:])

import click
import sqlalchemy as sa
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from claims import cli, database, desk, seed, web
from claims.captures import store
from claims.configuration import Configuration
from claims.web import drawing

# An article's full text is the largest thing that a form carries.
LARGEST_FORM = 16 * 1024 * 1024


def create_app(configuration: Configuration | None = None, **overrides: object) -> Flask:
    """Make the desk's web application, with its database brought up to date.

    Raises `database.Unusable` when there is no database to be had; without a
    configuration, which is how other servers start the desk, it ends them.
    """
    try:
        given, configuration = configuration, configuration or Configuration.read()
        configuration.prepare()
        kept = store.at(configuration.store, configuration.captures)
        engine = database.connect(configuration.database_url)
        database.upgrade(engine)
    except database.Unusable as error:
        if given:
            raise
        raise _ended(error) from error
    _found(engine)
    app = Flask(__name__, static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=configuration.secret_key(),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=20_000,
        SESSION_COOKIE_NAME="desk",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        # A form left open for a day still saves: its token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.config.update(overrides)
    app.extensions["engine"] = engine
    app.extensions["store"] = kept
    app.extensions["configuration"] = configuration
    app.jinja_environment = drawing.Templates
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if configuration.proxies:
        n = configuration.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n)  # type: ignore[method-assign]
    web.register(app)
    cli.register(app, create_app)
    return app


def _ended(error: database.Unusable) -> Exception | SystemExit:
    """What ends the program that starts the desk, in one sentence and without a traceback."""
    if click.get_current_context(silent=True):
        return click.ClickException(str(error))
    print(error, file=sys.stderr)
    # By this code gunicorn knows that no other worker would fare better.
    return SystemExit(3)


def _found(engine: sa.Engine) -> None:
    """Found the desk, the first time; clear up, every time."""
    with database.session(engine) as session:
        try:
            seed.found(session)
            desk.receipts.forget_old(session)
            session.commit()
        except sa.exc.IntegrityError:
            # Another process that started at the same moment founded the desk.
            session.rollback()


def main() -> None:
    """Do what the command line asks; without a command, run the desk."""
    cli.main(create_app)


if __name__ == "__main__":
    main()
