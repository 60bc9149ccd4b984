"""One claim, and all that is done to it."""

from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint, abort, flash, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from claims import desk, prose, queries
from claims.desk.claims import Credit, Part
from claims.models import Claim, ClaimLink, Rating
from claims.queries.dossier import ClaimPage
from claims.queries.filters import Filters
from claims.rules.roles import Action
from claims.rules.vocabulary import KIND_DEFINITIONS, Kind, SpeakerType
from claims.web.access import needs
from claims.web.forms import Blank, Clean, MaybeAddress, Submission, WithdrawalForm, listed
from claims.web.htmx import answer, wants_fragment

bp = Blueprint("claims", __name__, url_prefix="/claims/<int:claim_id>")

# Everything on the page that can be asked for alone, and what changes along with it. What
# holds half-written words is in no list but its own.
FRAGMENTS: dict[str, tuple[str, ...]] = {
    "head": ("history",),
    "evidence": ("head", "rests_on", "history"),
    "verdicts": ("head", "ruling", "history"),
    "ruling": ("head", "history"),
    "questions": ("history",),
    "leads": ("history",),
    "related": ("history",),
    "discussion": ("history",),
    "history": (),
}

# How many further claims the form for a split has room for.
PARTS = 4

# Whose addresses carry the filter along in which a reviewer goes from claim to claim.
_OF_A_CLAIM = frozenset({"claims", "discussion", "evidence", "verdicts", "rulings"})


@dataclass(frozen=True)
class Act:
    """What a member is in the middle of: a form that stands open on the page."""

    name: str
    on: int | None = None
    form: Submission[Any] | None = None


def _tags(value: str) -> str:
    for name in listed([value]):
        if len(name) > 60:
            raise ValueError("a tag has at most 60 characters; put a comma between two")
    return value


def _short(value: str | None) -> str | None:
    if value and len(value) > 500:
        raise ValueError("this is too long: at most 500 characters")
    return value


Statement = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean
]
MaybeStatement = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Clean]
MaybeName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), Clean]
ShortAddress = Annotated[MaybeAddress, AfterValidator(_short)]
Tags = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_tags), Clean
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Clean]
Id = Annotated[int, Field(ge=1, lt=2**31)]


class EditForm(BaseModel):
    """Everything that the desk says about a claim itself."""

    statement: Statement
    kind: Kind
    speaker: MaybeName = ""
    role: MaybeName = ""
    speaker_type: Annotated[SpeakerType | None, Blank] = None
    same_as: ShortAddress = None
    tags: Tags = ""
    version: int

    def credit(self) -> Credit | None:
        """Who is credited; None for the article itself."""
        if not self.speaker:
            return None
        return Credit(self.speaker, self.role, self.same_as, self.speaker_type)


class AssignForm(BaseModel):
    """Who is to work on a claim; blank for nobody."""

    member: Annotated[Id | None, Blank] = None


class SplitForm(BaseModel):
    """What a claim keeps saying, and the claims that are made of the rest."""

    statement: Statement
    part: list[MaybeStatement] = []
    kind: list[Kind] = []
    copied: list[Id] = []
    version: int

    def parts(self) -> list[Part]:
        """The further claims that were written; empty rows are none."""
        rows = zip(self.part, self.kind, strict=False)
        return [Part(statement, kind) for statement, kind in rows if statement]


class MergeForm(BaseModel):
    """The claim that this one becomes a part of."""

    into: Id


class LinkForm(BaseModel):
    """A claim that bears on this one, and how."""

    other: Id
    note: Note = ""


@bp.app_url_defaults
def _carry_filter(endpoint: str, values: dict[str, Any]) -> None:
    """Let whatever is done on a claim's page lead back into the list that it was opened from."""
    if not has_request_context() or endpoint.partition(".")[0] not in _OF_A_CLAIM:
        return
    carried = request.args.get("in")
    if carried and (request.view_args or {}).get("claim_id") == values.get("claim_id"):
        values.setdefault("in", carried)


def claim_of(claim_id: int) -> Claim:
    """The claim that something is done to."""
    return queries.claims.one(g.session, claim_id) or abort(404)


def judged(claim_id: int, form: Submission[Any]) -> tuple[Claim, Rating | None]:
    """The claim that is judged, and the rating that a form chooses; it says when that is none."""
    found = queries.claims.with_rating(g.session, claim_id, form.value("rating"))
    claim, rating = found or abort(404)
    if rating is None:
        form.refuse("rating", "Choose a rating.")
    return claim, rating


def page_of(claim_id: int) -> ClaimPage:
    """The claim's page for whoever asks, in the list that they came from."""
    page = queries.dossier.page(
        g.session,
        claim_id,
        viewer=g.member,
        filters=Filters.carried(request.args.get("in")),
        comments_before=request.args.get("before"),
    )
    return page or abort(404)


@bp.get("")
def show(claim_id: int) -> ResponseReturnValue:
    """Everything about one claim, or the fragment that htmx wants with what changes along."""
    target = request.headers.get("HX-Target", "")
    fragments = (*FRAGMENTS, "earlier")
    also = FRAGMENTS.get(target, ())
    return answer("claims/claim.html", *fragments, also=also, page=page_of(claim_id))


@bp.get("/history")
def history(claim_id: int) -> ResponseReturnValue:
    """Everything that happened to a claim, newest first."""
    claim = claim_of(claim_id)
    found = queries.history.page(
        g.session,
        claim,
        viewer=g.member,
        policy=queries.standing.desk(g.session).policy,
        after=request.args.get("after"),
    )
    # Beside the claim each line opens by itself; on their own page they all stand open.
    opened = not wants_fragment() or "opened" in request.args
    return answer("claims/history.html", "older", claim=claim, history=found, opened=opened)


# ---- the claim itself --------------------------------------------------------------------------


@bp.get("/edit")
@needs(Action.REVIEW)
def edit(claim_id: int) -> ResponseReturnValue:
    """The form in which a claim is reworded, retagged, credited to somebody else."""
    return _edit(page_of(claim_id))


@bp.post("/edit")
@needs(Action.REVIEW)
def save(claim_id: int) -> ResponseReturnValue:
    """Change what the desk says about a claim."""
    form = Submission(EditForm, request.form)
    if not form.valid:
        return _edit(page_of(claim_id), form)
    desk.claims.revise(
        g.session,
        claim_of(claim_id),
        statement=form.data.statement,
        kind=form.data.kind,
        credit=form.data.credit(),
        tags=listed([form.data.tags]),
        read=form.data.version,
        by=g.member,
    )
    flash("Claim saved.", "success")
    return _back(claim_id)


def _edit(page: ClaimPage, form: Submission[EditForm] | None = None) -> ResponseReturnValue:
    speakers = queries.claims.speakers(g.session, page.claim.article_id)
    return answer(
        "claims/claim.html",
        "head",
        status=422 if form else 200,
        page=page,
        act=Act("edit", form=form),
        kinds=KIND_DEFINITIONS,
        speakers=speakers,
    )


@bp.post("/assign")
@needs(Action.REVIEW)
def assign(claim_id: int) -> ResponseReturnValue:
    """Hand a claim to somebody, or to nobody in particular."""
    form = Submission(AssignForm, request.form)
    if not form.valid:
        abort(400)
    number = form.data.member
    member = (queries.members.member(g.session, number) or abort(404)) if number else None
    desk.claims.assign(g.session, claim_of(claim_id), member, by=g.member)
    if member is None:
        flash("Assigned to nobody now.", "success")
    else:
        whom = "you" if member.id == g.member.id else prose.isolated(member.name)
        flash(f"Assigned to {whom}.", "success")
    return _back(claim_id)


@bp.get("/withdraw")
@needs(Action.REVIEW)
def why_withdraw(claim_id: int) -> ResponseReturnValue:
    """The form that asks why a claim is withdrawn."""
    return _withdraw(page_of(claim_id))


@bp.post("/withdraw")
@needs(Action.REVIEW)
def withdraw(claim_id: int) -> ResponseReturnValue:
    """Take a claim out of lists, counts and reports."""
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _withdraw(page_of(claim_id), form)
    desk.claims.withdraw(g.session, claim_of(claim_id), form.data.reason, by=g.member)
    flash("Claim withdrawn. It can be restored from here.", "success")
    return _back(claim_id)


def _withdraw(
    page: ClaimPage, form: Submission[WithdrawalForm] | None = None
) -> ResponseReturnValue:
    act = Act("withdraw", form=form)
    status = 422 if form else 200
    return answer("claims/claim.html", "head", status=status, page=page, act=act)


@bp.post("/restore")
@needs(Action.REVIEW)
def restore(claim_id: int) -> ResponseReturnValue:
    """Bring a withdrawn claim back."""
    desk.claims.restore(g.session, claim_of(claim_id), by=g.member)
    flash("Claim restored.", "success")
    return _back(claim_id)


# ---- several claims ----------------------------------------------------------------------------


@bp.get("/split")
@needs(Action.REVIEW)
def how_split(claim_id: int) -> ResponseReturnValue:
    """The form in which a claim is taken apart."""
    return _split(page_of(claim_id))


@bp.post("/split")
@needs(Action.REVIEW)
def split(claim_id: int) -> ResponseReturnValue:
    """Make several claims of one."""
    page = page_of(claim_id)
    form = Submission(SplitForm, request.form)
    if form.valid and not form.data.parts():
        form.refuse("part", "Write at least one further claim.")
    if not form.valid:
        return _split(page, form)
    made = desk.claims.split(
        g.session,
        page.claim,
        form.data.statement,
        form.data.parts(),
        copied=[piece for piece in page.evidence.standing if piece.id in form.data.copied],
        read=form.data.version,
        by=g.member,
    )
    numbers = " and ".join(str(claim.number) for claim in made)
    flash(f"Split. New: {'claim' if len(made) == 1 else 'claims'} {numbers}.", "success")
    return _back(claim_id)


def _split(page: ClaimPage, form: Submission[SplitForm] | None = None) -> ResponseReturnValue:
    return answer(
        "claims/split.html",
        status=422 if form else 200,
        page=page,
        form=form,
        rows=range(PARTS),
        kinds=KIND_DEFINITIONS,
    )


@bp.get("/merge")
@needs(Action.REVIEW)
def how_merge(claim_id: int) -> ResponseReturnValue:
    """Look for the claim that this one is to become a part of, then see both side by side."""
    claim = claim_of(claim_id)
    number = request.args.get("into", 0, type=int)
    both = (page_of(claim_id), page_of(number)) if 0 < number < 2**31 else None
    return answer(
        "claims/merge.html",
        "candidates",
        claim=claim,
        both=both,
        same_article=True,
        **_candidates(claim, same_article=True),
    )


@bp.post("/merge")
@needs(Action.REVIEW)
def merge(claim_id: int) -> ResponseReturnValue:
    """Make a claim a part of another."""
    form = Submission(MergeForm, request.form)
    if not form.valid:
        flash("Choose the claim to merge this one into.", "refused")
        return redirect(url_for(".how_merge", claim_id=claim_id), 303)
    claim, into = claim_of(claim_id), claim_of(form.data.into)
    desk.claims.merge(g.session, claim, into, by=g.member)
    flash(f"Claim {claim.number} was merged into this one.", "success")
    return redirect(url_for("claims.show", claim_id=into.id), 303)


@bp.get("/links/new")
@needs(Action.REVIEW)
def how_link(claim_id: int) -> ResponseReturnValue:
    """Look for a claim that bears on this one."""
    return _link(claim_id)


@bp.post("/links")
@needs(Action.REVIEW)
def link(claim_id: int) -> ResponseReturnValue:
    """Note that two claims bear on each other."""
    form = Submission(LinkForm, request.form)
    if form.error("other"):
        form.refuse("other", "Choose a claim.")
    if not form.valid:
        return _link(claim_id, form)
    other = claim_of(form.data.other)
    desk.claims.link(g.session, claim_of(claim_id), other, form.data.note, by=g.member)
    flash("Claims linked.", "success")
    return _back(claim_id, "related")


def _link(claim_id: int, form: Submission[LinkForm] | None = None) -> ResponseReturnValue:
    claim = claim_of(claim_id)
    return answer(
        "claims/link.html",
        "candidates",
        status=422 if form else 200,
        claim=claim,
        form=form,
        same_article=False,
        **_candidates(claim, same_article=False),
    )


@bp.get("/links/<int:link_id>/withdraw")
@needs(Action.REVIEW)
def why_unlink(claim_id: int, link_id: int) -> ResponseReturnValue:
    """The form that asks why two claims do not bear on each other after all."""
    return _unlink(claim_id, _link_of(claim_id, link_id))


@bp.post("/links/<int:link_id>/withdraw")
@needs(Action.REVIEW)
def unlink(claim_id: int, link_id: int) -> ResponseReturnValue:
    """Take back that two claims bear on each other."""
    held = _link_of(claim_id, link_id)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _unlink(claim_id, held, form)
    desk.claims.unlink(g.session, held, form.data.reason, by=g.member)
    flash("Link withdrawn. It stays on the page, with the reason.", "success")
    return _back(claim_id, "related")


@bp.post("/links/<int:link_id>/restore")
@needs(Action.REVIEW)
def relink(claim_id: int, link_id: int) -> ResponseReturnValue:
    """Bring a withdrawn link back."""
    desk.claims.relink(g.session, _link_of(claim_id, link_id), by=g.member)
    flash("Link restored.", "success")
    return _back(claim_id, "related")


def _unlink(
    claim_id: int, held: ClaimLink, form: Submission[WithdrawalForm] | None = None
) -> ResponseReturnValue:
    act = Act("withdraw link", held.id, form)
    status = 422 if form else 200
    return answer("claims/claim.html", "related", status=status, page=page_of(claim_id), act=act)


def _link_of(claim_id: int, link_id: int) -> ClaimLink:
    return queries.related.link_of(g.session, claim_of(claim_id), link_id) or abort(404)


def _candidates(claim: Claim, *, same_article: bool) -> dict[str, Any]:
    q = request.args.get("q", "")[:200]
    found = queries.related.candidates(
        g.session, claim, q, viewer=g.member, same_article=same_article
    )
    return {"candidates": found, "q": q}


def _back(claim_id: int, anchor: str | None = None) -> ResponseReturnValue:
    """To the claim's page; htmx gets the part of it that it asked for."""
    return redirect(url_for("claims.show", claim_id=claim_id, _anchor=anchor), 303)
