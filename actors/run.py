"""A job run: watched, never owned.  It goes on when nobody waits, and when the session ends.

https://docs.databricks.com/api/workspace/jobs/getrun
"""

from __future__ import annotations

from ..clients import runs
from ..clients.jobs import JobsClient
from ..clients.runs import LifeCycleState, ResultState
from ..errors import ActorGone, RunFailed
from . import polling
from .command import readable
from .run_output import ERRORS_WITHIN, OUTPUT_WITHIN, Output, fetch_errors, fetch_output
from .run_polls import FollowRun, RunPolls
from .states import Course, closed
from .watching import LINGER, Following, Roster, Watched, Watching, looked_at_within

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


class RunWatching(Watching[runs.Run]):
    """Polls one run while somebody looks, together with the polls of other runs."""

    course = COURSE
    pace = polling.RUN

    def __init__(self, run_id: int, jobs: JobsClient, roster: Roster) -> None:
        super().__init__(f"run {run_id}")
        self._run_id, self._jobs, self._roster = run_id, jobs, roster

    async def live(self) -> None:
        """Have it looked at, with others if there are any, while somebody waits and it goes on."""
        following = Following(self.state, COURSE, COURSE.is_over, polling.Polling(self.pace))
        while not following.is_over and await looked_at_within(self.state, LINGER):
            polls = self._roster.attend(RunPolls.name, lambda: RunPolls(self._jobs))
            try:
                await polls.ask(FollowRun(self._run_id, following))
            except ActorGone as gone:
                following.failed(gone)


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
          RunFailed: it ended in anything but SUCCESS.  The message has the error of the first task
            that failed, `outcome["failed_tasks"]` those of all, as far as they came in 10 seconds.
          TimedOut: it goes on after `timeout` seconds.
        """
        run = await self.wait(timeout)
        if not self.is_over:
            raise self._timed_out(timeout)
        if failed := failure(run):
            raise await self._explained(failed, run)
        return run

    async def _explained(self, failed: RunFailed, run: runs.Run) -> RunFailed:
        """The failure with the errors of the tasks that failed."""
        tasks = await fetch_errors(self._jobs, run, ERRORS_WITHIN)
        message = failed.message
        for task in tasks[:1]:
            error = "".join(readable(task.get("error") or "").splitlines()[:1])
            if error not in message:
                name = f"Task {task['task_key']}: " if task["task_key"] else ""
                message = f"{message.removesuffix('.')}. {name}{error}"
        return RunFailed(message, outcome={**failed.outcome, "failed_tasks": tasks})

    async def output(self, *, timeout: float = OUTPUT_WITHIN) -> Output:
        """What each of its tasks left, fetched now.  While it goes on, some have left nothing yet.

        Where there are many tasks, their long texts are cut, so that all of them together stay as
        large as those of one: see `TaskOutput.is_cut`.  If cancelled, the fetching ends.

        Args:
          timeout: seconds; what was not fetched by then is told as such, task by task.

        Raises:
          NotFound: there is no such run, or it is more than 60 days old.
          DatabricksUnreachable: nothing of it came in time.
        """
        return await fetch_output(self._jobs, self.run_id, timeout)

    async def cancel(self) -> None:
        """Ask Databricks to cancel it; `wait` tells how it ended.  Harmless when it is over."""
        await self._jobs.cancel_run(self.run_id)
        self._changed()
