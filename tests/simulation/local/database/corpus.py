"""Reads the corpus: statements of Databricks SQL, each with what it must give.

A file is a run of statements in one session.  Below each stands what is expected:

    SELECT upper('a') AS u, 1 AS n;
    -- u: string | n: int
    -- ["A", 1]

    SELECT 1 / 0;
    --! DIVIDE_BY_ZERO 22012 Division by zero. ...

    DROP TABLE t;
    -- ok

Expectations are recorded from real Spark (`record.py` in `tests/simulation/local/spark`), except
below a line `-- databricks: PAGE`: what only Databricks has is written by hand from that page.
`-- left out: WHY` marks what the local engine refuses, and must refuse clearly; `-- wording: WHY` a
failure whose class and SQLSTATE are Databricks', and whose sentence says less.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import field, frozen

FOLDER = Path(__file__).parent / "corpus"
MARKS = ("databricks", "left out", "wording")
DIGITS = 12  # of a float; the last ones depend on the order of a sum


@frozen
class Failure:
    """How a statement fails: `DIVIDE_BY_ZERO`, `22012`, and the sentence between the two."""

    error_class: str
    sql_state: str
    sentence: str

    def __str__(self) -> str:
        sentence = json.dumps(self.sentence, ensure_ascii=False)
        return f"--! {self.error_class} {self.sql_state} {sentence}"


@frozen
class Answer:
    """What a statement gives: columns as `name: type`, and rows as JSON."""

    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.columns:
            return "-- ok"
        return "\n".join([f"-- {' | '.join(self.columns)}", *(f"-- {row}" for row in self.rows)])


@frozen
class Case:
    """One statement, what it must give, and the marks above it."""

    name: str
    statement: str
    expected: Answer | Failure | None = None
    marks: Mapping[str, str] = field(factory=dict)
    comments: tuple[str, ...] = ()

    def __str__(self) -> str:
        marks = [f"-- {mark}: {said}" for mark, said in self.marks.items()]
        expected = [str(self.expected)] if self.expected is not None else []
        statement = [f"{self.statement};"] if self.statement else []
        return "\n".join([*self.comments, *marks, *statement, *expected])


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.sql"))


def cases(file: Path) -> list[Case]:
    """The statements of one file, in order."""
    found: list[Case] = []
    for block in file.read_text().strip().split("\n\n"):
        case = _case(f"{file.stem}-{len(found) + 1:03}", block.splitlines())
        found.append(case)
    return found


def _case(name: str, lines: Sequence[str]) -> Case:
    marks: dict[str, str] = {}
    comments: list[str] = []
    statement: list[str] = []
    told: list[str] = []
    for line in lines:
        mark, _, said = line.removeprefix("-- ").partition(": ")
        if statement and statement[-1].endswith(";"):
            told.append(line)
        elif line.startswith("-- ") and mark in MARKS:
            marks[mark] = said
        elif line.startswith("--") and not statement:
            comments.append(line)
        else:
            statement.append(line)
    text = "\n".join(statement).removesuffix(";")
    return Case(name, text, _expected(told), marks, tuple(comments))


def _expected(told: list[str]) -> Answer | Failure | None:
    match told:
        case []:
            return None
        case ["-- ok"]:
            return Answer()
        case [first] if first.startswith("--! "):
            error_class, state, sentence = first.removeprefix("--! ").split(" ", 2)
            return Failure(error_class, state, json.loads(sentence))
        case [columns, *rows]:
            return Answer(
                tuple(columns.removeprefix("-- ").split(" | ")),
                tuple(row.removeprefix("-- ") for row in rows),
            )
    raise AssertionError(told)


def written(file: Path, told: Sequence[Case]) -> None:
    """Writes cases back to their file."""
    file.write_text("\n\n".join(str(case) for case in told) + "\n")


def answer(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> Answer:
    """An answer from names, types as `DESCRIBE` spells them, and Python values."""
    return Answer(
        tuple(f"{name}: {kind}" for name, kind in columns),
        tuple(json.dumps([plain(value) for value in row], ensure_ascii=False) for row in rows),
    )


def ordered(statement: str, expected: Answer) -> Answer:
    """`expected` with its rows sorted, if the statement promises no order."""
    if "ORDER BY" in statement.upper():
        return expected
    return Answer(expected.columns, tuple(sorted(expected.rows)))


def plain(value: Any) -> Any:
    """A value as JSON, the same for Spark's Python values and for DuckDB's."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else str(value)
        case Decimal():
            return f"{value:f}"
        case datetime.datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case datetime.date():
            return value.isoformat()
        case datetime.timedelta():
            return str(value)
        case bytes() | bytearray():
            return f"0x{value.hex()}"
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case _ if hasattr(value, "asDict"):
            return {name: plain(item) for name, item in value.asDict().items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return str(value)
