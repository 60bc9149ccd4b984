"""The ledger, to be read and verified by every member."""

import json
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from claims import ledger, queries
from claims.models import Event
from claims.web.htmx import answer

bp = Blueprint("ledger", __name__, url_prefix="/ledger")

# What an event can be about, as tables call it and as the page does.
SUBJECTS = {
    "claim": "claims",
    "appearance": "places of quotations",
    "question": "questions",
    "lead": "leads",
    "evidence": "evidence",
    "verdict": "verdicts",
    "ruling": "rulings",
    "comment": "discussion",
    "article": "articles",
    "snapshot": "texts of articles",
    "source": "sources",
    "capture": "copies of sources",
    "speaker": "speakers",
    "report": "reports",
    "member": "members",
    "invitation": "invitations",
    "desk": "settings",
}


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the ledger, newest line first; with `?verify=1`, walk the whole chain too."""
    members = queries.members.everybody(g.session)
    # Only what the form offers is looked for.
    member_id = request.args.get("member", type=int)
    member_id = member_id if member_id in {member.id for member in members} else None
    subject = request.args.get("about")
    subject = subject if subject in SUBJECTS else None
    page = queries.ledger.ledger(
        g.session,
        viewer=g.member,
        policy=queries.standing.desk(g.session).policy,
        member_id=member_id,
        subject=subject,
        after=request.args.get("after"),
    )
    return answer(
        "ledger/index.html",
        "more",
        "lines",
        "verification",
        page=page,
        members=members,
        member_id=member_id,
        subject=subject,
        subjects=SUBJECTS,
        changes=changes,
        found=ledger.verify(g.session) if "verify" in request.args else None,
    )


def changes(event: Event) -> list[tuple[str, str | None, str | None]]:
    """What an event changed: each field with what it held before and after, as text."""
    names = dict.fromkeys([*event.after, *event.before])
    return [(name, _text(event.before.get(name)), _text(event.after.get(name))) for name in names]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=1)
