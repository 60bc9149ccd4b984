"""The queue: every claim of the desk, searched, filtered and sorted; many handed out at once."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from claims import desk, queries, rules
from claims.desk.assignments import MOST
from claims.models import Claim, Member
from claims.queries.choices import Choices
from claims.queries.filters import NOBODY, NONE, Filters, Sort, Waiting
from claims.queries.queue import QueuePage
from claims.rules.roles import Action
from claims.rules.vocabulary import Kind
from claims.web.access import needs
from claims.web.drawing import addresses
from claims.web.forms import Clean, Submission
from claims.web.htmx import answer, htmx, wants_fragment

bp = Blueprint("queue", __name__, url_prefix="/claims")
bp.add_app_template_filter(rules.searching.marked)

SORTS = {
    Sort.ARTICLE: "Article order",
    Sort.CHANGED: "Recently changed",
    Sort.NEWEST: "Newest first",
    Sort.EVIDENCE: "Most evidence",
}

WAITING = {
    Waiting.ME: "Waiting for me",
    Waiting.REOPENED: "Reopened",
    Waiting.SETTLE: "Ready for a ruling",
    Waiting.JUDGE: "Waiting for my verdict",
    Waiting.CHECK: "In my hands",
}


_KINDS = tuple((str(kind), str(kind)) for kind in Kind)
_SORTS = tuple((str(sort), words) for sort, words in SORTS.items())


def _one(value: str) -> str:
    if "," in value:
        raise ValueError("write one tag at a time, without a comma")
    return value


Id = Annotated[int, Field(ge=1, lt=2**31)]
TagName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(_one), Clean
]


class BulkForm(BaseModel):
    """What to do with the claims that were chosen, or with all that match."""

    do: Literal["assign", "tag", "untag"]
    scope: Literal["chosen", "all"] = "chosen"
    claim: list[Id] = Field(default=[], max_length=MOST)
    to: str = ""
    tag: TagName = ""
    back: Literal["", "desk"] = ""


@bp.get("")
def index() -> ResponseReturnValue:
    """The claims that the address asks for, a page at a time."""
    filters = Filters.from_args(request.args)
    if not wants_fragment() and "" in request.args.values():
        # A form sends its empty fields along; the address is kept fit to be shared.
        return redirect(_address(filters), 303)
    page = queries.queue.page(g.session, filters, g.member, after=request.args.get("after"))
    response = _answer(page)
    if htmx.target == "queue":
        response.headers["HX-Push-Url"] = _address(filters)
    return response


@bp.post("/bulk")
@needs(Action.REVIEW)
def bulk() -> ResponseReturnValue:
    """Hand many claims to somebody, or change their tags."""
    filters = Filters.carried(request.form.get("in")) or Filters()
    form = Submission(BulkForm, request.form)
    to = _assignee(form)
    claims = _chosen(form, filters)
    if form.valid and form.data.do != "assign" and not form.data.tag:
        form.refuse("tag", "Write the tag first.")
    if not form.valid:
        page = queries.queue.page(g.session, filters, g.member)
        return _answer(page, form=form, status=422)
    chosen = len(claims) if form.data.scope == "all" else len(set(form.data.claim))
    flash(_do(form.data, claims, to, chosen), "success")
    if form.data.back:
        return redirect(url_for("desk.index"), 303)
    return redirect(_address(filters), 303)


def _assignee(form: Submission[BulkForm]) -> Member | None:
    """Whom the claims are to be handed to; None is nobody, unless the form says why not."""
    if not form.valid or form.data.do != "assign":
        return None
    number = Filters.from_args({"assignee": form.data.to}).assignee
    if number == NOBODY:
        return None
    member = queries.members.member(g.session, number) if number else None
    if member is None or member.removed_at or not member.may(Action.REVIEW):
        form.refuse("to", "Choose who is to have them.")
    return member


def _chosen(form: Submission[BulkForm], filters: Filters) -> Sequence[Claim]:
    """The claims that a form is about; the form says when there are none."""
    if not form.valid:
        return []
    if form.data.scope == "all":
        return queries.lists.chosen(g.session, filters, g.member, most=MOST)
    claims = queries.lists.by_id(g.session, form.data.claim)
    if not claims:
        form.refuse("claim", "Choose at least one claim of the list.")
    return claims


def _do(form: BulkForm, claims: Sequence[Claim], to: Member | None, chosen: int) -> str:
    """Do what a checked form asks, and say in a sentence what came of it."""
    if form.do == "assign":
        changed = desk.assignments.assign(g.session, claims, to, by=g.member)
        whom = "you" if to is g.member else to.name if to else ""
        done = f"assigned to {whom}" if to else "with nobody now"
    elif form.do == "tag":
        changed = desk.assignments.tag(g.session, claims, form.tag, by=g.member)
        done = f"tagged “{form.tag}”"
    else:
        changed = desk.assignments.untag(g.session, claims, form.tag, by=g.member)
        done = f"no longer tagged “{form.tag}”"
    told = f"{_claims(changed)} {done}." if changed else "Nothing changed."
    if len(claims) > changed:
        rest = len(claims) - changed
        told += f" {_claims(rest)} {'was' if rest == 1 else 'were'} so already."
    if chosen > len(claims):
        gone = chosen - len(claims)
        told += f" {_claims(gone)} {'is' if gone == 1 else 'are'} not in the list any more."
    return told


def _claims(number: int) -> str:
    return f"{number:,} claim" if number == 1 else f"{number:,} claims"


# ---- what the page says -----------------------------------------------------------------------


def _answer(
    page: QueuePage, *, form: Submission[BulkForm] | None = None, status: int = 200
) -> Response:
    filters = page.filters
    return answer(
        "queue/index.html",
        "queue",
        "more",
        status=status,
        page=page,
        active=_active(page),
        selects=_selects,
        form=form,
        ticked=frozenset(form.values("claim") if form else ()),
        most_counted=queries.lists.MOST_COUNTED,
        path=url_for("queue.index"),
        opened=addresses("claims.show", "claim_id", **{"in": filters.carry}),
        tagged=addresses("queue.index", "tag", **filters.without("tag").to_args()),
    )


def _address(filters: Filters) -> str:
    """The address of the claims that filters let through."""
    return url_for("queue.index") + filters.query()


def _active(page: QueuePage) -> list[tuple[str, str, str, str]]:
    """Each filter in force: its name, label, value in words, and the address without it."""
    filters, named = page.filters, page.choices.named
    words: dict[str, tuple[str, Callable[[], object]]] = {
        "q": ("search", lambda: f"“{filters.q}”"),
        "state": ("state", lambda: filters.state),
        "rating": ("rating", lambda: named("ratings", filters.rating, none="not ruled yet")),
        "kind": ("kind", lambda: filters.kind),
        "speaker": (
            "speaker",
            lambda: named("speakers", filters.speaker, none="the article itself"),
        ),
        "article": ("article", lambda: named("articles", filters.article)),
        "assignee": ("with", lambda: named("members", filters.assignee, none="nobody")),
        "tag": ("tag", lambda: filters.tag),
        "mine": ("", lambda: "My claims"),
        "waiting": ("", lambda: WAITING[filters.waiting] if filters.waiting else ""),
    }
    return [
        (name, words[name][0], str(words[name][1]()), _address(filters.without(name)))
        for name in filters.active()
    ]


def _selects(
    filters: Filters, choices: Choices
) -> list[tuple[str, str, tuple[tuple[str, str], ...], str]]:
    """The filters to choose from: name, label, values with their words, and the one in force."""
    chosen = filters.to_args()
    values = choices.options
    offered = {
        "kind": ("Kind", _KINDS),
        "rating": ("Rating", ((NONE, "Not ruled yet"), *values["ratings"])),
        "speaker": ("Speaker", ((NONE, "The article itself"), *values["speakers"])),
        "article": ("Article", values["articles"]),
        "assignee": ("With", ((NONE, "Nobody"), *values["members"])),
        "tag": ("Tag", values["tags"]),
    }
    selects = []
    for name, (label, options) in offered.items():
        value = chosen.get(name, "")
        if value and all(option != value for option, _words in options):
            # A shared address may name what this desk does not offer; the form keeps it.
            options = (*options, (value, value))
        # One article only is no choice.
        if value or len(options) > (name == "article"):
            selects.append((name, label, options, value))
    return [*selects, ("sort", "", _SORTS, str(filters.sort))]
