"""An engine that does what a test says, in a line or two, and takes as long as it is told to.

    engine = Scripted()
    engine.command("train()", takes=600, text="loss 0.02")
    engine.command("1/0", error="ZeroDivisionError: division by zero")
    engine.statement("FROM sales", columns={"region": "STRING", "n": "BIGINT"}, rows=[("north", 3)])
    engine.statement("nope", error="[TABLE_OR_VIEW_NOT_FOUND] ...", sql_state="42P01")
    engine.notebook("/jobs/nightly", takes=10 * 3600, result="done")
    engine.notebook("/jobs/flaky", error="ValueError: bad day", times=2)   # then it goes well

What is told later goes first; `times` lets a line step aside after so many uses; what no line
speaks of succeeds at once with nothing to show.  A text pattern is looked for in the code (blanks
count as one), or is a glob for a notebook's path or a task's key; a compiled regular expression is
searched for.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal, Self, TypeVar

import trio
from attrs import define, evolve, field

from .engine import (
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

Pattern = str | re.Pattern[str]
Does = Callable[[Any], Any]
T = TypeVar("T")

# SQL spelling to the API's `type_name`, where the two differ.
TYPE_NAMES = {
    "BIGINT": "LONG",
    "INTEGER": "INT",
    "SMALLINT": "SHORT",
    "TINYINT": "BYTE",
    "REAL": "FLOAT",
    "VARCHAR": "STRING",
}


@define
class _Line:
    """One line of the script."""

    kind: Literal["command", "statement", "task"]
    matches: Callable[[Any], bool]
    does: Callable[[Any], Awaitable[Any]]
    left: int | None = None  # uses; None is endless
    used: int = 0


class Scripted(Engine):
    """Does what it was told.  The methods that tell return the engine, so lines can be chained."""

    needs_source = False

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self.seen: list[str | StatementSpec | TaskSpec] = []
        """Every command, statement and task that it was given, in order."""

    def __repr__(self) -> str:
        return f"<Scripted, {len(self._lines)} lines, {len(self.seen)} pieces of work seen>"

    def command(
        self,
        pattern: Pattern = "",
        *,
        takes: float = 0.0,
        text: str = "",
        table: Sequence[Sequence[Any]] | None = None,
        columns: Mapping[str, str] | None = None,
        error: str | None = None,
        trace: str = "",
        lost: bool = False,
        does: Does | None = None,
        times: int | None = None,
    ) -> Self:
        """Says what a command does in an execution context.

        Args:
          pattern: which commands; the empty text is every one.
          takes: seconds of trio's clock.
          text: its text result.
          table: its rows, instead of a text.
          columns: names the table's columns, with Spark types (`{"n": "long"}`).
          error: `Class: message` of the exception it ends in.
          trace: the traceback that goes with it; made up when empty.
          lost: whether the driver process dies under it.
          does: instead of all that, a function of the command's text that returns its text result
            or `CommandResults`; may be async.
          times: how often the line holds.
        """

        async def act(command: str) -> CommandResults:
            await trio.sleep(takes)
            if does is not None:
                value = await _value(does(command))
                return (
                    value if isinstance(value, CommandResults) else CommandResults(data=str(value))
                )
            if lost:
                raise ReplLost("The Python process exited with exit code 137 (SIGKILL).")
            if error is not None:
                return _command_error(error, trace)
            if table is not None:
                return _command_table(table, columns or {})
            return CommandResults(data=text)

        return self._tell("command", _in_code(pattern, str), act, times)

    def statement(
        self,
        pattern: Pattern = "",
        *,
        takes: float = 0.0,
        rows: Sequence[Sequence[Any]] = (),
        columns: Mapping[str, str] | Sequence[str] = (),
        error: str | None = None,
        error_code: str = "BAD_REQUEST",
        sql_state: str | None = None,
        does: Does | None = None,
        times: int | None = None,
    ) -> Self:
        """Says what a SQL statement does.

        Args:
          pattern: which statements; the empty text is every one.
          takes: seconds of trio's clock.
          rows: the result; any values, which go over the wire as Databricks' strings.
          columns: names with SQL types (`{"n": "BIGINT"}`), or names of STRINGs.  Rows without
            columns are called c0, c1, ...
          error: the message with which it fails.
          error_code: Databricks' code that goes with it.
          sql_state: the SQLSTATE that goes with it.
          does: instead of all that, a function of the `StatementSpec` that returns a `Table` or
            rows, or raises `SqlFailure`; may be async.
          times: how often the line holds.
        """

        async def act(spec: StatementSpec) -> Table:
            await trio.sleep(takes)
            if does is not None:
                value = await _value(does(spec))
                return value if isinstance(value, Table) else table_of(value, columns)
            if error is not None:
                raise SqlFailure(error, error_code, sql_state)
            return table_of(rows, columns)

        return self._tell("statement", _in_code(pattern, lambda spec: spec.statement), act, times)

    def notebook(self, path: Pattern = "*", **outcome: Any) -> Self:
        """Says what a notebook task does; `path` is a glob.  The rest is as for `task`."""
        return self._tell_task(
            lambda spec: (
                spec.kind == "notebook_task" and _is(path, str(spec.task.get("notebook_path", "")))
            ),
            **outcome,
        )

    def task(self, key: Pattern = "*", **outcome: Any) -> Self:
        """Says what a job task of any kind does; `key` is a glob on its `task_key`.

        Args:
          key: which tasks.
          outcome: `takes` (seconds), `result` (of a notebook), `logs`, `error` (one line), `trace`,
            `sql_output`, `does` (a function of the `TaskSpec` that returns a `TaskResult` or a
            notebook's result, or raises `TaskFailure`; may be async), `times`.
        """
        return self._tell_task(lambda spec: _is(key, spec.task_key), **outcome)

    def _tell_task(
        self,
        matches: Callable[[TaskSpec], bool],
        *,
        takes: float = 0.0,
        result: str | None = None,
        logs: str = "",
        error: str | None = None,
        trace: str = "",
        sql_output: Mapping[str, Any] | None = None,
        does: Does | None = None,
        times: int | None = None,
    ) -> Self:
        async def act(spec: TaskSpec) -> TaskResult:
            await trio.sleep(takes)
            if does is not None:
                value = await _value(does(spec))
                return value if isinstance(value, TaskResult) else TaskResult(value)
            if error is not None:
                raise TaskFailure(error, trace or _trace(error), logs)
            return TaskResult(result, logs=logs, sql_output=sql_output)

        return self._tell("task", matches, act, times)

    def _tell(
        self,
        kind: Literal["command", "statement", "task"],
        matches: Callable[[Any], bool],
        does: Callable[[Any], Awaitable[Any]],
        times: int | None,
    ) -> Self:
        self._lines.insert(0, _Line(kind, matches, does, times))
        return self

    async def _act(self, kind: str, work: Any, otherwise: T) -> T:
        self.seen.append(work)
        for line in self._lines:
            if line.kind == kind and line.left != 0 and line.matches(work):
                if line.left is not None:
                    line.left -= 1
                line.used += 1
                result: T = await line.does(work)
                return result
        await trio.lowlevel.checkpoint()
        return otherwise

    async def open_repl(self, spec: ReplSpec) -> Repl:
        """A REPL that answers by the script."""
        await trio.lowlevel.checkpoint()
        return _ScriptedRepl(self, spec)

    async def run_statement(self, spec: StatementSpec) -> Table:
        """Follows the script; see `Engine.run_statement`."""
        return await self._act("statement", spec, Table())

    async def run_task(self, spec: TaskSpec) -> TaskResult:
        """Follows the script; see `Engine.run_task`."""
        return await self._act("task", spec, TaskResult())


@define
class _ScriptedRepl(Repl):
    engine: Scripted
    spec: ReplSpec
    closed: bool = field(default=False)

    async def execute(self, command: str) -> CommandResults:
        return await self.engine._act("command", command, CommandResults())

    async def close(self) -> None:
        self.closed = True
        await trio.lowlevel.checkpoint()


def column(name: str, sql_type: str = "STRING") -> Column:
    """A `Column` from its SQL type, such as `DECIMAL(10,2)`."""
    word, _, arguments = sql_type.strip().partition("(")
    word = re.split(r"[<\s]", word.upper(), maxsplit=1)[0]
    made = Column(name, sql_type.upper(), TYPE_NAMES.get(word, word))
    if word == "DECIMAL":
        precision, _, scale = (arguments.rstrip(")") or "10,0").partition(",")
        made = evolve(made, precision=int(precision), scale=int(scale or 0))
    return made


def table_of(
    rows: Sequence[Sequence[Any]], columns: Mapping[str, str] | Sequence[str] = ()
) -> Table:
    """A `Table` of plain Python values."""
    types = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "STRING")
    if not types and rows:
        types = {f"c{place}": "STRING" for place in range(len(rows[0]))}
    return Table(
        tuple(column(name, sql_type) for name, sql_type in types.items()),
        [[_wire_text(value) for value in row] for row in rows],
    )


def _wire_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(_leaves(value), separators=(",", ":"))
    return str(value)


def _leaves(value: Any) -> Any:
    """What is in an array, a map or a struct: text, as by itself."""
    if isinstance(value, dict):
        return {_wire_text(key): _leaves(item) for key, item in value.items()}
    return (
        [_leaves(item) for item in value] if isinstance(value, (list, tuple)) else _wire_text(value)
    )


def _command_table(rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> CommandResults:
    names = columns or {f"c{place}": "string" for place in range(len(rows[0]) if rows else 0)}
    schema = [
        {"name": name, "type": json.dumps(spark_type), "metadata": "{}"}
        for name, spark_type in names.items()
    ]
    return CommandResults("table", [list(row) for row in rows], schema)


def _command_error(error: str, trace: str) -> CommandResults:
    name, _, message = error.partition(":")
    summary = f'<span class="ansi-red-fg">{name}</span>:{message}' if message else error
    return CommandResults("error", summary=summary, cause=trace or _trace(error))


def _trace(error: str) -> str:
    name = error.partition(":")[0]
    return f"{'-' * 75}\n{name}{'Traceback (most recent call last)':>{75 - len(name)}}\n\n{error}"


def _in_code(pattern: Pattern, code: Callable[[Any], str]) -> Callable[[Any], bool]:
    if isinstance(pattern, re.Pattern):
        return lambda work: pattern.search(code(work)) is not None
    wanted = " ".join(pattern.split())
    return lambda work: wanted in " ".join(code(work).split())


def _is(pattern: Pattern, text: str) -> bool:
    if isinstance(pattern, re.Pattern):
        return pattern.search(text) is not None
    return fnmatchcase(text, pattern)


async def _value(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
