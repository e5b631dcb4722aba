"""People behind an MCP host: they know tools, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import attrs
import trio
from databricks_mcp_toolkit.protocol.registry import PATIENCE

from .host import Host, HostGone
from .library import notebook_task
from .plan import Errand, Part, Person
from .records import Call, Records, Refusal, Told

FINAL_RUNS = frozenset({"TERMINATED", "SKIPPED", "INTERNAL_ERROR"})
FINAL_STATEMENTS = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "CLOSED"})
FINAL_COMMANDS = frozenset({"Finished", "Cancelled", "Error"})


@attrs.define(eq=False)
class Guest:
    """Somebody whose agent uses the tools."""

    host: Host
    records: Records
    person: Person
    cluster_id: str
    warehouse_id: str

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
        with suppress(Refusal, HostGone):  # it is in the records
            await does[self.person.part]()

    async def call(
        self,
        tool: str,
        *,
        limit: float = PATIENCE,
        errand: Errand | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Call a tool, and write down how it went."""
        mark = errand.mark if errand else None
        call = Call(self.person.name, tool, limit, trio.current_time(), mark)
        self.records.calls.append(call)
        try:
            answer = await self.host.call(tool, arguments)
        except (trio.Cancelled, HostGone):
            call.left = True
            raise
        except BaseException as error:
            call.error = error
            raise
        finally:
            call.ended = trio.current_time()
        call.answer = answer.structured, answer.text
        if answer.failed:
            call.error = Refusal(answer)
            raise call.error
        return answer.structured

    @asynccontextmanager
    async def context(self) -> AsyncIterator[dict[str, str]]:
        context = await self.call("create_execution_context", cluster_id=self.cluster_id)
        self.records.contexts[context["id"]] = self.person.name
        here = {"cluster_id": self.cluster_id, "context_id": context["id"]}
        yield here
        if self.person.tidy:
            await self.call("destroy_execution_context", **here)

    async def talk(self) -> None:
        async with self.context() as here:
            for errand in self.person.errands:
                await trio.sleep(errand.pause)
                try:
                    await self.command(here, errand)
                except Refusal as refusal:
                    if refusal.name == "ContextLost":
                        return

    async def command(self, here: dict[str, str], errand: Errand) -> None:
        code = f"work({str(errand.mark)!r})"
        command = await self.call("execute_command", errand=errand, command=code, **here)
        there = here | {"command_id": command["id"]}
        for _ in range(errand.calls):
            if await self.command_is_over(there, errand, max(errand.limit, 1.0)):
                return
        if errand.cancel:
            await self.call("cancel_command", **there)
            await self.command_is_over(there, errand, 60.0)

    async def command_is_over(self, there: dict[str, str], errand: Errand, limit: float) -> bool:
        asked = trio.current_time()
        try:
            seen = await self.call(
                "get_command_status", limit=limit, max_wait_seconds=limit, **there
            )
        except Refusal as refusal:
            if refusal.name == "CommandFailed":
                self.tell(errand, asked, over=True, well=False)
            raise
        over = seen["status"] in FINAL_COMMANDS
        results = (seen.get("results") or {}) if over else {}
        kind = results.get("resultType")
        self.tell(
            errand,
            asked,
            over=over,
            well=True if over else None,
            text=results.get("data") if kind == "text" else None,
            rows=len(results["data"]) if kind == "table" else None,
            cut=bool(results.get("truncated")),
        )
        return over

    async def talk_once(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            limit = max(errand.limit * errand.calls, 1.0)
            asked = trio.current_time()
            try:
                seen = await self.call(
                    "execute_command_simple",
                    # The context is destroyed after that, within the grace.
                    limit=limit + 6.0,
                    errand=errand,
                    command=f"work({str(errand.mark)!r})",
                    cluster_id=self.cluster_id,
                    max_wait_seconds=limit,
                )
            except Refusal as refusal:
                if refusal.name == "CommandFailed" and refusal.structured.get("id"):
                    self.tell(errand, asked, over=True, well=False)
                continue
            results = seen.get("results") or {}
            kind = results.get("resultType")
            self.tell(
                errand,
                asked,
                over=True,
                well=True,
                text=results.get("data") if kind == "text" else None,
                rows=len(results["data"]) if kind == "table" else None,
            )

    async def ask(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                await self.statement(errand)
            except Refusal:
                continue

    async def statement(self, errand: Errand) -> None:
        sql = {
            "statement": f"SELECT * FROM t -- {errand.mark}",
            "warehouse_id": self.warehouse_id,
            "disposition": "EXTERNAL_LINKS" if errand.cancel else "INLINE",
        }
        statement_id = await self.rows(errand, max(errand.limit, 1.0), errand=errand, **sql)
        for _ in range(errand.calls):
            if not statement_id:
                return
            limit = max(errand.limit, 1.0)
            statement_id = await self.rows(errand, limit, statement_id=statement_id)
        if statement_id and errand.cancel:
            await self.call("execute_sql", statement_id=statement_id, cancel=True)
            await self.rows(errand, 60.0, statement_id=statement_id)

    async def rows(
        self, work: Errand, limit: float, *, errand: Errand | None = None, **arguments: Any
    ) -> str:
        """Wait for a statement and take its rows; answers its id while it goes on."""
        asked = trio.current_time()
        try:
            seen = await self.call(
                "execute_sql",
                limit=limit + 5.0,
                errand=errand,
                max_wait_seconds=limit,
                max_rows=100,
                **arguments,
            )
        except Refusal as refusal:
            if refusal.name == "StatementFailed":
                self.tell(work, asked, over=True, well=False)
            raise
        over = seen["status"]["state"] in FINAL_STATEMENTS
        result = seen.get("result") or {}
        self.tell(
            work,
            asked,
            over=over,
            well=True if over else None,
            rows=len(result["data_array"]) if over else None,
            cut="next_row_offset" in seen,
        )
        return "" if over else seen["statement_id"]

    async def run(self, token: str | None = None) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                run_id = await self.submit(errand, token)
                await self.follow(errand, run_id)
            except Refusal:
                continue

    async def submit(self, errand: Errand, token: str | None) -> int:
        config: dict[str, Any] = {
            "run_name": errand.mark.name,
            "tasks": [notebook_task(errand, self.cluster_id)],
        }
        if token is not None:
            config["idempotency_token"] = f"{token}-{errand.mark.name}"
        run = await self.call("submit_single_run", errand=errand, run_config=config)
        run_id: int = run["run_id"]
        self.records.runs[errand.mark.name] = run_id
        return run_id

    async def follow(self, errand: Errand, run_id: int) -> None:
        for _ in range(errand.calls):
            if await self.run_is_over(errand, run_id, max(errand.limit, 1.0)):
                await self.call("get_run_output", run_id=run_id)
                return

    async def run_is_over(self, errand: Errand, run_id: int, limit: float) -> bool:
        asked = trio.current_time()
        try:
            seen = await self.call(
                "wait_for_run_completion",
                limit=limit + 3.0,  # of which some are for the errors of a failed run
                run_id=run_id,
                max_wait_seconds=limit,
            )
        except Refusal as refusal:
            if refusal.name == "RunFailed":
                self.tell(errand, asked, over=True, well=False, pace=10.0)
            raise
        over = seen["state"]["life_cycle_state"] in FINAL_RUNS
        well = seen["state"].get("result_state") == "SUCCESS"
        self.tell(errand, asked, over=over, well=well if over else None, pace=10.0)
        return over

    async def run_twice(self) -> None:
        """The same runs, once more: whoever had no answer asks again with the same token."""
        token = f"token-{self.person.name}"
        await self.run(token)
        for errand in self.person.errands:
            known = self.records.runs.get(errand.mark.name)
            try:
                again = await self.submit(errand, token)
            except Refusal:
                continue
            assert known is None or again == known, "the same token gives the same run"

    async def look(self) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            for tool in ("list_clusters", "list_jobs", "list_notebooks")[: errand.calls]:
                try:
                    await self.call(tool)
                except Refusal:
                    continue

    def tell(self, errand: Errand, asked: float, *, over: bool, **how: Any) -> None:
        self.records.told.append(Told(errand.mark, trio.current_time(), asked, over, **how))
