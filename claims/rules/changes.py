"""What an event of the ledger changed, in the words of a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from claims.rules import differences

# Which record an id in an event means, so that its name can stand in its place.
REFERENCES = {
    "speaker_id": "speaker",
    "assignee_id": "member",
    "rating_id": "rating",
    "source_id": "source",
    "evidence_id": "evidence",
    "copy_of": "evidence",
    "evidence_moved": "evidence",
    "rests on": "evidence",
    "split_from_id": "claim",
    "split_into": "claim",
    "merged_into_id": "claim",
    "merged_from": "claim",
    "other_claim_id": "claim",
    "other_source_id": "source",
}

# What an event's changes are named by, unless the change itself holds the words.
NAMED = {"question": "text", "lead": "text", "evidence": "source_id"}

Names = Mapping[tuple[str, int], str]

# Texts that are compared word by word; anything else is shown as it was and as it is.
_PROSE = frozenset(
    {
        "answer",
        "excerpt",
        "note",
        "rationale",
        "statement",
        "text",
        "title",
        "withdrawal_reason",
    }
)

# What the event itself says already, what the desk derives, and what only the database needs.
_LEFT_OUT = frozenset(
    {
        *("id", "claim_id", "article_id", "member_id", "created_by_id", "seeded", "seed_key"),
        *("created_at", "changed_at", "edited_at", "withdrawn_at", "published_at", "reopened_at"),
        *("state", "evidence_count", "standing", "supersedes_id", "number", "claims_numbered"),
        *("asked_by_id", "answered_by_id", "ruled_by_id", "published_by_id", "frozen_by_id"),
        "withdrawn_by_id",
    }
)

_LABELS = {
    "assignee_id": "Assigned to",
    "copy_of": "Copied from",
    "evidence_moved": "Evidence that moved",
    "question_moved": "Questions that moved",
    "lead_moved": "Leads that moved",
    "comment_moved": "Comments that moved",
    "links": "Links that moved",
    "merged_from": "Joined by",
    "merged_into_id": "Merged into",
    "other_claim_id": "The other claim",
    "other_source_id": "The other source",
    "sha256": "SHA-256 of the bytes",
    "final_url": "Where that led",
    "archive_url": "Outside copy",
    "taken_at": "Taken",
    "same_as": "Identified by",
    "type": "Type",
    "withdrawal_reason": "Reason",
    "reopening_reason": "Reason",
    "correction_reason": "Reason",
    "consulted_on": "Consulted",
    "published_on": "Published",
}


@dataclass(frozen=True)
class Changed:
    """One value before and after; `parts` compares two texts word by word."""

    label: str
    before: str
    after: str
    parts: tuple[tuple[differences.Change, str], ...] | None = None


def changed(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    names: Names,
    subject: tuple[str, int] | None = None,
) -> list[Changed]:
    """What an event changed, with names in place of ids; empty values left out.

    `subject` is what the event is about, to be named where the event itself
    doesn't say it: which question was answered, which evidence was withdrawn.
    """
    found = []
    if subject and subject in names and NAMED.get(subject[0], "id") not in {"id", *after}:
        found.append(Changed(_label(subject[0]), "", names[subject]))
    for field in dict.fromkeys((*after, *before)):
        if field in _LEFT_OUT or (field == "rating_id" and "rating" in after):
            continue
        if field == "status" and not before:
            continue
        old = _in_words(field, before.get(field), names)
        new = _in_words(field, after.get(field), names)
        if old == new:
            continue
        compared = tuple(differences.parts(old, new)) if field in _PROSE and old and new else None
        found.append(Changed(_label(field), old, new, compared))
    return found


def references(values: Iterable[Mapping[str, Any]]) -> dict[str, set[int]]:
    """The ids that events mention, by what they are ids of."""
    wanted: dict[str, set[int]] = {}
    for held in values:
        for field, value in held.items():
            if field in REFERENCES and value is not None:
                ids = value if isinstance(value, list) else [value]
                subject = wanted.setdefault(REFERENCES[field], set())
                subject.update(i for i in ids if isinstance(i, int))
    return {subject: ids for subject, ids in wanted.items() if ids}


def _label(field: str) -> str:
    words = field.removesuffix("_id").replace("_", " ")
    return _LABELS.get(field) or words[:1].upper() + words[1:]


def _in_words(field: str, value: Any, names: Names) -> str:
    if value is None or value == "" or value == []:
        return ""
    subject = REFERENCES.get(field)
    if isinstance(value, list):
        if subject:
            return "; ".join(_name(subject, one, names) for one in value)
        if all(isinstance(one, str) for one in value):
            return ", ".join(value)
        return str(len(value))
    if subject:
        return _name(subject, value, names)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _name(subject: str, value: Any, names: Names) -> str:
    return names.get((subject, value), f"{subject} {value}")
