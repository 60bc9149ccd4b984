"""Claims: made from an article, and worked on from then on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from claims import ledger, prose, queries, rules
from claims.desk import excerpts, standing, withdrawals
from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimLink,
    ClaimTag,
    Comment,
    Evidence,
    Lead,
    Member,
    Question,
    Speaker,
    Tag,
)
from claims.models.columns import now
from claims.rules.refusals import Refused, check_version
from claims.rules.vocabulary import Kind, SpeakerType, State


@dataclass(frozen=True)
class Credit:
    """Who is credited with a claim: name and role, person or body, a page that says who that is."""

    name: str
    role: str = ""
    same_as: str | None = None
    type: SpeakerType | None = None


@dataclass(frozen=True)
class Part:
    """One of the claims that another is split into."""

    statement: str
    kind: Kind


def add(
    session: Session,
    article: Article,
    statement: str,
    kind: Kind,
    *,
    by: Member | None,
    speaker: Speaker | None = None,
    appearances: Sequence[Appearance] = (),
    leads: Iterable[str] = (),
    tags: Iterable[str] = (),
    number: int | None = None,
    seeded: bool = False,
    split_from: Claim | None = None,
) -> Claim:
    """Add one claim to an article; it gets the article's next number unless one is given.

    The appearances come without a claim and are given this one.
    """
    ledger.take_turn(session)
    claim = Claim(
        article_id=article.id,
        number=_number(session, article, number),
        statement=statement,
        kind=kind,
        speaker_id=speaker.id if speaker else None,
        assignee_id=split_from.assignee_id if split_from else None,
        seeded=seeded,
        split_from_id=split_from.id if split_from else None,
        created_by_id=by.id if by else None,
    )
    session.add(claim)
    session.flush()
    for appearance in appearances:
        appearance.claim_id = claim.id
        appearance.article_id = article.id
        session.add(appearance)
    for text in leads:
        session.add(Lead(claim_id=claim.id, text=text, created_by_id=by.id if by else None))
    names = sorted(set(tags))
    for name in names:
        session.add(ClaimTag(claim_id=claim.id, tag_id=tag(session, name).id))
    quotations = [appearance.quotation for appearance in appearances]
    ledger.record(
        session, "claim added", claim, by=by, detail={"quotations": quotations, "tags": names}
    )
    standing.refresh(session, claim)
    return claim


def speaker(session: Session, name: str, role: str = "") -> Speaker:
    """The speaker of this name and role, known or new."""
    known = queries.claims.speaker(session, name, role)
    if known:
        return known
    new = Speaker(name=name, role=role)
    session.add(new)
    session.flush()
    return new


def tag(session: Session, name: str) -> Tag:
    """The tag of this name, known or new."""
    known = queries.claims.tag(session, name)
    if known:
        return known
    new = Tag(name=name)
    session.add(new)
    session.flush()
    return new


def revise(
    session: Session,
    claim: Claim,
    *,
    statement: str,
    kind: Kind,
    credit: Credit | None,
    tags: Collection[str],
    read: int,
    by: Member,
) -> None:
    """Change everything that the desk says about a claim itself; an event for each change.

    Raises Conflict when the claim was edited since version `read`.
    """
    check_version(read, claim.version, words(session, claim), of=("claim", claim.id))
    reword(session, claim, statement, by=by)
    change_kind(session, claim, kind, by=by)
    change_speaker(session, claim, credit, by=by)
    retag(session, claim, tags, by=by)


def words(session: Session, claim: Claim) -> dict[str, str]:
    """What a claim says now, by the fields of the form in which it is edited."""
    who = session.get(Speaker, claim.speaker_id) if claim.speaker_id else None
    return {
        "statement": claim.statement,
        "kind": claim.kind,
        "speaker": who.name if who else "",
        "role": who.role if who else "",
        "speaker_type": (who.type or "") if who else "",
        "same_as": (who.same_as or "") if who else "",
        "tags": ", ".join(queries.claims.tags(session, claim)),
    }


def reword(session: Session, claim: Claim, statement: str, *, by: Member) -> None:
    """Put a claim in other words. Refused while a ruling on its words is published."""
    if statement == claim.statement:
        return
    _check_words(claim)
    before = ledger.snapshot(claim)
    claim.statement = statement
    ledger.record(session, "claim reworded", claim, by=by, before=before)
    standing.refresh(session, claim)


def change_kind(session: Session, claim: Claim, kind: Kind, *, by: Member) -> None:
    """Say that a claim is of another kind."""
    if kind == claim.kind:
        return
    _check_words(claim)
    before = ledger.snapshot(claim)
    claim.kind = kind
    ledger.record(session, "kind changed", claim, by=by, before=before)
    standing.refresh(session, claim)


def change_speaker(session: Session, claim: Claim, credit: Credit | None, *, by: Member) -> None:
    """Credit a claim to somebody, or with None to the article itself.

    Whether the speaker is a person, and the link that says who that is, hold for
    all claims of theirs. What was only left standing in the form is not given to
    another speaker.
    """
    held = session.get(Speaker, claim.speaker_id) if claim.speaker_id else None
    who = speaker(session, credit.name, credit.role) if credit else None
    if who is not held:
        _check_words(claim)
        before = ledger.snapshot(claim)
        claim.speaker_id = who.id if who else None
        ledger.record(session, "speaker changed", claim, by=by, before=before)
        standing.refresh(session, claim)
    if who and credit:
        said = {
            field: getattr(credit, field)
            for field in ("type", "same_as")
            if who is held or getattr(credit, field) not in {None, getattr(held, field, None)}
        }
        if any(getattr(who, field) != value for field, value in said.items()):
            before = ledger.snapshot(who)
            for field, value in said.items():
                setattr(who, field, value)
            ledger.record(session, "speaker identified", who, by=by, before=before)


def retag(session: Session, claim: Claim, tags: Collection[str], *, by: Member) -> None:
    """Give a claim exactly these tags."""
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    held, wanted = queries.claims.tags(session, claim), sorted(set(tags))
    if held == wanted:
        return
    for name in wanted:
        if name not in held:
            session.add(ClaimTag(claim_id=claim.id, tag_id=tag(session, name).id))
    for name in held:
        if name not in wanted:
            session.delete(session.get_one(ClaimTag, (claim.id, tag(session, name).id)))
    _record(session, "tags changed", claim, by, {"tags": wanted}, {"tags": held})
    standing.touch(session, claim)


def assign(session: Session, claim: Claim, member: Member | None, *, by: Member | None) -> None:
    """Hand a claim to a member who may review, or with None to nobody in particular."""
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    if member and (member.removed_at or not member.may("review")):
        raise Refused(
            f"{prose.isolated(member.name)} cannot take a claim: only those who review can."
        )
    if claim.assignee_id == (member.id if member else None):
        return
    before = ledger.snapshot(claim)
    ledger.take_turn(session)
    standing.note(session, claim, assignee_id=member.id if member else None, changed_at=now())
    ledger.record(session, "claim assigned", claim, by=by, before=before)


def withdraw(session: Session, claim: Claim, reason: str, *, by: Member) -> None:
    """Take a claim out of lists, counts and reports; it keeps its number and its page.

    Refused while a ruling on it is published: readers have to see that corrected.
    """
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    ruling = queries.rulings.standing(session, claim)
    if ruling and ruling.published_at:
        raise Refused(
            "The ruling on this claim is published. Correct it as void first, so that readers see "
            "what became of it."
        )
    withdrawals.withdraw(session, claim, reason, by=by)
    standing.refresh(session, claim)


def restore(session: Session, claim: Claim, *, by: Member) -> None:
    """Bring a withdrawn claim back. A merged one stays: what was on it is elsewhere now."""
    if claim.merged_into_id:
        raise Refused(
            "This claim was merged into another, and its evidence went along. "
            "Split the other one, if this should be a claim of its own again."
        )
    if claim.withdrawn_at is None:
        raise Refused("This claim is not withdrawn.")
    withdrawals.restore(session, claim, by=by)
    standing.refresh(session, claim)


def split(
    session: Session,
    claim: Claim,
    statement: str,
    parts: Sequence[Part],
    *,
    copied: Collection[Evidence] = (),
    read: int,
    by: Member,
) -> list[Claim]:
    """Make several claims of one that says several things.

    The claim keeps its number, the first statement and all that was found on
    it. Each part becomes a claim with the next number, the same quotations,
    speaker, tags and assignee, and its own copy of the evidence in `copied`.
    """
    check_version(read, claim.version, {"statement": claim.statement}, of=("claim", claim.id))
    _check_words(claim)
    if not parts:
        raise Refused("Write at least one further claim to split this one into.")
    article = session.get_one(Article, claim.article_id)
    who = session.get(Speaker, claim.speaker_id) if claim.speaker_id else None
    appearances = queries.claims.appearances(session, claim)
    tags = queries.claims.tags(session, claim)
    made = []
    for part in parts:
        new = add(
            session,
            article,
            part.statement,
            part.kind,
            by=by,
            speaker=who,
            appearances=[_copy(appearance) for appearance in appearances],
            tags=tags,
            split_from=claim,
        )
        for piece in copied:
            copy = _copy(piece, claim_id=new.id, created_at=now())
            session.add(copy)
            ledger.record(session, "evidence copied", copy, by=by, detail={"copy_of": piece.id})
            excerpts.check(session, copy)
        standing.refresh(session, new)
        made.append(new)
    reword(session, claim, statement, by=by)
    _record(session, "claim split", claim, by, {"split_into": [new.id for new in made]})
    standing.touch(session, claim)
    return made


def merge(session: Session, claim: Claim, into: Claim, *, by: Member) -> None:
    """Give all that was found on a claim to another that says the same, and withdraw it.

    Evidence, questions, leads and comments move; quotations, tags and links
    are added to the other's own. Verdicts stay: they judge the words that
    they were given on.
    """
    ledger.take_turn(session)
    rules.gates.check_merge(
        same=claim.id == into.id,
        same_article=claim.article_id == into.article_id,
        withdrawn=bool(claim.withdrawn_at or into.withdrawn_at),
        ruled=any(queries.rulings.standing(session, one) for one in (claim, into)),
    )
    moved: dict[str, Any] = {}
    for table in (Evidence, Question, Lead, Comment):
        ids = session.execute(
            sa.update(table)
            .where(col(table.claim_id) == claim.id)
            .values(claim_id=into.id)
            .returning(col(table.id))
        ).scalars()
        moved[f"{table.__tablename__}_moved"] = sorted(ids)
    _join_appearances(session, claim, into)
    moved["links"] = _move_links(session, claim, into)
    before = ledger.snapshot(claim)
    claim.merged_into_id = into.id
    claim.withdrawn_at, claim.withdrawn_by_id = now(), by.id
    ledger.record(session, "claim merged", claim, by=by, before=before, detail=moved)
    tags = queries.claims.tags(session, claim)
    held = queries.claims.tags(session, into)
    for name in set(tags) - set(held):
        session.add(ClaimTag(claim_id=into.id, tag_id=tag(session, name).id))
    detail = {"merged_from": claim.id, "tags": sorted({*tags, *held})}
    _record(session, "claim joined by another", into, by, detail, {"tags": held})
    standing.refresh(session, claim)
    standing.refresh(session, into)


def link(
    session: Session, claim: Claim, other: Claim, note: str, *, by: Member | None
) -> ClaimLink:
    """Note that two claims bear on each other, and how; each one's history tells of it."""
    if claim.id == other.id:
        raise Refused("A claim always bears on itself: choose another one.")
    for one in (claim, other):
        rules.gates.check_open(withdrawn=one.withdrawn_at is not None)
    held = queries.related.link(session, claim, other)
    if held and held.withdrawn_at is None:
        raise Refused("These two claims are linked already.")
    first, second = sorted((claim, other), key=lambda one: one.id)
    new = held or ClaimLink(claim_id=first.id, other_id=second.id)
    new.note = note
    withdrawals.unmark(new)
    session.add(new)
    _record(session, "claims linked", claim, by, {"other_claim_id": other.id, "note": note})
    _record(session, "claims linked", other, by, {"other_claim_id": claim.id, "note": note})
    return new


def unlink(session: Session, held: ClaimLink, reason: str, *, by: Member) -> None:
    """Take back, with the reason, that two claims bear on each other."""
    ledger.take_turn(session)
    session.refresh(held)
    if held.withdrawn_at:
        raise Refused("This link is withdrawn already.")
    withdrawals.mark(held, reason, by=by)
    for one, its_other in _ends(session, held):
        before = {"other_claim_id": its_other.id, "note": held.note}
        _record(session, "claims unlinked", one, by, {"withdrawal_reason": reason}, before)


def relink(session: Session, held: ClaimLink, *, by: Member) -> None:
    """Bring a withdrawn link back."""
    ledger.take_turn(session)
    session.refresh(held)
    if held.withdrawn_at is None:
        raise Refused("This link stands: there is nothing to restore.")
    ends = _ends(session, held)
    for one, _ in ends:
        rules.gates.check_open(withdrawn=one.withdrawn_at is not None)
    before = {"withdrawal_reason": held.withdrawal_reason}
    withdrawals.unmark(held)
    for one, its_other in ends:
        detail = {"other_claim_id": its_other.id, "note": held.note}
        _record(session, "claims linked again", one, by, detail, before)


def _ends(session: Session, held: ClaimLink) -> list[tuple[Claim, Claim]]:
    """Each of the two claims of a link, with the other one."""
    first = session.get_one(Claim, held.claim_id)
    second = session.get_one(Claim, held.other_id)
    return [(first, second), (second, first)]


def _number(session: Session, article: Article, given: int | None) -> int:
    """The number of an article's next claim.

    Counted by the database, so that two members who add claims at once don't
    overtake each other, nor whoever edits the article.
    """
    counted = col(Article.claims_numbered)
    highest = sa.case((counted < given, given), else_=counted) if given else counted + 1
    last = session.execute(
        sa.update(Article)
        .where(col(Article.id) == article.id)
        .values(claims_numbered=highest)
        .returning(counted)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    set_committed_value(article, "claims_numbered", last)
    return given or last


def _check_words(claim: Claim) -> None:
    rules.gates.check_open(withdrawn=claim.withdrawn_at is not None)
    rules.gates.check_rewordable(published=claim.state is State.PUBLISHED)


def _copy(row: Any, **others: Any) -> Any:
    """A new record with what another one holds, and `others` instead."""
    left_out = {"id", "claim_id", "version"}
    held = {name: getattr(row, name) for name in type(row).model_fields if name not in left_out}
    return type(row)(**held | others)


def _join_appearances(session: Session, claim: Claim, into: Claim) -> None:
    """Add where the one was said to where the other was; both keep their own."""
    known = {(a.quotation, a.start) for a in queries.claims.appearances(session, into)}
    for appearance in queries.claims.appearances(session, claim):
        if (appearance.quotation, appearance.start) not in known:
            session.add(_copy(appearance, claim_id=into.id))


def _move_links(session: Session, claim: Claim, into: Claim) -> list[dict[str, Any]]:
    """Point what bore on the one to the other; two links that become one join their notes.

    What was withdrawn stays where it was.
    """
    moved = []
    for held in queries.related.links(session, claim):
        if held.withdrawn_at:
            continue
        other_id = held.other_id if held.claim_id == claim.id else held.claim_id
        moved.append({"other_claim_id": other_id, "note": held.note})
        session.delete(held)
        session.flush()
        if other_id == into.id:
            continue
        other = session.get_one(Claim, other_id)
        known = queries.related.link(session, into, other)
        if known and known.withdrawn_at:
            known.note = held.note
            withdrawals.unmark(known)
        elif known:
            notes = "; ".join(dict.fromkeys(note for note in (known.note, held.note) if note))
            # What does not fit is kept by the event.
            known.note = notes if len(notes) <= 500 else known.note
        else:
            first, second = sorted((into.id, other_id))
            session.add(ClaimLink(claim_id=first, other_id=second, note=held.note))
        session.flush()
    return moved


def _record(
    session: Session,
    action: str,
    claim: Claim,
    by: Member | None,
    detail: dict[str, Any],
    detail_before: dict[str, Any] | None = None,
) -> None:
    """Write down a change to what hangs on a claim, while its own columns stay."""
    ledger.record(
        session,
        action,
        claim,
        by=by,
        before=ledger.snapshot(claim),
        detail=detail,
        detail_before=detail_before,
    )
