"""Tasks of job runs: notebooks cell by cell, Python files as programs, SQL files as scripts.

Each runs in a fresh process, which ends with it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import trio

from ..engine import TaskFailure, TaskResult, TaskSource, TaskSpec
from .client import LineLost, StatementFailed, line
from .interpreters import InterpreterLost
from .machine import Machine
from .processes import ProcessGone

if TYPE_CHECKING:
    from .channel import Message

MAX_RESULT = 5 * 1024 * 1024  # bytes of a notebook's result, and of logs, that Databricks keeps
MAX_DEPTH = 10  # of notebooks that run notebooks
ANSI = re.compile(r"\x1b\[[0-9;]*m")

REFUSED = {
    "python_wheel_task": "Python wheels",
    "spark_jar_task": "JARs",
    "spark_submit_task": "spark-submit",
    "dbt_task": "dbt",
    "pipeline_task": "pipelines",
    "dashboard_task": "dashboards",
}


async def run(machine: Machine, spec: TaskSpec) -> TaskResult:
    """Runs one attempt of a task.

    Raises:
      TaskFailure: it went wrong, or is of a kind that the local engine does not have.
    """
    match spec.kind:
        case "notebook_task":
            return await _notebook(machine, spec)
        case "spark_python_task":
            return await _python_file(machine, spec)
        case "sql_task":
            return await _sql_file(machine, spec)
        case kind:
            what = REFUSED.get(kind, kind)
            raise TaskFailure(f"The local engine does not run {what}.")


async def _notebook(machine: Machine, spec: TaskSpec) -> TaskResult:
    path = str(spec.task.get("notebook_path", ""))
    if spec.source is None:
        raise TaskFailure(f"Unable to access the notebook {path!r}: it does not exist.")
    given = {**dict(spec.task.get("base_parameters") or {}), **dict(spec.parameters or {})}
    ran = Ran(machine, spec.task_values)
    result = await ran.notebook(spec.source, _texts(given))
    value = result.get("exit")
    kept = value.encode()[:MAX_RESULT].decode("utf-8", "ignore") if value is not None else None
    return TaskResult(notebook_result=kept, truncated=kept != value, values=ran.values)


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()}


async def _python_file(machine: Machine, spec: TaskSpec) -> TaskResult:
    path = str(spec.task.get("python_file", ""))
    if spec.source is not None:
        content = spec.source.content.decode("utf-8", "replace")
    else:
        place = machine.places.on_disk(path)
        if not place.is_file():
            raise TaskFailure(f"Cannot read the python file {path}: it does not exist.")
        content = place.read_text(encoding="utf-8", errors="replace")
    arguments = spec.parameters if spec.parameters is not None else spec.task.get("parameters", [])
    ran = Ran(machine, spec.task_values)
    request = {
        "do": "file",
        "content": content,
        "path": path,
        "arguments": [str(each) for each in arguments],
    }
    await ran.process(request, path)
    return TaskResult(logs=ran.logs, values=ran.values)


async def _sql_file(machine: Machine, spec: TaskSpec) -> TaskResult:
    if spec.source is None:
        raise TaskFailure(
            "The local engine runs SQL files only: there are no queries, dashboards or alerts here."
        )
    text = spec.source.content.decode("utf-8", "replace")
    given = {**dict(spec.task.get("parameters") or {}), **dict(spec.parameters or {})}
    parameters = [{"name": name, "value": value} for name, value in _texts(given).items()]
    request = {"do": "script", "statement": text, "parameters": parameters, "limit": 1}
    try:
        async with line(await machine.database()) as session:
            await session.ask(request)
    except StatementFailed as failed:
        raise TaskFailure(str(failed).split("\n", 1)[0], str(failed)) from None
    except LineLost as lost:
        raise TaskFailure(str(lost)) from None
    told = {"query_text": text, "warehouse_id": spec.task.get("warehouse_id", "")}
    return TaskResult(sql_output={"query_output": told})


class Ran:
    """A process that ran one thing, and what is left of it: its task values and its logs."""

    def __init__(
        self,
        machine: Machine,
        task_values: Mapping[str, Mapping[str, Any]] | None = None,
        depth: int = 0,
    ) -> None:
        self._machine = machine
        self._known = task_values
        self._depth = depth
        self.values: dict[str, Any] = {}
        self.logs = ""

    async def notebook(self, source: TaskSource, widgets: Mapping[str, str]) -> Mapping[str, Any]:
        """Runs a notebook in a process of its own, and gives its result.

        Raises:
          TaskFailure: a cell failed.
        """
        request = {
            "do": "notebook",
            "content": source.content.decode("utf-8", "replace"),
            "language": source.language,
            "format": source.format,
        }
        return await self.process(request, source.path, widgets)

    async def process(
        self, request: Message, path: str, widgets: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Runs `request` in a process of its own.

        Raises:
          TaskFailure: the code failed, or took its process with it.
        """
        try:
            interpreter = await self._machine.interpreter(
                self._answer,
                {
                    "path": path,
                    "widgets": dict(widgets or {}),
                    "task_values": self._known if self._known is not None else {},
                },
            )
        except ProcessGone as gone:
            raise TaskFailure(str(gone)) from None
        try:
            result = await interpreter.do(request)
        except InterpreterLost as lost:
            raise TaskFailure(
                str(lost), str(lost), self._logged(interpreter.output.take())
            ) from None
        finally:
            with trio.CancelScope(shield=True):
                await interpreter.end()
        self.logs = self._logged(interpreter.output.take())
        failure = result.get("failure")
        if failure:
            raise TaskFailure(failure["line"], ANSI.sub("", failure["trace"]), self.logs)
        return result

    def _logged(self, printed: str) -> str:
        return printed.encode()[-MAX_RESULT:].decode("utf-8", "ignore")

    async def _answer(self, call: Message) -> Any:
        if call["call"] == "task_value":
            self.values[call["key"]] = call["value"]
            return None
        return await answer(self._machine, call, self._known, self._depth)


async def answer(
    machine: Machine,
    call: Message,
    task_values: Mapping[str, Mapping[str, Any]] | None = None,
    depth: int = 0,
) -> Any:
    """What an interpreter asks of the engine: a notebook's source, or to run one.

    Returns:
      The answer, or `{"refusal": text}`.
    """
    match call:
        case {"call": "source", "path": str(path), "from": str(here)}:
            source = _source(machine, path, here)
            if source is None:
                return {"refusal": f"Notebook not found: {_absolute(path, here)}"}
            return {
                "path": source.path,
                "content": source.content.decode("utf-8", "replace"),
                "language": source.language,
                "format": source.format,
            }
        case {"call": "notebook", "path": str(path), "timeout": timeout, "arguments": arguments}:
            source = _source(machine, path, str(call.get("from", "")))
            if source is None:
                return {"refusal": f"Unable to access the notebook {path!r}: it does not exist."}
            if depth >= MAX_DEPTH:
                return {"refusal": f"Notebooks run notebooks more than {MAX_DEPTH} deep."}
            limit = float(timeout) if timeout and timeout > 0 else float("inf")
            with trio.move_on_after(limit):
                try:
                    result = await Ran(machine, task_values, depth + 1).notebook(source, arguments)
                except TaskFailure as failure:
                    return {"refusal": f"{failure.error}\n{failure.error_trace}"}
                return {"value": result.get("exit")}
            return {
                "refusal": f"TIMEDOUT: the notebook {path!r} took longer than {timeout} seconds."
            }
    # Task values outside of a job are heard by nobody.
    return None


def _absolute(path: str, here: str) -> str:
    base = posixpath.dirname(here) or "/"
    return posixpath.normpath(posixpath.join(base, path)).removeprefix("/Workspace") or "/"


def _source(machine: Machine, path: str, here: str) -> TaskSource | None:
    return machine.notebook(_absolute(path, here))
