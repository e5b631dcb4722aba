"""The table of endpoints in the documents names what is served, and nothing else."""

import re
from pathlib import Path

from databricks_mcp_toolkit.simulation import Workspace

DOCUMENT = Path(__file__).parents[2] / "docs" / "simulation-endpoints.md"
ROW = re.compile(r"^\| ([A-Z]+) \| `([^`]+)` \| ([\d., ]*) \|(.*)\|$", re.MULTILINE)


def documented() -> dict[tuple[str, str], bool]:
    """Method and full path of every row, and whether it is public."""
    rows = {}
    for method, path, versions, note in ROW.findall(DOCUMENT.read_text(encoding="utf-8")):
        for version in versions.split(",") if versions.strip() else [""]:
            prefix = f"/api/{version.strip()}" if version else ""
            rows[method, prefix + path] = "*public*" in note
    return rows


async def test_every_endpoint_is_documented_and_every_documented_one_is_served() -> None:
    workspace = Workspace(control=True)
    served = {
        (route.method, route.path.replace(":path}", "}")): route.public
        for service in workspace.services
        for route in service.routes()
    }
    assert documented() == served


def test_every_group_says_what_is_left_out() -> None:
    groups = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    assert len(groups) > 10
    for group in groups:
        title, text = group.split("\n", 1)
        assert text.split("| | path |")[0].strip(), f"{title} says nothing"
