from __future__ import annotations

import typing
from typing import Any

import attrs
import pytest
from databricks_mcp_toolkit.clients.clusters import Cluster, ClusterState
from databricks_mcp_toolkit.clients.commands import Command, CommandStatus
from databricks_mcp_toolkit.clients.jobs import Job
from databricks_mcp_toolkit.clients.runs import LifeCycleState, ResultState, Run, RunOutput
from databricks_mcp_toolkit.clients.statements import ResultChunk, Statement
from databricks_mcp_toolkit.clients.wire import Unreadable, structure
from databricks_mcp_toolkit.clients.workspace import Export
from hypothesis import given, settings
from hypothesis import strategies as st


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


@pytest.mark.parametrize("rows", [{}, "x", [["a"], "b"], [None]])
def test_what_is_taken_over_untouched_has_the_right_shape_all_the_same(rows: Any) -> None:
    with pytest.raises(Unreadable, match=r"an array of arrays is expected @ \$\.data_array"):
        structure({"data_array": rows}, ResultChunk)
    with pytest.raises(Unreadable, match=r"an object is expected, not array @ \$\.settings"):
        structure({"job_id": 1, "settings": []}, Job)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def names_on_the_wire(model: Any, seen: set[Any]) -> set[str]:
    """Every field name of a model and of the models in it, as Databricks spells it."""
    if model in seen:
        return set()
    seen.add(model)
    if not attrs.has(model):
        inner = [names_on_the_wire(each, seen) for each in typing.get_args(model)]
        return set().union(*inner)
    names: set[str] = set()
    for each in attrs.fields(attrs.resolve_types(model)):
        names |= {each.metadata.get("wire", each.name)} | names_on_the_wire(each.type, seen)
    return names


def answers_to(model: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """The model, and JSON that has its field names and anything in them."""
    names = st.sampled_from(sorted(names_on_the_wire(model, set())))
    return st.tuples(
        st.just(model),
        st.recursive(
            JSON, lambda inner: st.dictionaries(names, inner) | st.lists(inner), max_leaves=20
        ),
    )


MODELS: list[Any] = [Cluster, Job, Run, RunOutput, Statement, Command, Export]


@settings(max_examples=200)
@given(st.one_of([answers_to(model) for model in MODELS]))
def test_whatever_arrives_it_is_the_model_or_unreadable(case: tuple[Any, Any]) -> None:
    model, sent = case
    try:
        made = structure(sent, model)
    except Unreadable:
        return
    assert made.wire is sent
    assert repr(made)


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
