"""How many simple GETs a second the simulated workspace answers over HTTP, on one core.

The client is another process, on eight kept connections; where the machine has two cores, each
process has one for itself.  What is counted is the server's own processor time, so that the number
says what one core does for the server alone, on a busy machine too; beside it stand the time that a
request takes of it, and what the client saw by the clock.  The exit code is 1 below 300 a second.

    python benchmarks/simulation.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import httpx
import trio

WORKSPACE = Path(__file__).with_name("workspace.py")
CONNECTIONS = 8
SECONDS = 5.0  # per kind of call
LEAST = 300.0  # GETs a second


def busy_seconds(process: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def answered(host: str, token: str, path: str) -> int:
    """How many GETs of `path` are answered within SECONDS."""
    count = 0
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=host, headers=headers, limits=limits) as client:
        ends = perf_counter() + SECONDS

        async def ask() -> None:
            nonlocal count
            while perf_counter() < ends:
                (await client.get(path)).raise_for_status()
                count += 1

        async with trio.open_nursery() as nursery:
            for _ in range(CONNECTIONS):
                nursery.start_soon(ask)
    return count


def stay_on(process: int, core: int) -> None:
    """Keeps a process to one core, where the system can."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(process, {cores[core]})


def main() -> int:
    """Prints a line for each kind of call."""
    server = subprocess.Popen(
        [sys.executable, WORKSPACE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    facts = json.loads(server.stdout.readline())
    stay_on(server.pid, 0)
    stay_on(os.getpid(), 1)
    cluster, slowest = facts["cluster_id"], float("inf")
    try:
        for path in (
            f"/api/2.1/clusters/get?cluster_id={cluster}",
            "/api/2.1/clusters/list",
            "/api/2.2/jobs/runs/list",
            "/api/2.0/sql/warehouses",
            "/api/2.0/preview/scim/v2/Me",
        ):
            before, began = busy_seconds(server.pid), perf_counter()
            count = trio.run(answered, facts["host"], facts["token"], path)
            busy, took = busy_seconds(server.pid) - before, perf_counter() - began
            slowest = min(slowest, count / busy)
            print(
                f"{path.partition('?')[0]:32} {count / busy:6.0f} GET/s on one core,"
                f" {busy / count * 1000:.2f} ms of it each; {count / took:5.0f} GET/s by the clock"
            )
    finally:
        server.stdin.close()
        server.wait(10)
    return 0 if slowest >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
