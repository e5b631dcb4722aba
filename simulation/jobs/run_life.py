"""A run's life: from the queue, through its tasks, to its end.

Rules:

* One trio task sees a run through (`live`), in the world's nursery; one more for each task of it
  that is at work.  A repair begins a new `live` for the same run.
* Which task may start is decided synchronously, whenever a task has ended (`start_ready`).
"""

from __future__ import annotations

import trio
from attrs import define, field

from . import run_states, task_graph
from .run import WAITING, JobRun, TaskRun
from .run_states import LastAttempt, LifeCycleState
from .task_graph import Ended, upstream
from .task_runner import TaskRunner

QUEUE_LIMIT = 48 * 3600.0  # seconds after which a queued run is dropped


@define(eq=False)
class RunLife:
    """One life of a run.

    Attributes:
      interrupted: keys of tasks whose attempt was lost with an earlier life; they may be retried.
      done: how the tasks ended that have, by key.
    """

    run: JobRun
    runner: TaskRunner
    interrupted: frozenset[str] = frozenset()
    done: dict[str, Ended] = field(factory=dict)
    _started: set[str] = field(factory=set)
    _at_work: int = 0

    async def live(self) -> None:
        """Sees it through, from the queue to its end."""
        run = self.run
        if run.is_final:
            return
        if run.state is LifeCycleState.QUEUED:
            waited = (run.now - run.start_time) / 1000
            with trio.move_on_after(max(QUEUE_LIMIT - waited, 0)):
                await run.admitted.wait()
            if not run.is_final and not run.admitted.is_set():
                run.end(run_states.QUEUE_EXPIRED)
            if run.is_final:
                return
            run.enter(LifeCycleState.PENDING)
        run.admitted_at = run.admitted_at or run.now
        async with trio.open_nursery() as run.nursery:
            run.set_timeout(float(run.settings.get("timeout_seconds") or 0))
            run.look_again = self.start_ready
            self.start_ready()
        for cluster in run.job_clusters.values():
            cluster.terminate("JOB_FINISHED")
        run.job_clusters.clear()
        run.end(run.stop_as or run_states.of_all(self._last_attempts()))

    def start_ready(self) -> None:
        """Starts every task that may run, and ends every one that may not any more."""
        run = self.run
        if run.nursery is None:
            return
        waiting = [task for task in run.tasks if task["task_key"] not in self.done]
        moved = True
        while moved:
            moved = False
            for task in waiting:
                key = task["task_key"]
                attempt = run.attempts[key][-1]
                is_over = attempt.is_final and key not in self.interrupted
                if key not in self.done and is_over and attempt.outcome is not None:
                    self.done[key] = Ended(attempt.outcome, attempt.branch)
                    moved = True
                if key in self.done or key in self._started:
                    continue
                if not all(k in self.done for k in upstream(task) if k in run.attempts):
                    continue
                refused = run_states.DISABLED if task.get("disabled") else None
                refused = refused or task_graph.may_run(task, self.done)
                if refused is None:
                    if not attempt.is_final:
                        attempt.enter(LifeCycleState.PENDING, WAITING)
                    self._started.add(key)
                    self._at_work += 1
                    run.nursery.start_soon(self._see_task_through, attempt)
                else:
                    attempt.end(refused)
                    self.done[key] = Ended(refused)
                    moved = True
        if not self._at_work:
            run.nursery.cancel_scope.cancel()  # only the timeout is left, if anything

    async def _see_task_through(self, first: TaskRun) -> None:
        attempts = self.run.attempts[first.task_key]
        last = await self.runner.see_through(first, attempts, len(attempts) - 1)
        assert last.outcome is not None
        self.done[last.task_key] = Ended(last.outcome, last.branch)
        self._at_work -= 1
        self.start_ready()

    def _last_attempts(self) -> list[LastAttempt]:
        found = []
        for task in self.run.tasks:
            outcome = self.run.attempts[task["task_key"]][-1].outcome
            assert outcome is not None
            found.append(LastAttempt(task["task_key"], upstream(task), outcome))
        return found
