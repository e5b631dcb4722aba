"""A run of a job, or a one-time run: from the queue, through its tasks, to its end.

Rules:

* One trio task sees a run through (`live`), in the workspace's nursery; one more for each task of
  it that is at work.  A repair begins a new `live` for the same run.
* Which task may start is decided synchronously, whenever a task has ended (`_ended`).
* Whoever stops a run (a cancel, its timeout, a for-each around it) says with which outcome; the
  first one wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import trio
from attrs import define, field

from ..compute.cluster import Cluster
from . import run_references, run_states, task_graph
from .run_parameters import filled
from .run_states import FINAL, NEXT, LastAttempt, LifeCycleState, Outcome, ResultState
from .task_graph import Ended, upstream
from .task_run import TaskRun

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .jobs import Job

QUEUE_LIMIT = 48 * 3600.0  # seconds after which a queued run is dropped
WAITING = "Waiting for cluster"
ENDLESS_RETRY_PAUSE = 1.0  # seconds; the least between retries without end, so that time passes


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
      job: None for a one-time run.
      settings: as they were when it started; its `tasks` are the ones selected.
      parameters: the run's own parameters (`notebook_params`, ...).
      attempts: by task key, the attempts of the latest repair that ran the task; one not begun is
        BLOCKED.
      every_task_run: all attempts of all repairs, iterations included.
      ended: set while it is final; a repair puts a new one in its place.
    """

    workspace: Workspace
    run_id: int
    job_id: int
    settings: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    parameters: dict[str, Any]
    job: Job | None = None
    run_type: str = "JOB_RUN"
    trigger: str = "ONE_TIME"
    creator: str = ""
    state: LifeCycleState = LifeCycleState.PENDING
    queue_reason: str = ""
    outcome: Outcome | None = None
    start_time: int = 0
    admitted_at: int = 0
    end_time: int = 0
    attempts: dict[str, list[TaskRun]] = field(factory=dict)
    every_task_run: list[TaskRun] = field(factory=list)
    history: list[Repair] = field(factory=list)
    ended: trio.Event = field(factory=trio.Event)
    admitted: trio.Event = field(factory=trio.Event)
    register: Callable[[TaskRun], None] = lambda _task_run: None
    _stop_as: Outcome | None = None
    _done: dict[str, Ended] = field(factory=dict)
    _started: set[str] = field(factory=set)
    _at_work: int = 0
    _nursery: trio.Nursery | None = None
    _timeout: trio.CancelScope | None = None
    _job_clusters: dict[str, Cluster] = field(factory=dict)

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
        return self.workspace.now_ms()

    # -- its life ------------------------------------------------------------------------------

    def begin(self, keys: Iterable[str] | None = None, *, repair_id: int | None = None) -> None:
        """Readies the tasks `keys` (all by default) for `live`: the original run, or a repair."""
        kind = "ORIGINAL" if repair_id is None else "REPAIR"
        self.history.append(Repair(kind, self.now, repair_id))
        wanted = set(keys) if keys is not None else {task["task_key"] for task in self.tasks}
        self._done, self._started, self._stop_as = {}, set(), None
        if repair_id is not None:
            self.state, self.outcome, self.end_time = LifeCycleState.PENDING, None, 0
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
            elif earlier and (outcome := earlier[-1].outcome) is not None:
                self._done[key] = Ended(outcome, earlier[-1].branch)

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
            self.workspace.new_number("run"),
            settings,
            attempt_number,
            original_run_id,
            iteration,
        )
        self.every_task_run.append(made)
        self.history[-1].task_run_ids.append(made.run_id)
        self.register(made)
        return made

    async def live(self) -> None:
        """Sees it through, from the queue to its end."""
        if self.is_final:
            return
        if self.state is LifeCycleState.QUEUED:
            with trio.move_on_after(QUEUE_LIMIT):
                await self.admitted.wait()
            if not self.is_final and not self.admitted.is_set():
                self._end(run_states.QUEUE_EXPIRED)
            if self.is_final:
                return
            self._enter(LifeCycleState.PENDING)
        self.admitted_at = self.now
        async with trio.open_nursery() as self._nursery:
            self.set_timeout(float(self.settings.get("timeout_seconds") or 0))
            self._start_ready()
        for cluster in self._job_clusters.values():
            cluster.terminate("JOB_FINISHED")
        self._job_clusters.clear()
        self._end(self._stop_as or run_states.of_all(self._last_attempts()))

    def stop(self, outcome: Outcome) -> None:
        """Has it end as `outcome`: CANCELED or TIMEDOUT.  One that has ended stays as it is."""
        if self.is_final or self._stop_as is not None:
            return
        self._stop_as = outcome
        if self.state is LifeCycleState.QUEUED:
            self._end(outcome)
            self.admitted.set()
            return
        self._enter(LifeCycleState.TERMINATING)
        for attempts in self.attempts.values():
            attempts[-1].stop(outcome)

    def skip(self, outcome: Outcome) -> None:
        """Ends a run that never left the queue, or never got into it."""
        self._end(outcome)

    def stop_task(self, task_run: TaskRun) -> None:
        """Cancels one attempt of one task, and lets the others see it."""
        task_run.stop(run_states.CANCELED)
        if self._nursery is not None:
            self._start_ready()

    def set_timeout(self, seconds: float) -> None:
        """Lets it time out `seconds` after it left the queue; 0 is never."""
        limit = self.admitted_at / 1000 + seconds - self.now / 1000
        deadline = trio.current_time() + limit if seconds else float("inf")
        if self._timeout is not None:
            self._timeout.deadline = deadline
        elif seconds and self._nursery is not None and not self.is_final:
            self._timeout = trio.CancelScope(deadline=deadline)
            self._nursery.start_soon(self._watch_timeout, self._timeout)

    async def _watch_timeout(self, scope: trio.CancelScope) -> None:
        with scope:
            await trio.sleep_forever()
        self._timeout = None
        self.stop(run_states.TIMEDOUT)

    def note_running(self) -> None:
        """A task of it is running."""
        if self.state is LifeCycleState.PENDING:
            self._enter(LifeCycleState.RUNNING)

    def _enter(self, state: LifeCycleState) -> None:
        assert state in NEXT[self.state], f"{self!r} cannot become {state}"
        self.state = state

    def _end(self, outcome: Outcome) -> None:
        self._enter(outcome.final)
        self.outcome, self.end_time = outcome, self.now
        self._timeout = self._nursery = None
        for attempts in self.attempts.values():
            attempts[-1].end(outcome)  # only what a run that never began left BLOCKED
        self.history[-1].end_time, self.history[-1].outcome = self.now, outcome
        self.ended.set()
        self.workspace.runs.note_ended(self)
        if self.job is not None:
            self.job.note_ended(self)

    # -- its tasks -----------------------------------------------------------------------------

    def _start_ready(self) -> None:
        """Starts every task that may run, and ends every one that may not any more."""
        assert self._nursery is not None
        waiting = [task for task in self.tasks if task["task_key"] not in self._done]
        moved = True
        while moved:
            moved = False
            for task in waiting:
                key = task["task_key"]
                attempt = self.attempts[key][-1]
                if key not in self._done and attempt.is_final and attempt.outcome is not None:
                    self._done[key] = Ended(attempt.outcome, attempt.branch)
                    moved = True
                if key in self._done or key in self._started:
                    continue
                if not all(k in self._done for k in upstream(task) if k in self.attempts):
                    continue
                refused = run_states.DISABLED if task.get("disabled") else None
                refused = refused or task_graph.may_run(task, self._done)
                if refused is None:
                    attempt.enter(LifeCycleState.PENDING, WAITING)
                    self._started.add(key)
                    self._at_work += 1
                    self._nursery.start_soon(self._see_task_through, attempt)
                else:
                    attempt.end(refused)
                    self._done[key] = Ended(refused)
                    moved = True
        if not self._at_work:
            self._nursery.cancel_scope.cancel()  # only the timeout is left, if anything

    async def _see_task_through(self, first: TaskRun) -> None:
        last = await self.see_through(first, self.attempts[first.task_key])
        assert last.outcome is not None
        self._done[last.task_key] = Ended(last.outcome, last.branch)
        self._at_work -= 1
        self._start_ready()

    async def see_through(self, attempt: TaskRun, attempts: list[TaskRun]) -> TaskRun:
        """Lives `attempt`, and retries as the task's settings say; all are added to `attempts`.

        Returns:
          The last attempt.
        """
        pause, retries = 0.0, 0
        while True:
            outcome = await attempt.live(pause=pause)
            again = attempt.settings.get("max_retries") or 0
            if self._stop_as is not None or not _may_retry(attempt, outcome) or retries == again:
                return attempt
            retries += 1
            # Databricks counts the interval from the start of the attempt that failed.
            interval = float(attempt.settings.get("min_retry_interval_millis") or 0)
            pause = max((attempt.begun_at + interval - self.now) / 1000, 0)
            if again < 0:
                pause = max(pause, ENDLESS_RETRY_PAUSE)
            attempt = self.new_task_run(
                attempt.settings,
                attempt_number=attempt.attempt_number + 1,
                original_run_id=attempt.original_run_id,
                iteration=attempt.iteration,
            )
            if pause:
                attempt.state = LifeCycleState.WAITING_FOR_RETRY
            attempts.append(attempt)

    def _last_attempts(self) -> list[LastAttempt]:
        found = []
        for task in self.tasks:
            outcome = self.attempts[task["task_key"]][-1].outcome
            assert outcome is not None
            found.append(LastAttempt(task["task_key"], upstream(task), outcome))
        return found

    def shown_tasks(self) -> list[TaskRun]:
        """The attempts that `runs/get` lists, in the order of the tasks."""
        return [attempt for attempts in self.attempts.values() for attempt in attempts]

    # -- what its tasks ask of it ----------------------------------------------------------------

    def launch(self, config: Mapping[str, Any], suffix: str) -> Cluster:
        """A new job cluster."""
        name = f"job-{self.job_id}-run-{suffix}"
        cluster: Cluster = self.workspace.clusters.launch(config, source="JOB", name=name)
        return cluster

    def job_cluster(self, key: str) -> Cluster:
        """The cluster that tasks of this run share under `key`; made for the first of them."""
        cluster = self._job_clusters.get(key)
        if cluster is None:
            configs = {c["job_cluster_key"]: c for c in self.settings.get("job_clusters") or ()}
            cluster = self.launch(configs[key]["new_cluster"], f"{self.run_id}-{key}")
            self._job_clusters[key] = cluster
        return cluster

    def job_parameter_values(self) -> dict[str, str]:
        """The job parameters with the values of this run."""
        defaults = {p["name"]: p.get("default", "") for p in self.settings.get("parameters") or ()}
        values = {**defaults, **(self.parameters.get("job_parameters") or {})}
        filled_in: dict[str, str] = filled(values, lambda name: run_references.of_run(name, self))
        return filled_in

    def task_values(self) -> dict[str, Mapping[str, Any]]:
        """The values that tasks have set so far, by task key."""
        return {
            key: attempts[-1].result.values
            for key, attempts in self.attempts.items()
            if attempts[-1].result is not None and attempts[-1].result.values
        }

    def references(self, task_run: TaskRun) -> Callable[[str], str | None]:
        """What `{{...}}` means in the settings of a task of this run."""
        return lambda name: run_references.of_task_run(name, self, task_run)

    def page_url(self, run_id: int | None = None) -> str:
        """Where a browser would show it, or one of its tasks."""
        workspace = self.workspace
        return (
            f"{workspace.host}/?o={workspace.workspace_id}"
            f"#job/{self.job_id}/run/{run_id or self.run_id}"
        )


def _may_retry(attempt: TaskRun, outcome: Outcome) -> bool:
    if outcome.result is ResultState.TIMEDOUT:
        return bool(attempt.settings.get("retry_on_timeout"))
    return outcome.result is ResultState.FAILED
