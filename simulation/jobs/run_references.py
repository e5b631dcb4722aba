"""What `{{references}}` mean within a run: its job, its tasks so far, its start, the workspace.

https://docs.databricks.com/jobs/dynamic-value-references.html
"""

from __future__ import annotations

from collections.abc import Callable

from .run import JobRun, TaskRun
from .run_parameters import filled, time_part


def job_parameters(run: JobRun) -> dict[str, str]:
    """The job parameters with the values of this run."""
    defaults = {p["name"]: p.get("default", "") for p in run.settings.get("parameters") or ()}
    values = {**defaults, **(run.parameters.get("job_parameters") or {})}
    filled_in: dict[str, str] = filled(values, lambda name: of_run(name, run))
    return filled_in


def of_task(task_run: TaskRun) -> Callable[[str], str | None]:
    """What names mean in the settings of a task."""
    return lambda name: of_task_run(name, task_run.run, task_run)


def of_run(name: str, run: JobRun) -> str | None:
    """What `name` means anywhere in `run`; None for what is not known."""
    if name.startswith("job.start_time."):
        return time_part(run.start_time, name.removeprefix("job.start_time."))
    known = {
        "job_id": run.job_id,
        "job.id": run.job_id,
        "job.name": run.name,
        "job.run_id": run.run_id,
        "parent_run_id": run.run_id,
        "job.repair_count": len(run.history) - 1,
        "job.trigger.type": run.trigger.lower(),
        "start_time": run.start_time,
        "start_date": time_part(run.start_time, "iso_date"),
        "workspace.id": run.world.workspace_id,
        "workspace.url": run.world.host,
    }
    return str(known[name]) if name in known else None


def of_task_run(name: str, run: JobRun, task_run: TaskRun) -> str | None:
    """What `name` means in the settings of a task; None for what is not known."""
    known = {
        "run_id": task_run.run_id,
        "task.run_id": task_run.run_id,
        "task_key": task_run.task_key,
        "task.name": task_run.task_key,
        "task.execution_count": task_run.attempt_number + 1,
        "task_retry_count": task_run.attempt_number,
    }
    if name in known:
        return str(known[name])
    if name.startswith("job.parameters."):
        return job_parameters(run).get(name.removeprefix("job.parameters."))
    if name.startswith("tasks."):
        key, _, what = name.removeprefix("tasks.").partition(".")
        return _of_other_task(key, what, run)
    return of_run(name, run)


def _of_other_task(key: str, what: str, run: JobRun) -> str | None:
    if key not in run.attempts:
        return None
    last = run.attempts[key][-1]
    if what.startswith("values."):
        value = run.task_values().get(key, {}).get(what.removeprefix("values."))
        return None if value is None else str(value)
    match what:
        case "run_id":
            return str(last.run_id)
        case "execution_count":
            return str(last.attempt_number + 1)
        case "result_state" if last.outcome is not None and last.outcome.result is not None:
            return last.outcome.result.value.lower()
        case "error_code" if last.outcome is not None:
            return last.outcome.code
        case _:
            return None
