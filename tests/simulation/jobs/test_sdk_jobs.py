"""Databricks' own SDK drives jobs and runs of a workspace that is served over HTTP."""

from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, OperationFailed, ResourceDoesNotExist
from databricks.sdk.service import compute, jobs
from databricks.sdk.service.jobs import (
    RunLifeCycleState,
    RunLifecycleStateV2State,
    RunResultState,
    TerminationCodeCode,
)
from databricks_mcp_toolkit.simulation import Pace, Scripted
from databricks_mcp_toolkit.simulation.background import WorkspaceServer


@pytest.fixture
def workspace_settings(engine: Scripted) -> dict[str, Any]:
    """Runs end before the SDK first looks: its waiters sleep in real time."""
    return {"engine": engine, "pace": Pace.instant()}


@pytest.fixture
def client(workspace_server: WorkspaceServer) -> WorkspaceClient:
    return WorkspaceClient(host=workspace_server.host, token=workspace_server.token)


def task(key: str = "main", **settings: Any) -> jobs.SubmitTask:
    return jobs.SubmitTask(
        task_key=key, notebook_task=jobs.NotebookTask(notebook_path=f"/{key}"), **settings
    )


def saved(key: str = "main", **settings: Any) -> jobs.Task:
    return jobs.Task(
        task_key=key, notebook_task=jobs.NotebookTask(notebook_path=f"/{key}"), **settings
    )


def test_submit_waits_for_the_result(client: WorkspaceClient, engine: Scripted) -> None:
    engine.notebook("/main", result="done")
    seen: list[jobs.Run] = []
    wait = client.jobs.submit(run_name="one", tasks=[task()])
    run = wait.result(callback=seen.append)
    assert run.state is not None
    assert run.status is not None
    assert run.status.termination_details is not None
    assert run.state.life_cycle_state is RunLifeCycleState.TERMINATED
    assert run.state.result_state is RunResultState.SUCCESS
    assert run.status.state is RunLifecycleStateV2State.TERMINATED
    assert run.status.termination_details.code is TerminationCodeCode.SUCCESS
    assert run.run_id == wait.run_id
    assert run.tasks is not None
    output = client.jobs.get_run_output(run.tasks[0].run_id or 0)
    assert output.notebook_output == jobs.NotebookOutput(result="done", truncated=False)
    assert output.metadata is not None


def test_a_failed_run_is_raised_with_its_message(client: WorkspaceClient, engine: Scripted) -> None:
    engine.notebook("/main", error="ValueError: no", trace="Traceback")
    wait = client.jobs.submit(tasks=[task()])
    with pytest.raises(OperationFailed, match="Task main failed with message: Workload failed"):
        wait.result()
    run = client.jobs.get_run(wait.run_id)
    assert run.tasks is not None
    output = client.jobs.get_run_output(run.tasks[0].run_id or 0)
    assert (output.error, output.error_trace) == ("ValueError: no", "Traceback")
    with pytest.raises(InvalidParameterValue, match="multiple tasks is not supported"):
        client.jobs.get_run_output(wait.run_id)


def test_a_job_through_its_life(client: WorkspaceClient, engine: Scripted) -> None:
    made = client.jobs.create(
        name="nightly",
        tasks=[saved("a"), saved("b", depends_on=[jobs.TaskDependency("a")])],
        parameters=[jobs.JobParameterDefinition(name="day", default="Monday")],
        tags={"team": "x"},
    )
    assert made.job_id is not None
    job = client.jobs.get(made.job_id)
    assert job.settings is not None
    assert job.settings.tags == {"team": "x"}
    run = client.jobs.run_now(made.job_id, job_parameters={"day": "Friday"}).result()
    assert run.job_parameters == [jobs.JobParameter(name="day", default="Monday", value="Friday")]
    assert run.run_type is jobs.RunType.JOB_RUN
    assert run.trigger is jobs.TriggerType.ONE_TIME
    assert [listed.run_id for listed in client.jobs.list_runs(job_id=made.job_id)] == [run.run_id]
    client.jobs.update(made.job_id, new_settings=jobs.JobSettings(name="renamed"))
    client.jobs.reset(made.job_id, jobs.JobSettings(name="reset", tasks=[saved("c")]))
    assert [found.job_id for found in client.jobs.list(name="RESET")] == [made.job_id]
    client.jobs.delete(made.job_id)
    with pytest.raises(ResourceDoesNotExist):
        client.jobs.get(made.job_id)


def test_a_run_is_cancelled(client: WorkspaceClient, engine: Scripted) -> None:
    engine.task(takes=3600)
    run_id = client.jobs.submit(tasks=[task()]).run_id
    run = client.jobs.cancel_run(run_id).result()
    assert run.state is not None
    assert run.state.result_state is RunResultState.CANCELED
    assert run.state.user_cancelled_or_timedout is True
    client.jobs.cancel_all_runs(all_queued_runs=True)


def test_a_run_is_repaired_twice(client: WorkspaceClient, engine: Scripted) -> None:
    engine.task("main", error="ValueError: no", times=2)
    wait = client.jobs.submit(tasks=[task()])
    with pytest.raises(OperationFailed):
        wait.result()
    with pytest.raises(OperationFailed):
        client.jobs.repair_run(wait.run_id, rerun_all_failed_tasks=True).result()
    broken = client.jobs.get_run(wait.run_id, include_history=True)
    assert broken.repair_history is not None
    run = client.jobs.repair_run(
        wait.run_id,
        rerun_tasks=["main"],
        latest_repair_id=broken.repair_history[-1].id,
    ).result()
    assert run.state is not None
    assert run.state.result_state is RunResultState.SUCCESS
    history = client.jobs.get_run(wait.run_id, include_history=True).repair_history or []
    assert [item.type.value for item in history if item.type] == ["ORIGINAL", "REPAIR", "REPAIR"]


def test_pages_of_runs_jobs_and_tasks_are_gathered(
    client: WorkspaceClient, engine: Scripted
) -> None:
    many = [task(f"t{n}") for n in range(130)]
    wait = client.jobs.submit(tasks=many)
    run = client.jobs.get_run(wait.run_id)
    assert [t.task_key for t in run.tasks or []] == [t.task_key for t in many]
    ids = [client.jobs.submit(tasks=[task()]).run_id for _ in range(30)]
    listed = [r.run_id for r in client.jobs.list_runs(limit=25)]
    assert listed == [*ids[::-1], wait.run_id]
    expanded = list(client.jobs.list_runs(limit=25, expand_tasks=True))
    assert len(expanded[-1].tasks or []) == 130
    for n in range(25):
        client.jobs.create(name=f"job {n}", tasks=[saved()])
    assert len(list(client.jobs.list())) == 25


def test_iterations_of_a_loop_are_gathered(client: WorkspaceClient, engine: Scripted) -> None:
    loop = jobs.ForEachTask(inputs=str(list(range(110))), task=saved("each"), concurrency=110)
    run = client.jobs.submit(tasks=[jobs.SubmitTask(task_key="loop", for_each_task=loop)]).result()
    assert run.tasks is not None
    of_loop = client.jobs.get_run(run.tasks[0].run_id or 0)
    assert len(of_loop.iterations or []) == 110
    stats = (of_loop.tasks or [])[0].for_each_task
    assert stats is not None
    assert stats.stats is not None
    assert stats.stats.task_run_stats is not None
    assert stats.stats.task_run_stats.succeeded_iterations == 110


def test_a_skipped_run_is_no_error_to_the_waiter(client: WorkspaceClient, engine: Scripted) -> None:
    job = client.jobs.create(name="never", tasks=[saved()], max_concurrent_runs=0)
    run = client.jobs.run_now(job.job_id or 0).result()
    assert run.state is not None
    assert run.state.life_cycle_state is RunLifeCycleState.SKIPPED


def test_a_task_on_a_new_cluster(client: WorkspaceClient, engine: Scripted) -> None:
    cluster = compute.ClusterSpec(
        spark_version=client.clusters.select_spark_version(latest=True),
        node_type_id=client.clusters.select_node_type(local_disk=True),
        num_workers=1,
    )
    run = client.jobs.submit(tasks=[task(new_cluster=cluster)]).result()
    instance = (run.tasks or [])[0].cluster_instance
    assert instance is not None
    details = client.clusters.get(instance.cluster_id or "")
    assert details.cluster_source is compute.ClusterSource.JOB


def test_a_run_is_exported_and_deleted(
    client: WorkspaceClient, workspace_server: WorkspaceServer
) -> None:
    workspace_server.call(workspace_server.workspace.notebooks.put, "/main", "print(1)")
    run = client.jobs.submit(tasks=[task()]).result()
    views = client.jobs.export_run((run.tasks or [])[0].run_id or 0).views or []
    assert [(view.name, view.type) for view in views] == [("main", jobs.ViewType.NOTEBOOK)]
    client.jobs.delete_run(run.run_id or 0)
    with pytest.raises(ResourceDoesNotExist):
        client.jobs.get_run(run.run_id or 0)


def test_a_token_starts_one_run(client: WorkspaceClient) -> None:
    ids = {client.jobs.submit(tasks=[task()], idempotency_token="once").run_id for _ in range(3)}
    assert len(ids) == 1


def test_permissions_of_a_job(client: WorkspaceClient) -> None:
    job = client.jobs.create(name="shared", tasks=[saved()])
    client.jobs.update_permissions(
        str(job.job_id),
        access_control_list=[
            jobs.JobAccessControlRequest(
                user_name="a@example.com", permission_level=jobs.JobPermissionLevel.CAN_VIEW
            )
        ],
    )
    granted = client.jobs.get_permissions(str(job.job_id)).access_control_list or []
    assert "a@example.com" in {entry.user_name for entry in granted}
    assert client.jobs.get_permission_levels(str(job.job_id)).permission_levels
