"""A job run: watched, never owned.  It goes on when nobody waits, and when the session ends.

https://docs.databricks.com/api/workspace/jobs/getrun
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import trio

from ..clients import runs
from ..clients.jobs import JobsClient
from ..clients.runs import LifeCycleState, ResultState, RunOutput, RunTask
from ..errors import DatabricksError, RunFailed
from . import polling
from .run_polls import LookAtRun, RunPolls
from .states import Course, closed
from .watching import Roster, Watched, Watching

AT_ONCE = 8  # outputs fetched at a time; each may be 5 MB

QUEUED, PENDING, RUNNING = LifeCycleState.QUEUED, LifeCycleState.PENDING, LifeCycleState.RUNNING
BLOCKED, WAITING = LifeCycleState.BLOCKED, LifeCycleState.WAITING_FOR_RETRY
TERMINATING, TERMINATED = LifeCycleState.TERMINATING, LifeCycleState.TERMINATED
SKIPPED, INTERNAL_ERROR = LifeCycleState.SKIPPED, LifeCycleState.INTERNAL_ERROR

STEPS = {
    QUEUED: {PENDING, SKIPPED, TERMINATING},
    BLOCKED: {PENDING, SKIPPED, TERMINATING},
    PENDING: {RUNNING, SKIPPED, TERMINATING, INTERNAL_ERROR},
    RUNNING: {WAITING, TERMINATING, INTERNAL_ERROR},
    WAITING: {PENDING, TERMINATING},
    TERMINATING: {TERMINATED, WAITING, INTERNAL_ERROR},
    TERMINATED: set[LifeCycleState](),
    SKIPPED: set[LifeCycleState](),
    INTERNAL_ERROR: set[LifeCycleState](),  # also the parent of a failed task
}


def word(run: runs.Run) -> str:
    """The run's `life_cycle_state`; where a workspace sends only the newer `status`, that one's."""
    if run.state is not None:
        return run.state.life_cycle_state
    return "" if run.status is None else run.status.state


COURSE = Course(later=closed(STEPS), word=word)


def failure(run: runs.Run) -> RunFailed | None:
    """How a run that is over failed; None if it succeeded.  Only SUCCESS is success."""
    state = run.state or runs.RunState(word(run))
    details = run.status.termination_details if run.status else None
    code = details.code if details else ""
    if (state.result_state or code) == ResultState.SUCCESS:
        return None
    # SKIPPED has no result; its code tells why.
    result = state.result_state or f"{state.life_cycle_state} {code}".strip()
    said = f": {state.state_message}" if state.state_message else ""
    return RunFailed(f"Run {run.run_id} ended as {result}{said}", outcome=run.wire)


@attrs.frozen
class TaskOutput:
    """What the last attempt of one task left: its `output`, or why that could not be had.

    Attributes:
      task_key: the task; empty for a run that is not made of tasks.
      run_id: of the task's run.
      output: as Databricks told it.
      refusal: why there is none.
    """

    task_key: str
    run_id: int
    output: RunOutput | None = None
    refusal: DatabricksError | None = None


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


class RunWatching(Watching[runs.Run]):
    """Polls one run while somebody looks, together with the polls of other runs."""

    course = COURSE
    pace = polling.RUN

    def __init__(self, run_id: int, jobs: JobsClient, roster: Roster) -> None:
        super().__init__(f"run {run_id}")
        self._run_id, self._jobs, self._roster = run_id, jobs, roster

    async def look(self, slack: float) -> runs.Run:
        """Have it looked at, with others if there are any."""
        polls = self._roster.attend(RunPolls.name, lambda: RunPolls(self._jobs))
        return await polls.ask(LookAtRun(self._run_id, slack))


class Run(Watched[runs.Run]):
    """A job run.

    https://docs.databricks.com/api/workspace/jobs/getrun

    Attributes:
      run_id: Databricks' id, enough to find it again from anywhere.
    """

    course = COURSE

    def __init__(self, run_id: int, jobs: JobsClient, roster: Roster) -> None:
        super().__init__(f"run {run_id}", roster, lambda: RunWatching(run_id, jobs, roster))
        self.run_id, self._jobs = run_id, jobs

    async def success(self, timeout: float | None = None) -> runs.Run:
        """Wait until it is over, and return it if it succeeded.  If cancelled, only that ends.

        Raises:
          RunFailed: it ended in anything but SUCCESS; `output` has what its tasks failed with.
          TimeoutError: it goes on after `timeout` seconds.
        """
        run = await self.wait(timeout)
        if not self.is_over:
            raise TimeoutError(f"{self!r} after {timeout} s")
        if failed := failure(run):
            raise failed
        return run

    async def output(self) -> Output:
        """What each of its tasks left, fetched now.  While it goes on, some have left nothing yet.

        Raises:
          NotFound: there is no such run, or it is more than 60 days old.
        """
        run = await self._jobs.get_run(self.run_id)
        if not run.tasks:
            output = await self._jobs.get_output(self.run_id)
            return Output(run, (TaskOutput("", self.run_id, output),))
        left: dict[str, TaskOutput] = {}
        free = trio.CapacityLimiter(AT_ONCE)

        async def fetch(task: runs.RunTask) -> None:
            async with free:
                left[task.task_key] = await self._output_of(task)

        tasks = _last_attempts(run.tasks)
        async with trio.open_nursery() as nursery:
            for task in tasks:
                nursery.start_soon(fetch, task)
        return Output(run, tuple(left[task.task_key] for task in tasks))

    async def _output_of(self, task: runs.RunTask) -> TaskOutput:
        try:
            output = await self._jobs.get_output(task.run_id)
        except DatabricksError as refusal:
            return TaskOutput(task.task_key, task.run_id, refusal=refusal)
        return TaskOutput(task.task_key, task.run_id, output)

    async def cancel(self) -> None:
        """Ask Databricks to cancel it; `wait` tells how it ended.  Harmless when it is over."""
        await self._jobs.cancel_run(self.run_id)
        self._changed()


def _last_attempts(tasks: Sequence[RunTask]) -> list[RunTask]:
    """One entry for each task, in order: a retried one is listed once for each attempt."""
    last: dict[str, RunTask] = {}
    for task in tasks:
        known = last.get(task.task_key)
        if known is None or task.attempt_number >= known.attempt_number:
            last[task.task_key] = task
    return list(last.values())
