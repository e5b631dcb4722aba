"""The tools that find and read notebooks, and list files."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.protocol.tools import notebooks
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import Refuse, Slow

SOURCE = "# Databricks notebook source\nprint('naïve café')"


async def test_a_folder_is_listed(ask: Any, call: Any, text: Any, workspace: Workspace) -> None:
    workspace.notebooks.put("/Team/etl/load", SOURCE)
    workspace.notebooks.put("/Team/report", "SELECT 1", language="SQL")

    told = await call("list_notebooks", path="/Team")

    objects = told.structured_content["objects"]
    assert [(o["object_type"], o["path"]) for o in objects] == [
        ("DIRECTORY", "/Team/etl"),
        ("NOTEBOOK", "/Team/report"),
    ]
    assert "| NOTEBOOK | /Team/report | SQL |" in text(told)
    assert told.structured_content["truncated"] is False


async def test_folders_are_looked_below(ask: Any, workspace: Workspace) -> None:
    paths = [f"/Team/{a}/{b}/n" for a in "abc" for b in "xyz"]
    for path in paths:
        workspace.notebooks.put(path, SOURCE)

    found = await ask("list_notebooks", path="/Team", recursive=True)

    assert sorted(o["path"] for o in found["objects"]) == paths
    assert found["truncated"] is False


async def test_a_walk_that_is_cut_says_where_nobody_has_looked(
    call: Any, text: Any, workspace: Workspace
) -> None:
    for n in range(60):
        workspace.notebooks.put(f"/Team/f{n:02}/n", SOURCE)

    told = await call("list_notebooks", path="/Team", recursive=True, limit=10)

    answer = told.structured_content
    assert len(answer["objects"]) == 10
    assert answer["truncated"] is True
    assert len(answer["folders_not_listed"]) >= 40
    assert "folders were not looked into" in text(told)


async def test_a_folder_that_may_not_be_read_is_told_and_the_rest_is_there(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.notebooks.put("/Team/open/n", SOURCE)
    workspace.notebooks.put("/Team/closed/n", SOURCE)
    workspace.faults.add("GET *workspace/list", Refuse(status=403), skip=1, times=1)

    told = await call("list_notebooks", path="/Team", recursive=True)

    answer = told.structured_content
    (seen,), (unseen,) = answer["objects"], answer["folders_not_listed"]
    assert {seen["path"], unseen + "/n"} == {"/Team/open/n", "/Team/closed/n"}
    assert "1 folders could not be read" in text(told)


async def test_a_walk_ends_at_its_limit_of_time(call: Any, workspace: Workspace) -> None:
    for n in range(40):
        workspace.notebooks.put(f"/Team/f{n:02}/n", SOURCE)
    workspace.faults.add("GET *workspace/list", Slow(seconds=8))
    began = trio.current_time()

    told = await call("list_notebooks", path="/Team", recursive=True)

    assert trio.current_time() - began <= notebooks.WALK_LIMIT + 9
    assert told.structured_content["truncated"] is True
    looked = {o["path"].rsplit("/", 1)[0] for o in told.structured_content["objects"]}
    unseen = set(told.structured_content["folders_not_listed"])
    assert looked | unseen == {f"/Team/f{n:02}" for n in range(40)}


@pytest.mark.parametrize("kind", ["SOURCE", "HTML", "JUPYTER"])
async def test_text_formats_come_as_text(
    call: Any, text: Any, workspace: Workspace, kind: str
) -> None:
    workspace.notebooks.put("/N", SOURCE)

    told = await call("export_notebook", path="/N", format=kind)

    answer = told.structured_content
    assert answer["encoding"] == "text"
    assert answer["size"] == len(answer["content"].encode())
    if kind == "SOURCE":
        assert answer["content"] == SOURCE
        assert SOURCE in text(told)
    if kind == "JUPYTER":
        assert json.loads(answer["content"])["cells"]


async def test_an_archive_comes_whole(call: Any, text: Any, workspace: Workspace) -> None:
    workspace.notebooks.put("/N", f"{SOURCE}\n" * 5000)

    told = await call("export_notebook", path="/N", format="DBC")

    answer = told.structured_content
    archive = base64.b64decode(answer["content"], validate=True)
    assert answer["encoding"] == "base64"
    assert len(archive) == answer["size"]
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None
    assert len(text(told)) < 300


async def test_a_long_notebook_is_read_part_by_part(
    call: Any, text: Any, workspace: Workspace
) -> None:
    source = "# Databricks notebook source\n" + "\n".join(f"x = {n}" for n in range(5000))
    workspace.notebooks.put("/N", source)
    parts, offset = [], 0
    while True:
        told = await call("export_notebook", path="/N", offset=offset)
        parts.append(text(told).split("```py\n")[1].split("\n```")[0])
        if "Go on" not in text(told):
            break
        offset = int(text(told).rsplit("offset=", 1)[1].rstrip("."))

    assert told.structured_content["content"] == source
    assert "".join(parts) == source


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("list_notebooks", {"path": "/Nowhere"}), ("export_notebook", {"path": "/Nowhere"})],
)
async def test_what_is_not_there_is_told(call: Any, tool: str, arguments: dict[str, Any]) -> None:
    told = await call(tool, **arguments)

    assert told.is_error
    assert told.structured_content["error"] == "NotFound"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_notebooks", {"path": "Users/x"}),
        ("list_notebooks", {"path": "/Users/\n"}),
        ("export_notebook", {"path": "/N", "format": "PDF"}),
        ("export_notebook", {}),
        ("list_files", {"dbfs_path": "s3://x"}),
        ("list_files", {"dbfs_path": "/a\x00b"}),
        ("list_files", {}),
    ],
)
async def test_wrong_paths_and_formats_are_refused_unsent(
    call: Any, workspace: Workspace, tool: str, arguments: dict[str, Any]
) -> None:
    told = await call(tool, **arguments)

    assert told.is_error
    assert told.structured_content["error"] == "InvalidArguments"
    assert len(workspace.requests) == 0


@pytest.mark.parametrize("path", ["/data", "dbfs:/data"])
async def test_files_are_listed_and_a_cut_is_told(
    ask: Any, call: Any, text: Any, workspace: Workspace, path: str
) -> None:
    for n in range(5):
        workspace.dbfs.files.write(f"/data/f{n}.csv", b"x" * n)

    whole = await ask("list_files", dbfs_path=path)
    part = await call("list_files", dbfs_path=path, limit=2)

    assert [(f["path"], f["file_size"]) for f in whole["files"]] == [
        (f"/data/f{n}.csv", n) for n in range(5)
    ]
    assert whole["truncated"] is False
    assert part.structured_content["truncated"] is True
    assert part.structured_content["total_count"] == 5
    assert "5 in all" in text(part)
