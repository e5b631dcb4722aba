"""The simulated workspace: its services, each made with the others that it needs, on one ground.

    async with Workspace(engine=Scripted(), seed=7) as workspace:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=workspace.app), base_url=workspace.host
        ) as client: ...

Everything that lasts runs as a task in `workspace.nursery` and sleeps on trio's clock (`world`).
Nothing here knows the toolkit's own floors: the workspace is reached over HTTP, or by an ASGI
transport, like the real one.  The rooms below, and who stands on whom, are in
`docs/architecture.md`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import trio

from .access.auth import Auth
from .access.people import People
from .access.permissions import Permissions
from .access.secrets import Secrets
from .access.tokens import Tokens
from .access.workspace_conf import WorkspaceConf
from .compute.clusters import SAMPLE_CLUSTER_ID, Clusters
from .compute.commands import Commands
from .compute.contexts import Contexts
from .compute.surroundings import Surroundings
from .compute.warehouses import SAMPLE_WAREHOUSE_ID, Warehouses
from .engine import Engine, TaskSource
from .faults.rules import Faults
from .files.code import Code
from .files.dbfs import Dbfs
from .files.notebooks import Notebooks
from .files.volume_links import VolumeLinks
from .files.volumes import Volumes
from .jobs.jobs import Jobs
from .jobs.runs import Runs
from .scripted import Scripted
from .sql.catalog import Catalog
from .sql.statements import Statements
from .web.app import App
from .web.requestlog import RequestLog
from .wire import Route
from .world import Pace, World


class Service(Protocol):
    """A part of the workspace: some endpoints, and the state behind them."""

    def routes(self) -> list[Route]:
        """Its endpoints."""


class Workspace:
    """A Databricks workspace that lives in this process.

    Use as an async context manager, under trio.  Leaving it ends everything that runs in it.

    Args:
      engine: does the work; by default `Scripted()`, where all goes well, at once.
      token: the personal access token that it accepts; made up if not given.
      pace: how long clusters, warehouses and contexts take to come and go.
      seed: of ids and of every chance in it.
      user_name: who the token belongs to.
      client_id: the service principal that may log in by OAuth client credentials.
      client_secret: its secret; made up if not given.
      control: whether the fault control endpoint answers (see `faults`).
      samples: whether it starts with one running cluster and one running warehouse.
      starts_at: the workspace's time at its start, in epoch ms; now by default.
      data_dir: a folder to keep all in over restarts; see `state`.

    Raises (at entry):
      FolderTrouble: `data_dir` is in use by another process, or holds what cannot be read.

    Attributes:
      app: the ASGI application, for `httpx.ASGITransport` or an ASGI server.
      world: the ground it stands on: its clock, its dice, its nursery, its pace.
      requests: the log of requests seen.
      cluster_id: the sample cluster.  warehouse_id: the sample warehouse.
    """

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        token: str | None = None,
        pace: Pace | None = None,
        seed: int = 0,
        user_name: str = "someone@example.com",
        client_id: str = "simulated-client",
        client_secret: str | None = None,
        control: bool = False,
        samples: bool = True,
        starts_at: int | None = None,
        data_dir: Path | None = None,
    ) -> None:
        self.engine = engine if engine is not None else Scripted()
        # Not from the seed: what a served workspace runs, it runs as the user who started it.
        self.token = token or f"dapi{secrets.token_hex(16)}"
        self.client_id = client_id
        self.client_secret = client_secret or secrets.token_hex(16)
        self.world = world = World(
            pace=pace, seed=seed, user_name=user_name, starts_at=starts_at, folder=data_dir
        )
        self.cluster_id = SAMPLE_CLUSTER_ID
        self.warehouse_id = SAMPLE_WAREHOUSE_ID
        self._samples = samples
        self._data_dir = data_dir
        self._stack = AsyncExitStack()
        self.clusters = Clusters(world)
        self.surroundings = Surroundings(self.clusters)
        self.warehouses = Warehouses(world)
        self.contexts = Contexts(world, self.engine, self.clusters)
        self.commands = Commands(world, self.contexts)
        self.statements = Statements(world, self.engine, self.warehouses)
        self.notebooks = Notebooks(world, self._folder("workspace"))
        self.dbfs = Dbfs(world, self._folder("dbfs"))
        self.volumes = Volumes(world, self._folder("volumes"))
        self.volume_links = VolumeLinks(world, self.volumes)
        self.catalog = Catalog(world, self.engine, self.volumes)
        self.jobs = Jobs(world)
        self._code = Code(self.notebooks, self.dbfs, self.volumes)
        self.runs = Runs(
            world,
            self.engine,
            clusters=self.clusters,
            warehouses=self.warehouses,
            code=self._code,
            jobs=self.jobs,
        )
        self.permissions = Permissions(
            world, self.clusters, self.warehouses, self.jobs, self.notebooks
        )
        self.people = People(world, client_id)
        self.secrets = Secrets()
        self.auth = Auth(world, self.token, self.client_id, self.client_secret)
        self.tokens = Tokens(world, self.auth)
        self.workspace_conf = WorkspaceConf(world)
        self.faults = Faults(world, self.clusters, self.contexts, control=control)
        self.requests = RequestLog()
        routes = [route for service in self.services for route in service.routes()]
        self.app = App(world, self.requests, self.auth, self.faults, routes)

    def _folder(self, name: str) -> Path | None:
        """Where a service keeps what it has: in the engine's folder, in `data_dir`, or nowhere."""
        folder: Path | None = getattr(self.engine, f"{name}_folder", None)
        if folder is None and self._data_dir is not None:
            folder = self._data_dir / name
        return folder

    @property
    def services(self) -> tuple[Service, ...]:
        """All services, whose endpoints make up the API."""
        return (
            self.auth,
            self.tokens,
            self.workspace_conf,
            self.faults,
            self.clusters,
            self.surroundings,
            self.contexts,
            self.commands,
            self.warehouses,
            self.statements,
            self.notebooks,
            self.dbfs,
            self.volumes,
            self.volume_links,
            self.catalog,
            self.permissions,
            self.secrets,
            self.people,
            self.jobs,
            self.runs,
        )

    def __repr__(self) -> str:
        return f"<Workspace {self.host}, {self.clusters!r}, {self.contexts!r}, {self.runs!r}>"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.world.begin()
            stack.callback(self.world.state.close)
            # What runs on the engine must have ended before the engine does, so it starts first.
            await stack.enter_async_context(self.engine.running(self))
            await stack.enter_async_context(self.world.life())
            self._fill()
            self._stack = stack.pop_all()
        return self

    def _fill(self) -> None:
        """Puts there what was kept, and what every workspace has."""
        for service in (self.dbfs, self.notebooks):
            service.begin()
        for keeper in (
            self.clusters,
            self.warehouses,
            self.statements,
            self.catalog,
            self.jobs,
            self.permissions,
            self.workspace_conf,
            self.runs,  # last, since those under way go on
        ):
            keeper.restore()
        if self._samples and self.is_new:
            for sampled in (self.clusters, self.warehouses, self.notebooks):
                sampled.add_sample()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The body's own error goes on by itself, and not as part of the nursery's group.
        await self._stack.aclose()

    @property
    def host(self) -> str:
        """Where clients find it; `serve` sets it."""
        return self.world.host

    @property
    def workspace_id(self) -> str:
        """Its number, as in `?o=` of its pages."""
        return self.world.workspace_id

    @property
    def user_name(self) -> str:
        """Who the token belongs to."""
        return self.world.user_name

    @property
    def nursery(self) -> trio.Nursery:
        """Where lasting work runs."""
        return self.world.nursery

    @property
    def is_new(self) -> bool:
        """Whether it began with nothing that an earlier one had kept."""
        return self.world.state.is_fresh

    def now(self) -> float:
        """Seconds since the workspace started, on trio's clock."""
        return self.world.now()

    def now_ms(self) -> int:
        """The workspace's time, in epoch ms: the wall clock's at the start, then trio's."""
        return self.world.now_ms()

    def source(self, path: str) -> TaskSource | None:
        """The code at `path`: `dbfs:/...`, `/Volumes/...` or a workspace path; None for nothing."""
        return self._code.read(path)

    def live_contexts(self) -> list[str]:
        """The ids of the execution contexts that exist now: what a test counts at the end."""
        return list(self.contexts.live_ids())

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str]:
        """Serves the workspace over HTTP on the loopback interface, while the block runs.

        Args:
          port: 0 lets the system choose.

        Yields:
          The host URL, `http://127.0.0.1:PORT`.
        """
        from .web.server import serving  # noqa: PLC0415 (hypercorn is only needed here)

        async with serving(self.app, self.world, port) as host:
            yield host
