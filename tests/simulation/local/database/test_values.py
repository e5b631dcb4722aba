"""Values on the wire, as Java and Spark write them."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.local.database import types, values
from hypothesis import given
from hypothesis import strategies as st

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.5, "1.5"),
        (98000.0, "98000.0"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12345678.9, "1.23456789E7"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (1e300, "1.0E300"),
        (-2.5e-5, "-2.5E-5"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_double_is_written_as_java_writes_it(value: float, text: str) -> None:
    assert values.double_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_double_reads_back_as_itself(value: float) -> None:
    assert float(values.double_text(value)) == value


@pytest.mark.parametrize(
    ("kind", "value", "on_the_wire"),
    [
        (types.LONG, 7, "7"),
        (types.BOOLEAN, True, "true"),
        (types.STRING, "x", "x"),
        (types.STRING, None, None),
        (types.decimal(10, 2), Decimal("1.50"), "1.50"),
        (types.SparkType("DATE", "DATE", "date"), datetime.date(2024, 1, 31), "2024-01-31"),
        (
            types.SparkType("TIMESTAMP", "TIMESTAMP", "timestamp"),
            datetime.datetime(2024, 1, 31, 12, tzinfo=UTC),
            "2024-01-31T12:00:00.000Z",
        ),
        (
            types.SparkType("TIMESTAMP", "TIMESTAMP", "timestamp"),
            datetime.datetime(2024, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
            "2024-01-31T12:00:00.123456Z",
        ),
        (
            types.SparkType("TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz"),
            datetime.datetime(2024, 1, 31, 12),
            "2024-01-31T12:00:00.000",
        ),
        (types.SparkType("BINARY", "BINARY", "binary"), b"\xff", "/w=="),
        (types.array(types.LONG), [1, None], '["1",null]'),
        (types.mapping(types.LONG, types.BOOLEAN), {1: True}, '{"1":"true"}'),
        (
            types.struct({"a": types.LONG, "b": types.array(types.decimal(3, 2))}),
            {"a": 1, "b": [Decimal("1.50")]},
            '{"a":"1","b":["1.50"]}',
        ),
        (types.struct({"a": types.STRING}), {"a": "é"}, '{"a":"é"}'),
        (types.SparkType("VARIANT", "VARIANT", "variant"), {"a": [1, "x"]}, '{"a":[1,"x"]}'),
    ],
)
def test_a_value_becomes_the_string_that_databricks_sends(
    kind: types.SparkType, value: Any, on_the_wire: str | None
) -> None:
    assert values.wire(kind)(value) == on_the_wire


@pytest.mark.parametrize(
    ("value", "units", "text"),
    [
        (
            datetime.timedelta(days=1, hours=2, minutes=3, microseconds=4_123_400),
            "DAY TO SECOND",
            "1 02:03:04.1234",
        ),
        (datetime.timedelta(days=-3, seconds=-61), "DAY TO SECOND", "-3 00:01:01"),
        (datetime.timedelta(hours=10), "HOUR", "10"),
        (datetime.timedelta(days=2, hours=1), "HOUR", "49"),
        (datetime.timedelta(seconds=1.5), "SECOND", "01.5"),
        (datetime.timedelta(days=1, hours=2), "DAY TO HOUR", "1 02"),
        (datetime.timedelta(minutes=2, seconds=3), "MINUTE TO SECOND", "02:03"),
        ("1-2", "YEAR TO MONTH", "1-2"),
        ("-1-2", "MONTH", "-14"),
        ("3-0", "YEAR", "3"),
    ],
)
def test_an_interval_is_sent_as_its_literal(
    value: datetime.timedelta | str, units: str, text: str
) -> None:
    kind = types.interval(units)

    assert values.wire(kind)(value) == f"INTERVAL '{text}' {units}"


def test_commands_get_json_and_not_strings() -> None:
    kind = types.struct({"n": types.LONG, "x": types.SparkType("DOUBLE", "DOUBLE", "double")})

    assert values.native(kind)({"n": 1, "x": 0.5}) == {"n": 1, "x": 0.5}
    assert values.native(kind)({"n": None, "x": float("inf")}) == {"n": None, "x": "Infinity"}


def test_a_single_float_shows_no_digits_that_it_does_not_have() -> None:
    kind = types.SparkType("FLOAT", "FLOAT", "float")

    assert values.wire(kind)(0.10000000149011612) == "0.1"
    assert values.native(kind)(0.10000000149011612) == 0.1


def test_a_sum_beyond_a_bigint_overflows() -> None:
    with pytest.raises(values.Overflow):
        values.wire(types.LONG)(2**63)


def test_a_type_has_three_spellings() -> None:
    kind = types.array(types.struct({"a": types.decimal(5, 1)}))

    assert (kind.name, kind.text) == ("ARRAY", "ARRAY<STRUCT<a: DECIMAL(5,1)>>")
    assert kind.json == {
        "type": "array",
        "elementType": {
            "type": "struct",
            "fields": [{"name": "a", "type": "decimal(5,1)", "nullable": True, "metadata": {}}],
        },
        "containsNull": True,
    }
