"""Run the desk: take a port, say where it is, serve it until Ctrl-C."""

import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click
import waitress
from flask import Flask
from sqlmodel import Session

from claims import queries, seed, worker
from claims.captures.limits import Limits
from claims.captures.wayback import Service
from claims.cli import opening, terminal
from claims.configuration import Configuration
from claims.database import Unusable

# Each open page holds a thread for no longer than its answer takes.
THREADS = 32


@click.command()
@opening.data
@opening.host
@opening.port
def run() -> None:
    """Run the desk until Ctrl-C.

    Makes or updates the database, adds the first article with its claims, and
    serves the desk. Before there is an owner, it prints the address at which
    to become one.
    """
    configuration = opening.configuration()
    with _listen(configuration.host, configuration.port) as sockets:
        app = opening.application(configuration)
        with opening.session(app) as session:
            _seed(session)
            opened = queries.members.any_owner(session)
        address = _address(sockets[0])
        click.echo(f"Fact Desk is at {address}. Its data are in {configuration.data}.")
        if not opened:
            click.echo(
                "\nIt has no owner yet. To become the owner, open this address, which works once:"
                f"\n\n  {address}/welcome?key={configuration.welcome_key()}\n"
            )
        click.echo(_who_fetches(configuration.workers))
        click.echo("Stop it with Ctrl-C.")
        with worker.working(lambda: _worker(app, configuration), configuration.workers):
            _serve(app, sockets)


@click.command(short_help="Fetch what members asked for, beside desks that run elsewhere.")
@opening.data
def work() -> None:
    """Fetch pages for the desk until Ctrl-C, without serving it.

    `claims run` does this by itself. Where other servers serve the desk, such as
    gunicorn, start this beside them, as often as you like: several on one
    PostgreSQL take different jobs. DESK_WORKERS says how many pages at once.
    """
    configuration = opening.configuration()
    app = opening.application(configuration)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    number = max(configuration.workers, 1)
    with (
        contextlib.suppress(KeyboardInterrupt),
        worker.working(lambda: _worker(app, configuration), number) as stop,
    ):
        click.echo(_who_fetches(number))
        click.echo("Stop with Ctrl-C.")
        stop.wait()
    click.echo("\nStopped.")


def _who_fetches(number: int) -> str:
    if number == 0:
        return (
            "No worker fetches what members ask for, as DESK_WORKERS is 0: it waits for a "
            "“claims work” beside this."
        )
    workers = "One worker fetches" if number == 1 else f"{number} workers fetch"
    return f"{workers} what members ask for."


def _worker(app: Flask, configuration: Configuration) -> worker.Worker:
    access, _, secret = configuration.wayback_key.partition(":")
    return worker.Worker(
        app.extensions["engine"],
        app.extensions["store"],
        Limits(allowed=configuration.allowed),
        Service(configuration.wayback, access, secret),
    )


@click.command("seed", short_help="Add the first article and its claims.")
@opening.data
def seed_article() -> None:
    """Add the first article and its claims; what is there already stays untouched."""
    with opening.a_desk(new=True) as session:
        if not _seed(session):
            click.echo("The first article is here already: nothing was added.")


def _seed(session: Session) -> bool:
    """Add what is missing of the first article, and say so."""
    seeded = seed.first_article(session)
    if seeded.claims:
        click.echo(
            f"Added “{terminal.shown(seeded.article.title)}” with {seeded.claims} claims to check."
        )
    return bool(seeded.new or seeded.claims)


@contextmanager
def _listen(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Take the port on every address of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise Unusable(
            f"The host {host} is not known: use 127.0.0.1 for this machine alone, or 0.0.0.0 "
            "for every address it has, with --host."
        ) from None
    with contextlib.ExitStack() as held:
        sockets, errors = [], []
        for family, _, _, _, address in found:
            try:
                listening = socket.create_server(address[:2], family=family)
            except OSError as error:
                errors.append(error)
            else:
                sockets.append(held.enter_context(listening))
        taken = [error for error in errors if error.errno == errno.EADDRINUSE]
        # A host may have an address of a kind that this machine has switched off.
        if taken or not sockets:
            raise Unusable(_why_not_listening((taken or errors)[0], host, port))
        yield sockets


def _why_not_listening(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken: another program uses it, or the desk runs already. "
            "Stop that, or choose another port with --port."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is kept for administrators: choose one above 1023 with --port."
    return (
        f"{host} is no address of this machine: use 127.0.0.1 for this machine alone, or 0.0.0.0 "
        "for every address it has, with --host."
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # nosec B104
    return f"http://{host}:{port}"


def _serve(app: Flask, sockets: list[socket.socket]) -> None:
    # A request that waits for a thread is no news to whoever runs the desk.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        sockets=sockets,
        threads=THREADS,
        ident="Fact Desk",
        # More than this never reaches the application, which has a page for what is too much.
        max_request_body_size=4 * app.config["MAX_CONTENT_LENGTH"],
        # The application knows how many proxies there are, and believes no other.
        clear_untrusted_proxy_headers=False,
    )
    # What is there from the start stays: nobody waits while Python looks through all of it again.
    gc.collect()
    gc.freeze()
    # What stops a service ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    click.echo("\nStopped.")
