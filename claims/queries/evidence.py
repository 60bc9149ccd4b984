"""Evidence on a claim, weighed into three sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from claims import rules
from claims.models import (
    Capture,
    Claim,
    Content,
    ContentText,
    Evidence,
    ExcerptCheck,
    Origin,
    Source,
)
from claims.models.columns import in_utc
from claims.queries.captures import STANDING
from claims.rules.origins import Independence
from claims.rules.vocabulary import Mark, Stance


@dataclass(frozen=True)
class Provenance:
    """How far a piece of evidence can be checked against what the desk kept of its source.

    `mark` says how the excerpt stands in the copy `capture_id`, taken at `taken_at`; None
    when there is nothing to look in or to look for. `no_longer` tells whether a newer copy
    has it less well, or not at all. `kept` tells whether there is any copy, `damaged` whether
    one of them is. `origin` names who the source comes from.
    """

    mark: Mark | None
    capture_id: int | None
    taken_at: datetime | None
    no_longer: bool
    kept: bool
    withdrawn: bool
    damaged: bool
    origin: str | None

    @classmethod
    def read(cls, values: Sequence[Any]) -> "Provenance":
        """Make one of what the columns of `provenance` hold, also when they went through JSON."""
        mark, capture_id, taken_at, no_longer, kept, withdrawn, damaged, origin = values
        if isinstance(taken_at, str):
            taken_at = in_utc(datetime.fromisoformat(taken_at))
        return cls(
            Mark(mark) if mark else None,
            capture_id,
            taken_at,
            bool(no_longer),
            bool(kept),
            bool(withdrawn),
            bool(damaged),
            origin,
        )


def provenance(query: Any) -> Any:
    """Add to a select of evidence with its source the columns of a `Provenance`."""
    copies = (
        sa.select(sa.literal(1))
        .select_from(Capture)
        .where(col(Capture.source_id) == col(Source.id), STANDING)
    )
    withdrawn = (
        sa.select(sa.literal(1))
        .select_from(Capture)
        .where(col(Capture.source_id) == col(Source.id), sa.not_(STANDING))
    )
    damaged = copies.join(Content, col(Content.sha256) == Capture.sha256).where(
        col(Content.damage).is_not(None)
    )
    return (
        query.outerjoin(ExcerptCheck, col(ExcerptCheck.evidence_id) == Evidence.id)
        .outerjoin(Capture, col(Capture.id) == ExcerptCheck.capture_id)
        .outerjoin(Origin, col(Origin.id) == Source.origin_id)
        .add_columns(
            col(ExcerptCheck.mark),
            col(ExcerptCheck.capture_id),
            col(Capture.taken_at),
            no_longer(),
            copies.correlate(Source).exists().label("kept"),
            withdrawn.correlate(Source).exists().label("withdrawn"),
            damaged.correlate(Source).exists().label("damaged"),
            col(Origin.name).label("origin"),
        )
    )


def no_longer() -> Any:
    """Whether a newer copy than the `Capture` by which an excerpt is marked has it less well.

    It is marked by the newest of the copies that have it best: see desk.excerpts.
    """
    later = aliased(Capture)
    return (
        sa.select(sa.literal(1))
        .select_from(later)
        .join(Content, col(Content.sha256) == later.sha256)
        .where(
            col(later.source_id) == col(Capture.source_id),
            col(later.id) > col(Capture.id),
            col(later.withdrawn_at).is_(None),
            col(Content.length) > 0,
        )
        .correlate(Capture)
        .exists()
        .label("no_longer")
    )


@dataclass(frozen=True)
class ClaimEvidence:
    """Everything that was found on one claim, oldest first, with what was withdrawn apart."""

    supports: tuple[Evidence, ...]
    context: tuple[Evidence, ...]
    refutes: tuple[Evidence, ...]
    withdrawn: tuple[Evidence, ...]
    # By the id of the evidence.
    provenance: Mapping[int, Provenance]

    @property
    def origins(self) -> Independence:
        """How many independent origins speak for the claim, and how many against it."""
        return rules.origins.independence(
            (
                piece.stance,
                piece.source_id,
                piece.source.origin_id,
                piece.own_article_reason is not None,
            )
            for piece in self.standing
        )

    @property
    def standing(self) -> tuple[Evidence, ...]:
        """All that a verdict can rest on."""
        return self.supports + self.context + self.refutes


def on_claim(session: Session, claim: Claim) -> ClaimEvidence:
    """The evidence on a claim, each piece with its source and who added it, in one statement."""
    rows = session.execute(_all_on(), {"claim_id": claim.id}).all()
    return weighed((piece, Provenance.read(kept)) for piece, *kept in rows)


def weighed(found: Iterable[tuple[Evidence, Provenance]]) -> ClaimEvidence:
    """Sort pieces of evidence on one claim into its three sides."""
    known = list(found)
    pieces = [piece for piece, _ in known]

    def side(stance: Stance) -> tuple[Evidence, ...]:
        return tuple(p for p in pieces if p.withdrawn_at is None and p.stance == stance)

    return ClaimEvidence(
        supports=side(Stance.SUPPORTS),
        context=side(Stance.CONTEXT),
        refutes=side(Stance.REFUTES),
        withdrawn=tuple(p for p in pieces if p.withdrawn_at is not None),
        provenance={piece.id: kept for piece, kept in known},
    )


def provenance_of(session: Session, evidence: Evidence) -> Provenance:
    """How far one piece of evidence can be checked."""
    return provenances(session, [evidence])[evidence.id]


def provenances(session: Session, pieces: Sequence[Evidence]) -> Mapping[int, Provenance]:
    """How far pieces of evidence can be checked, by their ids, in one statement."""
    ids = [piece.id for piece in pieces]
    query = sa.select(col(Evidence.id)).join(Source, col(Source.id) == Evidence.source_id)
    rows = session.execute(provenance(query.where(col(Evidence.id).in_(ids)))) if ids else ()
    return {evidence_id: Provenance.read(kept) for evidence_id, *kept in rows}


def passage(session: Session, evidence: Evidence) -> str | None:
    """What a copy says in the place where the excerpt of a piece of evidence was found."""
    start, end = col(ExcerptCheck.start), col(ExcerptCheck.end)
    found = session.execute(
        sa.select(sa.func.substr(col(ContentText.text), start + 1, end - start))
        .select_from(ExcerptCheck)
        .join(Capture, col(Capture.id) == ExcerptCheck.capture_id)
        .join(ContentText, col(ContentText.sha256) == Capture.sha256)
        .where(col(ExcerptCheck.evidence_id) == evidence.id)
    ).scalar()
    return found or None


def drawn_from(session: Session, source: Source) -> Sequence[Evidence]:
    """All evidence that is drawn from a source, standing or withdrawn."""
    return session.exec(
        select(Evidence).where(Evidence.source_id == source.id).order_by(col(Evidence.id))
    ).all()


def one(session: Session, claim_id: int, evidence_id: int) -> Evidence | None:
    """One piece of a claim's evidence, standing or withdrawn."""
    return session.exec(
        _whole()
        .options(joinedload(Evidence.claim))  # type: ignore[arg-type]
        .where(Evidence.id == evidence_id, Evidence.claim_id == claim_id)
    ).first()


@cache
def _all_on() -> Any:
    on_claim = _whole().where(Evidence.claim_id == sa.bindparam("claim_id"))
    return provenance(on_claim.join(Source, col(Source.id) == Evidence.source_id))


def _whole() -> SelectOfScalar[Evidence]:
    return (
        select(Evidence)
        .options(
            joinedload(Evidence.source),  # type: ignore[arg-type]
            joinedload(Evidence.created_by),  # type: ignore[arg-type]
            joinedload(Evidence.withdrawn_by),  # type: ignore[arg-type]
        )
        .order_by(col(Evidence.id))
    )
