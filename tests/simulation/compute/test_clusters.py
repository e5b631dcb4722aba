"""A cluster's life, and the endpoints of Clusters 2.1."""

from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.compute.cluster import ClusterGone, TerminationReason

BODY = {
    "cluster_name": "one",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 2,
}
PACE = Pace()
DAY = 24 * 3600.0


class Driven:
    """Clusters 2.1 as a test calls it."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api = api

    async def post(self, name: str, **body: Any) -> httpx.Response:
        return await self.api.post(f"/api/2.1/clusters/{name}", json=body)

    async def ok(self, name: str, **body: Any) -> Any:
        answer = await self.post(name, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, cluster_id: str) -> Any:
        answer = await self.api.get("/api/2.1/clusters/get", params={"cluster_id": cluster_id})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, cluster_id: str) -> str:
        return str((await self.get(cluster_id))["state"])

    async def listed(self, **query: Any) -> Any:
        answer = await self.api.get("/api/2.1/clusters/list", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def events(self, cluster_id: str, **body: Any) -> list[str]:
        answer = await self.ok("events", cluster_id=cluster_id, order="ASC", **body)
        return [event["type"] for event in answer["events"]]


@pytest.fixture
def clusters(api: httpx.AsyncClient) -> Driven:
    return Driven(api)


@pytest.fixture
def workspace_settings() -> dict[str, Any]:
    return {"pace": PACE, "starts_at": 1_766_000_000_000}


async def running(clusters: Driven, **changes: Any) -> str:
    cluster_id = (await clusters.ok("create", **(BODY | changes)))["cluster_id"]
    await trio.sleep(PACE.cluster_start + 0.1)
    assert await clusters.state(cluster_id) == "RUNNING"
    return str(cluster_id)


async def test_the_sample_cluster_runs_from_the_start(
    workspace: Workspace, clusters: Driven
) -> None:
    assert await clusters.state(workspace.cluster_id) == "RUNNING"


async def test_a_new_cluster_is_pending_until_it_has_started(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = (await clusters.ok("create", **BODY))["cluster_id"]
    pending = await clusters.get(cluster_id)
    assert pending["state"] == "PENDING"
    assert "Finding instances" in pending["state_message"]
    assert "spark_context_id" not in pending
    await trio.sleep(PACE.cluster_start - 1)
    assert await clusters.state(cluster_id) == "PENDING"
    await trio.sleep(2)
    up = await clusters.get(cluster_id)
    assert up["state"] == "RUNNING"
    assert up["state_message"] == ""
    assert len(up["executors"]) == 2
    assert up["driver_node_type_id"] == "i3.xlarge"
    assert up["spec"]["cluster_name"] == "one"
    assert up["default_tags"]["ClusterId"] == cluster_id
    assert await clusters.events(cluster_id) == ["CREATING", "RUNNING"]


async def test_terminating_takes_its_time_and_says_why(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = await running(clusters)
    await clusters.ok("delete", cluster_id=cluster_id)
    going = await clusters.get(cluster_id)
    assert going["state"] == "TERMINATING"
    assert going["termination_reason"] == {
        "code": "USER_REQUEST",
        "type": "SUCCESS",
        "parameters": {"username": workspace.user_name},
    }
    await trio.sleep(PACE.cluster_terminate + 0.1)
    gone = await clusters.get(cluster_id)
    assert gone["state"] == "TERMINATED"
    assert gone["terminated_time"] > gone["start_time"]
    assert "driver" not in gone
    assert await clusters.ok("delete", cluster_id=cluster_id) == {}, "a no-op by now"


async def test_starting_shows_at_once_and_keeps_id_and_config(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = await running(clusters)
    before = await clusters.get(cluster_id)
    await clusters.ok("delete", cluster_id=cluster_id)
    await trio.sleep(PACE.cluster_terminate + 0.1)
    await clusters.ok("start", cluster_id=cluster_id)
    assert await clusters.state(cluster_id) == "PENDING"
    await trio.sleep(PACE.cluster_start + 0.1)
    after = await clusters.get(cluster_id)
    assert after["state"] == "RUNNING"
    assert after["num_workers"] == before["num_workers"]
    assert after["spark_context_id"] != before["spark_context_id"]
    assert "termination_reason" not in after


async def test_restarting_makes_a_new_driver(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    before = await clusters.get(workspace.cluster_id)
    await trio.sleep(5)
    await clusters.ok("restart", cluster_id=workspace.cluster_id)
    assert await clusters.state(workspace.cluster_id) == "RESTARTING"
    await trio.sleep(PACE.cluster_restart + 0.1)
    after = await clusters.get(workspace.cluster_id)
    assert after["state"] == "RUNNING"
    assert after["spark_context_id"] != before["spark_context_id"]
    assert after["last_restarted_time"] > before["last_restarted_time"]
    assert after["last_state_loss_time"] > before["last_state_loss_time"]


async def test_resizing_leaves_the_driver_alone(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    before = await clusters.get(workspace.cluster_id)
    await clusters.ok("resize", cluster_id=workspace.cluster_id, num_workers=5)
    resizing = await clusters.get(workspace.cluster_id)
    assert (resizing["state"], resizing["num_workers"]) == ("RESIZING", 5)
    await trio.sleep(PACE.cluster_resize + 0.1)
    after = await clusters.get(workspace.cluster_id)
    assert (after["state"], len(after["executors"])) == ("RUNNING", 5)
    assert after["spark_context_id"] == before["spark_context_id"]
    assert (await clusters.events(workspace.cluster_id))[-2:] == ["RESIZING", "UPSIZE_COMPLETED"]


async def test_resizing_to_a_range(workspace: Workspace, clusters: Driven) -> None:
    size = {"min_workers": 2, "max_workers": 8}
    await clusters.ok("resize", cluster_id=workspace.cluster_id, autoscale=size)
    resized = await clusters.get(workspace.cluster_id)
    assert resized["autoscale"] == size
    assert resized["num_workers"] == 2


async def test_editing_restarts_a_running_cluster_and_not_a_terminated_one(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = await running(clusters)
    await clusters.ok("edit", cluster_id=cluster_id, **(BODY | {"num_workers": 3}))
    assert await clusters.state(cluster_id) == "RESTARTING"
    refused = await clusters.post("edit", cluster_id=cluster_id, **BODY)
    assert refused.json()["error_code"] == "INVALID_STATE"
    await trio.sleep(PACE.cluster_restart + 0.1)
    await clusters.ok("delete", cluster_id=cluster_id)
    await trio.sleep(PACE.cluster_terminate + 0.1)
    await clusters.ok("edit", cluster_id=cluster_id, **(BODY | {"cluster_name": "two"}))
    edited = await clusters.get(cluster_id)
    assert (edited["state"], edited["cluster_name"]) == ("TERMINATED", "two")


async def test_updating_changes_only_what_the_mask_names(
    workspace: Workspace, clusters: Driven
) -> None:
    await clusters.ok(
        "update",
        cluster_id=workspace.cluster_id,
        update_mask="cluster_name,spark_conf.a",
        cluster={"cluster_name": "renamed", "num_workers": 9, "spark_conf": {"a": "1", "b": "2"}},
    )
    updated = await clusters.get(workspace.cluster_id)
    assert updated["cluster_name"] == "renamed"
    assert updated["num_workers"] == 1
    assert updated["spark_conf"] == {"a": "1"}


async def test_an_idle_cluster_terminates_by_itself(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = await running(clusters, autotermination_minutes=30)
    await trio.sleep(30 * 60 - 1)
    assert await clusters.state(cluster_id) == "RUNNING"
    await trio.sleep(1)
    gone = await clusters.get(cluster_id)
    assert gone["state"] == "TERMINATING"
    assert gone["termination_reason"]["code"] == "INACTIVITY"
    assert gone["termination_reason"]["parameters"] == {"inactivity_duration_min": "30"}


async def test_a_busy_cluster_counts_its_idle_time_from_the_end_of_the_work(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = await running(clusters, autotermination_minutes=10)
    cluster = workspace.clusters.known(cluster_id)
    with cluster.busy():
        await trio.sleep(3600)
        assert await clusters.state(cluster_id) == "RUNNING"
    await trio.sleep(10 * 60 - 1)
    assert await clusters.state(cluster_id) == "RUNNING"
    await trio.sleep(2)
    assert await clusters.state(cluster_id) == "TERMINATING"


async def test_a_deleted_cluster_does_not_come_up_later(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = (await clusters.ok("create", **BODY))["cluster_id"]
    await trio.sleep(10)
    await clusters.ok("delete", cluster_id=cluster_id)
    await trio.sleep(PACE.cluster_start * 2)
    assert await clusters.state(cluster_id) == "TERMINATED"


async def test_a_start_can_be_made_to_fail(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    cluster_id = (await clusters.ok("create", **BODY))["cluster_id"]
    cluster = workspace.clusters.known(cluster_id)
    reason = TerminationReason(
        "CLOUD_PROVIDER_RESOURCE_STOCKOUT",
        "CLOUD_FAILURE",
        {"databricks_error_message": "None left"},
    )
    cluster.fail_next_start(reason)
    with pytest.raises(ClusterGone, match="None left") as gone:
        await cluster.usable()
    assert (gone.value.code, gone.value.type) == (reason.code, "CLOUD_FAILURE")
    await trio.sleep(PACE.cluster_terminate + 0.1)
    assert (await clusters.get(cluster_id))["state_message"] == "None left"
    assert await cluster.usable(), "the next start is well again"


async def test_waiting_for_a_cluster_starts_it_also_from_its_way_down(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    await clusters.ok("delete", cluster_id=workspace.cluster_id)
    cluster = workspace.clusters.known(workspace.cluster_id)
    assert await cluster.usable() == cluster.spark_context_id
    assert trio.current_time() >= PACE.cluster_terminate + PACE.cluster_start


async def test_a_driver_restart_loses_state_while_the_cluster_runs(
    workspace: Workspace, clusters: Driven
) -> None:
    cluster = workspace.clusters.known(workspace.cluster_id)
    lost, before = cluster.driver_lost, cluster.spark_context_id
    cluster.restart_driver()
    assert lost.is_set()
    assert not cluster.driver_lost.is_set()
    assert cluster.spark_context_id != before
    assert await clusters.state(workspace.cluster_id) == "RUNNING"


@pytest.mark.parametrize(
    ("action", "word"), [("start", "Running"), ("restart", "Terminated"), ("resize", "Terminated")]
)
async def test_wrong_states_are_refused_in_databricks_words(
    workspace: Workspace,
    clusters: Driven,
    action: str,
    word: str,
    autojump_clock: trio.testing.MockClock,
) -> None:
    if word == "Terminated":
        await clusters.ok("delete", cluster_id=workspace.cluster_id)
        await trio.sleep(PACE.cluster_terminate + 0.1)
    refused = await clusters.post(action, cluster_id=workspace.cluster_id, num_workers=1)
    assert refused.status_code == 400
    body = refused.json()
    assert body["error_code"] == "INVALID_STATE"
    assert body["message"] == f"Cluster {workspace.cluster_id} is in unexpected state {word}."
    assert body["details"][0]["reason"] == "CM_API_ERROR_SOURCE_CALLER_ERROR"


async def test_an_unknown_cluster_is_an_invalid_parameter(
    clusters: Driven, api: httpx.AsyncClient
) -> None:
    refused = await api.get("/api/2.1/clusters/get", params={"cluster_id": "0000-no"})
    assert refused.status_code == 400
    assert refused.json() == {
        "error_code": "INVALID_PARAMETER_VALUE",
        "message": "Cluster 0000-no does not exist",
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"spark_version": None}, "Missing required field: spark_version"),
        ({"node_type_id": None}, "Missing required field: node_type_id"),
        ({"num_workers": None}, "Exactly 1 of"),
        ({"autoscale": {"min_workers": 1, "max_workers": 2}}, "Exactly 1 of"),
        ({"num_workers": -1}, "num_workers"),
        ({"num_workers": None, "autoscale": {"min_workers": 3, "max_workers": 2}}, "autoscale"),
        ({"autotermination_minutes": 5}, "autotermination_minutes must be 0"),
        ({"data_security_mode": "OPEN"}, "Unknown data_security_mode 'OPEN'"),
    ],
)
async def test_a_configuration_that_is_wrong_is_refused(
    clusters: Driven, changes: dict[str, Any], fault: str
) -> None:
    body = {name: value for name, value in (BODY | changes).items() if value is not None}
    refused = await clusters.post("create", **body)
    assert refused.status_code == 400
    assert refused.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    assert fault in refused.json()["message"]


async def test_a_permanently_deleted_cluster_is_nowhere(
    workspace: Workspace, clusters: Driven, api: httpx.AsyncClient
) -> None:
    await clusters.ok("permanent-delete", cluster_id=workspace.cluster_id)
    assert (await clusters.listed())["clusters"] == []
    refused = await api.get("/api/2.1/clusters/get", params={"cluster_id": workspace.cluster_id})
    assert "does not exist" in refused.json()["message"]
    refused = await clusters.post("start", cluster_id=workspace.cluster_id)
    assert refused.json()["error_code"] == "INVALID_STATE"


async def test_lists_are_paged_filtered_and_sorted(clusters: Driven) -> None:
    for name in "dbca":
        await clusters.ok("create", **(BODY | {"cluster_name": name}))
    first = await clusters.listed(page_size=3, **{"sort_by.field": "CLUSTER_NAME"})
    second = await clusters.listed(
        page_size=3,
        page_token=first["next_page_token"],
        **{"sort_by.field": "CLUSTER_NAME"},
    )
    names = [cluster["cluster_name"] for cluster in first["clusters"] + second["clusters"]]
    assert names == ["Shared Compute", "a", "b", "c", "d"]
    assert "next_page_token" not in second
    assert "spec" not in first["clusters"][0]
    pending = await clusters.listed(**{"filter_by.cluster_states": ["PENDING", "RESIZING"]})
    assert len(pending["clusters"]) == 4
    by_ui = await clusters.listed(**{"filter_by.cluster_sources": "UI"})
    assert [cluster["cluster_name"] for cluster in by_ui["clusters"]] == ["Shared Compute"]


@pytest.mark.parametrize(
    "query", [{"page_size": 101}, {"page_token": "?"}, {"filter_by.cluster_states": "ASLEEP"}]
)
async def test_lists_refuse_what_they_do_not_know(
    api: httpx.AsyncClient, query: dict[str, Any]
) -> None:
    refused = await api.get("/api/2.1/clusters/list", params=query)
    assert refused.json()["error_code"] == "INVALID_PARAMETER_VALUE"


async def test_pinned_clusters_come_first_and_outlive_their_retention(
    clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    pinned, other = await running(clusters), await running(clusters)
    await clusters.ok("pin", cluster_id=pinned)
    assert (await clusters.listed())["clusters"][0]["cluster_id"] == pinned
    assert len((await clusters.listed(**{"filter_by.is_pinned": "True"}))["clusters"]) == 1
    for cluster_id in (pinned, other):
        await clusters.ok("delete", cluster_id=cluster_id)
    await trio.sleep(31 * DAY)
    assert other not in [c["cluster_id"] for c in (await clusters.listed())["clusters"]]
    assert await clusters.state(other) == "TERMINATED", "still readable by its id"
    await trio.sleep(30 * DAY)
    refused = await clusters.api.get("/api/2.1/clusters/get", params={"cluster_id": other})
    assert "does not exist" in refused.text
    assert await clusters.state(pinned) == "TERMINATED"
    await clusters.ok("unpin", cluster_id=pinned)
    assert (await clusters.listed())["clusters"][0]["cluster_source"] == "UI"


async def test_events_are_paged_by_the_next_page_object(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    for _ in range(3):
        await clusters.ok("restart", cluster_id=workspace.cluster_id)
        await trio.sleep(PACE.cluster_restart + 0.1)
    body: dict[str, Any] = {"cluster_id": workspace.cluster_id, "page_size": 3, "order": "ASC"}
    types: list[str] = []
    while body:
        page = await clusters.ok("events", **body)
        types += [event["type"] for event in page["events"]]
        assert page["total_count"] == 8
        body = page.get("next_page", {})
    assert types == ["CREATING", "RUNNING", *["RESTARTING", "RUNNING"] * 3]
    assert await clusters.events(workspace.cluster_id, event_types=["CREATING"]) == ["CREATING"]
    newest = await clusters.ok("events", cluster_id=workspace.cluster_id, limit=1)
    assert newest["events"][0]["type"] == "RUNNING"


async def test_a_clone_takes_over_the_configuration(workspace: Workspace, clusters: Driven) -> None:
    made = await clusters.ok(
        "create",
        cluster_name="twin",
        spark_version="15.4.x-scala2.12",
        clone_from={"source_cluster_id": workspace.cluster_id},
    )
    twin = await clusters.get(made["cluster_id"])
    assert (twin["cluster_name"], twin["node_type_id"]) == ("twin", "i3.xlarge")


async def test_the_owner_changes_only_of_a_terminated_cluster(
    workspace: Workspace, clusters: Driven, autojump_clock: trio.testing.MockClock
) -> None:
    change = {"cluster_id": workspace.cluster_id, "owner_username": "other@example.com"}
    assert (await clusters.post("change-owner", **change)).status_code == 400
    await clusters.ok("delete", cluster_id=workspace.cluster_id)
    await trio.sleep(PACE.cluster_terminate + 0.1)
    await clusters.ok("change-owner", **change)
    assert (await clusters.get(workspace.cluster_id))["creator_user_name"] == "other@example.com"


async def test_job_clusters_are_not_to_be_edited(workspace: Workspace, clusters: Driven) -> None:
    cluster = workspace.clusters.launch(BODY, source="JOB", name="job-1-run-2")
    assert cluster.name == "job-1-run-2"
    refused = await clusters.post("edit", cluster_id=cluster.cluster_id, **BODY)
    assert refused.json()["error_code"] == "INVALID_STATE"


async def test_the_catalogues_are_there(api: httpx.AsyncClient) -> None:
    versions = (await api.get("/api/2.1/clusters/spark-versions")).json()["versions"]
    assert "15.4.x-scala2.12" in [version["key"] for version in versions]
    nodes = (await api.get("/api/2.1/clusters/list-node-types")).json()["node_types"]
    assert "i3.xlarge" in [node["node_type_id"] for node in nodes]
    zones = (await api.get("/api/2.1/clusters/list-zones")).json()
    assert zones["default_zone"] in zones["zones"]


async def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (1, 1, 2):
        async with Workspace(seed=seed, starts_at=0) as workspace:
            ids.append(workspace.clusters.launch(BODY).cluster_id)
    assert ids[0] == ids[1] != ids[2]


async def test_reprs_are_status_lines(workspace: Workspace) -> None:
    cluster = workspace.clusters.known(workspace.cluster_id)
    with cluster.busy():
        assert repr(cluster) == (
            "<Cluster 0712-131415-sample01 'Shared Compute', RUNNING, 1 at work>"
        )
    assert repr(workspace.clusters) == "<Clusters, 1, 1 running>"
