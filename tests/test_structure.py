"""The house's plan, kept: three floors, one direction, and one door to each foreign library."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
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


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module that stand outside its functions; `if TYPE_CHECKING:` counts."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _at_import(node)


def _graph() -> dict[str, set[str]]:
    """Which of our modules each one imports when it is imported or type-checked."""
    files = {_dotted(file): file for file in _modules()}
    graph: dict[str, set[str]] = {}
    for module, file in files.items():
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        graph[module] = set()
        for node in _at_import(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
                named = {f"{base}.{name.name}" for name in node.names}
                graph[module] |= {name if name in files else base for name in named} & set(files)
    return graph


def _dotted(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join([PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    """The nodes of circles, and those that lead to them; none when the graph has none."""
    left = {node: following - {node} for node, following in graph.items()}
    while ends := {node for node, following in left.items() if not following & left.keys()}:
        left = {node: following for node, following in left.items() if node not in ends}
    return sorted(left)


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


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert _circle(_graph()) == []


def test_the_rooms_of_the_simulation_stand_one_above_the_other() -> None:
    simulation = f"{PACKAGE}.simulation"
    rooms: dict[str, set[str]] = {}
    for module, following in _graph().items():
        if module.startswith(f"{simulation}."):
            below = {name for name in following if name.startswith(f"{simulation}.")}
            rooms.setdefault(module.split(".")[2], set()).update(n.split(".")[2] for n in below)

    assert "compute" in rooms
    assert _circle(rooms) == []


def test_a_circle_is_seen() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]
    assert _circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


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
        "Context",
        "Limits",
        "Query",
        "Run",
        "Settings",
        "Statement",
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
