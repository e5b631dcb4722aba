"""Faults, met by an HTTP client that is not ours, in process and over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.faults import (
    CutJson,
    Hang,
    HtmlPage,
    LoseAnswer,
    LoseCluster,
    LoseContext,
    LoseRequest,
    Refuse,
    RestartDriver,
    Slow,
    StaleRead,
    Trickle,
    UnknownWord,
)

GET_CLUSTER = "/api/2.1/clusters/get"


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace(pace=Pace.instant(), control=True) as running:
        yield running


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=workspace.app),
        base_url=workspace.host,
        headers={"authorization": f"Bearer {workspace.token}"},
    ) as opened:
        yield opened


async def get_cluster(client: httpx.AsyncClient, workspace: Workspace) -> httpx.Response:
    return await client.get(GET_CLUSTER, params={"cluster_id": workspace.cluster_id})


async def create_context(client: httpx.AsyncClient, workspace: Workspace) -> str:
    body = {"clusterId": workspace.cluster_id, "language": "python"}
    answer = await client.post("/api/1.2/contexts/create", json=body)
    return str(answer.json()["id"])


async def test_a_rule_strikes_its_calls_from_the_first_not_skipped_to_the_last_of_its_times(
    client, workspace
):
    rule = workspace.faults.add("GET */clusters/*", Refuse(429, retry_after=7), times=2, skip=1)
    answers = [await get_cluster(client, workspace) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert answers[1].json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert rule.struck == 2


async def test_a_rule_holds_in_its_hours_only(client, workspace, autojump_clock):
    workspace.faults.add("*", Refuse(503), starts=600, ends=900)
    seen = {}
    for at in (0, 700, 1000):
        await trio.sleep_until(trio.current_time() + at - workspace.now())
        seen[at] = (await get_cluster(client, workspace)).status_code
    assert seen == {0: 200, 700: 503, 1000: 200}


async def test_chances_hang_on_the_seed():
    async def day(seed: int) -> list[int]:
        async with Workspace(seed=seed) as workspace:
            workspace.faults.add("*", Refuse(503), chance=0.5)
            return [workspace.faults.strike("GET", "/x") is None for _ in range(40)]

    assert await day(1) == await day(1) != await day(2)


async def test_an_error_has_the_envelope_of_its_api(client, workspace):
    workspace.faults.add("*", Refuse(500, message="boom"))
    old = await client.get("/api/1.2/contexts/status")
    assert old.json() == {"error": "INTERNAL_ERROR: boom"}
    new = await get_cluster(client, workspace)
    assert new.json() == {"error_code": "INTERNAL_ERROR", "message": "boom"}


async def test_a_lost_request_did_nothing_and_a_lost_answer_did_all(client, workspace):
    workspace.faults.add("POST *", LoseRequest(), times=1)
    workspace.faults.add("POST *", LoseAnswer(), times=1)
    for contexts in (0, 1):
        with pytest.raises(httpx.ReadError):
            await create_context(client, workspace)
        assert len(workspace.live_contexts()) == contexts


@pytest.mark.parametrize("fault", [LoseRequest(), LoseAnswer(), Hang(0.05)])
async def test_over_a_real_connection_a_lost_answer_is_a_broken_one(workspace, fault):
    workspace.faults.add("GET *", fault, times=1)
    async with (
        workspace.serve() as host,
        httpx.AsyncClient(
            base_url=host, headers={"authorization": f"Bearer {workspace.token}"}
        ) as client,
    ):
        with pytest.raises(httpx.TransportError):
            await get_cluster(client, workspace)
        assert (await get_cluster(client, workspace)).status_code == 200


async def test_a_hang_keeps_its_client_and_nobody_else_waiting(client, workspace, autojump_clock):
    workspace.faults.add("GET *", Hang(), times=1)
    with trio.move_on_after(3600) as patience:
        await get_cluster(client, workspace)
    assert patience.cancelled_caught
    assert (await get_cluster(client, workspace)).status_code == 200


@pytest.mark.parametrize("fault", [Slow(30), Trickle(30)])
async def test_a_slow_answer_comes_whole(client, workspace, autojump_clock, fault):
    workspace.faults.add("GET *", fault)
    began = trio.current_time()
    answer = await get_cluster(client, workspace)
    assert answer.json()["cluster_id"] == workspace.cluster_id
    assert trio.current_time() - began == pytest.approx(30, abs=2)


async def test_answers_that_are_no_json(client, workspace):
    workspace.faults.add("GET *", HtmlPage(), times=1)
    workspace.faults.add("GET *", CutJson(), times=1)
    page = await get_cluster(client, workspace)
    assert page.headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError, match=r".*"):
        (await get_cluster(client, workspace)).json()


async def test_a_word_nobody_knows_stands_wherever_a_state_stands(client, workspace):
    workspace.faults.add("GET *", UnknownWord("PONDERING"))
    body = (await get_cluster(client, workspace)).json()
    assert body["state"] == "PONDERING"
    assert body["cluster_id"] == workspace.cluster_id


async def test_a_stale_read_shows_what_was_before_the_write(client, workspace):
    workspace.faults.add("GET */clusters/get", StaleRead(), skip=1, times=1)
    query = {"cluster_id": workspace.cluster_id}
    await get_cluster(client, workspace)
    await client.post("/api/2.1/clusters/delete", json=query)
    assert (await get_cluster(client, workspace)).json()["state"] == "RUNNING"
    assert (await get_cluster(client, workspace)).json()["state"] != "RUNNING"


async def test_a_stale_read_of_something_new_finds_nothing(client, workspace):
    workspace.faults.add("GET *", StaleRead(), times=1)
    assert (await get_cluster(client, workspace)).status_code == 404


@pytest.mark.parametrize("fault", [LoseContext(), LoseCluster(), RestartDriver()])
async def test_a_context_does_not_outlive_its_process_driver_or_cluster(client, workspace, fault):
    context_id = await create_context(client, workspace)
    workspace.faults.add("GET */contexts/status", fault, times=1)
    query = {"clusterId": workspace.cluster_id, "contextId": context_id}
    answer = await client.get("/api/1.2/contexts/status", params=query)
    assert answer.status_code in {400, 500}
    assert workspace.live_contexts() == []


async def test_the_control_endpoint_adds_lists_and_clears(client, workspace):
    rule = {"match": "GET /api/*", "fault": "refuse", "status": 503, "times": 1}
    assert (await client.post("/simulation/faults", json=rule)).json() == {"rules": 1}
    assert (await get_cluster(client, workspace)).status_code == 503
    (listed,) = (await client.get("/simulation/faults")).json()["rules"]
    assert listed.items() >= {**rule, "struck": 1}.items()
    assert (await client.delete("/simulation/faults")).status_code == 204
    assert workspace.faults.rules == []


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"match": "*", "fault": "earthquake"}, "earthquake"),
        ({"fault": "refuse"}, "match"),
        ({"match": "*", "fault": "refuse", "colour": 1}, "colour"),
    ],
)
async def test_the_control_endpoint_refuses_what_does_not_fit(client, body, names):
    answer = await client.post("/simulation/faults", json=body)
    assert answer.status_code == 400
    assert names in answer.json()["message"]


async def test_the_control_endpoint_is_off_unless_asked_for():
    async with (
        Workspace() as workspace,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=workspace.app),
            base_url=workspace.host,
            headers={"authorization": f"Bearer {workspace.token}"},
        ) as client,
    ):
        assert (await client.get("/simulation/faults")).status_code == 404
