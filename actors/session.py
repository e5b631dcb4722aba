"""The session: the owner of every actor of one caller on one workspace.

Rules that it keeps:

* It owns the contexts that it opened: all of them are destroyed when it ends, at once, shielded,
  within its grace; what could not be destroyed is told on the log, and stays in the journal.
  One that could not be destroyed earlier is tried again meanwhile (`recovery`).
* It watches what its user started (runs, statements): they go on when it ends.
* What it created, its caller may lose; it does not.  A cancelled caller of `open_context` has its
  context destroyed, one of `run_now` has its run's id in the log.

https://docs.databricks.com/api/workspace/introduction
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import trio

from ..clients import Databricks, statements
from ..errors import (
    InvalidArguments,
    NotConfigured,
    OutcomeUnknown,
    ToolkitError,
    TooManyContexts,
)
from . import values
from .context import ContextActor, Standing
from .context_handle import Context
from .errand import send_on_errand
from .journal import Journal, Kind
from .kernel import Address, Supervisor, open_supervisor
from .limits import Limits, SessionStatistics
from .owned_context import OPENS_WITHIN, OwnedContext
from .recovery import Recovery
from .run import Run
from .statement import SERVER_WAIT, Statement
from .watching import Roster

R = TypeVar("R")
logger = logging.getLogger(__name__)

GRACE = 3.0  # seconds; an MCP host kills its server about four seconds after closing its stdin
LANGUAGES = ("python", "scala", "sql", "r")
ENDED_KEPT = 256  # contexts that have ended and whose users may come back, to be told why
NOTICES_KEPT = 100


class Session:
    """The actors of one caller on one workspace.  Made by `open_session`.

    Attributes:
      databricks: the workspace's APIs, for what needs no actor: listing and looking.
      cluster_id: the cluster for calls that name none, if there is one.
      warehouse_id: the warehouse for statements that name none, if there is one.
      grace: seconds that the end of the session may take.
    """

    def __init__(
        self,
        databricks: Databricks,
        supervisor: Supervisor,
        journal: Journal,
        recovery: Recovery,
        *,
        grace: float,
        limits: Limits,
        cluster_id: str | None,
        warehouse_id: str | None,
    ) -> None:
        self.databricks, self.grace = databricks, grace
        self.cluster_id, self.warehouse_id = cluster_id, warehouse_id
        self._supervisor, self._roster = supervisor, Roster(supervisor)
        self._journal, self._recovery, self._limits = journal, recovery, limits
        self._own: set[Address[Standing]] = set()
        self._contexts: dict[tuple[str, str], Context] = {}
        self._notices: deque[str] = deque(maxlen=NOTICES_KEPT)

    def __repr__(self) -> str:
        own = len(self._living())
        return f"<Session on {self.databricks.host}, {own} of {self._limits.contexts} contexts>"

    # Execution contexts: owned.

    async def open_context(
        self,
        cluster_id: str | None = None,
        language: str = "python",
        *,
        timeout: float = OPENS_WITHIN,
    ) -> Context:
        """Open an execution context, which the session owns and destroys when it ends.

        If cancelled, or out of time, it is destroyed, or not made at all.

        Args:
          cluster_id: a cluster that runs or is coming up; the session's own if not given.
          language: `python`, `scala`, `sql` or `r`.
          timeout: seconds to wait at most for the cluster and the context together.  An answer that
            is under way then has half of the session's grace to bring the context's id.

        Raises:
          TooManyContexts: the session has as many as it takes.
          MisusedToolkit: the cluster does not run, or not yet; nothing was asked for.
          NotFound: there is no such cluster.
          DatabricksError: it was not there in time; the message says how far it had come.
          OutcomeUnknown: there may be a context whose id never came, and that nobody can destroy.
        """
        cluster_id = cluster_id or self.cluster_id
        if not cluster_id:
            raise NotConfigured("No cluster_id is given, and DATABRICKS_CLUSTER_ID is not set.")
        if language not in LANGUAGES:
            raise InvalidArguments([f"language: {language!r} is none of {', '.join(LANGUAGES)}"])
        if len(self._living()) >= self._limits.contexts:
            raise TooManyContexts(
                f"This session has {self._limits.contexts} contexts, which is its limit.",
                advice="Destroy those that you are done with.",
            )
        actor = OwnedContext(
            self.databricks,
            cluster_id,
            language,
            timeout=timeout,
            journal=self._journal,
            idle_after=self._limits.idle_context,
            grace=self.grace,
            tell=self._notices.append,
            hand_over=self._recovery.take_over,
        )
        address = self._supervisor.start(actor)
        self._own.add(address)
        try:
            await address.begun()
        except trio.Cancelled:
            address.dismiss()
            raise
        context = Context(
            cluster_id,
            actor.context_id,
            language,
            lambda: address,
            owned=True,
        )
        self._remember(context)
        return context

    def context(self, cluster_id: str, context_id: str, language: str = "") -> Context:
        """The context of these ids: the session's own, or one of others, which it only watches.

        Args:
          cluster_id: where it lives.
          context_id: its id.
          language: of one that is not the session's own, for the commands that do not name theirs.
        """
        if (own := self._contexts.get((cluster_id, context_id))) is not None:
            return own
        return Context(
            cluster_id,
            context_id,
            language,
            lambda: self._roster.attend(
                (cluster_id, context_id),
                lambda: ContextActor(self.databricks, cluster_id, context_id),
            ),
            owned=False,
        )

    def contexts(self) -> list[Context]:
        """The session's own contexts that live."""
        return [context for context in self._contexts.values() if not context.ended]

    def take_notices(self) -> list[str]:
        """What happened unasked since this was last called, such as a context closed as idle."""
        notices = list(self._notices)
        self._notices.clear()
        return notices

    # Job runs: watched.

    def run(self, run_id: int) -> Run:
        """The run of this id.  Nothing is asked until it is waited for."""
        return Run(run_id, self.databricks.jobs, self._roster)

    async def run_now(
        self, job_id: int, *, idempotency_token: str | None = None, **parameters: Any
    ) -> Run:
        """Start a run of a job.  It goes on when nobody waits, and when the session ends.

        It is started once, whatever is retried: it carries a token from the first send on.  If
        cancelled, it may start; its id is then in the log, and the same token gives it again.

        Args:
          job_id: the job.
          idempotency_token: 1 to 64 characters; minted if not given.
          parameters: `job_parameters`, `notebook_params`, `python_params`, … in Databricks' names.

        Raises:
          NotFound: there is no such job.
          OutcomeUnknown: no answer in five minutes; the same token tells.
        """
        token = idempotency_token or uuid4().hex
        send = partial(self.databricks.jobs.run_now, job_id, idempotency_token=token, **parameters)
        return await self._start_run(f"run-now of job {job_id}", send, token, job_id=job_id)

    async def submit_run(self, *, idempotency_token: str | None = None, **body: Any) -> Run:
        """Start a one-time run of a `runs/submit` body (`tasks`, `run_name`, …).  As `run_now`."""
        token = idempotency_token or uuid4().hex
        send = partial(self.databricks.jobs.submit, body, idempotency_token=token)
        return await self._start_run("runs/submit", send, token)

    async def _start_run(
        self, name: str, send: Callable[[], Awaitable[int]], token: str, **details: int
    ) -> Run:
        async def unclaimed(run_id: int) -> None:
            logger.warning("run %s was started for a caller that has gone; it goes on", run_id)

        try:
            run_id = await self._send(
                name, send, Kind.RUN, unclaimed, idempotency_token=token, **details
            )
        except OutcomeUnknown as error:
            error.advice = (
                f"Call again with idempotency_token={token}: that gives the run's id, and starts "
                "no second run."
            )
            raise
        return self.run(run_id)

    # SQL statements: watched.

    def statement(self, statement_id: str) -> Statement:
        """The statement of this id.  Nothing is asked until it is waited for."""
        return Statement(statement_id, self.databricks.statements, self._roster)

    async def execute_statement(
        self,
        sql: str,
        *,
        warehouse_id: str | None = None,
        catalog: str | None = None,
        schema: str | None = None,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
        row_limit: int | None = None,
        byte_limit: int | None = None,
        disposition: str | None = None,
        query_tags: Sequence[Mapping[str, Any]] | None = None,
        wait_timeout: int = SERVER_WAIT,
        cancel_with_caller: bool = False,
    ) -> Statement:
        """Send a statement, once; return when it is over, or after `wait_timeout` seconds.

        What is returned is as it was when Databricks answered; `wait` looks again.  It goes on when
        nobody waits, and when the session ends.  If cancelled, it goes on, too: its id is then in
        the log.

        Args:
          sql: one statement, with `:name` markers.
          warehouse_id: where it runs; the session's own if not given.
          catalog: as `USE CATALOG`.
          schema: as `USE SCHEMA`.
          parameters: Python values by the names of their markers, or Databricks' own objects.
          row_limit: rows at most; more of them make the manifest say `truncated`.
          byte_limit: bytes at most, likewise.
          disposition: `INLINE`, for at most 25 MiB, or `EXTERNAL_LINKS`.
          query_tags: `{"key", "value"}`, for the query history.
          wait_timeout: seconds that Databricks may hold back its answer: 0, or 5 to 50.
          cancel_with_caller: cancel the statement if this is cancelled.

        Raises:
          NotConfigured: there is no warehouse to run it on.
          OutcomeUnknown: the answer was lost; it may be running.
        """
        warehouse_id = warehouse_id or self.warehouse_id
        if not warehouse_id:
            raise NotConfigured("No warehouse_id is given, and DATABRICKS_WAREHOUSE_ID is not set.")
        if wait_timeout != 0 and not 5 <= wait_timeout <= 50:
            raise InvalidArguments([f"wait_timeout: {wait_timeout!r} is neither 0 nor 5 to 50"])
        client = self.databricks.statements
        send = partial(
            client.submit,
            sql,
            warehouse_id,
            wait_timeout=f"{wait_timeout}s",
            on_wait_timeout="CONTINUE",
            disposition=disposition,
            row_limit=row_limit,
            byte_limit=byte_limit,
            catalog=catalog,
            schema=schema,
            parameters=values.parameters(parameters) or None,
            query_tags=query_tags,
        )

        async def unclaimed(sent: statements.Statement) -> None:
            name = f"statement {sent.statement_id}, sent for a caller that has gone"
            if not cancel_with_caller:
                logger.warning("%s: it goes on", name)
                return
            try:
                await client.cancel(sent.statement_id)
            except ToolkitError as error:
                logger.warning("%s: it could not be cancelled: %s", name, error)

        sent = await self._send(
            "a statement", send, Kind.WRITE, unclaimed, warehouse_id=warehouse_id
        )
        return Statement(sent.statement_id, client, self._roster, last=sent)

    async def _send(
        self,
        name: str,
        send: Callable[[], Awaitable[R]],
        kind: Kind,
        unclaimed: Callable[[R], Awaitable[None]],
        **details: str | int,
    ) -> R:
        return await send_on_errand(
            self._supervisor,
            name,
            send,
            intend=partial(self._journal.intend, kind, self.databricks.host, **details),
            unclaimed=unclaimed,
            grace=self.grace,
        )

    def statistics(self) -> SessionStatistics:
        """What lives in the session now."""
        standings = [address.state.value for address in self._living()]
        return SessionStatistics(
            contexts=Counter(standing.status for standing in standings),
            commands=sum(standing.commands for standing in standings),
            actors=len(self._supervisor.living),
        )

    def _living(self) -> set[Address[Standing]]:
        """The session's own contexts that are not destroyed yet, those being opened included."""
        self._own = {address for address in self._own if not address.ended.is_set()}
        return self._own

    def _remember(self, context: Context) -> None:
        self._contexts[context.cluster_id, context.id] = context
        ended = [key for key, context in self._contexts.items() if context.ended]
        for key in ended[:-ENDED_KEPT]:
            del self._contexts[key]


@asynccontextmanager
async def open_session(
    databricks: Databricks,
    *,
    grace: float = GRACE,
    journal: Journal | None = None,
    limits: Limits | None = None,
    cluster_id: str | None = None,
    warehouse_id: str | None = None,
) -> AsyncGenerator[Session, None]:
    """A session that ends with the block, within `grace` seconds, however the block is left.

    Args:
      databricks: the workspace, to be closed after the session.
      grace: seconds for the end, in which all its contexts are destroyed at once.
      journal: where contexts are written down before they are made; contexts that dead owners left
        on this workspace are destroyed in the background.  Without one nothing is kept.
      limits: what the session takes at most.
      cluster_id: for calls that name none.
      warehouse_id: for statements that name none.
    """
    async with open_supervisor() as supervisor:
        journal = journal or Journal.open(None)
        recovery = Recovery(databricks, journal, grace=grace)
        supervisor.start(recovery)
        yield Session(
            databricks,
            supervisor,
            journal,
            recovery,
            grace=grace,
            limits=limits or Limits(),
            cluster_id=cluster_id,
            warehouse_id=warehouse_id,
        )
