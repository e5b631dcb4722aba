"""The engine of a bad day: it does what the work itself says, and keeps a diary of what was true.

Each piece of work carries a `mark` in its code, which says how long it takes and how it ends; the
diary says how often each mark was begun and when it ended, which is what answers are held against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs
import trio
from databricks_mcp_toolkit.simulation.engine import (
    Column,
    CommandResults,
    Engine,
    Repl,
    ReplLost,
    ReplSpec,
    SqlFailure,
    StatementSpec,
    Table,
    TaskFailure,
    TaskResult,
    TaskSpec,
)

MARK = re.compile(r"<<(.*?)>>")
LONG = 20_000  # characters; an answer's text has 16,000
WELL = frozenset({"well", "table", "long"})


@attrs.frozen
class Mark:
    """What a piece of work says of itself.

    Attributes:
      name: unique in its day.
      takes: seconds.
      ends: "well", "badly", "long" (well, with more text than a model reads); commands also "lost"
        (the driver dies) and "table".
      rows: of its result.
    """

    name: str
    takes: float = 0.0
    ends: str = "well"
    rows: int = 1

    def __str__(self) -> str:
        return f"<<{json.dumps(attrs.asdict(self))}>>"

    @classmethod
    def find(cls, text: str) -> Mark:
        found = MARK.search(text)
        return cls(**json.loads(found[1])) if found else cls("unmarked")

    @property
    def text(self) -> str:
        """The result of a command or notebook that ends well."""
        padding = "." * LONG if self.ends == "long" else ""
        return f"result of {self.name}{padding} to its end"

    @property
    def error(self) -> str:
        return f"ValueError: {self.name} ended badly"


@attrs.define
class Truth:
    """What became of a mark: when each of its beginnings was, and how and when it ended."""

    mark: Mark
    begun: list[float] = attrs.field(factory=list)
    ended: float | None = None
    outcome: str = ""


@attrs.define
class Diary(Engine):
    """The engine, with the truth of each mark by name."""

    needs_source = False
    truths: dict[str, Truth] = attrs.field(factory=dict)

    def truth(self, name: str) -> Truth | None:
        return self.truths.get(name)

    async def live(self, mark: Mark) -> None:
        truth = self.truths.setdefault(mark.name, Truth(mark))
        truth.begun.append(trio.current_time())
        try:
            await trio.sleep(mark.takes)
            truth.outcome = mark.ends
        except trio.Cancelled:
            truth.outcome = "stopped"
            raise
        finally:
            truth.ended = trio.current_time()

    async def open_repl(self, spec: ReplSpec) -> Repl:
        await trio.lowlevel.checkpoint()
        return _Repl(self)

    async def run_statement(self, spec: StatementSpec) -> Table:
        mark = Mark.find(spec.statement)
        await self.live(mark)
        if mark.ends == "badly":
            raise SqlFailure(mark.error, sql_state="22012")
        columns = (Column("n", "BIGINT", "LONG"), Column("name"))
        return Table(columns, [[str(row), mark.name] for row in range(mark.rows)])

    async def run_task(self, spec: TaskSpec) -> TaskResult:
        mark = Mark.find(_text(spec.task, spec.parameters))
        await self.live(mark)
        if mark.ends == "badly":
            raise TaskFailure(mark.error, f"Traceback ...\n{mark.error}")
        return TaskResult(mark.text)


@attrs.define
class _Repl(Repl):
    diary: Diary

    async def execute(self, command: str) -> CommandResults:
        mark = Mark.find(command)
        await self.diary.live(mark)
        match mark.ends:
            case "badly":
                return CommandResults("error", summary=mark.error, cause=f"...\n{mark.error}")
            case "lost":
                raise ReplLost("The Python process exited with exit code 137 (SIGKILL).")
            case "table":
                schema = [{"name": "n", "type": '"long"', "metadata": "{}"}]
                return CommandResults("table", [[row] for row in range(mark.rows)], schema)
        return CommandResults(data=mark.text)

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()


def _text(task: Mapping[str, Any], parameters: Any) -> str:
    return json.dumps([task, parameters]).replace('\\"', '"').replace("\\\\", "\\")
