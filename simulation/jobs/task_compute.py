"""Where a task's code runs: a cluster that is there, a new or shared one, a warehouse, or none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import trio
from attrs import frozen

from ..compute.cluster import GOING, Cluster, ClusterGone
from ..compute.clusters import Clusters
from ..compute.warehouse import WarehouseGone
from ..compute.warehouses import Warehouses
from ..wire import Refusal
from ..world import World
from .run import JobRun, TaskRun
from .run_states import Outcome, cannot_start

_CLOUD = "CLOUD_FAILURE"  # both a cluster's termination type, and a run's code and type


class NoCompute(Exception):
    """There is nothing to run on; `outcome` is what that makes of the task."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


@frozen
class TaskCompute:
    """Finds, makes and holds what tasks run on."""

    world: World
    clusters: Clusters
    warehouses: Warehouses

    @asynccontextmanager
    async def held(self, task_run: TaskRun) -> AsyncIterator[Cluster | None]:
        """Waits for what the task's settings name, holds it for the block, and lets it go.

        Sets the task's `cluster_id` and `spark_context_id`.  If cancelled, a cluster that was made
        for the task is let go as well.

        Yields:
          The cluster; None where there is none.

        Raises:
          NoCompute: it does not exist, cannot be made, or did not come up.
        """
        if task_run.task.get("warehouse_id"):
            async with self._warehouse(task_run):
                yield None
            return
        cluster = self._cluster(task_run)
        if cluster is None:
            await trio.sleep(self.world.pace.serverless_start)
            yield None
            return
        task_run.cluster_id = cluster.cluster_id
        try:
            try:
                task_run.spark_context_id = await cluster.usable()
            except ClusterGone as gone:
                raise NoCompute(_did_not_come_up(cluster, gone)) from None
            with cluster.busy():
                yield cluster
        finally:
            if task_run.settings.get("new_cluster"):
                cluster.terminate("JOB_FINISHED")

    @asynccontextmanager
    async def _warehouse(self, task_run: TaskRun) -> AsyncIterator[None]:
        warehouse_id = str(task_run.task["warehouse_id"])
        warehouse = self.warehouses.find(warehouse_id)
        if warehouse is None:
            message = f"Warehouse {warehouse_id} does not exist."
            raise NoCompute(cannot_start(message, "RESOURCE_NOT_FOUND"))
        try:
            await warehouse.usable()
        except WarehouseGone as gone:
            raise NoCompute(cannot_start(str(gone), "RESOURCE_NOT_FOUND")) from None
        with warehouse.busy():
            yield

    def _cluster(self, task_run: TaskRun) -> Cluster | None:
        """The cluster of the settings, made when it is a new one; None for serverless."""
        run, settings = task_run.run, task_run.settings
        try:
            if settings.get("existing_cluster_id"):
                cluster_id = str(settings["existing_cluster_id"])
                found = self.clusters.find(cluster_id)
                if found is None:
                    message = f"Cluster {cluster_id} does not exist"
                    raise NoCompute(cannot_start(message, "RESOURCE_NOT_FOUND"))
                return found
            if settings.get("job_cluster_key"):
                return self._shared(run, settings["job_cluster_key"])
            if settings.get("new_cluster"):
                return self._launch(run, settings["new_cluster"], str(task_run.run_id))
        except Refusal as refusal:
            raise NoCompute(cannot_start(refusal.message, "INVALID_CLUSTER_REQUEST")) from None
        return None

    def _shared(self, run: JobRun, key: str) -> Cluster:
        """The cluster that tasks of a run share under `key`; made for the first of them."""
        cluster = run.job_clusters.get(key)
        if cluster is None:
            configs = {c["job_cluster_key"]: c for c in run.settings.get("job_clusters") or ()}
            cluster = self._launch(run, configs[key]["new_cluster"], f"{run.run_id}-{key}")
            run.job_clusters[key] = cluster
        return cluster

    def _launch(self, run: JobRun, config: Mapping[str, Any], suffix: str) -> Cluster:
        name = f"job-{run.job_id}-run-{suffix}"
        return self.clusters.launch(config, source="JOB", name=name)


def _did_not_come_up(cluster: Cluster, gone: ClusterGone) -> Outcome:
    message = (
        f"Cluster {cluster.cluster_id} was terminated while waiting on it to be ready: Cluster"
        f" {cluster.cluster_id} is in unexpected state Terminated: {gone.code}({gone.type}):"
        f" {gone.message}."
    )
    if gone.type == _CLOUD:
        return cannot_start(message, _CLOUD, _CLOUD)
    return cannot_start(message, "CLUSTER_ERROR")


def driver_was_lost(cluster: Cluster) -> Outcome:
    """What a task ends in when its cluster's driver went away under it."""
    if cluster.state in GOING:
        message = f"Cluster {cluster.cluster_id} was terminated during the run."
        return cannot_start(message, "CLUSTER_ERROR")
    return cannot_start("Driver was restarted during run", "DRIVER_ERROR")
