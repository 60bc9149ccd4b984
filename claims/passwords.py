"""Passwords: what makes one good enough, and their Argon2 hashes."""

import threading
import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from claims.rules.refusals import Refused

SHORTEST = 12
LONGEST = 1000


class Weak(Refused):
    """The password will not do; the message says why."""


@dataclass(frozen=True)
class Cost:
    """What one hash costs: passes over the memory, the memory in KiB, and lanes.

    The defaults are RFC 9106's for machines with little memory.
    """

    passes: int = 3
    memory: int = 64 * 1024
    lanes: int = 4


# Each hash under way holds its memory: without a limit, a crowd at the sign-in page takes it all.
_turns = threading.BoundedSemaphore(4)
_cost = Cost()


def set_cost(cost: Cost) -> None:
    """Hash at another cost from now on; hashes made before stay valid."""
    global _cost
    _cost = cost


def check(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is too short, too long, or the member's own e-mail or name."""
    if len(password) < SHORTEST:
        raise Weak(
            f"Use at least {SHORTEST} characters: length is what makes a password hard to guess. "
            "A few words in a row will do."
        )
    if len(password) > LONGEST:
        raise Weak(f"Use at most {LONGEST} characters.")
    if _plain(password) in {_plain(email), _plain(name)}:
        raise Weak("Use something else than your e-mail or name, which anybody here can see.")


def hashed(password: str) -> str:
    """The hash to store for a password."""
    with _turns:
        return _hasher(_cost).hash(_same(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one whose hash is stored.

    Without a hash it is not, and finding out takes just as long: nobody learns
    from the time an answer takes whether an account exists.
    """
    if len(password) > LONGEST:
        return False
    with _turns:
        try:
            return _hasher(_cost).verify(stored or _decoy(_cost), _same(password))
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether a hash was made at another cost than the present one."""
    return _hasher(_cost).check_needs_rehash(stored)


@cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


def _decoy(cost: Cost) -> str:
    """A hash in form only: no password is known to match it."""
    salt, digest = "A" * 22, "A" * 43
    return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _same(password: str) -> str:
    # Keyboards send an accented letter as one character or as two.
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    return _same(text).casefold().strip()
