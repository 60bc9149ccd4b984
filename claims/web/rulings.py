"""The desk's ruling on a claim: settled, published, reopened, corrected."""

from typing import Annotated, Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from claims import desk
from claims.rules.roles import Action
from claims.rules.vocabulary import Correction
from claims.web.access import needs
from claims.web.claims import claim_of, judged, page_of
from claims.web.forms import Line, MaybeReason, Submission, Text
from claims.web.htmx import answer

bp = Blueprint("rulings", __name__, url_prefix="/claims/<int:claim_id>/ruling")

# The id of the ruling that the editor had before them; 0 for none.
Read = Annotated[int, Field(ge=0)]


class RulingForm(BaseModel):
    """A rating by its key, and the reasons that readers will see."""

    rating: Line
    rationale: Text
    origins_reason: MaybeReason = None
    version: Read


class CorrectionForm(RulingForm):
    """A ruling in place of a published one, and why it changed."""

    correction: Correction
    reason: Text


class ReopeningForm(BaseModel):
    """Why a settled claim has to be looked at again."""

    reopening_reason: Text


@bp.post("")
@needs(Action.RULE)
def settle(claim_id: int) -> ResponseReturnValue:
    """Decide a claim."""
    form = Submission(RulingForm, request.form)
    claim, rating = judged(claim_id, form)
    if rating is None or not form.valid:
        return _again(claim_id, form)
    desk.rulings.settle(
        g.session,
        claim,
        rating,
        form.data.rationale,
        read=form.data.version,
        by=g.member,
        origins_reason=form.data.origins_reason,
    )
    flash(f"Settled as {rating.name}. Publish it when it is ready for readers.", "success")
    return _back(claim_id)


@bp.post("/publish")
@needs(Action.RULE)
def publish(claim_id: int) -> ResponseReturnValue:
    """Make the ruling public."""
    desk.rulings.publish(g.session, claim_of(claim_id), by=g.member)
    flash("Published. Reports carry this ruling from now on.", "success")
    return _back(claim_id)


@bp.post("/reopen")
@needs(Action.RULE)
def reopen(claim_id: int) -> ResponseReturnValue:
    """Put a settled claim back to work."""
    claim, form = claim_of(claim_id), Submission(ReopeningForm, request.form)
    if not form.valid:
        return _again(claim_id, form)
    desk.rulings.reopen(g.session, claim, form.data.reopening_reason, by=g.member)
    flash("Reopened. The ruling stands until the claim is settled again.", "success")
    return _back(claim_id)


@bp.post("/correct")
@needs(Action.RULE)
def correct(claim_id: int) -> ResponseReturnValue:
    """Change a published ruling in the open."""
    form = Submission(CorrectionForm, request.form)
    claim, rating = judged(claim_id, form)
    if rating is None or not form.valid:
        return _again(claim_id, form)
    desk.rulings.correct(
        g.session,
        claim,
        rating,
        form.data.rationale,
        kind=form.data.correction,
        reason=form.data.reason,
        read=form.data.version,
        by=g.member,
        origins_reason=form.data.origins_reason,
    )
    flash("Corrected. Readers see the old ruling beside the new one.", "success")
    return _back(claim_id)


def _again(claim_id: int, form: Submission[Any]) -> ResponseReturnValue:
    """The form with what is wrong with it."""
    page = page_of(claim_id)
    return answer("claims/claim.html", "ruling", page=page, ruling_form=form, status=422)


def _back(claim_id: int) -> ResponseReturnValue:
    return redirect(url_for("claims.show", claim_id=claim_id, _anchor="ruling"), 303)
