"""The other end of an MCP server's stdio, as thin as can be: it is the server that is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent
BARE = [sys.executable, str(HERE / "bare_server.py")]
OURS = [sys.executable, "-m", "databricks_mcp_toolkit", "serve", "--state-dir", "none"]

HANDSHAKE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "0"},
}


class Peer:
    """A server process and a synchronous conversation with it.

    Attributes:
      until_tools: seconds from before the process was started until it had listed its tools.
      pid: the server's process.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._last_id = 0
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LOG_LEVEL": "error", **(env or {})},
            bufsize=0,
        )
        assert self._process.stdin
        assert self._process.stdout
        self.pid = self._process.pid
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._unread = b""
        self.request("initialize", HANDSHAKE)
        self._write({"method": "notifications/initialized"})
        self.tools = self.request("tools/list")["tools"]
        self.until_tools = time.perf_counter() - begun

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stdin.close()
        try:
            self._process.wait(timeout=10)
        finally:
            self._process.kill()
            self._process.wait()
            self._stdout.close()

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The result of one request."""
        sent = self.send(method, params)
        return self.results([sent])[sent]

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """The structured content of one tool call."""
        result = self.request("tools/call", {"name": tool, "arguments": arguments})
        if result.get("isError"):
            raise RuntimeError(result["content"][0]["text"])
        return result.get("structuredContent")

    def calls(self, tool: str, many: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The structured contents of many calls that are made at once, in the order of asking."""
        ids = [self.send("tools/call", {"name": tool, "arguments": one}) for one in many]
        results = self.results(ids)
        failed = [result for result in results.values() if result.get("isError")]
        if failed:
            raise RuntimeError(failed[0]["content"][0]["text"])
        return [results[sent].get("structuredContent") for sent in ids]

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        """Sends a request without waiting for it, and returns its id."""
        self._last_id += 1
        self._write({"id": self._last_id, "method": method, "params": params or {}})
        return self._last_id

    def results(self, ids: Sequence[int]) -> dict[int, Any]:
        """The results of requests sent before, in whatever order they come."""
        wanted, found = set(ids), {}
        while wanted:
            message = json.loads(self._line())
            if "method" not in message and message["id"] in wanted:
                if "error" in message:
                    raise RuntimeError(message["error"])
                wanted.discard(message["id"])
                found[message["id"]] = message["result"]
        return found

    def _write(self, message: Mapping[str, Any]) -> None:
        self._stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            read = self._stdout.read(1 << 16)
            if not read:
                raise RuntimeError("the server ended in the middle of the conversation")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return line
