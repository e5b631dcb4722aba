"""SIGTERM and Ctrl-C end a library's process, and leave no context behind."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest
import trio
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background
from databricks_mcp_toolkit.termination import closed_by_sigterm

from .programs import PATIENCE, started

PROGRAM = """
import signal
import trio
from databricks_mcp_toolkit import Toolkit

signal.signal(signal.SIGTERM, signal.SIG_DFL)  # where tests are measured, there is another one

async def hold(toolkit):
    async with toolkit.context():
        await trio.sleep_forever()

async def main():
    async with Toolkit.open() as outer, Toolkit.open() as inner, trio.open_nursery() as nursery:
        await outer.session.open_context()
        await inner.session.open_context()
        nursery.start_soon(hold, inner)
        while len(inner.session.contexts()) < 2:
            await trio.sleep(0.01)
        print("ready", flush=True)
        await trio.sleep_forever()
    print("went on", flush=True)

trio.run(main)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_context_behind(number: signal.Signals) -> None:
    with workspace_in_background() as server:
        command = [sys.executable, "-c", PROGRAM]
        with started(command, env=environment(server)) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            assert len(server.call(server.workspace.live_contexts)) == 3
            program.send_signal(number)
            said, errors = program.communicate(timeout=PATIENCE)
        assert server.call(server.workspace.live_contexts) == []
    assert said == ""
    if number == signal.SIGTERM:
        assert program.returncode == -number, errors
    else:
        assert "KeyboardInterrupt" in errors


def environment(server: WorkspaceServer) -> dict[str, str]:
    ours = {
        "DATABRICKS_HOST": server.host,
        "DATABRICKS_TOKEN": server.token,
        "DATABRICKS_CLUSTER_ID": server.workspace.cluster_id,
        "DATABRICKS_MCP_STATE_DIR": "none",
    }
    return {name: value for name, value in os.environ.items() if "DATABRICKS" not in name} | ours


async def test_a_program_with_a_handler_of_its_own_keeps_it() -> None:
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        async with closed_by_sigterm():
            signal.raise_signal(signal.SIGTERM)
            await trio.lowlevel.checkpoint()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == [signal.SIGTERM]


@pytest.fixture
def default_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


async def test_the_default_is_there_again_after_the_last_block(default_handler: None) -> None:
    async with closed_by_sigterm():
        async with closed_by_sigterm():
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
