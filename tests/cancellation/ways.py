"""Who calls, and how they cancel: a program, a host of either era, a host that vanishes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum, unique
from typing import Any

import attrs
import trio
from databricks_mcp_toolkit.protocol import build_server
from databricks_mcp_toolkit.protocol.sessions import SharedSession
from databricks_mcp_toolkit.protocol.stdio import LineReader, LineWriter
from mcp import Client, MCPError

from .kinds import Case
from .place import Place


@unique
class Way(Enum):
    """How a call is made and cancelled."""

    LIBRARY = "library"
    LEGACY = "notifications/cancelled, up to 2025-11-25"
    MODERN = "notifications/cancelled, 2026-07-28"
    GONE = "stdin is closed"

    @property
    def is_library(self) -> bool:
        return self is Way.LIBRARY


MODES = {Way.LEGACY: "legacy", Way.MODERN: "2026-07-28", Way.GONE: "legacy"}
OpenPlace = Callable[[], AbstractAsyncContextManager[Place]]


@attrs.define(eq=False)
class Caller:
    """One who makes one call at a place, and leaves it when told so."""

    place: Place
    _call: Callable[[Case], Awaitable[object]]
    _vanish: Callable[[], None] | None = None
    said: list[bytes] = attrs.field(factory=list)
    """The lines that a host has said."""
    left_at: float | None = None
    _scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)

    async def call(self, case: Case) -> None:
        """Make the call, until it returns or is cancelled."""
        with self._scope:
            try:
                await self._call(case)
            except MCPError:
                if self._vanish is None:
                    raise  # otherwise, the server has gone because its host had
            finally:
                self.left_at = trio.current_time()

    def cancel(self) -> None:
        """Cancel the call."""
        if self._vanish is not None:
            self._vanish()
        self._scope.cancel()


@asynccontextmanager
async def calling(
    way: Way, open_place: OpenPlace, *, connect: bool = True
) -> AsyncIterator[Caller]:
    """A caller of this way, at a place that is opened for it.

    `connect`: for a host, whether to have the place opened before the call, by another one.
    """
    if way.is_library:
        async with open_place() as place:

            async def call(case: Case) -> object:
                if case.is_tool:
                    return await place.toolkit.call_tool(case.name, case.call(place))  # type: ignore[arg-type]
                return await case.call(place)  # type: ignore[misc]

            yield Caller(place, call)
        return
    opened: list[Place] = []

    @asynccontextmanager
    async def open_session() -> AsyncIterator[Any]:
        async with open_place() as place:
            opened.append(place)
            yield place.session

    async with _served(open_session) as line, Client(line.transport(), mode=MODES[way]) as client:

        async def call_tool(case: Case) -> object:
            return await client.call_tool(case.name, dict(case.call(caller.place)))  # type: ignore[arg-type]

        if connect:
            await client.call_tool("list_clusters", {})
        place = opened[0] if opened else Place(None, None, {"tasks": [TASK]})  # type: ignore[arg-type]
        vanish = line.vanish if way is Way.GONE else None
        caller = Caller(place, call_tool, vanish, line.said)
        yield caller


TASK = {"task_key": "main", "notebook_task": {"notebook_path": "/x"}}


@attrs.define(eq=False)
class _Line:
    """A host's two pipes."""

    _stdin: trio.MemorySendChannel[bytes]
    _stdout: trio.MemoryReceiveChannel[bytes]
    said: list[bytes] = attrs.field(factory=list)

    def vanish(self) -> None:
        """Close the server's stdin, as a host that ends."""
        self._stdin.close()

    @asynccontextmanager
    async def transport(self) -> AsyncIterator[Any]:
        async def send(part: memoryview) -> int:
            self.said.append(bytes(part))
            await _sender(self._stdin)(part)
            return len(part)

        writer = LineWriter(send)
        yield LineReader(_receiver(self._stdout), writer, lambda: None), writer


def _receiver(channel: trio.MemoryReceiveChannel[bytes]) -> Callable[[], Awaitable[bytes]]:
    async def receive() -> bytes:
        try:
            return await channel.receive()
        except trio.EndOfChannel:
            return b""

    return receive


def _sender(channel: trio.MemorySendChannel[bytes]) -> Callable[[memoryview], Awaitable[int]]:
    async def send(part: memoryview) -> int:
        try:
            await channel.send(bytes(part))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as broken:
            raise BrokenPipeError from broken
        return len(part)

    return send


@asynccontextmanager
async def _served(open_session: Any) -> AsyncIterator[_Line]:
    """A real server on our own transport; its pipes are lists."""
    to_server, stdin = trio.open_memory_channel[bytes](100)
    stdout, from_server = trio.open_memory_channel[bytes](100)

    async def serve() -> None:
        shared = SharedSession(open_session)
        writer = LineWriter(_sender(stdout))
        reader = LineReader(_receiver(stdin), writer, shared.close)
        async with shared.serving():
            server = build_server(shared.get)
            await server.run(reader, writer, server.create_initialization_options())
        stdout.close()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        yield _Line(to_server, from_server)
        to_server.close()
