"""Many calls in a row leave memory where it was: the whole server, from the wire to the workspace.

Counted are the live objects of everything but the simulation, which remembers what it was asked,
and trio, on which it runs, too; and the bytes that our own lines and the SDK's hold, trio's objects
included.  `benchmarks/memory.py` does ten thousand calls on a real process.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import databricks_mcp_toolkit
import mcp
import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.actors import Session, open_session
from databricks_mcp_toolkit.actors.journal import Journal
from databricks_mcp_toolkit.clients import Databricks, StaticToken
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from httpx import ASGITransport, AsyncBaseTransport, AsyncClient, Request, Response

from .host import HANDSHAKE, PER_REQUEST, Host, hosting
from .people import notebook_task

WARM_UP = 30  # rounds until caches are full
ROUNDS = 45  # of some twenty calls each: a thousand
KEPT = 8  # contexts that have ended and are remembered, instead of many
TRACED = 8  # rounds of which each allocation is noted, which takes four times as long
LEAST = 40  # bytes a call; an object has more, and the interpreter's own caches take half of it
OURS = ("databricks_mcp_toolkit", "mcp", "anyio", "httpx", "cattrs", "pydantic", "outcome")
ROOT = Path(databricks_mcp_toolkit.__file__).parent
FILES = [
    *(tracemalloc.Filter(True, str(ROOT / room / "*")) for room in ("actors", "clients")),
    tracemalloc.Filter(True, str(ROOT / "protocol" / "*")),
    tracemalloc.Filter(True, str(Path(mcp.__file__).parent / "*")),
]


async def do_a_round(host: Host, cluster_id: str, warehouse_id: str, job_id: int) -> int:
    """Some of everything, with what goes badly; answers how many calls it was."""
    before = host.sent

    async def use(tool: str, **arguments: object) -> dict:
        return (await host.call(tool, arguments, watched=True)).structured

    await use("list_clusters")
    await use("get_cluster", cluster_id=cluster_id)
    await use("get_cluster", cluster_id="no-such-cluster")
    await use("get_cluster", cluster_id=7, what="?")
    context = await use("create_execution_context", cluster_id=cluster_id)
    here = {"cluster_id": cluster_id, "context_id": context["id"]}
    for code in ("1 + 1", "slow", "raise"):
        command = await use("execute_command", command=code, **here)
        await use("get_command_status", command_id=command["id"], **here)
    await use("destroy_execution_context", **here)
    await use("get_command_status", command_id=command["id"], **here)
    await use("execute_command_simple", command="slow", cluster_id=cluster_id)
    await use(
        "execute_command_simple", command="endless", cluster_id=cluster_id, max_wait_seconds=1
    )
    sql = {"warehouse_id": warehouse_id}
    await use("execute_sql", statement="SELECT 1", disposition="EXTERNAL_LINKS", **sql)
    statement = await use("execute_sql", statement="slow", max_wait_seconds=1, **sql)
    await use("execute_sql", statement_id=statement["statement_id"])
    await use("execute_sql", statement="fails", **sql)
    task = notebook_task(cluster_id, {})
    run = await use("submit_single_run", run_config={"run_name": "one", "tasks": [task]})
    await use("wait_for_run_completion", run_id=run["run_id"], max_wait_seconds=1)
    await use("wait_for_run_completion", run_id=run["run_id"])
    await use("get_run_output", run_id=run["run_id"])
    await use("run_job", job_id=job_id)
    with trio.move_on_after(0.5):
        await use("wait_for_run_completion", run_id=run["run_id"] + 1, max_wait_seconds=30)
    await use("list_jobs")
    await use("list_notebooks")
    return host.sent - before


class Apart(AsyncBaseTransport):
    """Requests are served by tasks that have nothing of their sender's, its context included."""

    def __init__(self, workspace: Workspace) -> None:
        self._inner = ASGITransport(app=workspace.app)
        self._send, receive = trio.open_memory_channel[tuple[Request, list[Response], trio.Event]](
            0
        )
        workspace.world.nursery.start_soon(self._serve, workspace.world.nursery, receive)

    async def handle_async_request(self, request: Request) -> Response:
        answers: list[Response] = []
        done = trio.Event()
        await self._send.send((request, answers, done))
        await done.wait()
        return answers[0]

    async def _serve(self, nursery: trio.Nursery, receive: trio.MemoryReceiveChannel) -> None:
        async for request, answers, done in receive:
            nursery.start_soon(self._answer, request, answers, done)

    async def _answer(self, request: Request, answers: list[Response], done: trio.Event) -> None:
        answers.append(await self._inner.handle_async_request(request))
        done.set()


@asynccontextmanager
async def served(workspace: Workspace, version: str) -> AsyncIterator[Host]:
    @asynccontextmanager
    async def session() -> AsyncIterator[Session]:
        async with (
            Databricks.connect(
                workspace.host,
                StaticToken(workspace.token),
                transport=Apart(workspace),
            ) as databricks,
            open_session(databricks, journal=Journal.open(None)) as opened,
        ):
            yield opened

    async with hosting(session, version=version) as host:
        yield host


async def a_job(workspace: Workspace) -> int:
    headers = {"Authorization": f"Bearer {workspace.token}"}
    transport = ASGITransport(app=workspace.app)
    async with AsyncClient(transport=transport, base_url=workspace.host, headers=headers) as client:
        body = {"name": "the job", "tasks": [notebook_task(workspace.cluster_id, {})]}
        return int((await client.post("/api/2.2/jobs/create", json=body)).json()["job_id"])


def objects() -> Counter[str]:
    """The live objects of what is looked at, by kind."""
    gc.collect()
    kinds: Counter[str] = Counter()
    for each in gc.get_objects():
        kind = type(each)
        module = kind.__module__  # not always a text: some classes describe it to their objects
        if isinstance(module, str) and module.startswith(OURS) and ".simulation" not in module:
            kinds[f"{module}.{kind.__qualname__}"] += 1
    return kinds


@pytest.mark.parametrize("version", [HANDSHAKE, PER_REQUEST])
def test_a_thousand_calls_more_leave_no_object_behind(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("databricks_mcp_toolkit.actors.session.ENDED_KEPT", KEPT)
    counted: list[Counter[str]] = []
    held: list[int] = []
    calls = traced = 0

    async def live() -> None:
        nonlocal traced
        engine = Scripted().command("slow", takes=3).command("endless", takes=1e6)
        engine.command("raise", error="ValueError: no")
        engine.statement("SELECT", columns={"n": "INT"}, rows=[(n,) for n in range(20)])
        engine.statement("slow", takes=30).statement("fails", error="no")
        async with (
            Workspace(engine=engine, pace=Pace.instant()) as workspace,
            served(workspace, version) as host,
        ):
            means = workspace.cluster_id, workspace.warehouse_id, await a_job(workspace)

            async def do(rounds: int) -> None:
                nonlocal calls
                for _ in range(rounds):
                    calls += await do_a_round(host, *means)
                    host.heard.clear()
                await trio.sleep(120)  # what lingers is gone by then

            for rounds in (WARM_UP, ROUNDS):
                await do(rounds)
                counted.append(objects())
            traced = calls
            tracemalloc.start()
            for _ in range(2):
                await do(TRACED)
                gc.collect()  # what lies in cycles is no leak
                snapshot = tracemalloc.take_snapshot().filter_traces(FILES)
                held.append(sum(trace.size for trace in snapshot.traces))
            traced = (calls - traced) // 2

    try:
        trio.run(live, clock=trio.testing.MockClock(autojump_threshold=0))
    finally:
        tracemalloc.stop()
    more = counted[1] - counted[0]
    assert calls > 1500
    assert more.total() <= 5, more
    assert held[1] - held[0] < LEAST * traced, held
