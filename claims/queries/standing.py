"""What a claim's state and search words are derived from."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from claims.models import (
    Appearance,
    Claim,
    Desk,
    Evidence,
    Rating,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.queries import remembered
from claims.rules.workflow import GivenVerdict, StandingRuling


def desk(session: Session) -> Desk:
    """The desk's settings."""
    return remembered.read(
        session,
        "desk",
        lambda: session.exec(select(Desk).where(Desk.id == 1)).one(),
        of=remembered.SETTINGS,
    )


def evidence_count(session: Session, claim: Claim) -> int:
    """How much evidence stands on a claim, withdrawn pieces not counted."""
    return session.exec(
        select(sa.func.count())
        .select_from(Evidence)
        .where(Evidence.claim_id == claim.id, col(Evidence.withdrawn_at).is_(None))
    ).one()


def evidence_ids(session: Session, claim: Claim) -> set[int]:
    """The ids of the evidence that stands on a claim."""
    return set(
        session.exec(
            select(Evidence.id).where(
                Evidence.claim_id == claim.id, col(Evidence.withdrawn_at).is_(None)
            )
        ).all()
    )


def unsettled(session: Session) -> list[tuple[Claim, list[GivenVerdict]]]:
    """Every claim with verdicts and without a ruling, with its standing verdicts."""
    rows = session.exec(
        select(Claim, Rating.key, Verdict.created_at)
        .join(Verdict, col(Verdict.claim_id) == Claim.id)
        .join(Rating, col(Verdict.rating_id) == Rating.id)
        .where(col(Verdict.standing), col(Claim.rating_id).is_(None))
    ).all()
    verdicts: dict[int, list[GivenVerdict]] = {}
    for claim, key, at in rows:
        verdicts.setdefault(claim.id, []).append(GivenVerdict(key, at))
    found = {claim.id: claim for claim, _key, _at in rows}
    return [(claim, verdicts[claim_id]) for claim_id, claim in found.items()]


def given_verdicts(session: Session, claim: Claim) -> list[GivenVerdict]:
    """Each reviewer's standing verdict on a claim."""
    rows = session.exec(
        select(Rating.key, Verdict.created_at)
        .join(Verdict, col(Verdict.rating_id) == Rating.id)
        .where(Verdict.claim_id == claim.id, col(Verdict.standing))
    ).all()
    return [GivenVerdict(key, at) for key, at in rows]


def standing_ruling(session: Session, claim: Claim) -> tuple[Ruling, Rating] | None:
    """The ruling in force on a claim, with its rating."""
    return session.exec(
        select(Ruling, Rating)
        .join(Rating, col(Ruling.rating_id) == Rating.id)
        .where(Ruling.claim_id == claim.id, col(Ruling.standing))
    ).first()


def ruling_facts(found: tuple[Ruling, Rating] | None) -> StandingRuling | None:
    """A standing ruling in the form that the rules ask for."""
    if not found:
        return None
    ruling, rating = found
    return StandingRuling(
        rating.key,
        ruling.created_at,
        ruling.published_at is not None,
        ruling.reopened_at is not None,
    )


def searched_texts(session: Session, claim: Claim) -> Sequence[str | None]:
    """Every text by which a claim should be found.

    As the database has them: whoever waited for a turn at the ledger may hold a claim that
    somebody else has reworded since, or credited to another speaker.
    """
    statement = select(Claim.statement).where(Claim.id == claim.id)
    quotations = select(Appearance.quotation).where(Appearance.claim_id == claim.id)
    speaker = (
        select(Speaker.name)
        .join(Claim, col(Claim.speaker_id) == Speaker.id)
        .where(Claim.id == claim.id)
    )
    on_claim = (Evidence.claim_id == claim.id, col(Evidence.withdrawn_at).is_(None))
    excerpts = select(Evidence.excerpt).where(*on_claim)
    notes = select(Evidence.note).where(*on_claim)
    titles = (
        select(Source.title).join(Evidence, col(Evidence.source_id) == Source.id).where(*on_claim)
    )
    publishers = (
        select(Source.publisher)
        .join(Evidence, col(Evidence.source_id) == Source.id)
        .where(*on_claim)
    )
    return (
        session.execute(
            sa.union_all(statement, quotations, speaker, excerpts, notes, titles, publishers)
        )
        .scalars()
        .all()
    )
