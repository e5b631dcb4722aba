"""Jobs 2.2 and 2.1: saved jobs, and whether their runs come in, wait, or are turned away.

Left out on purpose: schedules, file-arrival and continuous triggers are kept and shown but never
fire; notifications, webhooks and health rules are kept and send nothing.
https://docs.databricks.com/api/workspace/jobs
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from ..wire import Call, Refusal, Route, page_of
from ..world import World
from . import job_settings
from .run import JobRun
from .run_states import LifeCycleState
from .run_wire import cut, page_offset

DEFAULT_LIMIT, MAX_LIMIT = 20, 100  # jobs on a page
ARRAYS = ("tasks", "job_clusters", "environments", "parameters")  # cut into pages under 2.2


_KEPT = ("job_id", "settings", "creator", "created_time", "queues", "granted")


@define(eq=False, repr=False)
class Job:
    """A saved job.

    Attributes:
      queues: whether runs queue when the settings do not say: jobs made by 2.2 do.
      granted: the access list that came with it; `permissions` keeps what follows.
      active: runs that are neither queued nor over.
      waiting: queued runs, in the order in which they came.
    """

    job_id: int
    settings: dict[str, Any]
    creator: str
    created_time: int
    queues: bool = True
    granted: list[dict[str, Any]] = field(factory=list)
    active: dict[int, JobRun] = field(factory=dict)
    waiting: deque[JobRun] = field(factory=deque)

    def __repr__(self) -> str:
        name = self.settings.get("name", "Untitled")
        return f"<Job {self.job_id} {name!r}, {len(self.active)} runs, {len(self.waiting)} queued>"

    @property
    def limit(self) -> int:
        """How many runs may be active at once."""
        return int(self.settings.get("max_concurrent_runs", 1))

    def admit(self, run: JobRun, *, queues: bool | None = None) -> None:
        """Lets a new run in, has it queue, or leaves it to be skipped (QUEUED, not waiting)."""
        if queues is None:
            queues = bool((self.settings.get("queue") or {}).get("enabled", self.queues))
        if len(self.active) < self.limit and not self.waiting:
            self.active[run.run_id] = run
            return
        run.state = LifeCycleState.QUEUED
        if queues and self.limit > 0:
            run.queue_reason = f"Queued due to reaching maximum concurrent runs of {self.limit}."
            self.waiting.append(run)

    def readmit(self, run: JobRun) -> None:
        """Takes back a run of an earlier life of the workspace, in its place."""
        if run.state is LifeCycleState.QUEUED:
            self.waiting.append(run)
        else:
            self.active[run.run_id] = run

    def note_ended(self, run: JobRun) -> None:
        """Makes room for the next in the queue."""
        if self.active.pop(run.run_id, None) is None and run in self.waiting:
            self.waiting.remove(run)
        while self.waiting and len(self.active) < self.limit:
            following = self.waiting.popleft()
            self.active[following.run_id] = following
            following.admitted.set()

    def record(self) -> dict[str, Any]:
        """What it is kept as."""
        return {name: getattr(self, name) for name in _KEPT}

    def wire(self, *, expand: bool = True) -> dict[str, Any]:
        """The Job object; without `expand` its settings go without the arrays."""
        settings = self.settings
        if not expand:
            settings = {name: value for name, value in settings.items() if name not in ARRAYS}
        return {
            "job_id": self.job_id,
            "creator_user_name": self.creator,
            "run_as_user_name": (settings.get("run_as") or {}).get("user_name", self.creator),
            "created_time": self.created_time,
            "settings": settings,
        }

    def wire_2_0(self) -> dict[str, Any]:
        """The Job object of version 2.0."""
        return self.wire() | {"settings": job_settings.in_old_form(self.settings)}


class Jobs:
    """The saved jobs of a workspace, by id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs: dict[int, Job] = {}

    def __repr__(self) -> str:
        return f"<Jobs, {len(self._jobs)}>"

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def restore(self) -> None:
        """Brings back those that an earlier workspace with the same folder kept."""
        for record in self._world.state.things("job"):
            job = Job(**record)
            self._jobs[job.job_id] = job

    def routes(self) -> list[Route]:
        """The endpoints."""
        handlers = {
            "POST create": self.create,
            "GET get": self.get,
            "GET list": self.list_page,
            "POST reset": self.reset,
            "POST update": self.update,
            "POST delete": self.delete,
        }
        return [
            Route(method, f"/api/{version}/jobs/{name}", handler)
            for key, handler in handlers.items()
            for method, _, name in [key.partition(" ")]
            for version in ("2.2", "2.1", "2.0")
        ]

    # -- for the other services, and for tests -------------------------------------------------

    def add(self, settings: Mapping[str, Any], *, version: str = "2.2", creator: str = "") -> Job:
        """Saves a new job; refuses settings that are wrong."""
        job = Job(
            self._world.new_number("job"),
            job_settings.checked(settings, version=version),
            creator or self._world.user_name,
            self._world.now_ms(),
            queues=version == "2.2",
        )
        job.settings.setdefault("name", "Untitled")
        job.settings.setdefault("max_concurrent_runs", 1)
        self._jobs[job.job_id] = job
        self._keep(job)
        return job

    def find(self, job_id: int) -> Job | None:
        """The job, or None."""
        return self._jobs.get(job_id)

    def known(self, job_id: int) -> Job:
        """The job; refuses an id that is none."""
        job = self.find(job_id)
        if job is None:
            raise Refusal.invalid(f"Job {job_id} does not exist.")
        return job

    def _keep(self, job: Job) -> None:
        self._world.keep("job", str(job.job_id), job.record)

    # -- the endpoints -------------------------------------------------------------------------

    async def create(self, call: Call) -> dict[str, Any]:
        """`jobs/create`."""
        job = self.add(call.body, version=_version(call), creator=call.user_name)
        job.granted = call.body.get("access_control_list") or []
        self._keep(job)
        return {"job_id": job.job_id}

    async def get(self, call: Call) -> dict[str, Any]:
        """`jobs/get`; under 2.2 its arrays come 100 elements at a time."""
        job = self.known(call.integer("job_id"))
        if _version(call) == "2.0":
            return job.wire_2_0()
        told = job.wire()
        if _version(call) == "2.1":
            return told
        offset = page_offset(call)
        told["settings"], more = cut(told["settings"], ARRAYS, offset)
        return told | more

    async def list_page(self, call: Call) -> dict[str, Any]:
        """`jobs/list`: the newest first; 2.0 has no pages and no filter."""
        if _version(call) == "2.0":
            every = [job.wire() for job in reversed(self._jobs.values())]
            old = [
                told | {"settings": job_settings.in_old_form(told["settings"])} for told in every
            ]
            return {"jobs": old} if old else {}
        limit = call.integer("limit", DEFAULT_LIMIT)
        if not 0 < limit <= MAX_LIMIT:
            raise Refusal.invalid(f"limit must be between 1 and {MAX_LIMIT}.")
        name = call.text("name", "").casefold()
        found = [
            job
            for job in reversed(self._jobs.values())
            if not name or str(job.settings.get("name", "")).casefold() == name
        ]
        expand = call.flag("expand_tasks")
        page, tokens = page_of(
            found[call.integer("offset", 0) :], call.text("page_token", ""), limit
        )
        jobs = []
        for job in page:
            told = job.wire(expand=expand)
            if expand and _version(call) == "2.2":
                told["settings"], more = cut(told["settings"], ARRAYS, 0)
                told["has_more"] = bool(more)
            jobs.append(told)
        answer: dict[str, Any] = {"jobs": jobs, **tokens} if jobs else {**tokens}
        if _version(call) != "2.2":
            answer["has_more"] = "next_page_token" in tokens
        return answer

    async def reset(self, call: Call) -> dict[str, Any]:
        """`jobs/reset`: replaces the settings, all but a `run_as` that is not given."""
        job = self.known(call.integer("job_id"))
        new = dict(call.body.get("new_settings") or {})
        if "run_as" in job.settings:
            new.setdefault("run_as", job.settings["run_as"])
        self._change(job, new, call)
        return {}

    async def update(self, call: Call) -> dict[str, Any]:
        """`jobs/update`: lays new settings over the old ones and removes fields."""
        job = self.known(call.integer("job_id"))
        new = call.body.get("new_settings") or {}
        removed = call.texts("fields_to_remove")
        self._change(job, job_settings.changed(job.settings, new, removed), call)
        return {}

    def _change(self, job: Job, settings: Mapping[str, Any], call: Call) -> None:
        job.settings = job_settings.checked(settings, version=_version(call))
        job.settings.setdefault("name", "Untitled")
        job.settings.setdefault("max_concurrent_runs", 1)
        self._keep(job)
        for run in job.active.values():
            run.set_timeout(float(job.settings.get("timeout_seconds") or 0))

    async def delete(self, call: Call) -> dict[str, Any]:
        """`jobs/delete`: its runs stay, and go on."""
        job = self.known(call.integer("job_id"))
        del self._jobs[job.job_id]
        self._world.forget("job", str(job.job_id))
        return {}


def _version(call: Call) -> str:
    """The API version of a request to `/api/<version>/jobs/...`."""
    return call.path.split("/")[2]
