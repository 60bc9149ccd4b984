"""What a claim's state and search words are derived from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

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
from claims.queries import attached, remembered, settings
from claims.rules.vocabulary import Kind
from claims.rules.workflow import GivenVerdict, Policy, StandingRuling


def desk(session: Session) -> Desk:
    """The desk's settings, which a session that does not only read may change."""
    if remembered.only_reads(session):
        return settings.read(session).desk
    return session.exec(_desk()).one()


@cache
def _desk() -> SelectOfScalar[Desk]:
    return select(Desk).where(Desk.id == 1)


@dataclass(frozen=True)
class Basis:
    """What a claim is judged by and its state follows from, as the database has it now.

    Whoever waited for a turn at the ledger may hold a claim that somebody has changed since.
    """

    kind: Kind
    withdrawn: bool
    # The ids of what stands on the claim.
    evidence: frozenset[int]
    # Each reviewer's standing verdict, and its id, by the reviewer's id.
    verdicts: Mapping[int, GivenVerdict]
    verdict_ids: Mapping[int, int]
    ruling: StandingRuling | None
    # That of the ruling.
    rating_id: int | None
    policy: Policy
    scale_id: int | None


def basis(session: Session, claim: Claim) -> Basis:
    """Read what a claim is judged by, in one statement."""
    found = session.execute(_basis(), {"claim_id": claim.id}).one()
    given = attached.rows(found.verdicts)
    return Basis(
        kind=found.kind,
        withdrawn=found.withdrawn_at is not None,
        evidence=frozenset(piece for (piece,) in attached.rows(found.evidence)),
        verdicts={member: GivenVerdict(key, attached.moment(at)) for member, _, key, at in given},
        verdict_ids={member: verdict_id for member, verdict_id, _key, _at in given},
        ruling=StandingRuling(
            found.key,
            found.created_at,
            published=found.published_at is not None,
            reopened=found.reopened_at is not None,
        )
        if found.rating_id
        else None,
        rating_id=found.rating_id,
        policy=Policy(found.verdicts_required, found.blind, found.origins_required),
        scale_id=found.scale_id,
    )


@cache
def _basis() -> Any:
    claim_id: Any = sa.bindparam("claim_id")
    given = aliased(Rating)
    ruled = sa.and_(col(Ruling.claim_id) == Claim.id, col(Ruling.standing))
    evidence = attached.listed(
        sa.select(col(Evidence.id)).where(
            col(Evidence.claim_id) == claim_id, col(Evidence.withdrawn_at).is_(None)
        )
    )
    verdicts = attached.listed(
        sa.select(col(Verdict.member_id), col(Verdict.id), col(given.key), col(Verdict.created_at))
        .join(given, col(given.id) == Verdict.rating_id)
        .where(col(Verdict.claim_id) == claim_id, col(Verdict.standing))
    )
    return (
        sa.select(
            col(Claim.kind),
            col(Claim.withdrawn_at),
            evidence.label("evidence"),
            verdicts.label("verdicts"),
            col(Ruling.rating_id),
            col(Ruling.created_at),
            col(Ruling.published_at),
            col(Ruling.reopened_at),
            col(Rating.key),
            col(Desk.verdicts_required),
            col(Desk.blind),
            col(Desk.origins_required),
            col(Desk.scale_id),
        )
        .select_from(Claim)
        .join(Desk, col(Desk.id) == 1)
        .outerjoin(Ruling, ruled)
        .outerjoin(Rating, col(Rating.id) == Ruling.rating_id)
        .where(col(Claim.id) == claim_id)
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
