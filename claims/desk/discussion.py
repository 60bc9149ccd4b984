"""What members ask about a claim, where they would look, and what they say to each other."""

from sqlmodel import Session

from claims import ledger, rules
from claims.desk import standing, withdrawals
from claims.models import Claim, Comment, Evidence, Lead, Member, Question
from claims.models.columns import now
from claims.rules.refusals import Refused, check_version
from claims.rules.vocabulary import QuestionStatus

Said = Question | Lead | Comment

# ---- questions ---------------------------------------------------------------------------------


def ask(session: Session, claim: Claim, text: str, *, by: Member) -> Question:
    """Ask what has to be answered to settle a claim."""
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    question = Question(claim_id=claim.id, text=text, asked_by_id=by.id)
    session.add(question)
    ledger.record(session, "question asked", question, by=by)
    standing.touch(session, claim)
    return question


def reword_question(
    session: Session, claim: Claim, question: Question, text: str, *, read: int, by: Member
) -> None:
    """Put a question in other words."""
    _check_there(question, "question")
    check_version(read, question.version, {"text": question.text}, of=("question", question.id))
    if text == question.text:
        return
    before = ledger.snapshot(question)
    question.text = text
    ledger.record(session, "question reworded", question, by=by, before=before)
    standing.touch(session, claim)


def answer(
    session: Session,
    claim: Claim,
    question: Question,
    text: str,
    *,
    evidence: Evidence | None = None,
    unanswerable: bool = False,
    read: int,
    by: Member,
) -> None:
    """Answer a question, naming the evidence that does, or say why nothing can.

    An answer takes the place of an earlier one, which the history keeps.
    """
    _check_there(question, "question")
    now_there = {
        "answer": question.answer or "",
        "evidence": str(question.evidence_id or ""),
        "unanswerable": "1" if question.status is QuestionStatus.UNANSWERABLE else "",
    }
    check_version(read, question.version, now_there, of=("question", question.id))
    before = ledger.snapshot(question)
    question.status = QuestionStatus.UNANSWERABLE if unanswerable else QuestionStatus.ANSWERED
    question.answer = text
    question.evidence_id = evidence.id if evidence and not unanswerable else None
    question.answered_by_id = by.id
    action = "question called unanswerable" if unanswerable else "question answered"
    ledger.record(session, action, question, by=by, before=before)
    standing.touch(session, claim)


def reopen(session: Session, claim: Claim, question: Question, *, by: Member) -> None:
    """Call a question open again; the answer it had is kept by the history."""
    _check_there(question, "question")
    if question.status is QuestionStatus.OPEN:
        raise Refused("This question is open already.")
    before = ledger.snapshot(question)
    question.status = QuestionStatus.OPEN
    question.answer = None
    question.evidence_id = None
    question.answered_by_id = None
    ledger.record(session, "question reopened", question, by=by, before=before)
    standing.touch(session, claim)


# ---- leads -------------------------------------------------------------------------------------


def hint(session: Session, claim: Claim, text: str, *, by: Member) -> Lead:
    """Add a lead: where to look. It never counts as evidence."""
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    lead = Lead(claim_id=claim.id, text=text, created_by_id=by.id)
    session.add(lead)
    ledger.record(session, "lead added", lead, by=by)
    standing.touch(session, claim)
    return lead


def reword_lead(
    session: Session, claim: Claim, lead: Lead, text: str, *, read: int, by: Member
) -> None:
    """Put a lead in other words."""
    _check_there(lead, "lead")
    check_version(read, lead.version, {"text": lead.text}, of=("lead", lead.id))
    if text == lead.text:
        return
    before = ledger.snapshot(lead)
    lead.text = text
    ledger.record(session, "lead reworded", lead, by=by, before=before)
    standing.touch(session, claim)


# ---- comments ----------------------------------------------------------------------------------


def comment(session: Session, claim: Claim, text: str, *, by: Member) -> Comment:
    """Say something about a claim to the other members. A withdrawn claim can be discussed too."""
    new = Comment(claim_id=claim.id, member_id=by.id, text=text)
    session.add(new)
    ledger.record(session, "comment added", new, by=by)
    standing.touch(session, claim)
    return new


def edit_comment(session: Session, held: Comment, text: str, *, read: int, by: Member) -> None:
    """Change one's own comment; it shows that it was edited, and the history what it said."""
    _check_there(held, "comment")
    if held.member_id != by.id:
        raise Refused("Only whoever wrote a comment can edit it.")
    check_version(read, held.version, {"text": held.text}, of=("comment", held.id))
    if text == held.text:
        return
    before = ledger.snapshot(held)
    held.text = text
    held.edited_at = now()
    ledger.record(session, "comment edited", held, by=by, before=before)


# ---- taking back -------------------------------------------------------------------------------


def withdraw(session: Session, claim: Claim, held: Said, reason: str, *, by: Member) -> None:
    """Take back a question, a lead or a comment, with the reason; it stays on the page.

    A comment is taken back by whoever wrote it, or by an editor.
    """
    _check_there(held, held.__tablename__)
    if isinstance(held, Comment) and not held.withdrawable_by(by):
        raise Refused("Only whoever wrote a comment, or an editor, can withdraw it.")
    withdrawals.withdraw(session, held, reason, by=by)
    standing.touch(session, claim)


def restore(session: Session, claim: Claim, held: Said, *, by: Member) -> None:
    """Bring back a question, a lead or a comment that was withdrawn.

    What an editor took away of somebody else's is brought back by an editor only.
    """
    if held.withdrawn_at is None:
        raise Refused(f"This {held.__tablename__} stands: there is nothing to restore.")
    if not isinstance(held, Comment):
        rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    elif not held.restorable_by(by):
        raise Refused("An editor withdrew this comment, so only an editor can restore it.")
    withdrawals.restore(session, held, by=by)
    standing.touch(session, claim)


def _check_there(row: Said, name: str) -> None:
    if row.withdrawn_at is not None:
        raise Refused(f"This {name} was withdrawn meanwhile.")
