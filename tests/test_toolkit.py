"""The library's front door: what sessions do, in a line each, and closed behind itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import Settings, Toolkit
from databricks_mcp_toolkit.actors import Limits
from databricks_mcp_toolkit.errors import (
    ActorGone,
    InvalidArguments,
    MisusedToolkit,
    NotConfigured,
    TooManyContexts,
)
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace


@pytest.fixture
def engine() -> Scripted:
    return Scripted()


@pytest.fixture
async def workspace(engine: Scripted) -> AsyncIterator[Workspace]:
    async with Workspace(engine=engine, pace=Pace.instant()) as running:
        yield running


async def test_the_library_in_ten_lines(
    workspace: Workspace, engine: Scripted, autojump_clock: Any
) -> None:
    engine.command("1 + 1", text="2")
    engine.notebook("/nightly", takes=600, result="done")
    engine.statement("SELECT 1", rows=[[1]], columns={"one": "INT"})
    task = {"task_key": "t", "notebook_task": {"notebook_path": "/nightly"}}
    async with Toolkit.local(workspace) as toolkit:
        async with toolkit.context() as context:
            result = (await context.execute("1 + 1")).results
            assert result is not None
            assert result.data == "2"
        assert workspace.live_contexts() == []
        run = await toolkit.submit_run(
            tasks=[{**task, "existing_cluster_id": workspace.cluster_id}]
        )
        assert (await run.wait()).state.result_state == "SUCCESS"  # type: ignore[union-attr]
        assert (await toolkit.run(run.run_id).output()).result == "done"
        assert await toolkit.sql("SELECT 1") == [[1]]
        assert [rows async for rows in toolkit.sql("SELECT 1")] == [[[1]]]
        answer = await toolkit.call_tool("list_clusters", {"params": {}})
        assert answer["clusters"][0]["cluster_id"] == workspace.cluster_id


async def test_a_context_left_by_an_error_is_destroyed(
    workspace: Workspace, autojump_clock: Any
) -> None:
    async with Toolkit.local(workspace) as toolkit:

        async def block() -> None:
            async with toolkit.context():
                raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            await block()
        assert workspace.live_contexts() == []


async def test_a_cancel_destroys_all_contexts_before_the_block_is_left(
    workspace: Workspace, engine: Scripted, autojump_clock: Any
) -> None:
    engine.command("long", takes=3600)

    async def work(toolkit: Toolkit) -> None:
        async with toolkit.context() as context:
            await context.execute("long")

    with trio.move_on_after(10):
        async with Toolkit.local(workspace) as toolkit, trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(work, toolkit)
    assert workspace.live_contexts() == []
    assert trio.current_time() < 14


async def test_a_statement_is_found_by_its_id(workspace: Workspace, autojump_clock: Any) -> None:
    async with Toolkit.local(workspace) as toolkit:
        sent = await toolkit.session.execute_statement("SELECT 1")
        assert (await toolkit.statement(sent.statement_id).wait()).status.state == "SUCCEEDED"


async def test_limits_are_kept(workspace: Workspace, autojump_clock: Any) -> None:
    async with Toolkit.local(workspace, limits=Limits(contexts=1)) as toolkit, toolkit.context():
        with pytest.raises(TooManyContexts):
            await toolkit.session.open_context()


async def test_a_tool_that_is_none_is_refused(workspace: Workspace, autojump_clock: Any) -> None:
    async with Toolkit.local(workspace) as toolkit:
        with pytest.raises(InvalidArguments, match="list_cluster"):
            await toolkit.call_tool("list_cluster")


async def test_nothing_is_sent_until_a_toolkit_is_used(
    workspace: Workspace, autojump_clock: Any
) -> None:
    async with Toolkit.local(workspace) as toolkit:
        assert repr(toolkit).startswith(f"<Toolkit on {workspace.host}")
    assert len(workspace.requests) == 0


async def test_without_configuration_it_says_what_to_set() -> None:
    with pytest.raises(NotConfigured, match="DATABRICKS_HOST"):
        async with Toolkit.open(settings=Settings()):
            pass


@pytest.mark.parametrize("opened", [Toolkit.open, Toolkit.local])
def test_under_asyncio_it_says_that_it_needs_trio(opened: Any) -> None:
    async def main() -> None:
        async with opened():
            pass

    with pytest.raises(MisusedToolkit, match="runs under trio"):
        asyncio.run(main())


async def test_a_toolkit_whose_block_has_been_left_says_so(workspace: Workspace) -> None:
    async with Toolkit.local(workspace) as toolkit:
        run = toolkit.run(7)
    sent = len(workspace.requests)
    for call in (
        lambda: toolkit.databricks.clusters.get("c"),
        lambda: toolkit.call_tool("list_clusters"),
        run.output,
    ):
        with pytest.raises(MisusedToolkit, match="is closed") as told:
            await call()
        assert told.value.advice
    with pytest.raises(ActorGone, match="its owner has ended") as gone:
        await run.wait()
    assert "has been left" in gone.value.advice
    assert len(workspace.requests) == sent
