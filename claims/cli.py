"""The desk from a terminal: the same work, by the same rules.

Exit codes: 0 done, 1 refused or broken, 2 not understood.
"""

import contextlib
import errno
import json
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

import click
import sqlalchemy as sa
import waitress
from flask import Flask
from sqlmodel import Session, col

from claims import __version__, backups, database, desk, exports, imports, ledger, queries, seed
from claims.configuration import Configuration
from claims.database import Unusable
from claims.models import Article, Member
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules import reports
from claims.rules.passages import Text
from claims.rules.refusals import Refused
from claims.rules.reports import VerdictReport
from claims.rules.vocabulary import Placement, Role

CreateApp = Callable[[Configuration], Flask]

# Each open page holds a thread for no longer than its answer takes.
THREADS = 32


class Commands(click.Group):
    """Commands that end in one sentence and exit code 1 when the desk cannot do what they ask."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (Unusable, Refused) as refusal:
            raise click.ClickException(_lines(str(refusal))) from refusal
        except sa.exc.DBAPIError as error:
            trouble = database.trouble(error)
            if trouble is None:
                raise
            raise click.ClickException(f"{trouble} ({database.cause(error)})") from error


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    # The options stand before a command or behind it; what stands behind comes later, and counts.
    if value is not None:
        context.meta[f"{__name__}.{option.name}"] = value


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, expose_value=False, callback=_keep, **settings)


_data = _option(
    "--data",
    metavar="DIR",
    help="The folder of the database, captures and keys [DESK_DATA, else ./instance]. "
    "The database is the one in DATABASE_URL, if that is set.",
)
_host = _option(
    "--host", help="The address to listen at; 0.0.0.0 for all [DESK_HOST, else 127.0.0.1]."
)
_port = _option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen at; 0 for any that is free [DESK_PORT, else 5000].",
)


@click.group(cls=Commands, invoke_without_command=True)
@_data
@_host
@_port
@click.version_option(__version__, prog_name="Fact Desk")
@click.pass_context
def claims(context: click.Context) -> None:
    """Fact Desk: take an article apart into claims, check them, publish the verdicts.

    Without a command, it runs the desk.
    """
    if context.invoked_subcommand is None:
        context.invoke(run)


def main(create_app: CreateApp) -> None:
    """Do what the command line asks, with the application that `create_app` makes."""
    claims(obj=create_app, prog_name="claims")


def register(app: Flask, create_app: CreateApp) -> None:
    """Offer the same commands as `flask --app app claims …`."""
    group = copy(claims)
    group.context_settings = {"obj": create_app}
    app.cli.add_command(group)


# ---- running ------------------------------------------------------------------------------------


@claims.command()
@_data
@_host
@_port
def run() -> None:
    """Run the desk until Ctrl-C.

    Makes or updates the database, adds the first article with its claims, and
    serves the desk. Before there is an owner, it prints the address at which
    to become one.
    """
    configuration = _configuration()
    with _listen(configuration.host, configuration.port) as sockets:
        app = _application(configuration)
        with _session(app) as session:
            _seed(session)
            opened = queries.members.any_owner(session)
        address = _address(sockets[0])
        click.echo(f"Fact Desk is at {address}. Its data are in {configuration.data}.")
        if not opened:
            click.echo(
                "\nIt has no owner yet. To become the owner, open this address, which works once:"
                f"\n\n  {address}/welcome?key={configuration.welcome_key()}\n"
            )
        click.echo("Stop it with Ctrl-C.")
        _serve(app, sockets)


@claims.command("seed", short_help="Add the first article and its claims.")
@_data
def seed_() -> None:
    """Add the first article and its claims; what is there already stays untouched."""
    with _desk(new=True) as session:
        if not _seed(session):
            click.echo("The first article is here already: nothing was added.")


def _seed(session: Session) -> bool:
    """Add what is missing of the first article, and say so."""
    seeded = seed.first_article(session)
    if seeded.claims:
        click.echo(f"Added “{_shown(seeded.article.title)}” with {seeded.claims} claims to check.")
    return bool(seeded.new or seeded.claims)


# ---- members ------------------------------------------------------------------------------------


@claims.group()
def members() -> None:
    """Add, list and remove members, and change their roles."""


_role = click.Choice([role.value for role in Role])


@members.command("add", short_help="Add a member.")
@click.argument("email")
@click.option("--name", required=True, help="The member's name, as it stands beside their work.")
@click.option("--role", type=_role, required=True, help="What they may do.")
@_data
def add_member(email: str, name: str, role: str) -> None:
    """Add a member. Their password is read from standard input."""
    with _desk(new=True) as session:
        member = desk.members.add(session, name.strip(), email, Role(role), _password(), by=None)
    if member.role is Role.OWNER:
        _configuration().forget_welcome_key()
    click.echo(f"{_shown(member.name)} <{_shown(member.email)}> is now {_a(member.role)}.")


@members.command("list")
@click.option("--former", is_flag=True, help="List those who were removed instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@_data
def list_members(former: bool, as_json: bool) -> None:
    """List the members: name, e-mail, role and when they joined."""
    with _desk() as session:
        everybody = queries.members.everybody(session)
    listed = [member for member in everybody if bool(member.removed_at) == former]
    if as_json:
        text = json.dumps([_facts(member) for member in listed], ensure_ascii=False, indent=2)
        # What would steer a terminal is written as JSON writes a line end.
        click.echo(
            "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
        )
    elif not listed:
        click.echo("Nobody yet." if not former else "Nobody was removed.")
    else:
        click.echo(_columns([_facts(member).values() for member in listed]))


@members.command("role")
@click.argument("email")
@click.argument("role", type=_role)
@_data
def change_role(email: str, role: str) -> None:
    """Give the member with an e-mail another role."""
    with _desk() as session:
        member = _member(session, email)
        desk.members.change_role(session, member, Role(role), by=None)
    click.echo(f"{_shown(member.name)} is now {_a(member.role)}.")


@members.command("remove")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_data
def remove_member(email: str, yes: bool) -> None:
    """Remove the member with an e-mail; their work and name stay."""
    with _desk() as session:
        member = _member(session, email)
        if not yes and sys.stdin.isatty():
            click.confirm(f"Remove {_shown(member.name)} from the desk?", abort=True)
        desk.members.remove(session, member, by=None)
    click.echo(f"{_shown(member.name)} is no longer a member.")


@members.command("restore")
@click.argument("email")
@_data
def restore_member(email: str) -> None:
    """Let a removed member back in, with the role and password they had."""
    with _desk() as session:
        member = _member(session, email)
        desk.members.restore(session, member, by=None)
    click.echo(f"{_shown(member.name)} is {_a(member.role)} again.")


@members.command("password", short_help="Set another password for a member.")
@click.argument("email")
@_data
def set_password(email: str) -> None:
    """Set another password for the member with an e-mail; it is read from standard input."""
    with _desk() as session:
        member = _member(session, email)
        desk.members.set_password(session, member, _password(), by=None)
    click.echo(f"{_shown(member.name)} has another password, and is signed out everywhere.")


def _member(session: Session, email: str) -> Member:
    member = queries.members.by_email(session, email)
    if member is None:
        raise Refused(f"Nobody has the e-mail {_shown(email)}: see `claims members list`.")
    return member


def _password() -> str:
    """The password on standard input; typed unseen and twice at a terminal."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("There is no password on standard input.")
    return line


def _facts(member: Member) -> dict[str, str]:
    return {
        "name": member.name,
        "email": member.email,
        "role": member.role.value,
        "joined": member.created_at.date().isoformat(),
    }


# ---- what comes in, and what goes out -----------------------------------------------------------


@claims.group("import")
def import_() -> None:
    """Bring texts into the desk."""


@import_.command("article", short_help="Load the full text of an article.")
@click.argument("file", type=click.File("rb"))
@click.option("--title", help="Add a new article with this title.")
@click.option("--article", "article_id", type=int, metavar="ID", help="The article it belongs to.")
@_data
def import_article(file: BinaryIO, title: str | None, article_id: int | None) -> None:
    """Load an article's full text from a text FILE (- for standard input).

    Every quotation is then looked for in it. Without --title and --article,
    it goes to the article that waits for its text and whose quotations are
    in this one.
    """
    if title is not None and article_id is not None:
        raise click.UsageError("Give --title for a new article or --article for one that is here.")
    came = imports.text.read(file.read())
    if came.doubt:
        click.echo(came.doubt, err=True)
    with _desk(new=True) as session:
        article = _article(session, came.text, title, article_id)
        loaded = desk.articles.load_text(session, article, came.text, by=None)
        orphans = [
            appearance.quotation
            for appearance in queries.articles.appearances(session, article)
            if appearance.placement is Placement.ORPHAN
        ]
    done = "Loaded" if loaded.new else "This text was loaded already:"
    quotations = loaded.found + loaded.orphans
    found = f"{loaded.found} of {quotations} quotations found" if quotations else "no claims yet"
    click.echo(f"{done} article {article.id}, “{_shown(article.title)}”: {found}.")
    for quotation in orphans:
        click.echo(f"  not found, kept as an orphan: “{_shown(quotation)}”")


def _article(session: Session, text: str, title: str | None, article_id: int | None) -> Article:
    """The article that a text belongs to: a new one, the one named, or one that waits for it."""
    if title is not None:
        if not title.strip():
            raise click.UsageError("The title is empty.")
        facts = desk.articles.Facts(title=title.strip())
        return desk.articles.add(session, facts, by=None)
    if article_id is not None:
        article = queries.articles.one(session, article_id)
        if article is None:
            raise Refused(f"There is no article {article_id}.")
        return article
    words = Text(text)
    waiting = queries.articles.listed().where(col(Article.snapshot_number) == 0)
    for article in session.exec(waiting):
        expected = queries.articles.appearances(session, article)
        found = sum(
            words.find(one.quotation, prefix=one.prefix, suffix=one.suffix, near=one.start)
            is not None
            for one in expected
        )
        if found > len(expected) / 2:
            return article
    raise Refused(
        "No article waits for this text. Give --title to add a new one, or --article to replace "
        "the text of one that is here."
    )


@claims.command(short_help="Write a verdict report.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(exports.FORMATS)),
    required=True,
    help="What to write.",
)
@click.option(
    "--article",
    "article_name",
    metavar="ID|KEY|all",
    help="The article to report on, by its number or seed key; all for every article.",
)
@click.option(
    "--filter",
    "query",
    metavar="QUERY",
    help="Only these claims, as in the address of the claims page: 'kind=number&rating=false'.",
)
@click.option("--report", "number", type=int, metavar="N", help="A frozen report, as it is.")
@click.option("--unpublished", is_flag=True, help="Also rulings that are not published yet.")
@click.option(
    "--output",
    type=click.File("wb", lazy=True, atomic=True),
    default="-",
    metavar="FILE",
    help="Where to write it; - is standard output, and the default.",
)
@_data
def export(
    format_name: str,
    article_name: str | None,
    query: str | None,
    number: int | None,
    unpublished: bool,
    output: BinaryIO,
) -> None:
    """Write a verdict report: the desk's rulings with everything they rest on.

    Choose the claims by --article or --filter or both, or a frozen report by
    --report. What ClaimReview lacks is said on standard error.
    """
    kind = exports.FORMATS[format_name]
    live = article_name is not None or query is not None
    if (number is not None) == live:
        raise click.UsageError("Choose claims with --article or --filter, or --report N.")
    if number is not None and unpublished:
        raise click.UsageError("A frozen report stays as it is: leave out --unpublished.")
    with _desk() as session:
        if number is not None:
            report, parts = _frozen(session, number, kind)
        else:
            filters = _filters(session, article_name, query)
            if kind.stream:
                _stream(session, kind, filters, output, unpublished=unpublished)
                return
            report = queries.reports.build(
                session,
                filters,
                made_at=now(),
                made_by="the command line",
                unpublished=unpublished,
            )
            parts = kind.write(report, None)
    if not report.claims:
        raise _nothing(report.selection.words)
    if kind.name == "claimreview":
        for sentence in exports.claimreview.missing(report):
            click.echo(_shown(sentence), err=True)
    if output.isatty():
        parts = map(_lines, parts)
    output.writelines(part.encode() for part in parts)


def _stream(
    session: Session, kind: exports.Format, filters: Filters, output: BinaryIO, *, unpublished: bool
) -> None:
    """Write a report of any length without holding it."""
    if not queries.queue.any_chosen(session, filters):
        raise _nothing(queries.reports.in_words(session, filters, None))
    engine: Any = session.get_bind()
    parts = exports.streamed(kind, engine, filters, unpublished=unpublished)
    output.writelines(part.encode() for part in parts)


def _nothing(chosen: str) -> Refused:
    return Refused(f"There is nothing to report on. Chosen: {_shown(chosen)}.")


def _frozen(
    session: Session, number: int, kind: exports.Format
) -> tuple[VerdictReport, Iterator[str]]:
    row = queries.reports.frozen(session, number) if 0 < number < 2**31 else None
    if row is None:
        raise Refused(f"There is no frozen report {number}.")
    return reports.from_json(row.content), exports.frozen(kind, row.content)


def _filters(session: Session, article_name: str | None, query: str | None) -> Filters:
    """The filters that were asked for. One that is not understood would let everything through."""
    args = dict(parse_qsl(query or "", keep_blank_values=True))
    filters = Filters.from_args(args)
    known = {field.name for field in fields(Filters)} - {"ignored"}
    wrong = [name for name in args if name not in known] + [name for name, _ in filters.ignored]
    if wrong or (query and not args):
        raise click.UsageError(
            f"The filter is not understood: {_shown(wrong[0] if wrong else str(query))}."
        )
    if filters.mine or filters.waiting:
        raise click.UsageError("The filters mine and waiting ask about a member: use others.")
    if article_name is None or article_name == "all":
        return filters
    article = queries.articles.seeded(session, article_name)
    if article is None and article_name.isdecimal() and int(article_name) < 2**31:
        article = queries.articles.one(session, int(article_name))
    if article is None:
        raise Refused(f"There is no article {_shown(article_name)}.")
    return filters.but(article=article.id)


@claims.command(short_help="Find out whether somebody changed the ledger.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@_data
def verify(as_json: bool) -> None:
    """Walk the ledger from its first event, and name the first that does not hold.

    Exit code 1 means that somebody changed the ledger past the desk.
    """
    with _desk() as session:
        found = ledger.verify(session)
    if as_json:
        broken = vars(found.broken) if found.broken else None
        result = {"events": found.events, "head": found.head, "broken": broken}
        click.echo(json.dumps(result, indent=2))
    _tell(found, silent=as_json)


def _tell(found: ledger.Verification, *, silent: bool = False) -> None:
    """Say that the ledger holds, or end with what broke it."""
    if not found.broken and not silent:
        click.echo(f"The ledger holds: {found.events} events, newest digest {found.head}.")
    if found.broken:
        raise click.ClickException(
            f"The ledger is broken at event {found.broken.seq}: {found.broken.reason}. "
            f"The {found.events} events before it hold."
        )


# ---- backups ------------------------------------------------------------------------------------


@claims.command(short_help="Copy the whole desk into one file.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Write over a file of this name.")
@_data
def backup(file: Path | None, force: bool) -> None:
    """Copy the whole desk as it is now into one FILE, while members go on working.

    Without FILE, or with a folder, the file is named by the time, as in
    fact-desk-2027-01-31-0200.zip (UTC). `claims restore` makes a desk of it.
    """
    configuration = _configuration()
    _check_there(configuration)
    name = backups.default_name(now())
    file = file / name if file and file.is_dir() else file or Path(name)
    if file.exists() and not force:
        raise Refused(f"{file} is there already: choose another name, or write over it by --force.")
    with _engine(configuration) as engine:
        made = backups.make(engine, configuration.keys, file, progress=_say)
    click.echo(f"Wrote {file}: {_contents(made)}, {file.stat().st_size:,} bytes.")
    if made.keys:
        click.echo("It holds the desk’s keys: keep it where nobody else reads it.")
    else:
        _say(
            f"There are no keys in {configuration.keys}: is --data the folder of this desk? "
            "Without them, members sign in anew after a restore."
        )


@claims.command(short_help="Make a desk of a backup.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_data
def restore(file: Path) -> None:
    """Make a desk of a backup FILE, in a new data folder or an empty PostgreSQL database.

    The backup may be of either: this is also how a desk moves from one to the
    other. Everything is checked first, and a restore that fails leaves nothing.
    Exit code 1 also when the ledger in the backup is broken.
    """
    configuration = _configuration()
    with _engine(configuration) as engine:
        restored = backups.restore(
            engine, configuration.keys, file, prepare=configuration.prepare, progress=_say
        )
        with database.session(engine) as session:
            found = ledger.verify(session)
    click.echo(
        f"Restored the desk of {restored.made_at:%Y-%m-%d %H:%M} UTC into "
        f"{engine.url.render_as_string(hide_password=True)}: {_contents(restored)}. "
        f"Its keys are in {configuration.keys}."
    )
    _tell(found)


def _contents(manifest: backups.Manifest) -> str:
    counts = [(manifest.rows(name), name) for name in ("article", "claim", "member")]
    said = ", ".join(f"{n:,} {name}{'' if n == 1 else 's'}" for n, name in counts)
    return f"{said}, and a ledger of {manifest.ledger.events:,} events"


def _say(words: str) -> None:
    click.echo(words, err=True)


# ---- the desk behind the commands ---------------------------------------------------------------


def _configuration() -> Configuration:
    meta = click.get_current_context().meta
    return Configuration.read(
        **{name: meta.get(f"{__name__}.{name}") for name in ("data", "host", "port")}
    )


def _application(configuration: Configuration) -> Flask:
    create_app: CreateApp = click.get_current_context().obj
    return create_app(configuration)


def _check_there(configuration: Configuration) -> None:
    path = sa.make_url(configuration.database_url)
    if path.get_backend_name() == "sqlite" and not Path(path.database or "").exists():
        raise Unusable(
            f"There is no desk in {configuration.data}. Choose another folder with --data, "
            "or start one there with `claims run`."
        )


@contextmanager
def _desk(*, new: bool = False) -> Iterator[Session]:
    """A session on the desk's database, committed at the end; `new` makes one where none is."""
    configuration = _configuration()
    if not new:
        _check_there(configuration)
    with _session(_application(configuration)) as session:
        yield session


@contextmanager
def _session(app: Flask) -> Iterator[Session]:
    engine: sa.Engine = app.extensions["engine"]
    try:
        with database.session(engine) as session:
            database.take_time(session.connection())
            yield session
            session.commit()
    finally:
        engine.dispose()


@contextmanager
def _engine(configuration: Configuration) -> Iterator[sa.Engine]:
    """The desk's database as it is, without an application that would bring it up to date."""
    engine = database.connect(configuration.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


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
    # What stops a service ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    click.echo("\nStopped.")


def _columns(rows: Iterable[Iterable[str]]) -> str:
    """Rows of text as aligned columns."""
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _shown(text: str) -> str:
    """A text for the terminal: what would steer it, or turn the words around, is replaced."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _lines(text: str) -> str:
    """A text of several lines for the terminal."""
    return "\n".join(_shown(line) for line in text.split("\n"))


def _a(role: Role) -> str:
    return f"an {role}" if role.value[0] in "aeiou" else f"a {role}"
