"""Which sources probably come from one origin. The desk suggests; a person decides."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from urllib.parse import urlsplit

from claims.rules.searching import words
from claims.rules.vocabulary import Stance


class Why(StrEnum):
    """Why two sources are suggested as one origin, the strongest reason first."""

    ADDRESS = "same canonical address"
    TEXT = "nearly the same text"
    SITE = "same site"


# Three words in a row are seldom the same by chance. With every tenth word
# changed half of them stay, and two reports of one event by two hands share few.
_TOGETHER = 3
ENOUGH = 0.5

# What says less is a notice (“Access denied”, “Accept cookies”), and alike on many pages.
_FEWEST = 40

# The estimate is right to about 0.06, and a sketch takes SKETCH_LENGTH characters.
_KEPT = 64
_BYTES = 4
SKETCH_LENGTH = -(-_KEPT * _BYTES // 3) * 4

# So many quotations of an article, of that many words at least, tell it from others.
_FEWEST_QUOTATIONS = 5

# The smallest of two texts with half of their runs in common: that they share none of so many
# happens to one pair of three thousand.
_PARTS = 8


@dataclass(frozen=True)
class Independence:
    """How many independent origins speak for a claim, and how many against it."""

    supports: int
    refutes: int

    @property
    def stronger(self) -> int:
        """The number on the side that has more of them."""
        return max(self.supports, self.refutes)


# Of a piece of evidence: its stance, its source, the origin of that, and whether it is from the
# article whose claim it bears on.
Piece = tuple[Stance, int, int | None, bool]


def independence(pieces: Iterable[Piece]) -> Independence:
    """Count the origins of evidence for and against a claim, each once a side.

    A source that is not known to come from somebody else is an origin of its own. The
    article itself, where somebody wrote why it may stand there, is none: it made the claim.
    """
    # A report asks this for each of its many claims.
    supports, refutes = set[tuple[int | None, int]](), set[tuple[int | None, int]]()
    for stance, source_id, origin_id, own_article in pieces:
        if own_article:
            continue
        known = (source_id, 0) if origin_id is None else (None, origin_id)
        if stance == Stance.SUPPORTS:
            supports.add(known)
        elif stance == Stance.REFUTES:
            refutes.add(known)
    return Independence(len(supports), len(refutes))


def carries(text: str, quotations: Iterable[str]) -> bool:
    """Whether a text is an article, of which only these quotations are known: it has most of them.

    Too few of them, or too short ones, tell nothing.
    """
    whole = f" {' '.join(words(text))} "
    told = [said for said in map(words, quotations) if len(said) >= _TOGETHER]
    found = sum(f" {' '.join(said)} " in whole for said in told)
    return len(told) >= _FEWEST_QUOTATIONS and found >= ENOUGH * len(told)


@dataclass(frozen=True)
class Traces:
    """What is known of a source that may betray its origin.

    `addresses` are the fingerprints of its address and of the canonical one
    that its page states, see `rules.addresses`.
    """

    addresses: frozenset[str] = frozenset()
    site: str | None = None
    sketch: str = ""


def shared(one: Traces, other: Traces) -> list[Why]:
    """The reasons to take two sources for one origin, the strongest first."""
    reasons = {
        Why.ADDRESS: not one.addresses.isdisjoint(other.addresses),
        Why.TEXT: likeness(one.sketch, other.sketch) >= ENOUGH,
        Why.SITE: one.site is not None and one.site == other.site,
    }
    return [reason for reason, holds in reasons.items() if holds]


def sketch(text: str) -> str:
    """A short string by which texts that are nearly the same are known; '' of too short a text.

    It holds the smallest hashes of all runs of three words, which stand for
    the whole as a blind draw does (bottom-k MinHash): of two texts with many
    runs in common, many of the smallest are the same. The same on every machine.
    """
    found = words(text)
    if len(found) < _FEWEST:
        return ""
    runs = {" ".join(found[at : at + _TOGETHER]) for at in range(len(found) - _TOGETHER + 1)}
    kept = nsmallest(_KEPT, {_hashed(run) for run in runs})
    return base64.b64encode(b"".join(kept)).decode()


def likeness(a: str, b: str) -> float:
    """The share of runs of words that two texts have in common, told from their sketches."""
    one, other = _hashes(a), _hashes(b)
    if not one or not other:
        return 0.0
    # The smallest of both together are a fair draw; those beyond are known of one only.
    drawn = nsmallest(_KEPT, one | other)
    return sum(hashed in one and hashed in other for hashed in drawn) / len(drawn)


def parts(sketch: str) -> list[int]:
    """What to look for other sketches by: those that are nearly the same share some."""
    return [int.from_bytes(hashed) for hashed in nsmallest(_PARTS, _hashes(sketch))]


def site(url: str | None) -> str | None:
    """The domain that somebody registered: bbc.co.uk of https://news.bbc.co.uk/x.

    People who publish under one roof (someone.github.io) are told apart. A host
    that belongs to no public register is a site of its own.
    """
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    # The list of the public registers is read when the first address is asked about.
    from tld import get_fld

    registered = get_fld(f"https://{host}", fail_silently=True, search_private=True)
    return str(registered) if registered else host


def _hashed(run: str) -> bytes:
    return hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()


def _hashes(kept: str) -> set[bytes]:
    joined = base64.b64decode(kept)
    return {joined[at : at + _BYTES] for at in range(0, len(joined), _BYTES)}
