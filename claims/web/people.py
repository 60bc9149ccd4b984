"""People: who works at the desk, and the link by which somebody joins."""

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from claims import desk, prose, queries
from claims.models import Invitation, Member
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.roles import ROLE_DEFINITIONS, Action
from claims.rules.vocabulary import Role
from claims.web.access import needs, open_to_all, sign_in
from claims.web.account import NewMember, on_fields, unkept
from claims.web.forms import MaybeLine, Submission, WithdrawalForm
from claims.web.htmx import answer

bp = Blueprint("people", __name__)

# Value, word and meaning of each role, for a form to choose from.
ROLES = [(role.value, role.value.capitalize(), ROLE_DEFINITIONS[role]) for role in Role]


class InvitationForm(BaseModel):
    """A role, and a reminder of who it is for."""

    role: Role
    note: MaybeLine = ""


class RoleForm(BaseModel):
    """A member's new role."""

    role: Role
    version: int


@bp.get("/people")
def index() -> ResponseReturnValue:
    """List who works at the desk; for owners, former members and invitations too."""
    return _index(None)


@bp.post("/people/invitations")
@needs(Action.PEOPLE)
def invite() -> ResponseReturnValue:
    """Make an invitation; the page that follows shows its link, this once."""
    form = Submission(InvitationForm, request.form)
    if not form.valid:
        return _index(form)
    invitation, token = desk.members.invite(g.session, form.data.role, form.data.note, by=g.member)
    session["fresh_invitation"] = [invitation.id, token]
    flash("The invitation is ready. Copy its link now: it is shown once.", "success")
    return redirect(url_for("people.index", _anchor="invitations"), 303)


@bp.post("/people/invitations/<int:invitation_id>/withdraw")
@needs(Action.PEOPLE)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Make an invitation's link useless."""
    invitation = queries.members.invitation_by_id(g.session, invitation_id) or abort(404)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _index(None, why=(invitation.id, form))
    desk.members.withdraw(g.session, invitation, form.data.reason, by=g.member)
    flash("The invitation is withdrawn: its link no longer works.", "success")
    return redirect(url_for("people.index", _anchor="invitations"), 303)


@bp.get("/people/<int:member_id>")
@needs(Action.PEOPLE)
def show(member_id: int) -> ResponseReturnValue:
    """Show an owner one member, to change their role or remove them."""
    return _member(_found(member_id), None)


@bp.post("/people/<int:member_id>/role")
@needs(Action.PEOPLE)
def change_role(member_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    member = _found(member_id)
    form = Submission(RoleForm, request.form)
    if not form.valid:
        return _member(member, form), 422
    desk.members.change_role(g.session, member, form.data.role, by=g.member, read=form.data.version)
    flash(f"Role of {prose.isolated(member.name)}: {member.role}.", "success")
    return redirect(url_for("people.index"), 303)


@bp.post("/people/<int:member_id>/remove")
@needs(Action.PEOPLE)
def remove(member_id: int) -> ResponseReturnValue:
    """End a membership."""
    member = _found(member_id)
    desk.members.remove(g.session, member, by=g.member)
    flash(f"{prose.isolated(member.name)} is no longer a member. Their work stays.", "success")
    return redirect(url_for("people.index"), 303)


@bp.post("/people/<int:member_id>/restore")
@needs(Action.PEOPLE)
def restore(member_id: int) -> ResponseReturnValue:
    """Let a former member back in."""
    member = _found(member_id)
    desk.members.restore(g.session, member, by=g.member)
    flash(f"{prose.isolated(member.name)} is a member again, as {member.role}.", "success")
    return redirect(url_for("people.index"), 303)


@bp.get("/join/<token>")
@open_to_all
def join(token: str) -> ResponseReturnValue:
    """Ask somebody who was invited for their name, e-mail and password."""
    return _join(token, None)


@bp.post("/join/<token>")
@open_to_all
def accept(token: str) -> ResponseReturnValue:
    """Make a member of somebody who was invited, and sign them in."""
    invitation = _invitation(token)
    form = Submission(NewMember, request.form)
    if invitation is None or _closed(invitation) or g.member:
        return _join(token, form)
    if form.valid:
        with on_fields(form):
            member = desk.members.join(
                g.session, invitation, form.data.name, form.data.email, form.data.password
            )
    if not form.valid:
        return _join(token, form)
    sign_in(member)
    flash(f"Welcome, {prose.isolated(member.name)}. You are here as {member.role}.", "success")
    return redirect(url_for("desk.index"), 303)


def _index(
    form: Submission[InvitationForm] | None,
    *,
    why: tuple[int, Submission[WithdrawalForm]] | None = None,
) -> ResponseReturnValue:
    """The page of people; `why` is the form to withdraw an invitation, if it came back."""
    people = queries.members.people(
        g.session,
        viewer=g.member,
        at=now(),
        former="former" in request.args,
        after=request.args.get("after"),
    )
    refused = form or why
    fresh_id, token = (None, None) if refused else session.pop("fresh_invitation", (None, None))
    response = answer(
        "people/index.html",
        "members",
        "invitations",
        status=422 if refused else 200,
        people=people,
        roles=ROLES,
        form=form,
        why=dict([why]) if why else {},
        fresh_id=fresh_id,
        link=url_for("people.join", token=token, _external=True) if token else None,
    )
    if token:
        response.headers["Cache-Control"] = "no-store"
    return response


def _member(member: Member, form: Submission[RoleForm] | None) -> str:
    return render_template(
        "people/member.html",
        person=member,
        roles=ROLES,
        form=form,
        last_owner=member.role == Role.OWNER
        and not queries.members.owned_by_others(g.session, member),
    )


def _found(member_id: int) -> Member:
    return queries.members.member(g.session, member_id) or abort(404)


def _invitation(token: str) -> Invitation | None:
    return queries.members.invitation(g.session, desk.members.digest(token))


def _closed(invitation: Invitation | None) -> str | None:
    """Why an invitation lets nobody in, if it does not."""
    if invitation is None:
        return "There is no such invitation. Check that the whole link was copied."
    try:
        desk.members.check_open(invitation)
    except Refused as refusal:
        return str(refusal)
    return None


def _join(token: str, form: Submission[NewMember] | None) -> ResponseReturnValue:
    """The page of an invitation: its form, or why there is none any more."""
    invitation = _invitation(token)
    closed = _closed(invitation)
    if invitation is None or closed:
        page = render_template("people/closed.html", message=closed)
        return unkept(page), 410 if invitation else 404
    roles = list(Role)
    page = render_template(
        "people/join.html",
        token=token,
        invitation=invitation,
        meanings=[ROLE_DEFINITIONS[role] for role in roles[: roles.index(invitation.role) + 1]],
        form=form,
    )
    return unkept(page), 422 if form else 200
