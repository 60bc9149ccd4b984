"""Which claims a list holds, and in which order, as its address says it."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from claims.rules.vocabulary import Kind, State

# How a filter says "nobody" or "none yet", in an address and as the id that no record has.
NONE = "none"
NOBODY = 0

_LONGEST_SEARCH = 200
_LONGEST_WORD = 60
_LARGEST_ID = 2**31


class Sort(StrEnum):
    """In which order claims are listed."""

    ARTICLE = "article"
    CHANGED = "changed"
    NEWEST = "newest"
    EVIDENCE = "evidence"


class Waiting(StrEnum):
    """Why a claim waits for somebody; `me` is any of the reasons."""

    ME = "me"
    REOPENED = "reopened"
    SETTLE = "settle"
    JUDGE = "judge"
    CHECK = "check"


@dataclass(frozen=True)
class Filters:
    """Which claims to list, and in which order, as an address says it.

    `speaker` and `assignee` are ids, or `NOBODY`: the article itself says so,
    nobody works on it. `rating` is the key of a rating, or "none": not ruled.
    `ignored` holds what the address asked and no filter understands.
    """

    q: str = ""
    state: State | None = None
    rating: str = ""
    kind: Kind | None = None
    speaker: int | None = None
    article: int | None = None
    assignee: int | None = None
    tag: str = ""
    mine: bool = False
    waiting: Waiting | None = None
    sort: Sort = Sort.ARTICLE
    ignored: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Filters":
        """Read the filters of an address; what makes no sense is ignored and noted."""
        read: dict[str, Any] = {}
        ignored = []
        for name, reader in _READERS.items():
            text = _clean(args.get(name, ""))
            if not text:
                continue
            try:
                read[name] = reader(text)
            except ValueError:
                ignored.append((name, text[:_LONGEST_WORD]))
        return cls(**read, ignored=tuple(ignored))

    @classmethod
    def carried(cls, query: str | None) -> "Filters | None":
        """Read the filters that an address carries along in `in`, or None without them."""
        if not query:
            return None
        return cls.from_args(dict(parse_qsl(query[:2000])))

    @property
    def carry(self) -> str:
        """The filters in one text, never empty, for the `in` of another page's address."""
        return urlencode({"sort": str(self.sort)} | self.to_args())

    def to_args(self) -> dict[str, str]:
        """The part of an address that says these filters; `from_args` reads it back."""
        return {name: _written(value) for name, value in self.given()}

    def query(self, **more: str) -> str:
        """The same as it is written behind the address of a list."""
        args = self.to_args() | more
        return f"?{urlencode(args)}" if args else ""

    def active(self) -> list[str]:
        """The names of the filters that leave claims out."""
        return [name for name, _value in self.given() if name != "sort"]

    def but(self, **changes: Any) -> "Filters":
        """The same filters with some of them changed; what was ignored is forgotten."""
        return replace(self, ignored=(), **changes)

    def without(self, *names: str) -> "Filters":
        """The same filters but for one or some of them."""
        return self.but(**{name: getattr(_BLANK, name) for name in names})

    def lasting(self) -> "Filters":
        """The part that asks what claims say, who says it and where: whatever is judged of them."""
        return self.without(*(name for name in _READERS if name not in _LASTING))

    def whole(self) -> "Filters":
        """The list of which chips show parts: claims in any state, whoever asks, in one order."""
        return self.without("state", "waiting", "mine", "sort")

    def clear(self) -> "Filters":
        """No filters, in the same order."""
        return Filters(sort=self.sort)

    def wait(self) -> "Filters":
        """The same filters, and whatever waits for the viewer."""
        return self.but(waiting=Waiting.ME)

    def sorted(self, sort: str) -> "Filters":
        """The same filters in another order."""
        return self.but(sort=Sort(sort))

    def given(self) -> list[tuple[str, Any]]:
        """Each filter that was given, by its name."""
        given = ((name, getattr(self, name)) for name in _READERS)
        return [(name, value) for name, value in given if value != getattr(_BLANK, name)]


_BLANK = Filters()

_LASTING = ("q", "kind", "speaker", "article", "tag")


def _clean(text: str) -> str:
    """Leave out what no database stores, and doubled spaces."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text)
    return " ".join("".join(kept).split())[:_LONGEST_SEARCH].strip()


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 11):
        raise ValueError(text)
    number = int(text)
    if not 0 < number < _LARGEST_ID:
        raise ValueError(text)
    return number


def _id_or_none(text: str) -> int:
    return NOBODY if text == NONE else _id(text)


def _short(text: str) -> str:
    if len(text) > _LONGEST_WORD:
        raise ValueError(text)
    return text


def _yes(text: str) -> bool:
    if text != "1":
        raise ValueError(text)
    return True


def _written(value: Any) -> str:
    if value is True:
        return "1"
    return NONE if value == NOBODY else str(value)


_READERS: dict[str, Callable[[str], Any]] = {
    "q": str,
    "state": State,
    "rating": _short,
    "kind": Kind,
    "speaker": _id_or_none,
    "article": _id,
    "assignee": _id_or_none,
    "tag": _short,
    "mine": _yes,
    "waiting": Waiting,
    "sort": Sort,
}
