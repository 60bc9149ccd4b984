"""What pages show again and again is drawn once: badges, rows of a list, filters to choose from."""

from collections.abc import Callable, Hashable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import flask.templating
from flask import Flask, url_for
from markupsafe import Markup

# Characters of all that is kept: rows come and go with what is asked for. Past them all is
# forgotten, which is drawn again as it is needed. What a piece was drawn of takes room as well.
_MOST = 8_000_000
_KEY = 1_000

# No record has this id, so that it stands for any.
_ANY = 2**31 - 1


class Templates(flask.templating.Environment):
    """Templates that all have the same globals."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # Jinja lays a mapping of its own over them for each template, which none here uses and
        # which is slow to read: for every include and import, it is read from end to end.
        return self.globals if d is None else super().make_globals(d)


class Drawings:
    """What macros drew, by what they were given."""

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._kept, self._size = most, dict[Hashable, Markup](), 0

    def __call__(self, macro: Callable[..., Markup], *values: Hashable) -> Markup:
        """What the macro draws of these values; it may know nothing else, such as the request."""
        return self.by(values, macro, *values)

    def by(self, said: Hashable, macro: Callable[..., Markup], *values: Any) -> Markup:
        """The same of values that are known again by what is `said` of them, which is all there is
        to draw.
        """
        key = macro, said
        drawn = self._kept.get(key)
        if drawn is None:
            drawn = macro(*values)
            # Threads may count past each other; the bound need not be exact.
            self._size += len(drawn) + _KEY
            if self._size > self._most:
                self._kept, self._size = {}, len(drawn) + _KEY
            self._kept[key] = drawn
        return drawn

    def each(self, macro: Callable[..., Markup], first: Iterable[Hashable], *rest: Any) -> Markup:
        """What the macro draws of one after the other."""
        return Markup().join([self(macro, one, *rest) for one in first])


def register(app: Flask) -> None:
    """Let templates write `drawn(badge, rating)` for `badge(rating)`, and use `addresses`."""
    app.add_template_global(addresses)
    app.add_template_global(Drawings(), "drawn")


@dataclass(frozen=True)
class Addresses:
    """The addresses of many records, which differ in one word only."""

    before: str
    after: str

    def __call__(self, word: int | str) -> str:
        return f"{self.before}{quote(str(word), safe='')}{self.after}"


def addresses(endpoint: str, name: str, **values: Any) -> Addresses:
    """The addresses that differ in one value, for a list of many."""
    of_any: dict[str, Any] = {name: _ANY} | values
    before, _, after = url_for(endpoint, **of_any).partition(str(_ANY))
    return Addresses(before, after)
