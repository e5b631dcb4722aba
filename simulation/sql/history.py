"""The query history 2.0: where a statement is found again whose id was lost.

https://docs.databricks.com/api/workspace/queryhistory
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..wire import Call, Route, page_of
from ..world import World
from .statement import Statement

PAGE = 100
STATUS = {"PENDING": "QUEUED", "SUCCEEDED": "FINISHED", "CLOSED": "FINISHED"}


class History:
    """The statements of a workspace, newest first."""

    def __init__(self, world: World, statements: Iterable[Statement]) -> None:
        self._world = world
        self._statements = statements

    def __repr__(self) -> str:
        return f"<History of {self._statements!r}>"

    def routes(self) -> list[Route]:
        """The endpoint."""
        return [Route("GET", "/api/2.0/sql/history/queries", self.list_page, "sql")]

    async def list_page(self, call: Call) -> dict[str, Any]:
        """`GET sql/history/queries`."""
        size = call.integer("max_results", 0) or PAGE
        found = list(self._found(call))
        page, tokens = page_of(found, call.text("page_token", ""), size)
        following = tokens.get("next_page_token")
        return {
            "res": page,
            "has_next_page": following is not None,
            **({"next_page_token": following} if following else {}),
        }

    def _found(self, call: Call) -> Iterator[dict[str, Any]]:
        wanted = {
            name: set(call.query.get(f"filter_by.{asked}", ()))
            for name, asked in (
                ("query_id", "statement_ids"),
                ("status", "statuses"),
                ("warehouse_id", "warehouse_ids"),
            )
        }
        since = call.integer("filter_by.query_start_time_range.start_time_ms", 0)
        until = call.integer("filter_by.query_start_time_range.end_time_ms", 2**63)
        for statement in list(self._statements)[::-1]:
            told = self._told(statement)
            if since <= told["query_start_time_ms"] <= until and all(
                not words or told[name] in words for name, words in wanted.items()
            ):
                yield told

    def _told(self, statement: Statement) -> dict[str, Any]:
        world = self._world
        started = world.now_ms() - int((world.now() - statement.created) * 1000)
        told: dict[str, Any] = {
            "query_id": statement.statement_id,
            "query_text": statement.spec.statement,
            "status": STATUS.get(statement.state, statement.state.value),
            "warehouse_id": statement.spec.warehouse_id,
            "user_name": statement.user_name,
            "query_start_time_ms": started,
            "rows_produced": statement.row_count,
            "is_final": statement.final,
        }
        if statement.ended is not None:
            told["query_end_time_ms"] = started + int((statement.ended - statement.created) * 1000)
            told["duration"] = told["query_end_time_ms"] - started
        if statement.failure is not None:
            told["error_message"] = statement.failure.message
        return told
