"""The desk installs itself: what it finds, what it leaves, and what it says."""

import fcntl
import hashlib
import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from itertools import chain

import pytest
from packaging.requirements import Requirement

from claims import installation
from claims.installation import HOME, RUN, TEST, Installation

LOCKED = "almanac==1.0 \\\n    --hash=sha256:0\n"


@pytest.fixture
def desk(tmp_path):
    """A desk's folder with a Python in its .venv, and nothing installed yet."""
    desk = Installation(tmp_path)
    desk.python.parent.mkdir(parents=True)
    desk.python.symlink_to(sys.executable)
    (tmp_path / RUN).write_text(LOCKED, encoding="utf-8")
    (tmp_path / TEST).write_text(LOCKED + "probe==2.0 \\\n", encoding="utf-8")
    return desk


def a_wheel(folder, name, version):
    """A package that holds one line; its digest."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(f"{name}.py", "edition = 1\n")
        file.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        file.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_an_installation_is_known_by_the_stamp_it_leaves_when_finished(desk):
    assert not desk.holds(RUN)

    desk.finish(RUN)

    assert desk.holds(RUN)
    assert not desk.holds(TEST)
    assert desk.interpreter(RUN) == str(desk.python)


def test_what_the_tests_need_includes_what_the_desk_needs(desk):
    desk.finish(TEST)

    assert desk.holds(TEST)
    assert desk.holds(RUN)


def test_a_changed_lock_file_asks_for_an_installation(desk):
    desk.finish(RUN)

    (desk.home / RUN).write_text(LOCKED.replace("1.0", "1.1"), encoding="utf-8")

    assert not desk.holds(RUN)


def test_a_python_that_an_upgrade_replaced_asks_for_an_installation(desk, tmp_path):
    desk.finish(RUN)
    newer = tmp_path / "python3.99"
    newer.touch()

    desk.python.unlink()
    desk.python.symlink_to(newer)
    assert not desk.holds(RUN)

    newer.unlink()
    assert not desk.holds(RUN)


def test_an_interrupted_installation_is_begun_again_from_an_empty_folder(desk, monkeypatch, capsys):
    found = a_wheel(desk.home, "almanac", "1.0")
    (desk.home / RUN).write_text(f"almanac==1.0 \\\n    --hash=sha256:{found}\n", encoding="utf-8")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(desk.home))
    desk.stamp.touch()
    left = desk.venv / "left-by-the-interrupted-one"
    left.touch()

    python = desk.interpreter(RUN)

    assert not left.exists()
    asked = [python, "-c", "import almanac; print(almanac.edition)"]
    assert subprocess.check_output(asked, text=True) == "1\n"
    assert re.search(r"(?s)Setting up .*Set up 1 packages in \d+ s\.", capsys.readouterr().err)

    assert desk.interpreter(RUN) == python
    assert capsys.readouterr().err == ""


def test_a_second_start_waits_for_the_first_and_finds_all_done(desk):
    ask = "import sys, pathlib, claims.installation as i; "
    ask += "print(i.Installation(pathlib.Path(sys.argv[1])).interpreter(i.RUN))"
    with (desk.home / ".venv.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-c", ask, str(desk.home)],
            cwd=HOME,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert second.stderr.readline().startswith("Another start is setting up Fact Desk here.")
        desk.finish(RUN)

    out, err = second.communicate(timeout=20)
    assert (out, err) == (f"{desk.python}\n", "")


def test_a_python_with_just_the_locked_versions_serves_as_it_is():
    flask = metadata.version("flask")

    assert installation.has({"flask": flask})
    assert not installation.has({"flask": flask + ".1"})
    assert not installation.has({"flask": flask, "no-such-package-here": "1"})


def test_packages_that_only_some_systems_need_are_not_asked_for():
    lock = (
        LOCKED + "tzdata==2026.6 ; sys_platform == 'win32' \\\n    --hash=sha256:1\n    # via x\n"
    )

    assert installation.pins(lock) == {"almanac": "1.0"}


def test_the_claims_command_runs_the_desk_from_anywhere(desk, tmp_path):
    (desk.home / "app.py").write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    desk.finish(RUN)
    link = tmp_path / "claims"
    link.symlink_to(desk.python.with_name("claims"))

    out = subprocess.check_output([link, "import", "an article.txt"], cwd="/", text=True)

    assert out == "['import', 'an article.txt']\n"


def test_an_old_python_is_told_which_one_is_needed(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        runpy.run_path(str(HOME / "app.py"), run_name="__main__")


def test_a_python_without_virtual_environments_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(SystemExit, match="apt install python3-venv"):
        installation.check_venv_module()


def test_a_folder_that_cannot_be_written_to_is_named(desk):
    (desk.home / ".venv.lock").mkdir()

    with pytest.raises(SystemExit, match=f"in {re.escape(str(desk.home))} .*: make that folder"):
        desk.interpreter(RUN)


@pytest.mark.parametrize(
    ("printed", "advice"),
    [
        (
            "ERROR: Could not find a version for flask (from versions: 1)\n",
            r"check the network.*for flask\)$",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE.\n", "not the one"),
        ("ERROR: Could not install: [Errno 28] No space left on device\n", "^The disk is full"),
        ("/x/python: No module named pip\n", r"remove the folder \.venv.*No module named pip\)"),
        ("", "nothing said"),
    ],
)
def test_a_failed_download_is_explained_in_one_line(printed, advice):
    said = installation.why_pip_failed(printed)

    assert re.search(advice, said)
    assert "\n" not in said


def test_a_set_up_tells_what_it_is_at():
    looking = "Ignoring tzdata: markers do not match\n"
    loading = looking + "Collecting alembic==1.20\n  Downloading it\nCollecting flask==3.1\n"
    broken = loading + "  WARNING: Retrying (Retry(total=4)) after connection broken\n"
    unpacking = loading + "Installing collected packages: flask, alembic\n"

    assert installation.stage_of_pip(looking, 0, 9) == "Looking for 9 packages"
    assert installation.stage_of_pip(loading, 0, 9) == "Downloading package 2 of 9: flask"
    assert installation.stage_of_pip(broken, 0, 9).startswith("No answer from the package index")
    assert installation.stage_of_pip(unpacking, 4, 9) == "Unpacking package 4 of 9"


def test_a_log_gets_a_line_at_once_and_then_one_every_few_seconds(capsys):
    status, output = installation.Progress().watch(
        [sys.executable, "-c", "print('all is well'); raise SystemExit(3)"], lambda _: "Reading"
    )

    assert (status, output) == (3, "all is well\n")
    assert capsys.readouterr().err == "  Reading · 0 s\n"


def test_a_web_server_that_imports_the_desk_installs_nothing():
    ask = "import sys, app; print(callable(app.create_app), 'claims.installation' in sys.modules)"

    out = subprocess.check_output([sys.executable, "-c", ask], cwd=HOME, text=True)

    assert out == "True False\n"


@pytest.mark.parametrize("lock", [RUN, TEST])
def test_a_lock_file_pins_every_package_by_its_digest_and_names_no_place(lock):
    text = (HOME / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(entries) > 30
    assert all(re.match(r"[\w.-]+==\S+ .*\\\n    --hash=sha256:", entry) for entry in entries)
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("unused", ["django", "asgiref", "sqlparse"])
def test_the_lock_files_leave_out_what_only_the_carrier_of_htmx_declares(unused):
    assert unused not in installation.pins((HOME / TEST).read_text(encoding="utf-8"))


def test_the_tests_run_with_just_what_the_desk_runs_with():
    run, test = ((HOME / lock).read_text(encoding="utf-8") for lock in (RUN, TEST))

    assert installation.pins(run).items() < installation.pins(test).items()


def test_every_declared_dependency_is_locked_in_a_version_it_allows():
    declared = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    project = declared["project"]
    run = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    test = [*chain(*declared["dependency-groups"].values())]

    for lock, wanted in ((RUN, run), (TEST, run + test)):
        locked = installation.pins((HOME / lock).read_text(encoding="utf-8"))
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(locked[requirement.name]), requirement
