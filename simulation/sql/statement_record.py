"""A statement as it is kept for the workspace's next start, and a statement made of that again.

A result of more than `KEPT_RESULT` bytes is not kept: its statement comes back CLOSED, as one does
whose result's time is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cattrs

from ..engine import SqlFailure, StatementSpec, Table
from ..world import World
from .statement import Chunk, Limits, Statement, StatementState

KEPT_RESULT = 2**20  # bytes
_PLAIN = ("statement_id", "disposition", "format", "user_name", "row_count", "truncated")
_converter = cattrs.Converter()


def record_of(statement: Statement, world: World) -> dict[str, Any]:
    """What `statement_of` needs; times are in epoch ms."""
    failure, table = statement.failure, statement.table
    if sum(chunk.byte_count for chunk in statement.chunks) > KEPT_RESULT:
        table = None
    return {name: getattr(statement, name) for name in _PLAIN} | {
        "spec": _converter.unstructure(statement.spec),
        "limits": _converter.unstructure(statement.limits),
        "state": statement.state,
        "created": world.to_ms(statement.created),
        "ended": None if statement.ended is None else world.to_ms(statement.ended),
        "failure": failure and [failure.message, failure.error_code, failure.sql_state],
        "chunks": _converter.unstructure(list(statement.chunks)),
        "table": table and _converter.unstructure(table),
    }


def statement_of(record: Mapping[str, Any], world: World) -> Statement:
    """The statement; one that was under way failed with the workspace's process."""
    failure, table, ended = record["failure"], record["table"], record["ended"]
    statement = Statement(
        spec=_converter.structure(record["spec"], StatementSpec),
        limits=_converter.structure(record["limits"], Limits),
        created=world.from_ms(record["created"]),
        ended=None if ended is None else world.from_ms(ended),
        state=StatementState(record["state"]),
        failure=SqlFailure(*failure) if failure else None,
        chunks=_converter.structure(record["chunks"], list[Chunk]),
        table=_converter.structure(table, Table) if table else None,
        **{name: record[name] for name in _PLAIN},
    )
    if not statement.final:
        message = "The SQL warehouse was restarted while the statement was running."
        statement.fail(SqlFailure(message, "ABORTED"), world.now())
    if statement.state is StatementState.SUCCEEDED and statement.table is None:
        statement.state = StatementState.CLOSED
    statement.done.set()
    return statement
