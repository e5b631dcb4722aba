"""The workspace over real HTTP: for trio programs, asyncio programs, and anybody else."""

import asyncio
import logging
import threading

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background
from databricks_mcp_toolkit.simulation.engine import Engine
from databricks_mcp_toolkit.simulation.faults import Hang, LoseAnswer, Trickle
from trio.testing import wait_all_tasks_blocked

LIST = "/api/2.1/clusters/list"


async def test_it_is_served_on_the_loopback_interface_while_the_block_runs() -> None:
    async with Workspace(pace=Pace.instant()) as workspace:
        in_process = workspace.host
        async with workspace.serve() as host:
            assert host.startswith("http://127.0.0.1:")
            assert workspace.host == host
            headers = {"Authorization": f"Bearer {workspace.token}"}
            async with httpx.AsyncClient(base_url=host, headers=headers) as client:
                assert (await client.get(LIST)).status_code == 200
        assert workspace.host == in_process
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(host)


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    async def fail() -> None:
        async with Workspace() as workspace, workspace.serve():
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()


async def test_a_port_can_be_chosen() -> None:
    async with Workspace() as workspace:
        async with workspace.serve() as host:
            port = int(host.rpartition(":")[2])
        async with workspace.serve(port) as again:
            assert again == host


async def test_a_large_body_goes_through() -> None:
    async with Workspace() as workspace, workspace.serve() as host:
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with httpx.AsyncClient(base_url=host, headers=headers) as client:
            statement = "SELECT 1 -- " + "x" * 2**20
            body = {"statement": statement, "warehouse_id": workspace.warehouse_id}
            sent = await client.post("/api/2.0/sql/statements", json=body)
            assert sent.json()["status"]["state"] == "SUCCEEDED"


async def test_broken_connections_leave_no_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with Workspace() as workspace, workspace.serve() as host:
        workspace.faults.add("GET *", LoseAnswer(), times=3)
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with httpx.AsyncClient(base_url=host, headers=headers) as client:
            for _ in range(3):
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.get(LIST)
            assert (await client.get(LIST)).status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_client_that_leaves_a_hang_leaves_nothing_behind() -> None:
    async with Workspace() as workspace, workspace.serve() as host:
        workspace.faults.add("GET *", Hang())
        await wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with httpx.AsyncClient(base_url=host, headers=headers, timeout=0.05) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(LIST)
        with trio.fail_after(5):
            while trio.lowlevel.current_statistics().tasks_living > before:  # noqa: ASYNC110
                await trio.sleep(0.01)


async def test_a_trickle_is_seen_by_the_client_bit_by_bit() -> None:
    async with Workspace() as workspace, workspace.serve() as host:
        workspace.faults.add("GET *", Trickle(0.1))
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with (
            httpx.AsyncClient(base_url=host, headers=headers) as client,
            client.stream("GET", LIST) as answer,
        ):
            pieces = [piece async for piece in answer.aiter_raw()]
        assert len(pieces) > 3
        assert b"".join(pieces).startswith(b'{"clusters":')


def test_an_asyncio_program_uses_the_fixture(workspace_server: WorkspaceServer) -> None:
    async def program() -> int:
        headers = {"Authorization": f"Bearer {workspace_server.token}"}
        async with httpx.AsyncClient(base_url=workspace_server.host, headers=headers) as client:
            return len((await client.get(LIST)).json()["clusters"])

    assert asyncio.run(program()) == 1
    assert workspace_server.token not in repr(workspace_server)


def test_the_workspace_behind_is_touched_by_calls(workspace_server: WorkspaceServer) -> None:
    workspace = workspace_server.workspace
    assert workspace_server.call(workspace.now_ms) > 0
    assert workspace_server.call(workspace.clusters.known(workspace.cluster_id).usable) > 0
    with pytest.raises(KeyError):
        workspace_server.call({}.__getitem__, "nothing")


def test_its_thread_ends_with_the_block() -> None:
    with workspace_in_background() as server:
        assert any(thread.name == "simulated workspace" for thread in threading.enumerate())
    assert not any(thread.name == "simulated workspace" for thread in threading.enumerate())
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.host)


class Broken(Scripted):
    def running(self, workspace: Workspace) -> "Engine":  # type: ignore[override]
        raise ValueError("no engine today")


def test_what_keeps_it_from_starting_is_told() -> None:
    with (
        pytest.raises(ValueError, match="no engine today"),
        workspace_in_background(engine=Broken()),
    ):
        raise AssertionError
