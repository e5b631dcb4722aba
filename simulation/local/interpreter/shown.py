"""What a command shows beside its text: tables from `display`, and pictures.

A table's schema is Spark's, whatever the data came in: a data frame of Spark's, sqlframe's or
pandas', or rows.  Rows are JSON values.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .database import Answer

MAX_ROWS = 10_000  # what `display` shows on Databricks


@frozen
class Table:
    """A shown table: columns as `{"name", "json"}`, and rows of JSON values."""

    columns: Sequence[Mapping[str, Any]]
    rows: Sequence[Sequence[Any]] = field(repr=False)
    truncated: bool = False

    def schema(self) -> list[dict[str, str]]:
        """The columns as API 1.2 spells them: the type is JSON in a string."""
        return [
            {"name": str(column["name"]), "type": json.dumps(column["json"]), "metadata": "{}"}
            for column in self.columns
        ]


def of_answer(answer: Answer, limit: int = MAX_ROWS) -> Table:
    """A table that came from the database."""
    return Table(answer.columns, answer.rows[:limit], truncated=len(answer.rows) > limit)


def of(value: Any) -> Table | None:
    """`value` as a table, if it is one."""
    if hasattr(type(value), "local_table"):  # ours: the database knows the types
        found = value.local_table(MAX_ROWS)
        assert isinstance(found, Table)
        return found
    if _is(value, "pyspark.sql", "DataFrame"):
        return _of_spark(value)
    if _is(value, "pandas", "DataFrame"):
        return _of_pandas(value)
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        names = list(dict.fromkeys(name for row in value for name in row))
        return _of_columns(names, [[row.get(name) for name in names] for row in value])
    if isinstance(value, list) and value and all(hasattr(row, "_fields") for row in value):
        return _of_columns(list(value[0]._fields), [list(row) for row in value])
    if isinstance(value, list) and value and all(hasattr(row, "__fields__") for row in value):
        return _of_columns(list(value[0].__fields__), [list(row) for row in value])
    return None


def _is(value: Any, package: str, name: str) -> bool:
    return any(
        each.__name__ == name and each.__module__.startswith(package)
        for each in type(value).__mro__
    )


def _of_spark(frame: Any) -> Table:
    rows = frame.limit(MAX_ROWS + 1).collect()
    columns = [
        {"name": each["name"], "json": each["type"]} for each in frame.schema.jsonValue()["fields"]
    ]
    told = [[_told(value) for value in row] for row in rows[:MAX_ROWS]]
    return Table(columns, told, truncated=len(rows) > MAX_ROWS)


def _of_pandas(frame: Any) -> Table:
    names = [str(name) for name in frame.columns]
    kept = frame.head(MAX_ROWS)
    rows = [list(row) for row in kept.astype(object).where(kept.notna(), None).to_numpy().tolist()]
    table = _of_columns(names, rows)
    columns = [
        {**column, "json": _PANDAS.get(str(kind), column["json"])}
        for column, kind in zip(table.columns, frame.dtypes, strict=True)
    ]
    return Table(columns, table.rows, truncated=len(frame) > MAX_ROWS)


_PANDAS = {
    "int8": "byte",
    "int16": "short",
    "int32": "integer",
    "int64": "long",
    "float32": "float",
    "float64": "double",
    "bool": "boolean",
}


def _of_columns(names: list[str], rows: list[list[Any]]) -> Table:
    kinds = [_kind([row[place] for row in rows]) for place in range(len(names))]
    columns = [{"name": name, "json": kind} for name, kind in zip(names, kinds, strict=True)]
    told = [[_told(value) for value in row] for row in rows[:MAX_ROWS]]
    return Table(columns, told, truncated=len(rows) > MAX_ROWS)


# Spark's type for a Python one; the first that fits, so bool before int and datetime before date.
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "long"),
    (float, "double"),
    (decimal.Decimal, "decimal(38,18)"),
    (datetime.datetime, "timestamp"),
    (datetime.date, "date"),
    (bytes, "binary"),
)


def _kind(values: list[Any]) -> Any:
    present = [value for value in values if value is not None]
    if not present:
        return "string"
    for python, spark in _KINDS:
        if all(isinstance(value, python) for value in present):
            return spark
    if all(isinstance(value, (int, float)) for value in present):
        return "double"
    if all(isinstance(value, (list, tuple)) for value in present):
        element = _kind([item for value in present for item in value])
        return {"type": "array", "elementType": element, "containsNull": True}
    if all(isinstance(value, Mapping) for value in present):
        inside = _kind([item for value in present for item in value.values()])
        return {"type": "map", "keyType": "string", "valueType": inside, "valueContainsNull": True}
    return "string"


def _told(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime.datetime():
            shown = value.isoformat(timespec="milliseconds")
            return shown if value.tzinfo else shown + "Z"
        case datetime.date():
            return value.isoformat()
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case Mapping():
            return {str(key): _told(item) for key, item in value.items()}
        case _ if hasattr(value, "asDict"):
            return _told(value.asDict())
        case list() | tuple() | set():
            return [_told(item) for item in value]
        case _:
            return str(value)


def figures() -> list[str]:
    """The open matplotlib figures as data URLs; closes them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    drawn = [picture(pyplot.figure(number)) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return drawn


def picture(figure: Any) -> str:
    """A matplotlib figure as a data URL."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
