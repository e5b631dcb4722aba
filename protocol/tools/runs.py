"""Runs: how far they are, how they ended, what they left.

https://docs.databricks.com/api/workspace/jobs/getrun
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import trio

from ...clients.runs import LifeCycleState, Run, RunState
from ...errors import DatabricksError
from ..call import Call
from ..registry import tool
from ..results import Answer, cut, fenced, lines, one_line, plain, seconds, table
from ..schema import argument
from .ids import DEFAULT_WAIT, WAIT

if TYPE_CHECKING:
    from ...actors.run import TaskOutput

LEAST_FOR_OUTPUT = (
    3.0  # seconds to fetch a failed run's errors, even when its end came at the limit
)
# Characters of results, logs and traces in one answer, shared by a run's tasks; each may have 5 MB.
OUTPUT_LIMIT = 1_000_000
TEXT_SHARE = 4_000  # characters of one task's output in the text, at least
CUT_TEXTS = (("logs", "logs_truncated"), ("error_trace", "error_trace_truncated"))


@attrs.frozen
class OneRun:
    """A run."""

    run_id: int = argument(minimum=1)


@attrs.frozen
class WaitForRun:
    """A run, and how long to wait for it."""

    run_id: int = argument(minimum=1)
    poll_interval: float | None = argument(
        "Longest pause between looks, seconds", default=None, minimum=0.1, maximum=3600
    )
    max_wait_seconds: float = argument(default=DEFAULT_WAIT, **WAIT)


@tool(OneRun, title="Get run", reads=True)
async def get_run(call: Call, arguments: OneRun) -> Answer:
    """Get a run's state and tasks, without waiting."""
    run = await call.session.databricks.jobs.get_run(arguments.run_id)
    return Answer(run.wire, _told(run))


@tool(WaitForRun, title="Wait for run", reads=True, patience=math.inf)
async def wait_for_run_completion(call: Call, arguments: WaitForRun) -> Answer:
    """Wait until a run is over, or max_wait_seconds have passed and it is still going on."""
    from ...actors.run import failure  # noqa: PLC0415

    limit = arguments.max_wait_seconds
    deadline = trio.current_time() + limit
    watched = call.session.run(arguments.run_id)
    run = await call.waiting(
        lambda: watched.wait(limit, poll_interval=arguments.poll_interval),
        limit,
        lambda: f"run {arguments.run_id}: {watched.state or 'asking'}",
    )
    if not watched.is_over:
        text = f"Not finished after {seconds(limit)}. Call wait_for_run_completion again."
        return Answer(run.wire, lines(_told(run), text))
    failed = failure(run)
    if failed is None:
        return Answer(run.wire, _told(run))
    failed.advice = f"get_run_output({run.run_id}) has all that its tasks left."
    with trio.move_on_after(max(deadline - trio.current_time(), LEAST_FOR_OUTPUT)):
        failed.outcome = {**failed.outcome, "failed_tasks": await _failed_tasks(call, run)}
    raise failed


@tool(OneRun, title="Get run output", reads=True)
async def get_run_output(call: Call, arguments: OneRun) -> Answer:
    """Get what a run's tasks returned, printed or failed with; of a run or one task's run."""
    output = await call.session.run(arguments.run_id).output()
    room = OUTPUT_LIMIT // max(1, len(output.tasks))
    parts = [_structured(task, output.run, room) for task in output.tasks]
    structured = parts[0] if len(parts) == 1 else {"metadata": output.run.wire, "tasks": parts}
    share = max(TEXT_SHARE, 16_000 // max(1, len(parts)))
    return Answer(structured, lines(_told(output.run), *(_shown(part, share) for part in parts)))


# -- what a run's tasks left -----------------------------------------------------------------------


async def _failed_tasks(call: Call, run: Run) -> list[dict[str, Any]]:
    try:
        output = await call.session.run(run.run_id).output()
    except DatabricksError:
        return []  # the failure itself is told all the same
    return [
        {"task_key": task.task_key, "run_id": task.run_id}
        | _errors(task.output.wire, OUTPUT_LIMIT // len(output.tasks))
        for task in output.tasks
        if task.output is not None and (task.output.error or task.output.error_trace)
    ]


def _errors(wire: Mapping[str, Any], room: int) -> dict[str, Any]:
    kept = {name: plain(str(wire[name])) for name in ("error", "error_trace") if wire.get(name)}
    return _bounded(kept, room)


def _structured(task: TaskOutput, run: Run, room: int) -> dict[str, Any]:
    """One task's output with Databricks' names; long texts cut, and marked as cut."""
    known: dict[str, Any] = {"task_key": task.task_key, "run_id": task.run_id}
    if task.output is None:
        return known | {"refusal": task.refusal.facts() if task.refusal else {}}
    wire = dict(task.output.wire)
    if wire.get("error_trace"):
        wire["error_trace"] = plain(str(wire["error_trace"]))
    wire.setdefault("metadata", run.wire)
    return known | _bounded(wire, room)


def _bounded(wire: dict[str, Any], room: int) -> dict[str, Any]:
    for name, mark in CUT_TEXTS:
        if isinstance(text := wire.get(name), str) and len(text) > room:
            wire[name] = text[-room:]  # the end of a log says most
            wire[mark] = True
    notebook = wire.get("notebook_output")
    if isinstance(notebook, dict):
        result = notebook.get("result")
        if isinstance(result, str) and len(result) > room:
            wire["notebook_output"] = notebook | {"result": result[:room], "truncated": True}
    return wire


def _shown(part: Mapping[str, Any], share: int) -> str:
    """One task's output for a model."""
    key = part.get("task_key")
    rest = f"more of it in the structured content and by get_run_output({part['run_id']})"
    notebook = part.get("notebook_output") or {}
    pieces: list[str | None] = [f"Task {key} (run {part['run_id']}):" if key else None]
    if part.get("refusal"):
        pieces.append(f"No output: {one_line(str(part['refusal'].get('message')))}")
    if part.get("error"):
        pieces.append(f"Error: {one_line(plain(str(part['error'])))}")
    if part.get("error_trace"):
        pieces.append(fenced(cut(str(part["error_trace"]), share, rest=rest)))
    if notebook.get("result") is not None:
        pieces += ["Result:", fenced(cut(str(notebook["result"]), share, rest=rest))]
        if notebook.get("truncated"):
            pieces.append("The result is cut: Databricks keeps its first 5 MB.")
    if part.get("logs"):
        pieces += ["Logs:", fenced(cut(plain(str(part["logs"])), share, rest=rest))]
        if part.get("logs_truncated"):
            pieces.append("The logs are cut: their end is shown.")
    if len(pieces) == 1:
        others = [name for name in part if name.endswith("_output")]
        pieces.append(f"See {', '.join(others)}." if others else "It left no output.")
    return lines(*pieces)


# -- how a run is told -----------------------------------------------------------------------------


def _told(run: Run) -> str:
    from ...actors.run import COURSE, failure, word  # noqa: PLC0415

    state = run.state or RunState(word(run))
    name = f" ({one_line(run.run_name, 200)})" if run.run_name else ""
    message = one_line(state.state_message or state.queue_reason)
    if not COURSE.is_over(run):
        said = f": {message}" if message else ""
        opening = (
            f"Run {run.run_id}{name} is {word(run) or 'of unknown state'}{said}. Not finished."
        )
    elif failed := failure(run):
        opening = f"{one_line(failed.message)}. It did not succeed."
    else:
        opening = f"Run {run.run_id}{name} ended with SUCCESS{_took(run)}."
    return lines(opening, _tasks(run), run.run_page_url)


def _took(run: Run) -> str:
    if not run.start_time or not run.end_time or run.end_time < run.start_time:
        return ""
    return f" after {seconds((run.end_time - run.start_time) // 100 / 10)}"


def _tasks(run: Run) -> str:
    if len(run.tasks) <= 1 and (run.state or RunState()).life_cycle_state in (
        LifeCycleState.TERMINATED,
        LifeCycleState.SKIPPED,
    ):
        return ""
    rows = []
    for task in run.tasks:
        state = task.state or RunState()
        status = task.status.state if task.status else ""
        rows.append(
            (
                task.task_key,
                task.run_id,
                state.result_state or state.life_cycle_state or status,
                state.state_message,
            )
        )
    if not rows:
        return ""
    shown = table(("task_key", "run_id", "state", "message"), rows, limit=8_000)
    left = len(rows) - shown.rows
    return lines(shown.text, f"{left} more tasks in the structured content." if left else "")
