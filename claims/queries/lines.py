"""The claims of a report as lines of a spreadsheet, without all that no line says."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from claims import rules
from claims.models import (
    Appearance,
    Evidence,
    Ruling,
    Source,
    Speaker,
    Verdict,
)
from claims.models.columns import in_utc
from claims.queries.selections import (
    Selected,
    agree,
    evidence,
    first_published,
    quotations,
    verdicts,
    word,
)
from claims.rules import lines
from claims.rules.lines import SIDES, Copies, Line, Settled
from claims.rules.reports import ReportedOrigins


def _kept(column: Any) -> Any:
    """A moment as it is kept: what a line says of it is read off SQLite's text."""
    return sa.type_coerce(column, sa.String)


_RULED = (
    col(Speaker.name),
    col(Speaker.role),
    col(Ruling.rating_id),
    col(Ruling.rationale),
    col(Ruling.ruled_by_id),
    _kept(Ruling.created_at),
    _kept(Ruling.published_at),
    _kept(Ruling.reopened_at),
    col(Ruling.supersedes_id),
    col(Ruling.origins_reason),
)
_QUOTATIONS = quotations(col(Appearance.quotation), col(Appearance.paragraph))
_VERDICTS = verdicts(col(Verdict.member_id), col(Verdict.rating_id))
_EVIDENCE = evidence(
    word(Evidence.stance),
    col(Source.title),
    col(Source.publisher),
    col(Source.published_on),
    col(Source.url),
    col(Evidence.id),
    col(Evidence.source_id),
    col(Source.origin_id),
    col(Evidence.own_article_reason),
)

_SIDES = {str(stance): (place, stance) for place, stance in enumerate(SIDES)}
_NO_COPIES = Copies()


def of(claims: Selected) -> Iterator[Line]:
    """A line for each ruling that is reported, then for each claim without one."""
    titles = claims.titles()
    for batch in claims.batches(claims.reported, *_RULED):
        yield from _settled(claims, batch, titles)
    for batch in claims.batches(claims.unreported):
        for _id, article_id, number, statement, kind, state in batch:
            yield Line(titles[article_id], number, statement, kind, state, None)


def _settled(claims: Selected, batch: Sequence[Any], titles: Mapping[int, str]) -> Iterator[Line]:
    ids = [row[0] for row in batch]
    history = claims.history([row[0] for row in batch if row[-2]])
    quoted, judged = _quoted(claims, ids), _judged(claims, ids)
    sources, origins, copies = _weighed(claims, ids)
    # By their places: to ask rows for columns by name takes longer than all the rest.
    for (
        claim_id,
        article_id,
        number,
        statement,
        kind,
        _state,
        speaker,
        role,
        rating_id,
        rationale,
        ruled_by_id,
        ruled_at,
        published_at,
        reopened_at,
        supersedes_id,
        origins_reason,
    ) in batch:
        rating = claims.ratings[rating_id]
        words, paragraphs = quoted[claim_id]
        reviewers, keys = judged[claim_id]
        earlier = history.get(claim_id, ())
        first = first_published(published_at, supersedes_id, earlier) if earlier else published_at
        counted = rules.origins.independence(origins[claim_id])
        shown = claims.reveals(len(reviewers)) if reviewers else False
        yield Line(
            titles[article_id],
            number,
            statement,
            kind,
            lines.standing(reopened=reopened_at is not None, published=first is not None),
            Settled(
                speaker,
                role,
                words,
                paragraphs,
                rating.name,
                rating.number,
                rationale,
                claims.names[ruled_by_id],
                _moment(ruled_at),
                None if first is None else _moment(first),
                list(claims.corrections(earlier)) if earlier else (),
                reviewers if shown else None,
                agree(keys) if shown else None,
                sources[claim_id],
                ReportedOrigins(counted.supports, counted.refutes, origins_reason),
                copies.get(claim_id, _NO_COPIES),
            ),
        )


def _quoted(claims: Selected, ids: Sequence[int]) -> Mapping[int, tuple[list[str], list[int]]]:
    found: dict[int, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    for claim_id, words, paragraph in claims.on(_QUOTATIONS, ids):
        found[claim_id][0].append(words)
        if paragraph:
            found[claim_id][1].append(paragraph)
    return found


def _judged(claims: Selected, ids: Sequence[int]) -> Mapping[int, tuple[list[str], list[str]]]:
    """Who gave the standing verdicts, and the keys of their ratings."""
    found: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for claim_id, member_id, rating_id in claims.on(_VERDICTS, ids):
        reviewers, keys = found[claim_id]
        reviewers.append(claims.names[member_id])
        keys.append(claims.ratings[rating_id].key)
    return found


def _weighed(
    claims: Selected, ids: Sequence[int]
) -> tuple[
    Mapping[int, tuple[list[str], ...]],
    Mapping[int, list[rules.origins.Piece]],
    Mapping[int, Copies],
]:
    """The sources of each side, what origins are counted by, and how excerpts stand in copies."""
    sources: dict[int, tuple[list[str], ...]] = defaultdict(lambda: ([], [], []))
    origins: dict[int, list[rules.origins.Piece]] = defaultdict(list)
    found: dict[int, Copies] = {}
    copies = claims.copies(ids)
    for claim_id, stance, *said, key, source_id, origin_id, reason in claims.on(_EVIDENCE, ids):
        side, pointing = _SIDES[stance]
        sources[claim_id][side].append(lines.source(*said))
        origins[claim_id].append((pointing, source_id, origin_id, reason is not None))
        copy = copies.get(key)
        if copy:
            held = found.get(claim_id, _NO_COPIES)
            found[claim_id] = held.counting(copy)
    return sources, origins, found


def _moment(kept: str | datetime) -> str:
    """A moment as the lines have it; PostgreSQL gives a moment back, and SQLite its text."""
    if isinstance(kept, str):
        return f"{kept[:10]}T{kept[11:19]}Z"
    return lines.moment(in_utc(kept))
