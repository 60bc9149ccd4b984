"""A form that was sent and not taken: everything that was typed into it, to be sent again."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from claims.web import fields

# Made anew for each form; `meant` says that the same words are sent a second time on purpose.
TOKENS = frozenset({"csrf_token", "once", "meant"})

# The one-time key that makes the first owner is given back to nobody.
_SECRET = frozenset({"key"})

# Before the name of each field of a form that waits while its writer signs in.
_CARRIED = "carried."

# What fits into one line of a form.
_LINE = 80


@dataclass(frozen=True)
class Typed:
    """One field as it was sent; without a label it is no member's to read or to change."""

    name: str
    value: str
    label: str = ""
    prose: bool = False
    words: str | None = None


@dataclass(frozen=True)
class Again:
    """A form filled in as it was sent, the address it goes to, and what has to be given anew."""

    action: str
    once: str
    fields: tuple[Typed, ...]
    passwords: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> list[Typed]:
        """What a member can read."""
        return [typed for typed in self.fields if typed.label and typed.value.strip()]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The whole form in hidden fields of another one."""
        inside = [("action", self.action), ("once", self.once)]
        inside += [(f"field.{typed.name}", typed.value) for typed in self.fields]
        inside += [("password", name) for name, _label in self.passwords]
        inside += [("file", name) for name, _label in self.files]
        return [(_CARRIED + name, value) for name, value in inside]


def sent(*, anew: bool = False) -> Again | None:
    """The form of this request; None where there is none, or where another site made it.

    It keeps its token, and so counts once however often it is sent, unless it goes out `anew`.
    """
    if request.method != "POST" or from_elsewhere():
        return None
    try:
        pairs = list(request.form.items(multi=True))
        files = [name for name, file in request.files.items() if file.filename]
    except RequestEntityTooLarge:
        return None
    endpoint = request.endpoint
    return Again(
        action=request.full_path.rstrip("?"),
        once="" if anew else request.form.get("once", ""),
        fields=_typed(pairs, endpoint),
        passwords=_labelled((name for name, _ in pairs if _is_password(name)), endpoint),
        files=_labelled(files, endpoint),
    )


def carried() -> Again | None:
    """The form that a member was sending when they were asked to sign in."""
    action = request.form.get(f"{_CARRIED}action", "")
    if not is_own(action):
        return None
    endpoint = _endpoint(action)
    inside = f"{_CARRIED}field."
    pairs = [
        (name.removeprefix(inside), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(inside)
    ]
    return Again(
        action=action,
        once=request.form.get(f"{_CARRIED}once", ""),
        fields=_typed(pairs, endpoint),
        passwords=_labelled(request.form.getlist(f"{_CARRIED}password"), endpoint),
        files=_labelled(request.form.getlist(f"{_CARRIED}file"), endpoint),
    )


def is_own(address: str) -> bool:
    """Whether an address is a page of this desk, and nobody else's."""
    # Browsers take a backslash for a slash, and drop tabs and line ends.
    odd = "\\" in address or not address.isprintable()
    return address.startswith("/") and not (address.startswith("//") or odd)


def from_elsewhere() -> bool:
    """Whether the browser says that a page of another site sent this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return bool(origin) and str(origin).partition("://")[2] != request.host


def _typed(pairs: Iterable[tuple[str, str]], endpoint: str | None) -> tuple[Typed, ...]:
    return tuple(
        _one(name, value, fields.field(name, endpoint))
        for name, value in pairs
        if name not in TOKENS | _SECRET and not _is_password(name)
    )


def _one(name: str, value: str, field: fields.Field | None) -> Typed:
    if field is None:
        return Typed(name, value)
    if field.choices is not None:
        # The number of a record says nothing to anybody, the key of a rating does.
        key = "" if value.isdigit() else value.replace("-", " ").capitalize()
        return Typed(name, value, field.label, words=field.choices.get(value, key))
    return Typed(name, value, field.label, field.prose or len(value) > _LINE or "\n" in value)


def _is_password(name: str) -> bool:
    return "password" in name


def _labelled(names: Iterable[str], endpoint: str | None) -> tuple[tuple[str, str], ...]:
    known = {name: fields.field(name, endpoint) for name in names}
    return tuple((name, field.label if field else name) for name, field in known.items())


def _endpoint(address: str) -> str | None:
    """The view that a form goes to."""
    try:
        found = current_app.url_map.bind("").match(urlsplit(address).path, "POST")
    except HTTPException:
        return None
    return str(found[0])
