"""The program's log is bounded."""

from __future__ import annotations

import logging

import pytest
from databricks_mcp_toolkit.logs import A_MINUTE, LONGEST_LINE, Bounded


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("toolkit", logging.WARNING, __file__, 1, text, None, None)


def test_a_long_line_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Bounded(A_MINUTE).emit(record("x" * 10_000_000))
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) < LONGEST_LINE + 100
    assert line.endswith(" characters)")


def test_a_flood_is_cut_and_what_is_left_out_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    handler = Bounded(A_MINUTE, now=lambda: now[0])
    for number in range(100_000):
        handler.emit(record(f"line {number}"))
    assert len(capsys.readouterr().err.splitlines()) == A_MINUTE
    now[0] = 61.0
    handler.emit(record("the next minute"))
    told, following = capsys.readouterr().err.splitlines()
    assert told.startswith(f"{100_000 - A_MINUTE:,} more lines are left out")
    assert following.endswith("the next minute")


def test_what_was_left_out_last_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    handler = Bounded(1)
    handler.emit(record("one"))
    handler.emit(record("two"))
    handler.close()
    assert capsys.readouterr().err.splitlines()[-1].startswith("1 more lines are left out")
