"""The two halves of the stdio transport, on real pipes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress

import anyio
import mcp_types as types
import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.protocol import stdio
from databricks_mcp_toolkit.protocol.stdio import LineReader, LineWriter
from mcp.shared.message import SessionMessage

PIPE_FULL = 2**20  # bytes, more than any pipe here holds


class Wires:
    """Our end and the peer's end of two pipes."""

    def __init__(self) -> None:
        self.ours_in, self.theirs_out = os.pipe()
        self.theirs_in, self.ours_out = os.pipe()
        self.ended = 0
        os.set_blocking(self.theirs_in, False)
        self._reading = stdio._reading(self.ours_in)
        self._writing = stdio._writing(self.ours_out)
        self.writer = LineWriter(self._writing.__enter__())
        self.reader = LineReader(self._reading.__enter__(), self.writer, self._end)

    def _end(self) -> None:
        self.ended += 1

    def say(self, *messages: object) -> None:
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
            os.write(self.theirs_out, line)

    def hang_up(self) -> None:
        os.close(self.theirs_out)

    def stop_reading(self) -> None:
        os.close(self.theirs_in)

    def heard(self) -> list[bytes]:
        """Every line that the peer can read now."""
        found = b""
        while True:
            try:
                chunk = os.read(self.theirs_in, 2**20)
            except BlockingIOError:
                break
            if not chunk:
                break
            found += chunk
        return found.splitlines(keepends=True)

    def close(self) -> None:
        self._reading.__exit__(None, None, None)
        self._writing.__exit__(None, None, None)
        for descriptor in (self.ours_in, self.theirs_out, self.theirs_in, self.ours_out):
            with suppress(OSError):  # the test has closed it
                os.close(descriptor)


@pytest.fixture
def wires() -> Iterator[Wires]:
    wires = Wires()
    yield wires
    wires.close()


def request(number: int) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": "ping"}


def answer(number: int, **result: object) -> SessionMessage:
    return SessionMessage(types.JSONRPCResponse(jsonrpc="2.0", id=number, result=result))


async def received(reader: LineReader) -> types.JSONRPCMessage:
    return (await reader.receive()).message


async def test_messages_come_in_and_go_out(wires: Wires) -> None:
    wires.say(request(1), request(2))

    assert [(await received(wires.reader)).id, (await received(wires.reader)).id] == [1, 2]  # type: ignore[union-attr]
    await wires.writer.send(answer(1, ok=True))
    assert json.loads(wires.heard()[0]) == {"jsonrpc": "2.0", "id": 1, "result": {"ok": True}}


async def test_a_cancelled_read_loses_no_message(wires: Wires) -> None:
    with trio.move_on_after(0.01):
        await wires.reader.receive()
    wires.say(b'{"jsonrpc":"2.0","id":1,')
    with trio.move_on_after(0.01):
        await wires.reader.receive()
    wires.say(b'"method":"ping"}\n')

    assert (await received(wires.reader)).id == 1  # type: ignore[union-attr]


async def test_end_of_file_ends_the_stream_and_is_told_once(wires: Wires) -> None:
    wires.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
    wires.hang_up()

    messages = [item.message async for item in wires.reader]

    assert len(messages) == 1
    assert wires.ended == 1


async def test_what_was_asked_before_the_end_of_file_may_still_be_answered(wires: Wires) -> None:
    wires.say(request(1))
    wires.hang_up()
    await wires.reader.receive()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        ended = trio.Event()

        async def read_on() -> None:
            with pytest.raises(anyio.EndOfStream):
                await wires.reader.receive()
            ended.set()

        nursery.start_soon(read_on)
        await trio.testing.wait_all_tasks_blocked()
        assert not ended.is_set()
        await wires.writer.send(answer(1))
        await ended.wait()

    assert trio.current_time() - began < stdio.LINGER


async def test_nothing_is_waited_for_at_the_end_when_all_is_answered(
    wires: Wires, autojump_clock: trio.testing.MockClock
) -> None:
    """The id 0, too, is an id."""
    for number in (0, 1):
        wires.say(request(number))
        await wires.reader.receive()
        await wires.writer.send(answer(number))
    wires.hang_up()

    with pytest.raises(anyio.EndOfStream):
        await wires.reader.receive()

    assert trio.current_time() < 0.01


async def test_a_call_that_takes_long_holds_up_the_end_for_a_moment_only(
    wires: Wires, autojump_clock: trio.testing.MockClock
) -> None:
    wires.say(request(1))
    wires.hang_up()
    await wires.reader.receive()

    began = trio.current_time()
    with pytest.raises(anyio.EndOfStream):
        await wires.reader.receive()

    assert trio.current_time() - began == pytest.approx(stdio.LINGER)


async def test_a_cancelled_request_is_not_waited_for_at_the_end(wires: Wires) -> None:
    cancel = {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": 1, "reason": "changed my mind"},
    }
    wires.say(request(1), cancel)
    wires.hang_up()
    await wires.reader.receive()
    await wires.reader.receive()

    assert wires.writer.unanswered == set()


async def test_what_cannot_be_read_is_answered_and_the_next_message_is_read(wires: Wires) -> None:
    wires.say(b"{nonsense\n", {"jsonrpc": "2.0", "id": 4, "method": 5}, request(6))

    assert (await received(wires.reader)).id == 6  # type: ignore[union-attr]
    told = [json.loads(line) for line in wires.heard()]
    assert [(each["id"], each["error"]["code"]) for each in told] == [
        (None, types.PARSE_ERROR),
        (4, types.INVALID_REQUEST),
    ]


async def test_a_peer_that_reads_no_more_has_gone(wires: Wires) -> None:
    """A closed stdout ends the session like a closed stdin."""
    wires.stop_reading()
    async with trio.open_nursery() as nursery:

        async def read_on() -> None:
            with pytest.raises(anyio.EndOfStream):
                await wires.reader.receive()

        nursery.start_soon(read_on)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(anyio.BrokenResourceError):
            await wires.writer.send(answer(1))

    assert wires.ended == 1
    with pytest.raises(anyio.ClosedResourceError):
        await wires.writer.send(answer(2))


async def test_a_message_that_was_begun_is_finished_although_cancelled(wires: Wires) -> None:
    text = "x" * PIPE_FULL
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wires.writer.send, answer(1, text=text))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        begun = b"".join(wires.heard())
        assert 0 < len(begun) < PIPE_FULL
        with trio.CancelScope(shield=True):
            while not begun.endswith(b"\n"):
                await trio.sleep(0.001)
                begun += b"".join(wires.heard())

    assert json.loads(begun)["result"] == {"text": text}


async def test_a_peer_that_does_not_read_keeps_nobody_for_long(
    wires: Wires, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wires.writer.send, answer(1, text="x" * PIPE_FULL))
        nursery.start_soon(wires.writer.send, answer(2, text="never begun"))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert trio.current_time() <= stdio.FINISH + 0.1
    with pytest.raises(anyio.EndOfStream):
        await wires.reader.receive()


async def test_messages_are_not_mixed_up(wires: Wires) -> None:
    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(wires.writer.send, answer(number, text=str(number) * 20_000))
        lines = b""
        while lines.count(b"\n") < 20:
            await trio.sleep(0.001)
            lines += b"".join(wires.heard())

    told = [json.loads(line) for line in lines.splitlines()]
    assert sorted(each["id"] for each in told) == list(range(20))
    assert all(each["result"]["text"] == str(each["id"]) * 20_000 for each in told)
