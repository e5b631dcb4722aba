"""Workspace objects: the tree, import and export, and what is refused."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.files.notebooks import MAX_SIZE
from trio.testing import MockClock

WS = "2.0/workspace"
MARKED = b"# Databricks notebook source\nprint(1)"


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def imported(calls: Any, path: str, content: bytes, **body: Any) -> Any:
    return await calls.post(f"{WS}/import", path=path, content=packed(content), **body)


async def exported(calls: Any, path: str, **query: Any) -> bytes:
    answer = await calls.get(f"{WS}/export", path=path, **query)
    return base64.b64decode(answer["content"])


async def paths(calls: Any, path: str, **query: Any) -> list[str]:
    answer = await calls.get(f"{WS}/list", path=path, **query)
    return [item["path"] for item in answer.get("objects", [])]


async def test_a_new_workspace_has_folders_and_a_first_notebook(calls: Any) -> None:
    assert await paths(calls, "/") == ["/Repos", "/Shared", "/Users"]
    assert await paths(calls, "/Users") == ["/Users/someone@example.com"]
    assert await paths(calls, "/Shared") == ["/Shared/welcome"]
    assert b"dbutils.notebook.exit" in await exported(calls, "/Shared/welcome")
    assert await calls.get("2.0/repos") == {}


async def test_source_goes_in_without_a_marker_and_comes_out_with_one(calls: Any) -> None:
    await imported(calls, "/Shared/n.py", b"print(1)", language="PYTHON")
    assert await exported(calls, "/Shared/n.py") == MARKED
    status = await calls.get(f"{WS}/get-status", path="/Workspace/Shared/n.py")
    assert (status["object_type"], status["language"]) == ("NOTEBOOK", "PYTHON")
    assert status["path"] == "/Shared/n.py"  # taken as it is: no extension is cut
    assert status["resource_id"] == str(status["object_id"])


@pytest.mark.parametrize("form", ["SOURCE", "JUPYTER", "HTML", "DBC"])
async def test_every_format_can_be_imported_again(form: str, calls: Any) -> None:
    await imported(calls, "/Shared/a", b"1 + 1", format="SOURCE", language="PYTHON")
    content = await exported(calls, "/Shared/a", format=form)
    language = {"language": "PYTHON"} if form == "SOURCE" else {}
    await imported(calls, "/Shared/b", content, format=form, **language)
    assert await exported(calls, "/Shared/b") == await exported(calls, "/Shared/a")


@pytest.mark.parametrize(
    ("path", "content", "there", "kind"),
    [
        ("/Shared/a.py", MARKED, "/Shared/a", "NOTEBOOK"),
        ("/Shared/a.py", b"import os", "/Shared/a.py", "FILE"),
        ("/Shared/a.b", MARKED, "/Shared/a", "NOTEBOOK"),
        ("/Shared/plain", MARKED, "/Shared/plain", "NOTEBOOK"),
        (
            "/Shared/j.ipynb",
            b'{"cells": [], "metadata": {}}',
            "/Shared/j",
            "NOTEBOOK",
        ),
        ("/Shared/data.bin", b"\xff\x00", "/Shared/data.bin", "FILE"),
    ],
)
async def test_auto_looks_at_the_content(
    path: str, content: bytes, there: str, kind: str, calls: Any
) -> None:
    await imported(calls, path, content, format="AUTO")
    status = await calls.get(f"{WS}/get-status", path=there)
    assert status["object_type"] == kind
    assert status.get("size") == (len(content) if kind == "FILE" else None)


async def test_raw_is_always_a_file(calls: Any) -> None:
    await imported(calls, "/Shared/a.py", MARKED, format="RAW")
    assert (await calls.get(f"{WS}/get-status", path="/Shared/a.py"))["object_type"] == "FILE"
    assert await exported(calls, "/Shared/a.py", format="RAW") == MARKED
    assert await exported(calls, "/Shared/a.py", format="AUTO") == MARKED


async def test_bytes_come_by_multipart_and_go_by_direct_download(api: httpx.AsyncClient) -> None:
    content = bytes(range(256)) + b"\r\n--boundary"
    answer = await api.post(
        f"/api/{WS}/import",
        data={"path": "/Shared/x.bin", "format": "RAW", "overwrite": "true"},
        files={"content": content},
    )
    assert answer.status_code == 200, answer.text
    query = {"path": "/Shared/x.bin", "direct_download": "true", "format": "AUTO"}
    assert (await api.get(f"/api/{WS}/export", params=query)).content == content


async def test_a_folder_is_exported_as_an_archive_and_comes_back(
    calls: Any, workspace: Workspace
) -> None:
    workspace.notebooks.put("/Shared/top/a", "1")
    workspace.notebooks.put("/Shared/top/below/b", "SELECT 1", "SQL")
    archive = await exported(calls, "/Shared/top", format="DBC")
    await imported(calls, "/Shared/copy", archive, format="DBC")
    assert await paths(calls, "/Shared/copy") == ["/Shared/copy/a", "/Shared/copy/below"]
    assert (await exported(calls, "/Shared/copy/below/b")).endswith(b"SELECT 1")


async def test_lists_can_be_of_what_changed_since(
    autojump_clock: MockClock, calls: Any, workspace: Workspace
) -> None:
    workspace.notebooks.put("/Shared/old", "1")
    workspace.notebooks.put_file("/Shared/file", b"")
    await trio.sleep(100)
    new = workspace.notebooks.put("/Shared/new", "1")
    since = {"notebooks_modified_after": new.modified_at}
    assert await paths(calls, "/Shared", **since) == ["/Shared/file", "/Shared/new"]
    assert await paths(calls, "/Shared/new") == ["/Shared/new"]


async def test_folders_are_made_with_those_above_and_removed(calls: Any) -> None:
    await calls.post(f"{WS}/mkdirs", path="/Shared/a/b/c")
    await calls.post(f"{WS}/mkdirs", path="/Shared/a/b/c")
    refusal = await calls.refused("POST", f"{WS}/delete", path="/Shared/a")
    assert refusal[:2] == (400, "DIRECTORY_NOT_EMPTY")
    await calls.post(f"{WS}/delete", path="/Shared/a", recursive=True)
    assert await paths(calls, "/Shared") == ["/Shared/welcome"]


MISSING = (404, "RESOURCE_DOES_NOT_EXIST", "Path (/no) doesn't exist.")


@pytest.mark.parametrize(
    ("method", "endpoint"),
    [("GET", "list"), ("GET", "get-status"), ("GET", "export"), ("POST", "delete")],
)
async def test_what_is_not_there(method: str, endpoint: str, calls: Any) -> None:
    assert await calls.refused(method, f"{WS}/{endpoint}", path="/no") == MISSING


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (
            {"path": "/no/x", "language": "PYTHON"},
            (404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (/no) does not exist."),
        ),
        (
            {"path": "/Shared/welcome", "language": "PYTHON"},
            (400, "RESOURCE_ALREADY_EXISTS", "Path (/Shared/welcome) already exists."),
        ),
        (
            {"path": "/Shared/welcome", "format": "RAW", "overwrite": True},
            (
                400,
                "INVALID_PARAMETER_VALUE",
                "Requested node type [FILE] is different from the existing node type [NOTEBOOK]",
            ),
        ),
        (
            {"path": "/Shared/x"},
            (
                400,
                "INVALID_PARAMETER_VALUE",
                "language is required when the format is SOURCE.",
            ),
        ),
        (
            {"path": "/Shared/x", "format": "JUPYTER"},
            (400, "INVALID_PARAMETER_VALUE", "The content is not a Jupyter notebook."),
        ),
        (
            {"path": "/Shared/x", "format": "DBC", "overwrite": True},
            (400, "INVALID_PARAMETER_VALUE", "Overwrite cannot be used for format DBC."),
        ),
        (
            {"path": "relative", "format": "RAW"},
            (
                400,
                "INVALID_PARAMETER_VALUE",
                "Path (relative) is not a valid absolute path.",
            ),
        ),
    ],
)
async def test_imports_that_are_refused(body: Any, refusal: Any, calls: Any) -> None:
    content = packed(b"1")
    assert await calls.refused("POST", f"{WS}/import", content=content, **body) == refusal


@pytest.mark.parametrize(
    ("endpoint", "arguments"),
    [
        ("import", {"path": "/Shared/x", "format": "RAW", "content": "no base64!"}),
        ("import", {"path": "/Shared/x", "format": "PDF", "content": ""}),
        ("import", {"path": "/Shared/x", "language": "COBOL", "content": ""}),
        ("delete", {"path": "/", "recursive": True}),
    ],
)
async def test_nonsense_is_refused(endpoint: str, arguments: Any, calls: Any) -> None:
    status, code, _ = await calls.refused("POST", f"{WS}/{endpoint}", **arguments)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/Shared", "SOURCE"),
        ("/Shared/file", "JUPYTER"),
        ("/Shared/welcome", "R_MARKDOWN"),
    ],
)
async def test_exports_that_are_refused(
    path: str, form: str, calls: Any, workspace: Workspace
) -> None:
    workspace.notebooks.put_file("/Shared/file", b"")
    status, code, _ = await calls.refused("GET", f"{WS}/export", path=path, format=form)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


async def test_a_folder_cannot_stand_where_a_notebook_stands(calls: Any) -> None:
    refusal = await calls.refused("POST", f"{WS}/mkdirs", path="/Shared/welcome/x")
    assert refusal[:2] == (400, "RESOURCE_ALREADY_EXISTS")


async def test_ten_megabytes_go_through_and_no_byte_more(calls: Any, workspace: Workspace) -> None:
    await imported(calls, "/Shared/full", b"x" * MAX_SIZE, format="RAW")
    assert len(await exported(calls, "/Shared/full")) == MAX_SIZE
    too_much = packed(b"x" * (MAX_SIZE + 1))
    refusal = await calls.refused(
        "POST", f"{WS}/import", path="/Shared/over", content=too_much, format="RAW"
    )
    assert refusal == (
        400,
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        "File size imported is (10485761 bytes), exceeded max size (10485760 bytes)",
    )
    workspace.notebooks.put_file("/Shared/over", b"x" * (MAX_SIZE + 1))
    refusal = await calls.refused("GET", f"{WS}/export", path="/Shared/over")
    assert refusal[1] == "MAX_NOTEBOOK_SIZE_EXCEEDED"


async def test_files_go_in_and_out_by_path(api: httpx.AsyncClient) -> None:
    """As the Databricks CLI does it."""
    where = "/api/2.0/workspace-files"
    first = await api.post(f"{where}/import-file/Shared/a%20b.txt", content=b"one")
    again = await api.post(f"{where}/import-file/Shared/a%20b.txt", content=b"two")
    over = await api.post(f"{where}/import-file/Shared/a%20b.txt?overwrite=true", content=b"two")
    assert [answer.status_code for answer in (first, again, over)] == [200, 409, 200]
    assert (await api.get(f"{where}/Shared/a%20b.txt")).content == b"two"
    assert (await api.get(f"{where}/Shared")).status_code == 400


async def test_objects_outlive_a_workspace_that_keeps_its_state(tmp_path: Path) -> None:
    async with Workspace(data_dir=tmp_path) as workspace:
        tree = workspace.notebooks
        tree.put("/Shared/jobs/nightly", "SELECT 1", "SQL")
        tree.put("/Shared/changes", "1")
        tree.put("/Shared/changes", "1", "R")
        tree.put_file("/Shared/data.bin", b"\x00\xff")
        tree.put("/Shared/gone", "1")
        tree.remove("/Shared/gone")
    kept = tmp_path / "workspace" / "Shared"
    assert (kept / "jobs" / "nightly.sql").read_bytes().startswith(b"-- Databricks notebook")
    assert not (kept / "changes.py").exists()
    async with Workspace(data_dir=tmp_path) as workspace:
        tree = workspace.notebooks
        nightly = tree.find("/Shared/jobs/nightly")
        assert nightly is not None
        assert (nightly.language, nightly.object_type) == ("SQL", "NOTEBOOK")
        source = tree.source("/Shared/changes")
        assert source is not None
        assert source.language == "R"
        assert tree.find("/Shared/gone") is None
        file = tree.find("/Shared/data.bin")
        assert file is not None
        assert file.content == b"\x00\xff"


async def test_the_source_of_a_task(engine: Scripted, workspace: Workspace) -> None:
    tree = workspace.notebooks
    tree.put_file("/Shared/a.sql", b"SELECT 1")
    tree.put_file("/Shared/a.ipynb", b"{}")
    sources = [tree.source(f"/Shared/a.{end}") for end in ("sql", "ipynb")]
    assert [(s.language, s.format) for s in sources if s] == [
        ("SQL", "SOURCE"),
        ("PYTHON", "JUPYTER"),
    ]
    assert tree.source("/Shared") is None
    assert tree.source("/no") is None
    assert repr(tree.find("/Shared/a.sql")) == "<WorkspaceObject /Shared/a.sql, FILE, 8 bytes>"
