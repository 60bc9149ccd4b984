"""Ask an application for pages as its server would, and measure what each takes.

Times are those of the server's own work, without a network: from the request
that reached it to the last byte of the answer.
"""

import gc
import json
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import EnvironBuilder

from app import create_app
from claims.configuration import Configuration
from claims.queries import paging
from tests.benchmarks import bare
from tests.benchmarks.desks import CLAIMS_AN_ARTICLE, EVIDENCE_A_CLAIM

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Taken:
    """What one answer took: milliseconds, statements, bytes."""

    ms: float
    statements: int
    size: int


class Asker:
    """Sends requests to an application in this process, signed in if it is the desk."""

    def __init__(self, app: Flask, cookie: str = "", engine: sa.Engine | None = None) -> None:
        self.app, self._cookie, self.statements = app, cookie, 0
        if engine is not None:
            sa.event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.statements += 1

    def ask(self, path: str, form: Mapping[str, object] | None = None) -> Taken:
        """Ask for one page, or send one form. Raises RuntimeError when it does not go well."""
        path, _, query = path.partition("?")
        environment = EnvironBuilder(
            path=path,
            query_string=query,
            method="GET" if form is None else "POST",
            data=None if form is None else urlencode(form, doseq=True),
            headers={"Cookie": self._cookie, "Accept-Encoding": "gzip"} | (_FORM if form else {}),
        ).get_environ()
        said: list[str] = []
        before = self.statements
        began = time.perf_counter()
        parts = self.app.wsgi_app(environment, lambda status, *_: said.append(status))  # type: ignore[arg-type, func-returns-value]
        size = sum(len(part) for part in parts)
        if hasattr(parts, "close"):
            parts.close()
        took = (time.perf_counter() - began) * 1000
        if said[0][0] not in "23":
            raise RuntimeError(f"{path} answered {said[0]}")
        return Taken(took, self.statements - before, size)


def desk(url: str) -> Asker:
    """The desk on a database, with an editor signed in."""
    folder = Path(tempfile.mkdtemp(prefix="fact-desk-"))
    app = create_app(Configuration(folder, url, "127.0.0.1", 0), WTF_CSRF_ENABLED=False)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    today = datetime.now(UTC).date().isoformat()
    held = signer.dumps({"_user_id": "2:0", "_fresh": True, "day": today})
    return Asker(app, f"{app.config['SESSION_COOKIE_NAME']}={held}", app.extensions["engine"])


# What somebody worked on just now.
_JUDGED, _JUDGED_IN = "a claim, just judged", "an article, just judged in"

# One claim in twenty: also on the smallest desk, a whole page of them.
_SEARCH = "/claims?q=ashby&kind=number"

# From claim to claim by so many, none comes twice before all have been opened.
_FAR = 7919


def pages(claims: int, asked: int = 0) -> dict[str, str]:
    """The desk's pages that are measured, by what they are called.

    `asked` counts how often they were asked for: one of them is another page each time.
    """
    article = (claims // CLAIMS_AN_ARTICLE + 1) // 2
    last = paging._encode([claims // CLAIMS_AN_ARTICLE, CLAIMS_AN_ARTICLE - 30])
    return {
        "claims": "/claims",
        "claims, last page": f"/claims?after={last}",
        "filtered search": _SEARCH,
        # As many claims on every desk.
        "worst filter": "/claims?kind=causal&rating=not-checkable&state=reopened&sort=changed",
        "a claim": f"/claims/{claims // 2}",
        "a claim, first time": f"/claims/{_FAR * asked % claims + 1}",
        "an article": f"/articles/{article}",
        "desk": "/",
    }


def bare_pages(claims: int) -> dict[str, str]:
    """The bare pages that do the same work."""
    article = (claims // CLAIMS_AN_ARTICLE + 1) // 2
    last = f"{claims // CLAIMS_AN_ARTICLE},{CLAIMS_AN_ARTICLE - 30}"
    return {
        "claims": "/claims",
        "claims, last page": f"/claims?after={last}",
        "filtered search": _SEARCH,
        "a claim": f"/claims/{claims // 2}",
        "an article": f"/articles/{article}",
    }


def measure(url: str, claims: int, times: int) -> dict[str, dict[str, float]]:
    """Median times of every page: first after a change, asked again, and the bare one's."""
    asker, chance = desk(url), random.Random(22)
    result: dict[str, dict[str, float]] = {}
    names = [*pages(claims), _JUDGED, _JUDGED_IN, "give a verdict"]
    first: dict[str, list[Taken]] = {name: [] for name in names}
    again: dict[str, list[Taken]] = {name: [] for name in pages(claims)}
    article = (claims // CLAIMS_AN_ARTICLE + 1) // 2
    made_in_it = range((article - 1) * CLAIMS_AN_ARTICLE + 1, article * CLAIMS_AN_ARTICLE + 1)

    def judge(claim: int) -> Taken:
        pieces = [EVIDENCE_A_CLAIM * claim - n for n in range(EVIDENCE_A_CLAIM)]
        form = {"rating": "false", "rationale": "The register says otherwise.", "rests_on": pieces}
        return asker.ask(f"/claims/{claim}/verdicts", form)

    gc.freeze()
    for number in range(times + 2):
        claim = chance.randrange(1, claims + 1)
        taken = judge(claim)
        asked = {name: asker.ask(path) for name, path in pages(claims, 2 * number).items()}
        paths = pages(claims, 2 * number + 1)
        repeated = {name: asker.ask(path) for name, path in paths.items()}
        asked[_JUDGED] = asker.ask(f"/claims/{claim}")
        judge(chance.choice(made_in_it))
        asked[_JUDGED_IN] = asker.ask(f"/articles/{article}")
        # The first two rounds compile templates and statements.
        if number > 1:
            first["give a verdict"].append(taken)
            for name in asked:
                first[name].append(asked[name])
            for name in repeated:
                again[name].append(repeated[name])
    for name, all_taken in first.items():
        result[name] = {
            "ms": statistics.median(taken.ms for taken in all_taken),
            "statements": max(taken.statements for taken in all_taken),
            "bytes": statistics.median(taken.size for taken in all_taken),
        }
        if name in again:
            result[name]["again"] = statistics.median(taken.ms for taken in again[name])
    _add_bare(result, url, claims, times)
    return result


def _add_bare(result: dict[str, dict[str, float]], url: str, claims: int, times: int) -> None:
    if not url.startswith("sqlite"):
        return
    with tempfile.TemporaryDirectory(prefix="fact-desk-") as folder:
        path = Path(folder) / "bare.sqlite3"
        source = sqlite3.connect(url.removeprefix("sqlite:///"))
        bare.fill(path, source)
        source.close()
        asker = Asker(bare.make_app(path))
        form = {"rating": "false", "rationale": "The register says otherwise."}
        asked: dict[str, Callable[[], Taken]] = {
            name: lambda path=path: asker.ask(path)  # type: ignore[misc]
            for name, path in bare_pages(claims).items()
        }
        asked["give a verdict"] = lambda: asker.ask(f"/claims/{claims // 2}", form)
        for name, ask in asked.items():
            ask()
            result[name]["bare"] = statistics.median(ask().ms for _ in range(times))
        began = time.perf_counter()
        asker.ask("/export.csv")
        result["CSV export"] = {"bare": (time.perf_counter() - began) * 1000}


def export(url: str, claims: int) -> dict[str, float]:
    """How fast a CSV of every claim is, what memory it takes, and what lists take meanwhile."""
    asker = desk(url)
    for _ in range(3):
        asker.ask("/claims")
    # As the server does before it serves.
    gc.collect()
    gc.freeze()
    idle = statistics.median(asker.ask("/claims").ms for _ in range(30))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    size = asker.ask("/reports/export.csv").size
    seconds = time.perf_counter() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    exporting = threading.Thread(target=asker.ask, args=("/reports/export.csv",))
    exporting.start()
    meanwhile = [asker.ask("/claims").ms]
    while exporting.is_alive():
        time.sleep(0.02)
        meanwhile.append(asker.ask("/claims").ms)
    exporting.join()
    return {
        "ms": seconds * 1000,
        "claims a second": claims / seconds,
        "bytes": size,
        "grown MB": grown / 1024,
        "list, idle ms": idle,
        "list meanwhile ms": statistics.median(meanwhile),
    }


def main() -> None:
    """Measure one desk in a process of its own, and print JSON for the one that asked."""
    url, claims, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if times:
        print(json.dumps(measure(url, claims, times)))
    else:
        print(json.dumps(export(url, claims)))


if __name__ == "__main__":
    main()
