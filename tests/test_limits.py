"""Limits of the toolkit's own, each at its edge, as `docs/configuration.md` lists them.

Here are those that no room has for itself; the others are tested there: contexts, idle ones and
those that have ended in `actors/test_session`, mailboxes in `actors/test_kernel`, the size of an
answer in `clients/test_exchange`, rows in `protocol/tools/test_sql`, output in `test_commands`, the
texts of a run in `actors/test_run`, the log in `test_logs`, the journal in `actors/journal`.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors import Limits, session
from databricks_mcp_toolkit.clients import Databricks, StaticToken, exchange
from databricks_mcp_toolkit.errors import InvalidArguments, ToolkitError
from databricks_mcp_toolkit.protocol.call import Call
from databricks_mcp_toolkit.protocol.failures import failure
from databricks_mcp_toolkit.protocol.framing import MAX_LINE, Lines, TooLong
from databricks_mcp_toolkit.protocol.registry import TOOLS
from databricks_mcp_toolkit.protocol.results import TEXT_LIMIT
from databricks_mcp_toolkit.protocol.tools.commands import LONGEST_COMMAND
from databricks_mcp_toolkit.protocol.tools.ids import LONGEST_WAIT
from databricks_mcp_toolkit.protocol.tools.sql import LONGEST_STATEMENT
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer

PIECE = 65_536  # bytes of a message that come at once


@pytest.mark.parametrize(
    ("tool", "field", "most", "beyond", "more"),
    [
        ("execute_command", "command", "x" * LONGEST_COMMAND, "x" * (LONGEST_COMMAND + 1), {}),
        ("execute_sql", "statement", "x" * LONGEST_STATEMENT, "x" * (LONGEST_STATEMENT + 1), {}),
        ("execute_sql", "max_rows", 10_000, 10_001, {"statement": "SELECT 1"}),
        ("execute_sql", "max_wait_seconds", LONGEST_WAIT, LONGEST_WAIT + 1, {"statement_id": "1"}),
        ("wait_for_run_completion", "max_wait_seconds", LONGEST_WAIT, LONGEST_WAIT + 1, {}),
        ("get_command_status", "max_wait_seconds", LONGEST_WAIT, LONGEST_WAIT + 1, {}),
    ],
)
def test_as_much_as_the_limit_is_taken_and_one_more_is_refused(
    tool: str, field: str, most: Any, beyond: Any, more: dict[str, Any]
) -> None:
    needed = {"context_id": "1", "command_id": "1", "run_id": 1}
    required = TOOLS[tool].schema.get("required", ())
    arguments = {name: needed[name] for name in required if name in needed} | more
    assert getattr(TOOLS[tool].bind(arguments | {field: most}), field) == most
    with pytest.raises(InvalidArguments, match=field):
        TOOLS[tool].bind(arguments | {field: beyond})


def test_a_message_on_stdin_as_long_as_the_limit_is_taken_and_a_longer_one_is_not_kept() -> None:
    lines = Lines()
    for length, is_taken in ((MAX_LINE, True), (4 * MAX_LINE, False)):
        tracemalloc.start()
        for _ in range(length // PIECE):
            lines.feed(b"x" * PIECE)
            assert list(lines) == []
        lines.feed(b"\n")
        (line,) = lines
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert isinstance(line, bytes if is_taken else TooLong)
        assert most < 3.5 * MAX_LINE  # it grows by copies


async def test_notes_that_nobody_takes_are_kept_up_to_a_number(
    workspace: Workspace, autojump_clock: trio.abc.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "NOTICES_KEPT", 3)
    async with Toolkit.local(workspace, limits=Limits(idle_context=60)) as toolkit:
        opened = []
        for _ in range(5):
            opened.append((await toolkit.session.open_context()).id)
            await trio.sleep(10)
        await trio.sleep(600)
        kept = toolkit.session.take_notices()
        assert len(kept) == 3
        assert all(name in note for name, note in zip(opened[2:], kept, strict=True))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("execute_command_simple", {"command": "x"}),
        ("execute_sql", {"statement": "SELECT 1", "max_rows": 10_000}),
        ("wait_for_run_completion", {"run_id": 1}),
        ("get_run_output", {"run_id": 1}),
    ],
)
@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_no_answers_text_is_longer_than_a_model_reads(
    name: str, arguments: dict[str, Any], ends: str, autojump_clock: trio.abc.Clock
) -> None:
    much = "word " * 200_000
    error = much if ends == "badly" else None
    engine = Scripted().command(much, error=error).task(result=much, error=error)
    engine.statement(rows=[[much[:50_000]]] * 50, error=error)
    async with (
        Workspace(engine=engine, pace=Pace.instant()) as workspace,
        Toolkit.local(workspace) as toolkit,
    ):
        task = {"task_key": "main", "notebook_task": {"notebook_path": "/x"}}
        task["existing_cluster_id"] = workspace.cluster_id
        run = await toolkit.submit_run(run_name="r", tasks=[task])
        if "run_id" in arguments:
            arguments = {"run_id": run.run_id}
            await run.wait()
        tool = TOOLS[name]
        try:
            answer = await tool.perform(Call(toolkit.session), tool.bind(arguments))
        except ToolkitError as error:
            answer = failure(error, name)
    assert len(answer.text) < TEXT_LIMIT + 1000  # the limit, and what is said around it


@pytest.fixture
def workspace_settings() -> dict[str, Any]:
    return {"pace": Pace.instant()}


async def test_more_requests_than_connections_wait_for_one(
    workspace_server: WorkspaceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "CONNECTIONS", 2)
    app = workspace_server.workspace.app
    answer, now, most = app.answer, 0, 0

    async def counted(*request: Any) -> Any:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await trio.sleep(0.01)
        now -= 1
        return await answer(*request)

    monkeypatch.setattr(app, "answer", counted)
    login = StaticToken(workspace_server.token)
    got = []
    async with Databricks.connect(workspace_server.host, login) as databricks:

        async def get() -> None:
            got.append(await databricks.clusters.get(workspace_server.workspace.cluster_id))

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(get)
    assert len(got) == 10
    assert most <= 2
