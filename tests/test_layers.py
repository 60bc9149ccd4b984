"""Imports point down through the layers of the package, never up or across."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "claims"

# From the lowest; the parts of one layer do not know each other.
LAYERS = [
    {"rules", "__version__"},
    {"models"},
    {"queries", "database", "tables"},
    {"ledger", "passwords", "prose", "configuration", "captures"},
    {"desk"},
    {"exports", "imports", "seed", "backups"},
    {"intake", "custody"},
    {"worker"},
    {"web", "cli"},
]
HEIGHT = {part: height for height, layer in enumerate(LAYERS) for part in layer}

# These stand beside the layers: what runs before anything is installed, and the history of tables.
BESIDE = {"installation", "migrations", "__init__"}

KNOW_FLASK = {"web", "cli"}
SELECT = {"queries", "ledger", "tables"}

MODULES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).with_suffix("").parts[0] not in BESIDE
)


def part_of(path: Path) -> str:
    return path.with_suffix("").parts[0]


def tree_of(path: Path) -> ast.Module:
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the full name of everything that a module imports, also inside functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"claims/{path}:{node.lineno}: write the import in full"
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def faults_of_direction(path: Path) -> Iterator[str]:
    own = part_of(path)
    for line, name in imported(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top != "claims" or other == own:
            continue
        if other not in HEIGHT:
            yield f"claims/{path}:{line} imports {other}, which has no layer"
        elif HEIGHT[other] >= HEIGHT[own]:
            way = "across to" if HEIGHT[other] == HEIGHT[own] else "up to"
            yield f"claims/{path}:{line}: {own} reaches {way} {other}"


def test_every_part_of_the_package_has_its_layer():
    assert {part_of(path) for path in MODULES} <= set(HEIGHT)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_down(path):
    assert list(faults_of_direction(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_edge_knows_flask(path):
    if part_of(path) in KNOW_FLASK:
        return

    known = [f"claims/{path}:{line} imports {name}" for line, name in imported(path)]

    assert [fault for fault in known if " imports flask" in fault] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_queries_select(path):
    if part_of(path) in SELECT:
        return

    selects = [
        f"claims/{path}:{line} imports {name}: ask a module of queries/"
        for line, name in imported(path)
        if name in {"sqlmodel.select", "sqlalchemy.select", "sqlalchemy.orm.Query"}
    ] + [
        f"claims/{path}:{node.lineno} calls sa.select: ask a module of queries/"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "select" and _is(node.value, "sa")
    ]

    assert selects == []


def test_what_runs_before_anything_is_installed_needs_the_standard_library_only():
    import sys

    for _, name in imported(Path("installation.py")):
        assert name.partition(".")[0] in sys.stdlib_module_names


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
