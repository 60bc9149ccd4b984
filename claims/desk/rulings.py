"""Rulings: the desk settles a claim, publishes what it found, and corrects it in the open."""

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import standing
from claims.models import Claim, Member, Rating, Ruling
from claims.models.columns import now
from claims.rules.refusals import Refused, check_version
from claims.rules.vocabulary import Correction


def settle(
    session: Session,
    claim: Claim,
    rating: Rating,
    rationale: str,
    *,
    read: int,
    by: Member,
    origins_reason: str | None = None,
) -> Ruling:
    """Decide a claim, or decide it anew while the ruling is not published.

    `read` is the id of the ruling that the editor had before them, 0 for none.
    Refused before the review policy's verdicts and independent origins are in; an
    opinion or a prediction may be called not checkable without them, and
    `origins_reason` says why fewer origins do. Refused also while the article itself is among the
    evidence and nobody wrote why.
    """
    current = _checked(session, claim, rating, origins_reason, read)
    if current and current.published_at:
        raise Refused("This ruling is published: correct it, with the reason, instead.")
    ruling = _supersede(session, claim, current, rating, rationale, by)
    ruling.origins_reason = origins_reason
    ledger.record(session, "claim settled", ruling, by=by, detail={"rating": rating.name})
    standing.judged(session, claim)
    return ruling


def publish(session: Session, claim: Claim, *, by: Member) -> Ruling:
    """Make the ruling in force public; reports carry it from now on."""
    ledger.take_turn(session)
    current = queries.rulings.standing(session, claim)
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    rules.gates.check_publishable(
        ruled=current is not None,
        published=bool(current and current.published_at),
        reopened=bool(current and current.reopened_at),
    )
    assert current is not None  # noqa: S101 - the gate above refused otherwise
    before = ledger.snapshot(current)
    current.published_at = now()
    current.published_by_id = by.id
    ledger.record(session, "ruling published", current, by=by, before=before)
    standing.judged(session, claim)
    return current


def reopen(session: Session, claim: Claim, reason: str, *, by: Member) -> Ruling:
    """Put a settled claim back to work; the ruling stands until it is settled again."""
    ledger.take_turn(session)
    current = queries.rulings.standing(session, claim)
    if current is None:
        raise Refused("There is no ruling to reopen.")
    if current.reopened_at:
        raise Refused("This claim is reopened already.")
    before = ledger.snapshot(current)
    current.reopened_at = now()
    current.reopening_reason = reason
    ledger.record(session, "claim reopened", current, by=by, before=before)
    standing.judged(session, claim)
    return current


def correct(
    session: Session,
    claim: Claim,
    rating: Rating,
    rationale: str,
    *,
    kind: Correction,
    reason: str,
    read: int,
    by: Member,
    origins_reason: str | None = None,
) -> Ruling:
    """Change a published ruling in the open: the old one is kept beside the new, with the reason.

    A void correction takes the ruling back; the claim goes to review again.
    """
    current = _checked(session, claim, rating, origins_reason, read)
    if current is None or current.published_at is None:
        raise Refused("Only a published ruling is corrected; this one can simply be settled anew.")
    ruling = _supersede(session, claim, current, rating, rationale, by)
    ruling.origins_reason = origins_reason
    ruling.correction = kind
    ruling.correction_reason = reason
    ruling.published_at = ruling.created_at
    ruling.published_by_id = by.id
    ruling.standing = kind is not Correction.VOID
    ledger.record(
        session,
        "ruling taken back" if kind is Correction.VOID else "ruling corrected",
        ruling,
        by=by,
        detail={"rating": rating.name},
        detail_before={"rating_id": current.rating_id, "rationale": current.rationale},
    )
    standing.judged(session, claim)
    return ruling


def _checked(
    session: Session, claim: Claim, rating: Rating, origins_reason: str | None, read: int
) -> Ruling | None:
    """The ruling in force, after everything that must hold before another takes its place."""
    # To compare long texts takes a while, in which nobody should have to wait for this one.
    own_article = queries.origins.unexplained_article(session, claim)
    ledger.take_turn(session)
    basis = queries.standing.basis(session, claim)
    current = queries.rulings.standing(session, claim)
    if current and current.id != read:
        theirs = queries.scales.rating(session, current.rating_id)
        now_there = {"rating": theirs.key, "rationale": current.rationale}
        check_version(read, current.id, now_there, of=("ruling", current.id))
    rules.gates.check_open(withdrawn=basis.withdrawn)
    rules.gates.check_scale(rating.scale_id, in_force=basis.scale_id)
    rules.gates.check_grounds(
        kind=basis.kind, evidence=len(basis.evidence), needs_evidence=rating.needs_evidence
    )
    rules.gates.check_ruling(
        basis.policy,
        verdicts=len(basis.verdicts),
        kind=basis.kind,
        needs_evidence=rating.needs_evidence,
    )
    rules.gates.check_no_own_article(own_article)
    rules.gates.check_origins(
        basis.policy,
        origins=queries.origins.independence(session, claim.id).stronger,
        reason=origins_reason,
        needs_evidence=rating.needs_evidence,
    )
    return current


def _supersede(
    session: Session,
    claim: Claim,
    current: Ruling | None,
    rating: Rating,
    rationale: str,
    by: Member,
) -> Ruling:
    if current:
        current.standing = False
        # The old ruling has to step back before the database lets another stand.
        session.flush()
    ruling = Ruling(
        claim_id=claim.id,
        rating_id=rating.id,
        rationale=rationale,
        ruled_by_id=by.id,
        supersedes_id=current.id if current else None,
    )
    session.add(ruling)
    return ruling
