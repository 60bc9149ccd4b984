"""Two members saved over each other: what each of them changed, and the way out of it."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from claims import queries
from claims.models import Event
from claims.rules import differences
from claims.rules.differences import Change
from claims.rules.refusals import Conflict
from claims.web import again, fields
from claims.web.htmx import answer_in_place

# What has a line to itself is read at a glance; a longer text is folded away beside its difference.
_LONG = 600

# The ledger's names for what some fields say; those of a rating scale's rows end in a number.
_RECORDED_AS = {
    "evidence": "evidence_id",
    "rating": "rating_id",
    "role": "speaker_id",
    "speaker": "speaker_id",
    "unanswerable": "status",
}


@dataclass(frozen=True)
class Differing:
    """One field as its second writer left it, and as it stands now."""

    name: str
    field: fields.Field
    yours: str
    theirs: str
    choices: Mapping[str, str]
    # Whether the second writer changed it, and whether anybody else did.
    touched: bool
    overtaken: bool
    # Who did, as far as the ledger tells.
    by: str | None = None

    @property
    def theirs_in_words(self) -> str:
        """How it stands now, as a member reads it."""
        return self.choices.get(self.theirs, self.theirs)

    @property
    def yours_in_words(self) -> str:
        """What was typed or chosen, as a member reads it."""
        return self.choices.get(self.yours, self.yours)

    @property
    def first(self) -> str:
        """What the form to go on with holds: nobody's change is undone by one press."""
        return self.yours if self.touched else self.theirs

    @property
    def changes(self) -> list[tuple[Change, str]] | None:
        """Which words come and go: by what was typed, or by what the other one saved.

        None where no word is the same.
        """
        if self.choices or not (self.yours and self.theirs):
            return None
        before, after = (self.theirs, self.yours) if self.touched else (self.yours, self.theirs)
        return differences.brief(differences.parts(before, after))

    @property
    def long(self) -> bool:
        """Whether how it stands now fills more than a few lines."""
        return len(self.theirs) > _LONG


def register(app: Flask) -> None:
    """Let a form say what it was opened with."""
    app.add_template_filter(digests)


def digests(held: Mapping[str, object]) -> str:
    """What fields hold, short enough to travel with their form: `title:83ac… note:09fd…`."""
    return " ".join(f"{name}:{_digest(str(value or ''))}" for name, value in held.items())


def answer(error: Conflict) -> Response:
    """What each of the two changed, and the form that saves either or a joined one."""
    opened = dict(one.rpartition(":")[::2] for one in request.form.get("opened", "").split())
    told = queries.ledger.last_to_change(g.session, *error.of)
    differing, unseen = [], {}
    for name, theirs in error.now.items():
        yours, known = request.form.get(name, ""), fields.field(name, request.endpoint)
        if _digest(yours) == _digest(theirs):
            continue
        # Of what was opened before forms said so, both may have changed everything.
        touched = opened.get(name) != _digest(yours)
        overtaken = opened.get(name) != _digest(theirs)
        if known:
            choices = fields.choices(name, request.endpoint)
            by = _who(told, name)
            said = _plain(yours), _plain(theirs)
            differing.append(Differing(name, known, *said, choices, touched, overtaken, by))
        elif not touched:
            unseen[name] = theirs
    shown = {one.name for one in differing if one.overtaken}
    left_out = again.TOKENS | shown | unseen.keys() | {"version", "opened"}
    return answer_in_place(
        "conflict.html",
        "_conflict.html",
        status=409,
        message=str(error),
        version=error.version,
        held=error.now,
        # First what somebody has to decide.
        differing=sorted(
            (one for one in differing if one.overtaken), key=lambda one: not one.touched
        ),
        alone=[one for one in differing if not one.overtaken],
        rest=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in left_out and "password" not in name
        ]
        + [*unseen.items()],
        action=request.full_path.rstrip("?"),
        leave=_page_above(),
    )


def _who(told: Mapping[str, Event], name: str) -> str | None:
    """Who changed what a field says; None where that is another record's to tell."""
    recorded = "scale_id" if "-" in name else _RECORDED_AS.get(name, name)
    event = told.get(name) or told.get(recorded)
    if event is None:
        return None
    return "you in another window" if event.member_id == g.member.id else event.actor


def _digest(text: str) -> str:
    plain = _plain(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(plain, digest_size=6).hexdigest()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _page_above() -> str:
    """The page of what the form is about: the nearest one above the form's own address."""
    pages = current_app.url_map.bind("")
    path = request.path
    while path := path.rpartition("/")[0]:
        with suppress(HTTPException):
            pages.match(path, "GET")
            query = request.query_string.decode()
            return f"{path}?{query}" if query else path
    return "/"
