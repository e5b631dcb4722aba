"""A program that is interrupted while nothing answers any more."""

from __future__ import annotations

import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors.context_handle import CANCEL_PATIENCE
from databricks_mcp_toolkit.actors.recovery import BRIEFLY
from databricks_mcp_toolkit.actors.session import GRACE
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults.kinds import Hang, Slow


@pytest.mark.parametrize("contexts", [1, 20])
async def test_ctrl_c_on_a_silent_network_takes_a_bounded_time(
    workspace: Workspace, contexts: int
) -> None:
    """Of blocks within one another, and side by side, each with a command that runs."""

    async def use(toolkit: Toolkit) -> None:
        async with toolkit.context() as context:
            await context.execute("work")

    with trio.CancelScope() as interrupted:
        async with Toolkit.local(workspace) as toolkit, trio.open_nursery() as nursery:
            for _ in range(contexts):
                nursery.start_soon(use, toolkit)
            await trio.sleep(100)
            assert len(workspace.live_contexts()) == contexts
            workspace.faults.add("*", Hang())
            interrupted.cancel()
            began = trio.current_time()
    assert trio.current_time() - began <= CANCEL_PATIENCE + GRACE + BRIEFLY + 0.1


async def test_a_cancelled_block_is_left_only_when_its_context_is_destroyed(
    workspace: Workspace,
) -> None:
    async with Toolkit.local(workspace) as toolkit:
        with trio.move_on_after(100):
            async with toolkit.context() as context:
                workspace.faults.add("POST */contexts/destroy", Slow(seconds=1))
                await context.execute("work")
        assert workspace.live_contexts() == []
