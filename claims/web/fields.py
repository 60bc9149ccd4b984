"""What the fields of the forms are called, for pages that show a form apart from its own page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import g, request

from claims import queries, rules
from claims.rules.roles import ROLE_DEFINITIONS
from claims.rules.scales import COLOURS, SHAPES
from claims.rules.vocabulary import KIND_DEFINITIONS, Channel, SourceType


@dataclass(frozen=True)
class Field:
    """A field of a form: its label, whether it takes prose, and what its choices mean."""

    label: str
    prose: bool = False
    choices: Mapping[str, str] | None = None


def _graded(grades: Mapping[int, str] | Mapping[str, str]) -> dict[str, str]:
    return {"": "Not graded yet"} | {
        str(grade): f"{grade} · {is_}" for grade, is_ in grades.items()
    }


_YES = {"": "No", "1": "Yes"}
_KINDS = {kind.value: f"{kind}: {words}" for kind, words in KIND_DEFINITIONS.items()}
_ROLES = {role.value: f"{role.capitalize()}: {words}" for role, words in ROLE_DEFINITIONS.items()}

_CHANNELS = {channel.value: channel.value.capitalize() for channel in Channel}

# By the name of the field. What a form calls otherwise stands below.
_FIELDS = {
    "alone": Field("May be given to an opinion or a prediction without evidence", choices=_YES),
    "answer": Field("The answer, or why there is none", prose=True),
    "archive_url": Field("Address of the archived copy"),
    "author": Field("Author"),
    "blind": Field(
        "Blind: reviewers see each other’s verdicts only once all of them are in", choices=_YES
    ),
    "channel": Field("How they were asked", choices={"": "Not recorded", **_CHANNELS}),
    "colour": Field("Colour", choices={colour: colour for colour in COLOURS}),
    "confidence": Field(
        "How sure are you?", choices={"low": "Low", "medium": "Medium", "high": "High"}
    ),
    "consulted_on": Field("Consulted"),
    "correction": Field(
        "What kind of correction?",
        choices={
            "minor": "Minor: a slip; the finding stands",
            "update": "Update: new facts since",
            "substantial": "Substantial: the finding changes",
            "void": "Void: take the ruling back",
        },
    ),
    "credibility": Field("Credibility of what it says", choices=_graded(rules.grades.CREDIBILITY)),
    "definition": Field("Definition"),
    "email": Field("E-mail"),
    "evidence": Field("Answered by", choices={}),
    "excerpt": Field("Excerpt", prose=True),
    "file": Field("Or a text file"),
    "from": Field(
        "Where is it from?",
        choices={"existing": "A source of the library", "new": "A new source"},
    ),
    "keep_copy": Field("Keep a copy of the page", choices=_YES),
    "kind": Field("Kind", choices=_KINDS),
    "language": Field("Language"),
    "leads": Field("Leads", prose=True),
    "locator": Field("Where in the source"),
    "logo_url": Field("Address of a logo"),
    "name": Field("Name"),
    "note": Field("Note", prose=True),
    "number": Field("Number"),
    "old_password": Field("Your password"),
    "origin": Field("Who it comes from"),
    "origins_reason": Field("Why so few independent origins suffice", prose=True),
    "origins_required": Field("Independent origins a ruling rests on"),
    "own_article_reason": Field("Why the article itself may stand here", prose=True),
    "part": Field("A further claim: what it says", prose=True),
    "password": Field("Password"),
    "password_again": Field("The same password again"),
    "public_url": Field("Public address"),
    "published_on": Field("Published"),
    "publisher": Field("Publisher"),
    "quotation": Field("Quotation", prose=True),
    "rating": Field("Rating", choices={}),
    "rationale": Field("Why, in words that a reader will see", prose=True),
    "reason": Field("Why is it withdrawn?", prose=True),
    "reliability": Field("Reliability of the source", choices=_graded(rules.grades.RELIABILITY)),
    "reopening_reason": Field("Why it has to be looked at again", prose=True),
    "role": Field("Their role"),
    "same_as": Field("A page that says who that is"),
    "shape": Field("Shape", choices={shape: shape for shape in SHAPES}),
    "speaker": Field("Speaker"),
    "speaker_type": Field(
        "A person or a body",
        choices={
            "": "Not recorded",
            "person": "A person",
            "body": "A body, such as a committee",
        },
    ),
    "stance": Field(
        "Which way does it point?",
        choices={"supports": "Supports", "context": "Context", "refutes": "Refutes"},
    ),
    "statement": Field("The claim, in our words", prose=True),
    "tag": Field("Tag"),
    "tags": Field("Tags"),
    "text": Field("Text", prose=True),
    "title": Field("Title"),
    "type": Field("Type", choices={kind.value: kind.capitalize() for kind in SourceType}),
    "unanswerable": Field("Nothing can answer it", choices=_YES),
    "url": Field("Address"),
    "verdicts_required": Field("Verdicts a claim needs before it can be settled"),
    "who": Field("Who"),
}

_OWN = {
    ("account.change_email", "email"): Field("The e-mail you sign in with"),
    ("account.change_password", "old_password"): Field("Your password until now"),
    ("account.change_password", "password"): Field("New password"),
    ("account.change_password", "password_again"): Field("The new password again"),
    ("account.rename", "name"): Field("Your name"),
    ("articles.add", "published_on"): Field("Published on"),
    ("articles.mark", "statement"): Field("Claim", prose=True),
    ("articles.save", "published_on"): Field("Published on"),
    ("articles.withdraw", "reason"): Field("Why", prose=True),
    ("copies.add_files", "file"): Field("Or bring files"),
    ("copies.add_spoken", "consulted_on"): Field("When"),
    ("copies.add_spoken", "note"): Field("What they said", prose=True),
    ("copies.add_spoken", "title"): Field("What the desk calls it"),
    ("copies.paste", "url"): Field("Paste an address"),
    ("copies.upload", "file"): Field("Add a copy as a file"),
    ("claims.link", "note"): Field("How the two bear on each other"),
    ("claims.save", "role"): Field("In which role"),
    ("claims.save", "speaker"): Field("Who says so"),
    ("claims.split", "statement"): Field("This claim goes on saying", prose=True),
    ("claims.withdraw", "reason"): Field("Why is this claim withdrawn?", prose=True),
    ("discussion.ask", "text"): Field("What has to be answered?", prose=True),
    ("discussion.comment", "text"): Field("Say something to the others", prose=True),
    ("discussion.hint", "text"): Field("Where could one look?", prose=True),
    ("discussion.save_comment", "text"): Field("Your comment", prose=True),
    ("discussion.save_lead", "text"): Field("The lead", prose=True),
    ("discussion.save_question", "text"): Field("The question", prose=True),
    ("people.accept", "name"): Field("Your name"),
    ("people.change_role", "role"): Field("What they may do", choices=_ROLES),
    ("people.invite", "note"): Field("For whom"),
    ("people.invite", "role"): Field("They will be", choices=_ROLES),
    ("rulings.correct", "reason"): Field("Why it changed, for readers", prose=True),
    ("welcome.found", "name"): Field("Your name"),
}


def field(name: str, endpoint: str | None) -> Field | None:
    """What a form calls a field; None for what is no member's to read, such as an id."""
    known = _OWN.get((endpoint or "", name)) or _FIELDS.get(name)
    if known:
        return known
    # The rows of a rating scale: "name-3" is the name in the third.
    row = re.fullmatch(r"([a-z]+)-(\d+)", name)
    inside = _FIELDS.get(row[1]) if row else None
    return replace(inside, label=f"{inside.label} {row[2]}") if row and inside else None


def choices(name: str, endpoint: str | None) -> dict[str, str]:
    """What a field may be set to and what that means, with what the database knows of it."""
    known = field(name, endpoint)
    if known is None or known.choices is None:
        return {}
    if name == "rating":
        return {rating.key: rating.name for rating in queries.scales.current(g.session)}
    if name == "evidence":
        claim = queries.claims.one(g.session, (request.view_args or {})["claim_id"])
        pieces = queries.evidence.on_claim(g.session, claim).standing if claim else ()
        nothing = {"": "no evidence in particular"}
        return nothing | {str(piece.id): piece.source.title for piece in pieces}
    return dict(known.choices)
