"""Verdict reports: choose, preview, freeze, and take away in any format."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    redirect,
    request,
    request_started,
    request_tearing_down,
    url_for,
)
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from claims import desk, exports, queries
from claims.exports import Format
from claims.models import Article, Report
from claims.models.columns import now
from claims.queries.filters import Filters
from claims.rules import reports, sentences
from claims.rules.roles import Action
from claims.web.access import needs
from claims.web.forms import MaybeLine, Submission
from claims.web.htmx import answer

bp = Blueprint("reports", __name__, url_prefix="/reports")

# Only one thread computes at a time, so a file that is streamed lets whoever opens a page go first:
# it rests a moment after each stretch of work, and while others are answered, but not for ever.
# All in seconds.
_STRETCH = 0.003
_PAUSE = 0.0001
_LONGEST_PAUSE = 0.005

# The threads that answer a request at this moment; one that streams a file has answered.
_answering: set[int] = set()


@bp.record_once
def _follow_requests(state: BlueprintSetupState) -> None:
    request_started.connect(_begin, state.app)
    request_tearing_down.connect(_end, state.app)


def _begin(_app: Flask) -> None:
    _answering.add(threading.get_ident())


def _end(_app: Flask, **_why: object) -> None:
    _answering.discard(threading.get_ident())


def _giving_way(parts: Iterator[str]) -> Iterator[str]:
    rested = time.monotonic()
    for part in parts:
        yield part
        if _answering or time.monotonic() - rested > _STRETCH:
            until = time.monotonic() + _LONGEST_PAUSE
            time.sleep(_PAUSE)
            while _answering and time.monotonic() < until:
                time.sleep(_PAUSE)
            rested = time.monotonic()


class FreezeForm(BaseModel):
    """Under which title a report is frozen; empty for the article's own."""

    title: MaybeLine = ""


@bp.get("")
def index() -> ResponseReturnValue:
    """The articles to report on, and the reports that are frozen."""
    return answer(
        "reports/index.html",
        "more",
        choices=queries.reports.choices(g.session),
        frozen=queries.reports.every(g.session, after=request.args.get("after")),
    )


@bp.get("/preview")
def preview() -> ResponseReturnValue:
    """The report on the claims that the address chooses, as it would be frozen now."""
    return _preview(_filters())


@bp.get("/export.<ending>")
def export(ending: str) -> ResponseReturnValue:
    """The same report as a file."""
    kind = exports.by_ending(ending) or abort(404)
    filters = _filters()
    if filters.ignored:
        # A filter that is not understood would put more into the file than was asked for.
        abort(400)
    if kind.stream:
        return _streamed(kind, filters)
    report = queries.reports.build(g.session, filters, **_made())
    return _file(kind, kind.filename(report.title), kind.write(report, None))


@bp.post("")
@needs(Action.REPORT)
def freeze() -> ResponseReturnValue:
    """Freeze the report on the claims that the form carries along."""
    filters = Filters.carried(request.form.get("in")) or abort(400)
    form = Submission(FreezeForm, request.form)
    if not form.valid:
        return _preview(filters, form, status=422)
    report = desk.reports.freeze(g.session, filters, by=g.member, title=form.data.title or None)
    flash(f"Report {report.number} is frozen. It stays as it is, whatever changes.", "success")
    return redirect(url_for("reports.show", number=report.number), 303)


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """A frozen report, and what happened to its claims since."""
    row = _frozen(number)
    report = reports.from_json(row.content)
    damaged = queries.reports.damaged_since(g.session, report)
    return answer(
        "reports/report.html",
        row=row,
        report=report,
        body=exports.html.body(report, row.sha256, damaged),
        damaged=damaged,
        changes=sentences.changes_in_words(queries.reports.changes_since(g.session, report)),
        missing=exports.claimreview.missing(report),
        downloads=[
            (kind, url_for("reports.download", number=number, ending=kind.ending))
            for kind in exports.FORMATS.values()
        ],
    )


@bp.get("/<int:number>.<ending>")
def download(number: int, ending: str) -> ResponseReturnValue:
    """A frozen report as a file: its content for ever."""
    kind = exports.by_ending(ending) or abort(404)
    row = _frozen(number)
    name = kind.filename(row.title, row.number)
    report = reports.from_json(row.content)
    damaged = queries.reports.damaged_since(g.session, report)
    return _file(kind, name, exports.frozen(kind, row.content, damaged=damaged))


def _frozen(number: int) -> Report:
    # Nothing has a number that no database holds.
    row = queries.reports.frozen(g.session, number) if number < 2**31 else None
    return row or abort(404)


def _filters() -> Filters:
    filters = Filters.from_args(request.args)
    if filters.article is not None and not g.session.get(Article, filters.article):
        abort(404)
    return filters


def _unpublished() -> bool:
    return request.args.get("unpublished") == "1"


def _made() -> dict[str, Any]:
    return {
        "made_at": now(),
        "made_by": g.member.name,
        "viewer": g.member,
        "unpublished": _unpublished(),
    }


def _preview(
    filters: Filters, form: Submission[FreezeForm] | None = None, *, status: int = 200
) -> Response:
    report = queries.reports.opening(g.session, filters, **_made(), most=exports.html.MOST_SHOWN)
    chosen: dict[str, Any] = filters.to_args()
    drafts: dict[str, Any] = {"unpublished": "1"} if _unpublished() else {}
    return answer(
        "reports/preview.html",
        status=status,
        filters=filters,
        report=report,
        body=exports.html.body(report, None),
        missing=exports.claimreview.missing(report),
        form=form,
        without_drafts=url_for("reports.preview", **chosen),
        with_drafts=url_for("reports.preview", **chosen, unpublished="1"),
        downloads=[
            (kind, url_for("reports.export", ending=kind.ending, **chosen, **drafts))
            for kind in exports.FORMATS.values()
        ],
    )


def _streamed(kind: Format, filters: Filters) -> Response:
    """A file that is written while its claims are read, as the desk is at this moment."""
    viewer, title = g.member, queries.reports.called(g.session, filters, g.member)
    written = exports.streamed(
        kind, g.session.get_bind(), filters, viewer=viewer, unpublished=_unpublished()
    )

    return _file(kind, kind.filename(title), _giving_way(written))


def _file(kind: Format, name: str, parts: Iterator[str]) -> Response:
    response = Response(parts, content_type=f"{kind.media_type}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
