"""Wherever a password or a key is typed: how often it may be guessed.

A guess is counted in a transaction of its own, which is over before anybody looks
whether it is right. Hence a wrong one counts although the request that made it is
rolled back, and the database is held for no longer than the counting takes.

A browser in which a member signed in before carries a token that says so. Its guesses
are counted apart from those of strangers, who can therefore not lock it out.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from flask import Response, after_this_request, current_app, make_response, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from claims import database, desk
from claims.models import Member
from claims.rules import throttle
from claims.rules.emails import folded
from claims.rules.throttle import Limit

Result = TypeVar("Result")

_COOKIE = "desk_browser"
_REMEMBERED = timedelta(days=365)


@dataclass(frozen=True)
class Guess:
    """One try of a secret: how long it has to wait, and how long the next one if it is wrong.

    `own` is the key whose count a right try clears; another's is only relieved of this try.
    """

    limits: dict[str, Limit]
    own: str | None
    wait: timedelta
    after: timedelta

    @property
    def refusal(self) -> str:
        """Why the try is not even looked at, and when it would be."""
        return (
            f"There were too many wrong tries. Wait {throttle.in_words(self.wait)}, then try again."
        )

    @property
    def warning(self) -> str:
        """What to add to the answer to a wrong try, if the next one has to wait."""
        if not self.after:
            return ""
        return f" The next try can be made in {throttle.in_words(self.after)}."

    def was_right(self) -> None:
        """Clear the count of the account, and hold nothing against the address."""
        _apart(lambda session: desk.guesses.take_back(session, self.limits))
        if self.own:
            own = self.own
            _apart(lambda session: desk.guesses.forget(session, own))


def at_sign_in(email: str) -> Guess:
    """A try to sign in, whether or not there is a member with this e-mail."""
    browser = _known_browser(email)
    if browser:
        own = _key("account in a known browser", browser, folded(email))
        return _count({own: throttle.ACCOUNT}, own)
    own = _key("account", folded(email))
    return _count({own: throttle.ACCOUNT, _address(): throttle.ADDRESS}, own)


def of_own_password(member: Member) -> Guess:
    """A try of their password by somebody who is signed in."""
    own = _key("own password", str(member.id))
    return _count({own: throttle.ACCOUNT}, own)


def of_welcome_key() -> Guess:
    """A try of the key that makes the first owner."""
    return _count({_address(): throttle.ADDRESS}, None)


def too_soon(page: str, wait: timedelta) -> Response:
    """Answer a try that has to wait."""
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(-(-wait // timedelta(seconds=1)))
    return response


def know_browser(member: Member) -> None:
    """Let this browser be known as one in which a member signed in."""
    known = _token()
    account = _key("account", member.email)
    # Many may share one machine; whoever was there longest ago goes.
    others = [other for other in known.accounts if other != account][-9:]
    value = _signer().dumps([known.browser, *others, account])

    @after_this_request
    def send(response: Response) -> Response:
        response.set_cookie(
            _COOKIE,
            value,
            max_age=_REMEMBERED,
            path=url_for("account.sign_in"),
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response


@dataclass(frozen=True)
class _Token:
    """A browser, and the accounts of members who signed in there, the latest last."""

    browser: str
    accounts: list[str]


def _known_browser(email: str) -> str | None:
    """The browser that asks, if the member with this e-mail signed in there before."""
    known = _token()
    return known.browser if _key("account", folded(email)) in known.accounts else None


def _token() -> _Token:
    """What the browser says of itself; a new one, when it says nothing that we signed."""
    try:
        browser, *accounts = _signer().loads(request.cookies.get(_COOKIE, ""))
    except BadSignature:
        return _Token(secrets.token_urlsafe(16), [])
    return _Token(browser, accounts)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="a browser that is known")


def _count(limits: dict[str, Limit], own: str | None) -> Guess:
    turn = _apart(lambda session: desk.guesses.count(session, limits))
    return Guess(limits, own, turn.before, turn.after)


def _apart(work: Callable[[Session], Result]) -> Result:
    with database.session(current_app.extensions["engine"]) as session:
        result = work(session)
        session.commit()
    return result


def _address() -> str:
    """The key of the address that asks; of an IPv6 one, of the network that one customer has."""
    told = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return _key("address", told)
    bits = 64 if address.version == 6 else 32
    return _key("address", str(ipaddress.ip_network((address, bits), strict=False)))


def _key(*parts: str) -> str:
    secret = str(current_app.config["SECRET_KEY"])
    return hmac.new(secret.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()
