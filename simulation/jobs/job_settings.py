"""What a job or a one-time run may be told: its settings, checked and brought to one form.

https://docs.databricks.com/api/workspace/jobs/create
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from ..wire import Refusal
from . import task_graph

Settings = Mapping[str, Any]

MAX_NAME = 4096  # bytes
MAX_DESCRIPTION = 27_700  # characters
MAX_TAGS = 25
MAX_CONCURRENT_RUNS = 1000
MAX_TASKS = {"2.1": 100, "2.2": 1000}  # by API version
MAX_TOKEN = 64  # characters of an idempotency token
MAX_PARAMETERS = 10_000  # bytes of each kind of run parameters, as JSON

KINDS = (
    "notebook_task",
    "spark_python_task",
    "python_wheel_task",
    "spark_jar_task",
    "spark_submit_task",
    "sql_task",
    "dbt_task",
    "pipeline_task",
    "run_job_task",
    "condition_task",
    "for_each_task",
    "dashboard_task",
    "clean_rooms_notebook_task",
)
COMPUTE = ("existing_cluster_id", "new_cluster", "job_cluster_key", "environment_key")
GIT_PROVIDERS = (
    "github,gitlab,bitbucketcloud,gitlabenterpriseedition,bitbucketserver,"
    "azuredevopsservices,githubenterprise,awscodecommit"
)
LEGACY_TASK_KEY = "main"
# Seconds, minutes, hours, day of month, month, day of week (one of the days is `?`), and a year.
QUARTZ = re.compile(
    r"^\s*([\d*/,\-]+\s+){3}(\?\s+[\w*/,\-]+\s+[\w*/,\-#]+|[\w*/,\-]+\s+[\w*/,\-]+\s+\?)"
    r"(\s+[\d*/,\-]+)?\s*$"
)

# Which run parameters of `run-now` come as what.
RUN_PARAMETERS: Mapping[str, type] = {
    "job_parameters": dict,
    "notebook_params": dict,
    "python_named_params": dict,
    "sql_params": dict,
    "pipeline_params": dict,
    "jar_params": list,
    "python_params": list,
    "spark_submit_params": list,
    "dbt_commands": list,
}
_ASCII_ONLY = ("python_params", "spark_submit_params")


def kind_of(task: Settings) -> str:
    """The name of the one `*_task` object that a task has."""
    return next(kind for kind in KINDS if task.get(kind) is not None)


def checked(settings: Settings, *, version: str, one_time: bool = False) -> dict[str, Any]:
    """The settings of a job, or of a one-time run, in their present form.

    The single-task form of earlier versions becomes one task, called `main`.

    Raises:
      Refusal: something in them is wrong.
    """
    settings = _in_present_form(settings)
    _check_scalars(settings)
    tasks: Sequence[Settings] = settings.get("tasks") or ()
    if one_time and not tasks:
        raise Refusal.invalid("One of tasks must be specified for a one-time run.")
    limit = MAX_TASKS.get(version, MAX_TASKS["2.1"])
    if len(tasks) > limit:
        raise Refusal.invalid(f"A job can have at most {limit} tasks.")
    clusters = {c.get("job_cluster_key") for c in settings.get("job_clusters") or ()}
    for task in tasks:
        _check_task(task, clusters)
        if one_time and "job_cluster_key" in task:
            raise Refusal.invalid("Shared job clusters are not supported for one-time runs.")
    task_graph.check(tasks)
    return settings


def _in_present_form(settings: Settings) -> dict[str, Any]:
    kept = {key: value for key, value in settings.items() if key != "access_control_list"}
    if any(kind in kept for kind in KINDS):
        task: dict[str, Any] = {"task_key": LEGACY_TASK_KEY}
        for key in (*KINDS, *COMPUTE, "libraries", "max_retries", "retry_on_timeout"):
            if key in kept:
                task[key] = kept.pop(key)
        if "min_retry_interval_millis" in kept:
            task["min_retry_interval_millis"] = kept.pop("min_retry_interval_millis")
        return {**kept, "tasks": [task], "format": "SINGLE_TASK"}
    return {**kept, "format": "MULTI_TASK"}


def in_old_form(settings: Settings) -> dict[str, Any]:
    """Settings as version 2.0 tells them: a job of one task has its fields in its settings."""
    if settings.get("format") != "SINGLE_TASK" or not settings.get("tasks"):
        return dict(settings)
    kept = {name: value for name, value in settings.items() if name != "tasks"}
    task = {name: value for name, value in settings["tasks"][0].items() if name != "task_key"}
    return {**kept, **task}


def _check_scalars(settings: Settings) -> None:
    if len(str(settings.get("name", "")).encode()) > MAX_NAME:
        raise Refusal.invalid(f"The name of a job must not exceed {MAX_NAME} bytes.")
    if len(str(settings.get("description", ""))) > MAX_DESCRIPTION:
        raise Refusal.invalid(f"A description must not exceed {MAX_DESCRIPTION} characters.")
    if len(settings.get("tags") or ()) > MAX_TAGS:
        raise Refusal.invalid(f"A job can have at most {MAX_TAGS} tags.")
    if not 0 <= _number(settings, "max_concurrent_runs", 1) <= MAX_CONCURRENT_RUNS:
        raise Refusal.invalid(f"max_concurrent_runs must be between 0 and {MAX_CONCURRENT_RUNS}.")
    if _number(settings, "timeout_seconds", 0) < 0:
        raise Refusal.invalid("timeout_seconds must not be negative.")
    git = settings.get("git_source")
    if git is not None and str(git.get("git_provider", "")).lower() not in GIT_PROVIDERS.split(","):
        raise Refusal.invalid(f"git_source.git_provider must be one of {GIT_PROVIDERS}.")
    if (schedule := settings.get("schedule")) is not None:
        _check_schedule(schedule)
    for parameter in settings.get("parameters") or ():
        if not (isinstance(parameter, dict) and parameter.get("name")):
            raise Refusal.invalid("Each of parameters needs a name.")


@cache
def _timezones() -> set[str]:
    """Every time zone's id; none where the system does not keep them."""
    return available_timezones()


def _check_schedule(schedule: Settings) -> None:
    cron, zone = (str(schedule.get(n, "")) for n in ("quartz_cron_expression", "timezone_id"))
    if not QUARTZ.match(cron):
        raise Refusal.invalid(
            f"Invalid quartz_cron_expression: {cron}. Databricks uses Quartz cron syntax, which is"
            " different from the standard cron syntax. See http://www.quartz-scheduler.org/"
            "documentation/quartz-2.1.x/tutorials/crontrigger.html for more details."
        )
    known = _timezones()
    if known and zone not in known:
        raise Refusal.invalid(f"Invalid timezone_id: {zone}.")


def _number(settings: Settings, name: str, default: int) -> int:
    value = settings.get(name, default)
    try:
        return default if value is None else int(value)
    except (TypeError, ValueError):
        raise Refusal.invalid(f"Could not parse {name}: {value!r} is not an integer.") from None


def _check_task(task: Settings, clusters: Iterable[Any]) -> None:
    key = task.get("task_key", "")
    kinds = [kind for kind in KINDS if task.get(kind) is not None]
    if len(kinds) != 1:
        raise Refusal.invalid(
            f"Task {key} must have exactly one of {', '.join(KINDS)}; it has {len(kinds)}."
        )
    compute = [name for name in COMPUTE if task.get(name)]
    if len(compute) > 1:
        raise Refusal.invalid(f"Task {key} must have only one of {', '.join(COMPUTE)}.")
    if task.get("job_cluster_key") and task["job_cluster_key"] not in clusters:
        raise Refusal.invalid(
            f"Task {key} names job cluster {task['job_cluster_key']}, which does not exist."
        )
    for name in ("timeout_seconds", "min_retry_interval_millis"):
        if _number(task, name, 0) < 0:
            raise Refusal.invalid(f"{name} of task {key} must not be negative.")
    if _number(task, "max_retries", 0) < -1:
        raise Refusal.invalid(f"max_retries of task {key} must be -1 or more.")
    if kinds == ["run_job_task"] and not _number(task["run_job_task"], "job_id", 0):
        raise Refusal.invalid(f"run_job_task of task {key} needs a job_id.")
    if kinds == ["for_each_task"]:
        if _number(task["for_each_task"], "concurrency", 1) < 1:
            raise Refusal.invalid(f"concurrency of task {key} must be at least 1.")
        nested = task["for_each_task"].get("task")
        if not isinstance(nested, dict) or "for_each_task" in nested:
            raise Refusal.invalid(f"for_each_task of task {key} needs a task of another kind.")
        _check_task(nested, clusters)


def token_of(body: Settings) -> str | None:
    """The idempotency token of a request, checked for its length."""
    token = body.get("idempotency_token")
    if token is not None and len(str(token)) > MAX_TOKEN:
        raise Refusal.invalid(f"idempotency_token must not exceed {MAX_TOKEN} characters.")
    return str(token) if token else None


def parameters_of(body: Settings) -> dict[str, Any]:
    """The run parameters of a `run-now` or a repair, checked.

    Raises:
      Refusal: of the wrong shape, too long, not ASCII where it must be, or two kinds that exclude
        each other.
    """
    given: dict[str, Any] = {
        name: body[name] for name in RUN_PARAMETERS if body.get(name) is not None
    }
    for name, value in given.items():
        if type(value) is not RUN_PARAMETERS[name]:
            shape = "a map" if RUN_PARAMETERS[name] is dict else "a list"
            raise Refusal.invalid(f"{name} must be {shape}.")
        if name != "job_parameters" and len(json.dumps({name: value}).encode()) > MAX_PARAMETERS:
            raise Refusal.invalid(f"{name} must not exceed {MAX_PARAMETERS} bytes as JSON.")
    for name in _ASCII_ONLY:
        if not "".join(map(str, given.get(name, ()))).isascii():
            raise Refusal.invalid(f"{name} must only contain ASCII characters.")
    if "jar_params" in given and "notebook_params" in given:
        raise Refusal.invalid("notebook_params cannot be specified in conjunction with jar_params.")
    return given


def changed(settings: Settings, new: Settings, removed: Iterable[str]) -> dict[str, Any]:
    """`settings` after `jobs/update`: `new` laid over them, `removed` paths taken out.

    Tasks and job clusters are merged by their keys; other fields are replaced whole.
    """
    result: dict[str, Any] = dict(settings)
    for name, value in new.items():
        key = _KEYED.get(name)
        result[name] = _merged(result.get(name), value, key) if key else value
    for path in removed:
        name, _, item = path.partition("/")
        if not item:
            result.pop(name, None)
        elif name in _KEYED and result.get(name):
            kept: list[Settings] = result[name]
            result[name] = [one for one in kept if one.get(_KEYED[name]) != item]
        elif isinstance(result.get(name), dict):
            result[name] = {k: v for k, v in result[name].items() if k != item}
    return result


_KEYED: Mapping[str, str] = {"tasks": "task_key", "job_clusters": "job_cluster_key"}


def _merged(old: Iterable[Settings] | None, new: Iterable[Settings], key: str) -> list[Settings]:
    by_key = {item.get(key): item for item in (*(old or ()), *new)}
    return list(by_key.values())
