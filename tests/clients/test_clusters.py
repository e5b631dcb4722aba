from __future__ import annotations

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.clusters import ClusterState
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import LoseAnswer, UnknownWord
from trio.testing import MockClock

BODY = {"cluster_name": "c", "spark_version": "15.4.x-scala2.12", "num_workers": 1}


async def until(databricks: Databricks, cluster_id: str, state: ClusterState) -> None:
    with trio.fail_after(3600):
        while (await databricks.clusters.get(cluster_id)).state != state:  # noqa: ASYNC110
            await trio.sleep(5)


async def test_a_cluster_is_created_started_terminated_and_started_again(
    live: Databricks, autojump_clock: MockClock
) -> None:
    cluster_id = await live.clusters.create(BODY | {"node_type_id": "i3.xlarge"})
    cluster = await live.clusters.get(cluster_id)
    assert cluster.state is ClusterState.PENDING
    assert (cluster.cluster_name, cluster.num_workers) == ("c", 1)
    await until(live, cluster_id, ClusterState.RUNNING)
    await live.clusters.terminate(cluster_id)
    await until(live, cluster_id, ClusterState.TERMINATED)
    reason = (await live.clusters.get(cluster_id)).termination_reason
    assert reason
    assert (reason.code, reason.type) == ("USER_REQUEST", "SUCCESS")
    await live.clusters.start(cluster_id)
    await until(live, cluster_id, ClusterState.RUNNING)


async def test_the_driver_is_known_by_its_spark_context(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    cluster = await live.clusters.get(workspace.cluster_id)
    assert cluster.spark_context_id == cluster.wire["spark_context_id"]
    assert cluster.spark_context_id


async def test_all_clusters_are_listed_over_all_pages(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    made = {await live.clusters.create(BODY | {"node_type_id": "i3.xlarge"}) for _ in range(5)}
    page = await live.clusters.page(page_size=2)
    assert len(page.items) == 2
    assert page.next_page_token
    before = workspace.requests.count("GET */clusters/list")
    listed = [each.cluster_id async for each in live.clusters.list(page_size=2)]
    assert set(listed) == made | {workspace.cluster_id}
    assert len(listed) == 6
    assert workspace.requests.count("GET */clusters/list") - before == 3


async def test_a_filter_is_passed_on(live: Databricks, autojump_clock: MockClock) -> None:
    await live.clusters.create(BODY | {"node_type_id": "i3.xlarge"})
    filters: dict[str, Any] = {"filter_by.cluster_states": ["PENDING"]}
    pending = live.clusters.list(**filters)
    assert [each.state async for each in pending] == [ClusterState.PENDING]


async def test_a_cluster_that_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    for call in (live.clusters.get, live.clusters.start, live.clusters.terminate):
        with pytest.raises(errors.NotFound):
            await call("0000-000000-nothere0")


async def test_starting_what_runs_is_refused_with_advice(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.DatabricksRefused) as caught:
        await live.clusters.start(workspace.cluster_id)
    assert caught.value.error_code == "INVALID_STATE"
    assert caught.value.details
    assert caught.value.advice


async def test_a_create_whose_answer_is_lost_makes_one_cluster_and_says_where_to_look(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST */clusters/create", LoseAnswer())
    with pytest.raises(errors.OutcomeUnknown, match="clusters/create") as caught:
        await live.clusters.create(BODY | {"node_type_id": "i3.xlarge"})
    assert "List the clusters" in caught.value.advice
    assert workspace.requests.count("POST */clusters/create") == 1
    assert len([each async for each in live.clusters.list()]) == 2


async def test_a_terminate_whose_answer_is_lost_is_repeated(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST */clusters/delete", LoseAnswer(), times=1)
    await live.clusters.terminate(workspace.cluster_id)
    assert workspace.requests.count("POST */clusters/delete") == 2


async def test_a_state_that_nobody_knows_yet_stays_a_word(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    workspace.faults.add("GET */clusters/get", UnknownWord())
    cluster = await live.clusters.get(workspace.cluster_id)
    assert cluster.state
    assert not isinstance(cluster.state, ClusterState)
