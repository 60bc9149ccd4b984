"""What hangs on a claim: questions, leads, and what members say to each other about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, StringConstraints

from claims import desk, queries
from claims.desk.discussion import Said
from claims.models import Comment, Lead, Question
from claims.queries.dossier import ClaimPage
from claims.rules.roles import Action
from claims.web.access import needs
from claims.web.claims import Act, page_of
from claims.web.forms import Blank, Clean, Submission, Text, Ticked, WithdrawalForm
from claims.web.htmx import answer, wants_fragment

bp = Blueprint("discussion", __name__, url_prefix="/claims/<int:claim_id>")


@dataclass(frozen=True)
class Sort:
    """A sort of thing that hangs on a claim, by the fragments that show it.

    One stands in `_question.html`, in a list called `question-list`; `_ask.html`
    is the form that adds another.
    """

    name: str
    form: str


QUESTION = Sort("question", "ask")
LEAD = Sort("lead", "hint")
COMMENT = Sort("comment", "remark")

QuestionText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean
]
LeadText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), Clean
]
AnswerText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), Clean
]
MaybeId = Annotated[Annotated[int, Field(ge=1, lt=2**31)] | None, Blank]


class QuestionForm(BaseModel):
    """What has to be answered."""

    text: QuestionText


class EditedQuestionForm(QuestionForm):
    """A question in other words."""

    version: int


class AnswerForm(BaseModel):
    """The answer, or why there can be none."""

    answer: AnswerText
    evidence: MaybeId = None
    unanswerable: Ticked = False
    version: int


class LeadForm(BaseModel):
    """Where to look."""

    text: LeadText


class EditedLeadForm(LeadForm):
    """A lead in other words."""

    version: int


class CommentForm(BaseModel):
    """Something said, in Markdown."""

    text: Text


class EditedCommentForm(CommentForm):
    """The same said otherwise."""

    version: int


# ---- questions ---------------------------------------------------------------------------------


@bp.post("/questions")
@needs(Action.REVIEW)
def ask(claim_id: int) -> ResponseReturnValue:
    """Ask what has to be answered to settle the claim."""
    page = page_of(claim_id)
    form = Submission(QuestionForm, request.form)
    if not form.valid:
        return _refuse_new(page, QUESTION, form)
    question = desk.discussion.ask(g.session, page.claim, form.data.text, by=g.member)
    return _added(page, QUESTION, question)


@bp.get("/questions/<int:question_id>")
def question(claim_id: int, question_id: int) -> ResponseReturnValue:
    """One question where it stands."""
    return _show(page_of(claim_id), QUESTION, _question(claim_id, question_id))


@bp.get("/questions/<int:question_id>/answer")
@needs(Action.REVIEW)
def answer_question(claim_id: int, question_id: int) -> ResponseReturnValue:
    """The form in which a question is answered."""
    return _open(page_of(claim_id), QUESTION, _question(claim_id, question_id), "answer")


@bp.post("/questions/<int:question_id>/answer")
@needs(Action.REVIEW)
def save_answer(claim_id: int, question_id: int) -> ResponseReturnValue:
    """Answer a question, or say why nothing can."""
    page, held = page_of(claim_id), _question(claim_id, question_id)
    form = Submission(AnswerForm, request.form)
    evidence = None
    if form.valid and form.data.evidence:
        standing = (piece for piece in page.evidence.standing if piece.id == form.data.evidence)
        evidence = next(standing, None)
        if evidence is None:
            form.refuse("evidence", "Choose evidence that stands on this claim.")
    if not form.valid:
        return _open(page, QUESTION, held, "answer", form)
    desk.discussion.answer(
        g.session,
        page.claim,
        held,
        form.data.answer,
        evidence=evidence,
        unanswerable=form.data.unanswerable,
        read=form.data.version,
        by=g.member,
    )
    return _done(QUESTION, held, "Answer saved.")


@bp.get("/questions/<int:question_id>/edit")
@needs(Action.REVIEW)
def edit_question(claim_id: int, question_id: int) -> ResponseReturnValue:
    """The form in which a question is reworded."""
    return _open(page_of(claim_id), QUESTION, _question(claim_id, question_id), "edit")


@bp.post("/questions/<int:question_id>/edit")
@needs(Action.REVIEW)
def save_question(claim_id: int, question_id: int) -> ResponseReturnValue:
    """Put a question in other words."""
    page, held = page_of(claim_id), _question(claim_id, question_id)
    form = Submission(EditedQuestionForm, request.form)
    if not form.valid:
        return _open(page, QUESTION, held, "edit", form)
    desk.discussion.reword_question(
        g.session, page.claim, held, form.data.text, read=form.data.version, by=g.member
    )
    return _done(QUESTION, held, "Question saved.")


@bp.post("/questions/<int:question_id>/reopen")
@needs(Action.REVIEW)
def reopen_question(claim_id: int, question_id: int) -> ResponseReturnValue:
    """Call a question open again."""
    held = _question(claim_id, question_id)
    desk.discussion.reopen(g.session, page_of(claim_id).claim, held, by=g.member)
    return _done(QUESTION, held, "The question is open again.")


# ---- leads -------------------------------------------------------------------------------------


@bp.post("/leads")
@needs(Action.REVIEW)
def hint(claim_id: int) -> ResponseReturnValue:
    """Add a lead."""
    page = page_of(claim_id)
    form = Submission(LeadForm, request.form)
    if not form.valid:
        return _refuse_new(page, LEAD, form)
    return _added(
        page, LEAD, desk.discussion.hint(g.session, page.claim, form.data.text, by=g.member)
    )


@bp.get("/leads/<int:lead_id>")
def lead(claim_id: int, lead_id: int) -> ResponseReturnValue:
    """One lead where it stands."""
    return _show(page_of(claim_id), LEAD, _lead(claim_id, lead_id))


@bp.get("/leads/<int:lead_id>/edit")
@needs(Action.REVIEW)
def edit_lead(claim_id: int, lead_id: int) -> ResponseReturnValue:
    """The form in which a lead is reworded."""
    return _open(page_of(claim_id), LEAD, _lead(claim_id, lead_id), "edit")


@bp.post("/leads/<int:lead_id>/edit")
@needs(Action.REVIEW)
def save_lead(claim_id: int, lead_id: int) -> ResponseReturnValue:
    """Put a lead in other words."""
    page, held = page_of(claim_id), _lead(claim_id, lead_id)
    form = Submission(EditedLeadForm, request.form)
    if not form.valid:
        return _open(page, LEAD, held, "edit", form)
    desk.discussion.reword_lead(
        g.session, page.claim, held, form.data.text, read=form.data.version, by=g.member
    )
    return _done(LEAD, held, "Lead saved.")


# ---- comments ----------------------------------------------------------------------------------


@bp.post("/comments")
@needs(Action.REVIEW)
def comment(claim_id: int) -> ResponseReturnValue:
    """Say something about the claim."""
    page = page_of(claim_id)
    form = Submission(CommentForm, request.form)
    if not form.valid:
        return _refuse_new(page, COMMENT, form)
    return _added(
        page, COMMENT, desk.discussion.comment(g.session, page.claim, form.data.text, by=g.member)
    )


@bp.get("/comments/<int:comment_id>")
def remark(claim_id: int, comment_id: int) -> ResponseReturnValue:
    """One comment where it stands."""
    return _show(page_of(claim_id), COMMENT, _comment(claim_id, comment_id))


@bp.get("/comments/<int:comment_id>/edit")
@needs(Action.REVIEW)
def edit_comment(claim_id: int, comment_id: int) -> ResponseReturnValue:
    """The form in which a member edits their comment."""
    return _open(page_of(claim_id), COMMENT, _comment(claim_id, comment_id), "edit")


@bp.post("/comments/<int:comment_id>/edit")
@needs(Action.REVIEW)
def save_comment(claim_id: int, comment_id: int) -> ResponseReturnValue:
    """Change one's own comment."""
    page, held = page_of(claim_id), _comment(claim_id, comment_id)
    form = Submission(EditedCommentForm, request.form)
    if not form.valid:
        return _open(page, COMMENT, held, "edit", form)
    desk.discussion.edit_comment(
        g.session, held, form.data.text, read=form.data.version, by=g.member
    )
    return _done(COMMENT, held, "Comment saved.")


# ---- taking back -------------------------------------------------------------------------------

_SORTS = {"questions": QUESTION, "leads": LEAD, "comments": COMMENT}
_ONE = f"/<any({', '.join(_SORTS)}):sort>/<int:item_id>"


@bp.get(f"{_ONE}/withdraw")
@needs(Action.REVIEW)
def why_withdraw(claim_id: int, sort: str, item_id: int) -> ResponseReturnValue:
    """The form that asks why a question, a lead or a comment is withdrawn."""
    return _open(page_of(claim_id), _SORTS[sort], _said(claim_id, sort, item_id), "withdraw")


@bp.post(f"{_ONE}/withdraw")
@needs(Action.REVIEW)
def withdraw(claim_id: int, sort: str, item_id: int) -> ResponseReturnValue:
    """Take back a question, a lead or a comment."""
    page, held = page_of(claim_id), _said(claim_id, sort, item_id)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _open(page, _SORTS[sort], held, "withdraw", form)
    desk.discussion.withdraw(g.session, page.claim, held, form.data.reason, by=g.member)
    name = _SORTS[sort].name.capitalize()
    return _done(_SORTS[sort], held, f"{name} withdrawn. It stays on the page, with the reason.")


@bp.post(f"{_ONE}/restore")
@needs(Action.REVIEW)
def restore(claim_id: int, sort: str, item_id: int) -> ResponseReturnValue:
    """Bring back a question, a lead or a comment."""
    held = _said(claim_id, sort, item_id)
    desk.discussion.restore(g.session, page_of(claim_id).claim, held, by=g.member)
    return _done(_SORTS[sort], held, f"{_SORTS[sort].name.capitalize()} restored.")


def _said(claim_id: int, sort: str, item_id: int) -> Said:
    finders: dict[str, Callable[[int, int], Said]] = {
        "questions": _question,
        "leads": _lead,
        "comments": _comment,
    }
    return finders[sort](claim_id, item_id)


# ---- what they share ---------------------------------------------------------------------------


def _question(claim_id: int, question_id: int) -> Question:
    return queries.discussion.question(g.session, claim_id, question_id) or abort(404)


def _lead(claim_id: int, lead_id: int) -> Lead:
    return queries.discussion.lead(g.session, claim_id, lead_id) or abort(404)


def _comment(claim_id: int, comment_id: int) -> Comment:
    return queries.discussion.comment(g.session, claim_id, comment_id) or abort(404)


def _address(sort: Sort, row: Said, **more: Any) -> str:
    """For htmx the address of the thing alone, for a plain browser its place on the page."""
    if wants_fragment():
        endpoint = "remark" if sort is COMMENT else sort.name
        more[f"{sort.name}_id"] = row.id
        return url_for(f".{endpoint}", claim_id=row.claim_id, **more)
    anchor = f"{sort.name}-{row.id}"
    return url_for("claims.show", claim_id=row.claim_id, _anchor=anchor)


def _added(page: ClaimPage, sort: Sort, row: Said) -> ResponseReturnValue:
    g.session.flush()
    flash(f"{sort.name.capitalize()} added.", "success")
    return redirect(_address(sort, row, added=1), 303)


def _done(sort: Sort, row: Said, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(_address(sort, row), 303)


def _refuse_new(page: ClaimPage, sort: Sort, form: Submission[Any]) -> ResponseReturnValue:
    act = Act(sort.form, form=form)
    return answer("claims/claim.html", sort.form, page=page, act=act, status=422)


def _show(page: ClaimPage, sort: Sort, row: Said) -> ResponseReturnValue:
    """One thing in its place; just added, at the end of its list, with an empty form for more."""
    if not wants_fragment():
        return redirect(_address(sort, row), 303)
    item = _item(page, row)
    if request.args.get("added"):
        return answer(
            "claims/claim.html",
            sort.form,
            also=("added", "history"),
            into=sort.form,
            page=page,
            item=item,
            sort=sort.name,
        )
    return _in_place(page, sort, row, item=item, also=("history",))


def _item(page: ClaimPage, row: Said) -> Any:
    """The thing as its fragment shows it."""
    if isinstance(row, Question):
        return next(item for item in page.questions if item.question.id == row.id)
    if isinstance(row, Lead):
        return next(item for item in page.leads if item.lead.id == row.id)
    return row


def _open(
    page: ClaimPage,
    sort: Sort,
    row: Said,
    doing: str,
    form: Submission[Any] | None = None,
) -> ResponseReturnValue:
    """One thing with a form open in its place."""
    act = Act(f"{doing} {sort.name}", row.id, form)
    item = _item(page, row)
    return _in_place(page, sort, row, act=act, item=item, status=422 if form else 200)


def _in_place(page: ClaimPage, sort: Sort, row: Said, **context: Any) -> ResponseReturnValue:
    into = f"{sort.name}-{row.id}"
    return answer("claims/claim.html", sort.name, into=into, page=page, **context)
