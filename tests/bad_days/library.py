"""People who use the library: a session of their own program, and a nursery around them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs
import trio
from databricks_mcp_toolkit.actors import Context, Session, Statement
from databricks_mcp_toolkit.actors.command import COURSE as COMMAND
from databricks_mcp_toolkit.actors.run import COURSE as RUN
from databricks_mcp_toolkit.actors.run import failure as run_failure
from databricks_mcp_toolkit.clients.commands import Command
from databricks_mcp_toolkit.errors import CommandFailed, ToolkitError

from .people import Visitor, run_settings
from .plan import Errand
from .records import Sight

UNBOUNDED = 500.0  # seconds that a call without a limit of its own may take on the worst of days
OPENING = 1000.0  # seconds: it looks at the cluster, creates, and waits, each with its own patience
T = TypeVar("T")


@attrs.define(eq=False)
class Program(Visitor):
    """Somebody's program on a session."""

    session: Session
    statements: dict[str, Statement] = attrs.field(factory=dict)

    async def use(
        self,
        what: str,
        does: Callable[[], Awaitable[T]],
        *,
        limit: float = UNBOUNDED,
        errand: Errand | None = None,
    ) -> T:
        """Call a method."""
        return await self.call(what, does, limit, errand)

    async def open(self) -> Context:
        context = await self.use("open_context", self.session.open_context, limit=OPENING)
        self.records.shown.append(repr(context))
        return context

    async def close(self, here: Context) -> None:
        await self.use("close", here.close, limit=10)
        self.destroyed(here.id)

    async def is_gone(self, here: Context, trouble: Exception) -> bool:
        return here.ended

    async def submit(self, here: Context, errand: Errand) -> str:
        code = f"work({str(errand.mark)!r})"
        return await self.use("submit", lambda: here.submit(code), errand=errand)

    async def command(self, here: Context, command_id: str, errand: Errand, limit: float) -> Sight:
        return _of_command(
            await self.use("wait", lambda: here.wait(command_id, timeout=limit), limit=limit)
        )

    async def cancel_command(self, here: Context, command_id: str) -> None:
        await self.use("cancel", lambda: here.cancel(command_id))

    async def once(self, errand: Errand, limit: float) -> Sight | None:
        code = f"work({str(errand.mark)!r})"
        context = await self.open()
        try:
            # Whoever leaves has the command cancelled: that is the library's promise.
            with trio.move_on_after(limit) as patience:
                try:
                    return _of_command(
                        await self.use(
                            "execute", lambda: context.execute(code), limit=1e9, errand=errand
                        )
                    )
                except CommandFailed:
                    return Sight(over=True, well=False)
            self.records.cuts[self.person.name].append(patience.deadline)
            return None
        finally:
            if self.person.tidy:
                await self.close(context)

    async def sql(self, errand: Errand, limit: float) -> tuple[str, Sight]:
        statement = await self.use(
            "execute_statement",
            lambda: self.session.execute_statement(
                f"SELECT * FROM t -- {errand.mark}",
                disposition="EXTERNAL_LINKS" if errand.cancel else None,
            ),
            errand=errand,
        )
        self.records.shown.append(repr(statement))
        self.statements[statement.statement_id] = statement
        return statement.statement_id, await self._of_statement(statement)

    async def statement(self, statement_id: str, errand: Errand, limit: float) -> Sight:
        statement = self.statements[statement_id]
        await self.use("wait", lambda: statement.wait(limit), limit=limit)
        return await self._of_statement(statement)

    async def rows(self, statement_id: str, errand: Errand, offset: int) -> Sight | None:
        return None

    async def cancel_statement(self, statement_id: str) -> None:
        await self.use("cancel", self.statements[statement_id].cancel)

    async def _of_statement(self, statement: Statement) -> Sight:
        if not statement.is_over:
            return Sight(over=False)
        if statement.state != "SUCCEEDED":
            return Sight(over=True, well=False)
        rows = await self.use("rows", statement.rows)
        return Sight(over=True, well=True, rows=tuple(row[0] for row in rows))

    async def start(self, errand: Errand, token: str) -> int:
        async def does() -> int:
            if errand.job:
                values = {"mark": str(errand.mark)}
                run = await self.session.run_now(
                    self.job_id, notebook_params=values, idempotency_token=token or None
                )
            else:
                settings = run_settings(errand, self.cluster_id)
                run = await self.session.submit_run(**settings, idempotency_token=token or None)
            return run.run_id

        return await self.use("start_run", does, errand=errand)

    async def run(self, run_id: int, errand: Errand, limit: float) -> Sight:
        run = self.session.run(run_id)
        seen = await self.use("wait", lambda: run.wait(limit), limit=limit)
        over = RUN.is_over(seen)
        return Sight(over, run_failure(seen) is None if over else None)

    async def output(self, run_id: int) -> Sight:
        output = await self.use("output", self.session.run(run_id).output)
        return Sight(over=True, text=output.result)

    async def cancel_run(self, run_id: int) -> None:
        await self.use("cancel", self.session.run(run_id).cancel)

    async def look(self, which: int) -> None:
        databricks = self.session.databricks
        pages: tuple[Callable[[], Awaitable[object]], ...] = (
            databricks.clusters.page,
            databricks.jobs.page,
        )
        try:
            await self.use("list", pages[which % 2])
        except ToolkitError:
            self.records.shown.append(repr(databricks))
            raise


def _of_command(command: Command) -> Sight:
    if not COMMAND.is_over(command):
        return Sight(over=False)
    results = command.results
    kind = results.result_type if results else ""
    data = results.data if results else None
    return Sight(
        over=True,
        well=command.status == "Finished" and kind != "error",
        text=data if kind == "text" else None,
        rows=tuple(row[0] for row in data) if kind == "table" and data else None,
        cut=bool(results and results.truncated),
    )
