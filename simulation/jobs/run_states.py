"""How a run, or one task of it, stands: the states, and how both generations of the wire tell them.

Two rules:

1. Everything that says which state may follow which, and which outcome looks how on the wire,
   stands here as a table; the life of runs and tasks (`run_life`, `tasks`) only picks from it.
2. A state is told twice: as the legacy `state` (which official SDK waiters read) and as `status`.
   They differ on purpose: the parent of a failed task is `INTERNAL_ERROR` in the one and
   `TERMINATED` in the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import evolve, frozen


class LifeCycleState(StrEnum):
    """`state.life_cycle_state`, in Databricks' words."""

    QUEUED = "QUEUED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    BLOCKED = "BLOCKED"
    WAITING_FOR_RETRY = "WAITING_FOR_RETRY"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ResultState(StrEnum):
    """`state.result_state`; absent until a run is over."""

    SUCCESS = "SUCCESS"
    SUCCESS_WITH_FAILURES = "SUCCESS_WITH_FAILURES"
    FAILED = "FAILED"
    TIMEDOUT = "TIMEDOUT"
    CANCELED = "CANCELED"
    EXCLUDED = "EXCLUDED"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    UPSTREAM_CANCELED = "UPSTREAM_CANCELED"
    DISABLED = "DISABLED"


class Verdict(StrEnum):
    """What an outcome means to those who depend on it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXCLUDED = "excluded"


L = LifeCycleState
FINAL = frozenset({L.TERMINATED, L.SKIPPED, L.INTERNAL_ERROR})

_PREPARING = {L.PENDING, L.RUNNING, L.TERMINATING, L.TERMINATED, L.INTERNAL_ERROR}

# Which state may directly follow which.  Repair is not in it: it gives a final run a new life.
NEXT: Mapping[LifeCycleState, frozenset[LifeCycleState]] = {
    L.QUEUED: frozenset({L.PENDING, L.TERMINATED, L.SKIPPED, L.TERMINATING}),
    L.BLOCKED: frozenset({L.PENDING, L.TERMINATING, L.TERMINATED, L.SKIPPED}),
    L.WAITING_FOR_RETRY: frozenset({L.PENDING, L.TERMINATING, L.TERMINATED}),
    L.PENDING: frozenset(_PREPARING - {L.PENDING}),
    L.RUNNING: frozenset({L.TERMINATING, L.TERMINATED, L.INTERNAL_ERROR}),
    L.TERMINATING: FINAL,
    L.TERMINATED: frozenset(),
    L.SKIPPED: frozenset(),
    L.INTERNAL_ERROR: frozenset(),
}

# `status.state` of each legacy life cycle state.
V2_STATE: Mapping[LifeCycleState, str] = {
    L.QUEUED: "QUEUED",
    L.PENDING: "PENDING",
    L.RUNNING: "RUNNING",
    L.BLOCKED: "BLOCKED",
    L.WAITING_FOR_RETRY: "WAITING",
    L.TERMINATING: "TERMINATING",
    L.TERMINATED: "TERMINATED",
    L.SKIPPED: "TERMINATED",
    L.INTERNAL_ERROR: "TERMINATED",
}

VERDICTS: Mapping[ResultState | None, Verdict] = {
    ResultState.SUCCESS: Verdict.SUCCEEDED,
    ResultState.SUCCESS_WITH_FAILURES: Verdict.SUCCEEDED,
    ResultState.FAILED: Verdict.FAILED,
    ResultState.TIMEDOUT: Verdict.FAILED,
    ResultState.UPSTREAM_FAILED: Verdict.FAILED,
    ResultState.CANCELED: Verdict.CANCELED,
    ResultState.UPSTREAM_CANCELED: Verdict.CANCELED,
    ResultState.EXCLUDED: Verdict.EXCLUDED,
    ResultState.DISABLED: Verdict.EXCLUDED,
    None: Verdict.CANCELED,
}


@frozen
class Outcome:
    """How a run or a task ended.

    Attributes:
      final: the legacy life cycle state it ends in.
      result: None only for a run that was skipped at the concurrency limit.
      code: `status.termination_details.code`.
      type: `SUCCESS`, `CLIENT_ERROR`, `INTERNAL_ERROR` or `CLOUD_FAILURE`.
      message: `state_message`, and `termination_details.message`.
      by_limit: the user's cancel or a timeout ended it (`user_cancelled_or_timedout`).
    """

    final: LifeCycleState
    result: ResultState | None
    code: str
    type: str = "CLIENT_ERROR"
    message: str = ""
    by_limit: bool = False

    @property
    def verdict(self) -> Verdict:
        """What this means to dependent tasks."""
        return VERDICTS[self.result]


SUCCESS = Outcome(L.TERMINATED, ResultState.SUCCESS, "SUCCESS", "SUCCESS")
SUCCESS_WITH_FAILURES = Outcome(
    L.TERMINATED, ResultState.SUCCESS_WITH_FAILURES, "SUCCESS_WITH_FAILURES", "SUCCESS"
)
WORKLOAD_FAILED = Outcome(
    L.TERMINATED,
    ResultState.FAILED,
    "RUN_EXECUTION_ERROR",
    message="Workload failed, see run output for details",
)
CANCELED = Outcome(
    L.TERMINATED, ResultState.CANCELED, "USER_CANCELED", message="Run cancelled.", by_limit=True
)
TIMEDOUT = Outcome(
    L.TERMINATED, ResultState.TIMEDOUT, "CANCELED", message="Run timed out.", by_limit=True
)
EXCLUDED = Outcome(
    L.TERMINATED,
    ResultState.EXCLUDED,
    "SKIPPED",
    "SUCCESS",
    "The condition of this task was not met.",
)
UPSTREAM_FAILED = Outcome(
    L.TERMINATED, ResultState.UPSTREAM_FAILED, "SKIPPED", message="An upstream task failed."
)
UPSTREAM_CANCELED = Outcome(
    L.TERMINATED, ResultState.UPSTREAM_CANCELED, "SKIPPED", message="An upstream task was canceled."
)
DISABLED = Outcome(
    L.TERMINATED, ResultState.DISABLED, "DISABLED", "SUCCESS", "This task is disabled."
)
QUEUE_EXPIRED = Outcome(
    L.SKIPPED, None, "SKIPPED", message="Skipping this run because it was queued for too long."
)


def too_many_runs(limit: int) -> Outcome:
    """A run that found `limit` runs of its job alive, with no queue to wait in."""
    return Outcome(
        L.SKIPPED,
        None,
        "MAX_CONCURRENT_RUNS_EXCEEDED",
        message=f"Skipping this run because the limit of {limit} maximum concurrent runs has been"
        " reached.",
    )


def cannot_start(message: str, code: str, kind: str = "CLIENT_ERROR") -> Outcome:
    """A task that never came to run its code: no cluster, no notebook, no such job."""
    return Outcome(L.INTERNAL_ERROR, ResultState.FAILED, code, kind, message)


@frozen
class LastAttempt:
    """A task's key, whom it waits for, and how its last attempt ended."""

    task_key: str
    upstream: tuple[str, ...]
    outcome: Outcome


def of_all(tasks: Iterable[LastAttempt]) -> Outcome:
    """The outcome of a run whose tasks all ended: its leaves decide.

    A leaf that was excluded has nothing to say, so the tasks before it speak for it.
    """
    by_key = {task.task_key: task for task in tasks}
    inner = {key for task in by_key.values() for key in task.upstream}
    speaking: set[str] = set()
    pending = [key for key in by_key if key not in inner]
    while pending:
        key = pending.pop()
        if key in speaking or key not in by_key:
            continue
        speaking.add(key)
        if by_key[key].outcome.verdict is Verdict.EXCLUDED:
            pending.extend(by_key[key].upstream)
    verdicts = {by_key[key].outcome.verdict for key in speaking}
    causes = [task for task in by_key.values() if task.outcome.result in _OWN_FAULTS]
    if Verdict.FAILED in verdicts:
        if causes and all(task.outcome.result is ResultState.TIMEDOUT for task in causes):
            return TIMEDOUT
        return _of_failed(causes, skipped=len(by_key) > len(causes) and _skipped(by_key.values()))
    if Verdict.CANCELED in verdicts:
        return CANCELED
    return SUCCESS_WITH_FAILURES if causes else SUCCESS


_OWN_FAULTS = frozenset({ResultState.FAILED, ResultState.TIMEDOUT})


def _skipped(tasks: Iterable[LastAttempt]) -> bool:
    return any(task.outcome.result is ResultState.UPSTREAM_FAILED for task in tasks)


def _of_failed(causes: list[LastAttempt], *, skipped: bool) -> Outcome:
    """Legacy `INTERNAL_ERROR` over a task that failed, with the first task's message in it."""
    first = next((task for task in causes if task.outcome.result is ResultState.FAILED), None)
    told = first.outcome if first else UPSTREAM_FAILED
    message = f"Task {first.task_key if first else '?'} failed with message: {told.message}"
    message = message.rstrip(".") + "."
    if skipped:
        message += " This caused all downstream tasks to get skipped."
    return evolve(told, final=L.INTERNAL_ERROR, result=ResultState.FAILED, message=message)


def state_wire(
    state: LifeCycleState, outcome: Outcome | None, message: str = "", queue_reason: str = ""
) -> dict[str, Any]:
    """The legacy `state` object."""
    told: dict[str, Any] = {"life_cycle_state": state.value}
    if state in FINAL and outcome is not None:
        if outcome.result is not None:
            told["result_state"] = outcome.result.value
        message = outcome.message
    told["state_message"] = message
    told["user_cancelled_or_timedout"] = outcome is not None and outcome.by_limit
    if state is L.QUEUED and queue_reason:
        told["queue_reason"] = queue_reason
    return told


def status_wire(
    state: LifeCycleState, outcome: Outcome | None, queue_reason: str = ""
) -> dict[str, Any]:
    """The `status` object."""
    told: dict[str, Any] = {"state": V2_STATE[state]}
    if state is L.QUEUED:
        told["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": queue_reason}
    if outcome is not None and (state in FINAL or state is L.TERMINATING):
        told["termination_details"] = {
            "code": outcome.code,
            "type": outcome.type,
            "message": outcome.message,
        }
    return told
