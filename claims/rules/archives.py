"""Web archives: which address leads to a preserved copy, and of what."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

# What follows the address of an archive is the original, with its own query and fragment.
_ORIGINAL = r"(?P<original>(?:https?:|[^/\s*]+\.)\S+)"
_CODE = r"(?!submit|search)[A-Za-z0-9]{4,6}"
_END = r"/?(?:[?#].*)?"

_COPIES = {
    # Two letters and a dash after the moment choose how the copy is shown.
    r"https?://(?:web|wayback)\.archive\.org(?::80|:443)?/web/"
    rf"(?:(?P<at>\d{{1,14}})(?:[a-z]{{2}}_)?/)?{_ORIGINAL}": "Wayback Machine",
    r"https?://archive\.(?:today|ph|is|li|vn|fo|md)/"
    rf"(?:(?P<at>\d{{4}}\.\d\d\.\d\d-\d{{6}}|\d{{4,14}})|newest|oldest|o/{_CODE})"
    rf"/{_ORIGINAL}": "archive.today",
    rf"https?://archive\.(?:today|ph|is|li|vn|fo|md)/(?:wip/)?{_CODE}{_END}": "archive.today",
    rf"https?://(?:www\.)?perma\.cc/[A-Z0-9]{{4}}-[A-Z0-9]{{4}}{_END}": "Perma.cc",
}
# An archive takes an address without its scheme too, and what passes one on may join its slashes.
_SCHEME = re.compile(r"(https?):/{1,2}(?=[^/])", re.IGNORECASE)


@dataclass(frozen=True)
class Archived:
    """A preserved copy: who keeps it, and what its address tells of what it was and when."""

    archive: str
    original: str | None
    at: datetime | None


def recognised(address: str) -> Archived | None:
    """What an address of a web archive leads to, or None for any other address.

    recognised("https://web.archive.org/web/20150903120000/https://register.example/dams") is
    the Wayback Machine's copy of that page, from noon of 3 September 2015.
    """
    for pattern, archive in _COPIES.items():
        found = re.fullmatch(pattern, address.strip(), re.IGNORECASE)
        if found:
            told = found.groupdict()
            return Archived(archive, _original(told.get("original")), _moment(told.get("at")))
    return None


def _original(written: str | None) -> str | None:
    if written is None:
        return None
    scheme = _SCHEME.match(written)
    if not scheme:
        return f"http://{written}"
    return f"{scheme[1].lower()}://{written[scheme.end() :]}"


def _moment(written: str | None) -> datetime | None:
    """The moment, if it is there to the second: a shorter one only asks for a copy near it."""
    digits = re.sub(r"\D", "", written or "")
    if len(digits) != 14:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
