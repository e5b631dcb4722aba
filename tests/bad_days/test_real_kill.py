"""`kill -9` on the real program, which talks HTTP to a workspace: the next start destroys.

Real processes and real time, so only what virtual days cannot show.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from databricks_mcp_toolkit.actors.journal import Journal
from databricks_mcp_toolkit.simulation import Pace

PATIENCE = 90.0  # seconds on a machine that has much else to do


@pytest.fixture
def workspace_settings() -> dict[str, Any]:
    return {"pace": Pace.instant()}


@attrs.define(eq=False)
class Server:
    """The program, and a host at its other end."""

    process: subprocess.Popen[bytes]
    sent: int = 0

    def ask(self, method: str, params: dict[str, Any]) -> int:
        self.sent += 1
        self._say({"id": self.sent, "method": method, "params": params})
        return self.sent

    def answer(self, number: int) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = json.loads(line)
            if message.get("id") == number:
                return message["result"]
        raise AssertionError("the server has ended")

    def greet(self) -> None:
        client = {"name": "a host", "version": "1"}
        params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        self.answer(self.ask("initialize", params))
        self._say({"method": "notifications/initialized"})

    def call(self, tool: str, **arguments: Any) -> int:
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def _say(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n")
        self.process.stdin.flush()


Start = Callable[[], Server]


@pytest.fixture
def start(workspace_server, tmp_path: Path) -> Iterator[Start]:
    """Start the program against the workspace, with its journal in `tmp_path`."""
    started: list[Server] = []
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DATABRICKS_HOST": workspace_server.host,
        "DATABRICKS_TOKEN": workspace_server.token,
        "DATABRICKS_CLUSTER_ID": workspace_server.workspace.cluster_id,
    }
    command = [sys.executable, "-m", "databricks_mcp_toolkit", "serve"]

    def begin() -> Server:
        process = subprocess.Popen(
            [*command, "--state-dir", str(tmp_path / "state")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=tmp_path,
        )
        started.append(Server(process))
        started[-1].greet()
        return started[-1]

    yield begin
    for server in started:
        server.kill()
        for pipe in (server.process.stdin, server.process.stdout):
            pipe.close()


def live(workspace_server) -> list[str]:
    return workspace_server.call(workspace_server.workspace.live_contexts)


def until(holds: Callable[[], bool]) -> None:
    """Wait in real time, and not for long."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_what_a_killed_server_leaves_the_next_start_destroys(
    start: Start, workspace_server
) -> None:
    server = start()
    for _ in range(3):
        result = server.answer(server.call("create_execution_context"))
        assert not result["isError"], result
    assert len(live(workspace_server)) == 3
    server.kill()
    assert len(live(workspace_server)) == 3
    start()  # and nobody calls a tool
    until(lambda: not live(workspace_server))


def test_a_live_server_keeps_its_contexts_when_another_starts(
    start: Start, workspace_server, tmp_path: Path
) -> None:
    first, second = start(), start()
    kept = first.answer(first.call("create_execution_context"))["structuredContent"]["id"]
    second.answer(second.call("create_execution_context"))
    second.kill()
    third = start()
    until(lambda: live(workspace_server) == [kept])
    third.answer(third.call("list_clusters"))
    with Journal.open(tmp_path / "state") as journal:
        assert [record.remote_id for record in journal.records()] == [kept]


@pytest.mark.parametrize("after", [0.0, 0.03])
def test_killed_while_a_context_is_made_it_is_destroyed_or_told(
    start: Start, workspace_server, tmp_path: Path, after: float
) -> None:
    server = start()
    server.answer(server.call("list_clusters"))
    server.call("create_execution_context")
    time.sleep(after)
    server.kill()
    start()

    def nothing_untold() -> bool:
        with Journal.open(tmp_path / "state") as journal:
            told = [record for record in journal.records() if record.remote_id is None]
        return len(live(workspace_server)) <= len(told)

    until(nothing_untold)
