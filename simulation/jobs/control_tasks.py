"""Tasks without code of their own: a condition, another job, the same task for each of a list."""

from __future__ import annotations

import json
import operator
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import trio

from ..wire import Refusal
from . import run_states
from .run import JobRun, TaskRun
from .run_parameters import filled
from .run_states import LifeCycleState, Outcome, ResultState, Verdict, cannot_start

StartJob = Callable[[int, Mapping[str, Any]], JobRun]  # by job id and a body as of `run-now`
SeeThrough = Callable[[TaskRun, list[TaskRun]], Awaitable[TaskRun]]  # an attempt with its retries

# Equality compares texts ("12.0" is not "12"), order compares numbers.
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQUAL_TO": operator.eq,
    "NOT_EQUAL": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_OR_EQUAL": operator.le,
}


def decide(task_run: TaskRun) -> Outcome:
    """A condition task: sets its branch.  Needs no compute and no time."""
    task = task_run.task
    compare = _OPERATORS.get(str(task.get("op")))
    left, right = str(task.get("left", "")), str(task.get("right", ""))
    if compare is None:
        return cannot_start(f"Unknown operator: {task.get('op')}", "INVALID_RUN_CONFIGURATION")
    try:
        if task["op"] in {"EQUAL_TO", "NOT_EQUAL"}:
            holds = compare(left, right)
        else:
            holds = compare(Decimal(left), Decimal(right))
    except InvalidOperation:
        message = f"Cannot compare {left!r} and {right!r}: both must be numbers."
        return cannot_start(message, "INVALID_RUN_CONFIGURATION")
    task_run.branch = "true" if holds else "false"
    return run_states.SUCCESS


async def run_job(task_run: TaskRun, start_job: StartJob) -> Outcome:
    """A run-job task: starts a run of another job and ends as that does.

    If cancelled, that run is cancelled too.
    """
    body = {name: value for name, value in task_run.task.items() if name != "job_id"}
    try:
        child = start_job(int(task_run.task["job_id"]), body)
    except Refusal as refusal:
        return cannot_start(refusal.message, "RESOURCE_NOT_FOUND")
    task_run.child_run_id = child.run_id
    task_run.enter(LifeCycleState.RUNNING, "In run")
    try:
        await child.ended.wait()
    finally:
        child.stop(run_states.CANCELED)  # nothing happens when it has ended by itself
    assert child.outcome is not None
    if child.outcome.verdict is Verdict.SUCCEEDED:
        return run_states.SUCCESS
    if child.outcome.result is None:
        return cannot_start(child.outcome.message, child.outcome.code)
    if child.outcome.result is ResultState.CANCELED:
        return run_states.CANCELED
    return run_states.WORKLOAD_FAILED


async def for_each(task_run: TaskRun, see_through: SeeThrough) -> Outcome:
    """A for-each task: runs its nested task for each input, up to `concurrency` at once."""
    try:
        inputs = json.loads(str(task_run.task["inputs"]))
    except ValueError:
        inputs = None
    if not isinstance(inputs, list):
        return cannot_start("inputs must be a JSON array.", "INVALID_RUN_CONFIGURATION")
    run = task_run.run
    # References to the iteration itself are left over when the outer ones are filled.
    nested = task_run.task["task"]
    key = str(nested.get("task_key") or task_run.task_key)
    task_run.enter(LifeCycleState.RUNNING, "In run")
    room = trio.CapacityLimiter(max(int(task_run.task.get("concurrency") or 1), 1))
    last: list[TaskRun] = []

    async def iterate(first: TaskRun) -> None:
        last.append(await see_through(first, task_run.children))
        room.release_on_behalf_of(first)

    async with trio.open_nursery() as nursery:
        for place, value in enumerate(inputs):
            settings = {**filled(nested, _input(value)), "task_key": key}
            # Made and let in here, not in `iterate`: a nursery starts its tasks in any order.
            first = run.new_task_run(settings, iteration=place)
            await room.acquire_on_behalf_of(first)
            task_run.children.append(first)
            nursery.start_soon(iterate, first)
    failed = [child for child in last if child.outcome and child.outcome.verdict is Verdict.FAILED]
    if failed:
        return run_states.WORKLOAD_FAILED
    if any(child.outcome and child.outcome.verdict is Verdict.CANCELED for child in last):
        return run_states.CANCELED
    return run_states.SUCCESS


def _input(value: Any) -> Callable[[str], str | None]:
    def lookup(name: str) -> str | None:
        if name == "input":
            return value if isinstance(value, str) else json.dumps(value)
        if name.startswith("input.") and isinstance(value, dict):
            found = value.get(name.removeprefix("input."))
            return found if isinstance(found, str) else json.dumps(found)
        return None

    return lookup
