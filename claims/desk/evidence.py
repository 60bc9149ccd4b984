"""Evidence: weigh a source for or against a claim."""

from dataclasses import asdict, dataclass

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import excerpts, origins, standing, withdrawals
from claims.models import Claim, Evidence, Member, Source
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Stance


@dataclass(frozen=True)
class Finding:
    """What a source says about a claim, where it says so, and how credible that is.

    `credibility` runs from 1 to 6; None: not graded yet. `own_article_reason` says why
    the article under check may stand as evidence on its own claim.
    """

    stance: Stance
    excerpt: str = ""
    locator: str = ""
    credibility: int | None = None
    note: str = ""
    own_article_reason: str | None = None


def check_says_something(excerpt: str, note: str) -> None:
    """Refuse a finding that says nothing."""
    if not excerpt.strip() and not note.strip():
        raise Refused("Quote what the source says, or say it in a note: one of the two.")


def attach(
    session: Session, claim: Claim, source: Source, finding: Finding, *, by: Member
) -> Evidence:
    """Weigh a source for or against a claim, or as context to it."""
    check_says_something(finding.excerpt, finding.note)
    _check_open(claim)
    _check_in_use(source)
    own = queries.origins.is_own_article(session, claim, source)
    rules.gates.check_own_article(own=own, reason=finding.own_article_reason)
    evidence = Evidence(
        claim_id=claim.id, source_id=source.id, created_by_id=by.id, **asdict(finding)
    )
    session.add(evidence)
    ledger.record(session, "evidence added", evidence, by=by)
    excerpts.check(session, evidence)
    origins.look(session, source)
    standing.refresh(session, claim)
    return evidence


def edit(session: Session, evidence: Evidence, finding: Finding, *, read: int, by: Member) -> None:
    """Correct a piece of evidence. Refused when somebody else saved since it was read."""
    held = {name: str(getattr(evidence, name) or "") for name in asdict(finding)}
    rules.refusals.check_version(read, evidence.version, held, of=("evidence", evidence.id))
    check_says_something(finding.excerpt, finding.note)
    if evidence.withdrawn_at:
        raise Refused("This piece of evidence is withdrawn: restore it before you edit it.")
    own = queries.origins.is_own_article(session, evidence.claim, evidence.source)
    rules.gates.check_own_article(own=own, reason=finding.own_article_reason)
    before = ledger.snapshot(evidence)
    for name, value in asdict(finding).items():
        setattr(evidence, name, value)
    if ledger.snapshot(evidence) == before:
        return
    ledger.record(session, "evidence edited", evidence, by=by, before=before)
    excerpts.check(session, evidence)
    standing.refresh(session, evidence.claim)


def withdraw(session: Session, evidence: Evidence, reason: str, *, by: Member) -> None:
    """Take a piece of evidence off the scales, with the reason; it stays on the page."""
    if evidence.withdrawn_at:
        raise Refused("This piece of evidence is withdrawn already.")
    withdrawals.withdraw(session, evidence, reason, by=by)
    standing.refresh(session, evidence.claim)


def restore(session: Session, evidence: Evidence, *, by: Member) -> None:
    """Put a withdrawn piece of evidence back on the scales."""
    if not evidence.withdrawn_at:
        raise Refused("This piece of evidence stands: there is nothing to restore.")
    _check_open(evidence.claim)
    _check_in_use(evidence.source)
    withdrawals.restore(session, evidence, by=by)
    standing.refresh(session, evidence.claim)


def _check_open(claim: Claim) -> None:
    if claim.withdrawn_at:
        raise Refused("This claim is withdrawn: restore it before you weigh evidence on it.")
    if claim.merged_into_id:
        raise Refused("This claim was merged into another: weigh the evidence there.")


def _check_in_use(source: Source) -> None:
    if source.withdrawn_at:
        raise Refused("This source is withdrawn: restore it in the library, or choose another.")
