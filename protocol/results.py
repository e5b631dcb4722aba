"""What a tool answers: Databricks' own fields for programs, and a short text for a model.

Rules of the text:

* It opens with the outcome.  What goes on is told as going on, with what to call next.
* Rows are Markdown tables, half the tokens of JSON.
* What is cut says so, how much there is, and how to get the rest.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

TEXT_LIMIT = 16_000  # characters, some 4000 tokens: what a model reads without losing its thread
CELL_LIMIT = 300  # characters of one value in a table
CELLS_CUT = "Long values are cut here; the structured content has them whole."
LINE_LIMIT = 2_000  # characters of a message that should be one line
TAIL_SHARE = 4  # one part in this many of a cut text is its end, where errors and totals stand
HEAD = TEXT_LIMIT - TEXT_LIMIT // TAIL_SHARE  # characters of a cut text that are its beginning

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@attrs.frozen
class Answer:
    """A tool's answer.

    Attributes:
      structured: a JSON object, with Databricks' names for what is Databricks'.
      text: the same for a model, short.
      images: data URLs of pictures, for models that can see.
      failed: the tool could not do what it was asked for.
    """

    structured: dict[str, Any] = attrs.field(repr=False)
    text: str
    images: tuple[str, ...] = attrs.field(default=(), repr=False)
    failed: bool = False


def lines(*parts: str | None) -> str:
    """The parts that there are, one a line."""
    return "\n".join(part for part in parts if part)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], limit: int = TEXT_LIMIT) -> Table:
    """A Markdown table of as many rows as fit in `limit` characters; the first one always fits."""
    head = [_row(columns), "|" + "---|" * len(columns)]
    length = sum(len(line) + 1 for line in head)
    shown: list[str] = []
    cells_cut = False
    for row in rows:
        line = _row(row)
        length += len(line) + 1
        if shown and length > limit:
            break
        shown.append(line)
        cells_cut = cells_cut or any(len(_text(value)) > CELL_LIMIT for value in row)
    return Table("\n".join([*head, *shown]), len(shown), cells_cut)


@attrs.frozen
class Table:
    """A Markdown table, how many of the rows are in it, and whether it holds only parts of some."""

    text: str = attrs.field(repr=False)
    rows: int
    cells_cut: bool = False


def _row(values: Sequence[Any]) -> str:
    return "| " + " | ".join(cell(value) for value in values) + " |"


def cell(value: Any) -> str:
    """A value as it stands in a table: one line, no bare pipe, its blanks kept, long ones cut."""
    text = _text(value)
    if len(text) > CELL_LIMIT:
        text = f"{text[:CELL_LIMIT]}… ({len(text):,} characters)"
    return "\\n".join(text.splitlines()).replace("|", "\\|")


def with_nulls(rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Rows of a query as a table shows them: an empty cell is an empty text, and no NULL."""
    for row in rows:
        yield ["NULL" if value is None else value for value in row]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def cut(text: str, limit: int = TEXT_LIMIT, *, rest: str = "") -> str:
    """`text`, or its beginning and end with a line between that says how much is left out.

    Args:
      text: of any length.
      limit: characters to keep.
      rest: how to get what is left out.
    """
    if len(text) <= limit:
        return text
    tail = limit // TAIL_SHARE
    left_out = len(text) - limit
    note = f"[… {left_out:,} of {len(text):,} characters left out{'; ' + rest if rest else ''} …]"
    return f"{text[: limit - tail]}\n{note}\n{text[-tail:]}"


@attrs.frozen
class Window:
    """A part of a long text, and a note on where it lies and how to get more; no note if whole."""

    text: str = attrs.field(repr=False)
    note: str


def window(text: str, offset: int, *, again: str, limit: int = TEXT_LIMIT) -> Window:
    """At most `limit` characters of `text` from `offset` on.

    Args:
      text: of any length.
      offset: characters to skip.
      again: how to ask for the rest, to which the next offset is added.
      limit: characters to keep.
    """
    part = text[offset : offset + limit]
    if len(part) == len(text):
        return Window(part, "")
    end = offset + len(part)
    note = f"Characters {offset:,} to {end:,} of {len(text):,}."
    return Window(part, f"{note} Go on: {again} offset={end}." if end < len(text) else note)


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """`text` on one line, cut where it is longer than a line should be."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def plain(text: str) -> str:
    """Without the escapes that colour it on a terminal."""
    return _ANSI.sub("", text)


def fenced(text: str, language: str = "") -> str:
    """A Markdown code block, with a fence that the text itself does not have."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def moment(epoch_ms: int | None) -> str:
    """An instant in UTC, or empty when there is none."""
    if not epoch_ms or epoch_ms < 0:
        return ""
    try:
        return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return str(epoch_ms)


def seconds(value: float) -> str:
    """A number of seconds as people write it."""
    return f"{value:g} s"


def json_ready(value: Any) -> Any:
    """`value` with what JSON cannot carry made text: NaN, lone surrogates, keys of other types.

    Only needed for an answer that could not be written as it was.
    """
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case float() if not math.isfinite(value):
            return str(value)
        case Mapping():
            return {json_ready(str(name)): json_ready(inner) for name, inner in value.items()}
        case list() | tuple():
            return [json_ready(inner) for inner in value]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)
