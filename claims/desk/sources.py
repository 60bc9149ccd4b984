"""Sources: described once, graded apart from what they say, used by many claims."""

from dataclasses import asdict, dataclass

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import standing, withdrawals
from claims.models import Member, Source, SourceWords
from claims.rules.refusals import Refused
from claims.rules.vocabulary import SourceType


@dataclass(frozen=True)
class Facts:
    """What is known of a source; None stays unknown."""

    title: str
    type: SourceType = SourceType.WEB_PAGE
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published_on: str | None = None
    consulted_on: str | None = None
    language: str | None = None
    note: str | None = None


def add(
    session: Session, facts: Facts, *, by: Member | None, reliability: str | None = None
) -> Source:
    """Put a source into the library, graded or not."""
    source = Source(**asdict(facts), reliability=reliability, created_by_id=by.id if by else None)
    session.add(source)
    _derive(session, source)
    ledger.record(session, "source added", source, by=by)
    return source


def edit(session: Session, source: Source, facts: Facts, *, read: int, by: Member) -> None:
    """Correct what is known of a source; claims are found by its new words from then on.

    Refused when somebody else saved since the member read it.
    """
    held = {name: str(getattr(source, name) or "") for name in asdict(facts)}
    rules.refusals.check_version(read, source.version, held, of=("source", source.id))
    before = ledger.snapshot(source)
    for name, value in asdict(facts).items():
        setattr(source, name, value)
    if ledger.snapshot(source) == before:
        return
    _derive(session, source)
    ledger.record(session, "source edited", source, by=by, before=before)
    for claim in queries.sources.claims_found_by(session, source):
        standing.reword(session, claim)


def grade(
    session: Session, source: Source, reliability: str | None, *, read: int, by: Member
) -> None:
    """Judge how reliable a source is, A to F, or take the grade back."""
    held = {"reliability": source.reliability or ""}
    rules.refusals.check_version(read, source.version, held, of=("source", source.id))
    if source.reliability == reliability:
        return
    before = ledger.snapshot(source)
    source.reliability = reliability
    ledger.record(session, "source graded", source, by=by, before=before)


def withdraw(session: Session, source: Source, reason: str, *, by: Member) -> None:
    """Take a source out of use, with the reason. Refused while standing evidence rests on it."""
    if source.withdrawn_at:
        raise Refused("This source is withdrawn already.")
    resting = queries.sources.standing_evidence(session, source)
    if resting:
        pieces = "One piece" if resting == 1 else f"{resting} pieces"
        rest = "rests" if resting == 1 else "rest"
        raise Refused(
            f"{pieces} of evidence {rest} on this source. Withdraw that evidence first: "
            "a source that a claim rests on stays."
        )
    withdrawals.withdraw(session, source, reason, by=by)


def restore(session: Session, source: Source, *, by: Member) -> None:
    """Bring a withdrawn source back into use."""
    if not source.withdrawn_at:
        raise Refused("This source is in use: there is nothing to restore.")
    withdrawals.restore(session, source, by=by)


def _derive(session: Session, source: Source) -> None:
    """Keep the fingerprint of a source's address and its search words in step with it."""
    source.url_fingerprint = rules.addresses.fingerprint(source.url)
    session.flush()
    texts = (source.title, source.publisher, source.author, source.url)
    words = " ".join(dict.fromkeys(rules.searching.words(" ".join(t for t in texts if t))))
    held = session.get(SourceWords, source.id)
    if held:
        held.words = words
    else:
        session.add(SourceWords(source_id=source.id, words=words))
    session.flush()
