"""Where the claims of an article are made: their quotations, in its text or nowhere in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from claims import rules
from claims.models import Appearance, Article, Claim, Evidence, Snapshot, Speaker
from claims.queries.articles import COUNTED
from claims.rules.parts import Part
from claims.rules.scales import RatingDefinition
from claims.rules.vocabulary import Kind, Placement, Stance, State

# So much is listed of what has no place in the text; the rest is in the list of claims.
_FEW = 50

# Where what has no paragraph stands in the order of reading: last.
NOWHERE = 2**31

_READING_ORDER = (col(Appearance.paragraph), col(Appearance.start), col(Appearance.id))

_MADE = col(Appearance.claim_id) == col(Claim.id)

_ARTICLE: Any = sa.bindparam("article_id", type_=sa.Integer)

# What is made in the text of an article.
FOUND_IN = (
    col(Appearance.article_id) == _ARTICLE,
    col(Appearance.placement) == Placement.FOUND,
)


# Tuples, as are the pieces of the text: hundreds of them are made for a page, and known again by
# what they hold.
class Line(NamedTuple):
    """A claim as the article page shows it."""

    id: int
    number: int
    statement: str
    kind: Kind
    state: State
    rating: RatingDefinition | None
    speaker: str | None
    role: str


class Place(NamedTuple):
    """Where a claim is made: its quotation, and the stretch of the text, if it is in it."""

    id: int
    claim: Line
    quotation: str
    paragraph: int | None
    start: int
    end: int
    placed: bool


@dataclass(frozen=True)
class Unplaced:
    """What has no place in the text: the first quotations of all such, and the claims that have
    no other place.
    """

    orphans: Sequence[Place]
    all_orphans: int
    claims: Sequence[Line]


@dataclass(frozen=True)
class Focus:
    """The claim that is open beside the text, where it is made, and how much was found on it:
    pieces of evidence for and against it, and their sources.
    """

    claim: Line
    places: Sequence[Place]
    supports: int
    refutes: int
    sources: int


@dataclass(frozen=True)
class Whole:
    """An article, with the ratings that claims can have."""

    article: Article
    ratings: Mapping[int, RatingDefinition]

    def line(self, row: Any) -> Line:
        return Line(
            row.claim_id,
            row.number,
            row.statement,
            row.kind,
            row.state,
            self.ratings.get(row.rating_id),
            row.speaker,
            row.role or "",
        )

    def place(self, row: Any) -> Place:
        return Place(
            row.id,
            self.line(row),
            row.quotation,
            row.paragraph,
            row.start or 0,
            row.end or 0,
            # What is found is found in the text in force: loading one places everything anew.
            placed=row.placement is Placement.FOUND,
        )


def asked(
    session: Session, whole: Whole, claim_id: int | None, place_id: int | None
) -> tuple[Focus | None, Sequence[Place]]:
    """The claim that is asked for and where it is made, or the place that is."""
    if claim_id is None and place_id is None:
        return None, ()
    wanted = {"id": claim_id or place_id, "article_id": whole.article.id}
    rows = session.execute(_asked(Claim if claim_id else Appearance), wanted).all()
    places = [whole.place(row) for row in rows if row.id]
    if not rows or not claim_id:
        return None, places
    first = rows[0]
    focus = Focus(whole.line(first), places, first.supports, first.refutes, first.sources)
    return focus, places


@cache
def _asked(kind: type[Claim | Appearance]) -> Any:
    # Put together once, as is what follows: that would take as long as to read it.
    return (
        _lines()
        .outerjoin(Appearance, _MADE)
        .add_columns(*_how_much())
        .where(
            col(kind.id) == sa.bindparam("id", type_=sa.Integer),
            col(Claim.article_id) == _ARTICLE,
            *COUNTED,
        )
        .order_by(*_READING_ORDER)
        .limit(_FEW)
    )


def _how_much() -> Sequence[Any]:
    on_it = (col(Evidence.claim_id) == Claim.id, col(Evidence.withdrawn_at).is_(None))
    pieces = sa.func.count()
    numbers = {
        "supports": sa.select(pieces).where(*on_it, col(Evidence.stance) == Stance.SUPPORTS),
        "refutes": sa.select(pieces).where(*on_it, col(Evidence.stance) == Stance.REFUTES),
        "sources": sa.select(sa.func.count(sa.distinct(col(Evidence.source_id)))).where(*on_it),
    }
    return [
        number.select_from(Evidence).correlate(Claim).scalar_subquery().label(name)
        for name, number in numbers.items()
    ]


def in_part(
    session: Session, whole: Whole, part: Part, asked: Sequence[Place]
) -> tuple[list[Place], int]:
    """The first claims that are made in a part, in reading order, and how many are in all.

    Those that were asked for are among them.
    """
    here = {
        "article_id": whole.article.id,
        # A passage may begin in the part before, but no farther off than it is long.
        "earliest": part.start - rules.passages.LONGEST_QUOTATION,
        "begins": part.start,
        "ends": part.end,
        "most": rules.parts.MOST.marks,
    }
    rows = session.execute(_in_part(), here).all()
    places = {row.id: whole.place(row) for row in rows}
    places |= {place.id: place for place in asked}
    ordered = sorted(places.values(), key=attrgetter("start", "id"))
    return ordered, rows[0].all if rows else 0


@cache
def _in_part() -> Any:
    begins, ends = (sa.bindparam(name, type_=sa.Integer) for name in ("begins", "ends"))
    here = (
        *FOUND_IN,
        col(Appearance.start) >= sa.bindparam("earliest"),
        col(Appearance.start) < ends,
        col(Appearance.end) > begins,
    )
    return (
        _lines()
        .join(Appearance, _MADE)
        .add_columns(_how_many(*here))
        .where(*here, *COUNTED)
        .order_by(col(Appearance.start), col(Appearance.id))
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def outlined(session: Session, whole: Whole) -> tuple[list[Place], int, Mapping[int, str]]:
    """The same for an outline; and what each number is quoted with, withdrawn claims too."""
    article = whole.article
    of_article = col(Appearance.article_id) == article.id
    numbers = {
        part
        for paragraph in article.outline
        for part in rules.passages.outlined(paragraph)
        if isinstance(part, int)
    }
    # First those that stand in the words of the outline.
    order = sa.case((col(Claim.number).in_(sorted(numbers)), 0), (sa.and_(*COUNTED), 1), else_=2)
    rows = session.execute(
        _lines()
        .join(Appearance, _MADE)
        .add_columns(sa.and_(*COUNTED).label("counted"), _how_many(of_article))
        .where(of_article)
        .order_by(order, *_READING_ORDER)
        .limit(rules.parts.MOST.marks)
    ).all()
    rows = sorted(rows, key=lambda row: (row.paragraph or NOWHERE, row.start or 0, row.id))
    places = [whole.place(row) for row in rows if row.counted]
    quotations = {row.number: row.quotation for row in reversed(rows)}
    return places, rows[0].all if rows else 0, quotations


def unplaced(session: Session, whole: Whole, text: Snapshot | None) -> Unplaced:
    """Quotations that are not in the text, if it is loaded, and claims without any quotation."""
    rows = session.execute(_unplaced(text is not None), {"article_id": whole.article.id}).all()
    claims = {row.claim_id: whole.line(row) for row in rows if not row.found}
    return Unplaced(
        orphans=[whole.place(row) for row in rows if row.id],
        all_orphans=rows[0].all if rows else 0,
        claims=list(claims.values()),
    )


@cache
def _unplaced(loaded: bool) -> Any:
    of_article = col(Claim.article_id) == _ARTICLE
    other = aliased(Appearance)
    of_claim = sa.select(col(other.id)).where(col(other.claim_id) == Claim.id)
    lost = sa.and_(
        col(Appearance.article_id) == _ARTICLE,
        col(Appearance.placement).in_([word for word in Placement if word != Placement.FOUND]),
        sa.true() if loaded else sa.false(),
    )
    first_lost = (
        sa.select(col(Appearance.id).label("place"), col(Claim.id).label("claim"))
        .join(Claim, _MADE)
        .where(lost, *COUNTED)
        .order_by(*_READING_ORDER)
        .limit(_FEW)
        .subquery()
    )
    first_bare = (
        sa.select(sa.cast(sa.null(), sa.Integer).label("place"), col(Claim.id).label("claim"))
        .where(of_article, *COUNTED, ~of_claim.exists())
        .order_by(col(Claim.number))
        .limit(_FEW)
        .subquery()
    )
    few = sa.union_all(sa.select(first_lost), sa.select(first_bare)).subquery()
    found = of_claim.where(col(other.placement) == Placement.FOUND).exists()
    return (
        _lines()
        .join(few, few.c.claim == Claim.id)
        .outerjoin(Appearance, col(Appearance.id) == few.c.place)
        .add_columns(found.label("found"), _how_many(lost))
        .order_by(*_READING_ORDER)
    )


def _lines() -> Any:
    """Claims with where they are made, as pages show them; a claim without a quotation once."""
    return (
        sa.select(
            col(Claim.id).label("claim_id"),
            col(Claim.number),
            col(Claim.statement),
            col(Claim.kind),
            col(Claim.state),
            col(Claim.rating_id),
            col(Speaker.name).label("speaker"),
            col(Speaker.role),
            col(Appearance.id),
            col(Appearance.quotation),
            col(Appearance.paragraph),
            col(Appearance.start).label("start"),
            col(Appearance.end).label("end"),
            col(Appearance.placement),
        )
        .select_from(Claim)
        .outerjoin(Speaker, col(Speaker.id) == Claim.speaker_id)
    )


def _how_many(*conditions: Any) -> Any:
    """How many places are like this, of claims that are counted."""
    return (
        sa.select(sa.func.count())
        .select_from(Appearance)
        .join(Claim, _MADE)
        .where(*conditions, *COUNTED)
        .correlate(None)
        .scalar_subquery()
        .label("all")
    )
