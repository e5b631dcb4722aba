"""People who use the library: a session of their own program, and a nursery around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import attrs
import trio
from databricks_mcp_toolkit.actors import Context, Session, Statement
from databricks_mcp_toolkit.actors.command import COURSE as COMMAND
from databricks_mcp_toolkit.actors.run import COURSE as RUN
from databricks_mcp_toolkit.actors.run import failure as run_failure
from databricks_mcp_toolkit.clients.commands import Command
from databricks_mcp_toolkit.clients.runs import Run as WireRun
from databricks_mcp_toolkit.errors import CommandFailed, StatementFailed, ToolkitError

from .plan import Errand, Part, Person
from .records import UNBOUNDED, Call, Records, Told

OPENING = 1000.0  # seconds: it looks at the cluster, creates, and waits, each with its own patience
T = TypeVar("T")


class BugMet(ToolkitError):
    """The bug of the day came up in a call of somebody's own, who bears it."""

    def __init__(self) -> None:
        super().__init__("the bug of the day")


def is_the_bug(error: BaseException) -> bool:
    """Whether this is the bug that the network makes on purpose, alone or in groups."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_the_bug(inner) for inner in error.exceptions)
    return isinstance(error, ZeroDivisionError)


@attrs.define(eq=False)
class Program:
    """Somebody's program on a session."""

    session: Session
    records: Records
    person: Person

    async def live(self) -> None:
        """Do all errands; an error ends one errand, and not the person."""
        does = {
            Part.TALK: self.talk,
            Part.TALK_ONCE: self.talk_once,
            Part.ASK: self.ask,
            Part.RUN: self.run,
            Part.RUN_TWICE: self.run_twice,
            Part.LOOK: self.look,
        }
        with suppress(ToolkitError):  # it is in the records
            await does[self.person.part]()

    async def call(
        self,
        what: str,
        does: Callable[[], Awaitable[T]],
        *,
        limit: float = UNBOUNDED,
        errand: Errand | None = None,
    ) -> T:
        """Do one call, and write down how it went."""
        mark = errand.mark if errand else None
        call = Call(self.person.name, what, limit, trio.current_time(), mark)
        self.records.calls.append(call)
        try:
            call.answer = answer = await does()
        except trio.Cancelled:
            call.left = True
            raise
        except Exception as error:
            call.error = error
            if is_the_bug(error):
                raise BugMet from error
            raise
        finally:
            call.ended = trio.current_time()
        return answer

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        context = await self.call("open_context", self.session.open_context, limit=OPENING)
        self.records.contexts[context.id] = self.person.name
        self.records.shown.append(repr(context))
        try:
            yield context
        finally:
            if self.person.tidy:
                await self.call("close", context.close, limit=10)

    async def talk(self) -> None:
        async with self.context() as context:
            for errand in self.person.errands:
                await trio.sleep(errand.pause)
                try:
                    await self.command(context, errand)
                except ToolkitError:
                    if context.ended:
                        return

    async def command(self, context: Context, errand: Errand) -> None:
        code = f"work({str(errand.mark)!r})"
        command_id = await self.call("submit", lambda: context.submit(code), errand=errand)
        for _ in range(errand.calls):
            asked = trio.current_time()
            command = await self.call(
                "wait", lambda: context.wait(command_id, timeout=errand.limit), limit=errand.limit
            )
            self.tell_command(errand, asked, command)
            if COMMAND.is_over(command):
                return
        if errand.cancel:
            await self.call("cancel", lambda: context.cancel(command_id))
            asked = trio.current_time()
            command = await self.call(
                "wait", lambda: context.wait(command_id, timeout=60), limit=60
            )
            self.tell_command(errand, asked, command)

    def tell_command(self, errand: Errand, asked: float, command: Command) -> None:
        over = COMMAND.is_over(command)
        results = command.results if over else None
        failed = results is not None and results.result_type == "error"
        table = results is not None and results.result_type == "table"
        self.records.told.append(
            Told(
                errand.mark,
                trio.current_time(),
                asked,
                over,
                well=command.status == "Finished" and not failed if over else None,
                text=results.data if results and results.result_type == "text" else None,
                rows=len(results.data) if results and table else None,
                cut=bool(results and results.truncated),
            )
        )

    async def talk_once(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                async with self.context() as context:
                    await self.execute(context, errand)
            except ToolkitError:
                continue

    async def execute(self, context: Context, errand: Errand) -> None:
        asked = trio.current_time()
        code = f"work({str(errand.mark)!r})"
        # Whoever leaves has the command cancelled: that is the library's promise.
        with trio.move_on_after(errand.limit * errand.calls):
            try:
                command = await self.call(
                    "execute", lambda: context.execute(code), limit=1e9, errand=errand
                )
            except CommandFailed:
                self.records.told.append(
                    Told(errand.mark, trio.current_time(), asked, over=True, well=False)
                )
                raise
            self.tell_command(errand, asked, command)

    async def ask(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                await self.statement(errand)
            except ToolkitError:
                continue

    async def statement(self, errand: Errand) -> None:
        sql = f"SELECT * FROM t -- {errand.mark}"
        asked = trio.current_time()
        statement = await self.call(
            "execute_statement",
            lambda: self.session.execute_statement(
                sql, disposition="EXTERNAL_LINKS" if errand.cancel else None
            ),
            errand=errand,
        )
        self.records.shown.append(repr(statement))
        await self.tell_statement(errand, asked, statement)
        for _ in range(errand.calls):
            if statement.is_over:
                return
            asked = trio.current_time()
            await self.call("wait", lambda: statement.wait(errand.limit), limit=errand.limit)
            await self.tell_statement(errand, asked, statement)
        if errand.cancel and not statement.is_over:
            await self.call("cancel", statement.cancel)
            asked = trio.current_time()
            await self.call("wait", lambda: statement.wait(60), limit=60)
            await self.tell_statement(errand, asked, statement)

    async def tell_statement(self, errand: Errand, asked: float, statement: Statement) -> None:
        at = trio.current_time()
        if not statement.is_over:
            self.records.told.append(Told(errand.mark, at, asked, over=False))
            return
        if statement.state != "SUCCEEDED":
            self.records.told.append(Told(errand.mark, at, asked, over=True, well=False))
            return
        try:
            rows = await self.call("rows", statement.rows)
        except StatementFailed:
            return
        self.records.told.append(Told(errand.mark, at, asked, over=True, well=True, rows=len(rows)))

    async def run(self, token: str | None = None) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                run = await self.submit(errand, token)
                await self.follow(errand, run)
            except ToolkitError:
                continue

    async def submit(self, errand: Errand, token: str | None) -> int:
        if token is not None:
            token = f"{token}-{errand.mark.name}"
        run = await self.call(
            "submit_run",
            lambda: self.session.submit_run(
                run_name=errand.mark.name,
                tasks=[notebook_task(errand, self.session.cluster_id or "")],
                idempotency_token=token,
            ),
            errand=errand,
        )
        self.records.runs[errand.mark.name] = run.run_id
        return run.run_id

    async def follow(self, errand: Errand, run_id: int) -> None:
        run = self.session.run(run_id)
        for _ in range(errand.calls):
            asked = trio.current_time()
            seen = await self.call("wait", lambda: run.wait(errand.limit), limit=errand.limit)
            self.tell_run(errand, asked, seen)
            if run.is_over:
                await self.call("output", run.output)
                return
        if errand.cancel:
            await self.call("cancel", run.cancel)
            asked = trio.current_time()
            seen = await self.call("wait", lambda: run.wait(120), limit=120)
            self.tell_run(errand, asked, seen)

    def tell_run(self, errand: Errand, asked: float, run: WireRun) -> None:
        over = RUN.is_over(run)
        well = run_failure(run) is None if over else None
        self.records.told.append(
            Told(errand.mark, trio.current_time(), asked, over, well=well, pace=10.0)
        )

    async def run_twice(self) -> None:
        """The same runs, once more: whoever had no answer asks again with the same token."""
        token = f"token-{self.person.name}"
        await self.run(token)
        for errand in self.person.errands:
            known = self.records.runs.get(errand.mark.name)
            try:
                again = await self.submit(errand, token)
            except ToolkitError:
                continue
            assert known is None or again == known, "the same token gives the same run"

    async def look(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            for _ in range(errand.calls):
                try:
                    await self.call("clusters", self.session.databricks.clusters.page)
                    await self.call("jobs", self.session.databricks.jobs.page)
                except ToolkitError:
                    continue


def notebook_task(errand: Errand, cluster_id: str) -> dict:
    return {
        "task_key": "main",
        "existing_cluster_id": cluster_id,
        "notebook_task": {
            "notebook_path": "/work",
            "base_parameters": {"mark": str(errand.mark)},
        },
    }
