"""Kill the desk in the middle of writes, start it again, and look for what was lost.

    python -m tests.crashes --engine sqlite --kills 50
    python -m tests.crashes --engine postgresql --kills 50
    python -m tests.crashes --engine postgresql --kills 50 --target database

Members sign in over HTTP and work all the time: evidence, verdicts, comments, other words for
a claim, rulings. Each time the desk (or, as `--target database`, the first process of the
PostgreSQL server) is killed by SIGKILL. A member who got no answer sends the same form again
when the desk is back, as a browser would. After each start, everything that was answered with
a redirect has to be there once, nothing may be half done, and `claims verify` has to pass.
"""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from claims import database, desk, passwords, seed
from claims.rules.vocabulary import Kind, Role, Stance
from tests.serving import Browser, NoAnswer, PostgresServer, ServedDesk, a_database
from tests.working import ACKNOWLEDGED, ACTS, REFUSED, Change, Draft, look

PASSWORD = "four made-up words"
MEMBERS, CLAIMS = 6, 30


@dataclass
class Report:
    """What a run found."""

    kills: int = 0
    in_flight: int = 0
    slowest_start: float = 0.0
    changes: list[Change] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def count(self, answer: str) -> int:
        return sum(change.answer == answer for change in self.changes)

    @property
    def retried(self) -> int:
        return sum(change.sent > 1 for change in self.changes)


class Crowd:
    """Members who work until they are told to stop, and wait while the desk is down."""

    def __init__(self, port: int, emails: list[str], claims: list[int], source: int) -> None:
        self.up = threading.Event()
        self.ended = threading.Event()
        self.changes: list[Change] = []
        self.faults: list[str] = []
        self._waiting = 0
        self._lock = threading.Condition()
        self._claims, self._source = claims, source
        self._threads = [
            threading.Thread(target=self._work, args=(port, email), daemon=True) for email in emails
        ]

    def start(self) -> None:
        self.up.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.ended.set()
        self.up.set()
        for thread in self._threads:
            thread.join()

    def wait_until_all_write(self) -> None:
        """Return when every member is signed in and has sent something."""
        while len({change.mark.partition("#")[0] for change in self.changes}) < len(self._threads):
            if self.faults:
                return
            time.sleep(0.01)

    def in_flight(self) -> int:
        """How many forms are on their way at this moment."""
        return sum(change.answer == "none yet" for change in self.changes)

    def wait_until_all_wait(self) -> None:
        """Return when no member has a request under way."""
        with self._lock:
            if not self._lock.wait_for(lambda: self._waiting == len(self._threads), 90):
                raise RuntimeError("a request hangs while the desk is down")

    def _pause(self) -> None:
        with self._lock:
            self._waiting += 1
            self._lock.notify_all()
        self.up.wait()
        with self._lock:
            self._waiting -= 1

    def _work(self, port: int, email: str) -> None:
        try:
            with Browser(port) as browser:
                browser.sign_in(email, PASSWORD)
                self._write(browser, random.Random(email), email)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the report shows it
            self.faults.append(f"{email}: {type(fault).__name__}: {fault}")
            # Who is gone waits for good.
            with self._lock:
                self._waiting += 1
                self._lock.notify_all()

    def _write(self, browser: Browser, chance: random.Random, email: str) -> None:
        for number in itertools.count():
            if self.ended.is_set():
                return
            if not self.up.is_set():
                self._pause()
                continue
            try:
                change = self._draft(browser, chance, f"{email}#{number}#")
            except NoAnswer:
                time.sleep(0.01)
                continue
            if change:
                self._send(browser, change)

    def _draft(self, browser: Browser, chance: random.Random, mark: str) -> Change | None:
        """Open a page and fill one of its forms."""
        claim = f"/claims/{chance.choice(self._claims)}"
        page = browser.get(claim)
        if page.status >= 500:
            raise ConnectionError("the desk is out of reach")
        assert page.status == 200, f"{claim} answers {page.status}"
        act = chance.choice(list(ACTS.values()))
        return act(Draft(browser, page.text, claim, mark, self._source))

    def _send(self, browser: Browser, change: Change) -> None:
        """Send a form until the desk answers it: the same form each time."""
        self.changes.append(change)
        while not self.ended.is_set():
            change.sent += 1
            try:
                answer = browser.post(change.path, change.fields)
            except NoAnswer:
                answer = None
            if answer and answer.status == 303:
                change.answer = ACKNOWLEDGED
            elif answer and answer.status in {409, 422}:
                change.answer = REFUSED
            elif answer and answer.status < 500:
                raise AssertionError(f"{change.path} answers {answer.status}")
            else:
                # No answer, or one that says to try again.
                while not self.up.is_set() and not self.ended.is_set():
                    self._pause()
                time.sleep(0.01)
                continue
            return


# ---- the run ------------------------------------------------------------------------------------


def prepare(url: str) -> tuple[list[str], list[int], int]:
    """A desk with members, claims and a source: e-mails, ids."""
    engine = database.connect(url)
    database.upgrade(engine)
    passwords.set_cost(passwords.Cost(passes=1, memory=8, lanes=1))
    with database.session(engine) as session:
        seed.found(session)
        members = [
            desk.members.add(
                session,
                f"Member {n}",
                f"member{n}@desk.example",
                Role.OWNER if n == 0 else Role.EDITOR if n % 3 == 0 else Role.REVIEWER,
                PASSWORD,
                by=None,
            )
            for n in range(MEMBERS)
        ]
        facts = desk.articles.Facts(title="A made-up article")
        article = desk.articles.add(session, facts, by=members[0])
        source = desk.sources.add(session, desk.sources.Facts("A register"), by=members[0])
        claims = []
        for n in range(CLAIMS):
            claim = desk.claims.add(session, article, f"Claim {n}", Kind.FACT, by=members[0])
            finding = desk.evidence.Finding(Stance.SUPPORTS, "The register says so.")
            desk.evidence.attach(session, claim, source, finding, by=members[0])
            claims.append(claim.id)
        found = [member.email for member in members], claims, source.id
        session.commit()
    engine.dispose()
    return found


def run(
    engine: str,
    *,
    kills: int,
    seconds: float = 600,
    target: str = "desk",
    say: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Kill the desk, or its database server, again and again; what was found."""
    home = Path(tempfile.mkdtemp(prefix="fact-desk-crashes-"))
    (home / "desk").mkdir()
    try:
        with a_database(engine, home) as (url, server):
            emails, claims, source = prepare(url)
            served = ServedDesk(home, url)
            crowd = Crowd(served.port, emails, claims, source)
            report = Report(changes=crowd.changes, faults=crowd.faults)
            try:
                served.start()
                crowd.start()
                crowd.wait_until_all_write()
                until = time.monotonic() + seconds
                while report.kills < kills and time.monotonic() < until and not report.faults:
                    _kill_once(report, crowd, served, server if target == "database" else None)
                    say(_line(report))
                crowd.stop()
                served.stop()
                report.faults += look(url, crowd.changes)
            finally:
                crowd.ended.set()
                crowd.up.set()
                served.stop()
    finally:
        shutil.rmtree(home)
    return report


def _kill_once(
    report: Report, crowd: Crowd, served: ServedDesk, server: PostgresServer | None
) -> None:
    # Some more changes, then any moment of the next ones.
    enough = report.count(ACKNOWLEDGED) + random.randint(5, 25)
    while report.count(ACKNOWLEDGED) < enough and not report.faults:
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.1))
    if server is None:
        served.kill()
    else:
        server.kill()
    report.in_flight += crowd.in_flight()
    crowd.up.clear()
    crowd.wait_until_all_wait()
    began = time.monotonic()
    if server is None:
        served.start()
    else:
        server.start()
        served.wait()
    report.slowest_start = max(report.slowest_start, time.monotonic() - began)
    report.kills += 1
    report.faults += look(served.url, crowd.changes)
    verified = served.claims("verify")
    if verified.returncode:
        report.faults.append(f"claims verify: {verified.stdout}{verified.stderr}")
    crowd.up.set()


def _line(report: Report) -> str:
    return (
        f"kill {report.kills:3}: {report.count('acknowledged'):6,} changes acknowledged, "
        f"{report.in_flight:4} cut off, {report.retried:4} sent again, {len(report.faults)} faults"
    )


def main() -> int:
    """Run as the command line asks; 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=900, help="at the most")
    parser.add_argument("--target", choices=("desk", "database"), default="desk")
    asked = parser.parse_args()
    if asked.target == "database" and asked.engine == "sqlite":
        parser.error("SQLite has no server to kill: --target database goes with postgresql.")
    report = run(
        asked.engine, kills=asked.kills, seconds=asked.seconds, target=asked.target, say=print
    )
    for fault in report.faults:
        print(f"FAULT {fault}")
    lost = sum(fault.startswith("lost") for fault in report.faults)
    rows = {
        "kills of the " + asked.target: report.kills,
        "changes acknowledged": report.count(ACKNOWLEDGED),
        "refused, as conflicts are": report.count(REFUSED),
        "cut off by a kill": report.in_flight,
        "sent again": report.retried,
        "lost": lost,
        "half done, doubled or worse": len(report.faults) - lost,
        "slowest start, seconds": round(report.slowest_start, 2),
    }
    print(f"\n{asked.engine}")
    for name, value in rows.items():
        print(f"  {name:30} {value:>8,}")
    return 1 if report.faults or report.kills < asked.kills else 0


if __name__ == "__main__":
    sys.exit(main())
