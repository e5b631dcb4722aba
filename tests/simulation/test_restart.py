"""What a workspace with a folder still knows at its next start, and what it says of the rest."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.sql import statement_record
from trio.testing import MockClock

CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}
ACCESS = [{"user_name": "other@example.com", "permission_level": "CAN_MANAGE"}]
UC = "2.1/unity-catalog"

Life = Callable[[], AbstractAsyncContextManager[Any]]


@pytest.fixture
def life(tmp_path: Path, engine: Scripted, jobs: Any) -> Life:
    """One life of the workspace in the test's folder; gives the calls that drive it."""

    @asynccontextmanager
    async def lives() -> AsyncIterator[Any]:
        async with (
            Workspace(engine=engine, data_dir=tmp_path, seed=3) as workspace,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=workspace.app),
                base_url=workspace.host,
                headers={"Authorization": f"Bearer {workspace.token}"},
            ) as api,
        ):
            calls = type(jobs)(api)
            calls.workspace = workspace
            yield calls

    return lives


def on(calls: Any, task: dict[str, Any]) -> dict[str, Any]:
    """The task on the sample cluster."""
    return task | {"existing_cluster_id": calls.workspace.cluster_id}


# -- clusters and warehouses ---------------------------------------------------------------------


async def test_a_running_cluster_has_a_new_driver(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        made = await calls.post("2.1/clusters/create", cluster_name="mine", **CLUSTER)
        await calls.post("2.1/clusters/pin", **made)
        await trio.sleep(200)
        before = await calls.get("2.1/clusters/get", **made)
    async with life() as calls:
        after = await calls.get("2.1/clusters/get", **made)
        assert after["state"] == before["state"] == "RUNNING"
        assert after["spark_context_id"] != before["spark_context_id"]
        assert after["last_state_loss_time"] > 0
        changed = {"spark_context_id", "last_state_loss_time"}
        assert {name for name in before if before[name] != after[name]} == changed
        events = (await calls.post("2.1/clusters/events", order="ASC", **made))["events"]
        assert [event["type"] for event in events] == [
            "CREATING",
            "PINNED",
            "RUNNING",
            "DRIVER_NOT_RESPONDING",
            "DRIVER_HEALTHY",
        ]


async def test_clusters_that_were_under_way_arrive(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        coming = await calls.post("2.1/clusters/create", cluster_name="coming", **CLUSTER)
        sample = {"cluster_id": calls.workspace.cluster_id}
        await calls.post("2.1/clusters/delete", **sample)
    async with life() as calls:
        gone = await calls.get("2.1/clusters/get", **sample)
        assert gone["state"] == "TERMINATED"
        assert gone["termination_reason"]["code"] == "USER_REQUEST"
        assert (await calls.get("2.1/clusters/get", **coming))["state"] == "PENDING"
        await trio.sleep(181)
        assert (await calls.get("2.1/clusters/get", **coming))["state"] == "RUNNING"


async def test_a_cluster_that_was_deleted_for_good_stays_away(
    autojump_clock: MockClock, life: Life
) -> None:
    async with life() as calls:
        sample = {"cluster_id": calls.workspace.cluster_id}
        await calls.post("2.1/clusters/permanent-delete", **sample)
        await trio.sleep(60)
    async with life() as calls:
        assert (await calls.get("2.1/clusters/list"))["clusters"] == []
        refused = await calls.refused("POST", "2.1/clusters/start", **sample)
        assert "permanently deleted" in refused[2]


async def test_an_idle_cluster_still_terminates(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        body = {**CLUSTER, "autotermination_minutes": 10}
        made = await calls.post("2.1/clusters/create", **body)
        await trio.sleep(200)
    async with life() as calls:
        await trio.sleep(599)
        assert (await calls.get("2.1/clusters/get", **made))["state"] == "RUNNING"
        await trio.sleep(30)
        assert (await calls.get("2.1/clusters/get", **made))["state"] == "TERMINATED"


async def test_contexts_are_gone_with_their_processes(
    autojump_clock: MockClock, life: Life
) -> None:
    async with life() as calls:
        cluster_id = calls.workspace.cluster_id
        made = await calls.post("1.2/contexts/create", clusterId=cluster_id, language="python")
    async with life() as calls:
        query = {"clusterId": cluster_id, "contextId": made["id"]}
        answer = await calls.api.get("/api/1.2/contexts/status", params=query)
        assert answer.status_code == 400
        error = f"ContextNotFoundException: Context {made['id']} not found"
        assert answer.json() == {"error": error}


async def test_warehouses_come_back(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        made = await calls.post("2.0/sql/warehouses", name="mine", auto_stop_mins=10)
        await calls.post(f"2.0/sql/warehouses/{made['id']}/edit", cluster_size="Large")
        gone = await calls.post("2.0/sql/warehouses", name="gone")
        await calls.delete(f"2.0/sql/warehouses/{gone['id']}")
        sample = calls.workspace.warehouse_id
        await calls.post(f"2.0/sql/warehouses/{sample}/stop")
    async with life() as calls:
        listed = (await calls.get("2.0/sql/warehouses"))["warehouses"]
        told = {each["id"]: (each["name"], each["cluster_size"], each["state"]) for each in listed}
        assert told == {
            sample: ("Starter Warehouse", "Small", "STOPPED"),
            made["id"]: ("mine", "Large", "STARTING"),
        }
        await trio.sleep(7)
        assert (await calls.get(f"2.0/sql/warehouses/{made['id']}"))["state"] == "RUNNING"
        await trio.sleep(601)
        assert (await calls.get(f"2.0/sql/warehouses/{made['id']}"))["state"] != "RUNNING"


# -- runs ----------------------------------------------------------------------------------------


async def test_ended_runs_are_told_as_before_with_their_outputs(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/good", result="forty-two", takes=5)
    engine.notebook("/bad", error="it broke", trace="Traceback...")
    each = {"inputs": '["a", "b"]', "task": notebook("good")}
    tasks = [
        notebook("good"),
        notebook("bad", max_retries=1),
        notebook("after", "bad"),
        {"task_key": "each", "for_each_task": each},
        {"task_key": "if", "condition_task": {"op": "EQUAL_TO", "left": "1", "right": "1"}},
    ]

    async def told(calls: Any, run_id: int) -> list[Any]:
        run = await calls.run(run_id, include_history=True, include_resolved_values=True)
        outputs = [
            await calls.get("2.2/jobs/runs/get-output", run_id=task["run_id"])
            for task in run["tasks"]
            if task["task_key"] != "each"
        ]
        iterations = await calls.run((await calls.task(run_id, "each"))["run_id"])
        return [run, outputs, iterations]

    async with life() as calls:
        job_id = await calls.create(*tasks)
        run_id = await calls.run_now(job_id, notebook_params={"date": "today"})
        await calls.ended(run_id)
        before = await told(calls, run_id)
    async with life() as calls:
        assert await told(calls, run_id) == before
        assert before[1][0]["notebook_output"]["result"] == "forty-two"
        assert before[1][1]["error"] == "it broke"
        listed = await calls.get("2.2/jobs/runs/list", job_id=job_id)
        assert [run["run_id"] for run in listed["runs"]] == [run_id]


async def test_what_was_running_is_told_as_lost_with_its_driver(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/slow", takes=1000).notebook("/quick", takes=1, result="done")
    async with life() as calls:
        tasks = [notebook("quick"), notebook("slow", "quick"), notebook("after", "slow")]
        run_id = await calls.submit(*(on(calls, task) for task in tasks))
        await trio.sleep(60)
        assert (await calls.states(run_id))["slow"] == "RUNNING"
    async with life() as calls:
        run = await calls.ended(run_id)
        assert run["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert run["status"]["termination_details"]["code"] == "DRIVER_ERROR"
        assert "Driver was restarted during run" in run["state"]["state_message"]
        states = await calls.states(run_id)
        assert (states["quick"], states["slow"], states["after"]) == (
            "SUCCESS",
            "FAILED",
            "UPSTREAM_FAILED",
        )
        assert (await calls.output(run_id, "quick"))["notebook_output"]["result"] == "done"


async def test_what_was_lost_is_retried_as_its_settings_say(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/slow", takes=1000)
    async with life() as calls:
        run_id = await calls.submit(on(calls, notebook("slow", max_retries=1)))
        await trio.sleep(60)
    async with life() as calls:
        run = await calls.ended(run_id)
        assert run["state"]["result_state"] == "SUCCESS"
        assert [task["state"]["result_state"] for task in run["tasks"]] == ["FAILED", "SUCCESS"]
        assert [task["attempt_number"] for task in run["tasks"]] == [0, 1]


async def test_a_retry_made_before_counts(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/slow", takes=1000)
    async with life() as calls:
        run_id = await calls.submit(on(calls, notebook("slow", max_retries=1)))
        await trio.sleep(60)
    async with life() as calls:
        await trio.sleep(60)
        assert (await calls.states(run_id))["slow"] == "RUNNING"
    async with life() as calls:
        run = await calls.ended(run_id)
        assert [task["state"]["result_state"] for task in run["tasks"]] == ["FAILED", "FAILED"]


async def test_a_run_on_a_cluster_of_its_own_lost_that(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/slow", takes=1000)
    async with life() as calls:
        run_id = await calls.submit(notebook("slow", new_cluster=CLUSTER))
        await trio.sleep(300)
        cluster_id = (await calls.task(run_id, "slow"))["cluster_instance"]["cluster_id"]
    async with life() as calls:
        run = await calls.ended(run_id)
        assert run["status"]["termination_details"]["code"] == "CLUSTER_ERROR"
        assert f"Cluster {cluster_id} was terminated" in run["state"]["state_message"]
        await trio.sleep(60)
        cluster = await calls.get("2.1/clusters/get", cluster_id=cluster_id)
        assert cluster["state"] == "TERMINATED"


async def test_a_run_without_a_cluster_lost_its_compute(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/slow", takes=1000)
    async with life() as calls:
        run_id = await calls.submit(notebook("slow"))
        await trio.sleep(60)
    async with life() as calls:
        details = (await calls.ended(run_id))["status"]["termination_details"]
        assert (details["code"], details["type"]) == ("INTERNAL_ERROR", "INTERNAL_ERROR")


async def test_what_had_not_begun_to_run_goes_on(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/*", takes=10)
    async with life() as calls:
        run_id = await calls.submit(notebook("a", new_cluster=CLUSTER), notebook("b", "a"))
        await trio.sleep(60)
        assert (await calls.states(run_id)) == {"": "PENDING", "a": "PENDING", "b": "BLOCKED"}
    async with life() as calls:
        assert (await calls.ended(run_id))["state"]["result_state"] == "SUCCESS"
        assert len((await calls.run(run_id))["tasks"]) == 2


async def test_queued_runs_keep_their_places(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/*", takes=100)
    async with life() as calls:
        job_id = await calls.create(notebook())
        first, second, third = [await calls.run_now(job_id) for _ in range(3)]
        await trio.sleep(10)
    async with life() as calls:
        assert (await calls.run(third))["state"]["life_cycle_state"] == "QUEUED"
        ends = [(await calls.ended(run_id))["end_time"] for run_id in (first, second, third)]
        assert ends == sorted(set(ends))
        assert (await calls.states(first))[""] == "FAILED"
        assert (await calls.states(third))[""] == "SUCCESS"


async def test_a_run_that_was_to_stop_ends_as_it_was_to(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/*", takes=100)
    async with life() as calls:
        run_id = await calls.submit(on(calls, notebook("a")), notebook("b", "a"))
        await trio.sleep(10)
        await calls.post("2.2/jobs/runs/cancel", run_id=run_id)
        assert (await calls.run(run_id))["state"]["life_cycle_state"] == "TERMINATING"
    async with life() as calls:
        await calls.ended(run_id)
        assert await calls.states(run_id) == {"": "CANCELED", "a": "CANCELED", "b": "CANCELED"}


async def test_iterations_that_were_running_end_with_their_task(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/*", takes=100)
    each = {"inputs": "[1, 2, 3]", "concurrency": 2, "task": notebook("inner")}
    async with life() as calls:
        run_id = await calls.submit({"task_key": "each", "for_each_task": each})
        await trio.sleep(150)
    async with life() as calls:
        assert (await calls.ended(run_id))["state"]["result_state"] == "FAILED"
        task = await calls.run((await calls.task(run_id, "each"))["run_id"])
        ended = [each["state"]["life_cycle_state"] for each in task["iterations"]]
        assert ended == ["TERMINATED"] * 3


async def test_a_token_gives_the_same_run(
    autojump_clock: MockClock, life: Life, notebook: Any
) -> None:
    async with life() as calls:
        job_id = await calls.create(notebook())
        run_id = await calls.run_now(job_id, idempotency_token="once")
        other = await calls.submit(notebook(), idempotency_token="twice")
        gone = await calls.submit(notebook(), idempotency_token="gone")
        await calls.ended(gone)
        await calls.post("2.2/jobs/runs/delete", run_id=gone)
    async with life() as calls:
        assert await calls.run_now(job_id, idempotency_token="once") == run_id
        assert await calls.submit(notebook(), idempotency_token="twice") == other
        await calls.refused("GET", "2.2/jobs/runs/get", run_id=gone)
        body = {"tasks": [notebook()], "idempotency_token": "gone"}
        refused = await calls.refused("POST", "2.2/jobs/runs/submit", **body)
        assert "was deleted" in refused[2]


async def test_a_run_of_an_earlier_life_can_be_repaired(
    autojump_clock: MockClock, life: Life, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/*", error="no")
    async with life() as calls:
        job_id = await calls.create(notebook())
        run_id = await calls.run_now(job_id)
        await calls.ended(run_id)
    engine.notebook("/*", result="yes")
    async with life() as calls:
        body = {"run_id": run_id, "rerun_all_failed_tasks": True}
        await calls.post("2.2/jobs/runs/repair", **body)
        assert (await calls.ended(run_id))["state"]["result_state"] == "SUCCESS"
    async with life() as calls:
        history = (await calls.run(run_id, include_history=True))["repair_history"]
        assert [entry["type"] for entry in history] == ["ORIGINAL", "REPAIR"]


# -- ids, time, and the rest -----------------------------------------------------------------------


async def test_no_id_is_given_twice(autojump_clock: MockClock, life: Life, notebook: Any) -> None:
    runs: list[int] = []
    others: list[Any] = []
    for _ in range(3):
        async with life() as calls:
            runs.extend([await calls.submit(notebook()) for _ in range(3)])
            others.append((await calls.post("2.1/clusters/create", **CLUSTER))["cluster_id"])
            name = f"w{len(others)}"
            others.append((await calls.post("2.0/sql/warehouses", name=name))["id"])
            others.append(await calls.create(notebook()))
    assert runs == sorted(set(runs))
    assert len(set(others)) == len(others)


async def test_the_dice_do_not_fall_twice_alike(tmp_path: Path) -> None:
    fallen = []
    for _ in range(3):
        async with Workspace(data_dir=tmp_path, samples=False) as workspace:
            fallen.append(workspace.world.new_hex())
    assert len(set(fallen)) == 3
    async with Workspace(samples=False) as workspace:
        assert workspace.world.new_hex() == fallen[0]


async def test_what_is_answered_is_kept_before(tmp_path: Path, notebook: Any) -> None:
    async with Workspace(data_dir=tmp_path) as workspace:
        were_due = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async def seen(message: Any) -> None:
                were_due.append(workspace.world.state.is_due)
                await send(message)

            await workspace.app(scope, receive, seen)

        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=workspace.host, headers=headers
        ) as api:
            answer = await api.post("/api/2.2/jobs/runs/submit", json={"tasks": [notebook()]})
        assert answer.status_code == 200
        assert not any(were_due)
        assert were_due


async def test_time_does_not_run_back(autojump_clock: MockClock, life: Life, notebook: Any) -> None:
    async with life() as calls:
        await trio.sleep(30 * 24 * 3600)
        run = await calls.ended(await calls.submit(notebook()))
    async with life() as calls:
        again = await calls.run(await calls.submit(notebook()))
        assert again["start_time"] >= run["end_time"]


async def test_access_lists_come_back(autojump_clock: MockClock, life: Life, notebook: Any) -> None:
    async with life() as calls:
        body = {"name": "n", "tasks": [notebook()], "access_control_list": ACCESS}
        job_id = (await calls.post("2.2/jobs/create", **body))["job_id"]
        calls.workspace.notebooks.put("/Shared/mine", "1")
        object_id = (await calls.get("2.0/workspace/get-status", path="/Shared/mine"))["object_id"]
        paths = [f"2.0/permissions/notebooks/{object_id}", f"2.0/permissions/jobs/{job_id}"]
        answer = await calls.api.patch(f"/api/{paths[0]}", json={"access_control_list": ACCESS})
        assert answer.status_code == 200
        before = [await calls.get(path) for path in paths]
    async with life() as calls:
        assert [await calls.get(path) for path in paths] == before
        assert "other@example.com" in str(before[0])
        assert "other@example.com" in str(before[1])


async def test_switches_come_back(life: Life) -> None:
    switch = {"enableResultsDownloading": "false"}
    async with life() as calls:
        await calls.api.patch("/api/2.0/workspace-conf", json=switch)
    async with life() as calls:
        told = await calls.get("2.0/workspace-conf", keys="enableResultsDownloading")
        assert told == switch


async def test_workspace_objects_keep_their_ids_and_times(
    autojump_clock: MockClock, life: Life
) -> None:
    async with life() as calls:
        calls.workspace.notebooks.put("/Shared/mine", "1")
        await trio.sleep(1000)
        calls.workspace.notebooks.put("/Shared/mine", "2")
        before = await calls.get("2.0/workspace/list", path="/Shared")
    async with life() as calls:
        assert await calls.get("2.0/workspace/list", path="/Shared") == before


async def test_a_sample_that_was_deleted_stays_away(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        await calls.post("2.0/workspace/delete", path="/Shared/welcome")
    async with life() as calls:
        await calls.refused("GET", "2.0/workspace/get-status", path="/Shared/welcome")


async def test_schemas_and_volumes_come_back(autojump_clock: MockClock, life: Life) -> None:
    async with life() as calls:
        await calls.post(f"{UC}/schemas", catalog_name="main", name="mine", comment="of mine")
        volume = {"catalog_name": "main", "schema_name": "mine", "name": "files"}
        await calls.post(f"{UC}/volumes", volume_type="MANAGED", comment="all", **volume)
    async with life() as calls:
        assert (await calls.get(f"{UC}/schemas/main.mine"))["comment"] == "of mine"
        assert (await calls.get(f"{UC}/volumes/main.mine.files"))["comment"] == "all"


# -- statements ------------------------------------------------------------------------------------


@pytest.fixture
def select(engine: Scripted) -> dict[str, Any]:
    engine.statement("SELECT", columns={"n": "BIGINT"}, rows=[[1], [None]])
    engine.statement("SLOW", takes=1000)
    engine.statement("WRONG", error="no such thing", sql_state="42P01")
    return {"wait_timeout": "0s"}


async def test_statements_come_back_with_their_results(
    autojump_clock: MockClock, life: Life, select: Any
) -> None:
    ids = []
    async with life() as calls:
        select["warehouse_id"] = calls.workspace.warehouse_id
        for text in ("SELECT 1", "WRONG"):
            answer = await calls.post("2.0/sql/statements", statement=text, **select)
            ids.append(answer["statement_id"])
        await trio.sleep(10)
        before = [await calls.get(f"2.0/sql/statements/{each}") for each in ids]
    async with life() as calls:
        assert [await calls.get(f"2.0/sql/statements/{each}") for each in ids] == before
        assert before[0]["result"]["data_array"] == [["1"], [None]]
        assert before[1]["status"]["state"] == "FAILED"


async def test_a_statement_that_was_running_failed(
    autojump_clock: MockClock, life: Life, select: Any
) -> None:
    async with life() as calls:
        select["warehouse_id"] = calls.workspace.warehouse_id
        answer = await calls.post("2.0/sql/statements", statement="SLOW", **select)
        await trio.sleep(10)
    async with life() as calls:
        status = (await calls.get(f"2.0/sql/statements/{answer['statement_id']}"))["status"]
        assert status["state"] == "FAILED"
        assert status["error"]["error_code"] == "ABORTED"
        assert "restarted while the statement was running" in status["error"]["message"]


async def test_a_large_result_is_gone_and_said_to_be(
    autojump_clock: MockClock, life: Life, select: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_record, "KEPT_RESULT", 3)
    async with life() as calls:
        select["warehouse_id"] = calls.workspace.warehouse_id
        answer = await calls.post("2.0/sql/statements", statement="SELECT 1", **select)
        await trio.sleep(10)
    async with life() as calls:
        told = await calls.get(f"2.0/sql/statements/{answer['statement_id']}")
        assert told["status"] == {"state": "CLOSED"}
        assert "result" not in told


async def test_a_statement_is_forgotten_in_its_time_all_the_same(
    autojump_clock: MockClock, life: Life, select: Any
) -> None:
    async with life() as calls:
        select["warehouse_id"] = calls.workspace.warehouse_id
        answer = await calls.post("2.0/sql/statements", statement="SELECT 1", **select)
        path = f"2.0/sql/statements/{answer['statement_id']}"
        await trio.sleep(1800)
    async with life() as calls:
        assert (await calls.get(path))["status"]["state"] == "SUCCEEDED"
        await trio.sleep(1801)
        assert (await calls.get(path))["status"]["state"] == "CLOSED"
        await trio.sleep(30 * 24 * 3600)
        await calls.refused("GET", path)
