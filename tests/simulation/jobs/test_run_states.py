"""The tables of run states, and the outcome of a whole run from those of its tasks."""

import pytest
from databricks.sdk.service import jobs as sdk
from databricks_mcp_toolkit.simulation.jobs import run_states
from databricks_mcp_toolkit.simulation.jobs.run_states import (
    CANCELED,
    DISABLED,
    EXCLUDED,
    FINAL,
    NEXT,
    SUCCESS,
    SUCCESS_WITH_FAILURES,
    TIMEDOUT,
    UPSTREAM_CANCELED,
    UPSTREAM_FAILED,
    V2_STATE,
    VERDICTS,
    WORKLOAD_FAILED,
    LastAttempt,
    LifeCycleState,
    Outcome,
    ResultState,
    of_all,
)

OUTCOMES = [value for value in vars(run_states).values() if isinstance(value, Outcome)]


def task(key: str, outcome: Outcome, *upstream: str) -> LastAttempt:
    return LastAttempt(key, upstream, outcome)


def test_every_word_is_one_the_sdk_knows() -> None:
    """Otherwise its waiters would poll for ever."""
    assert {state.value for state in LifeCycleState} == {s.value for s in sdk.RunLifeCycleState}
    assert set(V2_STATE.values()) == {s.value for s in sdk.RunLifecycleStateV2State}
    assert {state.value for state in ResultState} <= {s.value for s in sdk.RunResultState}
    for outcome in OUTCOMES:
        assert outcome.code in {code.value for code in sdk.TerminationCodeCode}
        assert outcome.type in {kind.value for kind in sdk.TerminationTypeType}


def test_the_tables_are_complete() -> None:
    assert set(NEXT) == set(LifeCycleState) == set(V2_STATE)
    assert set(VERDICTS) == {*ResultState, None}
    assert all(bool(NEXT[state]) != (state in FINAL) for state in LifeCycleState)
    assert all(outcome.final in FINAL for outcome in OUTCOMES)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([task("a", SUCCESS)], SUCCESS),
        ([task("a", WORKLOAD_FAILED), task("b", SUCCESS, "a")], SUCCESS_WITH_FAILURES),
        ([task("a", SUCCESS), task("b", EXCLUDED, "a")], SUCCESS),
        ([task("a", DISABLED)], SUCCESS),
        ([task("a", CANCELED), task("b", UPSTREAM_CANCELED, "a")], CANCELED),
        ([task("a", TIMEDOUT)], TIMEDOUT),
        ([task("a", TIMEDOUT), task("b", UPSTREAM_FAILED, "a")], TIMEDOUT),
    ],
)
def test_leaves_decide(tasks: list[LastAttempt], expected: Outcome) -> None:
    assert of_all(tasks) == expected


def test_a_failed_task_makes_its_run_an_internal_error_with_its_message() -> None:
    outcome = of_all([task("etl", WORKLOAD_FAILED)])
    assert outcome.final is LifeCycleState.INTERNAL_ERROR
    assert outcome.result is ResultState.FAILED
    assert outcome.message == (
        "Task etl failed with message: Workload failed, see run output for details."
    )
    assert (outcome.code, outcome.type) == ("RUN_EXECUTION_ERROR", "CLIENT_ERROR")


def test_the_message_says_that_tasks_were_skipped() -> None:
    outcome = of_all([task("a", WORKLOAD_FAILED), task("b", UPSTREAM_FAILED, "a")])
    assert outcome.message.endswith("This caused all downstream tasks to get skipped.")


def test_an_excluded_leaf_does_not_hide_the_failure_before_it() -> None:
    assert of_all([task("a", WORKLOAD_FAILED), task("b", EXCLUDED, "a")]).result == "FAILED"


def test_a_failed_task_and_a_timed_out_one_make_a_failed_run() -> None:
    assert of_all([task("a", TIMEDOUT), task("b", WORKLOAD_FAILED)]).result == "FAILED"


def test_the_result_shows_only_when_a_run_is_over() -> None:
    running = run_states.state_wire(LifeCycleState.TERMINATING, SUCCESS)
    over = run_states.state_wire(LifeCycleState.TERMINATED, SUCCESS)
    assert "result_state" not in running
    assert over["result_state"] == "SUCCESS"


def test_a_queued_run_says_what_it_waits_for() -> None:
    state = run_states.state_wire(LifeCycleState.QUEUED, None, "", "too many")
    status = run_states.status_wire(LifeCycleState.QUEUED, None, "too many")
    assert state["queue_reason"] == "too many"
    assert status["queue_details"] == {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": "too many"}


def test_a_skipped_run_has_no_result_state() -> None:
    outcome = run_states.too_many_runs(1)
    assert run_states.state_wire(LifeCycleState.SKIPPED, outcome) == {
        "life_cycle_state": "SKIPPED",
        "state_message": (
            "Skipping this run because the limit of 1 maximum concurrent runs has been reached."
        ),
        "user_cancelled_or_timedout": False,
    }
    status = run_states.status_wire(LifeCycleState.SKIPPED, outcome)
    assert status["state"] == "TERMINATED"
    assert status["termination_details"]["code"] == "MAX_CONCURRENT_RUNS_EXCEEDED"
