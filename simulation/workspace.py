"""The simulated workspace: one nursery, one clock, one dice cup, and the services that share them.

    async with Workspace(engine=Scripted(), seed=7) as workspace:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=workspace.app), base_url=workspace.host
        ) as client: ...

Everything that lasts runs as a task in `workspace.nursery` and sleeps on trio's clock, so that
under a `MockClock` a day takes milliseconds.  Nothing here knows the toolkit's own floors: the
workspace is reached over HTTP, or by an ASGI transport, like the real one.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import trio
from attrs import asdict, frozen

from .access.auth import Auth
from .access.people import People
from .access.permissions import Permissions
from .access.secrets import Secrets
from .compute.clusters import Clusters
from .compute.contexts import Contexts
from .compute.warehouses import Warehouses
from .engine import Engine
from .faults.rules import Faults
from .files.dbfs import Dbfs
from .files.notebooks import Notebooks
from .files.volumes import Volumes
from .jobs.jobs import Jobs
from .jobs.runs import Runs
from .scripted import Scripted
from .sql.catalog import Catalog
from .sql.statements import Statements
from .web.app import App
from .web.requestlog import RequestLog
from .wire import Route

SAMPLE_CLUSTER_ID = "0712-131415-sample01"
SAMPLE_WAREHOUSE_ID = "5a3f1e0c9d7b2468"
WORKSPACE_ID = "900800700600"
ACCOUNT_ID = "3f6c2b1a-0d4e-4c5b-9a87-16253443526f"


class Service(Protocol):
    """A part of the workspace: some endpoints, and the state behind them."""

    def routes(self) -> list[Route]:
        """Its endpoints."""


@frozen
class Pace:
    """How long things take, in seconds of trio's clock; by default as in a real workspace."""

    cluster_start: float = 180.0
    cluster_restart: float = 90.0
    cluster_resize: float = 60.0
    cluster_terminate: float = 20.0
    context_start: float = 1.5
    warehouse_start: float = 6.0
    warehouse_stop: float = 2.0
    task_setup: float = 1.0
    task_cleanup: float = 1.0
    run_cancel: float = 1.0
    serverless_start: float = 3.0

    def scaled(self, factor: float) -> Pace:
        """The same with every time multiplied by `factor`."""
        return Pace(**{name: seconds * factor for name, seconds in asdict(self).items()})

    @classmethod
    def quick(cls) -> Pace:
        """For people who wait: a cluster starts in three seconds."""
        return cls().scaled(1 / 60)

    @classmethod
    def instant(cls) -> Pace:
        """Every change happens as soon as its caller has been answered."""
        return cls().scaled(0)


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
      data_dir: a folder in which services and engine may keep state over restarts.

    Attributes:
      app: the ASGI application, for `httpx.ASGITransport` or an ASGI server.
      host: where clients find it; `serve` sets it.
      nursery: where lasting work runs.
      requests: the log of requests seen.
      cluster_id: the sample cluster.  warehouse_id: the sample warehouse.
    """

    nursery: trio.Nursery

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
        self.pace = pace if pace is not None else Pace()
        self.seed = seed
        self.user_name = user_name
        self.client_id = client_id
        self.client_secret = client_secret or secrets.token_hex(16)
        self.control = control
        self.samples = samples
        self.data_dir = data_dir
        self.host = "http://simulated.databricks.test"
        self.workspace_id = WORKSPACE_ID
        self.account_id = ACCOUNT_ID
        self.cluster_id = SAMPLE_CLUSTER_ID
        self.warehouse_id = SAMPLE_WAREHOUSE_ID
        self.random = random.Random(seed)
        self.requests = RequestLog()
        self._starts_at = starts_at
        self._started = 0.0
        self._last_ids: dict[str, int] = {}
        self._stack = AsyncExitStack()
        self.auth = Auth(self)
        self.faults = Faults(self)
        self.clusters = Clusters(self)
        self.contexts = Contexts(self)
        self.warehouses = Warehouses(self)
        self.statements = Statements(self)
        self.notebooks = Notebooks(self)
        self.dbfs = Dbfs(self)
        self.volumes = Volumes(self)
        self.catalog = Catalog(self)
        self.permissions = Permissions(self)
        self.secrets = Secrets(self)
        self.people = People(self)
        self.jobs = Jobs(self)
        self.runs = Runs(self)
        self.app = App(self, [route for service in self.services for route in service.routes()])

    @property
    def services(self) -> tuple[Service, ...]:
        """All services, whose endpoints make up the API."""
        return (
            self.auth,
            self.faults,
            self.clusters,
            self.contexts,
            self.warehouses,
            self.statements,
            self.notebooks,
            self.dbfs,
            self.volumes,
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
        self._started = trio.current_time()
        if self._starts_at is None:
            self._starts_at = int(time.time() * 1000)
        # What runs on the engine must have ended before the engine does, so it starts first.
        await self._stack.enter_async_context(self.engine.running(self))
        await self._stack.enter_async_context(self._life())
        for service in (self.clusters, self.warehouses, self.dbfs, self.notebooks, self.jobs):
            service.begin()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The body's own error goes on by itself, and not as part of the nursery's group.
        await self._stack.aclose()

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[None]:
        async with trio.open_nursery() as self.nursery:
            yield
            self.nursery.cancel_scope.cancel()

    def now(self) -> float:
        """Seconds since the workspace started, on trio's clock."""
        return trio.current_time() - self._started

    def now_ms(self) -> int:
        """The workspace's time, in epoch ms: the wall clock's at the start, then trio's."""
        return (self._starts_at or 0) + int(self.now() * 1000)

    def new_number(self, kind: str) -> int:
        """A new id of `kind`: unique, rising, 15 digits as jobs and runs have."""
        last = self._last_ids.get(kind) or self.random.randrange(10**14, 9 * 10**14)
        self._last_ids[kind] = last + self.random.randrange(1, 10**6)
        return self._last_ids[kind]

    def new_hex(self, digits: int = 32) -> str:
        """A new random id in hexadecimal."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def new_uuid(self) -> str:
        """A new random id in the shape of a UUID."""
        text = self.new_hex(32)
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

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

        async with serving(self, port) as host:
            yield host
