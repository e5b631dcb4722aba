"""Arguments: what is accepted, and that every fault is named at once, in a line each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs
import pytest
from databricks_mcp_toolkit.errors import InvalidArguments
from databricks_mcp_toolkit.protocol.arguments import MAX_DEPTH, MAX_FAULTS, body, structure
from databricks_mcp_toolkit.protocol.schema import argument, rest
from hypothesis import given
from hypothesis import strategies as st


class Speed(StrEnum):
    SLOW = "slow"
    FAST = "fast"


@attrs.frozen
class Trip:
    run_id: int = argument("The run", minimum=1)
    speed: Speed = argument(default=Speed.SLOW)
    pause: float = argument(default=5.0, minimum=0.1, maximum=600)
    name: str | None = argument(default=None, maxLength=10, pattern="^[a-z]+$")
    words: list[str] | None = argument(default=None)
    labels: dict[str, str] | None = argument(default=None)
    stops: list[dict[str, Any]] | None = argument(default=None)
    loud: bool | None = argument(default=None)


@attrs.frozen
class Nothing:
    pass


def faults(cls: type, given: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidArguments) as refusal:
        structure(cls, given)
    return refusal.value.faults


def test_sound_arguments_become_typed() -> None:
    trip = structure(Trip, {"run_id": 7, "speed": "fast", "words": ["a"], "labels": {"k": "v"}})

    assert trip == Trip(run_id=7, speed=Speed.FAST, words=["a"], labels={"k": "v"})
    assert isinstance(trip.speed, Speed)
    assert trip.pause == 5.0


@pytest.mark.parametrize(
    "wrapped", [{"params": {"run_id": 7}}, {"arguments": {"run_id": 7}}, {"run_id": 7}]
)
def test_params_may_be_wrapped_around_the_arguments(wrapped: dict[str, Any]) -> None:
    assert structure(Trip, wrapped) == Trip(run_id=7)


def test_numbers_truths_objects_and_lists_may_be_written_as_text() -> None:
    trip = structure(
        Trip,
        {
            "run_id": "7",
            "pause": "2.5",
            "loud": "true",
            "words": '["a"]',
            "labels": ' {"k": "v"}',
            "name": "true",
        },
    )

    assert trip == Trip(run_id=7, pause=2.5, loud=True, words=["a"], labels={"k": "v"}, name="true")


@pytest.mark.parametrize(
    "wrong",
    [{"pause": "1e9"}, {"loud": "yes"}, {"words": "a"}, {"words": '{"a": 1}'}, {"labels": "{"}],
)
def test_text_that_says_no_such_thing_stays_text(wrong: dict[str, str]) -> None:
    (fault,) = faults(Trip, {"run_id": 7, **wrong})

    assert json.dumps(*wrong.values()) in fault


def test_text_that_holds_an_object_too_deep_is_refused_like_the_object() -> None:
    (fault,) = faults(Trip, {"run_id": 7, "stops": "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2)})

    assert f"nested more than {MAX_DEPTH} levels" in fault
    (fault,) = faults(Trip, {"run_id": 7, "stops": "[" * 100_000})
    assert fault.startswith("stops: expected a list of objects, got ")


@pytest.mark.parametrize("none", [None, {}, {"params": {}}])
def test_no_arguments_are_no_arguments(none: Any) -> None:
    assert structure(Nothing, none) == Nothing()


@pytest.mark.parametrize("nonsense", [None, 7, "run_id", [], [1], True, 1.5])
def test_params_that_are_no_object_are_refused(nonsense: Any) -> None:
    (fault,) = faults(Trip, {"params": nonsense})

    assert fault.startswith("params: expected an object of arguments, got ")


def test_params_with_arguments_beside_it_is_refused() -> None:
    (fault,) = faults(Trip, {"params": {"run_id": 7}, "pause": 1})

    assert fault.startswith("params: put every argument inside it")


def test_every_fault_is_named_at_once_and_says_what_is_right() -> None:
    wrong = {
        "run_id": 0,
        "speed": "ludicrous",
        "pause": "soon",
        "name": "Ab",
        "words": ["a", 2],
        "labels": {"k": 3},
        "stops": [{}, 1],
        "nam": "x",
    }

    assert faults(Trip, wrong) == (
        "run_id: expected a whole number of 1 or more, got 0",
        'speed: expected one of slow, fast, got "ludicrous"',
        'pause: expected a number from 0.1 to 600, got "soon"',
        'name: expected text of at most 10 characters like ^[a-z]+$, got "Ab"',
        "words[1]: expected text, got 2 without quotes",
        "labels.k: expected text, got 3 without quotes",
        "stops[1]: expected an object, got 1",
        "nam: unknown, did you mean name?",
    )


def test_a_missing_argument_is_named_with_what_it_is_for() -> None:
    assert faults(Trip, {}) == ("run_id: required, a whole number of 1 or more (The run)",)


def test_an_unknown_argument_is_told_what_there_is() -> None:
    (fault,) = faults(Trip, {"run_id": 1, "zzz": 2})

    assert fault == "zzz: unknown, the arguments are " + ", ".join(
        field.name for field in attrs.fields(Trip)
    )
    assert faults(Nothing, {"zzz": 2}) == ("zzz: unknown, the tool takes no arguments",)


def test_null_means_not_given_for_what_is_optional_only() -> None:
    assert structure(Trip, {"run_id": 1, "name": None, "pause": None}) == Trip(run_id=1)
    assert faults(Trip, {"run_id": None}) == (
        "run_id: expected a whole number of 1 or more, got null",
    )


@pytest.mark.parametrize("digits", ["7", "9007199254740993"])
def test_an_id_may_come_in_digits_since_some_clients_count_in_doubles(digits: str) -> None:
    assert structure(Trip, {"run_id": digits}).run_id == int(digits)


@pytest.mark.parametrize("digits", ["-7", "7.0", "seven", "", "7 ", "\u0667", "1e3"])
def test_other_text_is_no_id(digits: str) -> None:
    assert len(faults(Trip, {"run_id": digits})) == 1


@pytest.mark.parametrize(("value", "kind"), [(True, "true"), (1.5, "1.5"), ([1], "a list")])
def test_a_whole_number_is_not_made_of_something_else(value: Any, kind: str) -> None:
    (fault,) = faults(Trip, {"run_id": value})

    assert f"got {kind}" in fault


def test_a_whole_float_is_a_whole_number_as_in_json() -> None:
    run_id = structure(Trip, {"run_id": 7.0}).run_id

    assert (run_id, type(run_id)) == (7, int)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    assert faults(Trip, {"run_id": 1, "pause": value}) == (
        f"pause: expected a finite number, got {value}",
    )


def test_a_pattern_is_for_the_whole_text() -> None:
    assert len(faults(Trip, {"run_id": 1, "name": "abc\n"})) == 1


def test_huge_numbers_are_refused_without_being_printed() -> None:
    assert faults(Trip, {"run_id": 10**5000}) == ("run_id: a whole number beyond 64 bits",)


def test_text_that_is_no_unicode_is_refused() -> None:
    assert faults(Trip, {"run_id": 1, "words": ["a\ud800"]}) == (
        "words[0]: has characters that are not valid Unicode",
    )


def test_deep_nesting_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"d": deep}

    (fault,) = faults(Trip, {"run_id": 1, "stops": [deep]})

    assert f"more than {MAX_DEPTH} levels deep" in fault
    assert len(fault) < 400
    while deep:  # taken apart by hand: Python's own way is recursive
        deep = deep["d"]


def test_a_crowd_of_values_is_refused() -> None:
    (fault,) = faults(Trip, {"run_id": 1, "words": ["a"] * 60_000})

    assert "more than 50,000 values" in fault


def test_what_is_no_json_is_refused() -> None:
    assert faults(Trip, {"run_id": 1, "words": [b"x"]}) == ("words[0]: a bytes is not JSON",)
    assert faults(Trip, {"run_id": 1, "labels": {1: "x"}}) == (
        "labels: has a name that is no text: 1",
    )
    assert faults(Trip, [1]) == ("arguments: expected an object, got a list of 1 items",)


def test_a_long_text_is_not_shown_back() -> None:
    (fault,) = faults(Trip, {"run_id": "x" * 10_000_000})

    assert len(fault) < 200
    assert "(10,000,000 characters)" in fault


def test_many_faults_are_counted() -> None:
    told = faults(Trip, {"run_id": 1, "words": list(range(100))})

    assert len(told) == MAX_FAULTS + 1
    assert told[-1] == f"... and {100 - MAX_FAULTS} more of the kind"


@attrs.frozen
class Both:
    least: int | None = argument(default=None)
    most: int | None = argument(default=None)
    others: dict[str, Any] = rest()

    @classmethod
    def unwrap(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return given.get("both", given)

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[str]:
        if given.get("least") is None and given.get("most") is None:
            yield "least: required, or most"


def test_faults_between_arguments_stand_beside_those_of_the_schema() -> None:
    assert faults(Both, {"least": None, "most": None}) == ("least: required, or most",)
    assert len(faults(Both, {"most": "x"})) == 1


def test_a_class_may_accept_another_spelling() -> None:
    assert structure(Both, {"params": {"both": {"least": 1}}}) == Both(least=1)


def test_a_body_is_what_was_given_and_nothing_else() -> None:
    both = structure(Both, {"least": 1, "new_field": {"x": [1]}})

    assert both.others == {"new_field": {"x": [1]}}
    assert body(both) == {"least": 1, "new_field": {"x": [1]}}
    assert body(structure(Trip, {"run_id": 3, "speed": "fast"})) == {
        "run_id": 3,
        "speed": "fast",
        "pause": 5.0,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([f.name for f in attrs.fields(Trip)]), JSON) | JSON)
def test_rubbish_is_built_or_refused_with_short_lines(rubbish: Any) -> None:
    try:
        trip = structure(Trip, rubbish)
    except InvalidArguments as refused:
        told = refused.faults
    else:
        assert trip.run_id >= 1
        told = (json.dumps(body(trip), allow_nan=False),)

    assert told
    assert all("\n" not in line and len(line) < 1000 for line in told)
