"""Made-up members, articles, claims and evidence; a test states only what matters to it."""

import hashlib
from collections.abc import Sequence
from itertools import count

from sqlmodel import Session, select

from claims import desk, intake, ledger, queries
from claims.captures.store import Store
from claims.desk.captures import Readable, Taking
from claims.models import (
    Appearance,
    Article,
    Capture,
    Claim,
    Evidence,
    Member,
    Rating,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.models.columns import now
from claims.rules.vocabulary import Correction, Kind, Obtained, Role, Stance

_numbers = count(1)


def a_member(session: Session, name: str = "Reviewer One", role: Role = Role.REVIEWER) -> Member:
    member = Member(
        name=name, email=f"member{next(_numbers)}@desk.example", role=role, password_hash="!"
    )
    session.add(member)
    ledger.record(session, "member added", member, by=None)
    session.commit()
    return member


def an_editor(session: Session, name: str = "Editor One") -> Member:
    return a_member(session, name, Role.EDITOR)


def an_owner(session: Session, name: str = "Owner One") -> Member:
    return a_member(session, name, Role.OWNER)


def an_article(session: Session, title: str = "A made-up article about a made-up dam") -> Article:
    article = Article(title=title)
    session.add(article)
    ledger.record(session, "article added", article, by=None)
    session.commit()
    return article


def a_claim(
    session: Session,
    statement: str = "The made-up dam holds 40 million litres",
    *,
    kind: Kind = Kind.NUMBER,
    article: Article | None = None,
    quotation: str = "holds 40 million litres",
    speaker: str | None = None,
    evidence: Sequence[Stance] = (Stance.SUPPORTS,),
    by: Member | None = None,
) -> Claim:
    """A claim with one piece of evidence; `evidence=[]` for one without."""
    article = article or an_article(session)
    article.claims_numbered += 1
    who = None
    if speaker:
        who = session.exec(select(Speaker).where(Speaker.name == speaker)).first()
        who = who or Speaker(name=speaker, role="made-up role")
        session.add(who)
        session.flush()
    claim = Claim(
        article_id=article.id,
        number=article.claims_numbered,
        statement=statement,
        kind=kind,
        speaker_id=who.id if who else None,
    )
    session.add(claim)
    session.flush()
    session.add(Appearance(claim_id=claim.id, article_id=article.id, quotation=quotation))
    ledger.record(session, "claim added", claim, by=by)
    for stance in evidence:
        some_evidence(session, claim, stance, by=by)
    desk.standing.refresh(session, claim)
    session.commit()
    return claim


def a_source(session: Session, title: str = "Register of made-up dams", **fields: object) -> Source:
    source = Source(title=title, **fields)
    session.add(source)
    ledger.record(session, "source added", source, by=None)
    session.commit()
    return source


def a_copy(
    session: Session,
    source: Source,
    text: str,
    *,
    final_url: str = "https://figures.register.example/dams",
    media_type: str = "text/html",
    **told: object,
) -> Capture:
    """A copy of a source as far as the database knows it; no store has its bytes."""
    body = text.encode()
    capture = desk.captures.keep(
        session,
        source,
        hashlib.sha256(body).hexdigest(),
        len(body),
        Readable(media_type=media_type, text=text, **told),
        Taking(
            Obtained.FETCHED,
            now(),
            url="https://figures.register.example/dams",
            final_url=final_url,
            status=200,
            headers=[("Content-Type", "text/html")],
        ),
        by=None,
    )
    session.commit()
    return capture


def a_kept_copy(
    session: Session, store: Store, source: Source, body: bytes, taking: Taking
) -> Capture:
    """A copy of a source whose bytes a store holds."""
    capture = intake.record(session, source, intake.take(store, body, taking), by=None)
    session.commit()
    return capture


def some_evidence(
    session: Session,
    claim: Claim,
    stance: Stance = Stance.SUPPORTS,
    *,
    source: Source | None = None,
    excerpt: str = "The register lists 40 million litres.",
    by: Member | None = None,
) -> Evidence:
    source = source or a_source(session)
    by = by or a_member(session)
    evidence = Evidence(
        claim_id=claim.id,
        source_id=source.id,
        stance=stance,
        excerpt=excerpt,
        created_by_id=by.id,
    )
    session.add(evidence)
    ledger.record(session, "evidence added", evidence, by=by)
    desk.standing.refresh(session, claim)
    session.commit()
    return evidence


def the_rating(session: Session, key: str) -> Rating:
    return session.exec(select(Rating).where(Rating.key == key)).one()


def a_verdict(
    session: Session,
    claim: Claim,
    key: str = "false",
    *,
    by: Member | None = None,
    rationale: str = "The register says otherwise.",
) -> Verdict:
    """A reviewer's verdict that rests on all the evidence."""
    verdict = desk.verdicts.give(
        session,
        claim,
        the_rating(session, key),
        rationale,
        by=by or a_member(session),
        rests_on=queries.standing.basis(session, claim).evidence,
    )
    session.commit()
    return verdict


def a_ruling(
    session: Session,
    claim: Claim,
    key: str = "false",
    *,
    by: Member | None = None,
    rationale: str = "The register says otherwise.",
    published: bool = True,
) -> Ruling:
    """A ruling on a claim after one verdict that agrees; published unless said otherwise."""
    by = by or an_editor(session)
    if claim.rating_id is None:
        a_verdict(session, claim, key)
    ruling = desk.rulings.settle(session, claim, the_rating(session, key), rationale, read=0, by=by)
    if published:
        desk.rulings.publish(session, claim, by=by)
    session.commit()
    return ruling


def a_correction(
    session: Session,
    claim: Claim,
    key: str = "half-true",
    *,
    kind: Correction = Correction.UPDATE,
    reason: str = "The register was brought up to date.",
    by: Member | None = None,
) -> Ruling:
    """A published ruling changed."""
    standing = queries.rulings.standing(session, claim)
    ruling = desk.rulings.correct(
        session,
        claim,
        the_rating(session, key),
        "The register was read anew.",
        kind=kind,
        reason=reason,
        read=standing.id if standing else 0,
        by=by or an_editor(session),
    )
    session.commit()
    return ruling
