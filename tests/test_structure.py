"""The house's plan, kept: three floors, one direction, and one door to each foreign library."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import databricks_mcp_toolkit
import pytest

ROOT = Path(databricks_mcp_toolkit.__file__).parent
PACKAGE = "databricks_mcp_toolkit"
OUTSIDE = {"tests", "examples", "benchmarks", "docs", "build"}

# What each floor may import of our own.  `errors` is everybody's, except the simulation's.
MAY_IMPORT = {
    "clients": {"clients", "errors"},
    "actors": {"actors", "clients", "errors"},
    "protocol": {"protocol", "actors", "clients", "errors"},
    "simulation": {"simulation"},
}
ONLY_DOOR = {"mcp": "protocol", "mcp_types": "protocol", "httpx": "clients"}


def _modules() -> list[Path]:
    return sorted(
        file
        for file in ROOT.rglob("*.py")
        if not (set(file.relative_to(ROOT).parts[:-1]) & OUTSIDE)
        and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    )


def _imports(file: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, full dotted name, and whether it was written relative, of every import in a module."""
    here = (PACKAGE, *file.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name, False
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.lineno, node.module or "", False
                continue
            base = here[: len(here) - node.level]
            full = ".".join([*base, *([node.module] if node.module else [])])
            if node.module:
                yield node.lineno, full, True
            else:
                yield from ((node.lineno, f"{full}.{name.name}", True) for name in node.names)


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", _modules(), ids=_name)
def test_imports_go_down_only(file: Path) -> None:
    floor = file.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT.get(floor)
    if allowed is None:
        return  # the front doors at the root may see everything
    wrong = [
        f"line {line}: {name}"
        for line, name, _ in _imports(file)
        if name.split(".")[0] == PACKAGE and name.split(".")[1] not in allowed
    ]

    assert not wrong


@pytest.mark.parametrize("file", _modules(), ids=_name)
def test_each_foreign_library_has_one_door(file: Path) -> None:
    floor = file.relative_to(ROOT).parts[0]
    wrong = [
        f"line {line}: {name}"
        for line, name, _ in _imports(file)
        if ONLY_DOOR.get(name.split(".")[0], floor) != floor
    ]

    assert not wrong


@pytest.mark.parametrize("file", _modules(), ids=_name)
def test_imports_of_our_own_are_relative(file: Path) -> None:
    wrong = [
        f"line {line}: {name}"
        for line, name, relative in _imports(file)
        if name.split(".")[0] == PACKAGE and not relative
    ]

    assert not wrong


def test_the_error_tree_stands_on_nothing() -> None:
    assert not [name for _, name, relative in _imports(ROOT / "errors.py") if relative]


@pytest.mark.parametrize("file", _modules(), ids=_name)
def test_a_module_opens_with_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", _modules(), ids=_name)
def test_a_module_stays_short_enough_to_read(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def test_public_names_exist_and_are_complete() -> None:
    assert sorted(databricks_mcp_toolkit.__all__) == [
        "Settings",
        "Toolkit",
        "__version__",
        "errors",
    ]
    for name in databricks_mcp_toolkit.__all__:
        assert getattr(databricks_mcp_toolkit, name) is not None
        assert name in dir(databricks_mcp_toolkit)
    with pytest.raises(AttributeError, match="no attribute 'Toolkits'"):
        databricks_mcp_toolkit.Toolkits  # noqa: B018


@pytest.mark.parametrize("floor", sorted(MAY_IMPORT))
def test_what_a_floor_says_it_exports_is_there(floor: str) -> None:
    module = importlib.import_module(f"{PACKAGE}.{floor}")

    for name in module.__all__:
        assert hasattr(module, name), name
