"""Verdicts on a claim."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from claims import desk
from claims.rules.roles import Action
from claims.rules.vocabulary import Confidence
from claims.web.access import needs
from claims.web.claims import judged, page_of
from claims.web.forms import Line, Submission, Text
from claims.web.htmx import answer

bp = Blueprint("verdicts", __name__, url_prefix="/claims/<int:claim_id>/verdicts")


class VerdictForm(BaseModel):
    """A rating by its key, the reasons for it, and the evidence behind it."""

    rating: Line
    rationale: Text
    confidence: Confidence = Confidence.MEDIUM
    rests_on: list[int] = []


@bp.post("")
@needs(Action.REVIEW)
def give(claim_id: int) -> ResponseReturnValue:
    """Take a reviewer's verdict."""
    form = Submission(VerdictForm, request.form)
    claim, rating = judged(claim_id, form)
    if rating is None or not form.valid:
        page = page_of(claim_id)
        return answer("claims/claim.html", "verdicts", page=page, verdict_form=form, status=422)
    desk.verdicts.give(
        g.session,
        claim,
        rating,
        form.data.rationale,
        confidence=form.data.confidence,
        rests_on=form.data.rests_on,
        by=g.member,
    )
    flash(f"Your verdict is recorded: {rating.name}.", "success")
    return redirect(url_for("claims.show", claim_id=claim_id, _anchor="verdicts"), 303)
