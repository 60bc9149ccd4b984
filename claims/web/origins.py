"""Who sources come from: origins, sources that are one, and copies in outside archives."""

from typing import Annotated, Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, StringConstraints

from claims import desk, prose, queries, rules
from claims.models import OriginHint, Source
from claims.rules.roles import Action
from claims.rules.vocabulary import JobKind
from claims.web.access import needs
from claims.web.forms import Clean, MaybeAddress, Submission
from claims.web.htmx import answer

bp = Blueprint("origins", __name__)

# Of words or an address.
_LONGEST_SEARCH = 2000

OriginName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), Clean
]


class OriginForm(BaseModel):
    """Who a source ultimately comes from, by name."""

    origin: OriginName


class MergeForm(BaseModel):
    """Which source stays when two are one."""

    into: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ArchiveForm(BaseModel):
    """Where an outside archive keeps a copy; blank: nowhere that is known."""

    archive_url: MaybeAddress = None


@bp.get("/origins/<int:origin_id>")
def show(origin_id: int) -> ResponseReturnValue:
    """One origin, and the sources that come from it."""
    page = queries.origins.page(g.session, origin_id, after=request.args.get("after"))
    return answer("origins/origin.html", page=page or abort(404))


@bp.post("/sources/<int:source_id>/origin")
@needs(Action.REVIEW)
def join(source_id: int) -> ResponseReturnValue:
    """Say who a source comes from."""
    source, form = _source(source_id), Submission(OriginForm, request.form)
    if not form.valid:
        return _again(source_id, form)
    origin = desk.origins.join(g.session, source, form.data.origin, by=g.member)
    flash(
        f"This source comes from “{prose.isolated(origin.name)}”. It counts once with all others "
        "of it.",
        "success",
    )
    return _back(source_id)


@bp.post("/sources/<int:source_id>/origin/leave")
@needs(Action.REVIEW)
def leave(source_id: int) -> ResponseReturnValue:
    """Say that a source comes from nobody but itself."""
    desk.origins.leave(g.session, _source(source_id), by=g.member)
    flash("This source is an origin of its own.", "success")
    return _back(source_id)


@bp.post("/sources/<int:source_id>/alike/<int:hint_id>/same")
@needs(Action.REVIEW)
def agree(source_id: int, hint_id: int) -> ResponseReturnValue:
    """Decide that two sources come from one origin."""
    origin = desk.origins.agree(g.session, _hint(source_id, hint_id), by=g.member)
    flash(
        f"Both come from “{prose.isolated(origin.name)}” and count once. Give it a better name if "
        "you know one.",
        "success",
    )
    return _back(source_id)


@bp.post("/sources/<int:source_id>/alike/<int:hint_id>/different")
@needs(Action.REVIEW)
def disagree(source_id: int, hint_id: int) -> ResponseReturnValue:
    """Decide that two sources are independent of each other."""
    desk.origins.disagree(g.session, _hint(source_id, hint_id), by=g.member)
    flash("They count as independent; you are not asked again.", "success")
    return _back(source_id)


@bp.get("/sources/<int:source_id>/merge")
@needs(Action.REVIEW)
def how_merge(source_id: int) -> ResponseReturnValue:
    """Look for the source that this one is the same as, then see both side by side."""
    number = request.args.get("into", 0, type=int)
    into = _source(number) if 0 < number < 2**31 else None
    return _merge(_source(source_id), into)


def _merge(
    source: Source, into: Source | None = None, form: Submission[MergeForm] | None = None
) -> ResponseReturnValue:
    q = request.args.get("q", "")[:_LONGEST_SEARCH]
    return answer(
        "origins/merge.html",
        "candidates",
        status=422 if form else 200,
        source=source,
        both=[queries.sources.merging(g.session, one) for one in (source, into)] if into else None,
        candidates=[] if into else queries.sources.others(g.session, source, q),
        q=q,
        form=form,
    )


@bp.post("/sources/<int:source_id>/merge")
@needs(Action.REVIEW)
def merge(source_id: int) -> ResponseReturnValue:
    """Let one source stand for two that are the same."""
    source, form = _source(source_id), Submission(MergeForm, request.form)
    into = queries.sources.one(g.session, form.data.into) if form.valid else None
    if into is None:
        form.refuse("into", "Choose the source that stays.")
        return _merge(source, form=form)
    desk.sources.merge(g.session, source, into, by=g.member)
    flash("Merged. Its evidence and copies are here now.", "success")
    return redirect(url_for("sources.show", source_id=into.id), 303)


@bp.post("/sources/<int:source_id>/archive")
@needs(Action.REVIEW)
def record_archive(source_id: int) -> ResponseReturnValue:
    """Record where an outside archive keeps a copy."""
    source, form = _source(source_id), Submission(ArchiveForm, request.form)
    if not form.valid:
        return _again(source_id, form)
    desk.sources.archived(g.session, source, form.data.archive_url, by=g.member)
    flash("Saved.", "success")
    return _back(source_id)


@bp.post("/sources/<int:source_id>/archive/ask")
@needs(Action.REVIEW)
def ask_archive(source_id: int) -> ResponseReturnValue:
    """Let the Wayback Machine be asked to save the page."""
    source = _source(source_id)
    if source.url is None:
        form = Submission(ArchiveForm, request.form)
        form.refuse("archive_url", "This source has no address that an archive could save.")
        return _again(source_id, form)
    desk.jobs.ask(g.session, source, JobKind.ARCHIVE, source.url, by=g.member)
    flash("The Wayback Machine is asked to save the page. That takes some minutes.", "success")
    return _back(source_id)


@bp.app_template_filter("archived")
def archived(address: str | None) -> rules.archives.Archived | None:
    """What the address of an outside archive tells of the copy it keeps."""
    return rules.archives.recognised(address) if address else None


def _source(source_id: int) -> Source:
    return queries.sources.one(g.session, source_id) or abort(404)


def _hint(source_id: int, hint_id: int) -> OriginHint:
    hint = queries.origins.hint(g.session, hint_id)
    if hint is None or source_id not in {hint.source_id, hint.other_id}:
        abort(404)
    return hint


def _again(source_id: int, form: Submission[Any]) -> ResponseReturnValue:
    """The source's page with what is wrong with a form on it."""
    page = queries.sources.page(g.session, source_id) or abort(404)
    return answer("sources/source.html", page=page, form=form, status=422)


def _back(source_id: int) -> ResponseReturnValue:
    return redirect(url_for("sources.show", source_id=source_id, _anchor="comes-from"), 303)
