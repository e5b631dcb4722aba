from __future__ import annotations

import pytest
import trio
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.commands import Command, CommandStatus, ContextStatus
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import (
    Hang,
    LoseAnswer,
    LoseContext,
    Refuse,
    RestartDriver,
)
from trio.testing import MockClock


async def context_of(live: Databricks, workspace: Workspace) -> str:
    context = await live.commands.create_context(workspace.cluster_id, "python")
    assert context.status == ContextStatus.PENDING
    with trio.fail_after(60):
        while True:
            context = await live.commands.context_status(workspace.cluster_id, context.id)
            if context.status is ContextStatus.RUNNING:
                return context.id
            await trio.sleep(0.5)


async def result_of(live: Databricks, workspace: Workspace, command: str) -> Command:
    context_id = await context_of(live, workspace)
    ids = (workspace.cluster_id, context_id)
    command_id = await live.commands.execute(*ids, "python", command)
    with trio.fail_after(3600):
        while True:
            told = await live.commands.status(*ids, command_id)
            assert told.id == command_id
            if told.status not in (CommandStatus.QUEUED, CommandStatus.RUNNING):
                return told
            await trio.sleep(0.5)


async def test_a_command_gives_text(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.command("1 + 1", takes=5, text="2")
    command = await result_of(live, workspace, "1 + 1")
    assert command.status is CommandStatus.FINISHED
    assert command.results
    assert (command.results.result_type, command.results.data) == ("text", "2")


async def test_a_command_gives_a_table_with_native_values(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.command("display", table=[[1, None, 2.5]], columns={"a": "long", "b": "string"})
    results = (await result_of(live, workspace, "display(df)")).results
    assert results
    assert results.result_type == "table"
    assert results.data == [[1, None, 2.5]]
    assert results.schema[0]["type"] == '"long"'


async def test_an_exception_is_a_finished_command_with_an_error(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.command("1/0", error="ZeroDivisionError: division by zero")
    command = await result_of(live, workspace, "1/0")
    assert command.status is CommandStatus.FINISHED
    assert command.results
    assert command.results.result_type == "error"
    assert "division by zero" in str(command.results.summary)
    assert command.results.cause


async def test_a_command_is_cancelled(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.command("sleep", takes=3600)
    ids = (workspace.cluster_id, await context_of(live, workspace))
    command_id = await live.commands.execute(*ids, "python", "sleep(3600)")
    await live.commands.cancel(*ids, command_id)
    await trio.sleep(5)
    told = await live.commands.status(*ids, command_id)
    assert told.status not in (CommandStatus.QUEUED, CommandStatus.RUNNING)


async def test_a_destroyed_context_is_gone_for_every_call(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    ids = (workspace.cluster_id, await context_of(live, workspace))
    command_id = await live.commands.execute(*ids, "python", "1")
    await live.commands.destroy_context(*ids)
    assert workspace.live_contexts() == []
    with pytest.raises(errors.ContextLost):
        await live.commands.context_status(*ids)
    with pytest.raises(errors.ContextLost):
        await live.commands.execute(*ids, "python", "1")
    with pytest.raises(errors.ContextLost):
        await live.commands.destroy_context(*ids)
    with pytest.raises((errors.ContextLost, errors.NotFound)):
        await live.commands.status(*ids, command_id)


@pytest.mark.parametrize("fault", [LoseContext(), RestartDriver()], ids=["evicted", "restarted"])
async def test_a_context_that_was_lost_is_told_as_lost(
    live: Databricks, workspace: Workspace, fault: LoseContext, autojump_clock: MockClock
) -> None:
    ids = (workspace.cluster_id, await context_of(live, workspace))
    workspace.faults.add("POST */commands/execute", fault, times=1)
    with pytest.raises(errors.ContextLost, match="gone") as caught:
        await live.commands.execute(*ids, "python", "1")
    assert "new context" in caught.value.advice


async def test_no_context_can_be_made_on_a_cluster_that_does_not_run(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    await live.clusters.terminate(workspace.cluster_id)
    with pytest.raises(errors.DatabricksRefused) as caught:
        await live.commands.create_context(workspace.cluster_id, "python")
    assert caught.value.advice
    assert trio.current_time() < 60


async def test_a_command_of_a_terminated_cluster_costs_its_context(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    ids = (workspace.cluster_id, await context_of(live, workspace))
    await live.clusters.terminate(workspace.cluster_id)
    await trio.sleep(600)
    with pytest.raises(errors.ContextLost):
        await live.commands.execute(*ids, "python", "1")


@pytest.mark.parametrize("fault", [LoseAnswer(), Hang(seconds=3600, work=True)])
async def test_a_create_whose_answer_is_lost_makes_one_context_and_is_unknown(
    live: Databricks, workspace: Workspace, fault: LoseAnswer, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST */contexts/create", fault)
    with pytest.raises(errors.OutcomeUnknown):
        await live.commands.create_context(workspace.cluster_id, "python")
    assert workspace.requests.count("POST */contexts/create") == 1
    assert len(workspace.live_contexts()) == 1


async def test_a_create_that_was_refused_for_now_makes_one_context(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST */contexts/create", Refuse(429), times=2)
    workspace.faults.add("POST */contexts/create", Refuse(503), times=2)
    await live.commands.create_context(workspace.cluster_id, "python")
    assert len(workspace.live_contexts()) == 1


async def test_a_command_whose_answer_is_lost_runs_at_most_once(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    ids = (workspace.cluster_id, await context_of(live, workspace))
    workspace.faults.add("POST */commands/execute", LoseAnswer())
    with pytest.raises(errors.OutcomeUnknown, match="commands/execute"):
        await live.commands.execute(*ids, "python", "launch()")
    await trio.sleep(60)
    assert engine.seen == ["launch()"]


async def test_a_destroy_whose_answer_is_lost_is_repeated_until_it_is_sure(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    ids = (workspace.cluster_id, await context_of(live, workspace))
    workspace.faults.add("POST */contexts/destroy", LoseAnswer(), times=1)
    with pytest.raises(errors.ContextLost):
        await live.commands.destroy_context(*ids)
    assert workspace.live_contexts() == []
    assert workspace.requests.count("POST */contexts/destroy") == 2
