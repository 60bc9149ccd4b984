"""Every page of the desk, on a desk that has one of everything to show."""

from flask import Flask
from sqlmodel import Session

from claims import desk, exports, queries
from claims.queries.filters import Filters
from claims.rules.vocabulary import JobKind, Role, Stance
from tests.factories import (
    a_claim,
    a_copy,
    a_correction,
    a_member,
    a_ruling,
    a_verdict,
    an_article,
    an_owner,
    some_evidence,
)

TEXT = "The made-up dam was raised.\n\nIt holds 40 million litres, said the board, in summer."

# These answer with no page of their own: a file, a fragment's redirect, or a state of health.
PAGELESS = frozenset(
    {
        "account.session",
        "captures.file",
        "captures.picture",
        "captures.record",
        "copies.progress",
        "receipts.show",
        "health.show",
        "reports.export",
        "reports.download",
        "static",
    }
)


class Full:
    """A desk with one of everything, what stands and what was withdrawn."""

    def __init__(self, session: Session) -> None:
        self.owner = owner = an_owner(session, "Words Owner")
        article = an_article(session, "Words of an article")
        desk.articles.load_text(session, article, TEXT, by=owner)
        held = a_claim(session, "Words of a claim", article=article, speaker="Words speaker")
        other = a_claim(session, "Other words", article=article, quotation="not there")
        gone = a_claim(session, "Withdrawn words", article=article)
        desk.claims.retag(session, held, ["words-tag"], by=owner)
        piece = some_evidence(session, held, Stance.REFUTES, by=owner)
        taken = some_evidence(session, held, by=owner)
        kept = {}
        for sort, say in (
            ("question", desk.discussion.ask),
            ("lead", desk.discussion.hint),
            ("comment", desk.discussion.comment),
        ):
            kept[sort] = say(session, held, f"Words of a {sort}", by=owner)
            back = say(session, held, f"Withdrawn words of a {sort}", by=owner)
            session.flush()
            desk.discussion.withdraw(session, held, back, "Words why", by=owner)
        asked = kept["question"]
        desk.discussion.answer(
            session, held, asked, "Words", evidence=piece, read=asked.version, by=owner
        )
        desk.evidence.withdraw(
            session, queries.evidence.one(session, held.id, taken.id), "Words why", by=owner
        )
        link = desk.claims.link(session, held, other, "Words of a link", by=owner)
        unlinked = desk.claims.link(session, held, a_claim(session), "Words", by=owner)
        session.flush()
        desk.claims.unlink(session, unlinked, "Words why", by=owner)
        desk.claims.withdraw(session, gone, "Words why", by=owner)
        a_verdict(session, held, by=owner)
        a_verdict(session, held, "half-true", by=a_member(session, "Words reviewer"))
        a_ruling(session, held, by=owner)
        a_correction(session, held, by=owner)
        origin = desk.origins.join(
            session, queries.sources.one(session, piece.source_id), "Words of an origin", by=owner
        )
        captures = [
            a_copy(session, queries.sources.one(session, piece.source_id), words)
            for words in ("Words before.", f"Words of a copy. {piece.excerpt}\nWords behind.")
        ]
        job = desk.jobs.ask(
            session,
            queries.sources.one(session, piece.source_id),
            JobKind.CAPTURE,
            "https://words.example",
            by=owner,
        )
        report = desk.reports.freeze(session, Filters(article=article.id), by=owner)
        invitation, token = desk.members.invite(session, Role.VIEWER, "Words of a note", by=owner)
        session.commit()
        appearance = queries.claims.appearances(session, other)[0]
        self.values = {
            "article_id": article.id,
            "appearance_id": appearance.id,
            "claim_id": held.id,
            "evidence_id": piece.id,
            "question_id": asked.id,
            "lead_id": kept["lead"].id,
            "comment_id": kept["comment"].id,
            "sort": "comments",
            "item_id": kept["comment"].id,
            "link_id": link.id,
            "source_id": piece.source_id,
            "origin_id": origin.id,
            "capture_id": captures[-1].id,
            "other_id": captures[0].id,
            "job_id": job.id,
            "member_id": kept["comment"].member_id,
            "invitation_id": invitation.id,
            "number": report.number,
            "token": token,
            "format_name": next(iter(exports.FORMATS)),
        }


# What an address needs besides to show something, or to show it otherwise.
ASKING = {
    "articles.show": ["", "?claim={claim_id}"],
    "claims.how_merge": ["", "?into=2"],
    "claims.how_link": ["", "?q=words"],
    "captures.use": ["", "?quotation=Words+of+a+copy&q=words"],
    "evidence.new": ["", "?from=new&stance=refutes"],
    "ledger.index": ["", "?about=claim"],
    "people.index": ["", "?former=1"],
    "articles.index": ["", "?withdrawn=1"],
    "queue.index": ["", "?q=words", "?q=nothing-such"],
    "sources.index": ["", "?q=words", "?health=captured"],
    "reports.preview": ["?article={article_id}"],
}


def addresses(app: Flask, full: Full) -> list[str]:
    """The address of every page; a new one whose address holds something new is entered above."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in PAGELESS:
            continue
        if rule.endpoint.endswith(".static"):
            continue
        values = {name: full.values[name] for name in rule.arguments}
        address = adapter.build(rule.endpoint, values, "GET")
        found += [address + more.format(**full.values) for more in ASKING.get(rule.endpoint, [""])]
    return sorted(found)
