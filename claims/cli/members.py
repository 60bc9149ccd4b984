"""Members from a terminal: add, list and remove them, and change their roles."""

import json
import sys

import click
from sqlmodel import Session

from claims import desk, queries
from claims.cli import opening, terminal
from claims.models import Member
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Role


@click.group()
def members() -> None:
    """Add, list and remove members, and change their roles."""


_role = click.Choice([role.value for role in Role])


@members.command("add", short_help="Add a member.")
@click.argument("email")
@click.option("--name", required=True, help="The member’s name, as it stands beside their work.")
@click.option("--role", type=_role, required=True, help="What they may do.")
@opening.data
def add_member(email: str, name: str, role: str) -> None:
    """Add a member. Their password is read from standard input."""
    with opening.a_desk(new=True) as session:
        member = desk.members.add(session, name.strip(), email, Role(role), _password(), by=None)
    if member.role is Role.OWNER:
        opening.configuration().forget_welcome_key()
    who = f"{terminal.shown(member.name)} <{terminal.shown(member.email)}>"
    click.echo(f"{who} is now {terminal.a(member.role)}.")


@members.command("list")
@click.option("--former", is_flag=True, help="List those who were removed instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@opening.data
def list_members(former: bool, as_json: bool) -> None:
    """List the members: name, e-mail, role and when they joined."""
    with opening.a_desk() as session:
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
        click.echo(terminal.columns([_facts(member).values() for member in listed]))


@members.command("role")
@click.argument("email")
@click.argument("role", type=_role)
@opening.data
def change_role(email: str, role: str) -> None:
    """Give the member with an e-mail another role."""
    with opening.a_desk() as session:
        member = _member(session, email)
        desk.members.change_role(session, member, Role(role), by=None)
    click.echo(f"{terminal.shown(member.name)} is now {terminal.a(member.role)}.")


@members.command("remove")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@opening.data
def remove_member(email: str, yes: bool) -> None:
    """Remove the member with an e-mail; their work and name stay."""
    with opening.a_desk() as session:
        member = _member(session, email)
        if not yes and sys.stdin.isatty():
            click.confirm(f"Remove {terminal.shown(member.name)} from the desk?", abort=True)
        desk.members.remove(session, member, by=None)
    click.echo(f"{terminal.shown(member.name)} is no longer a member.")


@members.command("restore")
@click.argument("email")
@opening.data
def restore_member(email: str) -> None:
    """Let a removed member back in, with the role and password they had."""
    with opening.a_desk() as session:
        member = _member(session, email)
        desk.members.restore(session, member, by=None)
    click.echo(f"{terminal.shown(member.name)} is {terminal.a(member.role)} again.")


@members.command("password", short_help="Set another password for a member.")
@click.argument("email")
@opening.data
def set_password(email: str) -> None:
    """Set another password for the member with an e-mail; it is read from standard input."""
    with opening.a_desk() as session:
        member = _member(session, email)
        desk.members.set_password(session, member, _password(), by=None)
    click.echo(f"{terminal.shown(member.name)} has another password, and is signed out everywhere.")


def _member(session: Session, email: str) -> Member:
    member = queries.members.by_email(session, email)
    if member is None:
        raise Refused(f"Nobody has the e-mail {terminal.shown(email)}: see `claims members list`.")
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
