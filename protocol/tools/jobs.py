"""Jobs: what is set up to run, and starting it.

https://docs.databricks.com/api/workspace/jobs
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs
import trio

from ...clients.met import noting
from ...errors import OutcomeUnknown
from ..arguments import body
from ..call import Call
from ..listing import collect, listed
from ..registry import PATIENCE, not_through, tool
from ..results import Answer, lines, moment, table
from ..schema import argument, rest
from .ids import limit, page_token

if TYPE_CHECKING:
    from ...actors import Run

WAIT_FOR_IT = "It runs on Databricks: wait_for_run_completion tells how it ended."
ONE_RUN = "Same token, same run: never a second"
MOST_TASKS = 1000  # in one call of the Jobs API


@attrs.frozen
class ListJobs:
    """Which page of the jobs."""

    name: str | None = argument("Exact name", default=None, maxLength=4096)
    limit: int = limit(50, 500)
    page_token: str | None = page_token()


@attrs.frozen
class OneJob:
    """A job."""

    job_id: int = argument("Job id", minimum=1)


@attrs.frozen
class RunJob:
    """The body of `jobs/run-now`."""

    job_id: int = argument("Job id", minimum=1)
    job_parameters: dict[str, str] | None = argument("For jobs that define them", default=None)
    notebook_params: dict[str, str] | None = argument("Widget values", default=None)
    python_params: list[str] | None = argument("Of Python tasks", default=None)
    python_named_params: dict[str, str] | None = argument("Of wheel tasks", default=None)
    jar_params: list[str] | None = argument("Of JAR tasks", default=None)
    spark_submit_params: list[str] | None = argument("Of spark-submit tasks", default=None)
    sql_params: dict[str, str] | None = argument("Of SQL tasks", default=None)
    dbt_commands: list[str] | None = argument("Of dbt tasks", default=None)
    pipeline_params: dict[str, Any] | None = argument("{full_refresh}", default=None)
    only: list[str] | None = argument("Task keys to run", default=None)
    queue: dict[str, Any] | None = argument("{enabled}", default=None)
    performance_target: str | None = argument("Serverless mode", default=None, maxLength=64)
    idempotency_token: str | None = argument(ONE_RUN, default=None, minLength=1, maxLength=64)


@attrs.frozen
class RunConfig:
    """The body of `jobs/runs/submit`; fields not named here are sent on as they are."""

    tasks: list[dict[str, Any]] = argument(
        "Each: task_key, one *_task (e.g. notebook_task {notebook_path, base_parameters}), "
        "existing_cluster_id or new_cluster, depends_on",
        minItems=1,
        maxItems=MOST_TASKS,
    )
    run_name: str | None = argument("Name", default=None, maxLength=4096)
    timeout_seconds: int | None = argument("Limit, 0: none", default=None, minimum=0)
    idempotency_token: str | None = argument(ONE_RUN, default=None, minLength=1, maxLength=64)
    rest: dict[str, Any] = rest()


@attrs.frozen
class SubmitRun:
    """A one-time run."""

    run_config: RunConfig = argument("Body of jobs/runs/submit")

    @classmethod
    def unwrap(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body may also be given plainly, and in the older form with one task at its top."""
        config = given.get("run_config", given)
        if not isinstance(config, Mapping):
            return given
        if "tasks" not in config and (kind := _kind(config)):
            config = _as_tasks(config, kind)
        return {"run_config": config}

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with a task, and with two of the same key."""
        config = given.get("run_config")
        tasks = config.get("tasks") if isinstance(config, Mapping) else None
        keys = set()
        for n, task in enumerate(tasks if isinstance(tasks, list) else ()):
            if not isinstance(task, Mapping):
                continue
            path, key = f"run_config.tasks[{n}]", task.get("task_key")
            if not isinstance(key, str) or not key:
                yield f"{path}.task_key: required, text that names the task"
            elif key in keys:
                yield f"{path}.task_key: {key[:100]!r} names another task already"
            else:
                keys.add(key)
            if not _kind(task):
                yield f"{path}: expected one of notebook_task, spark_python_task, sql_task, ..."


_OF_A_TASK = ("existing_cluster_id", "new_cluster", "libraries", "environment_key")


def _kind(task: Mapping[str, Any]) -> str:
    return next((name for name in task if isinstance(name, str) and name.endswith("_task")), "")


def _as_tasks(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    of_task = {name: config[name] for name in (kind, *_OF_A_TASK) if name in config}
    of_run = {name: value for name, value in config.items() if name not in of_task}
    return of_run | {"tasks": [{"task_key": "main"} | of_task]}


@tool(ListJobs, title="List jobs", reads=True)
async def list_jobs(call: Call, arguments: ListJobs) -> Answer:
    """List jobs with id and name."""
    filters = {"name": arguments.name} if arguments.name else {}
    jobs, token = await collect(
        lambda size, token: call.session.databricks.jobs.page(
            limit=min(size, 100), page_token=token, **filters
        ),
        arguments.limit,
        arguments.page_token,
    )
    text = listed(
        "jobs",
        ("job_id", "name", "created", "creator"),
        [(j.job_id, j.name, moment(j.created_time), j.creator_user_name) for j in jobs],
        more=f"Go on with list_jobs(page_token={token!r})." if token else "",
    )
    structured: dict[str, Any] = {"jobs": [job.wire for job in jobs]}
    if token:
        structured["next_page_token"] = token
    return Answer(structured, text)


@tool(OneJob, title="Get job", reads=True)
async def get_job(call: Call, arguments: OneJob) -> Answer:
    """Get one job's settings, with all its tasks."""
    job = await call.session.databricks.jobs.get(arguments.job_id)
    tasks = job.settings.get("tasks") or []
    shown = table(
        ("task_key", "kind", "depends_on"),
        [
            (t.get("task_key"), _kind(t), ", ".join(d["task_key"] for d in t.get("depends_on", ())))
            for t in tasks
        ],
    )
    left = len(tasks) - shown.rows
    schedule = job.settings.get("schedule") or {}
    cron = schedule.get("quartz_cron_expression")
    parameters = job.settings.get("parameters") or []
    return Answer(
        job.wire,
        lines(
            f"Job {job.job_id} ({job.name or 'unnamed'}), "
            f"{len(tasks)} task{'' if len(tasks) == 1 else 's'}",
            f"Schedule: {cron} {schedule.get('timezone_id', '')}" if cron else "",
            f"Parameters: {', '.join(str(p.get('name')) for p in parameters)}"
            if parameters
            else "",
            shown.text if tasks else "",
            f"{left} more tasks in the structured content." if left else "",
        ),
    )


@tool(RunJob, title="Run job", patience=math.inf)
async def run_job(call: Call, arguments: RunJob) -> Answer:
    """Start a run of a job; returns its run_id at once."""
    given = body(arguments)
    return await _start(call, call.session.run_now, given, f"Job {arguments.job_id}")


@tool(SubmitRun, title="Submit one-time run", patience=math.inf)
async def submit_single_run(call: Call, arguments: SubmitRun) -> Answer:
    """Start a one-time run without making a job; returns its run_id at once."""
    given = body(arguments.run_config)
    what = arguments.run_config.run_name or "The one-time run"
    return await _start(call, call.session.submit_run, given, what)


async def _start(
    call: Call, start: Callable[..., Awaitable[Run]], given: dict[str, Any], what: str
) -> Answer:
    token = given.pop("idempotency_token", None) or uuid4().hex
    with noting() as met, trio.move_on_at(call.begun + PATIENCE):
        run = await start(idempotency_token=token, **given)
        return Answer(
            {"run_id": run.run_id}, f"{what} was started as run {run.run_id}. {WAIT_FOR_IT}"
        )
    raise OutcomeUnknown(
        not_through("Starting the run", PATIENCE, met),
        advice=f"Call again with idempotency_token={token}: that gives the run's id, and starts "
        "no second run.",
    )
