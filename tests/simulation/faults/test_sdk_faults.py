"""What `databricks-sdk` makes of each kind of fault, asked for over the control endpoint."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient, errors
from databricks.sdk.core import Config
from databricks.sdk.service import compute, jobs
from databricks_mcp_toolkit.simulation import Pace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background
from databricks_mcp_toolkit.simulation.faults.kinds import KINDS

HURRY = 50  # the SDK sleeps for seconds between its tries; here for so many times less
PATIENCE = 1  # second that the SDK goes on trying; a whole number, and 0 means 300


@pytest.fixture
def bad_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceServer]:
    """A served workspace with its control endpoint."""
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ARM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(seconds / HURRY))
    with workspace_in_background(pace=Pace.instant(), control=True) as server:
        yield server


@pytest.fixture
def w(bad_days: WorkspaceServer) -> WorkspaceClient:
    config = Config(host=bad_days.host, token=bad_days.token)
    return WorkspaceClient(config=config)


def control(server: WorkspaceServer, **rule: Any) -> Any:
    """Adds a rule, or without one lists the rules, as a program in any language would."""
    request = urllib.request.Request(
        f"{server.host}/simulation/faults",
        data=json.dumps(rule).encode() if rule else None,
        headers={"Authorization": f"Bearer {server.token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def get(w: WorkspaceClient, server: WorkspaceServer) -> compute.ClusterDetails:
    return w.clusters.get(server.workspace.cluster_id)


def submit(w: WorkspaceClient, token: str | None = None) -> int:
    task = jobs.SubmitTask(task_key="main", notebook_task=jobs.NotebookTask(notebook_path="/n"))
    return w.jobs.submit(tasks=[task], idempotency_token=token).run_id


# Kind and its fields, and what a GET of a cluster comes to.
GOES_WELL_AFTER_ALL = [
    ("refuse", {"status": 429, "retry_after": 0}),
    ("refuse", {"status": 503}),
    ("lose_request", {}),
    ("lose_answer", {}),
    ("hang", {"seconds": 0.01}),
    ("slow", {"seconds": 0.01}),
    ("trickle", {"seconds": 0.02}),
]
RAISES: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("refuse", {"status": 401}, errors.Unauthenticated),
    ("refuse", {"status": 403}, errors.PermissionDenied),
    ("refuse", {"status": 500}, errors.InternalError),
    ("refuse", {"status": 504}, errors.DeadlineExceeded),
    ("html_page", {}, ValueError),
    ("html_page", {"status": 502}, errors.DatabricksError),
    ("cut_json", {}, ValueError),
    ("stale_read", {}, errors.ResourceDoesNotExist),
]


@pytest.mark.parametrize(("kind", "fields"), GOES_WELL_AFTER_ALL)
def test_the_sdk_gets_over_it(
    kind: str, fields: dict[str, Any], bad_days: WorkspaceServer, w: WorkspaceClient
) -> None:
    control(bad_days, match="GET */clusters/get", fault=kind, times=2, **fields)
    assert get(w, bad_days).state is compute.State.RUNNING
    (rule,) = control(bad_days)["rules"]
    assert rule["struck"] == (1 if kind in {"slow", "trickle"} else 2)


@pytest.mark.parametrize(("kind", "fields", "error"), RAISES)
def test_the_sdk_raises_its_own(
    kind: str,
    fields: dict[str, Any],
    error: type[Exception],
    bad_days: WorkspaceServer,
    w: WorkspaceClient,
) -> None:
    control(bad_days, match="GET */clusters/get", fault=kind, times=1, **fields)
    with pytest.raises(error):
        get(w, bad_days)
    assert get(w, bad_days).state is compute.State.RUNNING


@pytest.mark.parametrize(
    ("status", "error_code", "error"),
    [
        (429, "", errors.RequestLimitExceeded),
        (429, "RESOURCE_EXHAUSTED", errors.ResourceExhausted),
        (503, "", errors.TemporarilyUnavailable),
    ],
)
def test_the_sdk_tries_until_its_time_is_up(
    status: int, error_code: str, error: type[Exception], bad_days: WorkspaceServer
) -> None:
    w = WorkspaceClient(
        config=Config(host=bad_days.host, token=bad_days.token, retry_timeout_seconds=PATIENCE)
    )
    control(
        bad_days, match="GET */clusters/*", fault="refuse", status=status, error_code=error_code
    )
    with pytest.raises(TimeoutError) as gave_up:
        get(w, bad_days)
    assert type(gave_up.value.__cause__) is error


def test_a_word_that_nobody_knows_is_none(bad_days: WorkspaceServer, w: WorkspaceClient) -> None:
    control(bad_days, match="GET */clusters/get", fault="unknown_word")
    assert get(w, bad_days).state is None


@pytest.mark.parametrize(("token", "runs"), [(None, 2), ("once", 1)])
def test_a_lost_answer_starts_a_run_twice_unless_there_is_a_token(
    token: str | None, runs: int, bad_days: WorkspaceServer, w: WorkspaceClient
) -> None:
    control(bad_days, match="POST */runs/submit", fault="lose_answer", times=1)
    submit(w, token)
    assert len(list(w.jobs.list_runs())) == runs


@pytest.mark.parametrize(
    ("kind", "states", "same_driver"),
    [
        ("lose_context", {compute.State.RUNNING}, True),
        ("restart_driver", {compute.State.RUNNING}, False),
        ("lose_cluster", {compute.State.TERMINATING, compute.State.TERMINATED}, True),
    ],
)
def test_a_context_is_gone(
    kind: str,
    states: set[compute.State],
    same_driver: bool,
    bad_days: WorkspaceServer,
    w: WorkspaceClient,
) -> None:
    cluster_id = bad_days.workspace.cluster_id
    before = get(w, bad_days).spark_context_id
    made = w.command_execution.create(
        cluster_id=cluster_id, language=compute.Language.PYTHON
    ).result()
    control(bad_days, match="GET */contexts/status", fault=kind, times=1)
    with pytest.raises(errors.DatabricksError):
        w.command_execution.context_status(cluster_id, made.id or "")
    after = get(w, bad_days)
    assert after.state in states
    assert (after.spark_context_id == before) is same_driver


def test_each_kind_is_met_here() -> None:
    met = {kind for kind, *_ in GOES_WELL_AFTER_ALL} | {kind for kind, *_ in RAISES}
    assert met | {"unknown_word", "lose_context", "restart_driver", "lose_cluster"} == set(KINDS)
