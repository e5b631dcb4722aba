"""The cluster tools."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Workspace

BODY = {"cluster_name": "etl", "spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge"}


async def test_a_cluster_lives_its_life(call: Any, ask: Any, text: Any) -> None:
    created = await ask(
        "create_cluster",
        **BODY,
        autoscale={"min_workers": 1, "max_workers": 4},
        autotermination_minutes=30,
        custom_tags={"team": "data"},
    )
    cluster_id = created["cluster_id"]

    cluster = await ask("get_cluster", cluster_id=cluster_id)
    assert cluster["state"] == "PENDING"
    assert cluster["custom_tags"] == {"team": "data"}
    assert cluster["autoscale"] == {"min_workers": 1, "max_workers": 4}
    started = await call("start_cluster", cluster_id=cluster_id)
    assert not started.is_error
    assert text(started) == f"Nothing to start: cluster {cluster_id} is PENDING already."

    await ask("terminate_cluster", cluster_id=cluster_id)
    assert (await ask("get_cluster", cluster_id=cluster_id))["state"] == "TERMINATING"
    refused = await call("start_cluster", cluster_id=cluster_id)
    assert refused.is_error
    assert refused.structured_content["error_code"] == "INVALID_STATE"


async def test_a_terminated_cluster_is_started(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    await ask("terminate_cluster", cluster_id=workspace.cluster_id)
    await trio.sleep(60)
    told = await call("get_cluster", cluster_id=workspace.cluster_id)
    assert " is TERMINATED" in text(told)
    assert "USER_REQUEST" in text(told)

    await ask("start_cluster", cluster_id=workspace.cluster_id)

    assert (await ask("get_cluster", cluster_id=workspace.cluster_id))["state"] == "PENDING"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"spark_version": None}, "spark_version: required"),
        ({"node_type_id": None}, "node_type_id: required, unless"),
        ({"num_workers": None}, "num_workers: required, unless"),
        ({"autoscale": {"min_workers": 1, "max_workers": 2}}, "num_workers: give it or autoscale"),
        ({"num_workers": None, "autoscale": {"min_workers": 3}}, "autoscale.max_workers: required"),
        (
            {"num_workers": None, "autoscale": {"min_workers": 3, "max_workers": 1}},
            "autoscale.max_workers: expected min_workers (3) or more, got 1",
        ),
        ({"autotermination_minutes": 5}, "autotermination_minutes: expected 0 (never) or 10"),
        ({"num_workers": -1}, "num_workers: expected a whole number from 0 to"),
    ],
)
async def test_what_is_missing_or_wrong_in_a_body_is_named(
    call: Any, text: Any, workspace: Workspace, wrong: dict[str, Any], named: str
) -> None:
    body = {**BODY, "num_workers": 2} | wrong

    refused = await call(
        "create_cluster", **{name: value for name, value in body.items() if value is not None}
    )

    assert refused.is_error
    assert named in text(refused)
    assert workspace.requests.count("POST *clusters/create") == 0


@pytest.mark.parametrize(
    "enough",
    [
        {"policy_id": "ABC"},
        {"instance_pool_id": "pool-1", "num_workers": 0},
        {"node_type_id": "i3.xlarge", "is_single_node": True, "kind": "CLASSIC_PREVIEW"},
    ],
)
async def test_a_body_may_leave_to_others_what_they_fill_in(
    call: Any, workspace: Workspace, enough: dict[str, Any]
) -> None:
    await call("create_cluster", spark_version="15.4.x-scala2.12", **enough)

    (sent,) = workspace.requests.matching("POST *clusters/create")
    assert sent.body == {"spark_version": "15.4.x-scala2.12", **enough}


async def test_a_long_list_comes_in_parts_that_say_how_to_go_on(
    ask: Any, call: Any, text: Any
) -> None:
    for n in range(7):
        await ask("create_cluster", **BODY | {"cluster_name": f"c{n}"}, num_workers=1)

    first = await call("list_clusters", limit=5)
    token = first.structured_content["next_page_token"]
    assert f"page_token={token!r}" in text(first)
    rest = await ask("list_clusters", limit=5, page_token=token)

    names = [c["cluster_name"] for c in first.structured_content["clusters"] + rest["clusters"]]
    assert len(first.structured_content["clusters"]) == 5
    assert len(names) == len(set(names)) == 8
    assert "next_page_token" not in rest


async def test_a_cluster_that_is_not_there_is_told_as_that(call: Any, text: Any) -> None:
    missing = await call("get_cluster", cluster_id="1234-567890-nothere1")

    assert missing.is_error
    assert missing.structured_content["error"] == "NotFound"
    assert "does not exist" in text(missing)
