"""The copies that the desk keeps of sources: read, quoted, compared, taken away.

Nothing of a captured page runs here: its text is shown as words, and its bytes leave
as a download only, or as a picture of a kind that cannot hold a program.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from claims import desk, queries, rules
from claims.captures import warc
from claims.captures.fetching import Fetched, Hop
from claims.captures.store import Changed, Missing, Store
from claims.models import Capture
from claims.queries.filters import Filters
from claims.rules.differences import Change
from claims.rules.highlights import Paragraph
from claims.rules.refusals import Refused
from claims.rules.roles import Action
from claims.rules.vocabulary import Damage, Mark, Obtained
from claims.web.access import needs
from claims.web.forms import Submission, Text, WithdrawalForm
from claims.web.htmx import answer

bp = Blueprint("captures", __name__, url_prefix="/captures")

# Pictures without a program in them, which a page may show.
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

# What a browser may do with bytes from outside: nothing.
_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"

# Characters of changes; more are read on nobody's screen.
_MOST_CHANGED = 400_000

_CLAIMS = 20


class PassageForm(BaseModel):
    """Words of a copy, as somebody pasted them."""

    quotation: Text


@bp.get("/<int:capture_id>")
def show(capture_id: int) -> ResponseReturnValue:
    """What was read in a copy, with the passages that evidence quotes."""
    return _show(capture_id)


def _show(capture_id: int, form: Submission[Any] | None = None) -> ResponseReturnValue:
    page = queries.captures.page(
        g.session,
        capture_id,
        part=request.args.get("part", 1, int),
        evidence_id=request.args.get("passage", type=int),
        earlier=request.args.get("earlier"),
    )
    if page is None:
        abort(404)
    spans = [(one.evidence_id, one.start, one.end) for one in page.passages]
    paragraphs = list(rules.highlights.paragraphs(page.words, page.part.start, spans))
    return answer(
        "captures/capture.html",
        status=422 if form else 200,
        page=page,
        form=form,
        paragraphs=paragraphs,
        sheets=_sheets(page.capture.content.pages, paragraphs),
        passages={one.evidence_id: one for one in page.passages},
        picture=page.capture.content.media_type in _PICTURES,
        insecure=_as_fetched(page.capture, b"").insecure,
    )


@bp.get("/<int:capture_id>/use")
@needs(Action.REVIEW)
def use(capture_id: int) -> ResponseReturnValue:
    """Choose the claim on which a passage of a copy is evidence."""
    start, end = (request.args.get(name, type=int) for name in ("start", "end"))
    try:
        quoted = queries.captures.quoted(g.session, _capture(capture_id), start, end)
    except Refused as refusal:
        # Where other words can be selected.
        flash(str(refusal), "refused")
        return redirect(url_for(".show", capture_id=capture_id), 303)
    q = request.args.get("q", "")
    found = queries.queue.page(g.session, Filters(q=q[:200]), g.member)
    return answer(
        "captures/use.html", "claims", quoted=quoted, q=q, claims=found.claims.rows[:_CLAIMS]
    )


@bp.post("/<int:capture_id>/use")
@needs(Action.REVIEW)
def find(capture_id: int) -> ResponseReturnValue:
    """Find in a copy the words that somebody pasted, which may differ in spaces and quotes."""
    capture, form = _capture(capture_id), Submission(PassageForm, request.form)
    if not form.valid:
        return _show(capture_id, form)
    pasted = form.data.quotation
    found = rules.excerpts.look_for(pasted, queries.captures.text(g.session, capture.sha256))
    if found.start is None or found.end is None:
        form.refuse("quotation", "These words are not in this copy: take them from its text.")
        return _show(capture_id, form)
    if queries.captures.quoted(g.session, capture, found.start, found.end).words != pasted:
        flash("The copy has it in somewhat other words, which stand here.", "info")
    chosen = url_for(".use", capture_id=capture_id, start=found.start, end=found.end)
    return redirect(chosen, 303)


@bp.post("/<int:capture_id>/withdraw")
@needs(Action.REVIEW)
def withdraw(capture_id: int) -> ResponseReturnValue:
    """Take a copy out of use."""
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _show(capture_id, form)
    desk.captures.withdraw(g.session, _capture(capture_id), form.data.reason, by=g.member)
    flash("Copy withdrawn. Its bytes and its record stay, with the reason.", "success")
    return redirect(url_for(".show", capture_id=capture_id), 303)


@bp.post("/<int:capture_id>/restore")
@needs(Action.REVIEW)
def restore(capture_id: int) -> ResponseReturnValue:
    """Bring a withdrawn copy back into use."""
    desk.captures.restore(g.session, _capture(capture_id), by=g.member)
    flash("Copy restored.", "success")
    return redirect(url_for(".show", capture_id=capture_id), 303)


@bp.get("/<int:capture_id>/changes")
def changes(capture_id: int) -> ResponseReturnValue:
    """What changed since the copy before."""
    capture = _capture(capture_id)
    before = queries.captures.before(g.session, capture) or abort(404)
    return _compared(before, capture)


@bp.get("/<int:capture_id>/against/<int:other_id>")
def against(capture_id: int, other_id: int) -> ResponseReturnValue:
    """What two copies of a source have not in common, from the older one to the newer."""
    capture, other = _capture(capture_id), _capture(other_id)
    if other.source_id != capture.source_id:
        abort(404)
    return _compared(*sorted((capture, other), key=lambda one: one.id))


def _compared(before: Capture, capture: Capture) -> ResponseReturnValue:
    old, new = (queries.captures.text(g.session, one.sha256) for one in (before, capture))
    compared = rules.differences.brief(rules.differences.parts(old, new))
    shown = sum(len(text) for change, text in compared if change is not Change.LEFT_OUT)
    return answer(
        "captures/changes.html",
        capture=capture,
        before=before,
        compared=compared,
        same=old == new,
        whole=shown <= _MOST_CHANGED,
    )


@bp.get("/<int:capture_id>/file")
def file(capture_id: int) -> ResponseReturnValue:
    """The bytes as they were kept, to save and never to run."""
    capture = _capture(capture_id)
    body = _bytes(capture)
    if body is None:
        return _damaged(capture)
    return _handed_out(capture, body, _name(capture), "application/octet-stream")


@bp.get("/<int:capture_id>/damaged")
def damaged(capture_id: int) -> ResponseReturnValue:
    """Say that the bytes of a copy are not there to be handed out."""
    capture = _capture(capture_id)
    if capture.content.damage is None:
        return redirect(url_for(".show", capture_id=capture_id), 303)
    return answer("captures/damaged.html", capture=capture, status=410)


@bp.get("/<int:capture_id>/picture")
def picture(capture_id: int) -> ResponseReturnValue:
    """A captured picture, of a kind that cannot hold a program."""
    capture = _capture(capture_id)
    if capture.content.media_type not in _PICTURES:
        abort(404)
    body = _bytes(capture)
    if body is None:
        return _damaged(capture)
    response = Response(body, content_type=capture.content.media_type)
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


@bp.get("/<int:capture_id>/record")
def record(capture_id: int) -> ResponseReturnValue:
    """The copy as a file of web archives, for other programs to read and replay."""
    capture = _capture(capture_id)
    body = _bytes(capture)
    if body is None:
        return _damaged(capture)
    if capture.obtained is Obtained.FETCHED:
        written = warc.of_page(_as_fetched(capture, body))
    else:
        written = warc.of_file(_name(capture), capture.content.media_type, body, capture.taken_at)
    return _handed_out(capture, written, f"capture-{capture.id}.{warc.ENDING}", warc.MEDIA_TYPE)


@bp.app_template_global()
def passage_address(capture_id: int, evidence_id: int) -> str:
    """Where the excerpt of a piece of evidence stands in a copy."""
    return url_for(
        "captures.show",
        capture_id=capture_id,
        passage=evidence_id,
        _anchor=f"passage-{evidence_id}",
    )


@bp.app_template_filter("mark_means")
def mark_means(mark: Mark) -> str:
    """What a mark of an excerpt says."""
    return rules.excerpts.MARK_DEFINITIONS[mark]


@bp.app_template_filter("size")
def size(count: int) -> str:
    """A number of bytes as people say it."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _capture(capture_id: int) -> Capture:
    return queries.captures.one(g.session, capture_id) or abort(404)


def _bytes(capture: Capture) -> bytes | None:
    """The bytes of a copy; None, and flagged from then on, when they are not what was kept."""
    store: Store = current_app.extensions["store"]
    try:
        return store.get(capture.sha256)
    except Missing:
        desk.captures.found_damaged(g.session, capture.content, Damage.MISSING)
    except Changed:
        desk.captures.found_damaged(g.session, capture.content, Damage.CHANGED)
    return None


def _damaged(capture: Capture) -> ResponseReturnValue:
    return redirect(url_for(".damaged", capture_id=capture.id), 303)


def _handed_out(capture: Capture, body: bytes, name: str, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    names = {"filename": name}
    if not name.isascii():
        # A header holds no other letters, but for this way to write them.
        names = {"filename": _plain(capture), "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def _name(capture: Capture) -> str:
    """What a copy is called when it is saved: as its file was, or by its number and type."""
    return capture.file_name or _plain(capture)


def _plain(capture: Capture) -> str:
    ending = _ENDINGS.get(capture.content.media_type, "bin")
    return f"capture-{capture.id}.{ending}"


_ENDINGS = {
    "text/html": "html",
    "text/plain": "txt",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}


def _as_fetched(capture: Capture, body: bytes) -> Fetched:
    return Fetched(
        requested=capture.url or "",
        url=capture.final_url or capture.url or "",
        hops=tuple(Hop(address, int(status), ip) for address, status, ip in capture.hops),
        status=capture.status or 200,
        headers=tuple((name, value) for name, value in capture.headers),
        body=body,
        at=capture.taken_at,
        protocol=capture.protocol or "HTTP/1.1",
    )


def _sheets(starts: Sequence[int], paragraphs: Sequence[Paragraph]) -> dict[int, int]:
    """The numbers of a document’s pages, by the paragraph that begins each or follows its start."""
    found: dict[int, int] = {}
    last = 0
    for paragraph in paragraphs if starts else ():
        number = rules.passages.page_at(starts, paragraph.start)
        if number != last:
            found[paragraph.start] = last = number
    return found
