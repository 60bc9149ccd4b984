"""Articles: added, their text loaded, and claims marked in it."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from claims import ledger, queries, rules
from claims.desk import claims, standing
from claims.models import Appearance, Article, Claim, Member, Snapshot, Speaker
from claims.models.columns import now
from claims.rules.passages import Passage, Text
from claims.rules.refusals import Refused, check_version
from claims.rules.vocabulary import Kind, Placement


@dataclass(frozen=True)
class Facts:
    """What is known about an article besides its text; None where it is not known."""

    title: str
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published_on: str | None = None
    language: str = "en"


@dataclass(frozen=True)
class Pointer:
    """Words of an article that somebody points at.

    Without `start` they were typed or pasted; the words around them and the
    place only choose between repeats.
    """

    quotation: str
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    # Where the words stand while there is only an outline.
    paragraph: int | None = None


@dataclass(frozen=True)
class Loaded:
    """What loading a text did: its snapshot, and how many quotations have their place in it."""

    snapshot: Snapshot
    new: bool
    found: int
    orphans: int


class NotPlaced(Refused):
    """The words that somebody points at have no place in the text."""


class SeveralPlaces(NotPlaced):
    """The words stand in the text more than once, and nothing says which place is meant."""

    def __init__(self, places: Sequence[Passage]) -> None:
        super().__init__(
            f"These words stand in the text {len(places)} times. Choose the place that is meant."
        )
        self.places = places


def add(
    session: Session,
    facts: Facts,
    *,
    by: Member | None,
    outline: Sequence[str] = (),
    seed_key: str | None = None,
) -> Article:
    """Add a text that is to be checked; the text itself may follow."""
    article = Article(
        **vars(facts),
        outline=list(outline),
        seed_key=seed_key,
        created_by_id=by.id if by else None,
    )
    session.add(article)
    ledger.record(session, "article added", article, by=by)
    return article


def edit(session: Session, article: Article, facts: Facts, *, read: int, by: Member) -> None:
    """Correct what is known about an article.

    Raises Conflict when it was edited since version `read`.
    """
    held = {name: getattr(article, name) or "" for name in vars(facts)}
    check_version(read, article.version, held, of=("article", article.id))
    _check_there(article)
    before = ledger.snapshot(article)
    for name, value in vars(facts).items():
        setattr(article, name, value)
    if ledger.snapshot(article) != before:
        ledger.record(session, "article edited", article, by=by, before=before)


def withdraw(session: Session, article: Article, reason: str, *, by: Member) -> None:
    """Take an article and its claims out of lists and counts; everything on it is kept.

    Refused while a ruling on one of its claims is published.
    """
    _check_there(article)
    published = queries.articles.published(session, article)
    if published:
        rulings = "A ruling on it is" if published == 1 else f"{published} rulings on it are"
        raise Refused(
            f"{rulings} published. Correct what is published as void first, so that readers see "
            "what became of it."
        )
    before = ledger.snapshot(article)
    article.withdrawn_at = now()
    ledger.record(
        session, "article withdrawn", article, by=by, before=before, detail={"reason": reason}
    )


def restore(session: Session, article: Article, *, by: Member) -> None:
    """Bring a withdrawn article back, with its claims as they were."""
    if article.withdrawn_at is None:
        raise Refused("This article is not withdrawn.")
    before = ledger.snapshot(article)
    article.withdrawn_at = None
    ledger.record(session, "article restored", article, by=by, before=before)


def load_text(session: Session, article: Article, text: str, *, by: Member | None) -> Loaded:
    """Put a version of an article's full text in force, and find every quotation in it.

    A quotation that is not in it becomes an orphan and keeps its last known
    place. The text in force, loaded again, adds nothing.
    """
    _check_there(article)
    text = rules.passages.accept(text)
    _take_turn(session, article)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    appearances = queries.articles.appearances(session, article)
    held = queries.articles.snapshot(session, article)
    if held and held.sha256 == sha256:
        return _loaded(held, False, appearances)
    snapshot = Snapshot(
        article_id=article.id,
        number=queries.articles.snapshots_taken(session, article) + 1,
        text=text,
        sha256=sha256,
        length=len(text),
        loaded_by_id=by.id if by else None,
    )
    session.add(snapshot)
    session.flush()
    before = {str(appearance.id): _where(appearance) for appearance in appearances}
    words = Text(text)
    for appearance in appearances:
        _place(appearance, snapshot, words)
    after = {str(appearance.id): _where(appearance) for appearance in appearances}
    _put_in_force(session, article, snapshot)
    ledger.record(
        session,
        "text loaded",
        snapshot,
        by=by,
        detail={"places": after},
        detail_before={"places": before},
    )
    return _loaded(snapshot, True, appearances)


def mark(
    session: Session,
    article: Article,
    pointer: Pointer,
    statement: str,
    kind: Kind,
    *,
    by: Member,
    credit: claims.Credit | None = None,
    tags: Iterable[str] = (),
    leads: Iterable[str] = (),
) -> Claim:
    """Make a claim of words of an article.

    Refused when the words are not in its text; raises SeveralPlaces when they
    are there more than once and the pointer does not choose.
    """
    _check_there(article)
    _take_turn(session, article)
    # `claims.add` gives it its claim.
    appearance = Appearance(claim_id=0, article_id=article.id, quotation=pointer.quotation)
    _point(session, article, appearance, pointer)
    return claims.add(
        session,
        article,
        statement,
        kind,
        by=by,
        speaker=_credited(session, article, credit) if credit else None,
        appearances=[appearance],
        leads=leads,
        tags=tags,
    )


def placed(
    session: Session, article: Article, appearances: Sequence[Appearance]
) -> Sequence[Appearance]:
    """Give quotations that come with an article their place in its text, if that is loaded."""
    snapshot = queries.articles.snapshot(session, article)
    if snapshot:
        words = Text(snapshot.text)
        for appearance in appearances:
            _place(appearance, snapshot, words)
    return appearances


def anchor(
    session: Session, appearance: Appearance, pointer: Pointer, *, read: int, by: Member
) -> None:
    """Choose the passage of the text in which a claim is made.

    Refused and ambiguous as in `mark`; raises Conflict when somebody chose
    another one since `read`, the `state_of` the appearance. Two who choose the
    same one agree.
    """
    article = session.get_one(Article, appearance.article_id)
    _take_turn(session, article)
    session.refresh(appearance)
    if _stands_at(appearance, pointer):
        return
    now_there = {"quotation": appearance.quotation}
    check_version(read, state_of(appearance), now_there, of=("appearance", appearance.id))
    claim = session.get_one(Claim, appearance.claim_id)
    _check_there(article)
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    before = ledger.snapshot(appearance)
    _point(session, article, appearance, pointer)
    if ledger.snapshot(appearance) != before:
        ledger.record(session, "passage anchored", appearance, by=by, before=before)
        standing.refresh(session, claim)


def state_of(appearance: Appearance) -> int:
    """A number that changes when somebody moves an appearance; it stands in for a version."""
    names = ("snapshot_id", "start", "end", "paragraph", "quotation")
    return zlib.crc32(repr([getattr(appearance, name) for name in names]).encode())


def _stands_at(appearance: Appearance, pointer: Pointer) -> bool:
    """Whether a claim is made in just the passage that somebody points at."""
    if appearance.placement is Placement.ORPHAN or appearance.quotation != pointer.quotation:
        return False
    if appearance.snapshot_id:
        return pointer.start == appearance.start
    return pointer.paragraph == appearance.paragraph


def _check_there(article: Article) -> None:
    if article.withdrawn_at:
        raise Refused("This article is withdrawn. Restore it first.")


def _take_turn(session: Session, article: Article) -> None:
    """Wait for whoever is writing; the text that is in force then stays so until the commit."""
    ledger.take_turn(session)
    session.refresh(article, ["snapshot_number"])


def _put_in_force(session: Session, article: Article, snapshot: Snapshot) -> None:
    # Past the article's version: whoever edits its facts has not been overtaken.
    session.execute(
        sa.update(Article)
        .where(col(Article.id) == article.id)
        .values(snapshot_number=snapshot.number)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(article, "snapshot_number", snapshot.number)


def _place(appearance: Appearance, snapshot: Snapshot, words: Text) -> None:
    """Find an appearance in a new text, or make it an orphan that keeps what it has."""
    passage = words.may_hold(appearance.quotation) and words.find(
        appearance.quotation,
        prefix=appearance.prefix,
        suffix=appearance.suffix,
        near=appearance.start,
    )
    if passage:
        _set(appearance, snapshot, words, passage)
    else:
        appearance.placement = Placement.ORPHAN


def _point(session: Session, article: Article, appearance: Appearance, pointer: Pointer) -> None:
    """Give an appearance the words that somebody pointed at."""
    snapshot = queries.articles.snapshot(session, article)
    if snapshot is None:
        appearance.quotation = pointer.quotation
        appearance.paragraph = pointer.paragraph
        appearance.prefix = appearance.suffix = ""
        appearance.start = appearance.end = None
        return
    words = Text(snapshot.text)
    _set(appearance, snapshot, words, _pointed_at(words, pointer))


def _pointed_at(words: Text, pointer: Pointer) -> Passage:
    chosen = pointer.start is not None or pointer.prefix or pointer.suffix
    places = [] if chosen else words.places(pointer.quotation)
    if len(places) > 1:
        raise SeveralPlaces(places)
    passage = words.find(
        pointer.quotation, prefix=pointer.prefix, suffix=pointer.suffix, near=pointer.start
    )
    if passage is None:
        raise NotPlaced(
            "These words are not in the article’s text. Copy them from it, or select them in it."
        )
    return passage


def _set(appearance: Appearance, snapshot: Snapshot, words: Text, passage: Passage) -> None:
    appearance.snapshot_id = snapshot.id
    appearance.paragraph = words.paragraph_at(passage.start)
    appearance.placement = Placement.FOUND
    for name, value in vars(passage).items():
        setattr(appearance, name, value)


def _where(appearance: Appearance) -> list[str | int | None]:
    return [appearance.placement, appearance.start, appearance.end]


def _loaded(snapshot: Snapshot, new: bool, appearances: Sequence[Appearance]) -> Loaded:
    orphans = sum(appearance.placement is Placement.ORPHAN for appearance in appearances)
    return Loaded(snapshot, new, len(appearances) - orphans, orphans)


def _credited(session: Session, article: Article, credit: claims.Credit) -> Speaker:
    """The speaker that is meant: a name without a role is the article's one of that name."""
    if not credit.role:
        known = [s for s in queries.claims.speakers(session, article.id) if s.name == credit.name]
        if len(known) == 1:
            return known[0]
    return claims.speaker(session, credit.name, credit.role)
