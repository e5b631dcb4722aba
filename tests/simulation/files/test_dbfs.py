"""DBFS: reading in pieces, writing whole and through handles, moving, and what is refused."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.files.dbfs import HANDLE_IDLE, MAX_BLOCK
from trio.testing import MockClock

DBFS = "2.0/dbfs"


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def put(calls: Any, path: str, content: bytes = b"", **body: Any) -> Any:
    return await calls.post(f"{DBFS}/put", path=path, contents=packed(content), **body)


async def test_a_file_is_put_listed_and_read_in_pieces(calls: Any, workspace: Workspace) -> None:
    await put(calls, "dbfs:/data/a.txt", b"0123456789")
    assert await calls.get(f"{DBFS}/get-status", path="/data/a.txt") == {
        "path": "/data/a.txt",
        "is_dir": False,
        "file_size": 10,
        "modification_time": pytest.approx(workspace.now_ms(), abs=5000),
    }
    piece = await calls.get(f"{DBFS}/read", path="/data/a.txt", offset=2, length=3)
    assert piece == {"bytes_read": 3, "data": packed(b"234")}
    past = await calls.get(f"{DBFS}/read", path="/data/a.txt", offset=10)
    assert past == {"bytes_read": 0, "data": ""}
    listed = (await calls.get(f"{DBFS}/list", path="/data"))["files"]
    assert [file["path"] for file in listed] == ["/data/a.txt"]
    assert (await calls.get(f"{DBFS}/list", path="/data/a.txt"))["files"] == listed
    assert await calls.get(f"{DBFS}/list", path="/tmp") == {}


async def test_a_read_without_a_length_is_half_a_megabyte(calls: Any, workspace: Workspace) -> None:
    workspace.dbfs.files.write("/big", b"x" * MAX_BLOCK * 2)
    assert (await calls.get(f"{DBFS}/read", path="/big"))["bytes_read"] == MAX_BLOCK // 2
    whole = await calls.get(f"{DBFS}/read", path="/big", length=MAX_BLOCK)
    assert whole["bytes_read"] == MAX_BLOCK


async def test_a_file_is_written_block_by_block(calls: Any, workspace: Workspace) -> None:
    handle = (await calls.post(f"{DBFS}/create", path="/out"))["handle"]
    for block in (b"one ", b"two"):
        await calls.post(f"{DBFS}/add-block", handle=handle, data=packed(block))
    await calls.post(f"{DBFS}/close", handle=handle)
    assert workspace.dbfs.files.read("/out") == b"one two"
    refusal = await calls.refused("POST", f"{DBFS}/close", handle=handle)
    assert refusal[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


async def test_a_handle_is_closed_when_it_is_not_used_for_ten_minutes(
    autojump_clock: MockClock, calls: Any
) -> None:
    handle = (await calls.post(f"{DBFS}/create", path="/out"))["handle"]
    await trio.sleep(HANDLE_IDLE / 1000 - 1)
    await calls.post(f"{DBFS}/add-block", handle=handle, data="")
    await trio.sleep(HANDLE_IDLE / 1000 - 1)
    await calls.post(f"{DBFS}/add-block", handle=handle, data="")
    await trio.sleep(HANDLE_IDLE / 1000 + 1)
    refusal = await calls.refused("POST", f"{DBFS}/add-block", handle=handle, data="")
    assert refusal[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


async def test_a_file_is_put_by_multipart(api: httpx.AsyncClient, workspace: Workspace) -> None:
    content = b"\x00" * 3 * MAX_BLOCK
    answer = await api.post(f"/api/{DBFS}/put", data={"path": "/up"}, files={"contents": content})
    assert answer.status_code == 200, answer.text
    assert workspace.dbfs.files.read("/up") == content


async def test_what_is_there_is_replaced_only_when_asked(calls: Any, workspace: Workspace) -> None:
    await put(calls, "/x", b"1")
    for endpoint in ("put", "create"):
        status, code, message = await calls.refused("POST", f"{DBFS}/{endpoint}", path="/x")
        assert (status, code) == (400, "RESOURCE_ALREADY_EXISTS")
        assert "A file or directory already exists" in message
    await put(calls, "/x", b"2", overwrite=True)
    assert workspace.dbfs.files.read("/x") == b"2"


async def test_folders_are_deleted_with_what_is_in_them_only_when_asked(calls: Any) -> None:
    await put(calls, "/a/b/c")
    status, _, message = await calls.refused("POST", f"{DBFS}/delete", path="/a")
    assert (status, message) == (
        400,
        "Directory is not empty. Use recursive delete or remove contents first.",
    )
    await calls.post(f"{DBFS}/delete", path="/a", recursive=True)
    await calls.post(f"{DBFS}/delete", path="/a")  # what is not there is as good as deleted
    assert (await calls.refused("GET", f"{DBFS}/list", path="/a"))[0] == 404


async def test_files_and_folders_move(calls: Any, workspace: Workspace) -> None:
    await put(calls, "/a/x", b"1")
    await calls.post(f"{DBFS}/mkdirs", path="/into")

    async def move(source: str, destination: str) -> None:
        await calls.post(f"{DBFS}/move", source_path=source, destination_path=destination)

    await move("/a/x", "/a/y")
    await move("/a", "/into")  # a folder that is there takes it in, under its own name
    assert workspace.dbfs.files.read("/into/a/y") == b"1"
    await put(calls, "/z")
    refusal = await calls.refused(
        "POST", f"{DBFS}/move", source_path="/z", destination_path="/into/a/y"
    )
    assert refusal[:2] == (400, "RESOURCE_ALREADY_EXISTS")
    refusal = await calls.refused(
        "POST", f"{DBFS}/move", source_path="/into", destination_path="/into/a/deeper"
    )
    assert refusal[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("method", "endpoint", "arguments", "code"),
    [
        ("GET", "get-status", {"path": "/no"}, "RESOURCE_DOES_NOT_EXIST"),
        ("GET", "read", {"path": "/no"}, "RESOURCE_DOES_NOT_EXIST"),
        ("GET", "read", {"path": "/tmp"}, "INVALID_PARAMETER_VALUE"),
        ("GET", "read", {"path": "/f", "offset": -1}, "INVALID_PARAMETER_VALUE"),
        ("GET", "read", {"path": "/f", "length": MAX_BLOCK + 1}, "MAX_READ_SIZE_EXCEEDED"),
        ("GET", "list", {"path": "relative"}, "INVALID_PARAMETER_VALUE"),
        ("GET", "list", {"path": "/../etc"}, "INVALID_PARAMETER_VALUE"),
        ("POST", "put", {"path": "/f/below", "contents": ""}, "RESOURCE_ALREADY_EXISTS"),
        ("POST", "put", {"path": "/x", "contents": "no!"}, "INVALID_PARAMETER_VALUE"),
        (
            "POST",
            "put",
            {"path": "/x", "contents": packed(b"x" * (MAX_BLOCK + 1))},
            "MAX_BLOCK_SIZE_EXCEEDED",
        ),
        ("POST", "mkdirs", {"path": "/f/below"}, "RESOURCE_ALREADY_EXISTS"),
        ("POST", "delete", {"path": "/", "recursive": True}, "INVALID_PARAMETER_VALUE"),
        (
            "POST",
            "move",
            {"source_path": "/no", "destination_path": "/x"},
            "RESOURCE_DOES_NOT_EXIST",
        ),
    ],
)
async def test_refusals(method: str, endpoint: str, arguments: Any, code: str, calls: Any) -> None:
    await put(calls, "/f", b"1")
    assert (await calls.refused(method, f"{DBFS}/{endpoint}", **arguments))[1] == code


async def test_an_engine_that_has_a_folder_shares_its_files(tmp_path: Path) -> None:
    class OnDisk(Scripted):
        dbfs_folder = tmp_path / "dbfs"
        volumes_folder = tmp_path / "volumes"

    async with Workspace(engine=OnDisk()) as workspace:
        workspace.dbfs.files.write("/data/x", b"1")
        workspace.volumes.add("main", "default", "v")
        workspace.volumes.write("/Volumes/main/default/v/y", b"2")
    assert (tmp_path / "dbfs/data/x").read_bytes() == b"1"
    assert (tmp_path / "volumes/main/default/v/y").read_bytes() == b"2"


async def test_files_outlive_a_workspace_that_keeps_its_state(tmp_path: Path) -> None:
    async with Workspace(data_dir=tmp_path) as workspace:
        workspace.dbfs.files.write("/x", b"1")
    async with Workspace(data_dir=tmp_path) as workspace:
        assert workspace.dbfs.files.read("/x") == b"1"
        assert repr(workspace.dbfs) == "<Dbfs on FolderFiles, 0 open for writing>"


@pytest.mark.parametrize("name", ["contents", "file"])
async def test_a_form_brings_a_file_under_either_name(
    name: str, api: httpx.AsyncClient, workspace: Workspace
) -> None:
    content = b"\x00\xff" * MAX_BLOCK
    form = {"path": "/up", "overwrite": "true"}
    for _ in range(2):
        put = await api.post("/api/2.0/dbfs/put", data=form, files={name: ("x.bin", content)})
        assert put.status_code == 200
    assert workspace.dbfs.files.read("/up") == content


async def test_a_form_without_a_file_is_refused(api: httpx.AsyncClient) -> None:
    put = await api.post("/api/2.0/dbfs/put", files={"path": (None, "/up")})
    assert (put.status_code, put.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
