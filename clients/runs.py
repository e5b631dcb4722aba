"""Job runs as the Jobs API tells them: their states, their tasks, their output.

https://docs.databricks.com/api/workspace/jobs/getrun
"""

from __future__ import annotations

from enum import StrEnum

import attrs

from .wire import Wired


class LifeCycleState(StrEnum):
    """How far a run has come: `state.life_cycle_state`, in Databricks' words."""

    QUEUED = "QUEUED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    BLOCKED = "BLOCKED"
    WAITING_FOR_RETRY = "WAITING_FOR_RETRY"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"
    # Also what the parent of a failed task is told to be.
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ResultState(StrEnum):
    """How a run ended: `state.result_state`, absent until it has."""

    SUCCESS = "SUCCESS"
    SUCCESS_WITH_FAILURES = "SUCCESS_WITH_FAILURES"
    FAILED = "FAILED"
    TIMEDOUT = "TIMEDOUT"
    CANCELED = "CANCELED"
    MAXIMUM_CONCURRENT_RUNS_REACHED = "MAXIMUM_CONCURRENT_RUNS_REACHED"
    EXCLUDED = "EXCLUDED"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    UPSTREAM_CANCELED = "UPSTREAM_CANCELED"
    DISABLED = "DISABLED"


class RunStatusState(StrEnum):
    """How far a run has come, in the newer `status.state`."""

    QUEUED = "QUEUED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    BLOCKED = "BLOCKED"
    WAITING = "WAITING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"


@attrs.frozen
class RunState(Wired):
    """The older `state` object."""

    life_cycle_state: LifeCycleState | str = ""
    result_state: ResultState | str | None = None
    state_message: str = ""
    queue_reason: str = ""
    user_cancelled_or_timedout: bool = False


@attrs.frozen
class StatusDetails:
    """`termination_details` or `queue_details`: a code, a message, and for an end its type."""

    code: str = ""
    type: str = ""
    message: str = ""


@attrs.frozen
class RunStatus(Wired):
    """The newer `status` object."""

    state: RunStatusState | str = ""
    termination_details: StatusDetails | None = None
    queue_details: StatusDetails | None = None


@attrs.frozen
class RunTask(Wired):
    """One attempt of one task.  A retried task has several of one `task_key`; the last counts."""

    run_id: int
    task_key: str = ""
    attempt_number: int = 0
    state: RunState | None = None
    status: RunStatus | None = None
    start_time: int | None = None
    end_time: int | None = None
    run_page_url: str = attrs.field(default="", repr=False)


@attrs.frozen
class Run(Wired):
    """A run.  Times are epoch milliseconds; `end_time` is 0 or absent while it goes on."""

    run_id: int
    job_id: int | None = None
    run_name: str = ""
    run_type: str = ""
    run_page_url: str = attrs.field(default="", repr=False)
    creator_user_name: str = attrs.field(default="", repr=False)
    state: RunState | None = None
    status: RunStatus | None = None
    tasks: tuple[RunTask, ...] = attrs.field(default=(), repr=lambda tasks: f"<{len(tasks)} tasks>")
    start_time: int | None = None
    end_time: int | None = None


@attrs.frozen
class NotebookOutput:
    """What the notebook gave to `dbutils.notebook.exit`, its first 5 MB; `None` if nothing."""

    result: str | None = attrs.field(default=None, repr=False)
    truncated: bool = False


@attrs.frozen
class RunOutput(Wired):
    """The output of one task's run.

    `logs` are the last 5 MB of what a Spark, Python or wheel task printed; `error` is the last
    line of `error_trace`.  What else Databricks tells (`sql_output`, `dbt_output`, …) is in `wire`.
    """

    metadata: Run | None = None
    notebook_output: NotebookOutput | None = None
    logs: str | None = attrs.field(default=None, repr=False)
    logs_truncated: bool = False
    error: str | None = None
    error_trace: str | None = attrs.field(default=None, repr=False)
