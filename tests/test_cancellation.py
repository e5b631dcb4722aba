"""The table of what a cancel does names tests that exist, and leaves no tool out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from databricks_mcp_toolkit.protocol import all_tools

HERE = Path(__file__).parent
TABLE = (HERE.parent / "docs" / "cancellation.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ")][1:]
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
TESTS = {
    name
    for file in HERE.rglob("test_*.py")
    for name in DEFINED.findall(file.read_text(encoding="utf-8"))
}
READS = ("list_", "get_", "export_")


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(test_\w+)`", TABLE))))
def test_every_test_that_the_table_names_exists(named: str) -> None:
    assert named in TESTS


def test_every_tool_is_in_the_table() -> None:
    for tool in all_tools():
        if not tool.name.startswith(READS):
            assert f"`{tool.name}`" in TABLE, tool.name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_has_every_stage(row: str) -> None:
    assert len(row.strip("|").split("|")) == 5
