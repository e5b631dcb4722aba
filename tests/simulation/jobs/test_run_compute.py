"""Where tasks run: existing clusters, new ones, shared ones, warehouses, or none at all."""

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.compute.cluster import TerminationReason
from databricks_mcp_toolkit.simulation.engine import TaskSpec
from trio.testing import MockClock

PACE = Pace()
NEW = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}


async def test_a_terminated_cluster_is_started_for_a_task(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    cluster = workspace.clusters.find(workspace.cluster_id)
    assert cluster is not None
    cluster.terminate()
    await trio.sleep(PACE.cluster_terminate + 1)
    run_id = await jobs.submit(notebook(existing_cluster_id=workspace.cluster_id))
    await trio.sleep(10)
    task = await jobs.task(run_id, "main")
    assert cluster.state == "PENDING"
    assert task["state"]["life_cycle_state"] == "PENDING"
    assert task["state"]["state_message"] == "Waiting for cluster"
    assert task["cluster_instance"] == {"cluster_id": workspace.cluster_id}
    run = await jobs.ended(run_id)
    (task,) = run["tasks"]
    assert task["setup_duration"] == int(1000 * (PACE.cluster_start + PACE.task_setup))
    assert task["cluster_instance"]["spark_context_id"] == str(cluster.spark_context_id)
    assert run["cluster_instance"] == task["cluster_instance"]
    assert cluster.state == "RUNNING"  # it was there before the run, and is there after it


async def test_a_new_cluster_lives_as_long_as_its_task(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=60)
    run_id = await jobs.submit(notebook(new_cluster=NEW))
    await trio.sleep(PACE.cluster_start + 30)
    task = await jobs.task(run_id, "main")
    cluster = workspace.clusters.find(task["cluster_instance"]["cluster_id"])
    assert cluster is not None
    assert (cluster.state, cluster.source) == ("RUNNING", "JOB")
    await jobs.ended(run_id)
    assert cluster.state == "TERMINATING"
    assert cluster.reason is not None
    assert cluster.reason.code == "JOB_FINISHED"
    (spec,) = [seen for seen in engine.seen if isinstance(seen, TaskSpec)]
    assert spec.cluster_id == cluster.cluster_id


async def test_tasks_share_a_job_cluster_until_the_run_ends(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=60)
    job_id = await jobs.create(
        notebook("a", job_cluster_key="big"),
        notebook("b", "a", job_cluster_key="big"),
        job_clusters=[{"job_cluster_key": "big", "new_cluster": NEW}],
    )
    run = await jobs.ended(await jobs.run_now(job_id))
    one, two = (task["cluster_instance"] for task in run["tasks"])
    assert one == two
    assert run["tasks"][1]["setup_duration"] == int(1000 * PACE.task_setup)
    cluster = workspace.clusters.find(one["cluster_id"])
    assert cluster is not None
    assert cluster.state == "TERMINATING"


async def test_a_cancel_while_the_cluster_starts_lets_it_go(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, notebook: Any
) -> None:
    run_id = await jobs.submit(notebook(new_cluster=NEW))
    await trio.sleep(10)
    task = await jobs.task(run_id, "main")
    await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
    await jobs.ended(run_id)
    cluster = workspace.clusters.find(task["cluster_instance"]["cluster_id"])
    assert cluster is not None
    assert cluster.state == "TERMINATING"


@pytest.mark.parametrize(
    ("reason", "code", "kind"),
    [
        (TerminationReason("INVALID_ARGUMENT", "CLIENT_ERROR"), "CLUSTER_ERROR", "CLIENT_ERROR"),
        (
            TerminationReason("CLOUD_PROVIDER_LAUNCH_FAILURE", "CLOUD_FAILURE"),
            "CLOUD_FAILURE",
            "CLOUD_FAILURE",
        ),
    ],
)
async def test_a_cluster_that_does_not_come_up_fails_the_task(  # noqa: PLR0917 (fixtures)
    reason: TerminationReason,
    code: str,
    kind: str,
    autojump_clock: MockClock,
    workspace: Workspace,
    jobs: Any,
    notebook: Any,
) -> None:
    run_id = await jobs.submit(notebook(new_cluster=NEW))
    await trio.sleep(1)
    cluster_id = (await jobs.task(run_id, "main"))["cluster_instance"]["cluster_id"]
    cluster = workspace.clusters.find(cluster_id)
    assert cluster is not None
    cluster.fail_next_start(reason)
    run = await jobs.ended(run_id)
    for told in (run, run["tasks"][0]):
        assert told["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert told["state"]["result_state"] == "FAILED"
        assert f"{reason.code}({reason.type})" in told["state"]["state_message"]
        assert told["status"]["termination_details"]["code"] == code
        assert told["status"]["termination_details"]["type"] == kind
    assert "was terminated while waiting on it to be ready" in run["state"]["state_message"]


async def test_a_cluster_that_is_not_there_fails_the_task(
    autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    run = await jobs.ended(await jobs.submit(notebook(existing_cluster_id="nope")))
    assert run["tasks"][0]["state"]["state_message"] == "Cluster nope does not exist"
    assert run["status"]["termination_details"]["code"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("terminate", "was terminated during the run"),
        ("restart_driver", "Driver was restarted during run"),
    ],
)
async def test_a_task_does_not_outlive_its_driver(  # noqa: PLR0917 (fixtures)
    how: str,
    message: str,
    autojump_clock: MockClock,
    workspace: Workspace,
    jobs: Any,
    engine: Scripted,
    notebook: Any,
) -> None:
    engine.task(takes=1000)
    run_id = await jobs.submit(notebook(existing_cluster_id=workspace.cluster_id))
    await trio.sleep(100)
    cluster = workspace.clusters.find(workspace.cluster_id)
    getattr(cluster, how)()
    run = await jobs.ended(run_id)
    assert message in run["tasks"][0]["state"]["state_message"]
    assert run["state"]["result_state"] == "FAILED"
    assert run["end_time"] - run["start_time"] < 110_000


async def test_a_retry_finds_the_new_driver(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=1000)
    task = notebook(existing_cluster_id=workspace.cluster_id, max_retries=1)
    run_id = await jobs.submit(task)
    await trio.sleep(100)
    cluster = workspace.clusters.find(workspace.cluster_id)
    assert cluster is not None
    cluster.restart("someone")
    run = await jobs.ended(run_id)
    first, second = (t["cluster_instance"]["spark_context_id"] for t in run["tasks"])
    assert first != second
    assert run["state"]["result_state"] == "SUCCESS"


async def test_a_task_keeps_its_cluster_from_terminating_as_idle(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=7200)
    cluster = workspace.clusters.launch(NEW | {"autotermination_minutes": 10})
    run = await jobs.ended(await jobs.submit(notebook(existing_cluster_id=cluster.cluster_id)))
    assert run["state"]["result_state"] == "SUCCESS"
    await trio.sleep(700)
    assert cluster.reason is not None
    assert cluster.reason.code == "INACTIVITY"


async def test_sql_starts_its_warehouse(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted
) -> None:
    warehouse = workspace.warehouses.find(workspace.warehouse_id)
    warehouse.stop()
    await trio.sleep(60)
    sql = {"warehouse_id": workspace.warehouse_id, "query": {"query_id": "q"}}
    run = await jobs.ended(await jobs.submit({"task_key": "sql", "sql_task": sql}))
    assert run["state"]["result_state"] == "SUCCESS"
    assert run["tasks"][0]["setup_duration"] == int(1000 * (PACE.warehouse_start + PACE.task_setup))
    assert "cluster_instance" not in run["tasks"][0]


async def test_a_warehouse_that_is_not_there_fails_the_task(
    autojump_clock: MockClock, jobs: Any
) -> None:
    task = {"task_key": "sql", "sql_task": {"warehouse_id": "nope", "query": {"query_id": "q"}}}
    run = await jobs.ended(await jobs.submit(task))
    assert run["tasks"][0]["state"]["state_message"] == "Warehouse nope does not exist."


async def test_a_warehouse_that_is_deleted_meanwhile_fails_the_task(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any
) -> None:
    warehouse = workspace.warehouses.find(workspace.warehouse_id)
    assert warehouse is not None
    warehouse.stop()
    await trio.sleep(60)
    sql = {"warehouse_id": workspace.warehouse_id, "query": {"query_id": "q"}}
    run_id = await jobs.submit({"task_key": "sql", "sql_task": sql})
    await trio.sleep(1)
    warehouse.delete()
    run = await jobs.ended(run_id)
    assert "was deleted" in run["tasks"][0]["state"]["state_message"]


async def test_a_cluster_that_cannot_be_made_fails_the_task(
    autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    run = await jobs.ended(await jobs.submit(notebook(new_cluster={"num_workers": 1})))
    assert run["status"]["termination_details"]["code"] == "INVALID_CLUSTER_REQUEST"


# The code of a task.


class Demanding(Scripted):
    """A scripted engine that wants the code to be in the workspace, as a real one does."""

    needs_source = True


class TestWithSources:
    """What an engine that needs sources gets, and what becomes of a task without."""

    @pytest.fixture
    def engine(self) -> Scripted:
        return Demanding()

    async def test_a_task_gets_its_code_from_wherever_it_is(
        self, autojump_clock: MockClock, workspace: Workspace, jobs: Any, engine: Scripted
    ) -> None:
        workspace.notebooks.put("/Shared/n", "SELECT 1", "SQL")
        workspace.notebooks.put_file("/Shared/f.py", b"print(1)")
        workspace.dbfs.files.write("/scripts/d.py", b"print(2)")
        workspace.volumes.add("main", "default", "v")
        workspace.volumes.write("/Volumes/main/default/v/v.py", b"print(3)")
        files = {
            "f": "/Workspace/Shared/f.py",
            "d": "dbfs:/scripts/d.py",
            "v": "/Volumes/main/default/v/v.py",
        }
        await jobs.ended(
            await jobs.submit(
                {"task_key": "n", "notebook_task": {"notebook_path": "/Workspace/Shared/n"}},
                {"task_key": "q", "sql_task": {"file": {"path": "/Shared/n"}}},
                *(
                    {"task_key": key, "spark_python_task": {"python_file": path}}
                    for key, path in files.items()
                ),
            )
        )
        found = {s.task_key: s.source for s in engine.seen if isinstance(s, TaskSpec) and s.source}
        assert found["n"].content == b"-- Databricks notebook source\nSELECT 1"
        assert (found["n"].language, found["q"].language) == ("SQL", "SQL")
        assert [found[key].content for key in "fdv"] == [b"print(1)", b"print(2)", b"print(3)"]

    @pytest.mark.parametrize(
        ("task", "message", "code"),
        [
            (
                {"notebook_task": {"notebook_path": "/no"}},
                'Unable to access the notebook "/no" in the workspace.',
                "RESOURCE_NOT_FOUND",
            ),
            (
                {"spark_python_task": {"python_file": "dbfs:/no.py"}},
                "Cannot read the python file dbfs:/no.py.",
                "RESOURCE_NOT_FOUND",
            ),
            (
                {"spark_python_task": {"python_file": "/Volumes/no/no/no/no.py"}},
                "Cannot read the python file",
                "RESOURCE_NOT_FOUND",
            ),
            (
                {"sql_task": {"file": {"path": "/no.sql"}}},
                "Cannot read the SQL file /no.sql.",
                "RESOURCE_NOT_FOUND",
            ),
            (
                {"notebook_task": {"notebook_path": "x", "source": "GIT"}},
                "Git repositories",
                "REPOSITORY_CHECKOUT_FAILED",
            ),
        ],
    )
    async def test_a_task_without_its_code_fails_before_it_begins(
        self, task: Any, message: str, code: str, autojump_clock: MockClock, jobs: Any
    ) -> None:
        run = await jobs.ended(await jobs.submit({"task_key": "t", **task}))
        state = run["tasks"][0]["state"]
        assert state["life_cycle_state"] == "INTERNAL_ERROR"
        assert state["state_message"].startswith(message)
        assert run["status"]["termination_details"]["code"] == code
