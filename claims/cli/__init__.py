"""The desk from a terminal: the same work, by the same rules.

Exit codes: 0 done, 1 refused or broken, 2 not understood.
"""

from copy import copy
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from claims import __version__, database
from claims.cli import keeping, members, opening, reports, running, terminal
from claims.cli.opening import CreateApp
from claims.database import Unusable
from claims.rules.refusals import Refused


class Commands(click.Group):
    """Commands that end in one sentence and exit code 1 when the desk cannot do what they ask."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (Unusable, Refused) as refusal:
            raise click.ClickException(terminal.lines(str(refusal))) from refusal
        except sa.exc.DBAPIError as error:
            trouble = database.trouble(error)
            if trouble is None:
                raise
            raise click.ClickException(f"{trouble} ({database.cause(error)})") from error


@click.group(cls=Commands, invoke_without_command=True)
@opening.data
@opening.host
@opening.port
@click.version_option(__version__, prog_name="Fact Desk")
@click.pass_context
def claims(context: click.Context) -> None:
    """Fact Desk: take an article apart into claims, check them, publish the verdicts.

    Without a command, it runs the desk.
    """
    if context.invoked_subcommand is None:
        context.invoke(running.run)


def main(create_app: CreateApp) -> None:
    """Do what the command line asks, with the application that `create_app` makes."""
    claims(obj=create_app, prog_name="claims")


def register(app: Flask, create_app: CreateApp) -> None:
    """Offer the same commands as `flask --app app claims …`."""
    group = copy(claims)
    group.context_settings = {"obj": create_app}
    app.cli.add_command(group)


for command in (
    running.run,
    running.work,
    running.seed_article,
    members.members,
    reports.import_,
    reports.export,
    keeping.verify,
    keeping.backup,
    keeping.restore,
):
    claims.add_command(command)
