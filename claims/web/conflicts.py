"""Two members saved over each other: both versions of each field, and the way out of it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from claims.rules import differences
from claims.rules.differences import Change
from claims.rules.refusals import Conflict
from claims.web import again, fields
from claims.web.htmx import answer_in_place

# What has a line to itself is read at a glance; a longer text is folded away beside its difference.
_LONG = 600


@dataclass(frozen=True)
class Differing:
    """One field as its second writer left it, and as it stands now."""

    name: str
    field: fields.Field
    yours: str
    theirs: str
    choices: Mapping[str, str]

    @property
    def theirs_in_words(self) -> str:
        """How it stands now, as a member reads it."""
        return self.choices.get(self.theirs, self.theirs)

    @property
    def yours_in_words(self) -> str:
        """What was typed or chosen, as a member reads it."""
        return self.choices.get(self.yours, self.yours)

    @property
    def changes(self) -> list[tuple[Change, str]] | None:
        """Which words theirs lacks and yours has; None where none of them is the same."""
        if self.choices or not (self.yours and self.theirs):
            return None
        return differences.brief(differences.parts(self.theirs, self.yours))

    @property
    def long(self) -> bool:
        """Whether how it stands now fills more than a few lines."""
        return len(self.theirs) > _LONG


def answer(error: Conflict) -> Response:
    """Both versions side by side, and the form to save either or a joined one."""
    differing = [
        Differing(name, known, yours, str(theirs), fields.choices(name, request.endpoint))
        for name, theirs in error.now.items()
        for yours in [_plain(request.form.get(name, ""))]
        for known in [fields.field(name, request.endpoint) or fields.Field(name)]
        if yours != _plain(theirs)
    ]
    shown = {one.name for one in differing}
    return answer_in_place(
        "conflict.html",
        "_conflict.html",
        status=409,
        message=str(error),
        version=error.version,
        differing=differing,
        rest=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in again.TOKENS | shown | {"version"} and "password" not in name
        ],
        action=request.full_path.rstrip("?"),
        leave=_page_above(),
    )


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
