"""All runs of a workspace: how they begin, by which ids and tokens they are known, and how long.

Left out on purpose: schedules, file-arrival and continuous triggers never start any.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from ..compute.clusters import Clusters
from ..compute.warehouses import Warehouses
from ..engine import Engine
from ..files.code import Code
from ..wire import Refusal
from ..world import World
from . import interrupted, job_settings, run_states, task_graph
from .jobs import Job, Jobs
from .run import JobRun, TaskRun
from .run_life import RunLife
from .run_record import record_of, run_of
from .run_states import LifeCycleState
from .task_compute import TaskCompute
from .task_runner import TaskRunner

KEPT_FOR = 60 * 24 * 3600 * 1000  # ms after its end that a run can be read


class RunRegister:
    """All runs of a workspace, by id."""

    def __init__(
        self,
        world: World,
        engine: Engine,
        *,
        clusters: Clusters,
        warehouses: Warehouses,
        code: Code,
        jobs: Jobs,
    ) -> None:
        self._world = world
        self._code = code
        self._jobs = jobs
        compute = TaskCompute(world, clusters, warehouses)
        self._runner = TaskRunner(world, engine, compute, code, self._start_child)
        self._runs: dict[int, JobRun] = {}  # in the order in which they started
        self._task_runs: dict[int, TaskRun] = {}
        self._active: dict[int, JobRun] = {}
        self._job_of: dict[int, Job] = {}  # of those active
        self._ended: deque[tuple[int, JobRun]] = deque()  # with the time, to forget the oldest
        self._tokens: dict[str, int] = {}  # never forgotten: a token stays taken

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self._runs)}, {len(self._active)} active>"

    def __iter__(self) -> Iterator[JobRun]:
        return iter(self._runs.values())

    def make(
        self,
        settings: Mapping[str, Any],
        tasks: Sequence[Mapping[str, Any]],
        parameters: dict[str, Any],
        *,
        job_id: int,
        job: Job | None = None,
        trigger: str = "ONE_TIME",
        creator: str = "",
    ) -> JobRun:
        """A run that has an id and nothing else yet; `begin_run` brings it to life."""
        run = JobRun(
            self._world,
            self._world.new_number("run"),
            job_id,
            settings,
            tasks,
            parameters,
            "JOB_RUN" if job is not None else "SUBMIT_RUN",
            trigger,
            creator or self._world.user_name,
            self._world.now_ms(),
            self,
        )
        self._runs[run.run_id] = run
        if job is not None:
            self._job_of[run.run_id] = job
        return run

    def begin_run(self, run: JobRun) -> None:
        """Starts the life of a run that was made."""
        self._active[run.run_id] = run
        run.begin()
        self._live(run)

    def _live(self, run: JobRun, lost: frozenset[str] = frozenset()) -> None:
        self._world.nursery.start_soon(RunLife(run, self._runner, lost).live)

    def start_job(
        self, job: Job, body: Mapping[str, Any], *, trigger: str = "ONE_TIME", creator: str = ""
    ) -> JobRun:
        """A new run of `job`: begun, queued or skipped; see `Job.admit`.

        Args:
          job: what to run.
          body: as `run-now` takes it: run parameters, `only`, `queue`.
          trigger: ONE_TIME, RUN_JOB_TASK, ...
          creator: whose run it is; the workspace's user when empty.
        """
        parameters = job_settings.parameters_of(body)
        tasks = task_graph.select(job.settings.get("tasks") or (), body.get("only") or ())
        if not tasks:
            raise Refusal.invalid(f"Job {job.job_id} has no tasks.")
        run = self.make(
            job.settings,
            tasks,
            parameters,
            job_id=job.job_id,
            job=job,
            trigger=trigger,
            creator=creator,
        )
        job.admit(run, queues=(body.get("queue") or {}).get("enabled"))
        self.begin_run(run)
        if run.state is LifeCycleState.QUEUED and run not in job.waiting:
            run.skip(run_states.too_many_runs(job.limit))
        return run

    def _start_child(self, job_id: int, body: Mapping[str, Any]) -> JobRun:
        return self.start_job(self._jobs.known(job_id), body, trigger="RUN_JOB_TASK")

    def start(self, body: Mapping[str, Any], *, version: str = "2.2", creator: str = "") -> JobRun:
        """A new one-time run, from a body as `runs/submit` takes it."""
        settings = job_settings.checked(
            {name: value for name, value in body.items() if name != "idempotency_token"},
            version=version,
            one_time=True,
        )
        settings["name"] = settings.pop("run_name", None) or "Untitled"
        job_id = self._world.new_number("job")
        run = self.make(settings, settings["tasks"], {}, job_id=job_id, creator=creator)
        self.begin_run(run)
        return run

    def known(self, run_id: int) -> JobRun | TaskRun:
        """The run, or the task's run, with this id; refuses one that is unknown or too old."""
        self._forget_old()
        found = self._runs.get(run_id) or self._task_runs.get(run_id)
        if found is None:
            raise Refusal.invalid(f"Run {run_id} does not exist.")
        return found

    def known_run(self, run_id: int) -> JobRun:
        """The run with this id, or the one that the task's run with this id belongs to."""
        found = self.known(run_id)
        return found.run if isinstance(found, TaskRun) else found

    def run_of_token(self, token: str | None) -> int | None:
        """The run that this idempotency token started before.

        Raises:
          Refusal: that run was deleted.
        """
        if token is None or token not in self._tokens:
            return None
        run_id = self._tokens[token]
        self._forget_old()
        if run_id not in self._runs:
            raise Refusal.invalid(f"The run of idempotency token {token} was deleted.")
        return run_id

    def keep_token(self, token: str | None, run_id: int) -> None:
        """Remembers which run a token started."""
        if token is not None:
            self._tokens[token] = run_id
            self._world.keep("token", token, lambda: [token, run_id])

    # -- what runs tell -------------------------------------------------------------------------

    def note_task_run(self, task_run: TaskRun) -> None:
        """There is a new attempt of a task."""
        self._task_runs[task_run.run_id] = task_run
        self.note_change(task_run.run)

    def note_change(self, run: JobRun) -> None:
        """Has the run kept, where runs are."""
        if self._world.state.is_open:
            self._world.keep("run", str(run.run_id), partial(record_of, run))

    def note_end(self, run: JobRun) -> None:
        """Makes room for another run of its job."""
        self._active.pop(run.run_id, None)
        self._ended.append((run.end_time, run))
        job = self._job_of.pop(run.run_id, None)
        if job is not None:
            job.note_ended(run)

    # -- coming back and going ------------------------------------------------------------------

    def restore(self) -> None:
        """Brings back the runs that an earlier workspace with the same folder kept.

        Those that had not ended live on: what was running in them was lost with its driver, and is
        retried where the task's settings say so.
        """
        self._tokens.update(self._world.state.things("token"))
        for record in self._world.state.things("run"):
            run = run_of(record, self._world, self)
            self._runs[run.run_id] = run
            for task_run in run.every_task_run:
                self._task_runs[task_run.run_id] = task_run
        ended = [(run.end_time, run) for run in self if run.is_final]
        self._ended.extend(sorted(ended, key=itemgetter(0)))
        for run in [run for run in self if not run.is_final]:
            self._active[run.run_id] = run
            job = self._jobs.find(run.job_id)
            if job is None:
                run.admitted.set()
            else:
                self._job_of[run.run_id] = job
                job.readmit(run)
            self._live(run, interrupted.end_lost(run, self._runner.compute.clusters))

    def _forget_old(self) -> None:
        limit = self._world.now_ms() - KEPT_FOR
        while self._ended and self._ended[0][0] < limit:
            ended_at, run = self._ended.popleft()
            if run.is_final and run.end_time == ended_at:
                self._forget(run)

    def _forget(self, run: JobRun) -> None:
        self._runs.pop(run.run_id, None)
        self._world.forget("run", str(run.run_id))
        for task_run in run.every_task_run:
            self._task_runs.pop(task_run.run_id, None)
