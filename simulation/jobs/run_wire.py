"""How a run is told: the Run object, its pages under 2.2, and the output of a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..wire import Call, Refusal
from . import run_states
from .job_run import JobRun, Repair
from .job_settings import KINDS
from .run_parameters import merged
from .run_states import LifeCycleState
from .task_run import TaskRun

PAGE = 100  # elements of each array in one response of 2.2
MAX_OUTPUT = 5 * 1024 * 1024  # characters of a notebook's result (the first), of logs (the last)
NO_OUTPUT_OF_MANY = (
    "Retrieving the output of runs with multiple tasks is not supported."
    " Please retrieve the output of each individual task run instead."
)
ARRAYS = ("tasks", "job_clusters", "job_parameters", "repair_history", "iterations")


def page_offset(call: Call) -> int:
    """Where the page of arrays begins that a `get` asks for."""
    token = call.text("page_token", "")
    try:
        return int(token.removeprefix("a") or "0")
    except ValueError:
        raise Refusal.invalid("Invalid page token.") from None


def cut(
    told: Mapping[str, Any], arrays: Iterable[str], offset: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """`told` with a page of each of its arrays, and the token of the next page if there is one."""
    page = dict(told)
    more = False
    for name in arrays:
        if name in page:
            more = more or len(page[name]) > offset + PAGE
            page[name] = page[name][offset : offset + PAGE]
    return page, {"next_page_token": f"a{offset + PAGE}"} if more else {}


def run_object(run: JobRun, *, tasks: bool = True, history: bool = False) -> dict[str, Any]:
    """The Run object; `tasks` adds the arrays that lists leave out, `history` the repairs."""
    shown = run.shown_tasks()
    only = shown[-1] if len(run.attempts) == 1 else None
    times = only.times_wire() if only is not None else {}
    told: dict[str, Any] = {
        "job_id": run.job_id,
        "run_id": run.run_id,
        "number_in_job": run.run_id,
        "original_attempt_run_id": run.run_id,
        "attempt_number": 0,
        "creator_user_name": run.creator,
        "run_name": run.name,
        "run_page_url": run.page_url(),
        "run_type": run.run_type,
        "trigger": run.trigger,
        "format": run.settings.get("format", "MULTI_TASK"),
        "state": run_states.state_wire(run.state, run.outcome, _message(run), run.queue_reason),
        "status": run_states.status_wire(run.state, run.outcome, run.queue_reason),
        "start_time": run.start_time,
        "setup_duration": times.get("setup_duration", 0),
        "execution_duration": times.get("execution_duration", 0),
        "cleanup_duration": times.get("cleanup_duration", 0),
        "end_time": run.end_time,
    }
    if run.end_time:
        told["run_duration"] = run.end_time - run.start_time
    if run.queue_reason:
        until = run.admitted_at or run.end_time or run.now
        told["queue_duration"] = until - run.start_time
    if only is not None and only.cluster is not None:
        told["cluster_instance"] = only.cluster_instance()
    if run.parameters:
        told["overriding_parameters"] = run.parameters
    for name in ("git_source", "description", "schedule"):
        if name in run.settings:
            told[name] = run.settings[name]
    if tasks:
        told["tasks"] = [task_run.wire() for task_run in shown]
        told |= _arrays(run)
    if history:
        told["repair_history"] = [_repair(repair, run) for repair in run.history]
    return told


def _message(run: JobRun) -> str:
    match run.state:
        case LifeCycleState.QUEUED:
            return run.queue_reason
        case LifeCycleState.PENDING:
            return "Waiting for cluster"
        case LifeCycleState.RUNNING:
            return "In run"
        case _:
            return ""


def _arrays(run: JobRun) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if run.settings.get("job_clusters"):
        told["job_clusters"] = run.settings["job_clusters"]
    defined = {p["name"]: p.get("default", "") for p in run.settings.get("parameters") or ()}
    values = run.job_parameter_values()
    if values:
        told["job_parameters"] = [
            {"name": name, "default": defined.get(name, ""), "value": value}
            for name, value in values.items()
        ]
    return told


def _repair(repair: Repair, run: JobRun) -> dict[str, Any]:
    state = run.state if repair.outcome is None else repair.outcome.final
    told: dict[str, Any] = {
        "type": repair.type,
        "start_time": repair.start_time,
        "end_time": repair.end_time,
        "state": run_states.state_wire(state, repair.outcome),
        "status": run_states.status_wire(state, repair.outcome),
        "task_run_ids": repair.task_run_ids,
    }
    return told if repair.repair_id is None else {"id": repair.repair_id, **told}


def task_run_object(task_run: TaskRun) -> dict[str, Any]:
    """The Run object of one attempt of one task, as its own run id gets it."""
    run = task_run.run
    told = {
        "job_id": run.job_id,
        "job_run_id": run.run_id,
        "number_in_job": task_run.run_id,
        "original_attempt_run_id": task_run.original_run_id,
        "creator_user_name": run.creator,
        "run_name": run.name,
        "run_type": run.run_type,
        "trigger": run.trigger,
        "format": run.settings.get("format", "MULTI_TASK"),
        **{key: value for key, value in task_run.wire().items() if key not in KINDS},
        "tasks": [task_run.wire()],
    }
    if task_run.kind == "for_each_task":
        told["iterations"] = [child.wire() for child in task_run.children]
    return told


def with_resolved_values(told: dict[str, Any], task_runs: Iterable[TaskRun]) -> dict[str, Any]:
    """`told` with the parameters that each task got, as `include_resolved_values` asks for."""
    by_id = {task_run.run_id: task_run for task_run in task_runs}
    for task in told.get("tasks", ()):
        task_run = by_id[task["run_id"]]
        run = task_run.run
        if not task_run.task:
            continue
        values = merged(task_run.kind, task_run.task, run.parameters, run.job_parameter_values())
        match task_run.kind:
            case "notebook_task":
                task["resolved_values"] = {"notebook_task": {"base_parameters": values}}
            case "condition_task":
                sides = {name: task_run.task.get(name, "") for name in ("left", "right")}
                task["resolved_values"] = {"condition_task": sides}
            case "spark_python_task" | "spark_jar_task" | "spark_submit_task" | "sql_task":
                task["resolved_values"] = {task_run.kind: {"parameters": values}}
    return told


def output_object(task_run: TaskRun) -> dict[str, Any]:
    """The RunOutput of one attempt of one task; of one that is at work, the metadata alone."""
    told: dict[str, Any] = {"metadata": task_run_object(task_run)}
    result, failure = task_run.result, task_run.failure
    if failure is not None and task_run.is_final:
        told["error"] = failure.error
        if failure.error_trace:
            told["error_trace"] = failure.error_trace
    if task_run.child_run is not None:
        told["run_job_output"] = {"run_id": task_run.child_run.run_id}
    if result is None and failure is None:
        return told
    logs = result.logs if result is not None else failure.logs if failure is not None else ""
    match task_run.kind:
        case "notebook_task":
            told["notebook_output"] = _notebook_output(task_run)
        case "sql_task" if result is not None and result.sql_output is not None:
            told["sql_output"] = result.sql_output
        case _:
            told["logs"] = logs[-MAX_OUTPUT:]
            told["logs_truncated"] = len(logs) > MAX_OUTPUT
    return told


def _notebook_output(task_run: TaskRun) -> dict[str, Any]:
    result = task_run.result
    if result is None or result.notebook_result is None:
        return {"truncated": False}
    text = result.notebook_result
    return {"result": text[:MAX_OUTPUT], "truncated": result.truncated or len(text) > MAX_OUTPUT}
