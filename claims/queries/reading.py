"""The page on which an article is read beside its claims; of a long one, a part at a time."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from claims import rules
from claims.models import Appearance, Article, Claim, Event, Rating, Snapshot, Speaker
from claims.queries import articles, attached, paragraphs, places, remembered, scales
from claims.queries.articles import COUNTED, Coverage, Withdrawal, WithdrawnClaim
from claims.queries.paragraphs import Paragraph
from claims.queries.places import Focus, Line, Place, Unplaced, Whole
from claims.rules.parts import Part, Stretch
from claims.rules.passages import Text

Value = TypeVar("Value")

# On no word lie the marks of more claims than this: nobody could tell them apart.
_DEEPEST = 12


@dataclass(frozen=True)
class Reading:
    """A part of the text, or while it is not loaded the outline, with the claims made in it."""

    # Cut where claims begin.
    paragraphs: Sequence[Paragraph]
    # Where claims are made in it, in reading order: the first of `all_places`.
    places: Sequence[Place]
    all_places: int
    # Every claim of the part once, by the paragraph in which it is made; then the others.
    groups: Sequence[tuple[int | None, tuple[Line, ...]]]
    # The stretches of the text that are marked: not all where too many lie on one another.
    marked: Sequence[tuple[int, int, Line]]

    def shows(self, place: Place) -> bool:
        """Whether the stretch at which a claim is made is marked."""
        return (place.start, place.end, place.claim) in self.marked

    @property
    def unmarked(self) -> int:
        """How many more places of claims the part of the text has than are marked in it."""
        return self.all_places - len(self.marked)

    @property
    def unlisted(self) -> int:
        """How many more places of claims the part has than are listed beside it."""
        return self.all_places - len(self.places)


@dataclass(frozen=True)
class ArticlePage:
    """Everything that the article page shows: of a long text one part, with what is claimed there.

    What its head says is of the whole article.
    """

    article: Article
    # The text in force, without its words.
    snapshot: Snapshot | None
    parts: Sequence[Part]
    part: Part
    shown: Reading
    unplaced: Unplaced
    coverage: Coverage
    speakers: int
    focus: Focus | None
    # The one that was asked for by its id.
    place: Place | None
    withdrawal: Withdrawal | None
    # The latest claims that were withdrawn.
    withdrawn: Sequence[WithdrawnClaim]

    @property
    def several(self) -> bool:
        """Whether the text is read in more than one part."""
        return len(self.parts) > 1

    @property
    def length(self) -> int:
        """How many paragraphs the whole text has, or the outline."""
        return self.parts[-1].last

    @property
    def numbers(self) -> list[tuple[int, int]]:
        """The numbers of the outline's paragraphs, as choices."""
        return [(number, number) for number in range(1, len(self.article.outline) + 1)]

    def holds(self, place: Place) -> bool:
        """Whether a place is in the part; what has none in the text is beside every part."""
        return not place.placed or self.part.holds(place.start, place.end)

    def part_of(self, place: Place) -> Part:
        """The part to which a place leads."""
        return self.part if self.holds(place) else rules.parts.at(self.parts, place.start)

    @cached_property
    def beside(self) -> Sequence[Line]:
        """Other claims of the paragraph of the one that is open, in reading order."""
        if not (self.focus and self.focus.places):
            return ()
        here = [place for place in self.focus.places if self.holds(place)]
        paragraph = (here or self.focus.places)[0].paragraph
        claims = {
            place.claim.id: place.claim
            for place in self.shown.places
            if paragraph and place.paragraph == paragraph and place.claim != self.focus.claim
        }
        return list(claims.values())


def page(
    session: Session,
    article_id: int,
    *,
    part: int | None = None,
    claim_id: int | None = None,
    place_id: int | None = None,
) -> ArticlePage | None:
    """Read an article with its claims; of a long one a part, in as many statements as of any.

    `claim_id` is the claim that is open beside the text. When it is not made
    in the part that is asked for, or `place_id` is not in it, the page has the
    part in which it is.
    """
    found = session.execute(_with_text(), {"article_id": article_id}).first()
    if found is None:
        return None
    article: Article = found[0]
    text: Snapshot | None = found[1]
    whole = Whole(article, scales.every(session))
    version = _version(session, article)
    known = _kept(
        session,
        ("article", article.id, article.snapshot_number),
        version,
        lambda: _known(session, whole, text),
    )
    focus, asked = places.asked(session, whole, claim_id, place_id)
    here = _here(known.parts, part, asked)
    shown = _kept(
        session,
        ("part", article.id, article.snapshot_number, here),
        version,
        lambda: _reading(session, whole, text, here, known.unplaced),
    )
    asked_here = [place for place in asked if place.placed and here.holds(place.start, place.end)]
    if not all(shown.shows(place) for place in asked_here):
        # More is claimed here than is shown: what was asked for comes first.
        shown = _reading(session, whole, text, here, known.unplaced, asked_here)
    return ArticlePage(
        article=article,
        snapshot=text,
        parts=known.parts,
        part=here,
        shown=shown,
        unplaced=known.unplaced,
        coverage=known.coverage,
        speakers=known.speakers,
        focus=focus,
        place=next((place for place in asked if place.id == place_id), None),
        withdrawal=articles.withdrawal(session, article),
        withdrawn=known.withdrawn,
    )


# ---- what it is read from ---------------------------------------------------------------------


# What a page of an article tells of, besides what is done with its claims.
_SAID_OF = (Appearance, Article, Claim, Speaker, *remembered.SETTINGS)

# A part with all that is claimed in it takes up to half a megabyte.
_MOST_KEPT = 100


def _version(session: Session, article: Article) -> int:
    """A number that stays the same while nothing changes that the page of an article shows."""

    def touched(seq: int) -> bool:
        return article.id in session.scalars(_worked_on(), {"seq": seq}).all()

    return remembered.version(session, ("version", article.id), touched, of=_SAID_OF)


def _kept(
    session: Session, key: Hashable, version: int | None, fresh: Callable[[], Value]
) -> Value:
    """What `fresh` read at this version of an article, or reads now."""
    kept: dict[Hashable, tuple[int | None, Any]] = remembered.read(
        session, "articles", dict, of=remembered.SETTINGS
    )
    held = kept.get(key)
    if held is None or held[0] != version:
        held = version, fresh()
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = held
    return cast(Value, held[1])


@cache
def _worked_on() -> Any:
    """The articles of the claims that were worked on after an event."""
    # Looked up for each event: joined, the claims of the article could be walked instead.
    article_id = sa.select(col(Claim.article_id)).where(col(Claim.id) == Event.claim_id)
    return (
        sa.select(article_id.correlate(Event).scalar_subquery())
        .select_from(Event)
        .where(col(Event.seq) > sa.bindparam("seq", type_=sa.Integer))
    )


@dataclass(frozen=True)
class _Known:
    """What is told of a whole article whichever part is read, and these parts."""

    coverage: Coverage
    speakers: int
    parts: Sequence[Part]
    unplaced: Unplaced
    withdrawn: Sequence[WithdrawnClaim]


@cache
def _with_text() -> Any:
    """An article with the version of its text that is in force, but for the words."""
    in_force = sa.and_(
        col(Snapshot.article_id) == col(Article.id),
        col(Snapshot.number) == col(Article.snapshot_number),
    )
    return (
        sa.select(Article, Snapshot)
        .outerjoin(Snapshot, in_force)
        .options(defer(Snapshot.text))  # type: ignore[arg-type]
        .where(col(Article.id) == sa.bindparam("article_id"))
    )


def _known(session: Session, whole: Whole, text: Snapshot | None) -> _Known:
    """Go through a whole article, which takes the longer the more claims it has."""
    found = session.execute(_told(), {"article_id": whole.article.id}).one()
    rated = sorted(attached.rows(found.rated), key=lambda row: row[0] or 0)
    withdrawn = map(WithdrawnClaim.read, attached.rows(found.withdrawn))
    return _Known(
        articles.summed((whole.ratings.get(rating), number) for _, rating, number in rated),
        found.speakers,
        _parts(session, whole.article, text, dict(attached.rows(found.crowd))),
        places.unplaced(session, whole, text),
        sorted(withdrawn, key=attrgetter("withdrawn_at", "id"), reverse=True),
    )


@cache
def _told() -> Any:
    """What is told of a whole article, in one statement: lists of numbers, and of a few claims."""
    there = (col(Claim.article_id) == sa.bindparam("article_id", type_=sa.Integer), *COUNTED)
    rated = (
        sa.select(col(Rating.position), col(Claim.rating_id), sa.func.count().label("claims"))
        .select_from(Claim)
        .outerjoin(Rating, col(Rating.id) == Claim.rating_id)
        .where(*there)
        .group_by(col(Rating.position), col(Claim.rating_id))
    )
    speakers = sa.select(sa.func.count(sa.distinct(col(Claim.speaker_id)))).where(*there)
    # How many claims are made where in the text.
    grain = (col(Appearance.start) // rules.parts.GRAIN).label("grain")
    crowd = sa.select(grain, sa.func.count().label("claims")).where(*places.FOUND_IN)
    return sa.select(
        attached.listed(rated).label("rated"),
        speakers.scalar_subquery().label("speakers"),
        attached.listed(crowd.group_by(grain)).label("crowd"),
        attached.listed(articles.withdrawn_claims()).label("withdrawn"),
    )


def _parts(
    session: Session, article: Article, text: Snapshot | None, crowd: Mapping[int, int]
) -> Sequence[Part]:
    if text is None:
        return [Part(1, 0, 0, 1, len(article.outline))]
    stretches = _cut.get(text.sha256)
    if stretches is not None:
        return rules.parts.cut(stretches, crowd)
    words = session.exec(select(Snapshot.text).where(Snapshot.id == text.id)).one()
    if len(_cut) >= _MOST_CUT:
        _cut.clear()
    _cut[text.sha256] = rules.parts.stretches(Text(words))
    parts = rules.parts.cut(_cut[text.sha256], crowd)
    # Most read on from here: those of the first part need not be asked for again.
    _words(session, text, parts[0], words)
    return parts


# Where the texts that were read last can be cut, by their digests. A snapshot never changes, so
# each is looked through only once.
_cut: dict[str, Sequence[Stretch]] = {}
_MOST_CUT = 32


def _reading(
    session: Session,
    whole: Whole,
    text: Snapshot | None,
    part: Part,
    unplaced: Unplaced,
    asked: Sequence[Place] = (),
) -> Reading:
    """Read a part with its claims, in any case those that were `asked` for."""
    marked: Sequence[tuple[int, int, Line]] = ()
    if text:
        made, all_places = places.in_part(session, whole, part, asked)
        marks = [(place.start, place.end, place.claim) for place in made]
        first = asked[0].claim if asked else None
        marked = rules.passages.layered(marks, _DEEPEST, first=first)
        cut = paragraphs.of_text(_words(session, text, part), part, marked)
    else:
        made, all_places, quotations = places.outlined(session, whole)
        cut = paragraphs.of_outline(whole.article, made, quotations)
    return Reading(
        cut,
        made,
        all_places,
        paragraphs.listed(made, unplaced.claims if part.number == 1 else ()),
        marked,
    )


def _words(session: Session, text: Snapshot, part: Part, whole: str | None = None) -> str:
    """The words of a part, read or cut out of the `whole` text.

    A snapshot never changes, so they are kept whatever else does.
    """

    def fresh() -> str:
        if whole is not None:
            return whole[part.start : part.end]
        # Databases count characters from 1.
        stretch = sa.func.substr(Snapshot.text, part.start + 1, part.end - part.start)
        words = session.execute(sa.select(stretch).where(col(Snapshot.id) == text.id))
        return str(words.scalar_one())

    key = "words", text.sha256, part.start, part.end
    return _kept(session, key, None, fresh)


def _here(parts: Sequence[Part], number: int | None, asked: Sequence[Place]) -> Part:
    """The part to show: the one of this number, unless what was asked for is in another."""
    part = parts[min(number or 1, len(parts)) - 1]
    placed = [place for place in asked if place.placed]
    if not placed or (number and any(part.holds(p.start, p.end) for p in placed)):
        return part
    return rules.parts.at(parts, placed[0].start)
