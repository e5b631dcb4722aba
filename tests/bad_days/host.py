"""An MCP host in memory: it talks JSON-RPC by the line to a real server, over pipes that are lists.

No client library in between, so it can also say what none would.  It speaks both of the protocol's
eras, and its pipes deliver bytes in pieces of any size, as pipes do.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import attrs
import trio
from databricks_mcp_toolkit.protocol.server import build_server
from databricks_mcp_toolkit.protocol.sessions import OpenSession, SharedSession
from databricks_mcp_toolkit.protocol.stdio import LineReader, LineWriter

HANDSHAKE, PER_REQUEST = "2025-11-25", "2026-07-28"
ME = {"name": "a host", "version": "1"}
META = {
    "io.modelcontextprotocol/protocolVersion": PER_REQUEST,
    "io.modelcontextprotocol/clientInfo": ME,
    "io.modelcontextprotocol/clientCapabilities": {},
}


@attrs.define
class Answered:
    """A tool's result as it came over the wire."""

    structured: dict[str, Any] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    failed: bool


class ProtocolRefusal(Exception):
    """The server answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class HostGone(Exception):
    """The server has ended, so nobody answers."""


@attrs.define(eq=False)
class Host:
    """One host's end of the connection, in one version of the protocol."""

    version: str
    _to_server: trio.MemorySendChannel[bytes]
    sent: int = 0
    heard: list[bytes] = attrs.field(factory=list)
    _waiting: dict[int, trio.Event] = attrs.field(factory=dict)
    _answers: dict[int, Any] = attrs.field(factory=dict)
    gone: bool = False
    progress: int = 0
    """How often it was told how a call goes on."""

    async def call(
        self, tool: str, arguments: Mapping[str, Any] | None, *, watched: bool = False
    ) -> Answered:
        """Call a tool.  If cancelled, the server is told so.

        `watched`: ask to be told meanwhile how it goes on.
        """
        params: dict[str, Any] = {"name": tool, "arguments": arguments}
        if watched:
            params["_meta"] = {"progressToken": self.sent + 1}
        result = await self.request("tools/call", params)
        text = "\n".join(part.get("text", "") for part in result["content"])
        return Answered(
            result.get("structuredContent") or {}, text, bool(result.get("isError", False))
        )

    async def request(self, method: str, params: Mapping[str, Any]) -> Any:
        self.sent += 1
        number = self.sent
        if self.version == PER_REQUEST:
            params = {**params, "_meta": {**META, **params.get("_meta", {})}}
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self._waiting[number] = trio.Event()
        try:
            await self.say(json.dumps(message).encode())
            await self._waiting[number].wait()
        except trio.Cancelled:
            self.notify_nowait(
                "notifications/cancelled", {"requestId": number, "reason": "the user said stop"}
            )
            raise
        finally:
            del self._waiting[number]
        answer = self._answers.pop(number, None)
        if answer is None:
            raise HostGone
        if "error" in answer:
            raise ProtocolRefusal(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    async def say(self, line: bytes) -> None:
        """Send a line, whatever it is."""
        if self.gone:
            raise HostGone
        await self._to_server.send(line + b"\n")

    def notify_nowait(self, method: str, params: Mapping[str, Any]) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, trio.WouldBlock):
            self._to_server.send_nowait(json.dumps(message).encode() + b"\n")

    def leave(self) -> None:
        """Close the server's stdin, as a host does that ends."""
        self._to_server.close()

    def _hear(self, line: bytes) -> None:
        self.heard.append(line)
        message = json.loads(line)
        number = message.get("id")
        if message.get("method") == "notifications/progress":
            self.progress += 1
        if number in self._waiting:
            self._answers[number] = message
            self._waiting[number].set()

    def _lost(self) -> None:
        self.gone = True
        for event in self._waiting.values():
            event.set()


@asynccontextmanager
async def hosting(
    open_session: OpenSession,
    *,
    version: str = HANDSHAKE,
    wanted: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> AsyncIterator[Host]:
    """A server on `open_session`, and the host it talks to.  At the end the host closes stdin.

    Args:
      open_session: opens what the tools work on.
      version: of the protocol.
      wanted: whether the session is to be opened before anybody calls a tool.
      seed: of where the bytes are cut on their way.
    """
    send, receive = trio.open_memory_channel[bytes](100)
    host = Host(version, send)
    unread, unfinished = bytearray(), bytearray()
    dice = random.Random(f"pipes {seed}")

    async def read() -> bytes:
        with suppress(trio.EndOfChannel):
            if not unread:
                unread.extend(await receive.receive())
            with suppress(trio.WouldBlock):
                unread.extend(receive.receive_nowait())
        await trio.lowlevel.checkpoint()
        piece = bytes(unread[: dice.choice((1, 100, 4096, 65536))])
        del unread[: len(piece)]
        return piece

    async def write(part: memoryview) -> int:
        await trio.lowlevel.checkpoint()
        part = part[: dice.choice((1, 100, 4096, 65536, 65536))]
        unfinished.extend(part)
        *lines, rest = bytes(unfinished).split(b"\n")
        unfinished[:] = rest
        for line in lines:
            host._hear(line)
        return len(part)

    async def serve() -> None:
        shared = SharedSession(open_session)
        writer = LineWriter(write)
        reader = LineReader(read, writer, shared.close)
        try:
            async with shared.serving():
                shared.open_if(wanted)
                server = build_server(shared.get)
                await server.run(reader, writer, server.create_initialization_options())
        finally:
            host._lost()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        if version == HANDSHAKE:
            greeting = {"protocolVersion": version, "capabilities": {}, "clientInfo": ME}
            await host.request("initialize", greeting)
            host.notify_nowait("notifications/initialized", {})
        try:
            yield host
        finally:
            host.leave()
