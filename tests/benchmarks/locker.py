"""How fast sources are captured, read and found again, each beside the least that could do it."""

import base64
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa
from lxml import html
from sqlmodel import col, select

from claims import database, desk, rules
from claims.captures.limits import Limits
from claims.captures.store import Folder
from claims.desk.sources import Facts
from claims.imports import reading
from claims.models import Capture, Content, ContentText, Job, SketchPart, Source, SourceWords
from claims.rules.vocabulary import JobKind, JobState, Obtained, SourceType
from claims.worker import Worker
from tests import serving
from tests.benchmarks import desks, measuring

PAGES = 60
WORKERS = (1, 2, 4)
TEXTS = (1_000, 20_000)
WORDS_A_TEXT = 600
# What a page of a newspaper comes to without its pictures, and a long official one.
PAGE_BYTES, LARGE_BYTES = 20_000, 2_000_000

# A desk with a little in it, and members who work at it.
_CLAIMS = 100
_BEGAN = datetime(2021, 3, 1, 8, tzinfo=UTC)

_SYLLABLES = [f"{letter}{vowel}" for letter in "bdfgklmnprst" for vowel in "ai"]
_WORDS = 40_000


def run(engine: str, home: Path, times: int) -> None:
    """Measure on a database of its own, and print what was found."""
    print(f"\nThe evidence locker on {engine}")
    prose = Prose()
    with serving.a_database(engine, home) as (url, _):
        (home / "desk").mkdir(parents=True, exist_ok=True)
        made = database.connect(url)
        desks.make(made, _CLAIMS)
        # Each is captured once: what is there already would be nothing to keep.
        for_one_turn = len(WORKERS) * PAGES + 1
        written = [prose.page(PAGE_BYTES) for _ in range(2 * for_one_turn)]
        with _website(home / "site", written) as pages:
            store = Folder(home / "desk" / "captures")
            _captures(made, store, pages[:for_one_turn])
            _start(home, url, pages[0])
            _large_page(prose.page(LARGE_BYTES), times)
            _searches(made, url, prose, times)
            _captures(made, store, pages[for_one_turn:])
        made.dispose()


# ---- the queue ----------------------------------------------------------------------------------


def _captures(engine: sa.Engine, store: Folder, pages: Sequence[str]) -> None:
    """Capture pages by so many workers as `claims run` may have: threads of one process."""
    held, plain = _copies(engine), _plainly(pages[:PAGES])
    print(
        f"Pages of {PAGE_BYTES // 1000} kB, plainly fetched: {plain:.0f} a second; "
        f"captured beside {held:,} copies:"
    )
    limits = Limits(allowed=frozenset({pages[0].split("/")[2]}))
    left = iter(pages)
    # The first capture brings in the libraries.
    _ask(engine, islice(left, 1))
    _drain(Worker(engine, store, limits))
    for workers in WORKERS:
        _ask(engine, islice(left, PAGES))
        hands = [
            threading.Thread(target=_drain, args=(Worker(engine, store, limits),))
            for _ in range(workers)
        ]
        began = time.perf_counter()
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        rate = PAGES / (time.perf_counter() - began)
        print(
            f"  by {workers} worker{'s' if workers > 1 else ' '}: {rate:5.1f} captures a second, "
            f"{plain / rate:.1f} × as long as fetching",
            flush=True,
        )
    _check_all_came(engine, held + len(pages))


def _copies(engine: sa.Engine) -> int:
    with database.session(engine) as session:
        return session.exec(select(sa.func.count()).select_from(Capture)).one()


def _drain(worker: Worker) -> None:
    while worker.step():
        pass


def _plainly(pages: Sequence[str]) -> float:
    """How many of these pages a bare client gets in a second, one after the other."""
    # As the desk does it: no connection outlives its page.
    with httpx2.Client(headers={"Connection": "close"}) as client:
        client.get(pages[0])
        began = time.perf_counter()
        for page in pages:
            client.get(page).raise_for_status()
        return len(pages) / (time.perf_counter() - began)


def _ask(engine: sa.Engine, pages: Iterable[str]) -> list[int]:
    with database.session(engine) as session:
        jobs = []
        for page in pages:
            source = desk.sources.add(session, Facts(page, url=page), by=None)
            jobs.append(desk.jobs.ask(session, source, JobKind.CAPTURE, page, by=None))
        session.commit()
        return [job.id for job in jobs]


def _check_all_came(engine: sa.Engine, pages: int) -> None:
    with database.session(engine) as session:
        troubles = session.exec(select(Job.trouble).where(Job.state != JobState.DONE)).all()
    kept = _copies(engine)
    if troubles or kept != pages:
        raise RuntimeError(f"{kept} of {pages} pages were captured: {troubles}")


def _start(home: Path, url: str, page: str) -> None:
    """What a served desk holds in memory, idle and after it captured a page."""
    served = serving.ServedDesk(home, url, DESK_FETCH_ALLOW=page.split("/")[2])
    seconds = served.start()
    engine = database.connect(url)
    try:
        idle = served.memory()
        (job,) = _ask(engine, [f"{page}?start"])
        _wait_for(engine, job)
        captured = served.memory()
    finally:
        engine.dispose()
        served.stop()
    print(
        f"A start takes {seconds:.2f} s; idle, the desk holds {idle / 1e6:.0f} MB, "
        f"and {captured / 1e6:.0f} MB after its first capture.",
        flush=True,
    )


def _wait_for(engine: sa.Engine, job: int) -> None:
    for _ in range(serving.PATIENCE * 20):
        with database.session(engine) as session:
            if session.exec(select(Job.state).where(Job.id == job)).one() is JobState.DONE:
                return
        time.sleep(0.05)
    raise RuntimeError("the served desk captures nothing")


@contextmanager
def _website(folder: Path, pages: Sequence[bytes]) -> Iterator[list[str]]:
    """The pages at addresses of this machine, served by a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        (folder / f"{number}.html").write_bytes(page)
    port = serving.free_port()
    command = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(port)]
    server = subprocess.Popen(
        [sys.executable, *command], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=50)) as client:
            client.get(f"http://127.0.0.1:{port}/")
        yield [f"http://127.0.0.1:{port}/{number}.html" for number in range(len(pages))]
    finally:
        server.kill()
        server.wait()


# ---- reading ------------------------------------------------------------------------------------


def _large_page(page: bytes, times: int) -> None:
    """Read a large page as a capture of it is read, beside lxml alone."""

    def read() -> None:
        found = reading.read(page, said="text/html; charset=utf-8", name="https://x.example/")
        if found.trouble or len(found.text) < len(page) // 2:
            raise RuntimeError(f"the page was not read: {found.trouble}")

    few = max(3, times // 6)
    taken = _median(read, few)
    plain = _median(lambda: html.fromstring(page).text_content(), few)
    print(
        f"A page of {len(page) / 1e6:.1f} MB is read in {taken:.2f} s, "
        f"{taken / plain:.0f} × as long as lxml alone needs for its words.",
        flush=True,
    )


def _median(act: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


# ---- the library --------------------------------------------------------------------------------


def _searches(engine: sa.Engine, url: str, prose: "Prose", times: int) -> None:
    """Look for a rare and for a common word in the library, by few captured texts and by many."""
    before: dict[str, float] = {}
    held = 0
    for texts in TEXTS:
        began = time.monotonic()
        _add_texts(engine, prose, texts - held)
        held = texts
        print(f"{texts:,} captured texts, made in {time.monotonic() - began:.0f} s")
        asker = measuring.desk(url)
        for name, word in {"a rare word": prose.rare, "a common word": prose.words[0]}.items():
            address = f"/sources?q={word}"
            for _ in range(2):
                asker.ask(address)
            taken = [asker.ask(address) for _ in range(times)]
            ms = statistics.median(one.ms for one in taken)
            growth = f", {ms / before[name]:.2f} × that of {TEXTS[0]:,}" if before.get(name) else ""
            before[name] = ms
            print(
                f"  search for {name:13}: {ms:5.1f} ms, {taken[-1].statements} statements{growth}",
                flush=True,
            )


def _add_texts(engine: sa.Engine, prose: "Prose", texts: int) -> None:
    """Add sources with a captured text each, past the queue and the store."""
    with engine.begin() as connection:
        first = connection.execute(sa.select(sa.func.max(col(Source.id)))).scalar() or 0
        numbers = iter(range(first + 1, first + texts + 1))
        # As many at once as fit in memory without a thought.
        while batch := [_text(prose, number) for number in islice(numbers, 2_000)]:
            for model in (Source, SourceWords, Content, SketchPart, ContentText, Capture):
                desks.insert(connection, model, chain.from_iterable(r[model] for r in batch))
        desks.number_on(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _text(prose: "Prose", number: int) -> dict[type[Any], list[dict[str, Any]]]:
    """The rows of a source with one captured text."""
    words, sketch = prose.draw(WORDS_A_TEXT), prose.sketch()
    title, text = f"Made-up gazette {number}", " ".join(words)
    digest = sha256(text.encode()).hexdigest()
    url = f"https://gazette.example/{number}"
    source = {
        "id": number,
        "title": title,
        "type": SourceType.NEWS_REPORT,
        "url": url,
        "url_fingerprint": rules.addresses.fingerprint(url),
        "created_at": _BEGAN,
        "version": 1,
    }
    content = {
        "sha256": digest,
        "size": len(text),
        "media_type": "text/plain",
        "length": len(text),
        "pages": [],
        "sketch": sketch,
        "created_at": _BEGAN,
    }
    capture = {
        "source_id": number,
        "sha256": digest,
        "obtained": Obtained.FETCHED,
        "url": url,
        "headers": [],
        "hops": [],
        "taken_at": _BEGAN,
    }
    found_by = rules.searching.index([*rules.searching.words(title), *words])
    return {
        Source: [source],
        SourceWords: [{"source_id": number, "words": found_by}],
        Content: [content],
        SketchPart: [{"part": n, "sha256": digest} for n in set(rules.origins.parts(sketch))],
        ContentText: [{"sha256": digest, "text": text}],
        Capture: [capture],
    }


# ---- made-up words ------------------------------------------------------------------------------


class Prose:
    """Plainly made-up prose: few words are everywhere, most are rare, as in any language."""

    def __init__(self, seed: int = 22) -> None:
        self._random = random.Random(seed)
        self.words = [_word(number) for number in range(_WORDS)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(_WORDS)))

    @property
    def rare(self) -> str:
        """A word that one of a thousand texts has."""
        return self.words[-1000]

    def draw(self, words: int) -> list[str]:
        """So many words."""
        return self._random.choices(self.words, cum_weights=self._weights, k=words)

    def sketch(self) -> str:
        """A sketch that is like no other, as that of a text would be."""
        size = rules.origins.SKETCH_LENGTH * 3 // 4
        return base64.b64encode(self._random.randbytes(size)).decode()

    def text(self, words: int) -> str:
        """So many words, in sentences and paragraphs."""
        drawn = self.draw(words)
        sentences = [drawn[at : at + 14] for at in range(0, words, 14)]
        written = [f"{' '.join(sentence).capitalize()}." for sentence in sentences]
        return "\n".join(" ".join(written[at : at + 5]) for at in range(0, len(written), 5))

    def page(self, size: int) -> bytes:
        """A page of about so many bytes."""
        paragraphs = self.text(round(size / 6.4)).split("\n")
        body = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
        title = self.text(8)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="author" content="Reviewer One"></head><body><nav><a href="/">Home</a>'
            f"</nav><article><h1>{title}</h1>\n{body}</article></body></html>"
        ).encode()


def _word(number: int) -> str:
    """The number in syllables: no two have the same word."""
    word = ""
    number += len(_SYLLABLES)
    while number:
        number, digit = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return word
