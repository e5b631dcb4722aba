"""How results read: short, in tables, and saying what is cut."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from databricks_mcp_toolkit.protocol import results
from databricks_mcp_toolkit.protocol.results import cut, fenced, json_ready, table, window


def test_a_table_is_markdown() -> None:
    shown = table(("a", "b"), [(1, "x"), (None, {"k": [1]})])

    assert shown.text == '| a | b |\n|---|---|\n| 1 | x |\n|  | {"k": [1]} |'
    assert shown.rows == 2


def test_a_table_has_as_many_rows_as_fit_and_counts_them() -> None:
    shown = table(("n",), [(n,) for n in range(1000)], limit=200)

    assert len(shown.text) <= 200
    assert 10 < shown.rows < 1000
    assert shown.text.endswith(f"| {shown.rows - 1} |")


def test_one_row_always_fits() -> None:
    assert table(("n",), [("x" * 250,)], limit=10).rows == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a|b\nc", "a\\|b\\nc"),
        (" a  b ", " a  b "),
        (True, "true"),
        (1.5, "1.5"),
        ("x" * 400, "x" * results.CELL_LIMIT + "… (400 characters)"),
    ],
)
def test_a_cell_is_one_line_without_a_pipe(value: Any, shown: str) -> None:
    assert results.cell(value) == shown


def test_a_cut_text_keeps_both_ends_and_says_what_is_missing() -> None:
    text = "".join(f"{n:05}\n" for n in range(10_000))

    kept = cut(text, 1000, rest="call again")

    assert kept.startswith("00000\n")
    assert kept.endswith("09999\n")
    assert "59,000 of 60,000 characters left out; call again" in kept
    assert cut("short", 1000) == "short"


def test_windows_put_together_are_the_text() -> None:
    text = "".join(map(str, range(5000)))
    parts, offset = [], 0
    while True:
        part = window(text, offset, again="call", limit=1000)
        parts.append(part.text)
        offset += len(part.text)
        if "Go on" not in part.note:
            break
        assert part.note.endswith(f"offset={offset}.")

    assert "".join(parts) == text
    assert window("short", 0, again="call").note == ""
    assert window("short", 99, again="call").text == ""


def test_a_fence_is_longer_than_those_inside() -> None:
    assert fenced("```x```").startswith("````\n")


def test_escapes_of_a_terminal_are_taken_out() -> None:
    assert results.plain("\x1b[0;31mZeroDivisionError\x1b[0m \x1b]8;;u\x07x") == (
        "ZeroDivisionError x"
    )


@pytest.mark.parametrize(
    ("epoch_ms", "shown"),
    [(0, ""), (None, ""), (1_700_000_000_000, "2023-11-14 22:13:20Z"), (10**18, str(10**18))],
)
def test_a_moment_is_in_utc(epoch_ms: int | None, shown: str) -> None:
    assert results.moment(epoch_ms) == shown


def test_what_json_cannot_carry_is_told_in_words() -> None:
    ready = json_ready({"a": [math.nan, math.inf, "\ud800"], 1: b"x", "fine": (1, None, True)})

    assert json.loads(json.dumps(ready, allow_nan=False)) == {
        "a": ["nan", "inf", "?"],
        "1": "b'x'",
        "fine": [1, None, True],
    }
