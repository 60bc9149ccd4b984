"""The code reads as the project agreed: formatted, linted, typed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "tool",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "app.py", "claims"],
        ["djlint", "--lint", "--quiet", "templates"],
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_the_code_passes(tool):
    beside = Path(sys.executable).parent / tool[0]
    program = str(beside) if beside.exists() else shutil.which(tool[0])
    assert program, f"{tool[0]} is not installed: run python3 app.py test"

    done = subprocess.run([program, *tool[1:]], cwd=HOME, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
