from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio
from databricks_mcp_toolkit.actors import Session, open_session
from databricks_mcp_toolkit.actors.journal import Journal, Kind
from databricks_mcp_toolkit.clients import Databricks, StaticToken


class Guarded(httpx.AsyncBaseTransport):
    """A network that, while `shut`, lets no context be destroyed."""

    def __init__(self, workspace) -> None:
        self.shut = False
        self.refused = 0
        self._inner = httpx.ASGITransport(app=workspace.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.shut and request.url.path.endswith("contexts/destroy"):
            self.refused += 1
            return httpx.Response(403, json={"error": "Forbidden"}, request=request)
        return await self._inner.handle_async_request(request)


@pytest.fixture
def network(workspace) -> Guarded:
    return Guarded(workspace)


@asynccontextmanager
async def opened(workspace, network: Guarded, directory: Path | None) -> AsyncIterator[Session]:
    credentials = StaticToken(workspace.token)
    with Journal.open(directory) as journal:
        async with (
            Databricks.connect(workspace.host, credentials, transport=network) as databricks,
            open_session(databricks, journal=journal, cluster_id=workspace.cluster_id) as session,
        ):
            yield session


@pytest.mark.parametrize("kept", [True, False])
async def test_a_context_that_could_not_be_destroyed_is_tried_again(
    workspace, network, tmp_path, autojump_clock, kept
) -> None:
    async with opened(workspace, network, tmp_path if kept else None) as session:
        context = await session.open_context()
        network.shut = True
        await context.close()
        assert workspace.live_contexts() == [context.id]
        network.shut = False
        await trio.sleep(60)
        assert workspace.live_contexts() == []


async def test_it_is_tried_a_last_time_when_the_session_ends(
    workspace, network, tmp_path, autojump_clock
) -> None:
    async with opened(workspace, network, tmp_path) as session:
        context = await session.open_context()
        network.shut = True
        await context.close()
        network.shut = False
    assert workspace.live_contexts() == []


async def test_tries_grow_rare(workspace, network, tmp_path, autojump_clock) -> None:
    async with opened(workspace, network, tmp_path) as session:
        context = await session.open_context()
        network.shut = True
        await context.close()
        await trio.sleep(24 * 3600)
        assert 90 < network.refused < 110
    with Journal.open(tmp_path) as journal:
        assert [entry.record.remote_id for entry in journal.orphans(workspace.host)] == [context.id]


async def test_orphans_are_tried_again_too(workspace, network, tmp_path, autojump_clock) -> None:
    async with opened(workspace, network, None) as session:
        context = await session.open_context()
        with Journal.open(tmp_path) as journal:
            entry = journal.intend(Kind.CONTEXT, workspace.host, cluster_id=workspace.cluster_id)
            entry.created(context.id)
        network.shut = True
        async with opened(workspace, network, tmp_path):
            await trio.sleep(1)
            assert workspace.live_contexts() == [context.id]
            network.shut = False
            await trio.sleep(60)
            assert workspace.live_contexts() == []
