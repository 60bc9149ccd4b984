"""What pages show again and again is drawn once: badges, pills, addresses that differ in an id."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

import flask.templating
from flask import Flask, url_for
from markupsafe import Markup

# Names and ratings come and go; what was not drawn lately is forgotten.
_MOST = 4096

# No record has this id, so that it stands for any.
_ANY = 2**31 - 1


class Templates(flask.templating.Environment):
    """Templates that all have the same globals."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # Jinja lays a mapping of its own over them for each template, which none here uses and
        # which is slow to read: for every include and import, it is read from end to end.
        return self.globals if d is None else super().make_globals(d)


def register(app: Flask) -> None:
    """Let templates write `drawn(badge, rating)` for `badge(rating)`."""
    # For macros that know nothing of the request, with values that never change.
    app.add_template_global(lru_cache(_MOST)(_draw), "drawn")


def _draw(macro: Callable[..., Markup], *values: Any, **named: Any) -> Markup:
    return macro(*values, **named)


def addresses(endpoint: str, name: str, **values: Any) -> Callable[[int], str]:
    """A function that gives the address of one record by its id, for a list of many."""
    of_any: dict[str, Any] = {name: _ANY} | values
    before, _, after = url_for(endpoint, **of_any).partition(str(_ANY))
    return lambda record_id: f"{before}{record_id}{after}"
