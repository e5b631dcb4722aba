"""How a run is told: the Run object, its pages under 2.2, and the output of a task."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..wire import Call, Refusal
from . import run_states
from .job_settings import COMPUTE, KINDS
from .run import JobRun, Repair, TaskRun
from .run_parameters import merged
from .run_references import job_parameters
from .run_states import LifeCycleState, Verdict

SAMPLES = 3  # error messages that the statistics of a for-each task show
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
    spent = times(only) if only is not None else {}
    told: dict[str, Any] = {
        "job_id": run.job_id,
        "run_id": run.run_id,
        "number_in_job": run.run_id,
        "original_attempt_run_id": run.run_id,
        "attempt_number": 0,
        "creator_user_name": run.creator,
        "run_name": run.name,
        "run_page_url": page_url(run),
        "run_type": run.run_type,
        "trigger": run.trigger,
        "format": run.settings.get("format", "MULTI_TASK"),
        "state": run_states.state_wire(run.state, run.outcome, _message(run), run.queue_reason),
        "status": run_states.status_wire(run.state, run.outcome, run.queue_reason),
        "start_time": run.start_time,
        "setup_duration": spent.get("setup_duration", 0),
        "execution_duration": spent.get("execution_duration", 0),
        "cleanup_duration": spent.get("cleanup_duration", 0),
        "end_time": run.end_time,
    }
    if run.end_time:
        told["run_duration"] = run.end_time - run.start_time
    if run.queue_reason:
        until = run.admitted_at or run.end_time or run.now
        told["queue_duration"] = until - run.start_time
    if only is not None and only.cluster_id is not None:
        told["cluster_instance"] = cluster_instance(only)
    if run.parameters:
        told["overriding_parameters"] = run.parameters
    for name in ("git_source", "description", "schedule"):
        if name in run.settings:
            told[name] = run.settings[name]
    if run.settings.get("format") == "SINGLE_TASK" and only is not None:
        told["task"] = {only.kind: only.settings[only.kind]}
        told["cluster_spec"] = {n: only.settings[n] for n in COMPUTE if n in only.settings}
    if tasks:
        told["tasks"] = [task_object(task_run) for task_run in shown]
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
    values = job_parameters(run)
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


def task_object(task_run: TaskRun) -> dict[str, Any]:
    """The RunTask object."""
    told: dict[str, Any] = {
        "run_id": task_run.run_id,
        **task_run.settings,
        task_run.kind: _task_settings(task_run),
        "attempt_number": task_run.attempt_number,
        "run_page_url": page_url(task_run.run, task_run.run_id),
        **times(task_run),
        "state": run_states.state_wire(task_run.state, task_run.outcome, task_run.message),
        "status": run_states.status_wire(task_run.state, task_run.outcome),
    }
    told.setdefault("run_if", "ALL_SUCCESS")
    if task_run.cluster_id is not None:
        told["cluster_instance"] = cluster_instance(task_run)
    return told


def times(task_run: TaskRun) -> dict[str, int]:
    """When it began and ended, and how long each part took, in ms."""
    # What has not come to pass yet counts as 0, and a part that is going on as well.
    setup_end = task_run.running_at or task_run.finished_at
    return {
        "start_time": task_run.begun_at,
        "setup_duration": max(setup_end - task_run.begun_at, 0),
        "execution_duration": (
            max(task_run.finished_at - task_run.running_at, 0) if task_run.running_at else 0
        ),
        "cleanup_duration": max(task_run.ended_at - task_run.finished_at, 0),
        "end_time": task_run.ended_at,
    }


def cluster_instance(task_run: TaskRun) -> dict[str, str]:
    """The cluster it runs on, and the driver once there is one."""
    assert task_run.cluster_id is not None
    told = {"cluster_id": task_run.cluster_id}
    if task_run.spark_context_id:
        told["spark_context_id"] = str(task_run.spark_context_id)
    return told


def _task_settings(task_run: TaskRun) -> Mapping[str, Any]:
    task: Mapping[str, Any] = task_run.settings[task_run.kind]
    match task_run.kind:
        case "condition_task" if task_run.branch is not None:
            return {**task, "outcome": task_run.branch}
        case "for_each_task":
            return {**task, "stats": _statistics(task_run)}
        case _:
            return task


def _statistics(task_run: TaskRun) -> dict[str, Any]:
    """The `stats` of a for-each task; only the last attempt of each iteration counts."""
    latest = {child.iteration: child for child in task_run.children}.values()
    ended = [child for child in latest if child.outcome is not None and child.is_final]
    failed = [child for child in ended if child.outcome and child.outcome.verdict is Verdict.FAILED]
    messages = Counter(child.outcome.message for child in failed if child.outcome)
    total = len(latest)
    inputs = task_run.task.get("inputs")
    if isinstance(inputs, str):
        try:
            total = len(json.loads(inputs))
        except ValueError:
            total = 0
    told: dict[str, Any] = {
        "task_run_stats": {
            "total_iterations": total,
            "scheduled_iterations": len(latest),
            "active_iterations": len(latest) - len(ended),
            "completed_iterations": len(ended),
            "succeeded_iterations": sum(
                child.outcome is not None and child.outcome.verdict is Verdict.SUCCEEDED
                for child in ended
            ),
            "failed_iterations": len(failed),
        }
    }
    if messages:
        told["error_message_stats"] = [
            {
                "error_message": message,
                "count": count,
                "termination_category": "RUN_EXECUTION_ERROR",
            }
            for message, count in messages.most_common(SAMPLES)
        ]
    return told


def page_url(run: JobRun, run_id: int | None = None) -> str:
    """Where a browser would show it, or one of its tasks."""
    world = run.world
    return f"{world.host}/?o={world.workspace_id}#job/{run.job_id}/run/{run_id or run.run_id}"


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
        **{key: value for key, value in task_object(task_run).items() if key not in KINDS},
        "tasks": [task_object(task_run)],
    }
    if task_run.kind == "for_each_task":
        told["iterations"] = [task_object(child) for child in task_run.children]
    return told


def with_resolved_values(told: dict[str, Any], task_runs: Iterable[TaskRun]) -> dict[str, Any]:
    """`told` with the parameters that each task got, as `include_resolved_values` asks for."""
    by_id = {task_run.run_id: task_run for task_run in task_runs}
    for task in told.get("tasks", ()):
        task_run = by_id[task["run_id"]]
        run = task_run.run
        if not task_run.task:
            continue
        values = merged(task_run.kind, task_run.task, run.parameters, job_parameters(run))
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
    if task_run.child_run_id is not None:
        told["run_job_output"] = {"run_id": task_run.child_run_id}
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
