"""Receipts: what was sent twice makes one record, and what was sent in between is not dropped."""

import hashlib
import hmac
from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    request,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from claims import queries
from claims.models import Receipt
from claims.models.columns import now
from claims.web import again
from claims.web.htmx import answer_in_place

bp = Blueprint("receipts", __name__, url_prefix="/receipts")

_LONGEST_TOKEN = 64

# What makes a new record each time. A browser that goes back without a script fetches such a form
# anew, with another token; whatever else is sent twice changes nothing the second time, or is a
# change to and fro.
_ADDING = frozenset(
    {
        *("articles.add", "articles.mark", "claims.split", "evidence.attach", "sources.add"),
        *("discussion.ask", "discussion.comment", "discussion.hint", "verdicts.give"),
        "reports.freeze",
    }
)

# So long the same words from the same member may be a slip.
_A_WHILE = timedelta(hours=1)


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Whether the desk acted on a form, for the browser that keeps a draft of it."""
    if g.session.get(Receipt, token[:_LONGEST_TOKEN]) is None:
        abort(404)
    return "", 204


def register(app: Flask) -> None:
    """Look at every form that comes in for whether it came before."""
    app.before_request(_answer_as_before)


def first_answer() -> Response | None:
    """Where this very form went when it was sent before, if it was."""
    receipt = _receipt()
    if receipt is None or receipt.token != _token() or receipt.content not in {None, _content()}:
        return None
    return make_response(redirect(receipt.location, 303))


def keep(response: Response) -> None:
    """Write down that the desk acted on this form, and where its answer is."""
    token = _token()
    if token and response.location:
        receipt = Receipt(token=token, location=response.location, content=_content())
        g.session.add(receipt)


def _answer_as_before() -> ResponseReturnValue | None:
    receipt = _receipt()
    if receipt is None:
        return None
    if receipt.token != _token():
        return _said_already(receipt)
    return first_answer() or answer_in_place(
        "refused.html",
        "_refused.html",
        status=409,
        title="This form was sent before",
        message=Markup(
            'What you sent then is saved: <a href="{}">look at it</a>. What you typed since is '
            "below; send it again if it is to be saved as well."
        ).format(receipt.location),
        form=again.sent(anew=True),
        final=False,
    )


def _said_already(receipt: Receipt) -> Response:
    """The same words under another token: a slip, unless their writer says that it is none."""
    minutes = int((now() - receipt.created_at).total_seconds() // 60)
    ago = f"{minutes} minutes ago" if minutes > 1 else "a minute ago" if minutes else "just now"
    return answer_in_place(
        "refused.html",
        "_refused.html",
        status=409,
        title="You sent exactly this before",
        message=Markup(
            'It was {}, and it is recorded: <a href="{}">look at it</a>. Send it again only if '
            "you mean a second one."
        ).format(ago, receipt.location),
        form=again.sent(anew=True),
        meant=True,
        final=False,
    )


def _receipt() -> Receipt | None:
    """What the desk keeps of this form, or of the same one under another token."""
    token = _token()
    if not token:
        return None
    receipt: Receipt | None
    if request.endpoint in _ADDING and g.member and not request.form.get("meant"):
        since = now() - _A_WHILE
        receipt = queries.receipts.alike(g.session, token, _content(), since=since)
    else:
        receipt = g.session.get(Receipt, token)
    return receipt


def _token() -> str:
    if request.method != "POST":
        return ""
    try:
        return request.form.get("once", "")[:_LONGEST_TOKEN]
    except RequestEntityTooLarge:
        return ""


def _content() -> str:
    """A digest of what this form says and whose it is; under the desk's key, as a password may
    be in it.
    """
    if "content_digest" not in g:
        g.content_digest = _digest()
    digest: str = g.content_digest
    return digest


def _digest() -> str:
    said = hmac.new(str(current_app.secret_key).encode(), digestmod=hashlib.sha256)
    writer = str(g.member.id) if g.member else ""
    parts = [("address", request.full_path.encode()), ("member", writer.encode())]
    parts += [(name, value.encode()) for name, value in request.form.items(multi=True)]
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)
        parts.append((name, file.stream.read()))
        file.stream.seek(0)
    for name, value in parts:
        if name not in again.TOKENS:
            said.update(b"%d %s %d " % (len(name), name.encode(), len(value)) + value)
    return said.hexdigest()
