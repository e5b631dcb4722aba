"""The public API as programs use it: type-checked against the built wheel, and never run."""

from __future__ import annotations

from typing import Any, assert_type

import trio
from databricks_mcp_toolkit import (
    Context,
    Limits,
    Query,
    Run,
    Settings,
    Statement,
    Toolkit,
    __version__,
    errors,
)
from databricks_mcp_toolkit.simulation import Engine, Local, Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background
from databricks_mcp_toolkit.simulation.faults import LoseAnswer, Refuse, Rule


async def many_runs(toolkit: Toolkit, job_ids: list[int]) -> dict[int, str | None]:
    results: dict[int, str | None] = {}

    async def one(job_id: int) -> None:
        run = await toolkit.run_now(job_id, job_parameters={"date": "2026-01-31"})
        assert_type(run, Run)
        with trio.move_on_after(3600):
            final = await run.success()
            assert_type(final.run_id, int)
        output = await run.output()
        assert_type(output.result, str | None)
        for task in output.tasks:
            if task.output is not None:
                assert_type(task.output.error, str | None)
        results[job_id] = output.result

    async with trio.open_nursery() as nursery:
        for job_id in job_ids:
            nursery.start_soon(one, job_id)
    return results


async def errors_at_their_height(toolkit: Toolkit) -> None:
    try:
        await toolkit.run(7).success(timeout=60.0)
    except errors.TimedOut as late:
        assert_type(late.message, str)
    except TimeoutError:
        await toolkit.run(7).cancel()
    except errors.RunFailed as failed:
        assert_type(failed.message, str)
    except errors.NotFound as refused:
        assert_type(refused.status, int)
        assert_type(refused.error_code, str)
    except errors.DatabricksError as theirs:
        assert_type(theirs.advice, str)
    except errors.MisusedToolkit as ours:
        assert_type(ours.facts(), dict[str, Any])


async def contexts(toolkit: Toolkit) -> None:
    async with toolkit.context(language="python") as context:
        assert_type(context, Context)
        command = await context.execute("1 + 1", timeout=30.0)
        assert_type(command.text, str)
        command_id = await context.submit("2 + 2")
        assert_type(command_id, str)
        await context.wait(command_id, timeout=5)
        await context.cancel(command_id)


async def sql(toolkit: Toolkit) -> None:
    query = toolkit.sql("SELECT :n AS n", {"n": 1}, catalog="main")
    assert_type(query, Query)
    assert_type(await query, list[list[Any]])
    async for rows in toolkit.sql("SELECT 1"):
        assert_type(rows, list[list[Any]])
    statement = toolkit.statement("01f0")
    assert_type(statement, Statement)
    assert_type(await statement.rows(offset=10, limit=5), list[list[Any]])
    assert_type([column.name for column in await statement.columns()], list[str])


async def opened() -> None:
    settings = Settings.load(host="https://example.cloud.databricks.com", token="dapi")
    async with Toolkit.open(settings, limits=Limits()) as toolkit:
        assert_type(toolkit, Toolkit)
        assert_type(await toolkit.call_tool("list_jobs", {"limit": 5}), dict[str, Any])
    async with Toolkit.open(profile="staging", grace=5.0):
        pass


async def simulated() -> None:
    engine: Engine = (
        Scripted().notebook("/nightly", takes=600, result="done").command("x", text="1")
    )
    async with Workspace(engine=engine, pace=Pace.quick(), seed=7) as workspace:
        rule = workspace.faults.add("POST */runs/submit", LoseAnswer(), times=1)
        assert_type(rule, Rule)
        assert_type(rule.struck, int)
        workspace.faults.add("*", Refuse(429, retry_after=2), starts=60.0)
        assert_type(workspace.live_contexts(), list[str])
        async with Toolkit.local(workspace) as toolkit, workspace.serve() as host:
            assert_type(host, str)
            await many_runs(toolkit, [1])
    Workspace(engine=Local())
    with workspace_in_background(pace=Pace.instant()) as server:
        assert_type(server, WorkspaceServer)
        assert_type(server.token, str)


def version() -> str:
    return __version__
