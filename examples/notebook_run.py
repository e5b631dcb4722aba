"""A notebook, run once with parameters: submit it, wait for it, read what it exits with.

Runs on the embedded workspace and needs no account; with `Toolkit.open()` instead of
`Toolkit.local()`, and a notebook of yours, it runs there.  It prints:

    <run ..., not looked at yet>
    <run ..., TERMINATED>
    it processed ... rows of 2026-01-31
    RunFailed: Run ... ended as FAILED...
"""

from __future__ import annotations

import json

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import RunFailed


def task(notebook: str, **parameters: str) -> dict[str, object]:
    return {
        "task_key": "only",
        "notebook_task": {"notebook_path": notebook, "base_parameters": parameters},
    }


async def main() -> None:
    async with Toolkit.local() as toolkit:
        parameters = {"date": "2026-01-31", "environment": "demo"}
        run = await toolkit.submit_run(tasks=[task("/Shared/ETL/ProcessData", **parameters)])
        print(run)
        # Waiting is not owning: a time-out or a cancel here leaves the run running.
        await run.success(timeout=60)
        print(run)
        output = await run.output()
        result = json.loads(output.result or "{}")
        print(f"it processed {result['rows_processed']} rows of {result['date']}")

        run = await toolkit.submit_run(tasks=[task("/Shared/ETL/NoSuchNotebook")])
        try:
            await run.success(timeout=60)
        except RunFailed as failure:
            print(f"RunFailed: {failure.message}")


if __name__ == "__main__":
    trio.run(main)
