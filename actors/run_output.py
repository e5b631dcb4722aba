"""What a run's tasks left: fetched a few at a time, and cut as it comes in.

Databricks keeps 5 MB of each text of each task, and a run may have a thousand tasks.  All that one
`Output` holds is about as much as one task may have left; what is cut says so, and one task's own
run, asked for alone, has the whole.

https://docs.databricks.com/api/workspace/jobs/getrunoutput
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import trio

from ..clients import runs
from ..clients.jobs import JobsClient
from ..clients.runs import ResultState, RunOutput, RunTask
from ..clients.wire import structure
from ..errors import DatabricksError, DatabricksUnreachable
from .shield import ungrouped

AT_ONCE = 4  # outputs fetched at a time; each may be 15 MB on its way, and twice that when read
KEPT = 5 * 2**20  # characters of each kind of text, shared out among the tasks
OUTPUT_WITHIN = 120.0  # seconds
ERRORS_WITHIN = 10.0  # seconds; the failure itself is known, and is told without them
MOST_ERRORS = 20  # tasks; one error often has a hundred tasks fail

# Of these the end is kept, which says most.
_ENDS = (("logs", "logs_truncated"), ("error_trace", "error_trace_truncated"))
_WITHOUT_ERROR = (
    ResultState.SUCCESS,
    ResultState.EXCLUDED,
    ResultState.UPSTREAM_FAILED,
    ResultState.UPSTREAM_CANCELED,
)
_OF_ERRORS = ("error", "error_trace", "error_trace_truncated", "error_trace_length")


@attrs.frozen
class TaskOutput:
    """What the last attempt of one task left: its `output`, or why that could not be had.

    Attributes:
      task_key: the task; empty for a run that is not made of tasks.
      run_id: of the task's run.
      output: as Databricks told it; long texts cut where there are many tasks (see `is_cut`).
      refusal: why there is none.
    """

    task_key: str
    run_id: int
    output: RunOutput | None = None
    refusal: DatabricksError | None = None

    @property
    def is_cut(self) -> bool:
        """Whether texts were cut here.  `toolkit.run(run_id).output()` of this task's has them all.

        How long they were stands beside them in `output.wire`: `logs_length`,
        `error_trace_length`, and `result_length` in `notebook_output`.
        """
        wire = {} if self.output is None else self.output.wire
        parts = [wire, wire.get("notebook_output") or {}]
        return any(name.endswith("_length") for part in parts for name in part)


@attrs.frozen
class Output:
    """What a run left, task by task, in the run's order."""

    run: runs.Run
    tasks: tuple[TaskOutput, ...]

    @property
    def result(self) -> str | None:
        """What the only task's notebook gave to `dbutils.notebook.exit`, if it is one and did."""
        if len(self.tasks) != 1 or self.tasks[0].output is None:
            return None
        notebook = self.tasks[0].output.notebook_output
        return None if notebook is None else notebook.result


async def fetch_output(jobs: JobsClient, run_id: int, timeout: float) -> Output:
    """What each task of a run left, within `timeout` seconds; what did not come in time says so.

    Raises:
      NotFound: there is no such run.
      DatabricksUnreachable: not even the run itself was seen in time.
    """
    run: runs.Run | None = None
    left: dict[str, TaskOutput] = {}
    tasks: Sequence[RunTask] = ()
    with trio.move_on_after(timeout):
        run = await jobs.get_run(run_id)
        if not run.tasks:
            return Output(run, (TaskOutput("", run_id, await jobs.get_output(run_id)),))
        tasks = last_attempts(run.tasks)
        await _fetch_all(jobs, tasks, left)
    if run is None or not tasks:
        raise DatabricksUnreachable(
            f"The output of run {run_id} did not come within {timeout:g} s", advice="Ask again."
        )
    return Output(run, tuple(left.get(task.task_key) or _late(task, timeout) for task in tasks))


async def _fetch_all(
    jobs: JobsClient, tasks: Sequence[RunTask], left: dict[str, TaskOutput]
) -> None:
    free = trio.CapacityLimiter(AT_ONCE)
    room = KEPT // len(tasks) if len(tasks) > 1 else None

    async def fetch(task: RunTask) -> None:
        async with free:
            try:
                output = await jobs.get_output(task.run_id)
            except DatabricksError as refusal:
                left[task.task_key] = TaskOutput(task.task_key, task.run_id, refusal=refusal)
                return
            if room is not None:
                output = cut(output, room)
            left[task.task_key] = TaskOutput(task.task_key, task.run_id, output)

    with ungrouped():
        async with trio.open_nursery() as nursery:
            for task in tasks:
                nursery.start_soon(fetch, task)


async def fetch_errors(jobs: JobsClient, run: runs.Run, within: float) -> list[dict[str, Any]]:
    """What the tasks of a run that has failed say of it, in Databricks' names, in the run's order.

    Args:
      jobs: where to ask.
      run: as its end was seen.
      within: seconds; what has not come by then is left out, and what Databricks refuses.
    """
    tasks = last_attempts(run.tasks) or [RunTask(run.run_id, wire={})]
    failed = [task for task in tasks if _may_tell(task)][:MOST_ERRORS]
    left: dict[str, TaskOutput] = {}
    with trio.move_on_after(within):
        await _fetch_all(jobs, failed, left)
    outputs = [(task, left[task.task_key].output) for task in failed if task.task_key in left]
    return [
        {"task_key": task.task_key, "run_id": task.run_id}
        | {name: output.wire[name] for name in _OF_ERRORS if output.wire.get(name)}
        for task, output in outputs
        if output is not None and (output.error or output.error_trace)
    ]


def _may_tell(task: RunTask) -> bool:
    """Whether it may have an error of its own."""
    return (task.state.result_state if task.state else None) not in _WITHOUT_ERROR


def _late(task: RunTask, timeout: float) -> TaskOutput:
    refusal = DatabricksUnreachable(
        f"It was not fetched within {timeout:g} s",
        advice=f"Ask for the output of run {task.run_id}, which is this task's own.",
    )
    return TaskOutput(task.task_key, task.run_id, refusal=refusal)


def cut(output: RunOutput, room: int) -> RunOutput:
    """The output with its long texts cut to `room` characters each, marked as cut, and how long
    they were beside them.
    """
    wire: dict[str, Any] = dict(output.wire)
    for name, mark in _ENDS:
        if isinstance(text := wire.get(name), str) and len(text) > room:
            wire |= {name: text[-room:], mark: True, f"{name}_length": len(text)}
    notebook = wire.get("notebook_output") or {}
    result = notebook.get("result")
    if isinstance(result, str) and len(result) > room:
        cut_off = {"result": result[:room], "truncated": True, "result_length": len(result)}
        wire["notebook_output"] = {**notebook, **cut_off}
    return output if wire == output.wire else structure(wire, RunOutput)


def last_attempts(tasks: Sequence[RunTask]) -> list[RunTask]:
    """One entry for each task, in order: a retried one is listed once for each attempt."""
    last: dict[str, RunTask] = {}
    for task in tasks:
        known = last.get(task.task_key)
        if known is None or task.attempt_number >= known.attempt_number:
            last[task.task_key] = task
    return list(last.values())
