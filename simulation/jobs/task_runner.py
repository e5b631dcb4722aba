"""One attempt of one task of a run, lived: from waiting for compute to its end, and its retries.

Rules:

* `TaskRun.stop` says with which outcome an attempt is to end and cancels its work; the attempt
  itself passes through TERMINATING.  What the cancel interrupts (the engine, the wait for a
  cluster) is undone by its own `finally`.
* Every outcome is data: a failure of the user's code, of a cluster or of the settings never leaves
  `live` as an exception.
"""

from __future__ import annotations

import logging

import trio
from attrs import define

from ..compute.cluster import Cluster
from ..engine import Engine, TaskFailure, TaskSpec
from ..files.code import Code
from ..world import World
from . import control_tasks, run_references, run_states, task_sources
from .control_tasks import StartJob
from .run import WAITING, TaskRun
from .run_parameters import filled, merged
from .run_states import LifeCycleState, Outcome, ResultState, cannot_start
from .task_compute import NoCompute, TaskCompute, driver_was_lost

logger = logging.getLogger(__name__)

ENDLESS_RETRY_PAUSE = 1.0  # seconds; the least between retries without end, so that time passes


@define
class TaskRunner:
    """Sees tasks through, on the compute that they name, with the engine that does the work.

    Attributes:
      start_job: starts a run of a job, for tasks that do.
    """

    world: World
    engine: Engine
    compute: TaskCompute
    code: Code
    start_job: StartJob

    async def see_through(
        self, attempt: TaskRun, attempts: list[TaskRun], retries: int = 0
    ) -> TaskRun:
        """Lives `attempt`, and retries as the task's settings say; all are added to `attempts`.

        One that has ended is not lived again, but may be retried; `retries` have been made before.

        Returns:
          The last attempt.
        """
        run = attempt.run
        pause = 0.0
        while True:
            outcome = await self.live(attempt, pause=pause)
            again = attempt.settings.get("max_retries") or 0
            if run.stop_as is not None or not _may_retry(attempt, outcome) or retries == again:
                return attempt
            retries += 1
            # Databricks counts the interval from the start of the attempt that failed.
            interval = float(attempt.settings.get("min_retry_interval_millis") or 0)
            pause = max((attempt.begun_at + interval - run.now) / 1000, 0)
            if again < 0:
                pause = max(pause, ENDLESS_RETRY_PAUSE)
            attempt = run.new_task_run(
                attempt.settings,
                attempt_number=attempt.attempt_number + 1,
                original_run_id=attempt.original_run_id,
                iteration=attempt.iteration,
            )
            if pause:
                attempt.state = LifeCycleState.WAITING_FOR_RETRY
            attempts.append(attempt)

    async def live(self, attempt: TaskRun, *, pause: float = 0.0) -> Outcome:
        """Makes the attempt, `pause` seconds from now; returns how it ended."""
        if attempt.outcome is not None:
            return attempt.outcome
        pace = self.world.pace
        with trio.CancelScope() as attempt.scope:
            if pause:
                await trio.sleep(pause)
            attempt.outcome = await self._attempt(attempt)
        if attempt.scope.cancelled_caught:
            attempt.outcome = attempt.stop_as
            _end_children(attempt)
        assert attempt.outcome is not None
        was_running = attempt.state is LifeCycleState.RUNNING
        if was_running or attempt.scope.cancelled_caught:
            attempt.enter(LifeCycleState.TERMINATING)
            await trio.sleep(pace.task_cleanup if was_running else pace.run_cancel)
        attempt.end(attempt.outcome)
        return attempt.outcome

    async def _attempt(self, attempt: TaskRun) -> Outcome:
        attempt.enter(LifeCycleState.PENDING, WAITING)
        limit = float(attempt.settings.get("timeout_seconds") or 0) or float("inf")
        with trio.move_on_after(limit):
            try:
                return await self._work(attempt)
            except Exception as bug:
                logger.exception("A bug in the simulation, at task %s", attempt.task_key)
                message = f"Unexpected failure: {type(bug).__name__}: {bug}"
                return cannot_start(message, "INTERNAL_ERROR", "INTERNAL_ERROR")
        _end_children(attempt)
        return run_states.TIMEDOUT

    async def _work(self, attempt: TaskRun) -> Outcome:
        attempt.task = filled(attempt.settings[attempt.kind], run_references.of_task(attempt))
        match attempt.kind:
            case "condition_task":
                return control_tasks.decide(attempt)
            case "run_job_task":
                return await control_tasks.run_job(attempt, self.start_job)
            case "for_each_task":
                return await control_tasks.for_each(attempt, self.see_through)
        try:
            async with self.compute.held(attempt) as cluster:
                return await self._run_code(attempt, cluster)
        except NoCompute as missing:
            return missing.outcome

    async def _run_code(self, attempt: TaskRun, cluster: Cluster | None) -> Outcome:
        driver_lost = cluster.driver_lost if cluster is not None else None
        await trio.sleep(self.world.pace.task_setup)
        source, missing = task_sources.find(attempt, self.code)
        if missing is not None and self.engine.needs_source:
            return missing
        attempt.enter(LifeCycleState.RUNNING, "In run")
        run = attempt.run
        values = run_references.job_parameters(run)
        spec = TaskSpec(
            run_id=run.run_id,
            task_run_id=attempt.run_id,
            task_key=attempt.task_key,
            kind=attempt.kind,
            task=attempt.task,
            parameters=merged(attempt.kind, attempt.task, run.parameters, values),
            cluster_id=attempt.cluster_id,
            source=source,
            attempt=attempt.attempt_number,
            task_values=run.task_values(),
        )
        if cluster is None or driver_lost is None:
            return await self._engine_outcome(attempt, spec)
        outcome: Outcome | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_when, driver_lost, nursery.cancel_scope)
            outcome = await self._engine_outcome(attempt, spec)
            nursery.cancel_scope.cancel()
        return outcome or driver_was_lost(cluster)

    async def _engine_outcome(self, attempt: TaskRun, spec: TaskSpec) -> Outcome:
        """What the engine makes of it, as an outcome."""
        try:
            attempt.result = await self.engine.run_task(spec)
        except TaskFailure as failure:
            attempt.failure = failure
            if failure.code != run_states.WORKLOAD_FAILED.code:
                return cannot_start(failure.error, failure.code)
            return run_states.WORKLOAD_FAILED
        except Exception as bug:
            logger.exception("A bug in the engine, at task %s", attempt.task_key)
            message = f"Unexpected failure of the engine: {type(bug).__name__}: {bug}"
            return cannot_start(message, "INTERNAL_ERROR", "INTERNAL_ERROR")
        return run_states.SUCCESS


def _end_children(attempt: TaskRun) -> None:
    """What was left of a for-each task's iterations ends as it does."""
    for child in attempt.children:
        child.end(attempt.stop_as or run_states.CANCELED)


def _may_retry(attempt: TaskRun, outcome: Outcome) -> bool:
    if outcome.result is ResultState.TIMEDOUT:
        return bool(attempt.settings.get("retry_on_timeout"))
    return outcome.result is ResultState.FAILED


async def _cancel_when(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()
