"""What it costs to wait for many runs at once, beside the requests alone that it takes.

Prints a line for each number of runs of an hour, all of them waited for to their end.  Seconds are
of processor time, the simulated workspace's included, on both sides: waiting, and afterwards the
same number of the same pages and runs read by the plain client, one after the other.  Steps are how
often a task was woken, in both:

    python benchmarks/waiting.py
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from trio.testing import MockClock

RUNS = (50, 250, 500, 1000)
TAKES = 3600  # seconds
LIMIT = 2.0  # times the cost of the requests alone


class Steps(trio.abc.Instrument):
    """Counts how often tasks are woken."""

    number = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002, D102 - trio's
        self.number += 1


async def measured(work: Callable[[], Awaitable[object]]) -> tuple[float, int]:
    """Seconds of processor time, and steps."""
    steps = Steps()
    trio.lowlevel.add_instrument(steps)
    begun = time.process_time()
    await work()
    seconds = time.process_time() - begun
    trio.lowlevel.remove_instrument(steps)
    return seconds, steps.number


async def waiting(number: int) -> float:
    """Waits for so many runs; returns how much that cost beside its requests alone."""
    engine = Scripted().notebook("*", takes=TAKES)
    async with Workspace(engine=engine) as workspace, Toolkit.local(workspace) as toolkit:
        task = {
            "task_key": "main",
            "notebook_task": {"notebook_path": "/nightly"},
            "existing_cluster_id": workspace.cluster_id,
        }
        runs = [await toolkit.submit_run(tasks=[task]) for _ in range(number)]
        workspace.requests.clear()

        async def wait_for_all() -> None:
            async with trio.open_nursery() as nursery:
                for run in runs:
                    nursery.start_soon(run.wait)

        ours, steps = await measured(wait_for_all)
        pages = workspace.requests.count("GET */runs/list")
        looks = workspace.requests.count("GET */runs/get")
        assert all(run.is_over for run in runs)

        again = [await toolkit.submit_run(tasks=[task]) for _ in range(number)]
        jobs = toolkit.databricks.jobs

        async def ask_alone() -> None:
            for _ in range(pages):
                await jobs.page_runs(limit=25, active_only=True)
            for _ in range(looks):
                await jobs.get_run(again[0].run_id)

        alone, alone_steps = await measured(ask_alone)
    print(
        f"{number:5} runs of an hour: {ours:5.2f} s, {steps:7,} steps"
        f"   {pages} pages and {looks} runs alone: {alone:5.2f} s, {alone_steps:7,} steps"
        f"   {ours / alone:5.2f} of {LIMIT:.2f}"
    )
    return ours / alone


worst = max(trio.run(waiting, each, clock=MockClock(autojump_threshold=0)) for each in RUNS)
raise SystemExit(worst > LIMIT)
