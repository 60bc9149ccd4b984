"""What members ask about a claim, where they would look, and what they say to each other."""

from sqlmodel import Session

from claims import ledger, rules
from claims.desk import standing
from claims.models import Claim, Comment, Evidence, Lead, Member, Question
from claims.models.columns import now
from claims.rules.refusals import Refused, check_version
from claims.rules.roles import Action
from claims.rules.vocabulary import QuestionStatus

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
    check_version(read, question.version, now={"text": question.text})
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
    now_there = {"answer": question.answer or "", "evidence": str(question.evidence_id or "")}
    check_version(read, question.version, now=now_there)
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


def withdraw_question(session: Session, claim: Claim, question: Question, *, by: Member) -> None:
    """Take a question back; the history keeps it."""
    _check_there(question, "question")
    before = ledger.snapshot(question)
    question.withdrawn_at = now()
    ledger.record(session, "question withdrawn", question, by=by, before=before)
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
    check_version(read, lead.version, now={"text": lead.text})
    if text == lead.text:
        return
    before = ledger.snapshot(lead)
    lead.text = text
    ledger.record(session, "lead reworded", lead, by=by, before=before)
    standing.touch(session, claim)


def withdraw_lead(session: Session, claim: Claim, lead: Lead, *, by: Member) -> None:
    """Take a lead back, because it led nowhere or was followed; the history keeps it."""
    _check_there(lead, "lead")
    before = ledger.snapshot(lead)
    lead.withdrawn_at = now()
    ledger.record(session, "lead withdrawn", lead, by=by, before=before)
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
    check_version(read, held.version, now={"text": held.text})
    if text == held.text:
        return
    before = ledger.snapshot(held)
    held.text = text
    held.edited_at = now()
    ledger.record(session, "comment edited", held, by=by, before=before)


def withdraw_comment(session: Session, held: Comment, *, by: Member) -> None:
    """Take one's own comment back, or as an editor anybody's; the history keeps what it said."""
    _check_there(held, "comment")
    if held.member_id != by.id and not by.may(Action.RULE):
        raise Refused("Only whoever wrote a comment, or an editor, can withdraw it.")
    before = ledger.snapshot(held)
    held.withdrawn_at = now()
    ledger.record(session, "comment withdrawn", held, by=by, before=before)


def _check_there(row: Question | Lead | Comment, name: str) -> None:
    if row.withdrawn_at is not None:
        raise Refused(f"This {name} was withdrawn meanwhile.")
