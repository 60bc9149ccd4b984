"""Fetch a page from hostile ground and keep its bytes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from claims.captures.limits import Clock, Limits, NotFetched, nothing, shown

if TYPE_CHECKING:
    import httpx2

    from claims.captures.wire import Answer

__all__ = ["Fetched", "Hop", "Limits", "NotFetched", "fetch", "nothing"]

_MOVED = frozenset({301, 302, 303, 307, 308})

_PAGE = frozenset({200, 201, 203})
# Accepted but not ready, timed out, too early, too many requests.
_LATER = frozenset({202, 408, 425, 429})

_BY_HAND = "If you can read the page in a browser, save it there and add it as a file."


@dataclass(frozen=True)
class Hop:
    """One answer on the way to a page: the address asked, the status, and where it came from."""

    address: str
    status: int
    ip: str


@dataclass(frozen=True)
class Fetched:
    """A page as it was at one moment.

    `requested` is what was asked for, `url` where that led. `body` is what a
    reader gets, after decompression: the bytes that are hashed, shown and
    searched are then the same however a site happened to pack them that day.
    `headers` are those of the last answer as they came, so they may still tell
    of the packing.
    """

    requested: str
    url: str
    hops: tuple[Hop, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime
    protocol: str

    @property
    def insecure(self) -> bool:
        """Whether an https address led over one of http, where others can change what is read."""
        schemes = [hop.address.partition(":")[0] for hop in self.hops]
        return "https" in schemes and "http" in schemes[schemes.index("https") :]


def fetch(
    address: str,
    limits: Limits,
    *,
    told: Callable[[int, int | None], None] = nothing,
    resolve: Callable[[str, int], Sequence[str]] | None = None,
) -> Fetched:
    """Get the page at an address, over at most so many redirects, or raise NotFetched.

    `told` hears how many bytes crossed the wire and how many are expected, if
    the site says so; what it raises ends the fetching. `resolve` stands in for
    the name servers.
    """
    from claims.captures import wire

    clock = Clock(limits.seconds)
    url = wire.parsed(address)
    hops: list[Hop] = []
    while True:
        with (
            _on_the_way(hops, url),
            wire.exchange(url, limits, clock, resolve or wire.resolved) as answer,
        ):
            at = datetime.now(UTC)
            hops.append(Hop(str(url), answer.status, answer.ip))
            target = answer.first("location") if answer.status in _MOVED else ""
            if not target:
                _check(answer)
                body = answer.body(told)
                if not body:
                    raise NotFetched(f"The page is empty: the site sent no text. {_BY_HAND}")
                return Fetched(
                    requested=address,
                    url=str(url),
                    hops=tuple(hops),
                    status=answer.status,
                    headers=answer.headers,
                    body=body,
                    at=at,
                    protocol=answer.protocol,
                )
        url = _next(url, target)
        if any(hop.address == str(url) for hop in hops):
            raise NotFetched(
                "The page leads back to itself. Perhaps its site wants a cookie or a consent "
                f"first, and the desk gives none. {_BY_HAND}"
            )
        if len(hops) > limits.redirects:
            raise NotFetched(
                f"The page is still somewhere else after {limits.redirects} redirects. Give the "
                "address that a browser shows in the end."
            )


def _next(url: "httpx2.URL", target: str) -> "httpx2.URL":
    """Where a redirect leads, by the same gate as what a member gives."""
    import httpx2

    from claims.captures import wire

    try:
        # Headers are Latin-1 by the standard, and UTF-8 by the sites that leave ASCII.
        written = target.encode("latin-1").decode("utf-8", "replace").strip()
        return wire.parsed(str(url.join(written)))
    except (httpx2.InvalidURL, NotFetched) as error:
        raise NotFetched(
            f"{shown(str(url))} sends readers on to an address that the desk does not follow: "
            f"“{shown(written)}”. {_BY_HAND}"
        ) from error


@contextmanager
def _on_the_way(hops: list[Hop], url: "httpx2.URL") -> Iterator[None]:
    """Say of trouble behind a redirect where it was met: nobody gave that address."""
    given = hops[0].address if hops else None
    try:
        yield
    except NotFetched as trouble:
        if given is None:
            raise
        raise NotFetched(
            f"{shown(given)} sends readers on to {shown(str(url))}. {trouble.reason}",
            again=trouble.again,
            after=trouble.after,
        ) from trouble


def _check(answer: "Answer") -> None:
    """Raise for every status that is not that of a whole page."""
    status = answer.status
    if status in _PAGE:
        return
    known = {code.value: code.phrase for code in HTTPStatus}
    said = (
        f"The site answers “{status} {known[status]}”"
        if status in known
        else (f"The site answers with status {status}")
    )
    if status in (404, 410):
        raise NotFetched(
            f"{said}: there is no such page. Check the address for a slip; if the page is gone, "
            "look for it in a web archive and capture it there."
        )
    if status in _LATER or 500 <= status < 600:
        raise NotFetched(
            f"{said}: not now. The desk tries again later.",
            again=True,
            after=answer.wait,
        )
    raise NotFetched(f"{said}, and gives the desk no page. {_BY_HAND}")
