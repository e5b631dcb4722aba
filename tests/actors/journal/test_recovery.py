from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio
from databricks_mcp_toolkit.actors.journal import Journal, Kind
from databricks_mcp_toolkit.actors.journal.recovery import Fate, recover
from databricks_mcp_toolkit.clients import Databricks, StaticToken
from databricks_mcp_toolkit.simulation import Workspace


@asynccontextmanager
async def connected(
    workspace: Workspace, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Databricks]:
    transport = transport or httpx.ASGITransport(app=workspace.app)
    credentials = StaticToken(workspace.token)
    async with Databricks.connect(workspace.host, credentials, transport=transport) as databricks:
        yield databricks


async def leave(directory: Path, workspace: Workspace, databricks: Databricks) -> str:
    """A context whose owner dies."""
    with Journal.open(directory, now=lambda: workspace.now_ms() / 1000) as journal:
        entry = journal.intend(
            Kind.CONTEXT, databricks.host, cluster_id=workspace.cluster_id, language="python"
        )
        context = await databricks.commands.create_context(workspace.cluster_id, "python")
        entry.created(context.id)
    return context.id


def nameless(directory: Path, workspace: Workspace, host: str) -> None:
    """A create whose answer never came back."""
    with Journal.open(directory, now=lambda: workspace.now_ms() / 1000) as journal:
        journal.intend(Kind.CONTEXT, host, cluster_id=workspace.cluster_id)


async def fates(directory: Path, databricks: Databricks, **keywords: float) -> list[Fate]:
    with Journal.open(directory) as journal:
        found = await recover(databricks, journal, host=databricks.host, **keywords)
    return [finding.fate for finding in found]


def rows(directory: Path) -> int:
    with Journal.open(directory) as journal:
        return len(journal.records())


async def test_the_next_start_destroys_what_a_dead_owner_left(
    workspace, directory, autojump_clock, caplog
) -> None:
    caplog.set_level(logging.INFO)
    async with connected(workspace) as databricks:
        left = [await leave(directory, workspace, databricks) for _ in range(3)]
        stranger = await databricks.commands.create_context(workspace.cluster_id, "sql")
        assert await fates(directory, databricks) == [Fate.DESTROYED] * 3
        assert workspace.live_contexts() == [stranger.id]
        assert await fates(directory, databricks) == [], "and not again"
    assert f"execution context {left[0]} on cluster {workspace.cluster_id}: destroyed" in (
        caplog.text
    )


async def test_what_is_gone_already_is_forgotten(workspace, directory, autojump_clock) -> None:
    async with connected(workspace) as databricks:
        workspace.contexts.lose(await leave(directory, workspace, databricks))
        await trio.sleep(1)
        assert await fates(directory, databricks) == [Fate.GONE]
        assert rows(directory) == 0


async def test_contexts_of_a_cluster_that_is_down_are_gone(
    workspace, directory, autojump_clock
) -> None:
    async with connected(workspace) as databricks:
        await leave(directory, workspace, databricks)
        await databricks.clusters.terminate(workspace.cluster_id)
        await trio.sleep(600)
        assert await fates(directory, databricks) == [Fate.GONE]
        assert rows(directory) == 0


async def test_what_cannot_be_destroyed_stays_for_the_next_start(
    workspace, directory, autojump_clock, caplog
) -> None:
    async with connected(workspace) as databricks:
        left = await leave(directory, workspace, databricks)

    class Gone(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route to host", request=request)

    async with connected(workspace, Gone()) as databricks:
        before = trio.current_time()
        assert await fates(directory, databricks, patience=30) == [Fate.LEFT]
        assert trio.current_time() - before <= 30
    assert "could not be destroyed" in caplog.text
    async with connected(workspace) as databricks:
        assert await fates(directory, databricks) == [Fate.DESTROYED]
    assert left not in workspace.live_contexts()


async def test_an_id_that_never_came_back_is_told_at_each_start(
    workspace, directory, autojump_clock, caplog
) -> None:
    async with connected(workspace) as databricks:
        nameless(directory, workspace, databricks.host)
        for _ in range(2):
            caplog.clear()
            assert await fates(directory, databricks) == [Fate.NAMELESS]
            assert "without an id" in caplog.text
            assert "its id never came back" in caplog.text


async def test_an_id_that_never_came_back_is_forgotten_when_its_cluster_has_started_anew(
    workspace, directory, autojump_clock
) -> None:
    async with connected(workspace) as databricks:
        nameless(directory, workspace, databricks.host)
        await trio.sleep(300)
        await databricks.clusters.terminate(workspace.cluster_id)
        await trio.sleep(60)
        await databricks.clusters.start(workspace.cluster_id)
        await trio.sleep(600)
        assert await fates(directory, databricks) == [Fate.GONE]
        assert rows(directory) == 0


async def test_a_run_in_flight_is_told(workspace, directory, autojump_clock, caplog) -> None:
    async with connected(workspace) as databricks:
        with Journal.open(directory) as journal:
            journal.intend(Kind.RUN, databricks.host, job_id=7, idempotency_token="abc")
        assert await fates(directory, databricks) == []
    assert "waiting for the answer to a job run (job_id 7, idempotency_token abc)" in caplog.text


async def test_a_live_owners_contexts_are_not_touched(workspace, directory, autojump_clock) -> None:
    async with connected(workspace) as databricks:
        with Journal.open(directory) as journal:
            entry = journal.intend(Kind.CONTEXT, databricks.host, cluster_id=workspace.cluster_id)
            context = await databricks.commands.create_context(workspace.cluster_id, "python")
            entry.created(context.id)
            assert await fates(directory, databricks, cleared=True) == []
            assert workspace.live_contexts() == [context.id]


@pytest.mark.parametrize("cleared", [False, True])
async def test_an_owner_of_whom_nothing_is_known_is_a_persons_decision(
    workspace, directory, autojump_clock, cleared
) -> None:
    async with connected(workspace) as databricks:
        await leave(directory, workspace, databricks)
        for path in (directory / "owners").iterdir():
            path.unlink()
        expected = [Fate.DESTROYED] if cleared else []
        assert await fates(directory, databricks, cleared=cleared) == expected
        assert len(workspace.live_contexts()) == (0 if cleared else 1)


async def test_two_that_start_at_once_destroy_each_context_once(
    workspace, directory, autojump_clock
) -> None:
    async with connected(workspace) as databricks:
        for _ in range(5):
            await leave(directory, workspace, databricks)
        found: list[Fate] = []

        async def start() -> None:
            found.extend(await fates(directory, databricks))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(start)
            nursery.start_soon(start)
        assert found == [Fate.DESTROYED] * 5
        assert workspace.requests.count("POST /api/1.2/contexts/destroy") == 5


async def test_many_are_destroyed_a_few_at_a_time(workspace, directory, autojump_clock) -> None:
    async with connected(workspace) as databricks:
        for _ in range(100):
            await leave(directory, workspace, databricks)
        assert await fates(directory, databricks) == [Fate.DESTROYED] * 100
        assert workspace.live_contexts() == []
