"""Copies of a source: asked for, brought as files, and how far they are."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, BeforeValidator, StringConstraints
from werkzeug.wrappers import Response

from claims import desk, intake, prose, queries, rules
from claims.captures.store import Store
from claims.desk.sources import Facts
from claims.models import Capture, Job, Source
from claims.models.columns import now
from claims.rules.refusals import Refused
from claims.rules.roles import Action
from claims.rules.vocabulary import Channel, JobKind, JobState, SourceType
from claims.web import uploads
from claims.web.access import needs
from claims.web.forms import Clean, MaybeAddress, MaybeDate, MaybeLine, Name, Submission
from claims.web.htmx import answer, wants_fragment
from claims.web.sources import dated, offer_same

bp = Blueprint("copies", __name__, url_prefix="/sources")


def _whole(value: Any) -> Any:
    """An address as somebody pastes it, without its beginning: the desk knows what is meant."""
    if isinstance(value, str):
        value = value.strip()
        if re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]|$)", value):
            return f"https://{value}"
    return value


class PasteForm(BaseModel):
    """An address of which a copy is wanted; `same` says what to do with one that is known."""

    url: Annotated[MaybeAddress, BeforeValidator(_whole)]
    same: Literal["", "use", "anyway"] = ""


class SpokenForm(BaseModel):
    """What somebody said or wrote to the desk, of which there is neither page nor file."""

    who: Name
    channel: Channel
    consulted_on: MaybeDate = None
    title: MaybeLine = ""
    note: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), Clean
    ]

    def facts(self) -> Facts:
        """The same for the desk."""
        written = self.channel in {Channel.LETTER, Channel.EMAIL, Channel.MESSAGE}
        kind = SourceType.STATEMENT if written else SourceType.INTERVIEW
        when = f", {dated(self.consulted_on)}" if self.consulted_on else ""
        called = f"{self.who}, {self.channel}{when}"
        return Facts(
            title=self.title or called,
            type=kind,
            author=self.who,
            consulted_on=self.consulted_on,
            channel=self.channel,
            note=self.note,
        )


@bp.post("/paste")
@needs(Action.REVIEW)
def paste() -> ResponseReturnValue:
    """Make a source of an address, and ask for its copy."""
    form = Submission(PasteForm, request.form)
    if form.valid and form.data.url is None:
        form.refuse("url", "Paste the address of a page first.")
    same = offer_same(form, form.data.url) if form.valid else None
    if not form.valid:
        return answer("sources/new.html", form=form, at="paste", same=same, status=422)
    url = form.data.url or ""
    if same and form.data.same == "use":
        source = same
    else:
        source = desk.sources.add(g.session, Facts(title=url[:500], url=url), by=g.member)
    desk.jobs.ask(g.session, source, JobKind.CAPTURE, source.url or url, by=g.member)
    held = queries.captures.of_source(g.session, source.id, size=1).rows
    if held:
        beside = f"beside its copy of {_moment(held[0].taken_at)}"
        flash(f"The desk fetches the page as it is now, {beside}.", "success")
    else:
        flash("The desk fetches the page. What it says of itself is filled in here.", "success")
    return _to_source(source.id)


@bp.post("/files")
@needs(Action.REVIEW)
def add_files() -> ResponseReturnValue:
    """Make a source of each file."""
    # Reading takes a while, in which nothing is written yet and nobody waits.
    received = [uploads.take(_store(), file) for file in uploads.chosen()]
    for one in received:
        facts = Facts(title=one.taking.file_name or "file")
        source = desk.sources.add(g.session, facts, by=g.member)
        capture = intake.record(g.session, source, one, by=g.member)
    if len(received) == 1:
        flash("Source added. See whether what is filled in is right.", "success")
        _say_if_known(capture)
        return _after_files(source.id)
    flash(f"{len(received)} sources added, one for each file.", "success")
    return redirect(url_for("sources.index"), 303)


@bp.post("/spoken")
@needs(Action.REVIEW)
def add_spoken() -> ResponseReturnValue:
    """Make a source of what somebody said or wrote to the desk."""
    form = Submission(SpokenForm, request.form)
    if form.error("channel"):
        form.refuse("channel", "Choose how they told you.")
    if not form.valid:
        return answer("sources/new.html", form=form, at="spoken", same=None, status=422)
    source = desk.sources.add(g.session, form.data.facts(), by=g.member)
    flash("Source added.", "success")
    return redirect(url_for("sources.show", source_id=source.id), 303)


@bp.post("/<int:source_id>/capture")
@needs(Action.REVIEW)
def ask(source_id: int) -> ResponseReturnValue:
    """Ask for a copy of a source's page as it is now."""
    source = _source(source_id)
    if source.url is None:
        raise Refused("This source has no address: add one to it, or bring its copy as a file.")
    desk.jobs.ask(g.session, source, JobKind.CAPTURE, source.url, by=g.member)
    return _to_source(source_id)


@bp.post("/<int:source_id>/files")
@needs(Action.REVIEW)
def upload(source_id: int) -> ResponseReturnValue:
    """Keep files as copies of a source."""
    source = _source(source_id)
    if source.withdrawn_at:
        raise Refused("This source is withdrawn: restore it before you add a copy.")
    received = [uploads.take(_store(), file) for file in uploads.chosen()]
    for one in received:
        capture = intake.record(g.session, source, one, by=g.member)
    flash("Copy added." if len(received) == 1 else f"{len(received)} copies added.", "success")
    _say_if_known(capture)
    return _after_files(source_id)


@bp.post("/<int:source_id>/jobs/<int:job_id>/retry")
@needs(Action.REVIEW)
def retry(source_id: int, job_id: int) -> ResponseReturnValue:
    """Try again now what failed or waits."""
    job = _job(source_id, job_id)
    desk.jobs.retry(g.session, job, by=g.member)
    return _to_source(source_id)


@bp.post("/<int:source_id>/jobs/<int:job_id>/cancel")
@needs(Action.REVIEW)
def cancel(source_id: int, job_id: int) -> ResponseReturnValue:
    """Give up what is waited for."""
    job = _job(source_id, job_id)
    desk.jobs.cancel(g.session, job, by=g.member)
    return _to_source(source_id)


@bp.get("/<int:source_id>/copies")
def progress(source_id: int) -> ResponseReturnValue:
    """What changed since `rev` in the copies of a source and what is under way; mostly nothing."""
    if not wants_fragment():
        return _to_source(source_id)
    # Nothing else is read first: what a copy fills in is looked for after it was seen.
    if queries.sources.copies(g.session, source_id).rev == request.args.get("rev"):
        return "", 204
    page = queries.sources.page(g.session, source_id) or abort(404)
    also = ("heading", "facts", "history")
    return answer("sources/source.html", "copies", also=also, page=page, form=None)


@bp.app_template_filter("media")
def media(media_type: str) -> str:
    """What sort of file bytes are, in a word."""
    known = {"text/html": "web page", "application/pdf": "PDF", "text/plain": "text"}
    if media_type in known:
        return known[media_type]
    if "wordprocessingml" in media_type:
        return "Word document"
    kind, _, rest = media_type.partition("/")
    return f"{rest.upper()} picture" if kind == "image" else media_type


@bp.app_template_global()
def upload_limits() -> dict[str, Any]:
    """How large files may be, and of what sorts."""
    return {"largest": uploads.LARGEST, "accept": uploads.ACCEPT}


@bp.app_template_global()
def channels() -> list[tuple[str, str]]:
    """How somebody can have told the desk something."""
    return [(channel.value, channel.value.capitalize()) for channel in Channel]


@bp.app_template_filter("its_worker")
def its_worker(job: Job) -> rules.retries.Worker:
    """What is known of the worker that has a job."""
    return rules.retries.worker(job.due_at, now())


@bp.app_template_test("tried_again")
def tried_again(job: Job) -> bool:
    """Whether a job waits for another try, at a time that is yet to come."""
    return job.state is JobState.WAITING and job.trouble is not None and job.due_at > now()


def _say_if_known(capture: Capture) -> None:
    """Say of a new copy that its bytes are kept already, if they are: of what, and since when."""
    held = queries.captures.of_content(g.session, capture.sha256)
    earlier = [one for one in held if one.id < capture.id and not one.withdrawn_at]
    if earlier:
        same = earlier[-1]
        other = same.source_id != capture.source_id
        of = f" of {prose.isolated(same.source.title)}" if other else ""
        flash(f"It has the same bytes as the copy{of} of {_moment(same.taken_at)}.", "info")


def _moment(at: datetime) -> str:
    return f"{rules.sentences.day_in_words(at)}, {at:%H:%M} UTC"


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _source(source_id: int) -> Source:
    return queries.sources.one(g.session, source_id) or abort(404)


def _job(source_id: int, job_id: int) -> Job:
    job = queries.jobs.one(g.session, job_id)
    if job is None or job.source_id != source_id:
        abort(404)
    return job


def _to_source(source_id: int) -> Response:
    return redirect(url_for("sources.show", source_id=source_id, _anchor="copies"), 303)


def _after_files(source_id: int) -> Response:
    """To the source; a script, which sends files one by one, is told where and goes there last."""
    leads = _to_source(source_id)
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": leads.location})
    return leads
