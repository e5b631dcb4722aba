"""The main job, told step by step: an MCP client drives our own server as any host would.

The workspace is simulated and lives in this process, reached over HTTP; the server is a process of
its own, reached over stdio.  So what is counted at the end is counted on the workspace's side.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from .embedded import embedded_workspace, outliving
from .errors import WorkFailed
from .protocol.client import Host, hosting

if TYPE_CHECKING:
    from .simulation import Workspace

REMEMBERS = "visits = [12, 7, 30]"
RECALLS = "visits.append(51)\nprint('visits:', visits, 'total:', sum(visits))"
QUERY = """\
SELECT department, count(*) AS people, avg(salary) AS average
FROM hr.employees
WHERE status = 'active'
GROUP BY department
ORDER BY average DESC"""
NOTEBOOK = "/Shared/ETL/ProcessData"
PARAMETERS = {"date": "2026-01-31", "environment": "demo"}


class _Console(Console):
    """Whoever reads us may have read enough, as `head` has: then the demo ends as it would else."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


# Lines are not wrapped where nobody looks at them, so that they can be searched.
console = _Console(highlight=False, soft_wrap=True)


async def demo() -> None:
    """Runs and tells the whole story.

    Raises:
      WorkFailed: a step came out other than it should.
    """
    async with embedded_workspace() as workspace, outliving(workspace.serve()) as host:
        _step("An embedded workspace, and an MCP server that works on it")
        _tell(f"workspace {host}, in this process; no account, no cloud")
        command = [sys.executable, "-m", "databricks_mcp_toolkit", "serve", "--state-dir", "none"]
        async with hosting(command, _environment(workspace)) as mcp:
            tools = await mcp.tools()
            _tell(f"server    python {' '.join(command[1:4])}, over stdio: {len(tools)} tools")
            await _interactive(mcp, workspace)
            await _sql(mcp)
            await _notebook_run(mcp)
            await _destroy(mcp, workspace)
        _step("The host has closed the server's stdin, and the server is gone")
        _count(workspace, expected=0)


async def _interactive(mcp: Host, workspace: Workspace) -> None:
    _step("Start an execution context, and run Python that keeps its variables")
    cluster = {"cluster_id": workspace.cluster_id}
    context = await mcp.call("create_execution_context", **cluster, language="python")
    place = {**cluster, "context_id": context["id"]}
    _tell(f"context {context['id']}")
    for code in (REMEMBERS, RECALLS):
        _code(code)
        command = await mcp.call("execute_command", **place, command=code)
        done = await mcp.call("get_command_status", **place, command_id=command["id"])
        _tell(f"{done['status']}: {done['results'].get('data') or 'no output'}")
    _check("total: 100" in done["results"]["data"], "the context has lost its variables", done)
    _count(workspace, expected=1)


async def _sql(mcp: Host) -> None:
    _step("Run SQL over real data")
    _code(QUERY)
    answer = await mcp.call("execute_sql", statement=QUERY, catalog="production", schema="hr")
    rows = answer["result"]["data_array"]
    _check(bool(rows), "the query has found nothing", answer)
    table = Table("department", "people", "average", box=None, padding=(0, 0, 0, 3))
    for department, people, average in rows:
        table.add_row(department, str(people), f"{average:,.2f}")
    console.print(table)


async def _notebook_run(mcp: Host) -> None:
    _step("Submit a notebook run, wait for it, and read its output")
    task = {"notebook_path": NOTEBOOK, "base_parameters": PARAMETERS}
    tasks = [{"task_key": "process", "notebook_task": task}]
    run = await mcp.call("submit_single_run", run_config={"run_name": "demo", "tasks": tasks})
    _tell(f"run {run['run_id']}: {NOTEBOOK} with {json.dumps(PARAMETERS)}")
    final = await mcp.call("wait_for_run_completion", run_id=run["run_id"], max_wait_seconds=60)
    _tell(f"{final['state']['life_cycle_state']}, {final['state'].get('result_state')}")
    _check(final["state"].get("result_state") == "SUCCESS", "the run has not succeeded", final)
    output = await mcp.call("get_run_output", run_id=run["run_id"])
    _tell(f"it says: {output['notebook_output']['result']}")


async def _destroy(mcp: Host, workspace: Workspace) -> None:
    _step("Destroy the context; and open another one, which nobody destroys")
    (context_id,) = workspace.live_contexts()
    cluster = {"cluster_id": workspace.cluster_id}
    await mcp.call("destroy_execution_context", **cluster, context_id=context_id)
    _count(workspace, expected=0)
    await mcp.call("create_execution_context", **cluster, language="python")
    _count(workspace, expected=1)


def _environment(workspace: Workspace) -> dict[str, str]:
    """This process's own, with nothing that could lead to another workspace."""
    elsewhere = ("DATABRICKS_", "ARM_", "GOOGLE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
    return kept | {
        "DATABRICKS_HOST": workspace.host,
        "DATABRICKS_TOKEN": workspace.token,
        "DATABRICKS_CLUSTER_ID": workspace.cluster_id,
        "DATABRICKS_WAREHOUSE_ID": workspace.warehouse_id,
        "LOG_LEVEL": "warning",
    }


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


_number = _numbers()


def _step(title: str) -> None:
    console.print(f"\n[bold]{next(_number)}. {title}[/bold]")


def _tell(text: str) -> None:
    console.print(f"   {text}", markup=False)


def _code(code: str) -> None:
    for line in code.splitlines():
        console.print(f"   > {line}", style="dim", markup=False)


def _count(workspace: Workspace, *, expected: int) -> None:
    contexts: Sequence[str] = workspace.live_contexts()
    _tell(f"execution contexts that the workspace counts: {len(contexts)}")
    _check(len(contexts) == expected, f"there should be {expected}", {"contexts": list(contexts)})


def _check(holds: bool, otherwise: str, outcome: dict[str, Any]) -> None:
    if not holds:
        raise WorkFailed(f"The demo went wrong: {otherwise}.", outcome=outcome)
