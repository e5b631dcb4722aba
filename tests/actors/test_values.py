"""SQL values become the Python values that the manifest says they are, or stay as they came."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from databricks_mcp_toolkit.actors.values import parameters, typed
from databricks_mcp_toolkit.clients.statements import Column
from hypothesis import given
from hypothesis import strategies as st


def value(text: str | None, sql_type: str, type_name: str = "") -> Any:
    return typed([[text]], [Column("c", sql_type, type_name)])[0][0]


@pytest.mark.parametrize(
    ("text", "sql_type", "expected"),
    [
        ("true", "BOOLEAN", True),
        ("false", "BOOLEAN", False),
        ("-7", "TINYINT", -7),
        ("9007199254740993", "BIGINT", 9007199254740993),
        ("1.5", "DOUBLE", 1.5),
        ("-Infinity", "DOUBLE", -math.inf),
        ("1E-7", "FLOAT", 1e-7),
        ("12345678901234567890.12", "DECIMAL(38,2)", Decimal("12345678901234567890.12")),
        ("2026-01-31", "DATE", date(2026, 1, 31)),
        ("2026-01-31T10:00:00.000Z", "TIMESTAMP", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00:00.123", "TIMESTAMP_NTZ", datetime(2026, 1, 31, 10, 0, 0, 123000)),
        ("2026-01-31 10:00:00", "TIMESTAMP", datetime(2026, 1, 31, 10)),
        ("007", "STRING", "007"),
        ("x", "VARCHAR(10)", "x"),
        ("AAEC", "BINARY", "AAEC"),
        ("1-2", "INTERVAL YEAR TO MONTH", "1-2"),
        ('{"a": 1}', "VARIANT", '{"a": 1}'),
        ('["1",null,"3"]', "ARRAY<INT>", [1, None, 3]),
        ("[1,2]", "ARRAY<BIGINT>", [1, 2]),
        ('[["1"],[]]', "ARRAY<ARRAY<INT>>", [[1], []]),
        ('{"a":"1.5"}', "MAP<STRING,DOUBLE>", {"a": 1.5}),
        ('{"1":"x"}', "MAP<INT, STRING>", {1: "x"}),
        (
            '{"n":"1","d":"0.10","when":"2026-01-31","more":{"x y":["true"]}}',
            "STRUCT<n: INT NOT NULL, d: DECIMAL(10, 2) COMMENT 'a, > b', when: DATE, "
            "more: STRUCT<`x y`: ARRAY<BOOLEAN>>>",
            {"n": 1, "d": Decimal("0.10"), "when": date(2026, 1, 31), "more": {"x y": [True]}},
        ),
        ('{"a":0.1}', "STRUCT<a: DECIMAL(3,1)>", {"a": Decimal("0.1")}),
        ('{"a":0.1}', "STRUCT<a: DOUBLE>", {"a": 0.1}),
    ],
)
def test_a_value_is_what_its_type_says(text: str, sql_type: str, expected: Any) -> None:
    found = value(text, sql_type)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("sql_type", ["INT", "DATE", "ARRAY<INT>", "STRING"])
def test_null_is_none(sql_type: str) -> None:
    assert value(None, sql_type) is None


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(value("NaN", "DOUBLE"))


def test_a_kind_without_a_spelling_is_understood() -> None:
    assert value("7", "", "LONG") == 7


@pytest.mark.parametrize(
    ("text", "sql_type"),
    [
        ("+10000-01-01", "DATE"),
        ("maybe", "BOOLEAN"),
        ("seven", "INT"),
        ("no number", "DECIMAL(10,2)"),
        ("no json", "ARRAY<INT>"),
        ("[1]", "MAP<STRING, INT>"),
        ("[1]", "ARRAY<"),
        ("[1]", "STRUCT<a"),
        ("7", "SOMETHING_NEW"),
        ("7", "<<<>>>"),
    ],
)
def test_what_does_not_fit_stays_as_it_came(text: str, sql_type: str) -> None:
    assert value(text, sql_type) == text


def test_one_bad_value_leaves_the_others_typed() -> None:
    assert typed([["1"], ["x"], ["3"]], [Column("c", "INT")]) == [[1], ["x"], [3]]


def test_a_row_longer_than_the_schema_loses_nothing() -> None:
    assert typed([["1", "2"]], [Column("c", "INT")]) == [[1, "2"]]
    assert typed([["1", "2"]], []) == [["1", "2"]]


@given(st.text(), st.one_of(st.text(), st.from_regex(r"(ARRAY|MAP|STRUCT)<[\w<>,: ]{0,20}")))
def test_no_text_and_no_type_is_too_odd(text: str, sql_type: str) -> None:
    value(text, sql_type)


@pytest.mark.parametrize(
    ("given_value", "wire"),
    [
        (None, {}),
        (True, {"value": "true", "type": "BOOLEAN"}),
        (7, {"value": "7", "type": "BIGINT"}),
        (2**63, {"value": str(2**63), "type": "DECIMAL(38,0)"}),
        (1.5, {"value": "1.5", "type": "DOUBLE"}),
        (Decimal("1.50"), {"value": "1.50", "type": "DECIMAL(38,2)"}),
        (date(2026, 1, 31), {"value": "2026-01-31", "type": "DATE"}),
        (datetime(2026, 1, 31), {"value": "2026-01-31T00:00:00", "type": "TIMESTAMP_NTZ"}),
        (
            datetime(2026, 1, 31, tzinfo=UTC),
            {"value": "2026-01-31T00:00:00+00:00", "type": "TIMESTAMP"},
        ),
        ("x", {"value": "x", "type": "STRING"}),
    ],
)
def test_parameters_go_out_with_their_types(given_value: Any, wire: dict[str, str]) -> None:
    assert parameters({"p": given_value}) == [{"name": "p", **wire}]


def test_databricks_own_parameter_objects_are_taken_as_they_are() -> None:
    own = [{"name": "p", "value": "1", "type": "INT"}]
    assert parameters(own) == own
