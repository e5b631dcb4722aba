from __future__ import annotations

from typing import Any

import pytest
from databricks_mcp_toolkit.clients.clusters import Cluster, ClusterState
from databricks_mcp_toolkit.clients.commands import Command, CommandStatus
from databricks_mcp_toolkit.clients.runs import LifeCycleState, ResultState, Run
from databricks_mcp_toolkit.clients.statements import Statement
from databricks_mcp_toolkit.clients.wire import Unreadable, structure


def test_what_databricks_adds_later_survives_in_wire() -> None:
    sent = {"cluster_id": "c", "brand_new": {"deep": [1]}, "cluster_name": None}
    cluster = structure(sent, Cluster)
    assert cluster.wire == sent
    assert cluster.cluster_name == ""


def test_a_model_within_a_model_keeps_its_own_wire() -> None:
    run = structure(
        {"run_id": 1, "state": {"life_cycle_state": "RUNNING", "new": 1}, "tasks": [{"run_id": 2}]},
        Run,
    )
    assert run.state
    assert run.state.wire == {"life_cycle_state": "RUNNING", "new": 1}
    assert run.tasks[0].wire == {"run_id": 2}


def test_known_states_are_members_and_unknown_ones_stay_words() -> None:
    known = structure({"cluster_id": "c", "state": "RUNNING"}, Cluster)
    unknown = structure({"cluster_id": "c", "state": "HIBERNATING"}, Cluster)
    assert known.state is ClusterState.RUNNING
    assert unknown.state == "HIBERNATING"
    assert type(unknown.state) is str


def test_a_state_may_be_absent() -> None:
    run = structure({"run_id": 1, "state": {"life_cycle_state": "PENDING"}}, Run)
    assert run.state
    assert run.state.life_cycle_state is LifeCycleState.PENDING
    assert run.state.result_state is None
    assert structure({"run_id": 1}, Run).state is None


def test_an_optional_state_is_a_member_too() -> None:
    run = structure({"run_id": 1, "state": {"result_state": "SUCCESS"}}, Run)
    assert run.state
    assert run.state.result_state is ResultState.SUCCESS


@pytest.mark.parametrize("sent", [2**60 + 1, str(2**60 + 1)])
def test_a_large_id_keeps_every_digit_as_a_number_or_a_string(sent: Any) -> None:
    assert structure({"run_id": sent}, Run).run_id == 2**60 + 1


def test_an_id_that_is_sent_as_a_number_becomes_a_string() -> None:
    command = structure({"id": 7, "status": "Finished"}, Command)
    assert (command.id, command.status) == ("7", CommandStatus.FINISHED)


def test_command_results_are_renamed_and_their_values_untouched() -> None:
    rows = [[1, None, {"a": 1.5}]]
    sent = {"id": "c", "results": {"resultType": "table", "data": rows, "fileNames": ["a"]}}
    results = structure(sent, Command).results
    assert results
    assert results.result_type == "table"
    assert results.data is rows
    assert results.file_names == ("a",)


def test_rows_are_taken_over_and_not_copied() -> None:
    rows = [["1", None]]
    statement = structure({"statement_id": "s", "result": {"data_array": rows}}, Statement)
    assert statement.result
    assert statement.result.data_array is rows


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({}, "'run_id' is missing"),
        ({"run_id": None}, "'run_id' is missing"),
        ({"run_id": "seven"}, r"does not fit @ \$\.run_id"),
        ({"run_id": 1.5}, r"an integer is expected, not number @ \$\.run_id"),
        ({"run_id": True}, "not boolean"),
        ({"run_id": 1, "tasks": {"run_id": 1}}, "tasks"),
        ({"run_id": 1, "tasks": [{"run_id": 1}, {}]}, r"@ \$\.tasks\[1\]"),
        ({"run_id": 1, "state": "RUNNING"}, r"an object is expected, not string @ \$\.state"),
        ({"run_id": 1, "run_name": ["x"]}, r"a string is expected, not array @ \$\.run_name"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(sent: dict[str, Any], fault: str) -> None:
    with pytest.raises(Unreadable, match=fault):
        structure(sent, Run)


def test_a_fault_shows_no_value() -> None:
    with pytest.raises(Unreadable) as caught:
        structure({"run_id": "hush-hush"}, Run)
    assert "hush-hush" not in str(caught.value)


def test_what_may_be_large_or_secret_is_not_in_a_repr() -> None:
    sent = {
        "statement_id": "s",
        "result": {
            "data_array": [["hush-hush"]],
            "external_links": [
                {"external_link": "https://hush-hush", "http_headers": {"k": "hush-hush"}}
            ],
        },
        "more": "hush-hush",
    }
    assert "hush-hush" not in repr(structure(sent, Statement))
