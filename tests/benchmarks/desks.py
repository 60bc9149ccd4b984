"""A made-up desk of any size: articles, claims, three pieces of evidence each, verdicts, rulings.

Written past the use cases, which would take hours for a hundred thousand
claims, and like what they leave behind: derived columns are right, every
change has its event, and the ledger verifies.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from claims import database, ledger, rules, seed
from claims.models import (
    Appearance,
    Article,
    Claim,
    ClaimTag,
    ClaimWords,
    Desk,
    Event,
    Evidence,
    LedgerHead,
    Member,
    Rating,
    Ruling,
    Snapshot,
    Source,
    SourceWords,
    Speaker,
    Tag,
    Verdict,
    VerdictEvidence,
)
from claims.rules.vocabulary import Confidence, Kind, Placement, Role, SourceType, Stance, State

MEMBERS = 50
CLAIMS_AN_ARTICLE = 100
EVIDENCE_A_CLAIM = 3

# On a desk of any size so many claims have this kind, rating and state together, spread over all
# of it: a filter for them has as many rows here as there, and only what is looked through grows.
RARE = 36
RARE_KIND, RARE_RATING, RARE_STATE = Kind.CAUSAL, "Not checkable", State.REOPENED

_BEGAN = datetime(2020, 1, 6, 8, tzinfo=UTC)
_NOUNS = [
    "dam",
    "bridge",
    "road",
    "clinic",
    "school",
    "well",
    "market",
    "harbour",
    "canal",
    "mill",
    "ferry",
    "tower",
]
_PLACES = [
    "Norwell",
    "Eastmere",
    "Sundale",
    "Hollin",
    "Brackwater",
    "Ashby",
    "Fenwick",
    "Marlow",
    "Tarn",
    "Oakley",
]
_DEEDS = [
    "holds",
    "reached",
    "lost",
    "gained",
    "served",
    "supplied",
    "carried",
    "cost",
    "employed",
    "housed",
]
_UNITS = [
    "litres",
    "people",
    "tonnes",
    "households",
    "days",
    "visitors",
    "vehicles",
    "pupils",
    "patients",
]
_WHEN = [
    "in a year",
    "since the flood",
    "before the inquiry",
    "within six weeks",
    "for the first time",
]

# How many of a hundred claims are in which state.
_STATES = (
    (State.IN_REVIEW, 40),
    (State.DISPUTED, 5),
    (State.AGREED, 10),
    (State.RULED, 5),
    (State.PUBLISHED, 38),
    (State.REOPENED, 2),
)
_RULED = frozenset({State.RULED, State.PUBLISHED, State.REOPENED})


@dataclass
class _Ledger:
    """The events so far, chained."""

    seq: int
    digest: str
    at: datetime

    def event(
        self,
        action: str,
        subject: type[SQLModel],
        subject_id: int,
        *,
        member: int,
        claim: int | None = None,
        article: int | None = None,
        after: dict[str, Any],
    ) -> dict[str, Any]:
        self.seq += 1
        self.at += timedelta(seconds=1)
        event: dict[str, Any] = {
            "seq": self.seq,
            "at": self.at,
            "member_id": member,
            "actor": f"Reviewer {member}",
            "action": action,
            "subject": subject.__tablename__,
            "subject_id": subject_id,
            "claim_id": claim,
            "article_id": article,
            "before": {},
            "after": after,
            "previous": self.digest,
            "digest": "",
        }
        self.digest = ledger.digest(SimpleNamespace(**event))  # type: ignore[arg-type]
        return event | {"digest": self.digest}


def make(engine: sa.Engine, claims: int) -> None:
    """Fill an empty database with a desk of so many claims; the same for the same number."""
    database.upgrade(engine)
    with database.session(engine) as session:
        seed.found(session)
        session.commit()
    with engine.begin() as connection:
        _fill(connection, claims)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _fill(connection: sa.Connection, claims: int) -> None:
    head = connection.execute(sa.select(LedgerHead.__table__)).one()
    chain = _Ledger(head.seq, head.digest, _BEGAN)
    ratings = list(connection.execute(sa.select(Rating.__table__).order_by(Rating.position)))
    speakers, tags = max(20, claims // 200), max(20, min(claims // 100, 200))
    connection.execute(sa.update(Desk).values(verdicts_required=2))
    insert(connection, Member, (_member(i) for i in range(1, MEMBERS + 1)))
    insert(connection, Speaker, (_speaker(i) for i in range(1, speakers + 1)))
    insert(connection, Tag, ({"id": i, "name": f"topic {i}"} for i in range(1, tags + 1)))
    by_name = [(rating.id, rating.name) for rating in ratings]
    made = _Made(chain, by_name, speakers, tags, claims)
    numbers = iter(range(1, claims + 1))
    for article in count(1):
        of_article = list(islice(numbers, CLAIMS_AN_ARTICLE))
        if not of_article:
            break
        made.article(article, of_article)
        if article % 20 == 0 or len(of_article) < CLAIMS_AN_ARTICLE:
            made.write(connection)
    made.write(connection)
    connection.execute(sa.update(LedgerHead).values(seq=chain.seq, digest=chain.digest))
    number_on(connection)


class _Made:
    """Rows that are made and not yet written, by table."""

    def __init__(
        self,
        chain: _Ledger,
        ratings: list[tuple[int, str]],
        speakers: int,
        tags: int,
        claims: int,
    ) -> None:
        self.rows: dict[type[SQLModel], list[dict[str, Any]]] = {}
        self.chain, self.ratings, self.speakers, self.tags = chain, ratings, speakers, tags
        self.states = [state for state, share in _STATES for _ in range(share)]
        self.evidence, self.verdicts, self.rulings = count(1), count(1), count(1)
        self.snapshots = count(1)
        self.between_rare = max(1, claims // RARE)
        self.random = random.Random(22)

    def article(self, number: int, claims: list[int]) -> None:
        member = number % MEMBERS + 1
        snapshot = next(self.snapshots)
        title = (
            f"Made-up article {number} about the {_NOUNS[number % 12]}s of {_PLACES[number % 10]}"
        )
        facts = {"title": title}
        event = self.chain.event(
            "article added", Article, number, member=member, article=number, after=facts
        )
        text = []
        length = 0
        for position, claim in enumerate(claims, start=1):
            sentence = self._statement(claim)
            start = length + len("It was said that ")
            self._claim(claim, number, position, sentence, snapshot, start)
            paragraph = f"It was said that {sentence}, as the made-up record of that day has it."
            text.append(paragraph)
            length += len(paragraph) + 1
        words = "\n".join(text)
        self._add(
            Article,
            id=number,
            seed_key=None,
            title=title,
            url=f"https://paper.example/{number}",
            publisher="The Made-up Paper",
            author=None,
            published_on="2020-01-06",
            language="en",
            outline=[],
            snapshot_number=1,
            claims_numbered=len(claims),
            created_by_id=member,
            created_at=event["at"],
            withdrawn_at=None,
            version=1,
        )
        self._add(
            Snapshot,
            id=snapshot,
            article_id=number,
            number=1,
            text=words,
            sha256=sha256(words.encode()).hexdigest(),
            length=len(words),
            loaded_by_id=member,
            created_at=event["at"],
        )
        self._add_event(event)

    def _statement(self, claim: int) -> str:
        pick = self.random.choice
        return (
            f"the {pick(_NOUNS)} at {pick(_PLACES)} {pick(_DEEDS)} "
            f"{self.random.randrange(2, 9_000_000):,} {pick(_UNITS)} {pick(_WHEN)}"
        )

    def _claim(
        self, claim: int, article: int, number: int, statement: str, snapshot: int, start: int
    ) -> None:
        member = claim % MEMBERS + 1
        state = self.states[self.random.randrange(100)]
        rating = self.ratings[self.random.randrange(len(self.ratings))]
        speaker = self.random.randrange(self.speakers) + 1
        kind = list(Kind)[self.random.randrange(len(Kind))]
        if claim % self.between_rare == 0 and claim // self.between_rare <= RARE:
            state, kind = RARE_STATE, RARE_KIND
            rating = next(rating for rating in self.ratings if rating[1] == RARE_RATING)
        elif (state, kind, rating[1]) == (RARE_STATE, RARE_KIND, RARE_RATING):
            kind = Kind.FACT
        said = statement[0].upper() + statement[1:]
        added = self.chain.event(
            "claim added", Claim, claim, member=member, claim=claim, article=article,
            after={"statement": said, "kind": kind},
        )  # fmt: skip
        self._add_event(added)
        texts = [said, statement, *([f"Speaker {speaker}"] if claim % 5 else [])]
        evidence = []
        for _ in range(EVIDENCE_A_CLAIM):
            piece = next(self.evidence)
            evidence.append(piece)
            texts += self._evidence(piece, claim, member)
        changed = self._judge(claim, state, rating, evidence)
        self._add(
            Claim,
            id=claim,
            article_id=article,
            number=number,
            statement=said,
            kind=kind,
            speaker_id=speaker if claim % 5 else None,
            assignee_id=None if claim % 4 else self.random.randrange(MEMBERS) + 1,
            state=state,
            rating_id=rating[0] if state in _RULED else None,
            evidence_count=EVIDENCE_A_CLAIM,
            seeded=False,
            split_from_id=None,
            merged_into_id=None,
            created_by_id=member,
            created_at=added["at"],
            changed_at=changed,
            withdrawn_at=None,
            withdrawal_reason=None,
            version=1,
        )
        self._add(
            Appearance,
            claim_id=claim,
            article_id=article,
            snapshot_id=snapshot,
            paragraph=number,
            quotation=statement,
            prefix="It was said that ",
            suffix=", as the made-up record of that ",
            start=start,
            end=start + len(statement),
            placement=Placement.FOUND,
        )
        words = dict.fromkeys(rules.searching.words(" ".join(texts)))
        self._add(ClaimWords, claim_id=claim, words=" ".join(words))
        for tag in {self.random.randrange(self.tags) + 1 for _ in range(claim % 3)}:
            self._add(ClaimTag, claim_id=claim, tag_id=tag)

    def _evidence(self, piece: int, claim: int, member: int) -> list[str]:
        """Weigh a source of its own; what is searched for in it."""
        title = f"Register {piece} of the {_NOUNS[piece % 12]}s of {_PLACES[piece % 10]}"
        publisher = f"Made-up Office {piece % 97}"
        excerpt = f"The entry of that day gives {self.random.randrange(9_000_000):,}."
        source = {"id": piece, "title": title, "publisher": publisher}
        added = self.chain.event("source added", Source, piece, member=member, after=source)
        self._add(
            Source,
            **source,
            type=SourceType.OFFICIAL_RECORD,
            url=f"https://register.example/{piece}",
            url_fingerprint=sha256(str(piece).encode()).hexdigest(),
            author=None,
            published_on="2019-07",
            consulted_on="2020-01-06",
            language="en",
            reliability="ABCDEF"[piece % 6],
            note=None,
            created_by_id=member,
            created_at=added["at"],
            withdrawn_at=None,
            withdrawal_reason=None,
            version=1,
        )
        words = rules.searching.words(f"{title} {publisher}")
        self._add(SourceWords, source_id=piece, words=" ".join(dict.fromkeys(words)))
        stance = list(Stance)[self.random.randrange(len(Stance))]
        weighed = self.chain.event(
            "evidence added", Evidence, piece, member=member, claim=claim,
            after={"source_id": piece, "stance": stance, "excerpt": excerpt},
        )  # fmt: skip
        self._add(
            Evidence,
            id=piece,
            claim_id=claim,
            source_id=piece,
            stance=stance,
            excerpt=excerpt,
            locator=f"p. {piece % 300}",
            credibility=piece % 6 + 1,
            note="",
            created_by_id=member,
            created_at=weighed["at"],
            withdrawn_at=None,
            withdrawal_reason=None,
            version=1,
        )
        self._add_event(added)
        self._add_event(weighed)
        return [excerpt, title, publisher]

    def _judge(
        self, claim: int, state: State, rating: tuple[int, str], evidence: list[int]
    ) -> datetime:
        """Give the verdicts that a state asks for, and settle it; when that was."""
        given = [rating] if state is State.IN_REVIEW else [rating, rating]
        if state is State.DISPUTED:
            others = [other for other in self.ratings if other[0] != rating[0]]
            given[1] = others[claim % len(others)]
        if state is State.IN_REVIEW and claim % 2:
            given = []
        for position, (rating_id, name) in enumerate(given):
            self._verdict(claim, (claim + position) % MEMBERS + 1, rating_id, name, evidence)
        if state in _RULED:
            self._rule(claim, state, rating)
        return self.chain.at

    def _verdict(
        self, claim: int, member: int, rating_id: int, rating: str, evidence: list[int]
    ) -> None:
        verdict = next(self.verdicts)
        event = self.chain.event(
            "verdict given", Verdict, verdict, member=member, claim=claim,
            after={"rating_id": rating_id, "rating": rating, "rests on": evidence},
        )  # fmt: skip
        self._add(
            Verdict,
            id=verdict,
            claim_id=claim,
            member_id=member,
            rating_id=rating_id,
            confidence=Confidence.HIGH,
            rationale="The register of that day was read, and it says so in as many words.",
            supersedes_id=None,
            standing=True,
            created_at=event["at"],
        )
        for piece in evidence:
            self._add(VerdictEvidence, verdict_id=verdict, evidence_id=piece)
        self._add_event(event)

    def _rule(self, claim: int, state: State, rating: tuple[int, str]) -> None:
        ruling = next(self.rulings)
        member = claim % MEMBERS + 1
        event = self.chain.event(
            "claim settled", Ruling, ruling, member=member, claim=claim,
            after={"rating_id": rating[0], "rating": rating[1]},
        )  # fmt: skip
        published = None if state is State.RULED else event["at"]
        reopened = event["at"] if state is State.REOPENED else None
        self._add(
            Ruling,
            id=ruling,
            claim_id=claim,
            rating_id=rating[0],
            rationale="Two registers agree on the figure, and nothing that was found speaks "
            "against them.",
            ruled_by_id=member,
            created_at=event["at"],
            standing=True,
            published_at=published,
            published_by_id=member if published else None,
            reopened_at=reopened,
            reopening_reason="A newer register came to light." if reopened else None,
            supersedes_id=None,
            correction=None,
            correction_reason=None,
        )
        self._add_event(event)

    def _add(self, model: type[SQLModel], **row: Any) -> None:
        self.rows.setdefault(model, []).append(row)

    def _add_event(self, event: dict[str, Any]) -> None:
        self.rows.setdefault(Event, []).append(event)

    def write(self, connection: sa.Connection) -> None:
        order = {table: n for n, table in enumerate(SQLModel.metadata.sorted_tables)}
        for model in sorted(self.rows, key=lambda model: order[model.__table__]):  # type: ignore[attr-defined]
            insert(connection, model, self.rows[model])
        self.rows.clear()


def _member(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Reviewer {number}",
        "email": f"reviewer{number}@desk.example",
        "role": Role.OWNER if number == 1 else Role.EDITOR if number < 6 else Role.REVIEWER,
        "password_hash": "!",
        "epoch": 0,
        "created_at": _BEGAN,
        "removed_at": None,
        "version": 1,
    }


def _speaker(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"Speaker {number}", "role": "made-up spokesperson", "version": 1}


def number_on(connection: sa.Connection) -> None:
    """Let what is added from now on have numbers behind those that were written out."""
    if connection.dialect.name == "postgresql":
        for table in SQLModel.metadata.sorted_tables:
            if "id" in table.c and table.c.id.autoincrement:
                connection.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                        f"greatest(1, (SELECT max(id) FROM {table.name})))"
                    )
                )


def insert(
    connection: sa.Connection, model: type[SQLModel], rows: Iterable[dict[str, Any]]
) -> None:
    """Write rows, many at a time, whose columns go by the names of the model."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    # In the table they may have others.
    columns = {name: table.c[_column(model, name)].key for name in model.model_fields}
    for batch in _batches(rows):
        named = [{columns[name]: value for name, value in row.items()} for row in batch]
        connection.execute(sa.insert(table), named)


def _column(model: type[SQLModel], name: str) -> str:
    return str(sa.inspect(model).attrs[name].columns[0].name)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while batch := list(islice(left, 5000)):
        yield batch
