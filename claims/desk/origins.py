"""Origins: who sources ultimately come from. The desk suggests, and a person decides."""

from collections.abc import Iterator

from sqlmodel import Session

from claims import ledger, queries, rules
from claims.models import Member, Origin, OriginHint, Source
from claims.models.columns import now
from claims.rules.origins import Traces, Why
from claims.rules.refusals import Refused


def join(session: Session, source: Source, name: str, *, by: Member) -> Origin:
    """Say who a source comes from, by name: somebody known already, or somebody new."""
    ledger.take_turn(session)
    origin = queries.origins.called(session, name) or _new(session, name, by=by)
    _put(session, source, origin, by=by)
    return origin


def leave(session: Session, source: Source, *, by: Member) -> None:
    """Say that a source comes from nobody but itself."""
    if source.origin_id is None:
        raise Refused("This source is an origin of its own already.")
    _put(session, source, None, by=by)


def agree(session: Session, hint: OriginHint, *, by: Member) -> Origin:
    """Decide that two sources come from one origin.

    It is that of either; without one, it is called as the source that was there first.
    Refused where both have one: which is the right one only a person knows.
    """
    ledger.take_turn(session)
    _check_open(hint)
    known = {source.origin_id for source in (hint.source, hint.other)} - {None}
    if len(known) > 1:
        raise Refused(
            "These sources have different origins already. Change the origin of one of them "
            "on its own page."
        )
    if known:
        origin = queries.origins.one(session, known.pop() or 0)
        assert origin is not None  # noqa: S101 - the database holds every origin referred to
    else:
        first = hint.source.publisher or hint.source.title
        origin = queries.origins.called(session, first) or _new(session, first[:300], by=by)
    for source in (hint.source, hint.other):
        _put(session, source, origin, by=by)
    _decide(session, hint, True, by=by)
    return origin


def disagree(session: Session, hint: OriginHint, *, by: Member) -> None:
    """Decide that two sources are independent; the desk does not ask again."""
    ledger.take_turn(session)
    _check_open(hint)
    _decide(session, hint, False, by=by)


def look(session: Session, source: Source, *, by_text: bool = False) -> None:
    """Suggest what probably shares an origin with a source, as far as nobody was asked yet.

    `by_text` compares with the texts that the desk keeps: for when a new one came.
    """
    known = queries.origins.hinted(session, source.id) | {source.id}
    for other_id, why in _alike(session, source, by_text):
        if other_id not in known:
            known.add(other_id)
            first, second = sorted((source.id, other_id))
            session.add(OriginHint(source_id=first, other_id=second, why=why))
    session.flush()


def _alike(session: Session, source: Source, by_text: bool) -> Iterator[tuple[int, Why]]:
    """The sources that are like another one, with the strongest reason first."""
    for other_id in queries.origins.alike_in_address(session, source):
        yield other_id, Why.ADDRESS
    own = queries.origins.traces(session, source)
    texts = [trace for trace in own if trace.sketch and by_text]
    if texts:
        sketches = [trace.sketch for trace in texts]
        for other_id, sketch in queries.origins.alike_in_text(session, sketches):
            other = Traces(sketch=sketch)
            if other_id != source.id and any(Why.TEXT in _shared(one, other) for one in texts):
                yield other_id, Why.TEXT
    # One site has many authors: it says something only where both speak on one claim.
    for other_id, url in queries.origins.on_the_same_claims(session, source):
        site = Traces(site=rules.origins.site(url))
        if Why.SITE in _shared(own[0], site):
            yield other_id, Why.SITE


def _shared(one: Traces, other: Traces) -> list[Why]:
    return rules.origins.shared(one, other)


def _new(session: Session, name: str, *, by: Member) -> Origin:
    origin = Origin(name=name, created_by_id=by.id)
    session.add(origin)
    ledger.record(session, "origin added", origin, by=by)
    return origin


def _put(session: Session, source: Source, origin: Origin | None, *, by: Member) -> None:
    session.flush()
    if source.origin_id == (origin.id if origin else None):
        return
    before = ledger.snapshot(source)
    source.origin_id = origin.id if origin else None
    detail = {"origin": origin.name if origin else None}
    ledger.record(session, "source’s origin changed", source, by=by, before=before, detail=detail)


def _check_open(hint: OriginHint) -> None:
    if hint.same is not None:
        raise Refused("Somebody has decided this already.")


def _decide(session: Session, hint: OriginHint, same: bool, *, by: Member) -> None:
    before = ledger.snapshot(hint)
    hint.same, hint.decided_at, hint.decided_by_id = same, now(), by.id
    action = "sources called one origin" if same else "sources called independent"
    both = {"source_id": hint.source_id, "other_source_id": hint.other_id}
    ledger.record(session, action, hint, by=by, before=before, detail=both)
