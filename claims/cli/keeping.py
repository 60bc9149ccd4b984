"""Keep the desk safe: verify its ledger, copy it, make a desk of a copy."""

import json
from pathlib import Path

import click

from claims import backups, custody, database, ledger
from claims.captures.store import Unavailable
from claims.cli import opening
from claims.custody import Examination
from claims.database import Unusable
from claims.models.columns import now
from claims.rules.refusals import Refused


@click.command(short_help="Find out whether the ledger or a capture was changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@opening.data
def verify(as_json: bool) -> None:
    """Walk the ledger from its first event, and read every captured byte again.

    Names the first event that does not hold, and each capture whose bytes are
    missing or changed; those are flagged on every page and report that rests on
    them. Exit code 1 means that somebody changed something past the desk.
    """
    configuration = opening.configuration()
    opening.check_there(configuration)
    app = opening.application(configuration)
    with opening.session(app) as session:
        found = ledger.verify(session)
        # Nothing is held while bytes are read: members go on working.
        session.rollback()
        try:
            examined = custody.examine(app.extensions["engine"], app.extensions["store"])
        except Unavailable as error:
            raise Unusable(str(error)) from error
    if as_json:
        broken = vars(found.broken) if found.broken else None
        result = {
            "events": found.events,
            "head": found.head,
            "broken": broken,
            "captures": vars(examined),
        }
        click.echo(json.dumps(result, indent=2))
    _tell(found, examined, silent=as_json)


def _tell(
    found: ledger.Verification, examined: Examination | None = None, *, silent: bool = False
) -> None:
    """Say that everything holds, or end with what does not."""
    faults = []
    if found.broken:
        faults.append(
            f"The ledger is broken at event {found.broken.seq}: {found.broken.reason}. "
            f"The {found.events} events before it hold."
        )
    elif not silent:
        click.echo(f"The ledger holds: {found.events} events, newest digest {found.head}.")
    if examined:
        faults += [f"The bytes of capture {digest} are missing." for digest in examined.missing]
        faults += [f"The bytes of capture {digest} were changed." for digest in examined.changed]
        if examined.sound and examined.checked and not silent:
            click.echo(f"Every capture holds: {examined.checked} contents read again.")
    if faults:
        raise click.ClickException("\n".join(faults))


@click.command(short_help="Copy the whole desk into one file.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Write over a file of this name.")
@click.option(
    "--without-captures", is_flag=True, help="Leave captured bytes out: they are kept elsewhere."
)
@opening.data
def backup(file: Path | None, force: bool, without_captures: bool) -> None:
    """Copy the whole desk as it is now into one FILE, while members go on working.

    Without FILE, or with a folder, the file is named by the time, as in
    fact-desk-2027-01-31-0200.zip (UTC). `claims restore` makes a desk of it.
    """
    configuration = opening.configuration()
    opening.check_there(configuration)
    name = backups.default_name(now())
    file = file / name if file and file.is_dir() else file or Path(name)
    if file.exists() and not force:
        raise Refused(f"{file} is there already: choose another name, or write over it by --force.")
    with opening.engine(configuration) as engine:
        kept = None if without_captures else opening.store(configuration)
        made = backups.make(engine, configuration.keys, kept, file, progress=_say)
    click.echo(f"Wrote {file}: {_contents(made)}, {file.stat().st_size:,} bytes.")
    if made.keys:
        click.echo("It holds the desk’s keys: keep it where nobody else reads it.")
    else:
        _say(
            f"There are no keys in {configuration.keys}: is --data the folder of this desk? "
            "Without them, members sign in anew after a restore."
        )


@click.command(short_help="Make a desk of a backup.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@opening.data
def restore(file: Path) -> None:
    """Make a desk of a backup FILE, in a new data folder or an empty PostgreSQL database.

    The backup may be of either: this is also how a desk moves from one to the
    other. Everything is checked first, and a restore that fails leaves nothing.
    Exit code 1 also when the ledger in the backup is broken.
    """
    configuration = opening.configuration()
    with opening.engine(configuration) as engine:
        restored = backups.restore(
            engine,
            configuration.keys,
            opening.store(configuration),
            file,
            prepare=configuration.prepare,
            progress=_say,
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
    if manifest.captures:
        said += f", {len(manifest.captures):,} captured contents"
    return f"{said}, and a ledger of {manifest.ledger.events:,} events"


def _say(words: str) -> None:
    click.echo(words, err=True)
