"""How far the desk goes to get a page, and what it says when it did not get it."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most that fetching one page may take.

    `size` is in bytes after decompression, `seconds` is for everything
    together. `allowed` names the hosts of an intranet (or of tests) that may
    have a private address and any port: "wiki.intranet", or with a port that
    alone is meant, "127.0.0.1:5001".
    """

    size: int = 20_000_000
    seconds: float = 60
    redirects: int = 5
    allowed: frozenset[str] = frozenset()


def nothing(so_far: int, expected: int | None) -> None:
    """Hear how many bytes came, and do nothing about it."""


class NotFetched(Exception):  # noqa: N818  it is an outcome, told to a member as it is
    """A page that was not got, with a sentence for the reviewer that says why and what to do.

    `again` tells whether the same may succeed later, `after` how many seconds
    the site asked to wait.
    """

    def __init__(self, reason: str, *, again: bool = False, after: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.after = after


class Clock:
    """The time that is left of a limit, whatever it is spent on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left; once there are none, the page was not fetched."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.late()
        return left

    def late(self) -> NotFetched:
        return NotFetched(
            f"The page was not there after {self._seconds:g} seconds. The desk tries again later; "
            "if it stays slow, save the page in a browser and add it as a file.",
            again=True,
        )


def too_large(size: int) -> NotFetched:
    """What is said of more than `size` bytes."""
    most = f"{size / 1_000_000:g} MB" if size >= 1_000_000 else f"{size:,} bytes"
    return NotFetched(
        f"The page is larger than {most}, the most that is fetched. "
        "Save it in a browser and add it as a file."
    )


def shown(address: str) -> str:
    """An address of a stranger's making, fit to stand in a sentence."""
    short = address if len(address) <= 200 else f"{address[:199]}…"
    return "".join(c if c.isprintable() else "\ufffd" for c in short)
