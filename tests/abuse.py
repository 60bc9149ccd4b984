"""Throw hostile requests at a really served desk: python -m tests.abuse [--seconds N] [--seed N].

Every route, as every role and as nobody: with hostile words in the address, the form, the headers
and the file name; and requests that are none. It fails on an answer of 500 or above, a traceback,
words that became markup or a header, and a ledger changed by somebody who may not or in somebody
else's name. The same seed throws the same, up to where time ends it.
"""

import argparse
import http.client
import logging
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, quote_from_bytes, urlencode

import waitress
from flask.sessions import SecureCookieSessionInterface
from pydantic import BaseModel
from sqlmodel import select
from werkzeug.routing import AnyConverter, IntegerConverter

from app import create_app
from claims import database, desk, ledger
from claims.configuration import Configuration
from claims.models import Event, Member
from claims.rules.roles import ALLOWED
from claims.rules.vocabulary import Role
from claims.web import access
from tests import factories, hostile

LARGEST = 17 * 1024 * 1024


class Abuse:
    """One run: a desk, somebody of each role, and what went wrong."""

    def __init__(self, folder: Path, seed: int, database_url: str | None = None) -> None:
        self.chance = random.Random(seed)
        url = database_url or f"sqlite:///{folder / 'desk.sqlite3'}"
        self.app = create_app(Configuration(folder, url, "127.0.0.1", 0))
        self.session = database.session(self.app.extensions["engine"])
        self.faults: list[str] = []
        self.answers: Counter[int] = Counter()
        self.asked: Counter[str] = Counter()
        self.errors: list[str] = []
        handler = logging.Handler(logging.ERROR)
        handler.emit = lambda record: self.errors.append(  # type: ignore[method-assign]
            logging.Formatter().format(record)
        )
        logging.getLogger(self.app.logger.name).addHandler(handler)
        self.app.logger.propagate = False
        self.members = {role: self._member(role).id for role in Role}
        self._fill()
        self.routes = [
            (rule, method)
            for rule in self.app.url_map.iter_rules()
            if not rule.endpoint.endswith("static")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
        self.fields = sorted(
            {name for form in _forms(BaseModel) for name in form.model_fields}
            | {"once", "from", "same", "next", "in", "q", "after", "before", "key", "claim"}
        )

    def _member(self, role: Role) -> Member:
        return factories.a_member(self.session, f"The {role} {hostile.SNIPPETS[0]}", role)

    def _fill(self) -> None:
        """A desk with hostile words wherever somebody can write some."""
        session = self.session
        factories.an_owner(session, "Whoever stays the owner")
        owner = session.get_one(Member, self.members[Role.OWNER])
        for n in range(3):
            words = hostile.text(self.chance).replace("\0", "").encode("utf-8", "ignore").decode()
            article = factories.an_article(session, words[:400])
            claim = factories.a_claim(session, words[:1000], article=article, by=owner)
            for say in (desk.discussion.ask, desk.discussion.hint, desk.discussion.comment):
                say(session, claim, words[:900], by=owner)
            factories.a_verdict(session, claim, by=owner, rationale=words)
            if n:
                factories.a_ruling(session, claim, rationale=words, by=owner)
        session.commit()

    # ---- one request ---------------------------------------------------------------------------

    def step(self, port: int) -> None:
        """Ask something by chance, and look at what comes back."""
        chance = self.chance
        role = chance.choice([None, *Role])
        rule, method = chance.choice(self.routes)
        self._keep_members()
        before = self._head()
        cookie, token = self._signed_in(role)
        address = self._address(rule)
        headers = {"Cookie": cookie, "Connection": "close"}
        body: bytes | None = None
        if chance.random() < 0.3:
            headers |= {"HX-Request": "true", "HX-Target": self._header()}
        if method == "POST":
            body, headers["Content-Type"] = self._body()
            if chance.random() < 0.9:
                headers["X-CSRFToken"] = token
        if chance.random() < 0.1:
            method, address, body = self._nonsense(method, address, headers, body)
        self._look(port, method, address, body, headers, role, rule.endpoint)
        need = access.needed(self.app, rule.endpoint)
        self._check_ledger(before, role, need, f"{method} {address[:80]} as {role or 'nobody'}")

    def _address(self, rule: object) -> str:
        chance = self.chance
        values = {}
        for name, converter in rule._converters.items():  # type: ignore[attr-defined]
            if isinstance(converter, IntegerConverter):
                values[name] = str(chance.choice([1, 1, 1, 2, 3, 0, 2**31 - 1, 2**31, 10**30, -1]))
            elif isinstance(converter, AnyConverter):
                values[name] = chance.choice(sorted(converter.items))
            else:
                values[name] = chance.choice(
                    ["html", "csv", "json", "claimreview", "markdown", _quoted(self._text()[:300])]
                )
        path = re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda m: values[m[1]], str(rule))
        if chance.random() < 0.5:
            names = chance.sample(self.fields, chance.randint(1, 4))
            path += "?" + "&".join(f"{name}={_quoted(self._value())}" for name in names)
        return path[:6000]

    def _body(self) -> tuple[bytes, str]:
        chance = self.chance
        names = chance.sample(self.fields, chance.randint(1, len(self.fields)))
        pairs = [(name, self._value()) for name in names for _ in range(chance.choice([1, 1, 2]))]
        if chance.random() < 0.75:
            form = urlencode(pairs, encoding="utf-8", errors="surrogatepass")
            return form.encode(), "application/x-www-form-urlencoded"
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in pairs
        ]
        name = self._text().replace("\r", "").replace("\n", "").replace('"', "%22")
        parts.append(
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {chance.choice(['text/plain', 'text/html', 'image/png', ''])}\r\n\r\n"
            f"{self._text()}\r\n--b--\r\n"
        )
        return "".join(parts).encode("utf-8", "surrogatepass"), "multipart/form-data; boundary=b"

    def _value(self) -> str:
        chance = self.chance
        return chance.choice(
            [
                self._text(),
                chance.choice(["1", "2", "3", "0", "-1", "1e9", "9" * 5000, "١", "²", "on", ""]),
                chance.choice(["supports", "fact", "number", "false", "true", "owner", "viewer"]),
                chance.choice(["2009-13-45", "https://[", "http://a b", "https://x.example/é"]),
            ]
        )

    def _text(self) -> str:
        return hostile.text(self.chance)

    def _header(self) -> str:
        targets = ["head", "evidence", "panel", "rows", "related", self._text()]
        text = self.chance.choice(targets)
        return "".join(c for c in text if " " <= c < "\x7f")[:500]

    def _nonsense(
        self, method: str, address: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[str, str, bytes | None]:
        """A request that no browser would send."""
        kind = self.chance.randrange(9)
        if kind == 0:
            return self.chance.choice(["PUT", "DELETE", "PATCH", "TRACE", "BREW"]), address, body
        if kind == 1:
            return method, "/" + "a" * 60_000, body
        if kind == 2:
            headers["Cookie"] = "; ".join(["desk=" + "x" * 4000] * 10)
        elif kind == 3:
            headers["Content-Type"] = "multipart/form-data; boundary=never"
            return "POST", address, b"--other\r\nContent-Disposition: form-data\r\n\r\n"
        elif kind == 4:
            headers["Content-Type"] = self.chance.choice(
                ["application/json", "text/xml", "multipart/form-data", "x", "*/*; charset=utf-7"]
            )
            return "POST", address, b'{"a": [' * 2000
        elif kind == 5:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return "POST", address, b"&".join(b"f%d=x" % n for n in range(50_000))
        elif kind == 6:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return "POST", address, b"text=" + b"a" * self.chance.choice([10**7, LARGEST])
        elif kind == 7:
            return method, address + ("&" if "?" in address else "?") + "q=%ff%fe%00%ed%a0%80", body
        else:
            headers |= {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
            headers["X-Forwarded-For"] = self._header()
        return method, address, body

    def _look(
        self,
        port: int,
        method: str,
        address: str,
        body: bytes | None,
        headers: dict[str, str],
        role: Role | None,
        endpoint: str,
    ) -> None:
        told = f"{method} {address[:120]} as {role or 'nobody'}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            self.faults.append(f"{told}: no answer ({type(error).__name__})")
            return
        finally:
            connection.close()
        self.answers[response.status] += 1
        self.asked[f"{endpoint} {method}"] += 1
        if response.status >= 500:
            self.faults.append(f"{told}: {response.status}")
        if "Traceback (most recent" in text:
            self.faults.append(f"{told}: shows a traceback")
        if response.getheader("X-Broken") or "broken=in" in str(response.getheader("Set-Cookie")):
            self.faults.append(f"{told}: a header of its own")
        location = response.getheader("Location") or ""
        if location and not re.match(r"/(?![/\\])", location):
            self.faults.append(f"{told}: leads to {location[:80]}")
        if response.status < 300 and not response.getheader("X-Content-Type-Options"):
            self.faults.append(f"{told}: without nosniff")
        if "attachment" in str(response.getheader("Content-Disposition")):
            return
        if str(response.getheader("Content-Type")).startswith("text/html"):
            wrong = hostile.Looked(text).faults
            self.faults += [f"{told}: {fault}" for fault in wrong[:3]]

    # ---- the ledger ----------------------------------------------------------------------------

    def _head(self) -> int:
        self.session.rollback()
        self.session.expire_all()
        return self.session.exec(select(Event.seq).order_by(Event.seq.desc()).limit(1)).one()

    def _check_ledger(self, before: int, role: Role | None, need: object, told: str) -> None:
        self._head()
        after = self.session.exec(select(Event).where(Event.seq > before)).all()
        allowed = need is None or (role is not None and need in ALLOWED[role])
        for event in after:
            own = role is not None and event.member_id == self.members[role]
            # What a member brings is described by the desk.
            own = own or (allowed and event.action == "source described by its copy")
            if not allowed or not (own or need is None):
                self.faults.append(f"{told}: “{event.action}” by {event.actor}")

    def _keep_members(self) -> None:
        """Undo what owners did to those who ask."""
        for role, member_id in self.members.items():
            member = self.session.get_one(Member, member_id)
            if member.role != role or member.removed_at:
                member.role, member.removed_at = role, None
        self.session.commit()

    def _signed_in(self, role: Role | None) -> tuple[str, str]:
        """A cookie and the form token that belongs to it."""
        content: dict[str, object] = {}
        if role:
            member = self.session.get_one(Member, self.members[role])
            content = {"_user_id": f"{member.id}:{member.epoch}", "_fresh": True}
        with self.app.test_request_context():
            from flask import session
            from flask_wtf.csrf import generate_csrf

            session.update(content)
            token = generate_csrf()
            content = dict(session)
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        return f"desk={signer.dumps(content)}", token


def _forms(base: type[BaseModel]) -> list[type[BaseModel]]:
    return [
        form
        for sub in base.__subclasses__()
        for form in (sub, *_forms(sub))
        if form.__module__.startswith("claims.web")
    ]


def _last_lines(error: str) -> str:
    """Where in the desk an error happened, and what it was."""
    own = [
        line.strip() for line in error.splitlines() if "/claims/" in line or "/templates/" in line
    ]
    return " | ".join([*own[-3:], error.strip().splitlines()[-1][:300]])


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="") or quote("")


def run(seconds: float, seed: int, most: int | None = None) -> SimpleNamespace:
    """Abuse a fresh desk for so long, or so often; what was asked, answered and wrong."""
    with tempfile.TemporaryDirectory() as folder:
        abuse = Abuse(Path(folder), seed)
        server = waitress.create_server(
            abuse.app, host="127.0.0.1", port=0, max_request_body_size=4 * LARGEST
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and (most is None or abuse.answers.total() < most):
            abuse.step(server.effective_port)
        server.close()
        broken = ledger.verify(abuse.session).broken
        if broken:
            abuse.faults.append(f"the ledger broke at event {broken.seq}: {broken.reason}")
        abuse.faults += [f"logged: {_last_lines(error)}" for error in abuse.errors]
        abuse.session.close()
        abuse.app.extensions["engine"].dispose()
    return SimpleNamespace(
        requests=sum(abuse.answers.values()),
        answers=dict(sorted(abuse.answers.items())),
        routes=len(abuse.asked),
        faults=abuse.faults,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = run(given.seconds, given.seed)
    print(f"{found.requests} requests, {found.routes} routes and methods, seed {given.seed}")
    for status, times in found.answers.items():
        print(f"  {status}: {times}")
    for fault in dict.fromkeys(found.faults):
        print(f"WRONG  {fault!a}")
    print(f"{len(found.faults)} faults" if found.faults else "Nothing went wrong.")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
