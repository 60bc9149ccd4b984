"""Evidence on a claim."""

from typing import Annotated, Any, TypeVar

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, StringConstraints

from claims import desk, queries, rules
from claims.desk.evidence import Finding
from claims.models import Claim, Evidence, Source
from claims.queries.captures import Quoted
from claims.queries.filters import Filters
from claims.rules.refusals import Refused
from claims.rules.roles import Action
from claims.rules.vocabulary import Mark, Stance
from claims.web.access import needs
from claims.web.drawing import Addresses, addresses
from claims.web.forms import Blank, Clean, MaybeReason, MaybeText, Submission, WithdrawalForm
from claims.web.htmx import answer, wants_fragment
from claims.web.sources import NewSourceForm, keep_copy, offer_same

Form = TypeVar("Form", bound=BaseModel)
Found = TypeVar("Found", bound="FindingForm")

bp = Blueprint("evidence", __name__, url_prefix="/claims/<int:claim_id>/evidence")

_LARGEST_ID = 2**31 - 1

MaybePlace = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), Clean]
MaybeCredibility = Annotated[Annotated[int, Field(ge=1, le=6)] | None, Blank]


class FindingForm(BaseModel):
    """What a source says about a claim."""

    stance: Stance
    excerpt: MaybeText = ""
    locator: MaybePlace = ""
    credibility: MaybeCredibility = None
    note: MaybeText = ""
    own_article_reason: MaybeReason = None

    def finding(self) -> Finding:
        """The same for the desk."""
        return Finding(
            self.stance,
            self.excerpt,
            self.locator,
            self.credibility,
            self.note,
            self.own_article_reason,
        )


class OnExistingForm(FindingForm):
    """Evidence from a source of the library."""

    source_id: Annotated[int, Field(ge=1, le=_LARGEST_ID)]


class OnNewForm(FindingForm, NewSourceForm):
    """Evidence from a source that is described in the same form."""


class EditedFindingForm(FindingForm):
    """A correction to a piece of evidence."""

    version: int


@bp.app_template_global()
def card_addresses(claim_id: int) -> tuple[Addresses, ...]:
    """The addresses that a card of evidence on a claim leads to, in the order of its macro."""
    of_claim = ("edit", "reason", "restore", "difference")
    return (
        addresses("sources.show", "source_id"),
        *(addresses(f"evidence.{act}", "evidence_id", claim_id=claim_id) for act in of_claim),
    )


@bp.get("")
def show(claim_id: int) -> ResponseReturnValue:
    """The evidence section of a claim's page, and what evidence moves elsewhere on that page.

    `added` or `at` is the piece that was just added or changed; while one is
    changed, a half-written form for another stays as it is.
    """
    changed = request.args.get("at", type=int)
    piece = changed or request.args.get("added", type=int)
    if not wants_fragment():
        anchor = f"evidence-{piece}" if piece else "evidence"
        return redirect(url_for("claims.show", claim_id=claim_id, _anchor=anchor), 303)
    filters = Filters.carried(request.args.get("in"))
    page = queries.dossier.page(g.session, claim_id, viewer=g.member, filters=filters)
    return answer(
        "claims/claim.html",
        "evidence",
        also=("head", "rests_on", "history"),
        into="evidence",
        page=page or abort(404),
        in_hand=piece,
        keep_form=changed is not None,
    )


@bp.get("/new")
@needs(Action.REVIEW)
def new(claim_id: int) -> ResponseReturnValue:
    """The form for a new piece of evidence, or the sources that a search in it finds."""
    return _form(_claim(claim_id))


@bp.post("")
@needs(Action.REVIEW)
def attach(claim_id: int) -> ResponseReturnValue:
    """Weigh a source of the library, or one that the same form describes, on a claim."""
    claim = _claim(claim_id)
    if request.form.get("from") == "new":
        return _attach_new(claim)
    form = Submission(OnExistingForm, request.form)
    _check_finding(form)
    source = queries.sources.one(g.session, form.data.source_id) if form.valid else None
    if form.error("source_id") or (form.valid and source is None):
        form.refuse("source_id", "Choose a source, or describe a new one.")
    if source is None or not _may_stand(claim, source, form):
        return _form(claim, form, status=422)
    return _attached(claim, source, form.data.finding())


def _attach_new(claim: Claim) -> ResponseReturnValue:
    form = Submission(OnNewForm, request.form)
    _check_finding(form)
    same = offer_same(form)
    if not form.valid:
        return _form(claim, form, same=same, status=422)
    old = same if same and form.data.same == "use" else None
    source = old or desk.sources.add(
        g.session, form.data.facts(), reliability=form.data.reliability, by=g.member
    )
    if not _may_stand(claim, source, form):
        return _form(claim, form, same=same, status=422)
    if old is None:
        keep_copy(source, form)
    return _attached(claim, source, form.data.finding())


@bp.get("/<int:evidence_id>")
def piece(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """One piece of evidence where it stands."""
    evidence = _piece(claim_id, evidence_id)
    if not wants_fragment():
        return _back("at", evidence)
    return _in_place("evidence/edit.html", "piece", evidence)


@bp.get("/<int:evidence_id>/difference")
def difference(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """How an excerpt differs from the passage of the copy that is most like it."""
    evidence = _piece(claim_id, evidence_id)
    passage = queries.evidence.passage(g.session, evidence) or abort(404)
    return answer(
        "evidence/difference.html",
        "difference",
        into=f"difference-{evidence.id}",
        piece=evidence,
        kept=queries.evidence.provenance_of(g.session, evidence),
        compared=rules.differences.parts(evidence.excerpt, passage),
    )


@bp.get("/<int:evidence_id>/edit")
@needs(Action.REVIEW)
def edit(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """The form in which a piece of evidence is corrected."""
    evidence = _piece(claim_id, evidence_id)
    # Also where that was found out only after it was added.
    own = queries.origins.is_own_article(g.session, evidence.claim, evidence.source)
    return _in_place("evidence/edit.html", "edit", evidence, own=own)


@bp.post("/<int:evidence_id>/edit")
@needs(Action.REVIEW)
def save(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """Correct a piece of evidence."""
    evidence = _piece(claim_id, evidence_id)
    form = Submission(EditedFindingForm, request.form)
    _check_finding(form)
    if not form.valid or not _may_stand(evidence.claim, evidence.source, form):
        return _in_place("evidence/edit.html", "edit", evidence, form=form, status=422)
    desk.evidence.edit(
        g.session, evidence, form.data.finding(), read=form.data.version, by=g.member
    )
    flash(f"Evidence saved.{_found(evidence)}", "success")
    return _back("at", evidence)


@bp.get("/<int:evidence_id>/withdraw")
@needs(Action.REVIEW)
def reason(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """The form that asks why a piece of evidence is withdrawn."""
    return _in_place("evidence/withdraw.html", "withdraw", _piece(claim_id, evidence_id))


@bp.post("/<int:evidence_id>/withdraw")
@needs(Action.REVIEW)
def withdraw(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """Take a piece of evidence off the scales."""
    evidence = _piece(claim_id, evidence_id)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return _in_place("evidence/withdraw.html", "withdraw", evidence, form=form, status=422)
    desk.evidence.withdraw(g.session, evidence, form.data.reason, by=g.member)
    flash("Evidence withdrawn. It stays below, with the reason.", "success")
    return _back("at", evidence)


@bp.post("/<int:evidence_id>/restore")
@needs(Action.REVIEW)
def restore(claim_id: int, evidence_id: int) -> ResponseReturnValue:
    """Put a withdrawn piece of evidence back on the scales."""
    evidence = _piece(claim_id, evidence_id)
    desk.evidence.restore(g.session, evidence, by=g.member)
    flash("Evidence restored.", "success")
    return _back("at", evidence)


def _claim(claim_id: int) -> Claim:
    return queries.claims.one(g.session, claim_id) or abort(404)


def _piece(claim_id: int, evidence_id: int) -> Evidence:
    return queries.evidence.one(g.session, claim_id, evidence_id) or abort(404)


def _check_finding(form: Submission[Found]) -> None:
    try:
        desk.evidence.check_says_something(form.value("excerpt"), form.value("note"))
    except Refused as refusal:
        form.refuse("excerpt", str(refusal))
    if form.error("stance"):
        form.refuse("stance", "Choose which way it points.")


def _may_stand(claim: Claim, source: Source, form: Submission[Found]) -> bool:
    """Whether a source may be evidence on a claim: of its own article the form says why."""
    own = queries.origins.is_own_article(g.session, claim, source)
    try:
        rules.gates.check_own_article(own=own, reason=form.data.own_article_reason)
    except Refused as refusal:
        form.refuse("own_article_reason", str(refusal))
    return form.valid


def _form(
    claim: Claim,
    form: Submission[Found] | None = None,
    *,
    same: Source | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The form for a new piece of evidence, in place for htmx or on a page of its own."""
    typed = request.values
    q = typed.get("q", "")
    found = queries.sources.options(g.session, q)
    quoted = _quoted()
    of_copy = quoted.capture.source_id if quoted else 0
    wanted = typed.get("source_id", type=int) or of_copy
    chosen = queries.sources.one(g.session, wanted) if 0 < wanted <= _LARGEST_ID else None
    if chosen:
        found = [chosen, *(source for source in found if source.id != chosen.id)]
    described = not (found or q or queries.sources.any_standing(g.session))
    return answer(
        "evidence/new.html",
        "evidence_form",
        "source_options",
        into="evidence_form" if form else None,
        status=status,
        claim=claim,
        form=form,
        options=found,
        chosen=chosen,
        same=same,
        q=q,
        origin=typed.get("from") or ("new" if described else "existing"),
        stance=typed.get("stance", ""),
        # What was selected in a copy of the source, or typed before a search for another one.
        quoted=quoted,
        finding=Finding(
            Stance.CONTEXT,
            quoted.words if quoted else typed.get("excerpt", "")[: rules.excerpts.LONGEST],
            f"p. {quoted.page}" if quoted and quoted.page else typed.get("locator", "")[:300],
        ),
        in_place=wants_fragment(),
    )


def _quoted() -> Quoted | None:
    """The words that were selected in a copy, if the request says which."""
    copy, start, end = (request.values.get(name, type=int) for name in ("capture", "start", "end"))
    if copy is None or not 0 < copy <= _LARGEST_ID:
        return None
    capture = queries.captures.one(g.session, copy) or abort(404)
    return queries.captures.quoted(g.session, capture, start, end)


def _in_place(
    template: str,
    fragment: str,
    evidence: Evidence,
    *,
    form: Submission[Form] | None = None,
    own: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    """A piece of evidence, or a form about it: in its place for htmx, or on a page of its own.

    `own` lets the form ask why the article under check may stand as evidence.
    """
    return answer(
        template,
        fragment,
        into=f"evidence-{evidence.id}",
        status=status,
        piece=evidence,
        kept=queries.evidence.provenance_of(g.session, evidence),
        form=form,
        own=own,
        in_hand=evidence.id,
        in_place=wants_fragment(),
    )


# What is said of an excerpt that was looked for in a copy of its source.
_FOUND = {
    Mark.VERBATIM: " The excerpt stands in {copy}, letter by letter.",
    Mark.NORMALISED: " The excerpt stands in {copy}, but for spaces, quotes or dashes.",
    Mark.NEARLY: " In {copy} it stands in somewhat other words: compare the two.",
    Mark.ABSENT: " The excerpt was not found in {copy}: check it.",
}


def _found(evidence: Evidence) -> str:
    check = queries.captures.check_of(g.session, evidence.id)
    if check is None:
        return ""
    taken = rules.sentences.day_in_words(check.capture.taken_at)
    return _FOUND[check.mark].format(copy=f"the desk’s copy of {taken}")


def _attached(claim: Claim, source: Source, finding: Finding) -> ResponseReturnValue:
    evidence = desk.evidence.attach(g.session, claim, source, finding, by=g.member)
    flash(f"Evidence added.{_found(evidence)}", "success")
    return _back("added", evidence)


def _back(why: str, evidence: Evidence) -> ResponseReturnValue:
    """To the claim's page; for htmx to its evidence."""
    if wants_fragment():
        moved: dict[str, Any] = {why: evidence.id}
        return redirect(url_for("evidence.show", claim_id=evidence.claim_id, **moved), 303)
    anchor = f"evidence-{evidence.id}"
    return redirect(url_for("claims.show", claim_id=evidence.claim_id, _anchor=anchor), 303)
