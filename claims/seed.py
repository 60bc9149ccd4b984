"""What a new desk starts with: its settings, a rating scale, and the first article."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import combinations
from typing import Any

from sqlmodel import Session

from claims import desk, ledger, queries
from claims.models import Appearance, Article, Claim, ClaimLink, Desk, Snapshot, Speaker
from claims.rules.scales import DEFAULT_SCALE
from claims.rules.vocabulary import Kind, Placement

FIRST_ARTICLE = "hard-state"

Seeds = Mapping[str, Any]


@dataclass(frozen=True)
class Seeded:
    """What seeding did: the article, whether it is new, and how much was added to it."""

    article: Article
    new: bool
    claims: int
    links: int


def found(session: Session) -> None:
    """Give a new database its desk and rating scale; does nothing to one that has them."""
    if session.get(Desk, 1):
        return
    settings = Desk(id=1)
    session.add(settings)
    ledger.record(session, "desk founded", settings, by=None)
    desk.scales.publish(session, settings, DEFAULT_SCALE, by=None)


def first_article(session: Session, seeds: Seeds | None = None) -> Seeded:
    """Give the desk the first article with what it claims, as far as it has not been given yet.

    What was given once belongs to the reviewers: it is never given again,
    whatever they made of it, and never changed. The ledger says what was.
    """
    seeds = seeds or read(FIRST_ARTICLE)
    article, given = _given(session, seeds)
    if article and (article.withdrawn_at or not _not_in(given, seeds)):
        return Seeded(article, False, 0, 0)
    # Another process that started at the same moment may be seeding.
    ledger.take_turn(session)
    article, given = _given(session, seeds)
    new = article is None
    if article is None:
        facts = desk.articles.Facts(title=seeds["title"], language=seeds["language"])
        article = desk.articles.add(
            session, facts, by=None, outline=seeds["outline"], seed_key=seeds["key"]
        )
    fresh = _not_in(given, seeds)
    if not fresh:
        return Seeded(article, False, 0, 0)
    before = ledger.snapshot(article)
    speakers = _speakers(session, seeds["speakers"], fresh)
    claims = {one["number"]: _claim(session, article, one, speakers) for one in fresh}
    links = _links(session, seeds["links"], claims, given)
    ledger.record(
        session,
        "article seeded",
        article,
        by=None,
        before=before,
        detail={
            "seeds": {str(number): claim.id for number, claim in claims.items()},
            "links": links,
        },
    )
    return Seeded(article, new, len(claims), len(links))


def is_seeded_text(snapshot: Snapshot, article: Article) -> bool | None:
    """Whether a text is the one that the article's claims were drawn from; None if not seeded."""
    if article.seed_key is None:
        return None
    return bool(read(article.seed_key)["text_sha256"] == snapshot.sha256)


def read(key: str) -> Seeds:
    """The seeds of one article: what it claims, in our words, and where."""
    path = resources.files("claims").joinpath(f"seeds/{key}.json")
    seeds: Seeds = json.loads(path.read_text(encoding="utf-8"))
    return seeds


def _given(session: Session, seeds: Seeds) -> tuple[Article | None, Mapping[int, int]]:
    """The article of the seeds, if it is there, and the claims that it was given."""
    article = queries.articles.seeded(session, seeds["key"])
    return article, queries.articles.seeds_given(session, article) if article else {}


def _not_in(given: Mapping[int, int], seeds: Seeds) -> list[Seeds]:
    return [one for one in seeds["claims"] if one["number"] not in given]


def _speakers(
    session: Session, speakers: Mapping[str, Seeds], claims: Iterable[Seeds]
) -> dict[str | None, Speaker]:
    """Those who are credited with the claims; who is known to the desk stays as they are."""
    credited = dict.fromkeys(one["speaker"] for one in claims if one["speaker"])
    found: dict[str | None, Speaker] = {}
    for key in credited:
        name, role = speakers[key]["name"], speakers[key]["role"]
        known = queries.claims.speaker(session, name, role)
        found[key] = known or desk.claims.speaker(session, name, role)
        if known is None:
            found[key].type = speakers[key]["type"]
            found[key].same_as = speakers[key]["same_as"]
            ledger.record(session, "speaker added", found[key], by=None)
    return found


def _claim(
    session: Session, article: Article, one: Seeds, speakers: Mapping[str | None, Speaker]
) -> Claim:
    # A member may have given the number to a claim of their own; then the next free one it is.
    number = one["number"] if one["number"] > article.claims_numbered else None
    return desk.claims.add(
        session,
        article,
        one["statement"],
        Kind(one["kind"]),
        by=None,
        speaker=speakers.get(one["speaker"]),
        appearances=desk.articles.placed(
            session,
            article,
            [
                Appearance(
                    # `claims.add` gives it its claim.
                    claim_id=0,
                    article_id=article.id,
                    placement=Placement.EXPECTED,
                    **where,
                )
                for where in one["appearances"]
            ],
        ),
        leads=one["leads"],
        tags=one["tags"],
        number=number,
        seeded=True,
    )


def _links(
    session: Session,
    links: Sequence[Seeds],
    claims: Mapping[int, Claim],
    given: Mapping[int, int],
) -> list[list[Any]]:
    """Join claims that bear on each other, where one of the two is new: ids and why.

    They are written down with the seeding, not one by one: there are many.
    """
    made: dict[tuple[int, int], str] = {}
    for link in links:
        for pair in combinations(link["claims"], 2):
            if any(n in claims for n in pair) and all(n in claims or n in given for n in pair):
                note = made.get(pair)
                made[pair] = f"{note}; {link['note']}" if note else link["note"]
    joined = []
    for pair, note in made.items():
        ids = (claims[number].id if number in claims else given.get(number) for number in pair)
        first, second = sorted(i for i in ids if i is not None)
        session.add(ClaimLink(claim_id=first, other_id=second, note=note))
        joined.append([first, second, note])
    return joined
