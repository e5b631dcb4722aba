"""What does the work: the one small interface between the simulated workspace and an engine.

The workspace keeps states, ids, limits and clocks; an engine runs a command, a statement or a task
and says what came of it.  `Scripted` says what a test told it to; `Local` really runs things.

Every method may be cancelled, and `trio.Cancelled` means "stop this work now": the engine stops
quickly and leaves nothing behind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Literal, Protocol

from attrs import field, frozen

ResultType = Literal["text", "table", "image", "images", "error"]


@frozen
class CommandResults:
    """What a 1.2 command leaves behind, as the `results` of `commands/status`.

    Attributes:
      result_type: `text`, `table`, `image`, `images` or `error`.
      data: the text, or the table's rows as lists of JSON values.
      schema: of a table, `[{"name", "type", "metadata"}]`, the type a JSON-encoded Spark type.
      summary: of an error, one short line (may hold HTML).
      cause: of an error, the whole traceback (may hold ANSI escapes).
      truncated: whether the table was cut.
      file_names: of images, data URLs or plot names.
    """

    result_type: ResultType = "text"
    data: Any = ""
    schema: Sequence[Mapping[str, Any]] | None = None
    summary: str = ""
    cause: str = ""
    truncated: bool = False
    file_names: Sequence[str] = ()

    def wire(self) -> dict[str, Any]:
        """The camelCase object that API 1.2 sends."""
        match self.result_type:
            case "table":
                return {
                    "resultType": "table",
                    "data": self.data,
                    "schema": list(self.schema or ()),
                    "truncated": self.truncated,
                    "isJsonSchema": True,
                }
            case "error":
                return {"resultType": "error", "summary": self.summary, "cause": self.cause}
            case "image":
                return {"resultType": "image", "fileName": next(iter(self.file_names), "")}
            case "images":
                return {"resultType": "images", "fileNames": list(self.file_names)}
            case _:
                return {"resultType": "text", "data": self.data}


class ReplLost(Exception):
    """The process (or driver) behind a context is gone, and its state with it."""


@frozen
class ReplSpec:
    """Which context a REPL is for.  `language` is python, sql, scala or r."""

    cluster_id: str
    context_id: str
    language: str
    spark_context_id: int


class Repl(ABC):
    """The state behind one execution context.  The workspace runs one command at a time in it."""

    @abstractmethod
    async def execute(self, command: str) -> CommandResults:
        """Runs `command`; an error of the user's code is a result, not an exception.

        Raises:
          ReplLost: the process is gone; the workspace loses the context.
        """

    @abstractmethod
    async def close(self) -> None:
        """Ends it.  Called once, also after `ReplLost`, shielded by the workspace and bounded."""


class SqlFailure(Exception):
    """A statement failed; becomes `status.error` of a FAILED statement."""

    def __init__(
        self, message: str, error_code: str = "BAD_REQUEST", sql_state: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = error_code
        self.sql_state = sql_state


@frozen
class Parameter:
    """A named parameter of a statement (`:name`).  A `value` of None is NULL."""

    name: str
    value: str | None = None
    type: str = "STRING"


@frozen
class StatementSpec:
    """A statement to run.  `row_limit` is the caller's, to save work; the workspace cuts anyway."""

    statement: str
    catalog: str | None = None
    schema: str | None = None
    parameters: Sequence[Parameter] = ()
    row_limit: int | None = None
    warehouse_id: str = ""


@frozen
class Column:
    """A result column: `type_text` as in SQL (`BIGINT`), `type_name` the API's (`LONG`)."""

    name: str
    type_text: str = "STRING"
    type_name: str = "STRING"
    precision: int | None = None
    scale: int | None = None


@frozen
class Table:
    """A statement's result: columns, and rows of wire strings (None is NULL).

    No columns at all stands for a statement without a result (DDL).
    """

    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[str | None]] = field(factory=list, repr=False)


@frozen
class TaskSource:
    """The code of a task that was found in the workspace, DBFS or a volume."""

    path: str
    content: bytes = field(repr=False)
    language: str = "PYTHON"
    format: str = "SOURCE"


@frozen
class TaskSpec:
    """One attempt of one task of a job run.

    Attributes:
      kind: `notebook_task`, `spark_python_task`, `sql_task`, ...
      task: the object under that key.
      parameters: the task's own merged with the run's: a dict of widgets for a notebook, a list for
        Python files, wheels and JARs.
      cluster_id: where it runs; None when serverless or on a warehouse.
      source: its code, when the workspace holds it.
      attempt: 0 for the first.
      task_values: what tasks of the run set with `dbutils.jobs.taskValues`, by task key and name.
    """

    run_id: int
    task_run_id: int
    task_key: str
    kind: str
    task: Mapping[str, Any]
    parameters: Any = None
    cluster_id: str | None = None
    source: TaskSource | None = None
    attempt: int = 0
    task_values: Mapping[str, Mapping[str, Any]] = field(factory=dict)


@frozen
class TaskResult:
    """What a task that went well leaves for `runs/get-output`.

    `values` are its task values (`dbutils.jobs.taskValues`), for the tasks after it.
    """

    notebook_result: str | None = None
    truncated: bool = False
    logs: str = ""
    sql_output: Mapping[str, Any] | None = None
    values: Mapping[str, Any] = field(factory=dict)


class TaskFailure(Exception):
    """A task failed: `error` is one line, `error_trace` all of it, `logs` what it printed.

    `code` is the run's `termination_details.code`.
    """

    def __init__(
        self, error: str, error_trace: str = "", logs: str = "", code: str = "RUN_EXECUTION_ERROR"
    ) -> None:
        super().__init__(error)
        self.error = error
        self.error_trace = error_trace
        self.logs = logs
        self.code = code


class Surroundings(Protocol):
    """What an engine sees of the workspace that it works for."""

    @property
    def user_name(self) -> str:
        """Who the workspace belongs to."""

    def source(self, path: str) -> TaskSource | None:
        """The code at a path of the workspace; None for nothing."""


class Engine(ABC):
    """Does the work of a simulated workspace.

    `needs_source` says whether a notebook task needs its notebook to be in the workspace; without
    it, the path is enough.
    """

    needs_source: ClassVar[bool] = True

    @asynccontextmanager
    async def running(self, workspace: Surroundings) -> AsyncIterator[None]:  # noqa: ARG002
        """Starts and stops with the workspace; override to hold processes or a database."""
        yield

    @abstractmethod
    async def open_repl(self, spec: ReplSpec) -> Repl:
        """Opens the REPL behind a new context.  An exception makes the context's status `Error`."""

    @abstractmethod
    async def run_statement(self, spec: StatementSpec) -> Table:
        """Runs one SQL statement.

        Raises:
          SqlFailure: the statement is wrong, or went wrong.
        """

    @asynccontextmanager
    async def sql_session(self) -> AsyncIterator[Callable[[StatementSpec], Awaitable[Table]]]:
        """Holds a session of the database; yields what runs statements in it, one at a time.

        Override it where a session keeps something (`USE`, temporary views) between statements.
        """
        yield self.run_statement

    @abstractmethod
    async def run_task(self, spec: TaskSpec) -> TaskResult:
        """Runs one attempt of a job task.

        Raises:
          TaskFailure: the task went wrong.
        """
