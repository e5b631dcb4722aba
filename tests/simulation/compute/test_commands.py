"""Commands: one at a time, results at the end, the ways to cancel and to be lost."""

from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.compute.commands import KEPT
from databricks_mcp_toolkit.simulation.engine import CommandResults
from trio.testing import MockClock

STARTED = Pace().context_start + 0.1


class Context:
    """One context as a test drives it."""

    def __init__(self, workspace: Workspace, api: httpx.AsyncClient, context_id: str) -> None:
        self.workspace, self.api = workspace, api
        self.ids = {"clusterId": workspace.cluster_id, "contextId": context_id}

    async def send(self, code: str) -> str:
        body = {**self.ids, "language": "python", "command": code}
        sent = await self.api.post("/api/1.2/commands/execute", json=body)
        assert sent.status_code == 200, sent.text
        return str(sent.json()["id"])

    async def look(self, command_id: str) -> httpx.Response:
        query = {**self.ids, "commandId": command_id}
        return await self.api.get("/api/1.2/commands/status", params=query)

    async def see(self, command_id: str) -> Any:
        answer = await self.look(command_id)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def cancel(self, command_id: str) -> None:
        body = {**self.ids, "commandId": command_id}
        answer = await self.api.post("/api/1.2/commands/cancel", json=body)
        assert answer.json() == {"id": command_id}


@pytest.fixture
async def context(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: MockClock
) -> Context:
    """Ready to run.  Each test asks for the clock too: pytest-trio looks only there for it."""
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    made = await api.post("/api/1.2/contexts/create", json=body)
    await trio.sleep(STARTED)
    return Context(workspace, api, made.json()["id"])


async def test_a_command_runs_and_shows_its_result_at_the_end(
    engine: Scripted, context: Context, autojump_clock: MockClock
) -> None:
    engine.command("train", takes=10, text="done")
    command_id = await context.send("train()")
    assert len(command_id) == 32
    await trio.sleep(1)
    assert await context.see(command_id) == {
        "id": command_id,
        "status": "Running",
        "results": None,
    }
    await trio.sleep(10)
    finished = await context.see(command_id)
    assert finished["status"] == "Finished"
    assert finished["results"] == {"resultType": "text", "data": "done"}


async def test_commands_of_one_context_run_one_at_a_time_in_order(
    engine: Scripted, context: Context, autojump_clock: MockClock
) -> None:
    engine.command(takes=10)
    ids = [await context.send(f"step {number}") for number in range(3)]
    await trio.sleep(15)
    statuses = [(await context.see(command_id))["status"] for command_id in ids]
    assert statuses == ["Finished", "Running", "Queued"]
    await trio.sleep(16)
    assert engine.seen == ["step 0", "step 1", "step 2"]


async def test_contexts_run_beside_each_other(
    engine: Scripted,
    context: Context,
    autojump_clock: MockClock,
    workspace: Workspace,
    api: httpx.AsyncClient,
) -> None:
    engine.command(takes=100)
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    made = await api.post("/api/1.2/contexts/create", json=body)
    other = Context(workspace, api, made.json()["id"])
    await trio.sleep(STARTED)
    ids = [(each, await each.send("work")) for each in (context, other)]
    await trio.sleep(101)
    assert [(await each.see(id_))["status"] for each, id_ in ids] == ["Finished"] * 2


async def test_an_error_of_the_code_is_a_finished_command(
    engine: Scripted, context: Context, autojump_clock: MockClock
) -> None:
    engine.command("1/0", error="ZeroDivisionError: division by zero")
    command_id = await context.send("1/0")
    await trio.sleep(1)
    seen = await context.see(command_id)
    assert seen["status"] == "Finished"
    assert seen["results"]["resultType"] == "error"
    assert "division by zero" in seen["results"]["summary"]
    assert "Traceback" in seen["results"]["cause"]


@pytest.mark.parametrize("shows", ["Finished", "Cancelled"])
async def test_a_cancelled_command_ends_as_the_workspace_is_set(
    engine: Scripted, context: Context, autojump_clock: MockClock, workspace: Workspace, shows: Any
) -> None:
    workspace.commands.cancel_shows = shows
    engine.command(takes=1000)
    running, waiting = await context.send("long"), await context.send("longer")
    await trio.sleep(1)
    await context.cancel(running)
    await context.cancel(waiting)
    assert (await context.see(running))["status"] in {"Cancelling", shows}
    await trio.sleep(1)
    for command_id in (running, waiting):
        seen = await context.see(command_id)
        assert seen["status"] == shows
        if shows == "Finished":
            assert "CommandCancelledException" in seen["results"]["cause"]
        else:
            assert seen["results"] is None
    await context.cancel(running)
    assert engine.seen == ["long"], "the one that waited never ran"


async def test_cancelling_is_visible_while_the_engine_stops(
    engine: Scripted, context: Context, autojump_clock: MockClock
) -> None:
    async def slow_to_stop(code: str) -> str:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(5)
        raise AssertionError

    engine.command(does=slow_to_stop)
    command_id = await context.send("x")
    await trio.sleep(1)
    await context.cancel(command_id)
    await trio.sleep(1)
    assert (await context.see(command_id))["status"] == "Cancelling"
    await trio.sleep(5)
    assert (await context.see(command_id))["status"] == "Finished"


async def test_the_context_goes_on_after_a_cancel(
    engine: Scripted, context: Context, autojump_clock: MockClock
) -> None:
    engine.command("long", takes=1000)
    command_id = await context.send("long")
    await trio.sleep(1)
    await context.cancel(command_id)
    engine.command("short", text="yes")
    after = await context.send("short")
    await trio.sleep(1)
    assert (await context.see(after))["results"]["data"] == "yes"


async def test_a_dead_process_loses_the_context_and_the_command(
    engine: Scripted, context: Context, autojump_clock: MockClock, workspace: Workspace
) -> None:
    engine.command("boom", takes=1, lost=True)
    command_id = await context.send("boom")
    await trio.sleep(2)
    refused = await context.look(command_id)
    assert refused.status_code == 400
    assert "ContextNotFoundException" in refused.text
    assert workspace.live_contexts() == []


async def test_lost_commands_can_stay_readable_as_errors(
    engine: Scripted, context: Context, autojump_clock: MockClock, workspace: Workspace
) -> None:
    workspace.commands.lost_shows = "Error"
    engine.command(takes=1000)
    running, waiting = await context.send("a"), await context.send("b")
    await trio.sleep(1)
    workspace.clusters.known(workspace.cluster_id).terminate()
    for pause in (0, 100):
        await trio.sleep(pause)
        for command_id in (running, waiting):
            seen = await context.see(command_id)
            assert (seen["status"], seen["results"]["resultType"]) == ("Error", "error")


async def test_destroying_the_context_stops_the_command(
    engine: Scripted,
    context: Context,
    autojump_clock: MockClock,
    workspace: Workspace,
    api: httpx.AsyncClient,
) -> None:
    stopped = trio.Event()

    async def work(code: str) -> str:
        try:
            await trio.sleep(1000)
        finally:
            stopped.set()
        return ""

    engine.command(does=work)
    await context.send("x")
    await trio.sleep(1)
    await api.post("/api/1.2/contexts/destroy", json=context.ids)
    with trio.fail_after(5):
        await stopped.wait()


async def test_a_running_command_keeps_the_cluster_up(
    engine: Scripted, workspace: Workspace, context: Context, autojump_clock: MockClock
) -> None:
    engine.command(takes=100)
    await context.send("x")
    await trio.sleep(1)
    assert "1 at work" in repr(workspace.clusters.known(workspace.cluster_id))
    await trio.sleep(100)
    assert "0 at work" in repr(workspace.clusters.known(workspace.cluster_id))


async def test_a_bug_in_the_engine_is_an_error_and_no_more(
    engine: Scripted, context: Context, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    engine.command("bug", does=lambda code: 1 / 0)
    command_id = await context.send("bug")
    await trio.sleep(1)
    assert (await context.see(command_id))["status"] == "Error"
    assert "ZeroDivisionError" in caplog.text
    assert (await context.see(await context.send("fine")))["status"] in {"Queued", "Running"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"contextId": ""}, "requirement failed: missing contextId"),
        ({"clusterId": ""}, "requirement failed: missing clusterId"),
        ({"command": ""}, "requirement failed: missing command"),
        ({"contextId": "17"}, "ContextNotFoundException: Context 17 not found"),
        ({"language": "r"}, "is for python"),
    ],
)
async def test_commands_that_cannot_be_are_refused(
    context: Context,
    autojump_clock: MockClock,
    api: httpx.AsyncClient,
    changes: dict[str, str],
    text: str,
) -> None:
    body = {**context.ids, "language": "python", "command": "1"} | changes
    refused = await api.post("/api/1.2/commands/execute", json=body)
    assert refused.status_code in {400, 500}
    assert text in refused.json()["error"]


async def test_an_unknown_command_is_refused(context: Context, autojump_clock: MockClock) -> None:
    refused = await context.look("nope")
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("CommandNotFoundException")


async def test_a_command_may_come_as_a_file(
    engine: Scripted, context: Context, autojump_clock: MockClock, api: httpx.AsyncClient
) -> None:
    sent = await api.post(
        "/api/1.2/commands/execute",
        data={**context.ids, "language": "python"},
        files={"command": ("code.py", b"print('from a file')\n")},
    )
    assert sent.status_code == 200
    await trio.sleep(1)
    assert engine.seen == ["print('from a file')\n"]


async def test_only_the_latest_results_are_kept(
    context: Context, autojump_clock: MockClock
) -> None:
    first = await context.send("first")
    for _ in range(KEPT):
        await context.send("x")
    await trio.sleep(1)
    await context.send("last")
    assert (await context.look(first)).status_code == 400


@pytest.mark.parametrize(
    ("results", "wire"),
    [
        (CommandResults(data="x"), {"resultType": "text", "data": "x"}),
        (
            CommandResults("table", [[1]], [{"name": "a", "type": '"long"', "metadata": "{}"}]),
            {
                "resultType": "table",
                "data": [[1]],
                "schema": [{"name": "a", "type": '"long"', "metadata": "{}"}],
                "truncated": False,
                "isJsonSchema": True,
            },
        ),
        (
            CommandResults("image", file_names=["data:x"]),
            {"resultType": "image", "fileName": "data:x"},
        ),
        (
            CommandResults("images", file_names=["a", "b"]),
            {"resultType": "images", "fileNames": ["a", "b"]},
        ),
        (
            CommandResults("error", summary="s", cause="c"),
            {"resultType": "error", "summary": "s", "cause": "c"},
        ),
    ],
)
def test_results_have_their_shape_on_the_wire(
    results: CommandResults, wire: dict[str, Any]
) -> None:
    assert results.wire() == wire
