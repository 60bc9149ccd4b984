"""Install the desk beside itself: a .venv with exactly the packages of a lock file.

This runs before anything is installed, so it needs the standard library only,
and of that imports late what only an installation needs: it is in the way of
every start. What it says goes to standard error, as standard output belongs to
the command.
"""

import fcntl
import hashlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

HOME = Path(__file__).resolve().parent.parent
RUN = "requirements.lock"
TEST = "test.lock"  # holds all of RUN as well

# Past four workers, starting browsers and database servers costs more than it saves.
EVERY_TEST = ["-n", "auto", "--maxprocesses", "4"]

# Run through app.py, so that a command too is preceded by a look at the lock file.
LAUNCHER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/python" "$here/../../app.py" "$@"
"""

PIP = ["-I", "-u", "-m", "pip", "install", "--no-deps", "--require-hashes", "--no-compile"]
PIP += ["--no-input", "--disable-pip-version-check", "--progress-bar=off", "--requirement"]


def start(arguments: list[str]) -> None:
    """Return when all that the desk needs is there; else install it and start anew.

    For "test" it never returns: the process ends as pytest does.
    """
    desk = Installation(HOME)
    try:
        if arguments[:1] == ["test"]:
            python = desk.interpreter(TEST)
            provide_browser(python)
            os.chdir(HOME)
            become([python, "-m", "pytest", *(arguments[1:] or EVERY_TEST)])
        python = desk.interpreter(RUN)
        if python != sys.executable:
            become([python, str(HOME / "app.py"), *arguments])
    except KeyboardInterrupt:
        say("\nStopped. The next start sets up what is missing.")
        sys.exit(130)


class Installation:
    """The desk's folder, and the .venv in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.venv = home / ".venv"
        self.python = self.venv / "bin" / "python"
        self.stamp = self.venv / "installed"

    def interpreter(self, lock: str) -> str:
        """The Python that has all that a lock file names; installs it if none does."""
        inside = os.path.realpath(sys.prefix) == os.path.realpath(self.venv)
        if not self.holds(lock):
            # An unfinished .venv may lack files of a package that it has by name.
            begun = inside and self.stamp.exists()
            if not begun and has(pins(self._read(lock))):
                return sys.executable
            try:
                self._install(lock)
            except OSError as error:
                sys.exit(
                    f"Fact Desk cannot set itself up in {self.home} ({error.strerror}): "
                    "make that folder writable, or move it to where you may write."
                )
        return sys.executable if inside else str(self.python)

    def holds(self, lock: str) -> bool:
        """Whether an installation of just this lock file was finished."""
        return self._intact() and digest(self._read(lock)) in self._stamped()

    def finish(self, lock: str) -> None:
        """Leave the stamp that says what is installed, and the `claims` command."""
        launcher = self.python.with_name("claims")
        launcher.write_text(LAUNCHER, encoding="utf-8")
        launcher.chmod(0o755)
        held = [RUN, TEST] if lock == TEST else [lock]
        lines = [os.path.realpath(self.python), *(digest(self._read(name)) for name in held)]
        unfinished = self.stamp.with_suffix(".new")
        unfinished.write_text("\n".join(lines), encoding="utf-8")
        unfinished.replace(self.stamp)

    def _install(self, lock: str) -> None:
        """Bring the .venv to what a lock file says.

        An installation that was begun and not finished is begun again from an
        empty .venv. Any other .venv is only added to, because a desk may be
        running from it, or it is the user's own.
        """
        with self._alone() as turn:
            if self.holds(lock):
                return
            say(f"Setting up Fact Desk in {self.venv}. The next start is quicker.")
            total = len(pins(self._read(lock)))
            progress = Progress()
            if not self.python.exists() or (self.stamp.exists() and not self._intact()):
                self._make_venv(progress, turn)
            self.stamp.write_text("", encoding="utf-8")
            self._fill_venv(lock, total, progress, turn)
            self.finish(lock)
            say(f"Set up {total} packages in {progress.elapsed:.0f} s.")

    def _make_venv(self, progress: "Progress", turn: int) -> None:
        import shutil

        check_venv_module()
        # The running Python may be in the .venv that goes.
        python = os.path.realpath(sys.executable)
        shutil.rmtree(self.venv, ignore_errors=True)
        self.venv.mkdir()
        self.stamp.touch()
        command = [python, "-I", "-m", "venv", str(self.venv)]
        status, output = progress.watch(command, lambda _: "Making the virtual environment", turn)
        if status != 0:
            sys.exit(
                f"Python could not make {self.venv}: look at the free space on the disk "
                f"and the rights of the folder. ({complaint(output)})"
            )

    def _fill_venv(self, lock: str, total: int, progress: "Progress", turn: int) -> None:
        def stage(output: str) -> str:
            there = sum(1 for _ in self.venv.glob("lib/*/site-packages/*.dist-info"))
            return stage_of_pip(output, there, total)

        command = [str(self.python), *PIP, str(self.home / lock)]
        status, output = progress.watch(command, stage, turn)
        if status != 0:
            sys.exit(why_pip_failed(output))

    def _read(self, lock: str) -> str:
        return (self.home / lock).read_text(encoding="utf-8")

    def _stamped(self) -> list[str]:
        try:
            return self.stamp.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def _intact(self) -> bool:
        # An upgrade of the system's Python leaves a .venv that points to nothing,
        # or to a Python that does not look for its packages there.
        return self.python.exists() and self._stamped()[:1] == [os.path.realpath(self.python)]

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Make a second start wait until the first has set up.

        The lock is handed on to pip, so that a start that is killed leaves it
        locked for as long as its pip goes on writing.
        """
        with (self.home / ".venv.lock").open("a", encoding="utf-8") as file:
            turn = file.fileno()
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is setting up Fact Desk here. Waiting for it to finish.")
                fcntl.flock(turn, fcntl.LOCK_EX)
            yield turn


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock file and its version, but for those that only some systems need."""
    return dict(re.findall(r"^([\w.-]+)==(\S+) \\?$", lock, re.MULTILINE))


def has(packages: dict[str, str]) -> bool:
    """Whether the running Python has these packages in just these versions."""
    from importlib import metadata

    try:
        return all(metadata.version(name) == version for name, version in packages.items())
    except metadata.PackageNotFoundError:
        return False


def check_venv_module() -> None:
    """Debian's Python comes without the part that makes virtual environments."""
    from importlib.util import find_spec

    if not all(find_spec(name) for name in ("venv", "ensurepip")):
        sys.exit(
            "This Python cannot make virtual environments: install that part of it "
            "(on Debian and Ubuntu: sudo apt install python3-venv) and start again."
        )


class Progress:
    """What is going on, and for how long: one line that changes, or lines in a log."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._alive = sys.stderr.isatty()
        self._due = 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def watch(
        self, command: list[str], stage: Callable[[str], str], turn: int | None = None
    ) -> tuple[int, str]:
        """Run a command, telling all the while what it is at; its status and output."""
        import subprocess
        import tempfile

        with tempfile.TemporaryFile() as written:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                pass_fds=() if turn is None else (turn,),
            )
            try:
                while process.poll() is None:
                    self._show(stage(_content(written.fileno())))
                    time.sleep(0.1)
            finally:
                self._clear()
                if process.poll() is None:
                    process.terminate()
                    process.wait()
            return process.returncode, _content(written.fileno())

    def _show(self, stage: str) -> None:
        line = f"  {stage} · {self.elapsed:.0f} s"
        if self._alive:
            width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
            print(f"\r\033[K{line[:width]}", end="", file=sys.stderr, flush=True)
        elif self.elapsed >= self._due:
            self._due = self.elapsed + 4
            say(line)

    def _clear(self) -> None:
        if self._alive:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _content(file: int) -> str:
    # pread leaves alone the position at which the command goes on writing.
    return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")


def stage_of_pip(output: str, there: int, total: int) -> str:
    """What pip is at, told by what it has printed and how many packages are there."""
    if "Installing collected packages" in output:
        return f"Unpacking package {min(there, total)} of {total}"
    collected = re.findall(r"^Collecting ([\w.-]+)==", output, re.MULTILINE)
    if "Retrying" in last_line(output):
        return "No answer from the package index, trying again"
    if not collected:
        return f"Looking for {total} packages"
    return f"Downloading package {min(len(collected), total)} of {total}: {collected[-1]}"


def why_pip_failed(output: str) -> str:
    """One sentence on what to do, from what pip printed."""
    if "No space left" in output:
        todo = "The disk is full: free 500 MB and start again."
    elif "DO NOT MATCH THE HASHES" in output:
        todo = (
            "A downloaded package is not the one that Fact Desk was tested with: "
            "start again, and if this happens again, use another package index."
        )
    elif "Could not find a version" in output or "Retrying" in output:
        todo = (
            "The packages could not be downloaded: check the network connection, "
            "or pip's proxy and index settings, and start again."
        )
    else:
        todo = "The packages could not be installed: remove the folder .venv and start again."
    return f"{todo} (pip: {complaint(output)})"


def complaint(output: str) -> str:
    """What pip, apt-get or playwright says went wrong, without its long lists."""
    said = re.search(r"^(?:ERROR|Error|E): (.+?)(?: \(from versions.*)?$", output, re.MULTILINE)
    return (said[1] if said else last_line(output))[:160]


def last_line(output: str) -> str:
    return (output.strip().splitlines() or ["nothing said"])[-1].strip()


def provide_browser(python: str) -> None:
    """Get what the browser tests drive: Chromium, and a library that its driver needs."""
    import ctypes.util
    import shutil

    progress = Progress()
    browser = shutil.which("chromium")
    lacking = [] if browser else ["chromium", "fonts-liberation"]
    if ctypes.util.find_library("atomic") is None:
        lacking.append("libatomic1")
    if not lacking:
        return

    def stage(output: str) -> str:
        return last_line(output or "Looking for them")

    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing {', '.join(lacking)} for the browser tests.")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        progress.watch(["apt-get", "-q", "update"], lambda _: "Reading the list of packages")
        # Another apt-get at work, as after a boot, is waited for.
        command = ["apt-get", "-qy", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"]
        command += ["install", *lacking]
        status, output = progress.watch(command, stage)
    elif browser is None:
        say("Installing Chromium for the browser tests.")
        command = [python, "-m", "playwright", "install", "chromium"]
        status, output = progress.watch(command, stage)
    else:
        return
    if status != 0:
        say(
            "The browser tests will fail, because Chromium could not be installed: "
            f"install chromium and libatomic1 yourself. ({complaint(output)})"
        )


def become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.execv(command[0], command)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
