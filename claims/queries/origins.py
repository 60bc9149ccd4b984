"""Who sources ultimately come from, and how many independent origins a claim rests on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims import rules
from claims.models import (
    Appearance,
    Article,
    Capture,
    Claim,
    Content,
    ContentText,
    Evidence,
    Origin,
    OriginHint,
    SketchPart,
    Snapshot,
    Source,
)
from claims.queries import paging
from claims.queries.captures import STANDING
from claims.queries.paging import Order
from claims.rules.origins import Independence, Traces

_SOURCES = Order((col(Source.id),))

# So many quotations of an article are enough to know it by.
_QUOTATIONS = 200


@dataclass(frozen=True)
class OriginPage:
    """An origin, and the sources that come from it, in the order in which they were added."""

    origin: Origin
    sources: paging.Page[Source]


def independence(session: Session, claim_id: int) -> Independence:
    """How many independent origins the standing evidence on a claim has, for and against."""
    pieces = session.execute(
        sa.select(
            col(Evidence.stance),
            col(Evidence.source_id),
            col(Source.origin_id),
            col(Evidence.own_article_reason).is_not(None),
        )
        .join(Source, col(Source.id) == Evidence.source_id)
        .where(col(Evidence.claim_id) == claim_id, col(Evidence.withdrawn_at).is_(None))
    )
    return rules.origins.independence(
        (stance, source, origin, own) for stance, source, origin, own in pieces
    )


def unexplained_article(session: Session, claim: Claim) -> str | None:
    """The title of standing evidence that is the article itself, where nobody wrote why, if any.

    As it may be found to be after it was added: when the text of the article, or that of the
    source, comes in later.
    """
    sources = session.exec(
        select(Source)
        .join(Evidence, col(Evidence.source_id) == Source.id)
        .where(
            col(Evidence.claim_id) == claim.id,
            col(Evidence.withdrawn_at).is_(None),
            col(Evidence.own_article_reason).is_(None),
        )
        .order_by(col(Source.id))
        .distinct()
    ).all()
    if not is_own_article(session, claim, *sources):
        return None
    return next(source.title for source in sources if is_own_article(session, claim, source))


def is_own_article(session: Session, claim: Claim, *sources: Source) -> bool:
    """Whether a source is the article that makes the claim, a copy of its text, or its syndication.

    Of several, whether any of them is.

    Told by the address, by the canonical one that a copy states, by the text of its copies,
    and by an origin that it shares with a source that is the article.
    """
    article = session.get_one(Article, claim.article_id)
    fingerprint = rules.addresses.fingerprint(article.url)
    alike = {source.id for source in sources}
    origins = {source.origin_id for source in sources if source.origin_id}
    if origins:
        alike |= set(session.exec(select(Source.id).where(col(Source.origin_id).in_(origins))))
    if not alike:
        return False
    if fingerprint and not _addresses(session, alike).isdisjoint({fingerprint}):
        return True
    text = session.exec(
        select(Snapshot.text).where(
            Snapshot.article_id == article.id, Snapshot.number == article.snapshot_number
        )
    ).first()
    if text is None:
        return _has_its_quotations(session, article, alike)
    own = rules.origins.sketch(text)
    likeness = (rules.origins.likeness(own, other) for other in _sketches(session, alike))
    return any(found >= rules.origins.ENOUGH for found in likeness)


def _has_its_quotations(session: Session, article: Article, source_ids: Collection[int]) -> bool:
    """Whether a source has most of what is quoted from an article whose text is not loaded."""
    quotations = session.exec(
        select(Appearance.quotation).where(Appearance.article_id == article.id).limit(_QUOTATIONS)
    ).all()
    held = select(Capture.sha256).where(col(Capture.source_id).in_(source_ids), STANDING)
    texts = select(ContentText.text).where(col(ContentText.sha256).in_(held))
    # One at a time: each may be a book.
    with session.execute(texts.execution_options(yield_per=1)) as found:
        return any(rules.origins.carries(text, quotations) for text in found.scalars())


def _addresses(session: Session, source_ids: Collection[int]) -> set[str]:
    """The fingerprints of the addresses of sources, and of those that their copies state."""
    given = select(Source.url_fingerprint).where(col(Source.id).in_(source_ids))
    stated = (
        select(Content.canonical_fingerprint)
        .join(Capture, col(Capture.sha256) == Content.sha256)
        .where(col(Capture.source_id).in_(source_ids), STANDING)
    )
    return {found for found in session.execute(sa.union(given, stated)).scalars() if found}


def _sketches(session: Session, source_ids: Collection[int]) -> Sequence[str]:
    return session.exec(
        select(Content.sketch)
        .join(Capture, col(Capture.sha256) == Content.sha256)
        .where(col(Capture.source_id).in_(source_ids), STANDING, Content.sketch != "")
        .distinct()
    ).all()


# ---- suggestions --------------------------------------------------------------------------------


def traces(session: Session, source: Source) -> Sequence[Traces]:
    """What may betray the origin of a source: of itself, and of each text that it had."""
    addresses = frozenset(_addresses(session, [source.id]))
    site = rules.origins.site(source.url)
    sketches = _sketches(session, [source.id]) or [""]
    return [Traces(addresses, site, sketch) for sketch in sketches]


def alike_in_address(session: Session, source: Source) -> Sequence[int]:
    """The sources in use whose address, or the one their copies state, is that of this one."""
    addresses = _addresses(session, [source.id])
    if not addresses:
        return []
    given = select(Source.id).where(col(Source.url_fingerprint).in_(addresses))
    stated = (
        select(Capture.source_id)
        .join(Content, col(Content.sha256) == Capture.sha256)
        .where(col(Content.canonical_fingerprint).in_(addresses), STANDING)
    )
    found = set(session.execute(sa.union(given, stated)).scalars())
    return sorted(found - {source.id})


def alike_in_text(session: Session, sketches: Collection[str]) -> Iterator[tuple[int, str]]:
    """Sources that may have had nearly the same text as one of these sketches, with its sketch."""
    parts = {part for sketch in sketches for part in rules.origins.parts(sketch)}
    holding = select(SketchPart.sha256).where(col(SketchPart.part).in_(parts))
    found = session.execute(
        sa.select(col(Capture.source_id), col(Content.sketch))
        .join(Content, col(Content.sha256) == Capture.sha256)
        .where(col(Content.sha256).in_(holding), STANDING)
        .distinct()
        .order_by(col(Capture.source_id))
    )
    yield from ((source_id, sketch) for source_id, sketch in found)


def on_the_same_claims(session: Session, source: Source) -> Sequence[tuple[int, str]]:
    """The other sources, with their addresses, of the claims that a source bears on."""
    own = select(Evidence.claim_id).where(
        Evidence.source_id == source.id, col(Evidence.withdrawn_at).is_(None)
    )
    return [
        (source_id, url)
        for source_id, url in session.execute(
            sa.select(col(Source.id), col(Source.url))
            .join(Evidence, col(Evidence.source_id) == Source.id)
            .where(
                col(Evidence.claim_id).in_(own),
                col(Evidence.withdrawn_at).is_(None),
                col(Source.id) != source.id,
                col(Source.url).is_not(None),
            )
            .distinct()
            .limit(200)
        )
    ]


def hinted(session: Session, source_id: int) -> set[int]:
    """The sources with which this one was suggested to share an origin, decided or not."""
    pairs = session.execute(
        sa.select(col(OriginHint.source_id), col(OriginHint.other_id)).where(
            sa.or_(col(OriginHint.source_id) == source_id, col(OriginHint.other_id) == source_id)
        )
    )
    return {number for pair in pairs for number in pair} - {source_id}


def suggestions(session: Session, source_id: int) -> Sequence[OriginHint]:
    """What nobody has decided yet about a source, the strongest reason first."""
    strength = {why: place for place, why in enumerate(rules.origins.Why)}
    found = session.exec(
        select(OriginHint)
        .where(
            sa.or_(col(OriginHint.source_id) == source_id, col(OriginHint.other_id) == source_id),
            col(OriginHint.same).is_(None),
        )
        .order_by(col(OriginHint.id).desc())
        .limit(20)
        .options(joinedload(OriginHint.source), joinedload(OriginHint.other))  # type: ignore[arg-type]
    ).all()
    # What a merged source turned out to be is said already.
    open_ones = [h for h in found if not (h.source.merged_into_id or h.other.merged_into_id)]
    return sorted(open_ones, key=lambda hint: strength[hint.why])


def hint(session: Session, hint_id: int) -> OriginHint | None:
    """One suggestion, with both sources."""
    return session.exec(
        select(OriginHint)
        .where(OriginHint.id == hint_id)
        .options(joinedload(OriginHint.source), joinedload(OriginHint.other))  # type: ignore[arg-type]
    ).first()


# ---- origins ------------------------------------------------------------------------------------


def one(session: Session, origin_id: int) -> Origin | None:
    """One origin."""
    return session.get(Origin, origin_id)


def called(session: Session, name: str) -> Origin | None:
    """The origin of that name, however it is written."""
    same = sa.func.lower(col(Origin.name)) == name.lower()
    return session.exec(select(Origin).where(same).order_by(col(Origin.id)).limit(1)).first()


def names(session: Session, *, limit: int = 200) -> Sequence[str]:
    """The names of the origins made last, to choose from."""
    return session.exec(select(Origin.name).order_by(col(Origin.id).desc()).limit(limit)).all()


def page(session: Session, origin_id: int, *, after: str | None = None) -> OriginPage | None:
    """What the page of an origin shows."""
    origin = one(session, origin_id)
    if origin is None:
        return None
    query = select(Source).where(Source.origin_id == origin_id)
    return OriginPage(origin, paging.page(session, query, _SOURCES, after=after))
