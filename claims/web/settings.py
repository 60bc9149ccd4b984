"""The desk's settings: its name and address, the review policy, the rating scale."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, StringConstraints

from claims import desk, queries
from claims.models import Rating
from claims.rules.refusals import check_version
from claims.rules.roles import Action
from claims.rules.scales import COLOURS, SHAPES, RatingDefinition
from claims.web.access import needs
from claims.web.forms import Clean, MaybeAddress, Submission, Ticked
from claims.web.htmx import answer

bp = Blueprint("settings", __name__, url_prefix="/settings")

# A scale of more values than this is no longer one that reviewers agree on.
MOST_RATINGS = 12


class DeskForm(BaseModel):
    """What the desk is called and where readers find it."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Clean
    ]
    public_url: MaybeAddress = None
    logo_url: MaybeAddress = None
    version: int


class PolicyForm(BaseModel):
    """How many verdicts a claim needs, and whether reviewers judge blind."""

    verdicts_required: Annotated[int, Field(ge=1, le=9)]
    blind: Ticked = False
    origins_required: Annotated[int, Field(ge=0, le=9)] = 0
    version: int


class ScaleForm(BaseModel):
    """The scale from which another one is made; its rows are read apart."""

    version: int = 0


@bp.get("")
def index() -> ResponseReturnValue:
    """Everything that is set, and forms for those who may change it."""
    return _page()


@bp.post("/desk")
@needs(Action.SETTINGS)
def change() -> ResponseReturnValue:
    """Change the desk's name and address."""
    form = Submission(DeskForm, request.form)
    if not form.valid:
        return _page(status=422, desk_form=form)
    data = form.data
    desk.settings.change(
        g.session,
        queries.standing.desk(g.session),
        name=data.name,
        public_url=data.public_url,
        logo_url=data.logo_url,
        read=data.version,
        by=g.member,
    )
    flash("Settings saved.", "success")
    return redirect(url_for("settings.index"), 303)


@bp.post("/policy")
@needs(Action.POLICY)
def change_policy() -> ResponseReturnValue:
    """Change the review policy."""
    form = Submission(PolicyForm, request.form)
    if not form.valid:
        return _page(status=422, policy_form=form)
    changed = desk.settings.change_policy(
        g.session,
        queries.standing.desk(g.session),
        verdicts_required=form.data.verdicts_required,
        blind=form.data.blind,
        origins_required=form.data.origins_required,
        read=form.data.version,
        by=g.member,
    )
    moved = f" {changed} claim{'s' if changed != 1 else ''} changed state." if changed else ""
    flash(f"Review policy saved.{moved}", "success")
    return redirect(url_for("settings.index"), 303)


@bp.post("/scale")
@needs(Action.POLICY)
def publish_scale() -> ResponseReturnValue:
    """Put a new version of the rating scale in force."""
    form = Submission(ScaleForm, request.form)
    rows = _typed_rows()
    ratings, faults = _read_scale(rows)
    if faults or not form.valid:
        return _page(status=422, rows=rows, scale_faults=faults, scale_form=form)
    settings = queries.standing.desk(g.session)
    now = _fields_of(_rows_of(queries.scales.current(g.session)))
    check_version(form.data.version, settings.scale_id, now, of=("desk", settings.id))
    scale = desk.scales.publish(g.session, settings, ratings, by=g.member)
    flash(f"Version {scale.version} of the rating scale is in force.", "success")
    return redirect(url_for("settings.index"), 303)


def _page(
    status: int = 200,
    *,
    rows: list[dict[str, str]] | None = None,
    scale_faults: list[str] | None = None,
    **forms: Any,
) -> ResponseReturnValue:
    ratings = queries.scales.current(g.session)
    blank = {"key": "", "name": "", "number": "", "colour": "slate", "shape": "question"}
    return answer(
        "settings/index.html",
        status=status,
        ratings=ratings,
        version=queries.scales.latest_version(g.session),
        rows=rows or [*_rows_of(ratings), blank | {"definition": "", "alone": ""}],
        scale_held=_fields_of(_rows_of(ratings)),
        scale_faults=scale_faults or [],
        colours=COLOURS,
        shapes=SHAPES,
        reviewers=queries.members.count_reviewers(g.session),
        **forms,
    )


def _rows_of(ratings: Iterable[Rating]) -> list[dict[str, str]]:
    """The rows of the scale's form, as they are in force."""
    return [
        {
            "key": r.key,
            "name": r.name,
            "number": "" if r.number is None else str(r.number),
            "colour": r.colour,
            "shape": r.shape,
            "definition": r.definition,
            "alone": "" if r.needs_evidence else "1",
        }
        for r in ratings
    ]


def _fields_of(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    """The fields of these rows: `name-3` is the name in the third."""
    return {
        f"{name}-{number}": value
        for number, row in enumerate(rows, 1)
        for name, value in row.items()
    }


def _typed_rows() -> list[dict[str, str]]:
    """The rows of the scale's form, as typed: field `name-3` belongs to row 3."""
    fields = ("key", "name", "number", "colour", "shape", "definition", "alone")
    return [
        {field: request.form.get(f"{field}-{row}", "").strip() for field in fields}
        for row in range(1, MOST_RATINGS + 1)
        if f"name-{row}" in request.form
    ]


def _read_scale(rows: list[dict[str, str]]) -> tuple[list[RatingDefinition], list[str]]:
    """The ratings of the rows that have a name, and what is wrong with them."""
    ratings: list[RatingDefinition] = []
    faults: list[str] = []
    for row in rows:
        name = row["name"]
        if not name:
            continue
        number = row["number"]
        if number and number not in {"1", "2", "3", "4", "5"}:
            faults.append(f"{name}: the number runs from 1 (false) to 5 (true), or stays empty.")
            continue
        if not row["definition"]:
            faults.append(f"{name}: say in a definition when reviewers should choose it.")
        if len(name) > 60 or len(row["definition"]) > 500:
            faults.append(f"{name[:60]}: at most 60 characters, its definition at most 500.")
            continue
        if row["colour"] not in COLOURS or row["shape"] not in SHAPES:
            faults.append(f"{name}: choose a colour and a shape that are offered.")
            continue
        ratings.append(
            RatingDefinition(
                key=row["key"][:40] or _key(name),
                name=name,
                number=int(number) if number else None,
                colour=row["colour"],
                shape=row["shape"],
                definition=row["definition"],
                needs_evidence=not row["alone"],
            )
        )
    keys = [rating.key for rating in ratings]
    looks = [(rating.colour, rating.shape) for rating in ratings]
    if len(ratings) < 2:
        faults.append("A scale needs at least two ratings.")
    if len(set(keys)) < len(keys):
        faults.append("Two ratings have the same name.")
    if len(set(looks)) < len(looks):
        faults.append("Two ratings look alike: give each its own colour and shape.")
    return ratings, faults


def _key(name: str) -> str:
    """A rating's key for addresses and exports, made from its name."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[^\w]+", "-", plain).strip("-")[:40] or "rating"
