"""Runs: how far they are, how they ended, what they left.

https://docs.databricks.com/api/workspace/jobs/getrun
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ...clients.runs import LifeCycleState, Run, RunState
from ..call import Call
from ..registry import tool
from ..results import TEXT_LIMIT, Answer, fenced, lines, one_line, plain, seconds, table, window
from ..schema import argument
from .ids import max_wait

if TYPE_CHECKING:
    from ...actors import TaskOutput

# To fetch a failed run's errors, even when its end came at the limit.
LEAST_FOR_OUTPUT = 3.0  # seconds
OUTPUT_WITHIN = 50.0  # seconds; many hosts give up on a call after 60
TEXT_SHARE = 4_000  # characters of one task's output in the text, at least


@attrs.frozen
class OneRun:
    """A run."""

    run_id: int = argument("Run id", minimum=1)


@attrs.frozen
class OutputOfRun(OneRun):
    """A run, and where to begin with what it left."""

    offset: int = argument("Characters of long texts to skip", default=0, minimum=0)


@attrs.frozen
class WaitForRun:
    """A run, and how long to wait for it."""

    run_id: int = argument("Run id", minimum=1)
    poll_interval: float | None = argument(
        "Seconds between looks at most", default=None, minimum=0.1, maximum=3600
    )
    max_wait_seconds: float = max_wait()


@tool(OneRun, title="Get run", reads=True)
async def get_run(call: Call, arguments: OneRun) -> Answer:
    """Get a run's state and tasks, without waiting."""
    run = await call.session.databricks.jobs.get_run(arguments.run_id)
    return Answer(run.wire, _told(run))


@tool(WaitForRun, title="Wait for run", reads=True, patience=math.inf)
async def wait_for_run_completion(call: Call, arguments: WaitForRun) -> Answer:
    """Wait until a run is over, or max_wait_seconds have passed and it is still going on."""
    from ...actors.run import failure  # noqa: PLC0415
    from ...actors.run_output import fetch_errors  # noqa: PLC0415

    limit = arguments.max_wait_seconds
    watched = call.session.run(arguments.run_id)
    run = await call.waiting(
        lambda: watched.wait(call.left(limit), poll_interval=arguments.poll_interval),
        limit,
        lambda: f"run {arguments.run_id}: {watched.state or 'asking'}",
    )
    if not watched.is_over:
        text = f"Waited {seconds(limit)}: call wait_for_run_completion again."
        return Answer(run.wire, lines(_told(run), text))
    failed = failure(run)
    if failed is None:
        return Answer(run.wire, _told(run))
    failed.advice = f"get_run_output({run.run_id}) has all that its tasks left."
    within = call.left(limit, LEAST_FOR_OUTPUT)
    tasks = await fetch_errors(call.session.databricks.jobs, run, within)
    failed.outcome = {**failed.outcome, "failed_tasks": [_uncoloured(task) for task in tasks]}
    raise failed


@tool(OutputOfRun, title="Get run output", reads=True)
async def get_run_output(call: Call, arguments: OutputOfRun) -> Answer:
    """Get what a run's tasks returned, printed or failed with; of a run or one task's run."""
    output = await call.session.run(arguments.run_id).output(timeout=call.left(OUTPUT_WITHIN))
    parts = [_structured(task, output.run) for task in output.tasks]
    structured = parts[0] if len(parts) == 1 else {"metadata": output.run.wire, "tasks": parts}
    share = max(TEXT_SHARE, TEXT_LIMIT // max(1, len(parts)))
    shown = [_shown(part, share, arguments.offset) for part in parts]
    return Answer(structured, lines(_told(output.run), *shown))


# -- what a run's tasks left -----------------------------------------------------------------------


def _uncoloured(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task's errors without the escapes that colour them."""
    return {k: plain(v) if k in ("error", "error_trace") else v for k, v in task.items()}


def _structured(task: TaskOutput, run: Run) -> dict[str, Any]:
    """One task's output with Databricks' names."""
    known: dict[str, Any] = {"task_key": task.task_key, "run_id": task.run_id}
    if task.output is None:
        return known | {"refusal": task.refusal.facts() if task.refusal else {}}
    wire = dict(task.output.wire)
    if wire.get("error_trace"):
        wire["error_trace"] = plain(str(wire["error_trace"]))
    wire.setdefault("metadata", run.wire)
    return known | wire


def _shown(part: Mapping[str, Any], share: int, offset: int) -> str:
    """One task's output for a model."""
    run_id, key = part["run_id"], part.get("task_key")
    notebook = part.get("notebook_output") or {}

    def long(title: str, value: Any) -> list[str]:
        text = plain(str(value))
        if offset or len(text) > share:
            again = f"get_run_output(run_id={run_id}) with"
            shown = window(text, offset, again=again, limit=share)
            return [title, fenced(shown.text), shown.note]
        return [title, fenced(text)]

    pieces: list[str] = [f"Task {key} (run {run_id}):"] if key else []
    nothing = len(pieces)
    if part.get("refusal"):
        refusal = part["refusal"]
        told = [str(refusal[name]) for name in ("message", "advice") if refusal.get(name)]
        pieces.append(f"No output: {one_line(' '.join(each.rstrip('.') + '.' for each in told))}")
    if part.get("error"):
        pieces.append(f"Error: {one_line(plain(str(part['error'])))}")
    if part.get("error_trace"):
        pieces += long("Trace:", part["error_trace"])
    if notebook.get("result") is not None:
        pieces += long("Result:", notebook["result"])
        pieces += _cut_note(
            "result", notebook.get("result_length"), notebook.get("truncated"), run_id
        )
    if part.get("logs"):
        pieces += long("Logs:", part["logs"])
        pieces += _cut_note("logs", part.get("logs_length"), part.get("logs_truncated"), run_id)
    if len(pieces) == nothing:
        others = [name for name in part if name.endswith("_output")]
        pieces.append(f"See {', '.join(others)}." if others else "It left no output.")
    return lines(*pieces)


def _cut_note(name: str, length: int | None, truncated: Any, run_id: int) -> list[str]:
    if length is not None:
        return [
            f"The {name} had {length:,} characters and were cut among many tasks: "
            f"get_run_output(run_id={run_id}) has this task's whole."
        ]
    return [f"Databricks has kept only 5 MB of the {name}."] if truncated else []


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
        opening = f"{one_line(failed.message).removesuffix('.')}. It did not succeed."
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
