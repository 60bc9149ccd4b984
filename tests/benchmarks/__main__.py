"""Make desks, measure their pages and their captures, and print it beside the bare ones."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from claims import database
from tests import serving
from tests.benchmarks import desks, locker

# What each column says, its width, and how it is written.
_COLUMNS = (
    ("first ms", "ms", "{:.1f}"),
    ("again ms", "again", "{:.1f}"),
    ("bare ms", "bare", "{:.1f}"),
    ("statements", "statements", "{:.0f}"),
    ("kB", "kB", "{:.1f}"),
    ("× bare", "ratio", "{:.1f}"),
    ("× smaller desk", "growth", "{:.2f}"),
)


def main() -> None:
    """Run the whole benchmark, or the part of it that was asked for."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="fact-desk-") as folder:
        home = Path(asked.keep) if asked.keep else Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        before: dict[str, Any] = {}
        for claims in sorted(asked.claims) if asked.only != "locker" else ():
            with serving.a_database(asked.engine, home / str(claims)) as (url, _):
                (home / str(claims) / "desk").mkdir(parents=True, exist_ok=True)
                _made(url, claims)
                measured = _child(url, claims, asked.times)
                measured.setdefault("CSV export", {}).update(_child(url, claims, 0))
                _print(asked.engine, claims, measured, before)
                before = measured
                if asked.engine == "sqlite":
                    _start(home / str(claims), url)
        if asked.only != "pages":
            # What is captured into a desk that was kept would be there already.
            locker.run(asked.engine, Path(folder) / "locker", asked.times)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", choices=("pages", "locker"), help="one half of it")
    parser.add_argument("--claims", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--times", type=int, default=30, help="how often each page is asked for")
    parser.add_argument(
        "--keep", metavar="DIR", help="where SQLite desks are kept for the next run"
    )
    return parser.parse_args()


def _made(url: str, claims: int) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and path.exists():
        return
    began = time.monotonic()
    engine = database.connect(url)
    desks.make(engine, claims)
    engine.dispose()
    print(f"Made a desk of {claims:,} claims in {time.monotonic() - began:.0f} s.", flush=True)


def _child(url: str, claims: int, times: int) -> Any:
    """Measure in a process of its own, so that memory is that of one desk."""
    command = [sys.executable, "-m", "tests.benchmarks.measuring", url, str(claims), str(times)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=serving.HOME, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _print(engine: str, claims: int, measured: dict[str, Any], before: dict[str, Any]) -> None:
    print(f"\n{claims:,} claims on {engine}")
    print("  ".join([f"{'':26}", *(title for title, _, _ in _COLUMNS)]))
    for page, taken in measured.items():
        if page == "CSV export":
            continue
        row = dict(taken)
        row["kB"] = row["bytes"] / 1000
        if row.get("bare"):
            row["ratio"] = row["ms"] / row["bare"]
        if page in before:
            row["growth"] = row["ms"] / before[page]["ms"]
        cells = [
            (shape.format(row[key]) if key in row else "").rjust(len(title))
            for title, key, shape in _COLUMNS
        ]
        print("  ".join([f"{page:26}", *cells]))
    csv = measured["CSV export"]
    print(
        f"CSV export: {csv['claims a second']:,.0f} claims a second"
        + (f" ({csv['ms'] / csv['bare']:.1f} × bare)" if csv.get("bare") else "")
        + f", {csv['bytes'] / 1e6:.1f} MB, {csv['grown MB']:.0f} MB more memory; a list meanwhile "
        f"{csv['list meanwhile ms']:.1f} ms, idle {csv['list, idle ms']:.1f} ms",
        flush=True,
    )


def _start(home: Path, url: str) -> None:
    """How long a start takes on what is there, and what the desk then holds in memory."""
    served = serving.ServedDesk(home, url)
    seconds = []
    for _ in range(3):
        seconds.append(served.start())
        held = served.memory()
        served.stop()
    print(
        f"A start takes {statistics.median(seconds):.2f} s; idle, it holds {held / 1e6:.0f} MB.",
        flush=True,
    )


if __name__ == "__main__":
    main()
