"""Where a task's code runs: a cluster that is there, a new or shared one, a warehouse, or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from ..compute.cluster import GOING, Cluster, ClusterGone
from ..compute.warehouse import WarehouseGone
from ..wire import Refusal
from .run_states import Outcome, cannot_start

if TYPE_CHECKING:
    from .task_run import TaskRun

_CLOUD = "CLOUD_FAILURE"  # both a cluster's termination type, and a run's code and type


class NoCompute(Exception):
    """There is nothing to run on; `outcome` is what that makes of the task."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


@asynccontextmanager
async def compute(task_run: TaskRun) -> AsyncIterator[trio.Event | None]:
    """Waits for what the task's settings name, holds it while the block runs, and lets it go.

    Sets the task's `cluster` and `spark_context_id`.  If cancelled, a cluster that was made for the
    task is let go as well.

    Yields:
      The event of the cluster's driver being lost; None where there is no cluster.

    Raises:
      NoCompute: it does not exist, cannot be made, or did not come up.
    """
    pace = task_run.run.workspace.pace
    if task_run.task.get("warehouse_id"):
        async with _warehouse(task_run):
            yield None
        return
    cluster = _find_cluster(task_run)
    if cluster is None:
        await trio.sleep(pace.serverless_start)
        yield None
        return
    task_run.cluster = cluster
    try:
        try:
            task_run.spark_context_id = await cluster.usable()
        except ClusterGone as gone:
            raise NoCompute(_did_not_come_up(cluster, gone)) from None
        with cluster.busy():
            yield cluster.driver_lost
    finally:
        if task_run.settings.get("new_cluster"):
            cluster.terminate("JOB_FINISHED")


@asynccontextmanager
async def _warehouse(task_run: TaskRun) -> AsyncIterator[None]:
    warehouse_id = str(task_run.task["warehouse_id"])
    warehouse = task_run.run.workspace.warehouses.find(warehouse_id)
    if warehouse is None:
        message = f"Warehouse {warehouse_id} does not exist."
        raise NoCompute(cannot_start(message, "RESOURCE_NOT_FOUND"))
    try:
        await warehouse.usable()
    except WarehouseGone as gone:
        raise NoCompute(cannot_start(str(gone), "RESOURCE_NOT_FOUND")) from None
    with warehouse.busy():
        yield


def _find_cluster(task_run: TaskRun) -> Cluster | None:
    """The cluster of the settings, made when it is a new one; None for serverless."""
    run, settings = task_run.run, task_run.settings
    try:
        if settings.get("existing_cluster_id"):
            cluster_id = str(settings["existing_cluster_id"])
            found = run.workspace.clusters.find(cluster_id)
            if found is None:
                message = f"Cluster {cluster_id} does not exist"
                raise NoCompute(cannot_start(message, "RESOURCE_NOT_FOUND"))
            return found
        if settings.get("job_cluster_key"):
            return run.job_cluster(settings["job_cluster_key"])
        if settings.get("new_cluster"):
            return run.launch(settings["new_cluster"], str(task_run.run_id))
    except Refusal as refusal:
        raise NoCompute(cannot_start(refusal.message, "INVALID_CLUSTER_REQUEST")) from None
    return None


def _did_not_come_up(cluster: Cluster, gone: ClusterGone) -> Outcome:
    message = (
        f"Cluster {cluster.cluster_id} was terminated while waiting on it to be ready: Cluster"
        f" {cluster.cluster_id} is in unexpected state Terminated: {gone.code}({gone.type}):"
        f" {gone.message}."
    )
    if gone.type == _CLOUD:
        return cannot_start(message, _CLOUD, _CLOUD)
    return cannot_start(message, "CLUSTER_ERROR")


def driver_was_lost(task_run: TaskRun) -> Outcome:
    """What a task ends in when its cluster's driver went away under it."""
    cluster = task_run.cluster
    assert cluster is not None
    if cluster.state in GOING:
        message = f"Cluster {cluster.cluster_id} was terminated during the run."
        return cannot_start(message, "CLUSTER_ERROR")
    return cannot_start("Driver was restarted during run", "DRIVER_ERROR")
