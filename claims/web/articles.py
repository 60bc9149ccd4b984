"""Articles: the list, the text beside its claims, and claims marked in it."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from werkzeug.datastructures import FileStorage

from claims import desk, imports, queries, rules, seed
from claims.desk.articles import Facts, Loaded, NotPlaced, Pointer, SeveralPlaces
from claims.desk.claims import Credit
from claims.models import Appearance, Article
from claims.queries.places import Place
from claims.queries.reading import ArticlePage
from claims.rules.passages import LONGEST_QUOTATION, Passage, Text
from claims.rules.refusals import Conflict, Refused
from claims.rules.roles import Action
from claims.rules.vocabulary import KIND_DEFINITIONS, Kind
from claims.web.access import needs
from claims.web.claims import MaybeName, Statement, Tags
from claims.web.drawing import addresses
from claims.web.forms import (
    Blank,
    Clean,
    Line,
    MaybeAddress,
    MaybeDate,
    MaybeText,
    Submission,
    WithdrawalForm,
    listed,
)
from claims.web.htmx import answer, htmx

bp = Blueprint("articles", __name__, url_prefix="/articles")

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

# So many places of repeated words are offered for choice; nobody reads more.
_MOST_PLACES = 12


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language as its code: en, ur, pt-BR")
    return value


def _short_lines(value: str) -> str:
    if any(len(line) > 1000 for line in value.splitlines()):
        raise ValueError("a lead has at most 1000 characters; write one a line")
    return value


Language = Annotated[
    str,
    AfterValidator(_language),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=35),
    Clean,
]
MaybeWho = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None, Blank, Clean
]
Quotation = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUOTATION), Clean
]
Around = Annotated[str, StringConstraints(max_length=2000), Clean]
Leads = Annotated[MaybeText, AfterValidator(_short_lines)]
Offset = Annotated[Annotated[int, Field(ge=0, lt=2**31)] | None, Blank]


class FactsForm(BaseModel):
    """What is known about an article."""

    title: Line
    url: MaybeAddress = None
    publisher: MaybeWho = None
    author: MaybeWho = None
    published_on: MaybeDate = None
    language: Language = "en"

    def facts(self) -> Facts:
        """The facts in the form that the desk asks for."""
        return Facts(**{name: getattr(self, name) for name in FactsForm.model_fields})


class EditForm(FactsForm):
    """What is known about an article, as it was read in one version."""

    version: int


class TextForm(BaseModel):
    """A pasted text; a file may stand in its place."""

    text: str = ""


class PointerForm(BaseModel):
    """Words of an article: selected in it, or typed."""

    quotation: Quotation
    prefix: Around = ""
    suffix: Around = ""
    start: Offset = None
    paragraph: Offset = None

    def pointer(self) -> Pointer:
        """What the words point at."""
        return Pointer(self.quotation, self.prefix, self.suffix, self.start, self.paragraph)


class MarkForm(PointerForm):
    """A claim that is made of words of an article."""

    statement: Statement
    kind: Kind
    speaker: MaybeName = ""
    role: MaybeName = ""
    tags: Tags = ""
    leads: Leads = ""


class AnchorForm(PointerForm):
    """Another passage for a claim."""

    version: int


# ---- the list, and what is known about an article -----------------------------------------------


@bp.get("")
def index() -> ResponseReturnValue:
    """Every article, newest first, with how far it is."""
    withdrawn = "withdrawn" in request.args
    page = queries.paging.page(
        g.session,
        queries.articles.listed(withdrawn=withdrawn),
        queries.articles.ORDER,
        after=request.args.get("after"),
    )
    return answer(
        "articles/index.html",
        "more",
        page=page,
        coverage=queries.articles.coverage(g.session, page.rows),
        withdrawn=withdrawn,
        any_withdrawn=withdrawn or queries.articles.any_withdrawn(g.session),
    )


@bp.get("/new")
@needs(Action.REVIEW)
def new() -> ResponseReturnValue:
    """The form for a new article."""
    return answer("articles/new.html", form=None)


@bp.post("/new")
@needs(Action.REVIEW)
def add() -> ResponseReturnValue:
    """Add an article, with its text if that came along."""
    form = Submission(FactsForm, request.form)
    given, doubt = _text_given(form, wanted=False)
    if not form.valid:
        return answer("articles/new.html", form=form, status=422)
    article = desk.articles.add(g.session, form.data.facts(), by=g.member)
    if given:
        _tell(desk.articles.load_text(g.session, article, given, by=g.member), article, doubt)
    else:
        flash("Article added. Load its text to mark claims in it.", "success")
    return redirect(url_for("articles.show", article_id=article.id), 303)


@bp.get("/<int:article_id>/edit")
@needs(Action.REVIEW)
def edit(article_id: int) -> ResponseReturnValue:
    """The form in which the facts are corrected, and the article withdrawn."""
    return answer("articles/edit.html", article=_article(article_id), form=None, reason=None)


@bp.post("/<int:article_id>/edit")
@needs(Action.REVIEW)
def save(article_id: int) -> ResponseReturnValue:
    """Correct what is known about an article."""
    article = _article(article_id)
    form = Submission(EditForm, request.form)
    if not form.valid:
        return answer("articles/edit.html", article=article, form=form, reason=None, status=422)
    desk.articles.edit(g.session, article, form.data.facts(), read=form.data.version, by=g.member)
    flash("Article saved.", "success")
    return redirect(url_for("articles.show", article_id=article.id), 303)


@bp.post("/<int:article_id>/withdraw")
@needs(Action.REVIEW)
def withdraw(article_id: int) -> ResponseReturnValue:
    """Take an article and its claims out of the lists."""
    article = _article(article_id)
    form = Submission(WithdrawalForm, request.form)
    if not form.valid:
        return answer("articles/edit.html", article=article, form=None, reason=form, status=422)
    desk.articles.withdraw(g.session, article, form.data.reason, by=g.member)
    flash("Article withdrawn. Everything on it is kept.", "success")
    return redirect(url_for("articles.show", article_id=article.id), 303)


@bp.post("/<int:article_id>/restore")
@needs(Action.REVIEW)
def restore(article_id: int) -> ResponseReturnValue:
    """Bring a withdrawn article back."""
    article = _article(article_id)
    desk.articles.restore(g.session, article, by=g.member)
    flash("Article restored.", "success")
    return redirect(url_for("articles.show", article_id=article.id), 303)


# ---- the text -----------------------------------------------------------------------------------


@bp.get("/<int:article_id>/text")
def text(article_id: int) -> ResponseReturnValue:
    """The versions of an article's text, and the form to load another."""
    return _text_page(_article(article_id), None)


@bp.post("/<int:article_id>/text")
@needs(Action.REVIEW)
def load(article_id: int) -> ResponseReturnValue:
    """Load a version of an article's text."""
    article = _article(article_id)
    form = Submission(TextForm, request.form)
    given, doubt = _text_given(form, wanted=True)
    if not given:
        return _text_page(article, form, status=422)
    _tell(desk.articles.load_text(g.session, article, given, by=g.member), article, doubt)
    return redirect(url_for("articles.show", article_id=article.id), 303)


def _text_page(
    article: Article, form: Submission[Any] | None, status: int = 200
) -> ResponseReturnValue:
    return answer(
        "articles/text.html",
        article=article,
        snapshots=queries.articles.snapshots(g.session, article),
        form=form,
        status=status,
    )


def _text_given(form: Submission[Any], *, wanted: bool) -> tuple[str, str | None]:
    """The text that was pasted or chosen, and what is doubtful about how it was read.

    What is wrong with it is marked on its field.
    """
    pasted = request.form.get("text", "")
    chosen = request.files.get("file")
    try:
        if chosen and chosen.filename:
            if pasted.strip():
                form.refuse("file", "There is a pasted text as well. Leave one of the two out.")
                return "", None
            return _read(chosen)
        if pasted.strip():
            return imports.text.pasted(pasted), None
    except Refused as refused:
        form.refuse("file" if chosen and chosen.filename else "text", str(refused))
        return "", None
    if wanted:
        form.refuse("text", "Paste the article’s text, or choose a text file.")
    return "", None


def _read(chosen: FileStorage) -> tuple[str, str | None]:
    read = imports.text.read(chosen.read())
    return read.text, read.doubt


def _tell(loaded: Loaded, article: Article, doubt: str | None) -> None:
    """Say what loading a text did."""
    if not loaded.new:
        flash("This is the text that is loaded already: nothing was added.", "info")
        return
    words = ["Text loaded."]
    if loaded.found or loaded.orphans:
        words.append(f"{loaded.found:,} of {loaded.found + loaded.orphans:,} quotations found.")
    same = seed.is_seeded_text(loaded.snapshot, article)
    if same is not None:
        words.append(
            "It is the very text that the claims were drawn from."
            if same
            else "It is not the text that the claims were drawn from: look at what moved."
        )
    flash(" ".join(words), "success")
    if doubt:
        flash(doubt, "info")


# ---- the article beside its claims --------------------------------------------------------------


@bp.get("/<int:article_id>")
def show(article_id: int) -> ResponseReturnValue:
    """The article with its claims; `claim` in the address opens one beside the text.

    Of a long text it is the `part` in the address, or the one in which that claim stands.
    """
    page = _page(article_id, claim_id=_number("claim"))
    wanted = _number("paragraph")
    if wanted and page.length:
        paragraph = min(wanted, page.length)
        part = rules.parts.with_paragraph(page.parts, paragraph).number if page.several else None
        address = url_for(
            "articles.show", article_id=article_id, part=part, _anchor=f"p{paragraph}"
        )
        return redirect(address, 303)
    return _answer(page, asked=request.args.get("claim", ""))


@bp.get("/<int:article_id>/mark")
@needs(Action.REVIEW)
def point(article_id: int) -> ResponseReturnValue:
    """The form in which words of the article become a claim."""
    return _answer(_page(article_id), doing="mark", initial=_pointed())


@bp.post("/<int:article_id>/mark")
@needs(Action.REVIEW)
def mark(article_id: int) -> ResponseReturnValue:
    """Make a claim of words of the article."""
    article = _article(article_id)
    form = Submission(MarkForm, request.form)
    if not form.valid:
        return _answer(_page(article_id), doing="mark", form=form, status=422)
    data = form.data
    try:
        claim = desk.articles.mark(
            g.session,
            article,
            data.pointer(),
            data.statement,
            data.kind,
            by=g.member,
            credit=Credit(data.speaker, data.role) if data.speaker else None,
            tags=listed([data.tags]),
            leads=[line.strip() for line in data.leads.splitlines() if line.strip()],
        )
    except NotPlaced as refused:
        return _not_placed(_page(article_id), form, refused, doing="mark")
    flash(f"Claim {claim.number} added.", "success")
    return redirect(url_for("articles.show", article_id=article.id, claim=claim.id), 303)


@bp.get("/<int:article_id>/passages/<int:appearance_id>")
@needs(Action.REVIEW)
def passage(article_id: int, appearance_id: int) -> ResponseReturnValue:
    """The form in which a claim gets another passage of the text."""
    page, place = _placed(article_id, appearance_id)
    appearance = _appearance(page.article, appearance_id)
    initial = _pointed() | {"version": str(desk.articles.state_of(appearance))}
    if not initial["quotation"]:
        initial["quotation"] = place.quotation
    return _answer(page, doing="anchor", place=place, initial=initial)


@bp.post("/<int:article_id>/passages/<int:appearance_id>")
@needs(Action.REVIEW)
def anchor(article_id: int, appearance_id: int) -> ResponseReturnValue:
    """Choose the passage of the text in which a claim is made."""
    article = _article(article_id)
    appearance = _appearance(article, appearance_id)
    form = Submission(AnchorForm, request.form)
    if not form.valid:
        page, place = _placed(article_id, appearance_id)
        return _answer(page, doing="anchor", place=place, form=form, status=422)
    try:
        desk.articles.anchor(
            g.session, appearance, form.data.pointer(), read=form.data.version, by=g.member
        )
    except NotPlaced as refused:
        page, place = _placed(article_id, appearance_id)
        return _not_placed(page, form, refused, doing="anchor", place=place)
    except Conflict as overtaken:
        page, place = _placed(article_id, appearance_id)
        now = {"version": str(overtaken.version)}
        return _answer(
            page, doing="anchor", place=place, form=form, initial=now, stands=appearance, status=409
        )
    flash("Passage saved.", "success")
    address = url_for("articles.show", article_id=article.id, claim=appearance.claim_id)
    return redirect(address, 303)


def _page(article_id: int, **asked: int | None) -> ArticlePage:
    page = queries.reading.page(g.session, article_id, part=_number("part"), **asked)
    return page or abort(404)


def _placed(article_id: int, appearance_id: int) -> tuple[ArticlePage, Place]:
    page = _page(article_id, place_id=appearance_id)
    return page, page.place or abort(404)


def _number(name: str) -> int | None:
    """A number in the address; None for what no database could have given out."""
    asked = request.args.get(name, "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 11 else 0
    return number if 0 < number < 2**31 else None


def _article(article_id: int) -> Article:
    return queries.articles.one(g.session, article_id) or abort(404)


def _appearance(article: Article, appearance_id: int) -> Appearance:
    return queries.articles.appearance(g.session, article, appearance_id) or abort(404)


def _pointed() -> dict[str, str]:
    """What the address points at: the form starts with it."""
    names = ("quotation", "prefix", "suffix", "start", "paragraph")
    return {name: request.args.get(name, "")[:5000] for name in names}


def _not_placed(
    page: ArticlePage,
    form: Submission[Any],
    refused: NotPlaced,
    *,
    doing: str,
    place: Place | None = None,
) -> ResponseReturnValue:
    """Give the form back with what is wrong, and with the places among which to choose."""
    several = refused.places if isinstance(refused, SeveralPlaces) else ()
    if len(several) > _MOST_PLACES:
        several = ()
        form.refuse(
            "quotation",
            "These words stand in the text too often to choose from. Quote more of them, "
            "or select them in the text.",
        )
    else:
        form.refuse("start" if several else "quotation", str(refused))
    return _answer(page, doing=doing, form=form, place=place, several=several, status=422)


def _answer(
    page: ArticlePage,
    *,
    doing: str = "",
    form: Submission[Any] | None = None,
    initial: dict[str, str] | None = None,
    place: Place | None = None,
    several: Sequence[Passage] = (),
    stands: Appearance | None = None,
    asked: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The article page; `doing` says which form stands beside the text, if any.

    `stands` is the passage that somebody chose while another was being chosen here.
    """
    article, snapshot = page.article, page.snapshot
    nearest = None
    if doing == "anchor" and place and snapshot and not place.placed and not form:
        nearest = Text(snapshot.text).nearest(place.quotation)
    at = {"part": page.part.number} if page.several else {}
    return answer(
        "articles/article.html",
        "panel",
        "reader",
        "reading",
        status=status,
        into="panel" if status != 200 else None,
        # Who turns to another part sees its claims beside it.
        also=("panel",) if htmx.target == "reading" else (),
        at=at,
        opened=addresses("articles.show", "claim", article_id=article.id, **at),
        page=page,
        same_text=seed.is_seeded_text(snapshot, article) if snapshot else None,
        doing=doing,
        form=form,
        initial=initial or {},
        place=place,
        several=several,
        stands=stands,
        nearest=nearest,
        asked=asked,
        kinds=[(kind, f"{kind}: {words}") for kind, words in KIND_DEFINITIONS.items()],
        speakers=queries.claims.speakers(g.session, article.id) if doing == "mark" else (),
    )
