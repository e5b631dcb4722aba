"""Runs by id and by list: pages, filters, output, export, delete, and being forgotten."""

from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.engine import TaskResult, TaskSpec
from databricks_mcp_toolkit.simulation.jobs.run_wire import MAX_OUTPUT, NO_OUTPUT_OF_MANY
from trio.testing import MockClock

UNKNOWN = (400, "INVALID_PARAMETER_VALUE", "Run 1 does not exist.")


@pytest.mark.parametrize("endpoint", ["get", "get-output", "export"])
async def test_an_unknown_run_cannot_be_read(endpoint: str, jobs: Any) -> None:
    assert await jobs.refused("GET", f"2.2/jobs/runs/{endpoint}", run_id=1) == UNKNOWN


@pytest.mark.parametrize("endpoint", ["cancel", "delete", "repair"])
async def test_an_unknown_run_cannot_be_changed(endpoint: str, jobs: Any) -> None:
    assert await jobs.refused("POST", f"2.2/jobs/runs/{endpoint}", run_id=1) == UNKNOWN


async def test_runs_are_listed_newest_first_and_pages_stay_put(jobs: Any, notebook: Any) -> None:
    """A run that starts between two pages moves nothing from one to the other."""
    ids = [await jobs.submit(notebook()) for _ in range(60)]
    first = await jobs.get("2.2/jobs/runs/list", limit=25)
    await jobs.submit(notebook())
    second = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=first["next_page_token"])
    third = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=second["next_page_token"])
    seen = [run["run_id"] for page in (first, second, third) for run in page["runs"]]
    assert seen == ids[::-1]
    assert "next_page_token" not in third
    back = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=third["prev_page_token"])
    assert back["runs"] == second["runs"]
    back = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=back["prev_page_token"])
    assert back["runs"] == first["runs"]
    assert "prev_page_token" not in first
    newest = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=back["prev_page_token"])
    assert len(newest["runs"]) == 1
    assert "prev_page_token" not in newest
    again = await jobs.get("2.2/jobs/runs/list", limit=25, page_token=newest["next_page_token"])
    assert again["runs"] == first["runs"]
    assert all("tasks" not in run for run in first["runs"])
    assert all(run["state"] and run["status"] for run in first["runs"])


@pytest.mark.parametrize(("limit", "expected"), [(None, 20), (0, 25), (1, 1), (25, 25)])
async def test_how_many_runs_are_on_a_page(
    limit: int | None, expected: int, jobs: Any, notebook: Any
) -> None:
    for _ in range(30):
        await jobs.submit(notebook())
    query = {} if limit is None else {"limit": limit}
    assert len((await jobs.get("2.2/jobs/runs/list", **query))["runs"]) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 26},
        {"limit": -1},
        {"active_only": "true", "completed_only": "true"},
        {"run_type": "OTHER"},
        {"page_token": "nonsense"},
    ],
)
async def test_a_list_that_cannot_be(query: dict[str, Any], jobs: Any) -> None:
    status, code, _ = await jobs.refused("GET", "2.2/jobs/runs/list", **query)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


async def test_filters_of_the_list(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("slow", takes=1000)
    job_id = await jobs.create(notebook("slow"))
    done = await jobs.submit(notebook("quick"))
    await trio.sleep(100)
    alive = await jobs.run_now(job_id)
    since = (await jobs.run(alive))["start_time"]

    async def listed(**query: Any) -> list[int]:
        page = await jobs.get("2.2/jobs/runs/list", **query)
        return [run["run_id"] for run in page.get("runs", [])]

    assert await listed() == [alive, done]
    assert await listed(active_only="true") == [alive]
    assert await listed(completed_only="true") == [done]
    assert await listed(job_id=job_id) == [alive]
    assert await listed(run_type="SUBMIT_RUN") == [done]
    assert await listed(run_type="WORKFLOW_RUN") == []
    assert await listed(start_time_from=since) == [alive]
    assert await listed(start_time_to=since - 1) == [done]
    assert await listed(offset=1) == [done]


async def test_expanded_lists_show_a_hundred_tasks_and_say_so(jobs: Any, notebook: Any) -> None:
    await jobs.submit(*(notebook(str(n)) for n in range(120)))
    (run,) = (await jobs.get("2.2/jobs/runs/list", expand_tasks="true"))["runs"]
    assert (len(run["tasks"]), run["has_more"]) == (100, True)
    page = await jobs.get("2.1/jobs/runs/list", expand_tasks="true")
    assert (len(page["runs"][0]["tasks"]), page["has_more"]) == (120, False)


async def test_a_run_with_many_tasks_comes_in_pages(jobs: Any, notebook: Any) -> None:
    run_id = await jobs.submit(*(notebook(str(n)) for n in range(220)))
    keys, query = [], {}
    while True:
        run = await jobs.run(run_id, **query)
        assert run["run_id"] == run_id
        keys += [task["task_key"] for task in run["tasks"]]
        if "next_page_token" not in run:
            break
        query["page_token"] = run["next_page_token"]
    assert keys == [str(n) for n in range(220)]


# Output.


async def test_the_output_of_a_notebook(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/main", takes=60, result='{"rows": 3}')
    run_id = await jobs.submit(notebook())
    await trio.sleep(30)
    assert set(await jobs.output(run_id)) == {"metadata"}  # it is still at work
    await jobs.ended(run_id)
    output = await jobs.output(run_id)
    assert output["notebook_output"] == {"result": '{"rows": 3}', "truncated": False}
    assert output["metadata"]["job_run_id"] == run_id
    assert output["metadata"]["state"]["result_state"] == "SUCCESS"
    assert "logs" not in output


async def test_a_notebook_that_never_exits_has_an_output_without_a_result(
    autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    run_id = await jobs.submit(notebook())
    await jobs.ended(run_id)
    assert (await jobs.output(run_id))["notebook_output"] == {"truncated": False}


async def test_large_results_keep_their_head_and_logs_their_tail(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/main", result="a" * MAX_OUTPUT + "z")
    engine.task("file", logs="a" + "z" * MAX_OUTPUT)
    file = {"task_key": "file", "spark_python_task": {"python_file": "/x.py"}}
    run_id = await jobs.submit(notebook(), file)
    await jobs.ended(run_id)
    result = (await jobs.output(run_id))["notebook_output"]
    assert (result["result"], result["truncated"]) == ("a" * MAX_OUTPUT, True)
    logs = await jobs.output(run_id, "file")
    assert (logs["logs"], logs["logs_truncated"]) == ("z" * MAX_OUTPUT, True)


async def test_a_failed_file_shows_its_error_and_its_logs(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.task("file", error="KeyError: 'x'", trace="Traceback", logs="halfway\n")
    run_id = await jobs.submit({"task_key": "file", "spark_python_task": {"python_file": "/x.py"}})
    await jobs.ended(run_id)
    output = await jobs.output(run_id, "file")
    assert (output["error"], output["error_trace"]) == ("KeyError: 'x'", "Traceback")
    assert output["logs"] == "halfway\n"


async def test_the_output_of_sql(autojump_clock: MockClock, jobs: Any, engine: Scripted) -> None:
    engine.task("sql", sql_output={"query_output": {"query_text": "SELECT 1"}})
    task = {"task_key": "sql", "sql_task": {"query": {"query_id": "q"}}}
    run_id = await jobs.submit(task)
    await jobs.ended(run_id)
    output = await jobs.output(run_id, "sql")
    assert output["sql_output"] == {"query_output": {"query_text": "SELECT 1"}}


async def test_a_run_of_tasks_has_no_output_of_its_own(jobs: Any, notebook: Any) -> None:
    """Also when there is one task only; see the reference on `runs/get-output`."""
    run_id = await jobs.submit(notebook())
    refusal = await jobs.refused("GET", "2.2/jobs/runs/get-output", run_id=run_id)
    assert refusal == (400, "INVALID_PARAMETER_VALUE", NO_OUTPUT_OF_MANY)


async def test_a_run_of_the_old_form_has_an_output_of_its_own(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.notebook("/old", result="done")
    answer = await jobs.post("2.1/jobs/runs/submit", notebook_task={"notebook_path": "/old"})
    run_id = answer["run_id"]
    await jobs.ended(run_id)
    output = await jobs.get("2.1/jobs/runs/get-output", run_id=run_id)
    assert output["notebook_output"]["result"] == "done"
    assert output["metadata"]["run_id"] == run_id


async def test_a_notebook_run_is_exported_as_its_code(
    workspace: Workspace, jobs: Any, notebook: Any
) -> None:
    workspace.notebooks.put("/main", "print('<hello>')")
    run_id = await jobs.submit(notebook())
    task = await jobs.task(run_id, "main")
    (view,) = (await jobs.get("2.2/jobs/runs/export", run_id=task["run_id"]))["views"]
    assert (view["name"], view["type"]) == ("main", "NOTEBOOK")
    assert "print(&#x27;&lt;hello&gt;&#x27;)" in view["content"]
    dashboards = await jobs.get(
        "2.2/jobs/runs/export", run_id=task["run_id"], views_to_export="DASHBOARDS"
    )
    assert dashboards == {"views": []}


async def test_a_task_has_a_run_of_its_own(jobs: Any, notebook: Any) -> None:
    run_id = await jobs.submit(notebook("a"), notebook("b"))
    task = await jobs.task(run_id, "b")
    run = await jobs.run(task["run_id"])
    assert (run["run_id"], run["job_run_id"]) == (task["run_id"], run_id)
    assert [t["task_key"] for t in run["tasks"]] == ["b"]


# The end of runs.


async def test_only_a_run_that_has_ended_can_be_deleted(
    autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    run_id = await jobs.submit(notebook())
    status, code, _ = await jobs.refused("POST", "2.2/jobs/runs/delete", run_id=run_id)
    assert (status, code) == (400, "INVALID_STATE")
    task = (await jobs.ended(run_id))["tasks"][0]
    await jobs.post("2.2/jobs/runs/delete", run_id=run_id)
    for gone in (run_id, task["run_id"]):
        assert (await jobs.refused("GET", "2.2/jobs/runs/get", run_id=gone))[0] == 400
    assert await jobs.get("2.2/jobs/runs/list") == {}


async def test_a_run_is_forgotten_sixty_days_after_its_end(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("long", takes=70 * 24 * 3600)
    old, alive = await jobs.submit(notebook()), await jobs.submit(notebook("long"))
    ended = await jobs.ended(old)
    await trio.sleep(60 * 24 * 3600 - 60)
    assert (await jobs.run(old))["end_time"] == ended["end_time"]
    await trio.sleep(120)
    assert (await jobs.refused("GET", "2.2/jobs/runs/get", run_id=old))[0] == 400
    listed = (await jobs.get("2.2/jobs/runs/list"))["runs"]
    assert [run["run_id"] for run in listed] == [alive]


async def test_a_run_says_how_it_stands_in_its_repr(
    autojump_clock: MockClock, workspace: Workspace, jobs: Any, notebook: Any
) -> None:
    run_id = await jobs.submit(notebook())
    (run,) = workspace.runs
    assert repr(run) == f"<JobRun {run_id}, PENDING, 0/1 tasks>"
    assert repr(workspace.runs) == "<Runs, 1, 1 active>"
    await jobs.ended(run_id)
    assert repr(run) == f"<JobRun {run_id}, TERMINATED, SUCCESS, 1/1 tasks>"
    assert "'main', TERMINATED, SUCCESS" in repr(run.shown_tasks()[0])


async def test_task_values_reach_the_tasks_after(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("a", does=lambda _spec: TaskResult(values={"rows": 3}))
    task = notebook("b", "a")
    task["notebook_task"]["base_parameters"] = {
        "rows": "{{tasks.a.values.rows}}",
        "how": "{{tasks.a.result_state}}",
        "attempt": "{{task.execution_count}}",
        "unknown": "{{tasks.z.values.rows}}",
    }
    await jobs.ended(await jobs.submit(notebook("a"), task))
    spec = [seen for seen in engine.seen if isinstance(seen, TaskSpec)][-1]
    assert spec.task_values == {"a": {"rows": 3}}
    assert spec.parameters == {
        "rows": "3",
        "how": "success",
        "attempt": "1",
        "unknown": "{{tasks.z.values.rows}}",
    }


async def test_references_to_the_run_its_job_and_its_tasks(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("a", error="ValueError: no")
    names = [
        "tasks.a.run_id",
        "tasks.a.execution_count",
        "tasks.a.error_code",
        "tasks.a.nothing",
        "job.name",
        "job.run_id",
        "job.repair_count",
        "job.start_time.iso_date",
        "task.name",
        "job.nothing",
    ]
    task = notebook("b", "a", run_if="ALL_DONE")
    task["notebook_task"]["base_parameters"] = {name: f"{{{{{name}}}}}" for name in names}
    run_id = await jobs.submit(notebook("a", max_retries=1), task, run_name="nightly")
    run = await jobs.ended(run_id)
    spec = [seen for seen in engine.seen if isinstance(seen, TaskSpec)][-1]
    assert list(spec.parameters.values()) == [
        str(run["tasks"][1]["run_id"]),
        "2",
        "RUN_EXECUTION_ERROR",
        "{{tasks.a.nothing}}",
        "nightly",
        str(run_id),
        "0",
        spec.parameters["job.start_time.iso_date"],
        "b",
        "{{job.nothing}}",
    ]
    assert len(spec.parameters["job.start_time.iso_date"]) == len("2026-01-01")


async def test_resolved_values_of_other_kinds_of_tasks(
    autojump_clock: MockClock, jobs: Any
) -> None:
    condition = {"op": "EQUAL_TO", "left": "{{job.name}}", "right": "x"}
    file = {"python_file": "/f.py", "parameters": ["{{job.name}}"]}
    run_id = await jobs.submit(
        {"task_key": "if", "condition_task": condition},
        {"task_key": "file", "spark_python_task": file},
        {"task_key": "late", "depends_on": [{"task_key": "file"}], "pipeline_task": {}},
        run_name="nightly",
    )
    await jobs.ended(run_id)
    tasks = (await jobs.run(run_id, include_resolved_values="true"))["tasks"]
    assert [task.get("resolved_values") for task in tasks] == [
        {"condition_task": {"left": "nightly", "right": "x"}},
        {"spark_python_task": {"parameters": ["nightly"]}},
        None,
    ]


async def test_a_run_belongs_to_whoever_started_it(
    workspace: Workspace, api: httpx.AsyncClient, notebook: Any
) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": workspace.client_id,
        "client_secret": workspace.client_secret,
    }
    token = (await api.post("/oidc/v1/token", data=form)).json()["access_token"]
    api.headers["authorization"] = f"Bearer {token}"
    made = await api.post("/api/2.2/jobs/create", json={"tasks": [notebook()]})
    for path, body in (
        ("run-now", {"job_id": made.json()["job_id"]}),
        ("runs/submit", {"tasks": [notebook()]}),
    ):
        run_id = (await api.post(f"/api/2.2/jobs/{path}", json=body)).json()["run_id"]
        run = (await api.get("/api/2.2/jobs/runs/get", params={"run_id": run_id})).json()
        assert run["creator_user_name"] == workspace.client_id


async def test_a_workspace_may_end_with_every_kind_of_run_alive(
    autojump_clock: MockClock, engine: Scripted, notebook: Any
) -> None:
    """Whatever waits is cancelled, and its cleanup starts nothing that is left behind."""
    engine.task(takes=10_000)
    new = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}
    async with Workspace(engine=engine) as workspace:
        job = workspace.jobs.add({"tasks": [notebook(new_cluster=new)], "timeout_seconds": 99_999})
        outer = {"task_key": "outer", "run_job_task": {"job_id": job.job_id}}
        loop = {"inputs": "[1, 2, 3]", "concurrency": 2, "task": notebook("each")}
        workspace.runs.start({"tasks": [outer]})
        workspace.runs.start({"tasks": [{"task_key": "loop", "for_each_task": loop}]})
        workspace.runs.start({"tasks": [notebook(existing_cluster_id=workspace.cluster_id)]})
        await trio.sleep(1000)
        workspace.runs.start_job(job, {})  # is queued
        assert not any(run.is_final for run in workspace.runs)
