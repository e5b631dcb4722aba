"""Execution contexts: their life on a driver, and the limit of 145."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.compute.context import IDLE
from databricks_mcp_toolkit.simulation.compute.contexts import LIMIT
from databricks_mcp_toolkit.simulation.engine import Repl, ReplSpec

STARTED = Pace().context_start + 0.1
CONTEXTS = "/api/1.2/contexts"


async def create(workspace: Workspace, api: httpx.AsyncClient, language: str = "python") -> str:
    body = {"clusterId": workspace.cluster_id, "language": language}
    made = await api.post(f"{CONTEXTS}/create", json=body)
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


async def status(workspace: Workspace, api: httpx.AsyncClient, context_id: str) -> httpx.Response:
    query = {"clusterId": workspace.cluster_id, "contextId": context_id}
    return await api.get(f"{CONTEXTS}/status", params=query)


async def destroy(workspace: Workspace, api: httpx.AsyncClient, context_id: str) -> httpx.Response:
    body = {"clusterId": workspace.cluster_id, "contextId": context_id}
    return await api.post(f"{CONTEXTS}/destroy", json=body)


async def run(workspace: Workspace, api: httpx.AsyncClient, context_id: str, code: str) -> str:
    body = {
        "clusterId": workspace.cluster_id,
        "contextId": context_id,
        "language": "python",
        "command": code,
    }
    sent = await api.post("/api/1.2/commands/execute", json=body)
    assert sent.status_code == 200, sent.text
    return str(sent.json()["id"])


async def test_a_context_is_pending_and_then_runs(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    context_id = await create(workspace, api)
    assert context_id.isdigit()
    assert (await status(workspace, api, context_id)).json()["status"] == "Pending"
    await trio.sleep(STARTED)
    answered = await status(workspace, api, context_id)
    assert answered.json() == {"id": context_id, "status": "Running"}
    assert workspace.live_contexts() == [context_id]


async def test_a_destroyed_context_is_unknown_at_once(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    context_id = await create(workspace, api)
    assert (await destroy(workspace, api, context_id)).json() == {"id": context_id}
    refused = await status(workspace, api, context_id)
    assert refused.status_code == 400
    assert refused.json() == {"error": f"ContextNotFoundException: Context {context_id} not found"}
    assert workspace.live_contexts() == []
    assert (await destroy(workspace, api, context_id)).status_code == 400


@pytest.mark.parametrize("end", ["restart", "delete", "driver", "process"])
async def test_whatever_ends_the_driver_ends_its_contexts(
    workspace: Workspace,
    api: httpx.AsyncClient,
    end: str,
    autojump_clock: trio.testing.MockClock,
) -> None:
    context_id = await create(workspace, api)
    await trio.sleep(STARTED)
    if end == "driver":
        workspace.clusters.known(workspace.cluster_id).restart_driver()
    elif end == "process":
        workspace.contexts.lose(context_id)
    else:
        body = {"cluster_id": workspace.cluster_id}
        await api.post(f"/api/2.1/clusters/{end}", json=body)
    assert workspace.live_contexts() == []
    await trio.sleep(1)
    refused = await status(workspace, api, context_id)
    assert refused.status_code in {400, 500}
    assert "Exception" in refused.json()["error"] or "unexpected state" in refused.json()["error"]
    await trio.sleep(3600)
    if end != "delete":
        assert (await status(workspace, api, context_id)).status_code == 400
        await create(workspace, api)


async def test_resizing_leaves_contexts_alone(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    context_id = await create(workspace, api)
    body = {"cluster_id": workspace.cluster_id, "num_workers": 3}
    await api.post("/api/2.1/clusters/resize", json=body)
    assert (await create(workspace, api)) != context_id, "RESIZING is usable"
    await trio.sleep(3600)
    assert len(workspace.live_contexts()) == 2


async def test_a_cluster_that_is_starting_asks_for_patience(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    await api.post("/api/2.1/clusters/restart", json={"cluster_id": workspace.cluster_id})
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    refused = await api.post(f"{CONTEXTS}/create", json=body)
    assert refused.status_code == 500
    assert refused.json()["error"].startswith("ClusterNotReadyException: ")


async def test_a_terminated_cluster_does_not(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    await api.post("/api/2.1/clusters/delete", json={"cluster_id": workspace.cluster_id})
    await trio.sleep(3600)
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    refused = await api.post(f"{CONTEXTS}/create", json=body)
    assert refused.status_code == 400
    assert "ClusterNotReadyException" not in refused.text
    assert "unexpected state Terminated" in refused.text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"language": "python"}, "requirement failed: missing clusterId"),
        ({"clusterId": "x"}, "requirement failed: missing language"),
        ({"clusterId": "x", "language": "perl"}, "Unknown language: perl"),
        ({"clusterId": "x", "language": "r"}, "ClusterNotFoundException: Cluster not found: x"),
    ],
)
async def test_creations_that_cannot_be_are_refused(
    api: httpx.AsyncClient, body: dict[str, str], text: str
) -> None:
    refused = await api.post(f"{CONTEXTS}/create", json=body)
    assert refused.status_code in {400, 500}
    assert text in refused.json()["error"]


async def test_a_cluster_holds_145_contexts(workspace: Workspace, api: httpx.AsyncClient) -> None:
    for _ in range(LIMIT):
        await create(workspace, api)
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    refused = await api.post(f"{CONTEXTS}/create", json=body)
    assert "Too many execution contexts" in refused.json()["error"]
    await destroy(workspace, api, workspace.live_contexts()[0])
    await create(workspace, api)


async def test_at_the_limit_the_one_idle_for_longest_gives_way(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    workspace.contexts.limit = 3
    working, idle, fresher = [await create(workspace, api) for _ in range(3)]
    await trio.sleep(3600)
    await run(workspace, api, fresher, "1")
    await trio.sleep(IDLE)
    await run(workspace, api, working, "1")
    await trio.sleep(1)
    made = await create(workspace, api)
    assert set(workspace.live_contexts()) == {working, fresher, made}
    assert (await status(workspace, api, idle)).status_code == 400


class Stubborn(Scripted):
    """Opens no REPL for SQL, and never gets done closing one."""

    async def open_repl(self, spec: ReplSpec) -> Repl:
        if spec.language == "sql":
            raise RuntimeError("no SQL here")
        repl = await super().open_repl(spec)

        class Slow(Repl):
            execute = repl.execute  # type: ignore[assignment]

            async def close(self) -> None:
                if spec.language == "r":
                    raise RuntimeError("no way out")
                await trio.sleep_forever()

        return Slow()


@asynccontextmanager
async def stubborn() -> AsyncIterator[tuple[Workspace, httpx.AsyncClient]]:
    async with (
        Workspace(engine=Stubborn()) as workspace,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=workspace.app),
            base_url=workspace.host,
            headers={"Authorization": f"Bearer {workspace.token}"},
        ) as api,
    ):
        yield workspace, api


async def test_a_repl_that_cannot_be_opened_makes_the_context_an_error(
    autojump_clock: trio.testing.MockClock, caplog: Any
) -> None:
    async with stubborn() as (workspace, api):
        context_id = await create(workspace, api, "sql")
        await trio.sleep(STARTED)
        assert (await status(workspace, api, context_id)).json()["status"] == "Error"
        assert "no SQL here" in caplog.text
        body = {
            "clusterId": workspace.cluster_id,
            "contextId": context_id,
            "language": "sql",
            "command": "SELECT 1",
        }
        assert (await api.post("/api/1.2/commands/execute", json=body)).status_code == 500
        await destroy(workspace, api, context_id)
        assert workspace.live_contexts() == []


async def test_an_engine_that_does_not_close_is_left_behind_with_a_word_in_the_log(
    autojump_clock: trio.testing.MockClock, caplog: Any
) -> None:
    async with stubborn() as (workspace, api):
        context_id = await create(workspace, api)
        await trio.sleep(STARTED)
        await destroy(workspace, api, context_id)
        await trio.sleep(60)
        assert "did not close" in caplog.text


async def test_an_engine_that_cannot_close_harms_nobody_else(
    autojump_clock: trio.testing.MockClock, caplog: Any
) -> None:
    async with stubborn() as (workspace, api):
        broken, whole = await create(workspace, api, "r"), await create(workspace, api)
        await trio.sleep(STARTED)
        await destroy(workspace, api, broken)
        await trio.sleep(60)
        assert "no way out" in caplog.text
        assert workspace.live_contexts() == [whole]


async def test_a_context_belongs_to_its_cluster(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    context_id = await create(workspace, api)
    body = {
        "cluster_name": "other",
        "spark_version": "15.4.x-scala2.12",
        "node_type_id": "i3.xlarge",
        "num_workers": 0,
    }
    other = (await api.post("/api/2.1/clusters/create", json=body)).json()["cluster_id"]
    await trio.sleep(3600)
    query = {"clusterId": other, "contextId": context_id}
    assert (await api.get(f"{CONTEXTS}/status", params=query)).status_code == 400


async def test_reprs_are_status_lines(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: trio.testing.MockClock
) -> None:
    context_id = await create(workspace, api)
    await run(workspace, api, context_id, "1")
    (context,) = workspace.contexts
    assert repr(context) == (
        f"<Context {context_id} python on {workspace.cluster_id}, Pending, 1 waiting>"
    )
    assert repr(workspace.contexts) == "<Contexts, 1 alive>"
    assert repr(workspace.commands) == "<Commands, 1>"
    workspace.contexts.lose(context_id)
    assert "gone" in repr(context)
