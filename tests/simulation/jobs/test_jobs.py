"""Saved jobs: their endpoints, and the door at which runs come in, wait, or are turned away."""

from pathlib import Path
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.engine import TaskSpec
from trio.testing import MockClock


async def test_a_job_is_created_read_and_deleted(jobs: Any, notebook: Any) -> None:
    job_id = await jobs.create(notebook(), name="nightly", tags={"team": "a"})
    job = await jobs.get("2.2/jobs/get", job_id=job_id)
    assert job["creator_user_name"] == "someone@example.com"
    assert job["settings"]["name"] == "nightly"
    assert job["settings"]["max_concurrent_runs"] == 1
    assert job["settings"]["format"] == "MULTI_TASK"
    assert await jobs.get("2.0/jobs/get", job_id=job_id) == job
    await jobs.post("2.2/jobs/delete", job_id=job_id)
    refusal = (400, "INVALID_PARAMETER_VALUE", f"Job {job_id} does not exist.")
    assert await jobs.refused("GET", "2.2/jobs/get", job_id=job_id) == refusal
    assert await jobs.refused("POST", "2.2/jobs/run-now", job_id=job_id) == refusal


async def test_reset_replaces_everything_but_the_identity(jobs: Any, notebook: Any) -> None:
    run_as = {"user_name": "robot@example.com"}
    job_id = await jobs.create(notebook(), name="old", run_as=run_as, tags={"a": "b"})
    new = {"name": "new", "tasks": [notebook("other")]}
    await jobs.post("2.2/jobs/reset", job_id=job_id, new_settings=new)
    settings = (await jobs.get("2.2/jobs/get", job_id=job_id))["settings"]
    assert settings["name"] == "new"
    assert settings["run_as"] == run_as
    assert "tags" not in settings


async def test_update_changes_what_it_names(jobs: Any, notebook: Any) -> None:
    job_id = await jobs.create(notebook("a"), notebook("b"), name="n", tags={"x": "y"})
    await jobs.post(
        "2.2/jobs/update",
        job_id=job_id,
        new_settings={"tasks": [notebook("c")]},
        fields_to_remove=["tasks/a", "tags"],
    )
    settings = (await jobs.get("2.2/jobs/get", job_id=job_id))["settings"]
    assert [task["task_key"] for task in settings["tasks"]] == ["b", "c"]
    assert settings["name"] == "n"
    assert "tags" not in settings


async def test_wrong_settings_change_nothing(jobs: Any, notebook: Any) -> None:
    job_id = await jobs.create(notebook("a"))
    wrong = {"tasks": [notebook("b", "nobody")]}
    status, code, _ = await jobs.refused(
        "POST", "2.2/jobs/update", job_id=job_id, new_settings=wrong
    )
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    settings = (await jobs.get("2.2/jobs/get", job_id=job_id))["settings"]
    assert [task["task_key"] for task in settings["tasks"]] == ["a"]


async def test_jobs_are_listed_newest_first_page_by_page(jobs: Any, notebook: Any) -> None:
    ids = [await jobs.create(notebook(), name=f"job {n}") for n in range(5)]
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = await jobs.get("2.2/jobs/list", **query)
        assert len(page["jobs"]) <= 2
        assert all("tasks" not in job["settings"] for job in page["jobs"])
        assert "has_more" not in page
        seen += [job["job_id"] for job in page["jobs"]]
        if "next_page_token" not in page:
            break
        query["page_token"] = page["next_page_token"]
    assert seen == ids[::-1]
    assert (await jobs.get("2.1/jobs/list", limit=2))["has_more"] is True


async def test_jobs_are_found_by_their_exact_name_in_any_case(jobs: Any, notebook: Any) -> None:
    wanted = await jobs.create(notebook(), name="Nightly")
    await jobs.create(notebook(), name="nightly 2")
    assert [job["job_id"] for job in (await jobs.get("2.2/jobs/list", name="NIGHTLY"))["jobs"]] == [
        wanted
    ]
    assert await jobs.get("2.2/jobs/list", name="none") == {}


@pytest.mark.parametrize("limit", [0, 101, -1])
async def test_a_page_of_jobs_has_1_to_100(limit: int, jobs: Any) -> None:
    status, code, _ = await jobs.refused("GET", "2.2/jobs/list", limit=limit)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


async def test_2_2_cuts_arrays_at_a_hundred_and_2_1_does_not(jobs: Any, notebook: Any) -> None:
    parameters = [{"name": f"p{n}", "default": ""} for n in range(120)]
    job_id = await jobs.create(*(notebook(str(n)) for n in range(250)), parameters=parameters)
    sizes, query = [], {"job_id": job_id}
    while True:
        job = await jobs.get("2.2/jobs/get", **query)
        assert job["settings"]["name"] == "Untitled"  # the scalars are on every page
        sizes.append((len(job["settings"]["tasks"]), len(job["settings"]["parameters"])))
        if "next_page_token" not in job:
            break
        query["page_token"] = job["next_page_token"]
    assert sizes == [(100, 100), (100, 20), (50, 0)]
    assert len((await jobs.get("2.1/jobs/get", job_id=job_id))["settings"]["tasks"]) == 250
    (listed,) = (await jobs.get("2.2/jobs/list", expand_tasks="true"))["jobs"]
    assert listed["has_more"] is True
    assert len(listed["settings"]["tasks"]) == 100


# The door.


async def test_at_the_limit_runs_queue_and_come_in_in_order(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=100)
    job_id = await jobs.create(notebook())
    one, two, three = [await jobs.run_now(job_id) for _ in range(3)]
    await trio.sleep(50)
    waiting = await jobs.run(two)
    assert waiting["state"]["life_cycle_state"] == "QUEUED"
    assert (
        waiting["state"]["queue_reason"] == "Queued due to reaching maximum concurrent runs of 1."
    )
    assert waiting["status"]["queue_details"]["code"] == "MAX_CONCURRENT_RUNS_REACHED"
    ended = [(await jobs.ended(run_id))["end_time"] for run_id in (one, two, three)]
    assert ended == sorted(ended)
    assert (await jobs.run(two))["queue_duration"] == 105_000


async def test_a_job_of_2_1_skips_what_is_too_much(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=100)
    answer = await jobs.post("2.1/jobs/create", tasks=[notebook()])
    one = await jobs.run_now(answer["job_id"])
    two = await jobs.run(await jobs.run_now(answer["job_id"]))
    assert two["state"] == {
        "life_cycle_state": "SKIPPED",
        "state_message": (
            "Skipping this run because the limit of 1 maximum concurrent runs has been reached."
        ),
        "user_cancelled_or_timedout": False,
    }
    assert two["status"]["termination_details"]["code"] == "MAX_CONCURRENT_RUNS_EXCEEDED"
    assert two["end_time"]
    await jobs.ended(one)
    assert len([spec for spec in engine.seen if isinstance(spec, TaskSpec)]) == 1


@pytest.mark.parametrize(
    ("job", "body", "state"),
    [
        ({"queue": {"enabled": False}}, {}, "SKIPPED"),
        ({"queue": {"enabled": False}}, {"queue": {"enabled": True}}, "QUEUED"),
        ({"queue": {"enabled": True}}, {"queue": {"enabled": False}}, "SKIPPED"),
        ({"max_concurrent_runs": 2}, {}, "PENDING"),
        ({"max_concurrent_runs": 0}, {}, "SKIPPED"),
    ],
)
async def test_what_the_second_run_of_a_job_meets(  # noqa: PLR0917 (fixtures)
    job: Any, body: Any, state: str, autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    job_id = await jobs.create(notebook(), **job)
    await jobs.run_now(job_id)
    second = await jobs.run(await jobs.run_now(job_id, **body))
    assert second["state"]["life_cycle_state"] == state


async def test_a_queued_run_is_dropped_after_48_hours(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=100 * 3600)
    job_id = await jobs.create(notebook())
    await jobs.run_now(job_id)
    queued = await jobs.run_now(job_id)
    await trio.sleep(48 * 3600 - 1)
    assert (await jobs.states(queued))[""] == "QUEUED"
    await trio.sleep(2)
    assert (await jobs.run(queued))["state"]["life_cycle_state"] == "SKIPPED"


async def test_a_cancelled_run_makes_room_in_the_queue(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=1000)
    job_id = await jobs.create(notebook())
    one, two, three = [await jobs.run_now(job_id) for _ in range(3)]
    await jobs.post("2.2/jobs/runs/cancel", run_id=two)
    assert (await jobs.states(two))[""] == "CANCELED"
    await jobs.post("2.2/jobs/runs/cancel", run_id=one)
    await trio.sleep(10)
    assert (await jobs.states(three))[""] == "RUNNING"


async def test_cancel_all_takes_a_job_or_all_that_is_queued(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=1000)
    first, second = await jobs.create(notebook()), await jobs.create(notebook())
    runs = [await jobs.run_now(job_id) for job_id in (first, first, second, second)]
    await jobs.post("2.2/jobs/runs/cancel-all", all_queued_runs=True)
    await trio.sleep(10)
    expected = ["RUNNING", "CANCELED", "RUNNING", "CANCELED"]
    assert [(await jobs.states(run_id))[""] for run_id in runs] == expected
    await jobs.post("2.2/jobs/runs/cancel-all", job_id=first)
    await trio.sleep(10)
    assert [(await jobs.states(run_id))[""] for run_id in runs[::2]] == ["CANCELED", "RUNNING"]
    assert (await jobs.refused("POST", "2.2/jobs/runs/cancel-all"))[0] == 400


async def test_a_run_of_a_job_goes_by_its_settings_and_its_parameters(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    task = notebook()
    task["notebook_task"]["base_parameters"] = {"day": "{{job.parameters.day}}", "who": "task"}
    job_id = await jobs.create(
        task, name="nightly", parameters=[{"name": "day", "default": "Monday"}]
    )
    run_id = await jobs.run_now(
        job_id, notebook_params={"who": "run"}, job_parameters={"day": "Friday"}
    )
    run = await jobs.ended(run_id)
    (spec,) = [seen for seen in engine.seen if isinstance(seen, TaskSpec)]
    assert spec.parameters == {"day": "Friday", "who": "run"}
    assert (run["run_type"], run["run_name"], run["job_id"]) == ("JOB_RUN", "nightly", job_id)
    assert run["job_parameters"] == [{"name": "day", "default": "Monday", "value": "Friday"}]
    assert run["overriding_parameters"]["notebook_params"] == {"who": "run"}
    resolved = await jobs.run(run_id, include_resolved_values="true")
    values = resolved["tasks"][0]["resolved_values"]["notebook_task"]["base_parameters"]
    assert values == {"day": "Friday", "who": "run"}


async def test_only_runs_what_it_names(autojump_clock: MockClock, jobs: Any, notebook: Any) -> None:
    job_id = await jobs.create(notebook("a"), notebook("b", "a"), notebook("c", "b"))
    run_id = await jobs.run_now(job_id, only=["b+"])
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {"": "SUCCESS", "b": "SUCCESS", "c": "SUCCESS"}


async def test_a_job_without_tasks_cannot_run(jobs: Any) -> None:
    job_id = await jobs.create()
    assert (await jobs.refused("POST", "2.2/jobs/run-now", job_id=job_id))[0] == 400


@pytest.mark.parametrize("endpoint", ["run-now", "runs/submit"])
async def test_a_token_starts_one_run(
    endpoint: str, autojump_clock: MockClock, jobs: Any, notebook: Any
) -> None:
    """The same token is the same run, also when it is over, until that run is deleted."""
    job_id = await jobs.create(notebook())
    body = {"job_id": job_id} if endpoint == "run-now" else {"tasks": [notebook()]}
    path = f"2.2/jobs/{endpoint}"
    first = (await jobs.post(path, idempotency_token="once", **body))["run_id"]
    assert (await jobs.post(path, idempotency_token="once", **body))["run_id"] == first
    await jobs.ended(first)
    assert (await jobs.post(path, idempotency_token="once", **body))["run_id"] == first
    assert (await jobs.post(path, idempotency_token="twice", **body))["run_id"] != first
    await jobs.post("2.2/jobs/runs/delete", run_id=first)
    status, code, _ = await jobs.refused("POST", path, idempotency_token="once", **body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


async def test_runs_of_a_deleted_job_go_on(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=100)
    job_id = await jobs.create(notebook())
    one, two = await jobs.run_now(job_id), await jobs.run_now(job_id)
    await jobs.post("2.2/jobs/delete", job_id=job_id)
    assert (await jobs.ended(one))["state"]["result_state"] == "SUCCESS"
    assert (await jobs.ended(two))["state"]["result_state"] == "SUCCESS"


async def test_jobs_outlive_a_workspace_that_keeps_its_state(tmp_path: Path) -> None:
    task = {"task_key": "a", "notebook_task": {"notebook_path": "/x"}}
    async with Workspace(data_dir=tmp_path) as workspace:
        kept = workspace.jobs.add({"name": "nightly", "tasks": [task]})
        gone = workspace.jobs.add({"name": "gone", "tasks": [task]})
        assert repr(kept) == f"<Job {kept.job_id} 'nightly', 0 runs, 0 queued>"
        assert gone in list(workspace.jobs)
    async with Workspace(data_dir=tmp_path) as workspace:
        again = workspace.jobs.known(kept.job_id)
        assert (again.settings, again.created_time) == (kept.settings, kept.created_time)


async def test_version_2_0_tells_a_job_of_one_task_in_its_own_form(jobs: Any, calls: Any) -> None:
    old = {
        "name": "old",
        "notebook_task": {"notebook_path": "/old"},
        "new_cluster": {
            "spark_version": "15.4.x-scala2.12",
            "node_type_id": "i3.xlarge",
            "num_workers": 1,
        },
    }
    job_id = (await calls.post("2.0/jobs/create", **old))["job_id"]
    (listed,) = (await calls.get("2.0/jobs/list"))["jobs"]
    assert listed == await calls.get("2.0/jobs/get", job_id=job_id)
    assert listed["settings"].items() >= old.items()
    assert "tasks" not in listed["settings"]
    (task,) = (await calls.get("2.2/jobs/get", job_id=job_id))["settings"]["tasks"]
    assert task["notebook_task"] == old["notebook_task"]

    run_id = (await calls.post("2.0/jobs/run-now", job_id=job_id))["run_id"]
    run = await calls.get("2.0/jobs/runs/get", run_id=run_id)
    assert run["task"] == {"notebook_task": old["notebook_task"]}
    assert run["cluster_spec"] == {"new_cluster": old["new_cluster"]}
    assert (await calls.get("2.0/jobs/runs/list"))["runs"][0]["run_id"] == run_id
