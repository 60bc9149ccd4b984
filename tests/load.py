"""Fifty members at the desk at once, for a minute, and what each of them waits.

    python -m tests.load                                          one process, SQLite
    python -m tests.load --server gunicorn --engine postgresql    two processes, PostgreSQL
    python -m tests.load --think 0                                without a pause between two acts

Each member signs in over HTTP, reads lists and claims, searches, comments, adds evidence, gives
verdicts, and puts one of three claims that all share in other words, so that some of them meet a
conflict. At the end everything that was acknowledged has to be there once, no words may have
been replaced unseen, and the ledger has to verify. Exit code 1 when something was lost or the
desk failed to answer.
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from claims import database, passwords
from claims.models import Claim, Member, Source
from tests.benchmarks import desks
from tests.serving import Answer, Browser, NoAnswer, ServedDesk, a_database
from tests.working import ACKNOWLEDGED, ACTS, REFUSED, Change, Draft, look

PASSWORD = "four made-up words"
# Those that every member rewords.
SHARED = 3

# How often a member does what, of a hundred acts.
READING = {"list": 25, "filter": 8, "search": 15, "open a claim": 22}
WRITING = {"comment": 9, "add evidence": 9, "give a verdict": 7, "reword": 5}
STATES = ("in review", "agreed", "published")
WORDS = ("dam", "harbour", "clinic Fenwick", "tonnes since the flood", "ferry", "reached pupils")


@dataclass
class Act:
    """How one kind of act went: seconds of each, conflicts, and answers that there must not be."""

    seconds: list[float] = field(default_factory=list)
    conflicts: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What a run measured and found."""

    acts: dict[str, Act]
    changes: list[Change]
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory: int = 0

    @property
    def errors(self) -> list[str]:
        return [error for act in self.acts.values() for error in act.errors]


class Reader:
    """One member with a browser."""

    def __init__(self, report: Report, port: int, email: str, claims: list[int], source: int):
        self.report, self.email = report, email
        self.claims, self.source = claims, source
        self.chance = random.Random(email)
        self.browser = Browser(port)
        self.number = 0

    def work(self, until: float, think: float) -> None:
        acts = READING | WRITING
        # People don't arrive all in the same second.
        time.sleep(self.chance.uniform(0, think))
        while time.monotonic() < until:
            act = self.chance.choices(list(acts), list(acts.values()))[0]
            try:
                self._read(act) if act in READING else self._write(act)
            except (*NoAnswer, LookupError) as fault:
                self._note(act).errors.append(f"{type(fault).__name__}: {fault}")
            time.sleep(self.chance.uniform(0.5, 1.5) * think)

    def _note(self, act: str) -> Act:
        return self.report.acts[act]

    def _timed(self, act: str, ask: Callable[[], Answer], *right: int) -> Answer:
        began = time.monotonic()
        answer = ask()
        note = self._note(act)
        note.seconds.append(time.monotonic() - began)
        if answer.status == 409 and 409 in right:
            note.conflicts += 1
        elif answer.status not in right:
            note.errors.append(f"answered {answer.status}")
        return answer

    def _open(self, claim: str) -> str:
        return self._timed("open a claim", lambda: self.browser.get(claim), 200).text

    def _read(self, act: str) -> None:
        path = {
            "list": "/claims",
            "filter": f"/claims?sort=changed&state={self.chance.choice(STATES)}",
            "search": f"/claims?q={self.chance.choice(WORDS)}",
            "open a claim": f"/claims/{self.chance.choice(self.claims)}",
        }[act].replace(" ", "+")
        self._timed(act, lambda: self.browser.get(path), 200)

    def _write(self, act: str) -> None:
        among = self.claims[:SHARED] if act == "reword" else self.claims
        claim = f"/claims/{self.chance.choice(among)}"
        self.number += 1
        mark = f"{self.email}-{self.number}#"
        draft = Draft(self.browser, self._open(claim), claim, mark, self.source)
        change = ACTS[act](draft)
        if change is None:
            return
        self.report.changes.append(change)
        # The time that it takes to write it; somebody else may save meanwhile.
        time.sleep(self.chance.uniform(0, 0.2))
        right = (303, 409) if act == "reword" else (303,)
        answer = self._timed(act, lambda: self.browser.post(change.path, change.fields), *right)
        if answer.status == 303:
            change.answer = ACKNOWLEDGED
            self._open(answer.location)
        elif answer.status < 500:
            change.answer = REFUSED


def prepare(url: str, claims: int, members: int) -> tuple[list[str], list[int], int]:
    """A desk with so many claims: e-mails of members who can sign in, ids of claims, a source."""
    engine = database.connect(url)
    desks.make(engine, claims)
    # As dear as the desk hashes, or it would hash anew when each signs in.
    hashed = passwords.hashed(PASSWORD)
    with database.session(engine) as session:
        session.execute(sa.update(Member).values(password_hash=hashed))
        emails = list(session.exec(select(Member.email).order_by(col(Member.id)).limit(members)))
        open_claims = select(Claim.id).where(col(Claim.withdrawn_at).is_(None))
        found = emails, list(session.exec(open_claims)), session.exec(select(Source.id)).first()
        session.commit()
    engine.dispose()
    return found


def run(
    server: str,
    engine: str,
    *,
    members: int,
    seconds: float,
    claims: int,
    think: float,
    say: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Let members work at a desk; what it took them, and what was lost."""
    home = Path(tempfile.mkdtemp(prefix="fact-desk-load-"))
    (home / "desk").mkdir()
    report = Report(defaultdict(Act), [])
    try:
        with a_database(engine, home) as (url, _server):
            say(f"making a desk of {claims:,} claims …")
            emails, ids, source = prepare(url, claims, members)
            served = ServedDesk(home, url, server)
            served.start()
            try:
                say(f"{len(emails)} members sign in …")
                readers = [Reader(report, served.port, email, ids, source) for email in emails]
                for reader in readers:
                    reader.browser.sign_in(reader.email, PASSWORD)
                say(f"they work for {seconds:g} s …")
                _work(report, readers, seconds, think)
                report.memory = served.memory()
            finally:
                served.stop()
            say("looking for what was lost …")
            report.faults += look(url, report.changes)
    finally:
        shutil.rmtree(home)
    return report


def _work(report: Report, readers: list[Reader], seconds: float, think: float) -> None:
    began = time.monotonic()
    threads = [
        threading.Thread(target=reader.work, args=(began + seconds, think), daemon=True)
        for reader in readers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.seconds = time.monotonic() - began
    for reader in readers:
        with reader.browser:
            pass


def table(report: Report) -> list[str]:
    """How long each kind of act took, in milliseconds."""
    lines = [f"{'':16}{'times':>7}{'409':>6}{'errors':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}"]
    for name in (*READING, *WRITING):
        act = report.acts[name]
        lines.append(
            f"{name:16}{len(act.seconds):7,}{act.conflicts:6}{len(act.errors):8}"
            + "".join(f"{_percentile(act.seconds, p) * 1000:8.0f}" for p in (50, 95, 99, 100))
        )
    every = [one for act in report.acts.values() for one in act.seconds]
    lines.append(
        f"{'all':16}{len(every):7,}{sum(act.conflicts for act in report.acts.values()):6}"
        f"{len(report.errors):8}"
        + "".join(f"{_percentile(every, p) * 1000:8.0f}" for p in (50, 95, 99, 100))
    )
    return lines


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def main() -> int:
    """Run as the command line asks; 1 when something was lost or not answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--members", type=int, default=50, choices=range(1, desks.MEMBERS + 1))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--claims", type=int, default=5000)
    parser.add_argument("--think", type=float, default=3, help="seconds between two acts, about")
    parser.add_argument("--server", choices=("waitress", "gunicorn"), default="waitress")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    report = run(
        asked.server,
        asked.engine,
        members=asked.members,
        seconds=asked.seconds,
        claims=asked.claims,
        think=asked.think,
        say=print,
    )
    print(f"\n{asked.members} members, {asked.server} on {asked.engine}, {asked.claims:,} claims")
    print("\n".join(table(report)))
    for error in sorted(set(report.errors)):
        print(f"ERROR {error} ({report.errors.count(error)} times)")
    for fault in report.faults:
        print(f"FAULT {fault}")
    done = [change for change in report.changes if change.answer == ACKNOWLEDGED]
    lost = sum(fault.startswith("lost") for fault in report.faults)
    requests = sum(len(act.seconds) for act in report.acts.values()) / report.seconds
    print(f"\n{requests:.0f} requests a second; {len(done):,} changes acknowledged, {lost} lost,")
    print(f"{len(report.faults) - lost} otherwise wrong; {report.memory / 2**20:.0f} MB in memory")
    return 1 if report.errors or report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
