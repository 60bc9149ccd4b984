"""Sources: described once, graded apart from what they say, used by many claims."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import chain

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.desk import excerpts, origins, standing, withdrawals
from claims.models import Capture, Evidence, Member, Source, SourceWords
from claims.rules.refusals import Refused
from claims.rules.vocabulary import Channel, JobState, SourceType


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
    channel: Channel | None = None
    archive_url: str | None = None


def add(
    session: Session, facts: Facts, *, by: Member | None, reliability: str | None = None
) -> Source:
    """Put a source into the library, graded or not."""
    source = Source(**asdict(facts), reliability=reliability, created_by_id=by.id if by else None)
    session.add(source)
    derive(session, source)
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
    derive(session, source)
    ledger.record(session, "source edited", source, by=by, before=before)
    for claim in queries.sources.claims_found_by(session, source):
        standing.reword(session, claim)


def archived(session: Session, source: Source, address: str | None, *, by: Member | None) -> None:
    """Record where an outside archive keeps a copy of a source; None: nowhere that is known."""
    before = ledger.snapshot(source)
    source.archive_url = address
    if ledger.snapshot(source) != before:
        ledger.record(session, "outside copy recorded", source, by=by, before=before)


def fill_in(
    session: Session, source: Source, told: Mapping[str, object], *, by: Member | None = None
) -> None:
    """Write down what a copy, or its double, tells of a source; its texts find it from then on."""
    before = ledger.snapshot(source)
    for name, value in told.items():
        setattr(source, name, value)
    derive(session, source)
    if ledger.snapshot(source) == before:
        return
    action = "source completed" if by else "source described by its copy"
    ledger.record(session, action, source, by=by, before=before)
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
    """Bring a withdrawn source back into use; one that was merged stands for itself again."""
    if not source.withdrawn_at:
        raise Refused("This source is in use: there is nothing to restore.")
    source.merged_into_id = None
    withdrawals.restore(session, source, by=by)


def merge(session: Session, source: Source, into: Source, *, by: Member) -> None:
    """Let one source stand for two that are the same: evidence and copies move to it.

    The other one is withdrawn and leads to it. What is known of the one that stays is
    left as it is, and filled in from the other where it is open. Excerpts of both are
    looked for in the copies of both.
    """
    ledger.take_turn(session)
    if source.id == into.id:
        raise Refused("A source cannot be merged into itself: choose another one.")
    if source.withdrawn_at or into.withdrawn_at:
        raise Refused("One of these sources is withdrawn: restore it first.")
    for evidence in queries.evidence.drawn_from(session, source):
        _move(session, evidence, into, "evidence moved to the same source", by=by)
    for capture in queries.captures.all_of(session, source.id):
        _move(session, capture, into, "copy moved to the same source", by=by)
    for job in queries.jobs.of_source(session, source.id, states=tuple(JobState)):
        job.source_id = into.id
    open_facts = {
        name: value
        for name, value in asdict(facts(source)).items()
        if value is not None and getattr(into, name) is None
    }
    if into.origin_id is None and source.origin_id is not None:
        open_facts["origin_id"] = source.origin_id
    source.merged_into_id = into.id
    withdrawals.withdraw(session, source, f"The same source as “{into.title[:300]}”.", by=by)
    derive(session, source)
    fill_in(session, into, open_facts, by=by)
    excerpts.check_all_of(session, into)
    origins.look(session, into, by_text=True)
    for claim in queries.sources.claims_found_by(session, into):
        standing.reword(session, claim)


def facts(source: Source) -> Facts:
    """What is known of a source."""
    return Facts(**{field.name: getattr(source, field.name) for field in fields(Facts)})


def _move(
    session: Session, row: Evidence | Capture, into: Source, action: str, *, by: Member
) -> None:
    before = ledger.snapshot(row)
    row.source_id = into.id
    ledger.record(session, action, row, by=by, before=before)


def derive(session: Session, source: Source) -> None:
    """Keep the fingerprint of a source's address and its search words in step with it.

    It is found by its description and by the texts of its copies.
    """
    source.url_fingerprint = rules.addresses.fingerprint(source.url)
    session.flush()
    texts = (source.title, source.publisher, source.author, source.url)
    described = rules.searching.words(" ".join(t for t in texts if t))
    read = queries.captures.searched_texts(session, source.id)
    words = rules.searching.index(chain(described, *map(rules.searching.words, read)))
    held = session.get(SourceWords, source.id)
    if held:
        held.words = words
    else:
        session.add(SourceWords(source_id=source.id, words=words))
    session.flush()
