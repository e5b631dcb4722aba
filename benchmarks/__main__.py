"""How fast the toolkit is, beside what it is made of: `python benchmarks` prints one table.

Every row compares two things that are timed in the same run, in turns, so that a slow machine slows
both.  What is timed, exactly:

* cold start: from starting the process to having read the answer of `tools/list` on its stdout,
  against a bare server of the SDK with one tool (`bare_server.py`).
* get_cluster: one call over stdio, against an empty call to the bare server over stdio plus one
  httpx GET of the same cluster on a kept connection.  The workspace is a third process.
* fifty commands: fifty `execute_command`, each of half a second in a context of its own, and the
  `get_command_status` that wait for them, sent at once over one stdio session.
* idle actor: how much a process grows by each execution context that it has open and does not use.

The exit code is 1 if a limit is broken.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from statistics import median
from time import perf_counter

import attrs
import httpx
from idle_actor import bytes_per_actor
from stdio_peer import BARE, OURS, Peer
from workspace_process import workspace

STARTS = 9  # of each server
CALLS = 300  # of each kind
COMMANDS = 50


@attrs.frozen
class Row:
    """One line of the table: a measurement, what it is held against, and its limit."""

    name: str
    measured: str
    beside: str
    ratio: float
    limit: float

    def __str__(self) -> str:
        verdict = "ok" if self.ratio <= self.limit else "TOO SLOW"
        numbers = f"{self.ratio:8.2f} {self.limit:8.2f}"
        return f"{self.name:36} {self.measured:>12} {self.beside:>34} {numbers}  {verdict}"


def cold_start(env: Mapping[str, str]) -> Row:
    """Ours against the bare server."""
    ours, bare = [], []
    for turn in range(STARTS + 1):
        for command, seconds in ((OURS, ours), (BARE, bare)):
            with Peer(command, env) as peer:
                if turn:  # the first of each may still write its bytecode
                    seconds.append(peer.until_tools)
    return Row(
        "cold start to tools/list",
        f"{median(ours):.3f} s",
        f"bare server {median(bare):.3f} s",
        median(ours) / median(bare),
        1.5,
    )


def get_cluster(env: Mapping[str, str], cluster_id: str) -> Row:
    """Ours against an empty call plus a GET."""
    url = f"{env['DATABRICKS_HOST']}/api/2.1/clusters/get"
    headers = {"Authorization": f"Bearer {env['DATABRICKS_TOKEN']}"}
    calls, nothings, gets = [], [], []
    with Peer(OURS, env) as ours, Peer(BARE) as bare, httpx.Client(headers=headers) as client:
        for turn in range(CALLS + 20):
            times = [perf_counter()]
            ours.call("get_cluster", cluster_id=cluster_id)
            times.append(perf_counter())
            bare.call("nothing")
            times.append(perf_counter())
            client.get(url, params={"cluster_id": cluster_id}).raise_for_status().json()
            times.append(perf_counter())
            if turn >= 20:  # the first ones log in and connect
                for seconds, begun, ended in zip(
                    (calls, nothings, gets), times, times[1:], strict=False
                ):
                    seconds.append(ended - begun)
    beside = median(nothings) + median(gets)
    return Row(
        "get_cluster over stdio",
        f"{median(calls) * 1e3:.2f} ms",
        f"empty call {median(nothings) * 1e3:.2f} + GET {median(gets) * 1e3:.2f} ms",
        median(calls) / beside,
        1.5,
    )


def fifty_commands(env: Mapping[str, str], cluster_id: str) -> Row:
    """Half-second commands, all at once."""
    with Peer(OURS, env) as peer:
        created = peer.calls(
            "create_execution_context",
            [{"cluster_id": cluster_id, "language": "python"}] * COMMANDS,
        )
        places = [{"cluster_id": cluster_id, "context_id": context["id"]} for context in created]
        begun = perf_counter()
        started = peer.calls(
            "execute_command",
            [place | {"command": "sleep", "language": "python"} for place in places],
        )
        waits = [
            place | {"command_id": command["id"]}
            for place, command in zip(places, started, strict=True)
        ]
        ended = peer.calls("get_command_status", waits)
        seconds = perf_counter() - begun
    assert {command["status"] for command in ended} == {"Finished"}
    return Row(
        f"{COMMANDS} half-second commands", f"{seconds:.2f} s", "limit 1.50 s", seconds / 1.5, 1
    )


def idle_actor(env: Mapping[str, str]) -> Row:
    """Memory, not time."""
    kib = bytes_per_actor(env) / 1024
    return Row("idle actor", f"{kib:.1f} KiB", "limit 16.0 KiB", kib / 16, 1)


def main() -> None:
    print(f"{'':36} {'ours':>12} {'beside':>34} {'ratio':>8} {'limit':>8}")
    broken = False
    with workspace() as (env, cluster_id):
        for measure in (
            lambda: cold_start(env),
            lambda: get_cluster(env, cluster_id),
            lambda: fifty_commands(env, cluster_id),
            lambda: idle_actor(env),
        ):
            row = measure()
            print(row, flush=True)
            broken |= row.ratio > row.limit
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
