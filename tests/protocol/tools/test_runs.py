"""The tools that tell of job runs: truthfully, and within their limit."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import Hang

HOUR = 3600


def notebook(path: str, key: str = "main", **more: Any) -> dict[str, Any]:
    return {
        "task_key": key,
        "notebook_task": {"notebook_path": path},
        "existing_cluster_id": "0712-131415-sample01",
        **more,
    }


async def submitted(ask: Any, *tasks: dict[str, Any], **more: Any) -> int:
    run = await ask("submit_single_run", run_config={"run_name": "r", "tasks": tasks, **more})
    return int(run["run_id"])


async def test_a_run_is_waited_for_and_its_output_read(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=30, result='{"rows": 3}')
    run_id = await submitted(ask, notebook("/N"))

    final = await call("wait_for_run_completion", run_id=run_id, poll_interval=5)
    output = await call("get_run_output", run_id=run_id)

    assert not final.is_error
    assert final.structured_content["state"]["result_state"] == "SUCCESS"
    assert text(final).startswith(f"Run {run_id} (r) ended with SUCCESS after ")
    assert output.structured_content["notebook_output"]["result"] == '{"rows": 3}'
    assert '{"rows": 3}' in text(output)


async def test_a_run_that_goes_on_is_told_as_going_on_within_the_limit(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=2 * HOUR)
    run_id = await submitted(ask, notebook("/N"))
    began = trio.current_time()

    told = await call("wait_for_run_completion", run_id=run_id, max_wait_seconds=60)

    assert trio.current_time() - began == pytest.approx(60, abs=1)
    assert not told.is_error
    assert told.structured_content["state"]["life_cycle_state"] == "RUNNING"
    assert "is RUNNING" in text(told)
    assert "Not finished." in text(told)
    assert "Waited 60 s: call wait_for_run_completion again." in text(told)
    seen = await call("get_run", run_id=run_id)
    assert "Not finished" in text(seen)


async def test_hours_are_waited_for_if_so_wished(ask: Any, workspace: Workspace) -> None:
    workspace.engine.notebook("/N", takes=10 * HOUR, result="done")
    run_id = await submitted(ask, notebook("/N"))

    final = await ask("wait_for_run_completion", run_id=run_id, max_wait_seconds=12 * HOUR)

    assert final["state"]["result_state"] == "SUCCESS"
    assert 10 * HOUR <= trio.current_time() < 10 * HOUR + 30


async def test_a_wait_tells_progress_to_whoever_asks(
    ask: Any, client: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=40)
    run_id = await submitted(ask, notebook("/N"))
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    await client.call_tool(
        "wait_for_run_completion",
        {"run_id": run_id, "max_wait_seconds": 300},
        progress_callback=hear,
    )

    assert 7 <= len(told) <= 10
    assert all(a[0] < b[0] for a, b in itertools.pairwise(told))
    assert {total for _, total, _ in told} == {300}
    assert told[-1][2] == f"run {run_id}: RUNNING"


async def test_a_failed_run_is_an_error_with_the_errors_of_its_tasks(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    trace = "Traceback (most recent call last):\n  File ...\nValueError: bad day"
    workspace.engine.notebook("/Good", result="fine")
    workspace.engine.notebook("/Bad", error="ValueError: bad day", trace=trace)
    run_id = await submitted(ask, notebook("/Good", "good"), notebook("/Bad", "bad"))

    told = await call("wait_for_run_completion", run_id=run_id)

    assert told.is_error
    facts = told.structured_content
    assert facts["error"] == "RunFailed"
    assert facts["state"]["result_state"] == "FAILED"
    (failed,) = facts["failed_tasks"]
    assert (failed["task_key"], failed["error"]) == ("bad", "ValueError: bad day")
    assert failed["error_trace"] == trace
    assert text(told).startswith(f"Run {run_id} ended as FAILED")
    assert "get_run_output" in text(told).splitlines()[1]
    assert trace in text(told)


async def test_reading_a_failed_run_goes_well_and_says_that_it_failed(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/Bad", error="ValueError: bad day")
    run_id = await submitted(ask, notebook("/Bad"))
    await call("wait_for_run_completion", run_id=run_id)

    seen, output = await call("get_run", run_id=run_id), await call("get_run_output", run_id=run_id)

    for told in (seen, output):
        assert not told.is_error
        assert text(told).startswith(f"Run {run_id} ended as FAILED")
        assert "did not succeed" in text(told)
    assert output.structured_content["error"] == "ValueError: bad day"
    assert "Error: ValueError: bad day" in text(output)


async def test_a_run_that_times_out_is_no_success(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=HOUR)
    run_id = await submitted(ask, notebook("/N"), timeout_seconds=20)

    told = await call("wait_for_run_completion", run_id=run_id)

    assert told.is_error
    assert told.structured_content["state"]["result_state"] == "TIMEDOUT"
    assert "TIMEDOUT" in text(told)


async def test_a_run_that_is_skipped_is_no_success(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=HOUR)
    job = workspace.jobs.add(
        {"name": "one", "tasks": [notebook("/N")], "queue": {"enabled": False}}
    )
    await ask("run_job", job_id=job.job_id)
    skipped = await ask("run_job", job_id=job.job_id)

    told = await call("wait_for_run_completion", run_id=skipped["run_id"])
    seen = await call("get_run", run_id=skipped["run_id"])

    assert told.is_error
    assert told.structured_content["state"]["life_cycle_state"] == "SKIPPED"
    assert "SKIPPED" in text(told).splitlines()[0]
    assert "did not succeed" in text(seen)


async def test_the_output_of_several_tasks_is_gathered(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    for n in range(3):
        workspace.engine.notebook(f"/N{n}", result=f"result {n}")
    run_id = await submitted(ask, *(notebook(f"/N{n}", f"t{n}") for n in range(3)))
    await ask("wait_for_run_completion", run_id=run_id)

    output = await call("get_run_output", run_id=run_id)

    tasks = output.structured_content["tasks"]
    assert [task["task_key"] for task in tasks] == ["t0", "t1", "t2"]
    assert [task["notebook_output"]["result"] for task in tasks] == [
        f"result {n}" for n in range(3)
    ]
    assert all(f"result {n}" in text(output) for n in range(3))
    one = await ask("get_run_output", run_id=tasks[1]["run_id"])
    assert one["notebook_output"]["result"] == "result 1"


async def test_the_output_of_many_tasks_is_cut_and_each_ones_is_whole(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    size = 3 * 2**20
    workspace.engine.task("a", result="r" * size)
    workspace.engine.task("b", logs="l" * size)
    script = {"task_key": "b", "spark_python_task": {"python_file": "dbfs:/b.py"}}
    run_id = await submitted(ask, notebook("/A", "a"), script)
    await ask("wait_for_run_completion", run_id=run_id)

    output = await call("get_run_output", run_id=run_id)

    a, b = output.structured_content["tasks"]
    assert len(a["notebook_output"]["result"]) == len(b["logs"]) == 5 * 2**20 // 2
    assert (a["notebook_output"]["truncated"], a["notebook_output"]["result_length"]) == (
        True,
        size,
    )
    assert (b["logs_truncated"], b["logs_length"]) == (True, size)
    assert len(text(output)) < 20_000
    assert f"get_run_output(run_id={a['run_id']}) has this task's whole" in text(output)
    for task in (a, b):
        whole = await ask("get_run_output", run_id=task["run_id"])
        left = whole.get("logs") or whole["notebook_output"]["result"]
        assert len(left) == size


async def test_a_long_result_is_read_part_by_part(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    result = "".join(f"{n:05} " for n in range(8000))
    workspace.engine.notebook("/N", result=result)
    run_id = await submitted(ask, notebook("/N"))
    await ask("wait_for_run_completion", run_id=run_id)
    parts, offset = [], 0
    while True:
        told = await call("get_run_output", run_id=run_id, offset=offset)
        parts.append(text(told).split("```\n")[1].removesuffix("\n"))
        if "Go on" not in text(told):
            break
        offset = int(text(told).rsplit("offset=", 1)[1].rstrip("."))

    assert "".join(parts) == result
    assert told.structured_content["notebook_output"]["result"] == result


@pytest.mark.parametrize("tool", ["get_run", "wait_for_run_completion", "get_run_output"])
async def test_an_unknown_run_is_told(call: Any, text: Any, tool: str) -> None:
    refused = await call(tool, run_id=404)

    assert refused.is_error
    assert refused.structured_content["error"] == "NotFound"
    assert len(text(refused).splitlines()) == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        {"poll_interval": 0},
        {"poll_interval": -5},
        {"poll_interval": "soon"},
        {"poll_interval": True},
        {"max_wait_seconds": 0},
        {"max_wait_seconds": -1},
        {"max_wait_seconds": "long"},
        {"max_wait_seconds": 1e12},
    ],
)
async def test_nonsense_in_a_wait_is_refused(
    call: Any, text: Any, workspace: Workspace, nonsense: dict[str, Any]
) -> None:
    refused = await call("wait_for_run_completion", run_id=1, **nonsense)

    assert refused.is_error
    assert next(iter(nonsense)) in text(refused)
    assert len(workspace.requests) == 0


async def test_a_wait_on_a_network_that_is_gone_ends_at_its_limit(
    ask: Any, call: Any, workspace: Workspace
) -> None:
    workspace.engine.notebook("/N", takes=HOUR)
    run_id = await submitted(ask, notebook("/N"))
    workspace.faults.add("GET *", Hang())
    began = trio.current_time()

    told = await call("wait_for_run_completion", run_id=run_id, max_wait_seconds=20)

    assert trio.current_time() - began < 25
    assert told.is_error
    assert told.structured_content["error"] == "DatabricksUnreachable"
