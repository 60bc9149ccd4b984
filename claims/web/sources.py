"""The library of sources."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, StringConstraints

from claims import desk, queries, rules
from claims.desk.sources import Facts
from claims.models import Event, Source
from claims.queries.sources import UNGRADED, Filters, Health, Shown, Sort
from claims.rules.roles import Action
from claims.rules.vocabulary import Channel, JobKind, SourceType
from claims.web.access import needs
from claims.web.forms import (
    Blank,
    Clean,
    Line,
    MaybeAddress,
    MaybeDate,
    Submission,
    Ticked,
    WithdrawalForm,
)
from claims.web.htmx import answer

Described = TypeVar("Described", bound="NewSourceForm")

bp = Blueprint("sources", __name__, url_prefix="/sources")

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def _language(value: str | None) -> str | None:
    if value is not None and not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language as its code: en, ur, pt-BR")
    return value


MaybeName = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None, Blank, Clean
]
MaybeLanguage = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=35)] | None,
    AfterValidator(_language),
    Blank,
    Clean,
]
MaybeRemark = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None, Blank, Clean
]
MaybeReliability = Annotated[Literal["A", "B", "C", "D", "E", "F"] | None, Blank]


class SourceForm(BaseModel):
    """What is known of a source."""

    title: Line
    type: SourceType
    url: MaybeAddress = None
    publisher: MaybeName = None
    author: MaybeName = None
    published_on: MaybeDate = None
    consulted_on: MaybeDate = None
    language: MaybeLanguage = None

    def facts(self, note: str | None = None) -> Facts:
        """The same for the desk."""
        return Facts(
            title=self.title,
            type=self.type,
            url=self.url,
            publisher=self.publisher,
            author=self.author,
            published_on=self.published_on,
            consulted_on=self.consulted_on,
            language=self.language,
            note=note,
        )


class NewSourceForm(SourceForm):
    """A source that the library may have already; then `same` says what to do."""

    reliability: MaybeReliability = None
    same: Literal["", "use", "anyway"] = ""
    # Whether the desk is to keep a copy of its page.
    keep_copy: Ticked = False


class LibraryForm(NewSourceForm):
    """A new source, with a remark on it."""

    note: MaybeRemark = None


class EditedSourceForm(SourceForm):
    """A correction to what is known of a source."""

    note: MaybeRemark = None
    channel: Annotated[Channel | None, Blank] = None
    version: int


class GradeForm(BaseModel):
    """How reliable a source is; blank: not graded."""

    reliability: MaybeReliability = None
    version: int


@bp.get("")
def index() -> ResponseReturnValue:
    """The library, searched, filtered and sorted."""
    filters = Filters.from_args(request.args)
    library = queries.sources.library(g.session, filters, after=request.args.get("after"))
    return answer(
        "sources/index.html",
        "library",
        "more",
        library=library,
        filters=filters,
        failed=queries.jobs.failed_for(g.session, g.member.id),
    )


@bp.get("/new")
@needs(Action.REVIEW)
def new() -> ResponseReturnValue:
    """The ways to a new source; `by` opens one of them."""
    by = request.args.get("by")
    at = by if by in {"spoken", "describe"} else "paste"
    return answer("sources/new.html", form=None, at=at, same=None)


@bp.post("")
@needs(Action.REVIEW)
def add() -> ResponseReturnValue:
    """Put a source into the library, or offer the one that is there already."""
    form = Submission(LibraryForm, request.form)
    same = offer_same(form)
    if not form.valid:
        return answer("sources/new.html", form=form, at="describe", same=same, status=422)
    if same and form.data.same == "use":
        return _shown(same.id)
    source = desk.sources.add(
        g.session, form.data.facts(form.data.note), reliability=form.data.reliability, by=g.member
    )
    keep_copy(source, form)
    flash("Source added.", "success")
    return _shown(source.id)


@bp.get("/<int:source_id>")
def show(source_id: int) -> ResponseReturnValue:
    """One source, and every claim it bears on."""
    page = _page(source_id)
    return answer("sources/source.html", "grade", "copies", also=("history",), page=page, form=None)


@bp.get("/<int:source_id>/edit")
@needs(Action.REVIEW)
def edit(source_id: int) -> ResponseReturnValue:
    """The form in which a source is corrected."""
    source = queries.sources.one(g.session, source_id) or abort(404)
    return answer("sources/edit.html", source=source, form=None)


@bp.post("/<int:source_id>/edit")
@needs(Action.REVIEW)
def save(source_id: int) -> ResponseReturnValue:
    """Correct what is known of a source."""
    source = queries.sources.one(g.session, source_id) or abort(404)
    form = Submission(EditedSourceForm, request.form)
    if not form.valid:
        return answer("sources/edit.html", source=source, form=form, status=422)
    facts = replace(
        form.data.facts(form.data.note),
        channel=form.data.channel,
        archive_url=source.archive_url,
    )
    desk.sources.edit(g.session, source, facts, read=form.data.version, by=g.member)
    flash("Saved.", "success")
    return _shown(source_id)


@bp.post("/<int:source_id>/grade")
@needs(Action.REVIEW)
def grade(source_id: int) -> ResponseReturnValue:
    """Judge how reliable a source is."""
    page = _page(source_id)
    form = Submission(GradeForm, request.form)
    if not form.valid:
        return answer("sources/source.html", "grade", page=page, form=form, status=422)
    desk.sources.grade(
        g.session, page.source, form.data.reliability, read=form.data.version, by=g.member
    )
    flash("Grade saved.", "success")
    return _shown(source_id)


@bp.post("/<int:source_id>/withdraw")
@needs(Action.REVIEW)
def withdraw(source_id: int) -> ResponseReturnValue:
    """Take a source out of use."""
    page = _page(source_id)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return answer("sources/source.html", page=page, form=form, status=422)
    desk.sources.withdraw(g.session, page.source, form.data.reason, by=g.member)
    flash("Source withdrawn. It stays in the library, among the withdrawn ones.", "success")
    return _shown(source_id)


@bp.post("/<int:source_id>/restore")
@needs(Action.REVIEW)
def restore(source_id: int) -> ResponseReturnValue:
    """Bring a withdrawn source back."""
    source = queries.sources.one(g.session, source_id) or abort(404)
    desk.sources.restore(g.session, source, by=g.member)
    flash("Source restored.", "success")
    return _shown(source_id)


@bp.app_template_test("web_address")
def is_web_address(address: str | None) -> bool:
    """Whether an address may become a link; anything else is shown as text."""
    return rules.addresses.is_web(address)


@bp.app_template_filter("host")
def host(address: str) -> str:
    """The host of a web address, which says where a link leads."""
    return re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]


@bp.app_template_filter("dated")
def dated(day: str) -> str:
    """A date as exact as it is known: 2009, Jul 2009, 21 Jul 2009; or the words for it."""
    try:
        parts = [int(part) for part in day.split("-")]
        known = date(*[*parts, 1, 1][:3])
    except (ValueError, TypeError):
        return day
    written = (f"{known.year}", f"{known:%b} {known.year}", f"{known.day} {known:%b} {known.year}")
    return written[len(parts) - 1]


@bp.app_template_filter("reliability")
def reliability(letter: str | None) -> str:
    """What a grade of reliability means."""
    return rules.grades.RELIABILITY.get(letter or "", "Reliability not graded yet")


@bp.app_template_filter("credibility")
def credibility(number: int | None) -> str:
    """What a grade of credibility means."""
    return rules.grades.CREDIBILITY.get(number or 0, "Credibility not graded yet")


@bp.app_template_filter("source_changes")
def source_changes(event: Event) -> list[rules.changes.Changed]:
    """What an event changed in a source."""
    return rules.changes.changed(event.before, event.after, {})


@bp.app_template_global()
def source_choices() -> dict[str, Sequence[tuple[str, str]]]:
    """What the fields of a source, and the filters of the library, may be set to."""
    grades = [(letter, f"{letter} · {words}") for letter, words in rules.grades.RELIABILITY.items()]
    return {
        "type": [(kind.value, kind.value.capitalize()) for kind in SourceType],
        "reliability": grades,
        "reliability_filter": [
            *((letter, f"Reliability {letter}") for letter in rules.grades.RELIABILITY),
            (UNGRADED, "Not graded"),
        ],
        "health": [
            (Health.NONE.value, "No copy"),
            (Health.CAPTURED.value, "Captured"),
            (Health.FAILED.value, "Capture failed"),
            (Health.DAMAGED.value, "Damaged"),
        ],
        "credibility": [
            (str(number), f"{number} · {words}")
            for number, words in rules.grades.CREDIBILITY.items()
        ],
        "shown": [
            (Shown.WITHDRAWN.value, "Withdrawn"),
            (Shown.ALL.value, "All, with withdrawn"),
        ],
        "sort": [(Sort.NEWEST.value, "Newest first"), (Sort.TITLE.value, "By title")],
    }


def keep_copy(source: Source, form: Submission[Described]) -> None:
    """Ask for a copy of a new source's page, unless its form says otherwise."""
    if source.url and form.data.keep_copy:
        desk.jobs.ask(g.session, source, JobKind.CAPTURE, source.url, by=g.member)


def offer_same(form: Submission[Any], url: str | None = None) -> Source | None:
    """The source that the library has under the same address; the form has to say what to do."""
    same = queries.sources.same_page(g.session, url or form.value("url").strip())
    if same and not form.value("same"):
        form.refuse("same", "Choose one of the two.")
    return same


def _page(source_id: int) -> queries.sources.SourcePage:
    found = queries.sources.page(
        g.session,
        source_id,
        after=request.args.get("after"),
        earlier=request.args.get("earlier"),
        older=request.args.get("older"),
    )
    return found or abort(404)


def _shown(source_id: int) -> ResponseReturnValue:
    return redirect(url_for("sources.show", source_id=source_id), 303)
