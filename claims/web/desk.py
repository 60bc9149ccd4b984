"""The desk page: what waits, how far each article is, what happened lately."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from claims import queries
from claims.queries.dashboard import FREE
from claims.queries.filters import NOBODY, Filters, Waiting
from claims.rules.vocabulary import State
from claims.web.htmx import answer

bp = Blueprint("desk", __name__)

# Why claims wait, in words, and the claims of the queue that do.
REASONS = {
    Waiting.REOPENED: ("Reopened", Filters(waiting=Waiting.REOPENED)),
    Waiting.SETTLE: ("Ready for a ruling", Filters(waiting=Waiting.SETTLE)),
    Waiting.JUDGE: ("Waiting for your verdict", Filters(waiting=Waiting.JUDGE)),
    Waiting.CHECK: ("In your hands", Filters(waiting=Waiting.CHECK)),
    FREE: ("To check, with nobody yet", Filters(state=State.TO_CHECK, assignee=NOBODY)),
}


@bp.get("/")
def index() -> ResponseReturnValue:
    """What one member finds on the desk."""
    policy = queries.standing.desk(g.session).policy
    page = queries.dashboard.page(g.session, viewer=g.member, policy=policy)
    return answer("desk/index.html", "desk", page=page, reasons=REASONS, filters=Filters())
