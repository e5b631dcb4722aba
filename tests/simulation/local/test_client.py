"""The engine's line to the database process."""

import socket

import pytest
import trio
from databricks_mcp_toolkit.simulation.local.channel import Decoder
from databricks_mcp_toolkit.simulation.local.client import CANCEL_GRACE, Line, LineLost


async def test_a_database_that_does_not_answer_a_cancel_is_left(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Else the next request would get the answer that comes too late."""
    here, there = map(trio.SocketStream, map(trio.socket.from_stdlib_socket, socket.socketpair()))
    line, heard, decoder = Line(here), [], Decoder()
    start = trio.current_time()

    with trio.move_on_after(1):
        await line.ask({"do": "statement", "statement": "SELECT 1"})

    assert trio.current_time() - start == pytest.approx(1 + CANCEL_GRACE)
    async with there:
        async for data in there:
            heard += [message["do"] for message, _ in decoder.feed(bytes(data))]
    assert heard == ["statement", "cancel"]
    with pytest.raises(LineLost):
        await line.ask({"do": "statement", "statement": "SELECT 2"})
