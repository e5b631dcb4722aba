"""People behind an MCP host: they know tools, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs
from databricks_mcp_toolkit.protocol.registry import PATIENCE

from .host import Answered, Host
from .people import Visitor, run_settings
from .plan import Errand
from .records import Refusal, Sight

FINAL_RUNS = frozenset({"TERMINATED", "SKIPPED", "INTERNAL_ERROR"})
FINAL_STATEMENTS = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "CLOSED"})
FINAL_COMMANDS = frozenset({"Finished", "Cancelled", "Error"})
FAILED_WORK = frozenset({"CommandFailed", "RunFailed", "StatementFailed"})
ROWS = 100  # that are asked for at once
# What the tools may take beyond the limit that their caller names, and for what.
TO_SEND_SQL = 5.0  # seconds, for the answer to sending the statement
FOR_ERRORS = 3.0  # seconds, for the errors that a failed run has left
TO_DESTROY = 6.0  # seconds, for the context of one command

Here = Mapping[str, str]


@attrs.define(eq=False)
class Guest(Visitor):
    """Somebody whose agent uses the tools."""

    host: Host

    async def use(
        self,
        tool: str,
        *,
        limit: float = PATIENCE,
        errand: Errand | None = None,
        watched: bool = False,
        **arguments: Any,
    ) -> Answered:
        """Call a tool."""

        async def does() -> Answered:
            answer = await self.host.call(tool, arguments, watched=watched)
            if answer.failed:
                raise Refusal(answer.structured, answer.text)
            return answer

        return await self.call(tool, does, limit, errand)

    async def open(self) -> Here:
        answer = await self.use("create_execution_context", cluster_id=self.cluster_id)
        return {"cluster_id": self.cluster_id, "context_id": answer.structured["id"]}

    async def close(self, here: Here) -> None:
        await self.use("destroy_execution_context", **here)
        self.destroyed(here["context_id"])

    async def is_gone(self, here: Here, trouble: Exception) -> bool:
        return isinstance(trouble, Refusal) and trouble.name == "ContextLost"

    async def submit(self, here: Here, errand: Errand) -> str:
        code = f"work({str(errand.mark)!r})"
        answer = await self.use("execute_command", errand=errand, command=code, **here)
        return str(answer.structured["id"])

    async def command(self, here: Here, command_id: str, errand: Errand, limit: float) -> Sight:
        limit = max(limit, 1.0)
        try:
            seen = await self.use(
                "get_command_status",
                limit=limit,
                watched=errand.watched,
                max_wait_seconds=limit,
                command_id=command_id,
                **here,
            )
        except Refusal as refusal:
            return _failed(refusal)
        return _of_command(seen)

    async def cancel_command(self, here: Here, command_id: str) -> None:
        await self.use("cancel_command", command_id=command_id, **here)

    async def once(self, errand: Errand, limit: float) -> Sight | None:
        try:
            seen = await self.use(
                "execute_command_simple",
                limit=limit + TO_DESTROY,
                errand=errand,
                watched=errand.watched,
                command=f"work({str(errand.mark)!r})",
                cluster_id=self.cluster_id,
                max_wait_seconds=limit,
            )
        except Refusal as refusal:
            if refusal.name == "CommandFailed" and not refusal.structured.get("id"):
                return None  # it was not over in time
            return _failed(refusal)
        self.destroyed(self.records.where.get(errand.mark.name, ""))
        return _of_command(seen)

    async def sql(self, errand: Errand, limit: float) -> tuple[str, Sight]:
        sql = {
            "statement": f"SELECT * FROM t -- {errand.mark}",
            "warehouse_id": self.warehouse_id,
            "disposition": "EXTERNAL_LINKS" if errand.cancel else "INLINE",
        }
        try:
            seen = await self._sql(errand, limit, errand=errand, **sql)
        except Refusal as refusal:
            return "", _failed(refusal)
        return seen.structured["statement_id"], _of_statement(seen)

    async def statement(self, statement_id: str, errand: Errand, limit: float) -> Sight:
        try:
            seen = await self._sql(errand, limit, statement_id=statement_id)
        except Refusal as refusal:
            return _failed(refusal)
        return _of_statement(seen)

    async def rows(self, statement_id: str, errand: Errand, offset: int) -> Sight | None:
        seen = await self._sql(errand, 30.0, statement_id=statement_id, row_offset=offset)
        return _of_statement(seen)

    async def _sql(
        self, work: Errand, limit: float, *, errand: Errand | None = None, **arguments: Any
    ) -> Answered:
        limit = max(limit, 1.0)
        return await self.use(
            "execute_sql",
            limit=limit + TO_SEND_SQL,
            errand=errand,
            watched=work.watched,
            max_wait_seconds=limit,
            max_rows=ROWS,
            **arguments,
        )

    async def cancel_statement(self, statement_id: str) -> None:
        await self.use("execute_sql", statement_id=statement_id, cancel=True)

    async def start(self, errand: Errand, token: str) -> int:
        carried = {"idempotency_token": token} if token else {}
        if errand.job:
            values = {"mark": str(errand.mark)}
            answer = await self.use(
                "run_job", errand=errand, job_id=self.job_id, notebook_params=values, **carried
            )
        else:
            config = run_settings(errand, self.cluster_id) | carried
            answer = await self.use("submit_single_run", errand=errand, run_config=config)
        return int(answer.structured["run_id"])

    async def run(self, run_id: int, errand: Errand, limit: float) -> Sight:
        limit = max(limit, 1.0)
        try:
            seen = await self.use(
                "wait_for_run_completion",
                limit=limit + FOR_ERRORS,
                watched=errand.watched,
                run_id=run_id,
                max_wait_seconds=limit,
            )
        except Refusal as refusal:
            return _failed(refusal)
        state = seen.structured["state"]
        over = state["life_cycle_state"] in FINAL_RUNS
        return Sight(
            over,
            state.get("result_state") == "SUCCESS" if over else None,
            said_over="Not finished" not in seen.text,
            said_well="ended with SUCCESS" in seen.text,
        )

    async def output(self, run_id: int) -> Sight:
        seen = await self.use("get_run_output", run_id=run_id)
        notebook = seen.structured.get("notebook_output") or {}
        text = notebook.get("result")
        return Sight(
            True, True if text else None, text, cut=bool(notebook.get("truncated")), said=seen.text
        )

    async def cancel_run(self, run_id: int) -> None:
        """There is no such tool."""

    async def look(self, which: int) -> None:
        await self.use(("list_clusters", "list_jobs", "list_notebooks")[which % 3])


def _failed(refusal: Refusal) -> Sight:
    """What a refusal says of the work; if it says nothing, it is raised again."""
    if refusal.name in FAILED_WORK:
        return Sight(over=True, well=False)
    raise refusal


def _of_command(seen: Answered) -> Sight:
    over = seen.text.startswith("Finished")
    if seen.structured["status"] not in FINAL_COMMANDS:
        return Sight(over=False, said_over=over)
    results = seen.structured.get("results") or {}
    kind, data = results.get("resultType"), results.get("data")
    return Sight(
        over=True,
        well=True,
        text=data if kind == "text" else None,
        rows=tuple(row[0] for row in data) if kind == "table" else None,
        cut=bool(results.get("truncated")),
        said=seen.text,
        said_over=over,
    )


def _of_statement(seen: Answered) -> Sight:
    over = "Not finished" not in seen.text
    if seen.structured["status"]["state"] not in FINAL_STATEMENTS:
        return Sight(over=False, said_over=over)
    result = seen.structured.get("result")
    if result is None:  # its cancel was answered
        return Sight(over=True)
    return Sight(
        over=True,
        well=True,
        rows=tuple(int(row[0]) for row in result["data_array"]),
        offset=result["row_offset"],
        cut="next_row_offset" in seen.structured,
        said=seen.text,
        said_over=over,
    )


ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


def rows_said(text: str) -> int:
    """How many rows of a table a model reads."""
    return len(ROW.findall(text))
