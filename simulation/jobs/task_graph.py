"""The tasks of a job as a graph: is it sound, which tasks were asked for, and may this one run yet.

All of it is decided synchronously from plain task settings; no clock and no state of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from ..wire import Refusal
from .run_states import EXCLUDED, UPSTREAM_CANCELED, UPSTREAM_FAILED, Outcome, Verdict

Task = Mapping[str, Any]
KEY = re.compile(r"^[\w-]{1,100}$")

# What each `run_if` asks of the verdicts of a task's dependencies, all of which are known by then.
# A canceled task counts as failed here, as it does in the product.
RUN_IF: Mapping[str, Callable[[Sequence[Verdict]], bool]] = {
    "ALL_SUCCESS": lambda verdicts: all(v is Verdict.SUCCEEDED for v in verdicts),
    "AT_LEAST_ONE_SUCCESS": lambda verdicts: any(v is Verdict.SUCCEEDED for v in verdicts),
    "NONE_FAILED": lambda verdicts: (
        not any(_is_failure(v) for v in verdicts) and any(v is Verdict.SUCCEEDED for v in verdicts)
    ),
    "ALL_DONE": lambda _verdicts: True,
    "AT_LEAST_ONE_FAILED": lambda verdicts: any(_is_failure(v) for v in verdicts),
    "ALL_FAILED": lambda verdicts: all(_is_failure(v) for v in verdicts),
}


@frozen
class Ended:
    """How a dependency ended: its outcome, and for a condition task "true" or "false"."""

    outcome: Outcome
    branch: str | None = None


def upstream(task: Task) -> tuple[str, ...]:
    """The keys of the tasks that `task` waits for."""
    return tuple(dependency["task_key"] for dependency in task.get("depends_on") or ())


def may_run(task: Task, ended: Mapping[str, Ended]) -> Outcome | None:
    """Whether `task` runs, now that every task it depends on has ended.

    Args:
      task: its settings.
      ended: by task key; a dependency that is not in this run (see `select`) is not in it.

    Returns:
      None when it runs; otherwise the outcome it gets without having run.
    """
    verdicts = [
        _verdict(dependency, ended[dependency["task_key"]])
        for dependency in task.get("depends_on") or ()
        if dependency["task_key"] in ended
    ]
    if not verdicts:
        return None
    if all(verdict is Verdict.EXCLUDED for verdict in verdicts):
        return EXCLUDED  # whatever `run_if` says
    if RUN_IF[task.get("run_if") or "ALL_SUCCESS"](verdicts):
        return None
    if (task.get("run_if") or "ALL_SUCCESS") in {"AT_LEAST_ONE_FAILED", "ALL_FAILED"}:
        return EXCLUDED
    if Verdict.FAILED in verdicts:
        return UPSTREAM_FAILED
    return UPSTREAM_CANCELED if Verdict.CANCELED in verdicts else EXCLUDED


def _verdict(dependency: Mapping[str, Any], ended: Ended) -> Verdict:
    wanted = dependency.get("outcome")
    verdict = ended.outcome.verdict
    if verdict is Verdict.SUCCEEDED and wanted is not None and wanted != ended.branch:
        return Verdict.EXCLUDED
    return verdict


def _is_failure(verdict: Verdict) -> bool:
    return verdict in {Verdict.FAILED, Verdict.CANCELED}


def check(tasks: Sequence[Task]) -> None:
    """Refuses a set of tasks that cannot be run.

    Raises:
      Refusal: a key is missing or used twice, a dependency is unknown, `run_if` is no word of
        Databricks', or tasks wait for each other.
    """
    keys: set[str] = set()
    for task in tasks:
        key = task.get("task_key")
        if not key:
            raise Refusal.invalid("Each task must have a task_key.")
        if not KEY.match(key):
            raise Refusal.invalid(
                f"Invalid task_key {key!r}: up to 100 letters, digits, dashes and underscores."
            )
        if not all(dependency.get("task_key") for dependency in task.get("depends_on") or ()):
            raise Refusal.invalid(f"Each of depends_on of task {key} needs a task_key.")
        if key in keys:
            raise Refusal.invalid(f"Found duplicate task key: {key}.")
        keys.add(key)
        if (task.get("run_if") or "ALL_SUCCESS") not in RUN_IF:
            raise Refusal.invalid(f"Invalid run_if of task {key}: {task['run_if']}.")
    for task in tasks:
        for key in upstream(task):
            if key not in keys:
                raise Refusal.invalid(
                    f"Task {task['task_key']} depends on task {key}, which does not exist."
                )
    if _cyclic(tasks):
        raise Refusal.invalid("Cyclic dependencies are not allowed between the tasks of a job.")


def _cyclic(tasks: Sequence[Task]) -> bool:
    waiting = {task["task_key"]: set(upstream(task)) for task in tasks}
    while waiting:
        ready = [key for key, before in waiting.items() if not before & waiting.keys()]
        if not ready:
            return True
        for key in ready:
            del waiting[key]
    return False


def select(tasks: Sequence[Task], only: Iterable[str]) -> list[Task]:
    """The tasks that `only` names; `+key` adds what `key` waits for, `key+` what waits for it.

    No names at all select every task.

    Raises:
      Refusal: a name that is no task of the job.
    """
    wanted: set[str] = set()
    before = {task["task_key"]: upstream(task) for task in tasks}
    after: dict[str, list[str]] = {key: [] for key in before}
    for key, keys in before.items():
        for dependency in keys:
            after[dependency].append(key)
    for name in only:
        key = name.removeprefix("+").removesuffix("+")
        if key not in before:
            raise Refusal.invalid(f"Task key {key} in field only does not exist in the job.")
        wanted.add(key)
        if name.startswith("+"):
            wanted |= reach(key, before)
        if name.endswith("+"):
            wanted |= reach(key, after)
    return [task for task in tasks if not wanted or task["task_key"] in wanted]


def reach(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that can be reached from `start`, itself left out unless there is a way back."""
    found: set[str] = set()
    pending = list(edges.get(start, ()))
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending.extend(edges.get(key, ()))
    return found


def dependents(tasks: Sequence[Task], keys: Iterable[str]) -> set[str]:
    """The keys of all tasks that wait, however indirectly, for one of `keys`."""
    after: dict[str, list[str]] = {}
    for task in tasks:
        for key in upstream(task):
            after.setdefault(key, []).append(task["task_key"])
    return set().union(*(reach(key, after) for key in keys))
