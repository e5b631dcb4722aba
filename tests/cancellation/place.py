"""Where the calls are made: a slow simulated workspace, and work that says what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors import Context, Run, Session, Statement
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.compute.clusters import SAMPLE_CLUSTER_ID
from databricks_mcp_toolkit.simulation.faults.kinds import Exchange, Fault
from trio.testing import MockClock

COMING = (
    40.0  # seconds: a context is Pending, a run is PENDING, a command Queued, a warehouse starts
)
TAKES = 600.0  # seconds of work
NOTEBOOK = "/Shared/work"


@attrs.define
class Work:
    """The work of a command, statement or notebook task, as it is really done."""

    begun: int = 0
    finished: int = 0
    stopped: int = 0

    async def do(self, _: Any) -> Any:
        self.begun += 1
        try:
            await trio.sleep(TAKES)
        except trio.Cancelled:
            self.stopped += 1
            raise
        self.finished += 1
        return "done"

    async def rows(self, spec: Any) -> Any:
        await self.do(spec)
        return [["done"]]


@attrs.define(eq=False)
class Held(Fault):
    """Holds a request at the workspace until `release`; then it is worked on and answered."""

    arrived: trio.Event = attrs.field(factory=trio.Event)
    release: trio.Event = attrs.field(factory=trio.Event)
    hung_up_at: float | None = None

    async def meet(self, exchange: Exchange) -> None:
        self.arrived.set()
        try:
            await self.release.wait()
        except trio.Cancelled:
            self.hung_up_at = trio.current_time()
            raise
        await exchange.send(await exchange.work())


@attrs.define(eq=False)
class Place:
    """A workspace, a toolkit on it, and what a call may need to be there."""

    workspace: Workspace
    toolkit: Toolkit
    submission: dict[str, Any]
    job_id: int = 7
    run_id: int = 7
    context_id: str = "7"
    command_id: str = "7"
    statement_id: str = "7"

    @property
    def session(self) -> Session:
        return self.toolkit.session

    @property
    def cluster_id(self) -> str:
        return SAMPLE_CLUSTER_ID

    @property
    def context(self) -> Context:
        return self.session.context(self.cluster_id, self.context_id, "python")

    @property
    def run(self) -> Run:
        return self.toolkit.run(self.run_id)

    @property
    def statement(self) -> Statement:
        return self.toolkit.statement(self.statement_id)

    async def forever(self) -> None:
        await trio.sleep_forever()

    async def prepare(self, what: str) -> None:
        """Have there what a call needs: `job`, `run`, `context`, `queue`, `command` or `statement`.

        A `queue` is a context with a command before which others are Queued for `COMING` seconds.
        """
        match what:
            case "job":
                job = {"name": "a job", "tasks": self.submission["tasks"]}
                self.job_id = self.workspace.jobs.add(job).job_id
            case "run":
                self.run_id = (await self.toolkit.submit_run(**self.submission)).run_id
            case "context":
                self.context_id = (await self.session.open_context()).id
            case "queue":
                await self.prepare("context")
                await self.context.submit("first")
            case "command":
                await self.prepare("queue")
                self.command_id = await self.context.submit("work")
            case "statement":
                sent = await self.session.execute_statement("SELECT 1", wait_timeout=0)
                self.statement_id = sent.statement_id


@asynccontextmanager
async def place(workspace: Workspace) -> AsyncIterator[Place]:
    """A place on a workspace that `slow_workspace` has made."""
    task = {
        "task_key": "main",
        "existing_cluster_id": workspace.cluster_id,
        "notebook_task": {"notebook_path": NOTEBOOK},
    }
    async with Toolkit.local(workspace) as toolkit:
        yield Place(workspace, toolkit, {"tasks": [task]})  # type: ignore[attr-defined]


@asynccontextmanager
async def slow_workspace() -> AsyncIterator[Workspace]:
    """A workspace where everything is long on its way up, and all work takes ten minutes."""
    engine = Scripted()
    engine.work = work = Work()  # type: ignore[attr-defined]
    engine.command("first", takes=COMING).command("work", does=work.do)
    engine.statement("SELECT", does=work.rows).notebook(NOTEBOOK, does=work.do)
    pace = attrs.evolve(
        Pace.instant(), context_start=COMING, warehouse_start=COMING, task_setup=COMING
    )
    async with Workspace(engine=engine, pace=pace) as workspace:
        workspace.warehouses.known(workspace.warehouse_id).stop()
        await trio.sleep(1)
        yield workspace


def in_virtual_time(main: Any, *, clock: Any = None, instruments: Any = ()) -> Any:
    """As `trio.run`, on a clock that jumps whenever there is nothing to do."""
    return trio.run(main, clock=clock or MockClock(autojump_threshold=0), instruments=instruments)
