"""The library's front door: one workspace, with everything that can be done on it.

    async with Toolkit.open() as toolkit:  # configured as the program is, or by keywords
        async with toolkit.context(cluster_id) as context:
            result = await context.execute("1 + 1")
        run = await toolkit.run_now(job_id)
        final = await run.wait()
        rows = await toolkit.sql("SELECT 1 AS one")
        answer = await toolkit.call_tool("list_clusters")

It is a session (`actors.session`) and what a library's user wants on top.  It runs under trio.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import trio

from .actors import OPENS_WITHIN, Context, Limits, Run, Session, Statement, open_session
from .actors.journal import Journal
from .actors.query import Query
from .clients import Databricks, StaticToken, Timeouts
from .config import GRACE, Settings
from .embedded import embedded_workspace
from .errors import MisusedToolkit
from .termination import closed_by_sigterm

if TYPE_CHECKING:
    from .simulation import Workspace


class Toolkit:
    """One workspace.  Made by `open` or `local`, and good until their block is left.

    Leaving the block, by its end, an error, a cancel, Ctrl-C or SIGTERM, destroys every execution
    context that was opened through it before it returns: all at once, within a grace time.  Runs
    and statements go on.

    Attributes:
      session: the owner of all that lives, for what is not here.
      databricks: the workspace's REST APIs, typed.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.databricks = session.databricks

    def __repr__(self) -> str:
        return f"<Toolkit on {self.databricks.host}, {self.session.statistics()}>"

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings | None = None, *, limits: Limits | None = None, **keywords: Any
    ) -> AsyncGenerator[Toolkit, None]:
        """A toolkit on a real workspace.  Nothing is sent until it is used.

        Args:
          settings: ready ones; without them, they are looked up as the program does.
          limits: how many contexts, and for how long without use.
          keywords: what to prefer over the environment, `.env` and profiles: `host`, `token`,
            `profile`, `warehouse_id`, `cluster_id`, `timeout`, `grace`, `state_dir`, or any login
            attribute of databricks-sdk.

        Raises:
          NotConfigured: there is no workspace, or no login for it; the message says what to set.
          MisusedToolkit: this is not trio.
        """
        _check_trio()
        settings = settings or Settings.load(**keywords)
        async with AsyncExitStack() as stack:
            databricks = await stack.enter_async_context(
                Databricks.connect(
                    settings.host or None,
                    settings.credentials(),
                    timeouts=Timeouts(attempt=settings.timeout),
                )
            )
            journal = stack.enter_context(Journal.open(settings.state_dir))
            await stack.enter_async_context(closed_by_sigterm())
            session = open_session(
                databricks,
                grace=settings.grace,
                journal=journal,
                limits=limits,
                cluster_id=settings.cluster_id or None,
                warehouse_id=settings.warehouse_id or None,
            )
            yield cls(await stack.enter_async_context(session))

    @classmethod
    @asynccontextmanager
    async def local(
        cls,
        workspace: Workspace | None = None,
        *,
        grace: float = GRACE,
        limits: Limits | None = None,
    ) -> AsyncGenerator[Toolkit, None]:
        """A toolkit on a workspace in this process: no account, no network.

        Args:
          workspace: one that runs; without it, an embedded one, which really runs Python and SQL,
            lives as long as the block.
          grace: seconds for the end.
          limits: how many contexts, and for how long without use.

        Raises:
          MisusedToolkit: the extra that the embedded workspace needs is not installed, or this is
            not trio.
        """
        _check_trio()
        from .clients.in_process import InProcess  # noqa: PLC0415 (httpx, for those who connect)

        async with AsyncExitStack() as stack:
            if workspace is None:
                workspace = await stack.enter_async_context(embedded_workspace())
            databricks = await stack.enter_async_context(
                Databricks.connect(
                    workspace.host,
                    StaticToken(workspace.token),
                    transport=InProcess(workspace.app),
                )
            )
            await stack.enter_async_context(closed_by_sigterm())
            session = open_session(
                databricks,
                grace=grace,
                limits=limits,
                cluster_id=workspace.cluster_id,
                warehouse_id=workspace.warehouse_id,
            )
            yield cls(await stack.enter_async_context(session))

    @asynccontextmanager
    async def context(
        self,
        cluster_id: str | None = None,
        language: str = "python",
        *,
        timeout: float = OPENS_WITHIN,
    ) -> AsyncGenerator[Context, None]:
        """An execution context for the time of the block; it is destroyed when the block is left.

        Args:
          cluster_id: a cluster that runs or is coming up; the configured one if not given.
          language: `python`, `scala`, `sql` or `r`.
          timeout: seconds to wait at most for the cluster and the context together.

        Raises:
          TooManyContexts: there are as many as the toolkit takes.
          MisusedToolkit: the cluster does not run, or not yet.
          NotFound: there is no such cluster.
          DatabricksError: it was not there in time, or cannot be had.
        """
        context = await self.session.open_context(cluster_id, language, timeout=timeout)
        try:
            yield context
        finally:
            with trio.CancelScope(shield=True):  # `close` keeps to the session's grace
                await context.close()

    def run(self, run_id: int) -> Run:
        """The job run of this id, to wait for, cancel, or read the output of.  Sends nothing."""
        return self.session.run(run_id)

    async def run_now(
        self, job_id: int, *, idempotency_token: str | None = None, **parameters: Any
    ) -> Run:
        """Start a run of a job, once, whatever the network does; it goes on when nobody waits.

            run = await toolkit.run_now(620, job_parameters={"date": "2026-01-31"})
            await run.success()

        A cancel may come after it was started: start it again with the same token, and you have
        the same run.  https://docs.databricks.com/api/workspace/jobs/runnow

        Args:
          job_id: the job.
          idempotency_token: at most 64 characters; the same token never starts a second run.  Made
            up unless given.
          parameters: of `jobs/run-now`: `job_parameters`, `notebook_params`, `only`, `queue`, …

        Raises:
          NotFound: there is no such job.
          DatabricksRefused: Databricks does not take it.
          OutcomeUnknown: every answer was lost, and it may have been started; the advice has the
            token.
        """
        return await self.session.run_now(job_id, idempotency_token=idempotency_token, **parameters)

    async def submit_run(self, *, idempotency_token: str | None = None, **body: Any) -> Run:
        """Start a one-time run, once, whatever the network does; it goes on when nobody waits.

            task = {"task_key": "main", "notebook_task": {"notebook_path": "/nightly"}}
            run = await toolkit.submit_run(run_name="nightly", tasks=[task])

        A cancel may come after it was started: see `run_now`.
        https://docs.databricks.com/api/workspace/jobs/submit

        Args:
          idempotency_token: as for `run_now`.
          body: of `jobs/runs/submit`: `tasks`, `run_name`, `timeout_seconds`, …

        Raises:
          DatabricksRefused: Databricks does not take it.
          OutcomeUnknown: every answer was lost, and it may have been started.
        """
        return await self.session.submit_run(idempotency_token=idempotency_token, **body)

    def sql(
        self,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
        *,
        timeout: float | None = None,
        **options: Any,
    ) -> Query:
        """A SQL statement: `await` it for all rows, or iterate over it chunk by chunk.

        Rows are lists, every value typed by its column: `int`, `Decimal`, `date`, …  It is sent
        when it is first awaited or iterated over, once, and cancelled with its caller.

        Args:
          sql: one statement, with `:name` markers.
          parameters: Python values by the names of their markers.
          timeout: seconds to wait at most until it has succeeded; None for as long as it takes.
          options: those of `Session.execute_statement`: `warehouse_id`, `catalog`, `schema`,
            `row_limit`, `disposition`, …
        """
        return Query(
            partial(
                self.session.execute_statement,
                sql,
                parameters=parameters,
                cancel_with_caller=True,
                **options,
            ),
            timeout=timeout,
        )

    def statement(self, statement_id: str) -> Statement:
        """The SQL statement of this id, to wait for, cancel, or read.  Sends nothing."""
        return self.session.statement(statement_id)

    async def call_tool(
        self, name: str, arguments: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call an MCP tool by its name, as a host would; returns its structured content.

        Args:
          name: such as `list_clusters`.
          arguments: the tool's arguments, or `{"params": {...}}` around them.

        Raises:
          InvalidArguments: there is no such tool, or some arguments do not fit.
          ToolkitError: what a host would be told as `isError`.
        """
        from .protocol import call_tool  # noqa: PLC0415 - the library's users may never need it

        return await call_tool(self.session, name, arguments)


def _check_trio() -> None:
    if not trio.lowlevel.in_trio_run():
        raise MisusedToolkit(
            "The toolkit runs under trio, and there is no trio here: begin with trio.run().",
            advice="An asyncio program may start the MCP server instead, as any host does.",
        )
