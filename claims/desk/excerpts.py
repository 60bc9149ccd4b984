"""Excerpts: whether a source says what is quoted from it, by the copies that the desk keeps.

Derived like a claim's state: whoever changes an excerpt, or brings a copy, has it looked
for again in the same transaction.
"""

from sqlmodel import Session

from claims import queries, rules
from claims.models import Evidence, ExcerptCheck, Source
from claims.models.columns import now
from claims.rules.excerpts import Found
from claims.rules.vocabulary import Mark

# From the best.
_MARKS = list(Mark)


def check(session: Session, evidence: Evidence) -> None:
    """Look for the excerpt of a piece of evidence in the copies of its source.

    It is marked by the copy that has it best; of several, by the newest. Without an
    excerpt or a copy that can be read, there is no mark.
    """
    session.flush()
    best = _best(session, evidence) if evidence.excerpt.strip() else None
    held = session.get(ExcerptCheck, evidence.id)
    if best is None:
        if held:
            session.delete(held)
        return
    capture_id, found = best
    if held is None:
        held = ExcerptCheck(evidence_id=evidence.id, capture_id=capture_id, mark=found.mark)
        session.add(held)
    held.capture_id, held.mark = capture_id, found.mark
    held.start, held.end = found.start, found.end
    held.checked_at = now()
    session.flush()


def check_all_of(session: Session, source: Source) -> None:
    """Look for the excerpts of all evidence that is drawn from a source."""
    for evidence in queries.evidence.drawn_from(session, source):
        check(session, evidence)


def _best(session: Session, evidence: Evidence) -> tuple[int, Found] | None:
    best: tuple[int, Found] | None = None
    for capture_id, text in queries.captures.texts_to_look_in(session, evidence.source_id):
        found = rules.excerpts.look_for(evidence.excerpt, text)
        if best is None or _MARKS.index(found.mark) < _MARKS.index(best[1].mark):
            best = capture_id, found
        if found.mark is Mark.VERBATIM:
            break
    return best
