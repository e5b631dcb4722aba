"""The table of `docs/cancellation.md` is that of `calls.py`, and no call is missing in either."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks_mcp_toolkit import Toolkit, actors
from databricks_mcp_toolkit.actors.query import Query
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.pages import Pages
from databricks_mcp_toolkit.protocol import all_tools

from . import test_stages
from .calls import CASES
from .kinds import Case, Seen, Stage

TESTS = Path(__file__).parent.parent
DOCUMENT = (TESTS.parent / "docs" / "cancellation.md").read_text(encoding="utf-8")
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
AWAITED = ("__await__", "__aiter__", "__anext__")
# These have rows of their own: blocks that a session lives in, and whatever tool is named.
OTHERS = {"Toolkit.open", "Toolkit.local", "Toolkit.call_tool"}


def library_calls() -> Iterator[str]:
    """All that can be awaited on what a program gets hold of."""
    classes = [Toolkit, Query, *(getattr(actors, name) for name in actors.__all__)]
    for each in filter(inspect.isclass, classes):
        for name in waiting_members(each):
            yield f"{each.__name__}.{name}"
    for api, client in vars(Databricks(_NoDoor(), None)).items():  # type: ignore[arg-type]
        for name in waiting_members(type(client)):
            yield f"databricks.{api}.{name}"


class _NoDoor:
    host = ""


def waiting_members(each: type) -> Iterator[str]:
    for name, member in inspect.getmembers(each, callable):
        if name in AWAITED and not (name == "__aiter__" and hasattr(each, "__anext__")):
            yield name
        elif not name.startswith("_"):
            inner = inspect.unwrap(member)
            pages = str(getattr(inner, "__annotations__", {}).get("return", ""))
            if (
                inspect.iscoroutinefunction(inner)
                or inspect.isasyncgenfunction(inner)
                or pages.startswith(Pages.__name__)
            ):
                yield name


def test_every_tool_and_every_library_call_is_in_the_table_and_no_other() -> None:
    there = {tool.name for tool in all_tools()} | set(library_calls())
    assert {case.name for case in CASES} == there - OTHERS


def test_every_cell_has_a_test_that_runs_its_call() -> None:
    for case in CASES:
        for stage in Stage:
            if named := case.kind.seen(stage).test:
                assert case in _run_by(named, stage), (case.name, stage)


def _run_by(name: str, stage: Stage) -> list[Case]:
    (mark,) = (m for m in getattr(test_stages, name).pytestmark if m.name == "parametrize")
    values = [parameters.values for parameters in mark.args[1]]
    return [each[-1] for each in values if len(each) == 2 or each[0] is stage]


def rendered() -> str:
    """The table, calls of which everything is the same in one row."""
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for case in CASES:
        section = "tool" if case.is_tool else case.group
        cells = tuple(_cell(case, stage) for stage in Stage)
        rows.setdefault((section, cells), []).append(f"`{case.name}`")
    head = ["call", *(stage.value for stage in Stage)]
    lines = [head, ["---"] * len(head)]
    lines += [[", ".join(names), *cells] for (_, cells), names in rows.items()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(case: Case, stage: Stage) -> str:
    seen: Seen = case.kind.seen(stage)
    told = seen.told.format(bound=case.bound)
    return f"{told}: `{seen.test}`" if seen.test else f"- ({told})"


def test_the_document_has_this_table() -> None:
    assert rendered() in DOCUMENT, f"docs/cancellation.md should have\n\n{rendered()}"


DEFINED_TESTS = {
    name
    for file in TESTS.rglob("test_*.py")
    for name in DEFINED.findall(file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(test_\w+)`", DOCUMENT))))
def test_every_test_that_the_document_names_exists(named: str) -> None:
    assert named in DEFINED_TESTS


TABLES = DOCUMENT.split("## How long")[0]


@pytest.mark.parametrize("row", [row for row in TABLES.splitlines() if row.startswith("| ")])
def test_every_row_has_every_stage(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 1 + len(Stage)
    assert (
        all("test_" in cell or cell.startswith("- (") for cell in cells[1:])
        or "---" in row
        or (cells[1:] == [stage.value for stage in Stage])
    )
