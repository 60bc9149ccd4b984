"""What happened, in plain words: the one place that words the events of the ledger."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, url_for

from claims import queries
from claims.models import Event

# What somebody did, as it follows their name, and what joins it to the thing they did it to.
# "<rating>" is put in from the event.
_DEEDS: dict[str, tuple[str, str]] = {
    "article added": ("added an article", ""),
    "article edited": ("changed the particulars", "of"),
    "article withdrawn": ("withdrew the article", ""),
    "article restored": ("brought back the article", ""),
    "article seeded": ("laid out an article", ""),
    "passage anchored": ("placed a quotation", "of"),
    "text loaded": ("loaded the full text", "of"),
    "claim added": ("added a claim", ""),
    "claim reworded": ("reworded the claim", ""),
    "claim assigned": ("assigned the claim", ""),
    "claim withdrawn": ("withdrew the claim", ""),
    "claim restored": ("brought back the claim", ""),
    "claim split": ("split the claim", ""),
    "claim merged": ("merged the claim into another", "it was"),
    "claims linked": ("linked another claim", "to"),
    "claims unlinked": ("unlinked another claim", "from"),
    "claims linked again": ("linked another claim again", "to"),
    "claim joined by another": ("merged another claim", "into"),
    "claim settled": ("settled the claim as <rating>", ""),
    "claim reopened": ("reopened the claim", ""),
    "kind changed": ("changed the kind", "of"),
    "speaker changed": ("changed the speaker", "of"),
    "speaker identified": ("linked the speaker to a public record", ""),
    "tags changed": ("changed the tags", "of"),
    "evidence added": ("added evidence", "to"),
    "evidence edited": ("edited evidence", "on"),
    "evidence withdrawn": ("withdrew evidence", "from"),
    "evidence restored": ("brought back evidence", "on"),
    "evidence copied": ("copied evidence", "to"),
    "question asked": ("asked a question", "about"),
    "question reworded": ("reworded a question", "about"),
    "question answered": ("answered a question", "about"),
    "question called unanswerable": ("called a question unanswerable", "about"),
    "question reopened": ("reopened a question", "about"),
    "question withdrawn": ("withdrew a question", "about"),
    "question restored": ("brought back a question", "about"),
    "lead added": ("added a lead", "to"),
    "lead reworded": ("reworded a lead", "on"),
    "lead withdrawn": ("withdrew a lead", "from"),
    "lead restored": ("brought back a lead", "on"),
    "comment added": ("commented", "on"),
    "comment edited": ("edited a comment", "on"),
    "comment withdrawn": ("withdrew a comment", "on"),
    "comment restored": ("brought back a comment", "on"),
    "verdict given": ("gave the verdict <rating>", "on"),
    "verdict changed": ("changed their verdict to <rating>", "on"),
    "ruling published": ("published the ruling", "on"),
    "ruling corrected": ("corrected the ruling to <rating>", "on"),
    "ruling taken back": ("took back the ruling", "on"),
    "source added": ("added a source", ""),
    "source edited": ("edited the source", ""),
    "source withdrawn": ("withdrew the source", ""),
    "source restored": ("brought back the source", ""),
    "source described by its copy": ("filled in what the copy says", "of"),
    "source completed": ("filled in what its double knew", "of"),
    "source captured": ("took a copy", "of"),
    "capture withdrawn": ("withdrew a copy", "of"),
    "capture restored": ("brought back a copy", "of"),
    "capture asked for": ("asked for a copy", "of"),
    "capture failed": ("could not take a copy", "of"),
    "capture cancelled": ("gave up a capture", "of"),
    "outside copy asked for": ("asked an outside archive for a copy", "of"),
    "outside copy failed": ("got no copy from an outside archive", "of"),
    "outside copy cancelled": ("gave up an outside copy", "of"),
    "outside copy recorded": ("recorded an outside copy", "of"),
    "copy found missing": ("found the bytes missing of a copy", "of"),
    "copy found changed": ("found a damaged copy", "of"),
    "copy found sound again": ("found the bytes sound again in a copy", "of"),
    "copy moved to the same source": ("moved a copy", "to"),
    "evidence moved to the same source": ("moved evidence to the same source", "on"),
    "source graded": ("graded the source", ""),
    "source’s origin changed": ("changed the origin", "of"),
    "origin added": ("named an origin", ""),
    "sources called one origin": ("called two sources one origin", "among them"),
    "sources called independent": ("called two sources independent", "among them"),
    "member added": ("added a member", ""),
    "member invited": ("invited a member", ""),
    "member joined": ("joined the desk", ""),
    "member removed": ("removed the member", ""),
    "member restored": ("let back in", ""),
    "first owner made": ("became the first owner", ""),
    "role changed": ("changed the role", "of"),
    "name changed": ("took another name", ""),
    "e-mail changed": ("changed an e-mail address", "of"),
    "password changed": ("set another password", "for"),
    "signed out everywhere": ("signed out everywhere", ""),
    "invitation withdrawn": ("withdrew an invitation", ""),
    "invitation used": ("used an invitation", ""),
    "desk founded": ("founded the desk", ""),
    "settings changed": ("changed the settings", ""),
    "review policy changed": ("changed the review policy", ""),
    "rating scale published": ("published a rating scale", ""),
    "report frozen": ("froze report", ""),
}

_IRREGULAR = {"given": "gave", "taken": "took", "withdrawn": "withdrew", "frozen": "froze"}

# What an event may be about, its page, and how that page's address calls the id.
_PAGES = {
    "claim": ("claims.show", "claim_id"),
    "article": ("articles.show", "article_id"),
    "source": ("sources.show", "source_id"),
    "origin": ("origins.show", "origin_id"),
}

Names = Mapping[tuple[str, int], str]


def deed(event: Event, names: Names | None = None, times: int = 1) -> str:
    """What somebody did, as it follows their name: "reworded the claim".

    With `times`, what they did as often in a row: "added 57 claims".
    """
    words = _deed(event, names or {})
    if times == 1:
        return words
    many, changed = re.subn(r"\b(?:an?|the) (\w*[^\Ws])$", rf"{times} \1s", words.split(" as ")[0])
    return many if changed else f"{words}, {times} times"


def _deed(event: Event, names: Names) -> str:
    if event.action == "claim assigned":
        return _assigned(event, names)
    words = _DEEDS[event.action][0] if event.action in _DEEDS else _said(event.action)
    rating = event.after.get("rating")
    if isinstance(rating, str):
        return words.replace("<rating>", rating)
    return re.sub(r" (as|to|the verdict) <rating>", "", words)


def _assigned(event: Event, names: Names) -> str:
    to: Any = event.after.get("assignee_id")
    if to is None:
        return "gave back the claim" if _own(event, "before") else "unassigned the claim"
    if _own(event, "after"):
        return "took the claim"
    return f"handed {names.get(('member', to), 'somebody')} the claim"


def _own(event: Event, side: str) -> bool:
    return event.member_id is not None and (
        getattr(event, side).get("assignee_id") == event.member_id
    )


def _said(action: str) -> str:
    """An action that has no words of its own here: "dam inspected" is "inspected the dam"."""
    noun, _, participle = action.rpartition(" ")
    if not noun:
        return action
    return f"{_IRREGULAR.get(participle, participle)} the {noun}"


def joint(event: Event) -> str:
    """What joins a deed to the thing it was done to: added evidence *to* …"""
    return _DEEDS.get(event.action, ("", ""))[1]


def address(event: Event) -> str | None:
    """Where the thing is that an event is about, if it has a page."""
    if event.subject == "report":
        return url_for("reports.show", number=event.after["number"])
    about = queries.subjects.subject(event)
    if about is None or about[0] not in _PAGES:
        return None
    endpoint, argument = _PAGES[about[0]]
    values: dict[str, Any] = {argument: about[1]}
    return url_for(endpoint, **values)


def called(event: Event, names: Names) -> str | None:
    """The name of the thing that an event is about, unless that is who did it."""
    if event.subject == "report":
        return f"{event.after['number']}: {event.after['title']}"
    about = queries.subjects.subject(event)
    if about is None or about == ("member", event.member_id):
        return None
    return names.get(about)


def register(app: Flask) -> None:
    """Let templates word events; see event.html."""
    for function in (deed, joint, address, called):
        app.add_template_global(function, f"event_{function.__name__}")
