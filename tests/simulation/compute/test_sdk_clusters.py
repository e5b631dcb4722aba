"""`databricks-sdk` drives clusters of the simulated workspace, with its own waiters."""

import time

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    InvalidParameterValue,
    InvalidState,
    OperationFailed,
    ResourceDoesNotExist,
)
from databricks.sdk.service.compute import (
    AutoScale,
    ClusterSource,
    EventType,
    ListClustersFilterBy,
    ListClustersSortBy,
    ListClustersSortByDirection,
    ListClustersSortByField,
    State,
    TerminationReasonCode,
    UpdateClusterResource,
)
from databricks_mcp_toolkit.simulation import Pace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer
from databricks_mcp_toolkit.simulation.compute.cluster import TerminationReason


@pytest.fixture
def version(sdk: WorkspaceClient) -> str:
    return sdk.clusters.select_spark_version(latest=True, long_term_support=True)


@pytest.fixture
def node_type(sdk: WorkspaceClient) -> str:
    return sdk.clusters.select_node_type(local_disk=True, min_memory_gb=16)


def test_a_cluster_from_its_creation_to_its_end(
    sdk: WorkspaceClient, version: str, node_type: str
) -> None:
    made = sdk.clusters.create(
        cluster_name="one",
        spark_version=version,
        node_type_id=node_type,
        autoscale=AutoScale(min_workers=1, max_workers=3),
        autotermination_minutes=30,
    ).result()
    assert made.state is State.RUNNING
    assert made.cluster_source is ClusterSource.API
    assert made.autoscale == AutoScale(min_workers=1, max_workers=3)
    assert made.executors is not None
    assert len(made.executors) == 1
    assert made.spec is not None
    cluster_id = made.cluster_id
    assert cluster_id
    resized = sdk.clusters.resize(cluster_id, num_workers=2).result()
    assert resized.num_workers == 2
    restarted = sdk.clusters.restart(cluster_id).result()
    assert restarted.spark_context_id != made.spark_context_id
    edited = sdk.clusters.edit(
        cluster_id, version, cluster_name="two", node_type_id=node_type, num_workers=0
    ).result()
    assert edited.cluster_name == "two"
    sdk.clusters.update(
        cluster_id, "cluster_name", cluster=UpdateClusterResource(cluster_name="three")
    ).result()
    gone = sdk.clusters.delete(cluster_id).result()
    assert gone.state is State.TERMINATED
    assert gone.termination_reason is not None
    assert gone.termination_reason.code is TerminationReasonCode.USER_REQUEST
    assert sdk.clusters.start(cluster_id).result().state is State.RUNNING
    sdk.clusters.permanent_delete(cluster_id)
    with pytest.raises(ResourceDoesNotExist):
        sdk.clusters.get(cluster_id)


def test_waiters_wait_while_it_is_pending(
    served: WorkspaceServer, sdk: WorkspaceClient, version: str, node_type: str
) -> None:
    served.workspace.world.pace = Pace(cluster_start=0.3)
    began = time.monotonic()
    made = sdk.clusters.create_and_wait(
        spark_version=version, node_type_id=node_type, num_workers=0
    )
    assert made.state is State.RUNNING
    assert time.monotonic() - began > 0.3


def test_a_start_that_fails_is_an_operation_failed(
    served: WorkspaceServer, sdk: WorkspaceClient
) -> None:
    cluster_id = served.workspace.cluster_id
    sdk.clusters.delete(cluster_id).result()
    cluster = served.call(served.workspace.clusters.known, cluster_id)
    cluster.fail_next_start(TerminationReason("SPARK_STARTUP_FAILURE", "SERVICE_FAULT"))
    waiting = sdk.clusters.start(cluster_id)
    with pytest.raises(OperationFailed):
        waiting.result()
    reason = sdk.clusters.get(cluster_id).termination_reason
    assert reason is not None
    assert reason.code is TerminationReasonCode.SPARK_STARTUP_FAILURE


def test_a_cluster_is_made_sure_to_run(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    cluster_id = served.workspace.cluster_id
    sdk.clusters.delete(cluster_id).result()
    sdk.clusters.ensure_cluster_is_running(cluster_id)
    assert sdk.clusters.get(cluster_id).state is State.RUNNING


def test_errors_are_the_sdks_own(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    with pytest.raises(ResourceDoesNotExist, match="does not exist"):
        sdk.clusters.get("0000-000000-nothing1")
    with pytest.raises(InvalidParameterValue, match="spark_version"):
        sdk.clusters.create(spark_version="")
    with pytest.raises(InvalidState, match=r"is in unexpected state Running\."):
        sdk.clusters.start(served.workspace.cluster_id)


def test_lists_are_paged_filtered_and_sorted(
    sdk: WorkspaceClient, version: str, node_type: str
) -> None:
    for name in "cab":
        sdk.clusters.create(
            cluster_name=name, spark_version=version, node_type_id=node_type, num_workers=0
        )
    by_name = ListClustersSortBy(
        direction=ListClustersSortByDirection.DESC, field=ListClustersSortByField.CLUSTER_NAME
    )
    found = sdk.clusters.list(
        filter_by=ListClustersFilterBy(
            cluster_sources=[ClusterSource.API],
            cluster_states=[State.RUNNING, State.PENDING],
            is_pinned=False,
        ),
        sort_by=by_name,
        page_size=1,
    )
    assert [cluster.cluster_name for cluster in found] == ["c", "b", "a"]


def test_events_are_paged(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    cluster_id = served.workspace.cluster_id
    for _ in range(2):
        sdk.clusters.restart(cluster_id).result()
    events = [event.type for event in sdk.clusters.events(cluster_id, page_size=2)]
    assert events == [
        *[EventType.RUNNING, EventType.RESTARTING] * 2,
        EventType.RUNNING,
        EventType.CREATING,
    ]


def test_pins_and_catalogues(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    sdk.clusters.pin(served.workspace.cluster_id)
    (pinned,) = sdk.clusters.list(filter_by=ListClustersFilterBy(is_pinned=True))
    assert pinned.cluster_id == served.workspace.cluster_id
    sdk.clusters.unpin(served.workspace.cluster_id)
    assert sdk.clusters.list_zones().default_zone
    assert sdk.clusters.select_node_type(min_gpus=1).startswith("g4")
    assert "ml" in sdk.clusters.select_spark_version(ml=True)
