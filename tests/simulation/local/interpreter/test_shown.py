"""Values as tables, with Spark's types."""

import datetime
from decimal import Decimal
from typing import NamedTuple

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter import grid, shown


class Point(NamedTuple):
    x: int
    y: Decimal | None


def test_rows_as_dicts_become_a_table() -> None:
    table = shown.of(
        [
            {"n": 1, "x": 0.5, "s": "a", "b": True, "when": datetime.date(2024, 1, 1)},
            {"n": None, "x": float("nan"), "s": None, "b": False, "more": [1, 2]},
        ]
    )

    assert table is not None
    assert table.rows == [
        [1, 0.5, "a", True, "2024-01-01", None],
        [None, "nan", None, False, None, [1, 2]],
    ]
    assert [each["type"] for each in table.schema()] == [
        '"long"',
        '"double"',
        '"string"',
        '"boolean"',
        '"date"',
        '{"type": "array", "elementType": "long", "containsNull": true}',
    ]


def test_named_tuples_become_a_table_and_other_values_do_not() -> None:
    table = shown.of([Point(1, Decimal("1.5")), Point(2, None)])

    assert table is not None
    assert [each["name"] for each in table.schema()] == ["x", "y"]
    assert table.rows == [[1, "1.5"], [2, None]]
    assert shown.of([1, 2]) is None
    assert shown.of({"a": 1}) is None
    assert shown.of([]) is None


def test_a_long_table_says_that_it_is_cut() -> None:
    table = shown.of([{"n": n} for n in range(shown.MAX_ROWS + 1)])

    assert table is not None
    assert table.truncated
    assert len(table.rows) == shown.MAX_ROWS


def test_a_pandas_frame_keeps_its_types() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": [1, 2], "x": [0.5, None], "s": ["a", None]})

    table = shown.of(frame)

    assert table is not None
    assert [each["type"] for each in table.schema()] == ['"long"', '"double"', '"string"']
    assert table.rows == [[1, 0.5, "a"], [2, None, None]]


def test_a_grid_is_drawn_as_spark_draws_it() -> None:
    rows = [[1, None, 98000.0], [2, "a long text that is longer than it may be", True]]

    assert grid.drawn(["id", "s", "x"], rows, 20) == (
        "+---+--------------------+-------+\n"
        "| id|                   s|      x|\n"
        "+---+--------------------+-------+\n"
        "|  1|                NULL|98000.0|\n"
        "|  2|a long text that ...|   true|\n"
        "+---+--------------------+-------+"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, None], "[1, NULL]"),
        ({"k": 1}, "{k -> 1}"),
        (b"\x01\xff", "[01 FF]"),
        (datetime.datetime(2024, 1, 1, 12), "2024-01-01 12:00:00"),
    ],
)
def test_a_cell_is_text_as_spark_casts_it(value: object, text: str) -> None:
    assert grid.text(value) == text


def test_a_schema_is_printed_as_a_tree() -> None:
    columns = [
        {"name": "id", "json": "long"},
        {
            "name": "tags",
            "json": {"type": "array", "elementType": "string", "containsNull": True},
        },
        {
            "name": "m",
            "json": {"type": "map", "keyType": "string", "valueType": "long"},
        },
        {
            "name": "st",
            "json": {"type": "struct", "fields": [{"name": "a", "type": "integer"}]},
        },
    ]

    assert grid.tree(columns).splitlines() == [
        "root",
        " |-- id: long (nullable = true)",
        " |-- tags: array (nullable = true)",
        " |    |-- element: string (containsNull = true)",
        " |-- m: map (nullable = true)",
        " |    |-- key: string",
        " |    |-- value: long (valueContainsNull = true)",
        " |-- st: struct (nullable = true)",
        " |    |-- a: integer (nullable = true)",
    ]
