"""Claims: made from an article, and worked on from then on."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from claims import ledger, queries
from claims.desk import standing
from claims.models import Appearance, Article, Claim, ClaimTag, Lead, Member, Speaker, Tag
from claims.rules.vocabulary import Kind


def add(
    session: Session,
    article: Article,
    statement: str,
    kind: Kind,
    *,
    by: Member | None,
    speaker: Speaker | None = None,
    appearances: Sequence[Appearance] = (),
    leads: Iterable[str] = (),
    tags: Iterable[str] = (),
    number: int | None = None,
    seeded: bool = False,
) -> Claim:
    """Add one claim to an article; it gets the article's next number unless one is given.

    The appearances come without a claim and are given this one.
    """
    number = number or article.claims_numbered + 1
    article.claims_numbered = max(article.claims_numbered, number)
    claim = Claim(
        article_id=article.id,
        number=number,
        statement=statement,
        kind=kind,
        speaker_id=speaker.id if speaker else None,
        seeded=seeded,
        created_by_id=by.id if by else None,
    )
    session.add(claim)
    session.flush()
    for appearance in appearances:
        appearance.claim_id = claim.id
        appearance.article_id = article.id
        session.add(appearance)
    for text in leads:
        session.add(Lead(claim_id=claim.id, text=text, created_by_id=by.id if by else None))
    names = sorted(set(tags))
    for name in names:
        session.add(ClaimTag(claim_id=claim.id, tag_id=tag(session, name).id))
    quotations = [appearance.quotation for appearance in appearances]
    ledger.record(
        session, "claim added", claim, by=by, detail={"quotations": quotations, "tags": names}
    )
    standing.refresh(session, claim)
    return claim


def speaker(session: Session, name: str, role: str = "") -> Speaker:
    """The speaker of this name and role, known or new."""
    known = queries.claims.speaker(session, name, role)
    if known:
        return known
    new = Speaker(name=name, role=role)
    session.add(new)
    session.flush()
    return new


def tag(session: Session, name: str) -> Tag:
    """The tag of this name, known or new."""
    known = queries.claims.tag(session, name)
    if known:
        return known
    new = Tag(name=name)
    session.add(new)
    session.flush()
    return new
