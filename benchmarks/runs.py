"""How much life the simulated workspace bears: many runs at once, and a busy day.

Prints three lines of numbers, in seconds of processor time (a busy machine slows the wall clock,
and not these).  Nothing is measured over a network; the days count their client as well:

    python benchmarks/runs.py
"""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from trio.testing import MockClock

ALIVE = 10_000  # runs at once
DAY_RUNS, DAY = 1_000, 24 * 3600  # runs, and the seconds over which they start
TASKS = 3  # of each run of the day


def body(workspace: Workspace, tasks: int = 1) -> dict[str, object]:
    """A chain of notebook tasks on the sample cluster."""
    return {
        "tasks": [
            {
                "task_key": f"t{n}",
                "notebook_task": {"notebook_path": "/nightly"},
                "existing_cluster_id": workspace.cluster_id,
                "depends_on": [{"task_key": f"t{n - 1}"}] if n else [],
            }
            for n in range(tasks)
        ]
    }


def client(workspace: Workspace) -> httpx.AsyncClient:
    """A plain client of the workspace, without a network."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=workspace.app),
        base_url=workspace.host,
        headers={"authorization": f"Bearer {workspace.token}"},
    )


async def many_at_once() -> None:
    """Starts ALIVE runs of an hour, lists the active ones, and lets them all end."""
    engine = Scripted().notebook("*", takes=3600)
    async with Workspace(engine=engine) as workspace, client(workspace) as http:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(ALIVE):
            workspace.runs.start(body(workspace))
        await trio.sleep(60)
        each = (tracemalloc.get_traced_memory()[0] - before) / ALIVE
        tracemalloc.stop()
        started = time.process_time()
        for _ in range(100):
            answer = await http.get("/api/2.2/jobs/runs/list", params={"active_only": "true"})
            assert len(answer.json()["runs"]) == 20
        listing = (time.process_time() - started) / 100
        started = time.process_time()
        await trio.sleep(2 * 3600)
        ending = time.process_time() - started
        assert all(run.is_final for run in workspace.runs)
    print(
        f"{ALIVE} runs alive: {each / 1024:.1f} KiB each,"
        f" a page of runs/list {1000 * listing:.1f} ms, all ended in {ending:.1f} s"
    )


async def a_day(folder: Path | None = None) -> None:
    """A day with DAY_RUNS runs, each of which is polled every ten minutes until it ends."""
    engine = Scripted().notebook("*", takes=1200)
    started, polls = time.process_time(), 0
    async with Workspace(engine=engine, data_dir=folder) as workspace, client(workspace) as http:

        async def watch() -> None:
            nonlocal polls
            answer = await http.post("/api/2.2/jobs/runs/submit", json=body(workspace, TASKS))
            run_id = answer.json()["run_id"]
            while True:
                polls += 1
                run = await http.get("/api/2.2/jobs/runs/get", params={"run_id": run_id})
                if run.json()["state"]["life_cycle_state"] == "TERMINATED":
                    return
                await trio.sleep(600)

        async with trio.open_nursery() as nursery:
            for _ in range(DAY_RUNS):
                nursery.start_soon(watch)
                await trio.sleep(DAY / DAY_RUNS)
    took = time.process_time() - started
    kept = ", kept in a folder" if folder is not None else ""
    print(f"a day of {DAY_RUNS} runs of {TASKS} tasks, {polls} polls{kept}: {took:.1f} s")


for part in (many_at_once, a_day):
    trio.run(part, clock=MockClock(autojump_threshold=0))
with TemporaryDirectory() as name:
    trio.run(a_day, Path(name), clock=MockClock(autojump_threshold=0))
