"""Many runs at once: a task for each in one nursery, and each error caught where it belongs.

Waiting is not owning: a run goes on when nobody waits, and its id is enough to come back to it.
It prints:

    2026-01-01: 125 rows
    2026-01-02: 125 rows
    2026-01-03: 125 rows
    2026-01-04: Unable to access the notebook "/Shared/ETL/Missing" in the workspace. ...
    2026-01-05: 125 rows
    the last one again, by its id: TERMINATED
"""

from __future__ import annotations

import json

import trio
from databricks_mcp_toolkit import Run, Toolkit
from databricks_mcp_toolkit.errors import RunFailed

DAYS = [f"2026-01-0{day}" for day in range(1, 6)]
HOUR = 3600.0


async def process(toolkit: Toolkit, day: str, told: dict[str, str], runs: dict[str, Run]) -> None:
    notebook = "/Shared/ETL/Missing" if day.endswith("4") else "/Shared/ETL/ProcessData"
    task = {"notebook_path": notebook, "base_parameters": {"date": day}}
    run = await toolkit.submit_run(
        run_name=day, tasks=[{"task_key": "process", "notebook_task": task}]
    )
    runs[day] = run
    try:
        await run.success(timeout=HOUR)
    except RunFailed as failed:  # this day's own bad luck, and no other's
        told[day] = failed.message.partition("message: ")[2]
    except TimeoutError:  # it goes on, and `run.run_id` finds it again
        told[day] = f"run {run.run_id} is {run.state} after an hour"
    else:
        rows = json.loads((await run.output()).result or "{}")["rows_processed"]
        told[day] = f"{rows} rows"


async def main() -> None:
    told: dict[str, str] = {}
    runs: dict[str, Run] = {}
    async with Toolkit.local() as toolkit:
        async with trio.open_nursery() as nursery:
            for day in DAYS:
                nursery.start_soon(process, toolkit, day, told, runs)
        for day in DAYS:
            print(f"{day}: {told[day]}")
        found = toolkit.run(runs[DAYS[-1]].run_id)
        await found.wait()
        print(f"the last one again, by its id: {found.state}")


if __name__ == "__main__":
    trio.run(main)
