"""A small agent, tested through a ten-hour night with two faults in it, in under a second.

The agent starts the hourly load, waits for it, and starts it once more when it failed.  The night
is a simulated workspace on a virtual clock: one answer is lost on its way back, and Databricks is
out for six minutes.  No load may be left out, and none may run twice.  As a test, this needs no
more than the plugin's fixtures: `async def test_night(workspace, toolkit, autojump_clock)`.
It prints:

    02:00 the load failed (ValueError: half a file); once more
    10 hours passed, in ... s of computing
    lost answers: 1, calls refused in the outage: ...
    loads: 11, which is one an hour and one more after the failure
"""

from __future__ import annotations

from time import process_time

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import RunFailed
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import LoseAnswer, Refuse
from trio.testing import MockClock

HOUR = 3600
LOAD = {"task_key": "load", "notebook_task": {"notebook_path": "/load"}}


async def agent(toolkit: Toolkit) -> None:
    """What is tested.  It knows nothing of simulations."""
    midnight = trio.current_time()
    for hour in range(10):
        await trio.sleep_until(midnight + hour * HOUR)
        run = await toolkit.submit_run(tasks=[LOAD])
        try:
            await run.success()
        except RunFailed:
            left = (await run.output()).tasks[0].output
            print(f"{hour:02}:00 the load failed ({left.error if left else '?'}); once more")
            await (await toolkit.submit_run(tasks=[LOAD])).success()
    await trio.sleep_until(midnight + 10 * HOUR)


async def half_a_file_at_two(engine: Scripted) -> None:
    await trio.sleep(1.9 * HOUR)
    engine.notebook("/load", takes=60, error="ValueError: half a file", times=1)


async def main() -> None:
    engine = Scripted().notebook("/load", takes=HOUR / 6)
    async with Workspace(engine=engine) as workspace, Toolkit.local(workspace) as toolkit:
        began = process_time()
        lost = workspace.faults.add("POST */runs/submit", LoseAnswer(), skip=4, times=1)
        outage = workspace.faults.add("*", Refuse(503), starts=7.05 * HOUR, ends=7.15 * HOUR)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(half_a_file_at_two, engine)
            await agent(toolkit)
        took = f"{process_time() - began:.2f} s of computing"
        print(f"{workspace.now() / HOUR:.0f} hours passed, in {took}")
        print(f"lost answers: {lost.struck}, calls refused in the outage: {outage.struck}")
        assert len(engine.seen) == 11
        print("loads: 11, which is one an hour and one more after the failure")


trio.run(main, clock=MockClock(autojump_threshold=0))
