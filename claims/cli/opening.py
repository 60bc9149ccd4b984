"""The desk that a command works on: the options that say where it is, and what opens it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session

from claims import database
from claims.captures.store import Store, at
from claims.configuration import Configuration
from claims.database import Unusable

CreateApp = Callable[[Configuration], Flask]


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    # The options stand before a command or behind it; what stands behind comes later, and counts.
    if value is not None:
        context.meta[f"{__name__}.{option.name}"] = value


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, expose_value=False, callback=_keep, **settings)


data = _option(
    "--data",
    metavar="DIR",
    help="The folder of the database, captures and keys [DESK_DATA, else ./instance]. "
    "The database is the one in DATABASE_URL, if that is set.",
)
host = _option(
    "--host", help="The address to listen at; 0.0.0.0 for all [DESK_HOST, else 127.0.0.1]."
)
port = _option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen at; 0 for any that is free [DESK_PORT, else 5000].",
)


def configuration() -> Configuration:
    """Where the desk is, by the options, the environment and the defaults."""
    meta = click.get_current_context().meta
    return Configuration.read(
        **{name: meta.get(f"{__name__}.{name}") for name in ("data", "host", "port")}
    )


def application(configuration: Configuration) -> Flask:
    """The application on that desk, whose database is brought up to date."""
    create_app: CreateApp = click.get_current_context().obj
    return create_app(configuration)


def store(configuration: Configuration) -> Store:
    """Where the desk keeps captured bytes."""
    return at(configuration.store, configuration.captures)


def check_there(configuration: Configuration) -> None:
    """Refuse to go on where there is no desk yet."""
    path = sa.make_url(configuration.database_url)
    if path.get_backend_name() == "sqlite" and not Path(path.database or "").exists():
        raise Unusable(
            f"There is no desk in {configuration.data}. Choose another folder with --data, "
            "or start one there with `claims run`."
        )


@contextmanager
def a_desk(*, new: bool = False) -> Iterator[Session]:
    """A session on the desk's database, committed at the end; `new` makes one where none is."""
    where = configuration()
    if not new:
        check_there(where)
    with session(application(where)) as opened:
        yield opened


@contextmanager
def session(app: Flask) -> Iterator[Session]:
    """A session on an application's database, committed at the end."""
    engine: sa.Engine = app.extensions["engine"]
    try:
        with database.session(engine) as opened:
            database.take_time(opened.connection())
            yield opened
            opened.commit()
    finally:
        engine.dispose()


@contextmanager
def engine(configuration: Configuration) -> Iterator[sa.Engine]:
    """The desk's database as it is, without an application that would bring it up to date."""
    engine = database.connect(configuration.database_url)
    try:
        yield engine
    finally:
        engine.dispose()
