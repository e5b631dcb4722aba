"""The server as a process: however it is ended, it ends by itself, soon, and leaves nothing.

Real processes, real signals, real time; each test takes about a second, most of it Python's start.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from databricks_mcp_toolkit.protocol import stdio
from mcp import Client, StdioServerParameters

SERVED = str(Path(__file__).with_name("served.py"))
GRACE = 1.5  # seconds, as in `served.py`
# Seconds that busy cores may take on top.  How well the grace is kept, bad days see on a virtual
# clock.
SLACK = 10.0

HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def calling(number: int, tool: str, **arguments: Any) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    }


class Host:
    """The other side of a server's pipes."""

    def __init__(self, *what: str, **streams: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, SERVED, *what],
            **{
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                **streams,
            },
        )

    def say(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        return json.loads(line)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.say(message)
        return self.hear()

    def open_contexts(self, count: int) -> None:
        """Shake hands, and have contexts made."""
        self.ask(HELLO)
        self.say(READY)
        for number in range(1, count + 1):
            answer = self.ask(calling(number, "create_execution_context"))
            assert not answer["result"]["isError"], answer

    def end(self, *, within: float) -> dict[str, int]:
        """How it ended: by itself, well, in time.  What it says was left on the workspace."""
        began = time.monotonic()
        try:
            self.process.wait(timeout=within + SLACK)
        except subprocess.TimeoutExpired:
            pytest.fail(f"it still runs {time.monotonic() - began:.1f} s later")
        said = self.process.stderr.read().decode()
        assert self.process.returncode == 0, said
        return json.loads(said.strip().splitlines()[-1])

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Host]]:
    hosts: list[Host] = []

    def one(*what: str, **streams: Any) -> Host:
        hosts.append(Host(*what, **streams))
        return hosts[-1]

    yield one
    for host in hosts:
        host.close()


def test_end_of_file_ends_it_and_every_context(start: Callable[..., Host]) -> None:
    host = start()
    host.open_contexts(3)

    host.process.stdin.close()

    assert host.end(within=GRACE) == {"left": 0, "made": 3, "destroyed": 3}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_every_context_while_a_call_is_under_way(
    start: Callable[..., Host], number: signal.Signals
) -> None:
    host = start()
    host.open_contexts(1)
    host.say(calling(8, "execute_command_simple", command="slow"))
    host.say(calling(9, "list_clusters"))
    assert host.hear()["id"] == 9
    time.sleep(0.3)

    host.process.send_signal(number)

    left = host.end(within=GRACE)
    assert left["left"] == 0
    assert left["made"] == 2


def test_more_signals_do_not_cut_the_cleaning_short(start: Callable[..., Host]) -> None:
    host = start("slow-destroy")
    host.open_contexts(5)

    for _ in range(3):
        host.process.send_signal(signal.SIGTERM)
        time.sleep(0.15)
    host.process.send_signal(signal.SIGINT)

    assert host.end(within=GRACE)["left"] == 0


def test_what_a_host_does_at_the_end_finds_it_clean(start: Callable[..., Host]) -> None:
    """Stdin closed, and SIGTERM to the group while it is still cleaning."""
    host = start("slow-destroy")
    host.open_contexts(5)

    host.process.stdin.close()
    time.sleep(0.4)
    host.process.send_signal(signal.SIGTERM)

    assert host.end(within=GRACE)["left"] == 0


def test_a_workspace_that_does_not_answer_keeps_it_no_longer_than_its_grace(
    start: Callable[..., Host],
) -> None:
    host = start("deaf")
    host.open_contexts(3)

    host.process.stdin.close()

    assert host.end(within=GRACE + stdio.LINGER)["destroyed"] == 3


def test_a_host_that_closes_stdout_has_gone(start: Callable[..., Host]) -> None:
    host = start()
    host.open_contexts(2)

    host.process.stdout.close()
    host.say(calling(9, "list_clusters"))

    assert host.end(within=GRACE)["left"] == 0


def test_a_host_that_does_not_read_cannot_keep_it(start: Callable[..., Host]) -> None:
    host = start()
    host.open_contexts(1)
    for number in range(10, 14):
        host.say(calling(number, "execute_command_simple", command="big"))
    time.sleep(0.7)

    host.process.send_signal(signal.SIGTERM)

    assert host.end(within=GRACE + stdio.FINISH)["left"] == 0


def test_what_is_printed_is_not_on_the_wire(start: Callable[..., Host]) -> None:
    host = start()
    host.open_contexts(0)

    answer = host.ask(calling(5, "execute_command_simple", command="chat"))

    assert answer["result"]["structuredContent"]["results"]["data"] == "printed"
    host.process.stdin.close()
    host.end(within=GRACE)


def test_a_file_of_requests_is_answered_to_its_end(
    start: Callable[..., Host], tmp_path: Path
) -> None:
    """`databricks-mcp-toolkit < requests.jsonl > answers.jsonl`."""
    messages = [HELLO, READY, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}]
    requests, answers = tmp_path / "requests.jsonl", tmp_path / "answers.jsonl"
    requests.write_text("\n".join(json.dumps(message) for message in messages))

    with requests.open() as source, answers.open("w") as sink:
        host = start(stdin=source, stdout=sink)
        host.process.wait(timeout=60)  # it is read to its end, however long that takes

    told = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [each["id"] for each in told] == [0, 1]
    assert len(told[1]["result"]["tools"]) == 23


def test_ctrl_c_on_a_terminal_ends_it(start: Callable[..., Host]) -> None:
    ours, theirs = pty.openpty()
    host = start(stdin=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    try:
        os.write(ours, json.dumps(HELLO).encode() + b"\n")
        assert host.hear()["id"] == 0

        host.process.send_signal(signal.SIGINT)

        host.process.wait(timeout=GRACE + SLACK)
        assert host.process.returncode == 0
    finally:
        os.close(ours)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client_is_served(mode: str) -> None:
    server = StdioServerParameters(command=sys.executable, args=[SERVED])
    async with Client(server, mode=mode) as client:
        assert len((await client.list_tools()).tools) == 23
        context = await client.call_tool("create_execution_context", {})
        ids = {
            "cluster_id": context.structured_content["cluster_id"],
            "context_id": context.structured_content["id"],
        }
        command = await client.call_tool("execute_command", {"params": {**ids, "command": "chat"}})
        answer = await client.call_tool(
            "get_command_status", {**ids, "command_id": command.structured_content["id"]}
        )

    assert answer.structured_content["results"]["data"] == "printed"
