"""The REPLs behind contexts: Python in a process of its own, SQL in a session, others refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine import CommandResults, Repl, ReplLost
from .client import Line, LineLost, StatementFailed
from .interpreters import Interpreter, InterpreterLost

MAX_ROWS = 10_000  # what a table of a command shows


def results(result: Mapping[str, Any], printed: str) -> CommandResults:
    """A process's result as API 1.2 tells it: the richest thing that the command showed.

    Args:
      result: what the interpreter told (see `interpreter.context.Result`).
      printed: what the command wrote to stdout and stderr.
    """
    failure = result.get("failure")
    if failure:
        return CommandResults("error", summary=failure["summary"], cause=failure["trace"])
    if result.get("exit") is not None:
        return CommandResults("text", data=result["exit"])
    table = result.get("table")
    if table:
        return CommandResults(
            "table", data=table["rows"], schema=table["schema"], truncated=table["truncated"]
        )
    images: Sequence[str] = result.get("images") or ()
    if images:
        return CommandResults("image" if len(images) == 1 else "images", file_names=images)
    shown = [*(result.get("html") or ()), *([result["value"]] if result.get("value") else ())]
    text = (
        printed
        if not shown
        else "\n".join([*([printed.removesuffix("\n")] if printed else ()), *shown])
    )
    return CommandResults("text", data=text.removesuffix("\n"))


class PythonRepl(Repl):
    """A Python context: one interpreter process."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    def __repr__(self) -> str:
        return f"<PythonRepl on {self._interpreter!r}>"

    async def execute(self, command: str) -> CommandResults:
        """Runs Python, or another kind of cell by its magic, in the process."""
        request = {"do": "command", "code": command, "language": "python"}
        try:
            result = await self._interpreter.do(request)
        except InterpreterLost as lost:
            raise ReplLost(str(lost)) from None
        return results(result, self._interpreter.output.take())

    async def close(self) -> None:
        """Kills the process, and what it started."""
        await self._interpreter.end()


class SqlRepl(Repl):
    """A SQL context: one session of the database."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def execute(self, command: str) -> CommandResults:
        """Runs one or more statements; the last one's rows are the result."""
        lines = command.strip().splitlines()
        if lines and lines[0].strip().lower().startswith("%sql"):
            command = command.strip()[4:]
        request = {"do": "script", "statement": command, "limit": MAX_ROWS + 1, "as": "native"}
        try:
            answer = await self._line.ask(request)
        except StatementFailed as failed:
            summary = str(failed).split("\n", 1)[0]
            return CommandResults("error", summary=summary, cause=str(failed))
        except LineLost as lost:
            raise ReplLost(str(lost)) from None
        schema = [
            {"name": each["name"], "type": json.dumps(each["json"]), "metadata": "{}"}
            for each in answer.columns
        ]
        rows = answer.rows[:MAX_ROWS]
        return CommandResults("table", rows, schema, truncated=len(answer.rows) > MAX_ROWS)

    async def close(self) -> None:
        """Ends the session."""
        await self._line.close()


class RefusingRepl(Repl):
    """A context of a language that the local engine does not have: every command says so."""

    def __init__(self, language: str) -> None:
        self._language = {"r": "R"}.get(language, language.title())

    async def execute(self, command: str) -> CommandResults:  # noqa: ARG002
        """Refuses."""
        text = f"{self._language} is not available in the local engine: it runs Python and SQL."
        return CommandResults("error", summary=text, cause=text)

    async def close(self) -> None:
        """Nothing to end."""
