"""One attempt of one task of a run: from waiting for others, over waiting for compute, to its end.

Rules:

* A task run moves only by `enter` and `end`, which keep to the table `NEXT` of `run_states`.
* `stop` says with which outcome an attempt is to end and cancels its work; the attempt itself
  passes through TERMINATING.  What the cancel interrupts (the engine, the wait for a cluster) is
  undone by its own `finally`.
* Every outcome is data: a failure of the user's code, of a cluster or of the settings never leaves
  `live` as an exception.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import trio
from attrs import define, field

from ..compute.cluster import Cluster
from ..engine import TaskFailure, TaskResult, TaskSpec
from . import control_tasks, run_states, task_compute, task_sources
from .job_settings import kind_of
from .run_parameters import filled, merged
from .run_states import FINAL, NEXT, LifeCycleState, Outcome, cannot_start

if TYPE_CHECKING:
    from .job_run import JobRun

logger = logging.getLogger(__name__)


@define(eq=False, repr=False)
class TaskRun:
    """An attempt of a task.

    Attributes:
      run: the run it belongs to.
      settings: the task's settings, references not yet filled.
      attempt_number: 0 for the first attempt of this task in its run.
      iteration: within a for-each task, the place of its input.
      children: the iterations of a for-each task, every attempt of each.
      child_run: the run that a run-job task started.
      branch: of a condition task, "true" or "false".
      result, failure: what the engine left.
    """

    run: JobRun
    run_id: int
    settings: Mapping[str, Any]
    attempt_number: int = 0
    original_run_id: int = 0
    iteration: int | None = None
    state: LifeCycleState = LifeCycleState.BLOCKED
    message: str = ""
    outcome: Outcome | None = None
    begun_at: int = 0
    running_at: int = 0
    finished_at: int = 0
    ended_at: int = 0
    cluster: Cluster | None = None
    spark_context_id: int = 0
    task: Mapping[str, Any] = field(factory=dict)
    result: TaskResult | None = None
    failure: TaskFailure | None = None
    child_run: JobRun | None = None
    children: list[TaskRun] = field(factory=list)
    branch: str | None = None
    _stop_as: Outcome | None = None
    _scope: trio.CancelScope | None = None

    def __attrs_post_init__(self) -> None:
        self.original_run_id = self.original_run_id or self.run_id

    def __repr__(self) -> str:
        ended = f", {self.outcome.result}" if self.outcome is not None else ""
        attempt = f", attempt {self.attempt_number}" if self.attempt_number else ""
        return f"<TaskRun {self.run_id} {self.task_key!r}, {self.state}{ended}{attempt}>"

    @property
    def task_key(self) -> str:
        """The task's key."""
        return str(self.settings["task_key"])

    @property
    def kind(self) -> str:
        """`notebook_task`, `sql_task`, ..."""
        return kind_of(self.settings)

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.state in FINAL

    def enter(self, state: LifeCycleState, message: str = "") -> None:
        """Moves on to `state`."""
        if state is self.state:
            return
        assert state in NEXT[self.state], f"{self!r} cannot become {state}"
        now = self.run.workspace.now_ms()
        self.begun_at = self.begun_at or now
        if state is LifeCycleState.RUNNING:
            self.running_at = now
            self.run.note_running()
        elif state is LifeCycleState.TERMINATING:
            self.finished_at = now
        self.state, self.message = state, message

    def end(self, outcome: Outcome) -> None:
        """Ends it, whatever it was doing."""
        if self.is_final:
            return
        self.outcome = outcome
        self.enter(outcome.final)
        self.ended_at = self.run.workspace.now_ms()
        self.finished_at = self.finished_at or self.ended_at

    def stop(self, outcome: Outcome) -> None:
        """Has it end as `outcome`: at once when it has not begun, else by way of TERMINATING."""
        if self.is_final or self.state is LifeCycleState.TERMINATING:
            return
        self._stop_as = self._stop_as or outcome
        if self._scope is None:
            self.end(outcome)
        else:
            self._scope.cancel()

    async def live(self, *, pause: float = 0.0) -> Outcome:
        """Makes the attempt, `pause` seconds from now; returns how it ended."""
        if self.outcome is not None:
            return self.outcome
        pace = self.run.workspace.pace
        with trio.CancelScope() as self._scope:
            if pause:
                await trio.sleep(pause)
            self.outcome = await self._attempt()
        if self._scope.cancelled_caught:
            self.outcome = self._stop_as
            self._end_children()
        assert self.outcome is not None
        was_running = self.state is LifeCycleState.RUNNING
        if was_running or self._scope.cancelled_caught:
            self.enter(LifeCycleState.TERMINATING)
            await trio.sleep(pace.task_cleanup if was_running else pace.run_cancel)
        self.end(self.outcome)
        return self.outcome

    def _end_children(self) -> None:
        """What was left of a for-each task's iterations ends as it does."""
        for child in self.children:
            child.end(self._stop_as or run_states.CANCELED)

    async def _attempt(self) -> Outcome:
        self.enter(LifeCycleState.PENDING, "Waiting for cluster")
        limit = float(self.settings.get("timeout_seconds") or 0) or float("inf")
        with trio.move_on_after(limit):
            try:
                return await self._work()
            except Exception as bug:
                logger.exception("A bug in the simulation, at task %s", self.task_key)
                message = f"Unexpected failure: {type(bug).__name__}: {bug}"
                return cannot_start(message, "INTERNAL_ERROR", "INTERNAL_ERROR")
        self._end_children()
        return run_states.TIMEDOUT

    async def _work(self) -> Outcome:
        self.task = filled(self.settings[self.kind], self.run.references(self))
        match self.kind:
            case "condition_task":
                return control_tasks.decide(self)
            case "run_job_task":
                return await control_tasks.run_job(self)
            case "for_each_task":
                return await control_tasks.for_each(self)
        try:
            async with task_compute.compute(self) as driver_lost:
                return await self._run_code(driver_lost)
        except task_compute.NoCompute as missing:
            return missing.outcome

    async def _run_code(self, driver_lost: trio.Event | None) -> Outcome:
        workspace = self.run.workspace
        await trio.sleep(workspace.pace.task_setup)
        source, missing = task_sources.find(self)
        if missing is not None and workspace.engine.needs_source:
            return missing
        self.enter(LifeCycleState.RUNNING, "In run")
        spec = TaskSpec(
            run_id=self.run.run_id,
            task_run_id=self.run_id,
            task_key=self.task_key,
            kind=self.kind,
            task=self.task,
            parameters=merged(
                self.kind, self.task, self.run.parameters, self.run.job_parameter_values()
            ),
            cluster_id=self.cluster.cluster_id if self.cluster else None,
            source=source,
            attempt=self.attempt_number,
            task_values=self.run.task_values(),
        )
        if driver_lost is None:
            return await self._engine(spec)
        outcome: Outcome | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_when, driver_lost, nursery.cancel_scope)
            outcome = await self._engine(spec)
            nursery.cancel_scope.cancel()
        return outcome or task_compute.driver_was_lost(self)

    async def _engine(self, spec: TaskSpec) -> Outcome:
        """What the engine makes of it, as an outcome."""
        try:
            self.result = await self.run.workspace.engine.run_task(spec)
        except TaskFailure as failure:
            self.failure = failure
            if failure.code != run_states.WORKLOAD_FAILED.code:
                return cannot_start(failure.error, failure.code)
            return run_states.WORKLOAD_FAILED
        except Exception as bug:
            logger.exception("A bug in the engine, at task %s", self.task_key)
            message = f"Unexpected failure of the engine: {type(bug).__name__}: {bug}"
            return cannot_start(message, "INTERNAL_ERROR", "INTERNAL_ERROR")
        return run_states.SUCCESS

    def wire(self) -> dict[str, Any]:
        """The RunTask object."""
        told: dict[str, Any] = {
            "run_id": self.run_id,
            **self.settings,
            self.kind: self._task_wire(),
            "attempt_number": self.attempt_number,
            "run_page_url": self.run.page_url(self.run_id),
            **self.times_wire(),
            "state": run_states.state_wire(self.state, self.outcome, self.message),
            "status": run_states.status_wire(self.state, self.outcome),
        }
        told.setdefault("run_if", "ALL_SUCCESS")
        if self.cluster is not None:
            told["cluster_instance"] = self.cluster_instance()
        return told

    def times_wire(self) -> dict[str, int]:
        """When it began and ended, and how long each part took, in ms."""
        # What has not come to pass yet counts as 0, and a part that is going on as well.
        setup_end = self.running_at or self.finished_at
        return {
            "start_time": self.begun_at,
            "setup_duration": max(setup_end - self.begun_at, 0),
            "execution_duration": (
                max(self.finished_at - self.running_at, 0) if self.running_at else 0
            ),
            "cleanup_duration": max(self.ended_at - self.finished_at, 0),
            "end_time": self.ended_at,
        }

    def cluster_instance(self) -> dict[str, str]:
        """The cluster it runs on, and the driver once there is one."""
        assert self.cluster is not None
        told = {"cluster_id": self.cluster.cluster_id}
        if self.spark_context_id:
            told["spark_context_id"] = str(self.spark_context_id)
        return told

    def _task_wire(self) -> Mapping[str, Any]:
        task: Mapping[str, Any] = self.settings[self.kind]
        match self.kind:
            case "condition_task" if self.branch is not None:
                return {**task, "outcome": self.branch}
            case "for_each_task":
                return {**task, "stats": control_tasks.statistics(self)}
            case _:
                return task


async def _cancel_when(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()
