"""Ask the Wayback Machine to save a page, a step at a time: whoever asks does the waiting."""

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from claims.captures.limits import Clock, Limits, NotFetched, nothing, shown
from claims.rules import addresses, networks

# An answer is a small piece of JSON, or a page that shows one job.
_SIZE = 2_000_000

# To one who gave no key the job is told only in the page that would show it to a reader.
_WATCHED = re.compile(r"spn\.watchJob\(\"([^\"]+)\"")

_MOMENT = re.compile(r"[0-9]{14}")

# What is about the moment or the service, and not about the page.
_PASSING = re.compile(
    r"error:(bad-gateway|bandwidth-limit-exceeded|browsing-timeout|cannot-fetch"
    r"|capture-location-error|celery|gateway-timeout|internal-server-error"
    r"|invalid-server-response|job-failed|max-daily-bandwidth.*|no-browsers-available"
    r"|protocol-error|proxy-error|read-timeout|service-unavailable|soft-time-limit-exceeded"
    r"|too-many-daily-captures.*|too-many-requests|user-session-limit)"
)

_HOUR = 3600


@dataclass(frozen=True)
class Service:
    """Where pages are saved, and the two parts of an account's key, if the desk has one."""

    address: str = "https://web.archive.org"
    access: str = ""
    secret: str = field(default="", repr=False)
    seconds: float = 60


def begin(address: str, service: Service, *, allowed: frozenset[str] = frozenset()) -> str:
    """Ask for a page to be saved; the name of the job, to `look` at from time to time.

    Nothing of one's own network is told to anybody outside: neither a private
    address nor one of the `allowed` hosts.
    """
    from claims.captures import wire

    url = wire.parsed(address)
    number = networks.number(url.host)
    private = number is not None and not networks.is_public(number)
    if private or wire.allowed(url.raw_host.decode("ascii"), wire.port(url), allowed):
        raise NotFetched(
            f"“{url.host}” is not on the public web, so the Wayback Machine is not told of it."
        )
    said = _asked(
        service, "POST", "/save/", urlencode({"url": str(url), "skip_first_archive": "1"}).encode()
    )
    answer = _json(said)
    if answer is None:
        page = said.decode("utf-8", "replace")
        found = _WATCHED.search(page)
        if found:
            return found[1]
        if "The same snapshot had been made" in page:
            raise NotFetched(
                "The Wayback Machine saved this page within the last hour. Look it up there and "
                "record its address; the desk asks again later.",
                again=True,
                after=_HOUR,
            )
        raise _not_understood()
    job = answer.get("job_id")
    if isinstance(job, str) and job:
        return job
    raise _refused(answer)


def look(job: str, service: Service) -> str | None:
    """The address of the saved page; None while it is not there yet."""
    answer = _json(_asked(service, "GET", f"/save/status/{quote(job, safe='')}"))
    status = answer.get("status") if answer else None
    if answer is None or not isinstance(status, str):
        raise _not_understood()
    if status == "pending":
        return None
    if status != "success":
        raise _refused(answer)
    moment, original = str(answer.get("timestamp")), str(answer.get("original_url"))
    if not _MOMENT.fullmatch(moment) or not addresses.is_web(original):
        raise _not_understood()
    return f"{service.address.rstrip('/')}/web/{moment}/{original}"


def _asked(service: Service, method: str, path: str, content: bytes | None = None) -> bytes:
    from claims.captures import wire

    url = wire.parsed(f"{service.address.rstrip('/')}{path}")
    headers = {"Accept": "application/json"}
    if content is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if service.access:
        headers["Authorization"] = f"LOW {service.access}:{service.secret}"
    # Whoever runs the desk named the service, so it may be one of their own.
    limits = Limits(size=_SIZE, allowed=frozenset({url.host}))
    clock = Clock(service.seconds)
    try:
        with wire.exchange(
            url,
            limits,
            clock,
            wire.resolved,
            method=method,
            headers=headers.items(),
            content=content,
        ) as answer:
            said = answer.body(nothing) if answer.status == HTTPStatus.OK else b""
    except NotFetched as trouble:
        then = "The desk asks again later." if trouble.again else trouble.reason
        raise NotFetched(
            f"The Wayback Machine cannot be asked. {then}", again=trouble.again
        ) from trouble
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NotFetched(
            "The Wayback Machine does not accept the key of this desk. Ask whoever runs the desk "
            "to check it."
        )
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= 500:
        raise NotFetched(
            f"The Wayback Machine is busy ({answer.status}). The desk asks again later.",
            again=True,
            after=answer.wait,
        )
    if answer.status != HTTPStatus.OK:
        raise _not_understood()
    return said


def _json(said: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _refused(answer: dict[str, Any]) -> NotFetched:
    """What the service says of a page that it did not save."""
    code = str(answer.get("status_ext", ""))
    said = shown(" ".join(str(answer.get("message") or code or "no reason given").split()))
    passing = _PASSING.fullmatch(code) is not None
    then = "The desk asks again later." if passing else "Perhaps another archive can save it."
    return NotFetched(f"The Wayback Machine did not save the page: “{said}”. {then}", again=passing)


def _not_understood() -> NotFetched:
    return NotFetched(
        "The Wayback Machine answered in a way that the desk does not understand. The desk asks "
        "again later; meanwhile you can save the page there in a browser and record its address.",
        again=True,
    )
