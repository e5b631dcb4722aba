"""A run as it is kept for the workspace's next start, and a run made of that again.

Attempts refer to each other, so they are kept once, in the order in which they were made, and
referred to by their ids.  Tasks are kept with the settings, and referred to by their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cattrs

from ..engine import TaskFailure, TaskResult
from ..world import World
from .run import JobRun, Register, Repair, TaskRun
from .run_states import LifeCycleState, Outcome

Record = Mapping[str, Any]

_RUN = (
    "run_id",
    "job_id",
    "settings",
    "parameters",
    "run_type",
    "trigger",
    "creator",
    "start_time",
    "queue_reason",
    "admitted_at",
    "end_time",
)
_TASK_RUN = (
    "run_id",
    "attempt_number",
    "original_run_id",
    "iteration",
    "message",
    "begun_at",
    "running_at",
    "finished_at",
    "ended_at",
    "cluster_id",
    "spark_context_id",
    "task",
    "child_run_id",
    "branch",
)
_FAILURE = ("error", "error_trace", "logs", "code")

_converter = cattrs.Converter()


def record_of(run: JobRun) -> dict[str, Any]:
    """What `run_of` needs."""
    return {name: getattr(run, name) for name in _RUN} | {
        "state": run.state,
        "outcome": _outcome_record(run.outcome),
        "stop_as": _outcome_record(run.stop_as),
        "tasks": [task["task_key"] for task in run.tasks],
        "every_task_run": [_task_run_record(each) for each in run.every_task_run],
        "attempts": {
            key: [each.run_id for each in attempts] for key, attempts in run.attempts.items()
        },
        "history": _converter.unstructure(run.history),
    }


def run_of(record: Record, world: World, register: Register) -> JobRun:
    """The run, as it was when it was kept; whoever calls sees to it that it lives on."""
    settings = record["settings"]
    tasks = {task["task_key"]: task for task in settings["tasks"]}
    run = JobRun(
        world=world,
        register=register,
        tasks=[tasks[key] for key in record["tasks"]],
        state=LifeCycleState(record["state"]),
        outcome=_outcome(record["outcome"]),
        stop_as=_outcome(record["stop_as"]),
        history=_converter.structure(record["history"], list[Repair]),
        **{name: record[name] for name in _RUN},
    )
    made = [_task_run(each, run, tasks) for each in record["every_task_run"]]
    run.every_task_run = made
    by_id = {each.run_id: each for each in made}
    for each, kept in zip(made, record["every_task_run"], strict=True):
        each.children = [by_id[run_id] for run_id in kept["children"]]
    run.attempts = {key: [by_id[n] for n in ids] for key, ids in record["attempts"].items()}
    if run.is_final:
        run.ended.set()
    return run


def _task_run_record(task_run: TaskRun) -> dict[str, Any]:
    result, failure = task_run.result, task_run.failure
    # An iteration of a for-each task has settings of its own.
    own = task_run.settings if task_run.iteration is not None else None
    return {name: getattr(task_run, name) for name in _TASK_RUN} | {
        "task_key": task_run.task_key,
        "settings": own,
        "state": task_run.state,
        "outcome": _outcome_record(task_run.outcome),
        "stop_as": _outcome_record(task_run.stop_as),
        "result": None if result is None else _converter.unstructure(result),
        "failure": None if failure is None else [getattr(failure, name) for name in _FAILURE],
        "children": [child.run_id for child in task_run.children],
    }


def _task_run(record: Record, run: JobRun, tasks: Mapping[str, Any]) -> TaskRun:
    result, failure = record["result"], record["failure"]
    return TaskRun(
        run=run,
        settings=record["settings"] or tasks[record["task_key"]],
        state=LifeCycleState(record["state"]),
        outcome=_outcome(record["outcome"]),
        stop_as=_outcome(record["stop_as"]),
        result=None if result is None else _converter.structure(result, TaskResult),
        failure=None if failure is None else TaskFailure(*failure),
        **{name: record[name] for name in _TASK_RUN},
    )


def _outcome_record(outcome: Outcome | None) -> Any:
    return None if outcome is None else _converter.unstructure(outcome)


def _outcome(record: Any) -> Outcome | None:
    return None if record is None else _converter.structure(record, Outcome)
