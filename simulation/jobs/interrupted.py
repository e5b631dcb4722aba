"""What the end of the workspace's process did to runs that were under way.

For Databricks, that is a driver that was lost: what ran on it fails with `INTERNAL_ERROR`, as any
task does whose cluster goes.  What had not begun to run code, or waits in the queue, lost nothing.
"""

from __future__ import annotations

from ..compute.clusters import Clusters
from . import run_states
from .run import JobRun, TaskRun
from .run_states import LifeCycleState, Outcome, cannot_start
from .task_compute import driver_was_lost

_RAN = frozenset({LifeCycleState.RUNNING, LifeCycleState.TERMINATING})


def end_lost(run: JobRun, clusters: Clusters) -> frozenset[str]:
    """Ends the attempts of `run` that were lost, or were to stop.

    Returns:
      The keys of tasks whose attempt was lost; those are retried where their settings say so.
    """
    lost = set()
    for attempts in run.attempts.values():
        last = attempts[-1]
        if last.is_final:
            continue
        if run.stop_as is not None:
            _end(last, run.stop_as)
        elif last.state in _RAN:
            _end(last, last.outcome or last.stop_as or _lost(last, clusters))
            lost.add(last.task_key)
    return frozenset(lost)


def _end(attempt: TaskRun, outcome: Outcome) -> None:
    for child in attempt.children:
        child.end(run_states.CANCELED)
    attempt.end(outcome)


def _lost(attempt: TaskRun, clusters: Clusters) -> Outcome:
    cluster = clusters.find(attempt.cluster_id) if attempt.cluster_id is not None else None
    if cluster is None:
        message = "The compute of the task was lost during the run."
        return cannot_start(message, "INTERNAL_ERROR", "INTERNAL_ERROR")
    return driver_was_lost(cluster)
