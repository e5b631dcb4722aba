"""A run and the attempts of its tasks: what is known of them, and their moves.

Rules:

* A run and an attempt move only by `enter` and `end`, which keep to the table `NEXT` of
  `run_states`.
* Whoever stops a run (a cancel, its timeout, a for-each around it) says with which outcome; the
  first one wins.
* Nothing here waits: `run_life` and `task_runner` do, and see both through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import trio
from attrs import define, field

from ..compute.cluster import Cluster
from ..engine import TaskFailure, TaskResult
from ..world import World
from . import run_states
from .job_settings import kind_of
from .run_states import FINAL, NEXT, LifeCycleState, Outcome

WAITING = "Waiting for cluster"


def _nothing() -> None:
    """What a run that does not live does when it is to look again."""


@define(eq=False, repr=False)
class TaskRun:
    """An attempt of a task.

    Attributes:
      run: the run it belongs to.
      settings: the task's settings, references not yet filled.
      attempt_number: 0 for the first attempt of this task in its run.
      iteration: within a for-each task, the place of its input.
      children: the iterations of a for-each task, every attempt of each.
      cluster_id: where it runs, unless serverless or on a warehouse.
      child_run_id: the run that a run-job task started.
      branch: of a condition task, "true" or "false".
      result, failure: what the engine left.
      stop_as: how it is to end, once it was told to stop.
      scope: of its work, once that has begun.
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
    cluster_id: str | None = None
    spark_context_id: int = 0
    task: Mapping[str, Any] = field(factory=dict)
    result: TaskResult | None = None
    failure: TaskFailure | None = None
    child_run_id: int | None = None
    children: list[TaskRun] = field(factory=list)
    branch: str | None = None
    stop_as: Outcome | None = None
    scope: trio.CancelScope | None = None

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
        now = self.run.now
        self.begun_at = self.begun_at or now
        if state is LifeCycleState.RUNNING:
            self.running_at = now
            self.run.note_running()
        elif state is LifeCycleState.TERMINATING:
            self.finished_at = now
        self.state, self.message = state, message
        self.run.register.note_change(self.run)

    def end(self, outcome: Outcome) -> None:
        """Ends it, whatever it was doing."""
        if self.is_final:
            return
        self.outcome = outcome
        self.enter(outcome.final)
        self.ended_at = self.run.now
        self.finished_at = self.finished_at or self.ended_at

    def stop(self, outcome: Outcome) -> None:
        """Has it end as `outcome`: at once when it has not begun, else by way of TERMINATING."""
        if self.is_final or self.state is LifeCycleState.TERMINATING:
            return
        self.stop_as = self.stop_as or outcome
        if self.scope is None:
            self.end(outcome)
        else:
            self.scope.cancel()


class Register(Protocol):
    """Who knows runs by their ids, and is told what becomes of them."""

    def note_task_run(self, task_run: TaskRun) -> None:
        """There is a new attempt of a task."""

    def note_change(self, run: JobRun) -> None:
        """The run, or an attempt of it, has moved."""

    def note_end(self, run: JobRun) -> None:
        """The run has ended."""


@define
class Repair:
    """One entry of the repair history; the original run is the first."""

    type: str
    start_time: int
    repair_id: int | None = None
    end_time: int = 0
    outcome: Outcome | None = None
    task_run_ids: list[int] = field(factory=list)


@define(eq=False, repr=False)
class JobRun:
    """A run.

    Attributes:
      settings: as they were when it started; its `tasks` are the ones selected.
      parameters: the run's own parameters (`notebook_params`, ...).
      attempts: by task key, the attempts of the latest repair that ran the task; one not begun is
        BLOCKED.
      every_task_run: all attempts of all repairs, iterations included.
      ended: set while it is final; a repair puts a new one in its place.
      job_clusters: those that its tasks share, by their keys.
      register: who knows it by its id, and is told what becomes of it.
      stop_as: how it is to end, once it was told to stop.
      nursery: where its tasks run, while it lives.  timeout: runs out in there.
      look_again: has it see which tasks may start now.
    """

    world: World
    run_id: int
    job_id: int
    settings: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    parameters: dict[str, Any]
    run_type: str
    trigger: str
    creator: str
    start_time: int
    register: Register
    state: LifeCycleState = LifeCycleState.PENDING
    queue_reason: str = ""
    outcome: Outcome | None = None
    admitted_at: int = 0
    end_time: int = 0
    attempts: dict[str, list[TaskRun]] = field(factory=dict)
    every_task_run: list[TaskRun] = field(factory=list)
    history: list[Repair] = field(factory=list)
    ended: trio.Event = field(factory=trio.Event)
    admitted: trio.Event = field(factory=trio.Event)
    job_clusters: dict[str, Cluster] = field(factory=dict)
    stop_as: Outcome | None = None
    nursery: trio.Nursery | None = None
    timeout: trio.CancelScope | None = None
    look_again: Callable[[], None] = _nothing

    def __repr__(self) -> str:
        ended = f", {self.outcome.result or self.outcome.code}" if self.outcome is not None else ""
        done = sum(run[-1].is_final for run in self.attempts.values())
        return f"<JobRun {self.run_id}, {self.state}{ended}, {done}/{len(self.attempts)} tasks>"

    @property
    def is_final(self) -> bool:
        """Whether it has ended (a repair may begin it again)."""
        return self.state in FINAL

    @property
    def name(self) -> str:
        """Its `run_name`: the job's name, or its own."""
        return str(self.settings.get("name") or self.settings.get("run_name") or "Untitled")

    @property
    def now(self) -> int:
        """The workspace's time, in epoch ms."""
        return self.world.now_ms()

    def begin(self, keys: Iterable[str] | None = None, *, repair_id: int | None = None) -> None:
        """Readies the tasks `keys` (all by default) for `live`: the original run, or a repair."""
        kind = "ORIGINAL" if repair_id is None else "REPAIR"
        self.history.append(Repair(kind, self.now, repair_id))
        wanted = set(keys) if keys is not None else {task["task_key"] for task in self.tasks}
        self.stop_as = None
        if repair_id is not None:
            self.state, self.outcome = LifeCycleState.PENDING, None
            self.admitted_at = self.end_time = 0
            self.ended = trio.Event()
        for task in self.tasks:
            key = task["task_key"]
            earlier = self.attempts.get(key, [])
            if key in wanted:
                first = self.new_task_run(
                    task,
                    attempt_number=earlier[-1].attempt_number + 1 if earlier else 0,
                    original_run_id=earlier[0].original_run_id if earlier else 0,
                )
                self.attempts[key] = [first]
                if self.state is not LifeCycleState.QUEUED and not task.get("depends_on"):
                    first.enter(LifeCycleState.PENDING, WAITING)

    def new_task_run(
        self,
        settings: Mapping[str, Any],
        *,
        attempt_number: int = 0,
        original_run_id: int = 0,
        iteration: int | None = None,
    ) -> TaskRun:
        """A new attempt, known by its id from now on."""
        made = TaskRun(
            self,
            self.world.new_number("run"),
            settings,
            attempt_number,
            original_run_id,
            iteration,
        )
        self.every_task_run.append(made)
        self.history[-1].task_run_ids.append(made.run_id)
        self.register.note_task_run(made)
        return made

    def stop(self, outcome: Outcome) -> None:
        """Has it end as `outcome`: CANCELED or TIMEDOUT.  One that has ended stays as it is."""
        if self.is_final or self.stop_as is not None:
            return
        self.stop_as = outcome
        if self.state is LifeCycleState.QUEUED:
            self.end(outcome)
            self.admitted.set()
            return
        self.enter(LifeCycleState.TERMINATING)
        for attempts in self.attempts.values():
            attempts[-1].stop(outcome)

    def skip(self, outcome: Outcome) -> None:
        """Ends a run that never left the queue, or never got into it."""
        self.end(outcome)

    def stop_task(self, task_run: TaskRun) -> None:
        """Cancels one attempt of one task, and lets the others see it."""
        task_run.stop(run_states.CANCELED)
        self.look_again()

    def set_timeout(self, seconds: float) -> None:
        """Lets it time out `seconds` after it left the queue; 0 is never."""
        limit = self.admitted_at / 1000 + seconds - self.now / 1000
        deadline = trio.current_time() + limit if seconds else float("inf")
        if self.timeout is not None:
            self.timeout.deadline = deadline
        elif seconds and self.nursery is not None and not self.is_final:
            self.timeout = trio.CancelScope(deadline=deadline)
            self.nursery.start_soon(self._watch_timeout, self.timeout)

    async def _watch_timeout(self, scope: trio.CancelScope) -> None:
        with scope:
            await trio.sleep_forever()
        self.timeout = None
        self.stop(run_states.TIMEDOUT)

    def note_running(self) -> None:
        """A task of it is running."""
        if self.state is LifeCycleState.PENDING:
            self.enter(LifeCycleState.RUNNING)

    def enter(self, state: LifeCycleState) -> None:
        """Moves on to `state`."""
        assert state in NEXT[self.state], f"{self!r} cannot become {state}"
        self.state = state
        self.register.note_change(self)

    def end(self, outcome: Outcome) -> None:
        """Ends it, and tells those who wait for that."""
        self.enter(outcome.final)
        self.outcome, self.end_time = outcome, self.now
        self.timeout = self.nursery = None
        for attempts in self.attempts.values():
            attempts[-1].end(outcome)  # only what a run that never began left BLOCKED
        self.history[-1].end_time, self.history[-1].outcome = self.now, outcome
        self.ended.set()
        self.register.note_end(self)

    def shown_tasks(self) -> list[TaskRun]:
        """The attempts that `runs/get` lists, in the order of the tasks."""
        return [attempt for attempts in self.attempts.values() for attempt in attempts]

    def task_values(self) -> dict[str, Mapping[str, Any]]:
        """The values that tasks have set so far, by task key."""
        return {
            key: attempts[-1].result.values
            for key, attempts in self.attempts.items()
            if attempts[-1].result is not None and attempts[-1].result.values
        }
