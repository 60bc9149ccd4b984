"""What is asked, hinted at and said about a claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from claims.models import Claim, Comment, Evidence, Lead, Question, Source
from claims.queries.evidence import ClaimEvidence
from claims.queries.paging import Order, Page

# So many comments stand on a claim's page at first.
RECENT_COMMENTS = 30

# Newest first; the page turns them round.
_COMMENTS = Order((col(Comment.id),), descending=True)
_WITH_NAMES = (joinedload(Comment.member), joinedload(Comment.withdrawn_by))  # type: ignore[arg-type]


@dataclass(frozen=True)
class AskedQuestion:
    """A question with the names of who asked, answered and withdrew it, and what answers it."""

    question: Question
    asked_by: str | None
    answered_by: str | None
    withdrawn_by: str | None
    evidence: Evidence | None
    source: Source | None


@dataclass(frozen=True)
class GivenLead:
    """A lead, who gave it, nobody when it came with the article; and who withdrew it."""

    lead: Lead
    by: str | None
    withdrawn_by: str | None


def question(session: Session, claim_id: int, question_id: int) -> Question | None:
    """One question about a claim."""
    return session.exec(
        select(Question).where(Question.id == question_id, Question.claim_id == claim_id)
    ).first()


def lead(session: Session, claim_id: int, lead_id: int) -> Lead | None:
    """One lead on a claim."""
    return session.exec(select(Lead).where(Lead.id == lead_id, Lead.claim_id == claim_id)).first()


def comment(session: Session, claim_id: int, comment_id: int) -> Comment | None:
    """One comment on a claim, with who wrote it."""
    return session.exec(
        select(Comment)
        .where(Comment.id == comment_id, Comment.claim_id == claim_id)
        .options(*_WITH_NAMES)
    ).first()


def comments(session: Session, claim: Claim, *, before: str) -> Page[Comment]:
    """The comments on a claim before the latest ones, as `latest` gives those."""
    query = select(Comment).where(Comment.claim_id == claim.id).options(*_WITH_NAMES)
    return latest(session.exec(_COMMENTS.apply(query, before).limit(RECENT_COMMENTS + 1)).all())


def latest(newest: Sequence[Comment]) -> Page[Comment]:
    """Comments, of which the newest come first, oldest first; `next` leads to those before."""
    page = _COMMENTS.cut(newest, RECENT_COMMENTS)
    return Page(list(reversed(page.rows)), page.next)


def answered(
    asked: Sequence[Question], weighed: ClaimEvidence, known: Mapping[int | None, str]
) -> list[AskedQuestion]:
    pieces = {piece.id: piece for piece in (*weighed.standing, *weighed.withdrawn)}
    found = []
    for question in asked:
        answer = pieces.get(question.evidence_id or 0)
        found.append(
            AskedQuestion(
                question,
                known.get(question.asked_by_id),
                known.get(question.answered_by_id),
                known.get(question.withdrawn_by_id),
                answer,
                answer.source if answer else None,
            )
        )
    return found
