"""Forms: what was typed, what is wrong with it in the words of the field, the checked data."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Generic, TypeVar, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from claims.rules.emails import well_formed

Form = TypeVar("Form", bound=BaseModel)

# What no field may hold: NUL and lone surrogates, which no database stores.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A name of 253 letters (RFC 1035), with a port and somebody to sign in as.
_LONGEST_SITE = 300


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # Browsers send line ends as CRLF.
    return _UNSTORABLE.sub("\ufffd", value.replace("\r\n", "\n"))


def _or_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _or_no(value: Any) -> Any:
    return False if value == "" else value


def _partial_date(value: str | None) -> str | None:
    if value is None:
        return None
    parts = value.split("-")
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", value):
        raise ValueError("write a date as 2009, 2009-07 or 2009-07-21")
    try:
        date(int(parts[0]), *(int(p) for p in [*parts[1:], "1", "1"][:2]))
    except ValueError:
        raise ValueError("there is no such date") from None
    return value


def _web_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"https?://[^\s/]+\S*", value, re.IGNORECASE):
        raise ValueError("write a whole address that starts with https:// or http://")
    if value is not None and len(re.split(r"[/?#]", value.split("//", 1)[1])[0]) > _LONGEST_SITE:
        raise ValueError(
            "check the address between “//” and the next “/”: no site has so long a name"
        )
    return value


def _email(value: str) -> str:
    if not well_formed(value):
        raise ValueError("write an e-mail address, such as name@newsroom.example")
    return value


Clean = BeforeValidator(_clean)
Blank = BeforeValidator(_or_none)

# What fields are made of; the last annotation sees the typed text first. A `Line` or `Text`
# must not be empty; the `Maybe…` may.
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Clean]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), Clean
]
MaybeLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Clean]
MaybeText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), Clean]
MaybeDate = Annotated[
    str | None,
    AfterValidator(_partial_date),
    Blank,
    Clean,
]
MaybeAddress = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None,
    AfterValidator(_web_address),
    Blank,
    Clean,
]
MaybeReason = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None, Blank, Clean
]
# A box to tick; where it is a choice of two, "no" is blank.
Ticked = Annotated[bool, BeforeValidator(_or_no)]
MaybeNumber = Annotated[int | None, Blank]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Clean]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=320),
    AfterValidator(_email),
    Clean,
]
# Every character counts, blanks too.
Password = Annotated[str, StringConstraints(min_length=1), Clean]


class WithdrawalForm(BaseModel):
    """Why something is withdrawn."""

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean
    ]


# pydantic's error types, in the words of a form.
_MESSAGES = {
    "missing": "Fill this in.",
    "string_too_short": "Fill this in.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "int_parsing": "Write a whole number.",
    "int_type": "Choose one.",
    "enum": "Choose one of the values offered.",
    "literal_error": "Choose one of the values offered.",
    "greater_than_equal": "This has to be at least {ge}.",
    "less_than_equal": "This can be at most {le}.",
    "too_short": "Choose at least one.",
    "bool_parsing": "Tick the box or leave it empty.",
}


class Submission(Generic[Form]):
    """One submitted form: gives back every field as it was typed."""

    def __init__(self, form: type[Form], typed: "MultiDict[str, str]") -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}
        self._data: Form | None = None
        try:
            self._data = form.model_validate(_fields(form, typed))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                name = str(detail["loc"][0]) if detail["loc"] else ""
                self.errors.setdefault(name, _message(detail))

    @property
    def valid(self) -> bool:
        """Whether the form can be acted on."""
        return self._data is not None and not self.errors

    @property
    def data(self) -> Form:
        """The checked data of a valid form."""
        if self._data is None:
            raise ValueError("the form is not valid")
        return self._data

    def refuse(self, name: str, message: str) -> None:
        """Mark a field with what a rule of the desk has against it."""
        self.errors[name] = message

    def error(self, name: str) -> str | None:
        """What is wrong with a field, if anything."""
        return self.errors.get(name)

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field."""
        return self.typed.get(name, default)

    def values(self, name: str) -> list[str]:
        """What was chosen in a field of several values."""
        return self.typed.getlist(name)


def _fields(form: type[BaseModel], typed: "MultiDict[str, str]") -> dict[str, Any]:
    """The fields that the form knows; lists for those that hold several values."""
    found: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        if get_origin(field.annotation) is list:
            found[name] = typed.getlist(name)
        elif name in typed:
            found[name] = typed[name]
    return found


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        words = str(detail["ctx"]["error"])
        return f"{words[0].upper()}{words[1:].rstrip('.')}."
    template = _MESSAGES.get(detail["type"])
    return template.format(**detail.get("ctx", {})) if template else f"{detail['msg']}."


def listed(values: Iterable[str]) -> list[str]:
    """The entries of a comma-separated field, without blanks and repeats, in their order."""
    found: dict[str, None] = {}
    for value in values:
        found.update(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    return list(found)
