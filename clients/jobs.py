"""Jobs 2.2: what is set up to run, starting it, and asking after its runs.

https://docs.databricks.com/api/workspace/jobs
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .endpoint import Endpoint, RetryClass
from .pages import Page, Pages
from .runs import Run, RunOutput
from .wire import OBJECT_AS_SENT, Wired, structure

if TYPE_CHECKING:
    from .http import Door

_REPEAT = (
    "Call again with the same idempotency_token: that gives the run's id and starts no second one."
)

LIST = Endpoint("GET", "/api/2.2/jobs/list", RetryClass.READ)
GET = Endpoint("GET", "/api/2.2/jobs/get", RetryClass.READ)
RUN_NOW = Endpoint("POST", "/api/2.2/jobs/run-now", RetryClass.TOKEN, per_second=20, check=_REPEAT)
SUBMIT = Endpoint(
    "POST", "/api/2.2/jobs/runs/submit", RetryClass.TOKEN, per_second=35, check=_REPEAT
)
GET_RUN = Endpoint("GET", "/api/2.2/jobs/runs/get", RetryClass.READ, per_second=100)
LIST_RUNS = Endpoint("GET", "/api/2.2/jobs/runs/list", RetryClass.READ)
GET_OUTPUT = Endpoint("GET", "/api/2.2/jobs/runs/get-output", RetryClass.READ)
CANCEL_RUN = Endpoint(
    "POST",
    "/api/2.2/jobs/runs/cancel",
    RetryClass.SAME,
    check="Get the run: if it is still active, cancel it again.",
)

MOST_RUNS_A_PAGE = 25  # what Databricks gives at most in one page of runs/list

# Arrays that come in slices of 100, over as many pages.
_SLICED = ("tasks", "iterations", "job_clusters", "job_parameters", "repair_history")
_SLICED_SETTINGS = ("tasks", "job_clusters", "environments", "parameters")


@attrs.frozen
class Job(Wired):
    """A job as `jobs/get` and `jobs/list` tell it; `settings` is the JSON object as it came."""

    job_id: int
    created_time: int | None = None
    creator_user_name: str = ""
    settings: Mapping[str, Any] = attrs.field(factory=dict, metadata=OBJECT_AS_SENT, repr=False)

    @property
    def name(self) -> str:
        """The name in its settings, or empty."""
        return str(self.settings.get("name") or "")


@attrs.frozen
class _JobPage(Wired):
    jobs: tuple[Job, ...] = ()
    next_page_token: str | None = None


@attrs.frozen
class _RunPage(Wired):
    runs: tuple[Run, ...] = ()
    next_page_token: str | None = None


@attrs.frozen
class _JobSlice(Job):
    """One page of a job that may have more tasks than fit in one."""

    next_page_token: str | None = None


@attrs.frozen
class _RunSlice(Run):
    """One page of a run, likewise."""

    next_page_token: str | None = None


@attrs.frozen
class _Started:
    run_id: int


class JobsClient:
    """The Jobs API.  Reads are retried, and so is what starts a run, since it carries a token."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def page(
        self, *, limit: int | None = None, page_token: str | None = None, **filters: Any
    ) -> Page[Job]:
        """One page of jobs, `limit` at most (1 to 100, 20 when absent).

        Args:
          limit: how many at most.
          page_token: `next_page_token` of the page before.
          filters: `name` (exact, any case), `expand_tasks`.
        """
        query = {"limit": limit, "page_token": page_token, **filters}
        page = await self._door.ask(LIST, _JobPage, query=query)
        return Page(page.jobs, page.next_page_token, page.wire)

    def list(self, *, limit: int | None = 100, **filters: Any) -> Pages[Job]:
        """All jobs: `async for job in jobs.list()`.  `limit` is the size of a page."""
        return Pages(lambda token: self.page(limit=limit, page_token=token, **filters))

    async def get(self, job_id: int) -> Job:
        """One job with all of its tasks, however many pages they take.

        Raises:
          NotFound: there is none of this id.
        """

        async def part(token: str | None) -> _JobSlice:
            query = {"job_id": job_id, "page_token": token}
            return await self._door.ask(GET, _JobSlice, query=query)

        whole = await _joined(part, _join_job)
        return structure(whole, Job)

    async def run_now(self, job_id: int, *, idempotency_token: str, **parameters: Any) -> int:
        """Start a run of a job and return its id.

        Args:
          job_id: the job.
          idempotency_token: 1 to 64 characters, minted once for one intended run and kept.
          parameters: `job_parameters`, `notebook_params`, … as Databricks names them.

        If cancelled while under way, the run may have started: the same token gives its id.

        Raises:
          NotFound: there is no such job.
          OutcomeUnknown: no answer within the retry budget; the run may have started.
        """
        body = {**parameters, "job_id": job_id, "idempotency_token": idempotency_token}
        return (await self._door.ask(RUN_NOW, _Started, body=body)).run_id

    async def submit(self, body: Mapping[str, Any], *, idempotency_token: str) -> int:
        """Start a one-time run of a `runs/submit` body and return its id.  Else as `run_now`."""
        body = {**body, "idempotency_token": idempotency_token}
        return (await self._door.ask(SUBMIT, _Started, body=body)).run_id

    async def get_run(self, run_id: int, *, include_history: bool | None = None) -> Run:
        """One run with all of its tasks, however many pages they take.

        Raises:
          NotFound: there is none of this id, or it is more than 60 days old.
        """

        async def part(token: str | None) -> _RunSlice:
            query = {"run_id": run_id, "include_history": include_history, "page_token": token}
            return await self._door.ask(GET_RUN, _RunSlice, query=query)

        whole = await _joined(part, _join_run)
        return structure(whole, Run)

    async def page_runs(
        self, *, limit: int | None = None, page_token: str | None = None, **filters: Any
    ) -> Page[Run]:
        """One page of runs, latest start first, `limit` at most (1 to 25, 20 when absent).

        Args:
          limit: how many at most.
          page_token: `next_page_token` of the page before.
          filters: `job_id`, `active_only`, `completed_only`, `run_type`, `start_time_from`,
            `start_time_to` (epoch milliseconds), `expand_tasks`.
        """
        query = {"limit": limit, "page_token": page_token, **filters}
        page = await self._door.ask(LIST_RUNS, _RunPage, query=query)
        return Page(page.runs, page.next_page_token, page.wire)

    def list_runs(self, *, limit: int | None = MOST_RUNS_A_PAGE, **filters: Any) -> Pages[Run]:
        """All runs that fit the filters of `page_runs`, page by page."""
        return Pages(lambda token: self.page_runs(limit=limit, page_token=token, **filters))

    async def get_output(self, run_id: int) -> RunOutput:
        """The output of one *task's* run; Databricks refuses the id of a run of several tasks."""
        return await self._door.ask(GET_OUTPUT, RunOutput, query={"run_id": run_id})

    async def cancel_run(self, run_id: int) -> None:
        """Ask for a run to be cancelled; it is when a later `get_run` says so.

        Does nothing to a finished one.
        """
        await self._door.tell(CANCEL_RUN, body={"run_id": run_id})


async def _joined(
    part: Callable[[str | None], Awaitable[_JobSlice | _RunSlice]],
    join: Callable[[dict[str, Any], Mapping[str, Any]], None],
) -> dict[str, Any]:
    """All pages of one object as one: the first page's fields, every page's slice of the arrays.

    Each page has been read as its model, at the door, so the whole fits its model as well.
    """
    first = await part(None)
    whole = dict(first.wire)
    whole.pop("next_page_token", None)
    token, seen = first.next_page_token, set[str]()
    while token and token not in seen:
        seen.add(token)
        page = await part(token)
        join(whole, page.wire)
        token = page.next_page_token
    return whole


def _join_run(whole: dict[str, Any], page: Mapping[str, Any]) -> None:
    _extend(whole, page, _SLICED)


def _join_job(whole: dict[str, Any], page: Mapping[str, Any]) -> None:
    settings = dict(whole.get("settings") or {})
    _extend(settings, page.get("settings") or {}, _SLICED_SETTINGS)
    whole["settings"] = settings


def _extend(whole: dict[str, Any], page: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if page.get(name):
            whole[name] = [*(whole.get(name) or ()), *page[name]]
