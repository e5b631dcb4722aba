"""A result's rows as bytes, in the three formats of external links.

JSON_ARRAY is a compact array of arrays of strings and nulls; CSV follows RFC 4180, with a header in
the first chunk only and `null` for NULL; ARROW_STREAM is an Arrow IPC stream for each chunk, and
needs pyarrow.
https://docs.databricks.com/api/workspace/statementexecution/executestatement
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..engine import Column, Table
from ..wire import encode

if TYPE_CHECKING:
    import pyarrow

Rows = Sequence[Sequence[str | None]]

MEDIA_TYPES: dict[str, str] = {
    "JSON_ARRAY": "application/json",
    "CSV": "text/csv",
    "ARROW_STREAM": "application/vnd.apache.arrow.stream",
}


def can_make(name: str) -> bool:
    """Whether what makes the format `name` is installed."""
    return name != "ARROW_STREAM" or find_spec("pyarrow") is not None


def rendered(table: Table, rows: Rows, name: str, *, first: bool) -> bytes:
    """`rows` of `table` in the format `name`; `first` for the first chunk."""
    match name:
        case "CSV":
            return _csv(table.columns, rows, first)
        case "ARROW_STREAM":
            return _arrow(table.columns, rows)
        case _:
            return encode(rows)


def size_of(row: Sequence[str | None]) -> int:
    """About how many bytes a row takes: its text, and a little for each value."""
    return sum(len(value.encode()) + 3 if value is not None else 4 for value in row)


def _csv(columns: Sequence[Column], rows: Rows, first: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if first:
        writer.writerow([column.name for column in columns])
    writer.writerows([["null" if value is None else value for value in row] for row in rows])
    return text.getvalue().encode()


def _arrow(columns: Sequence[Column], rows: Rows) -> bytes:
    import pyarrow as arrow  # noqa: PLC0415 (large, and only needed here)

    arrays = [
        arrow.array([_bytes(row[place]) for row in rows], arrow.binary())
        if column.type_name == "BINARY"
        else arrow.array([row[place] for row in rows], arrow.string()).cast(_arrow_type(column))
        for place, column in enumerate(columns)
    ]
    batch = arrow.record_batch(arrays, names=[column.name for column in columns])
    sink = arrow.BufferOutputStream()
    with arrow.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value)


def _arrow_type(column: Column) -> pyarrow.DataType:
    import pyarrow as arrow  # noqa: PLC0415 (likewise)

    if column.type_name == "DECIMAL":
        return arrow.decimal128(column.precision or 10, column.scale or 0)
    types: dict[str, Any] = {
        "BOOLEAN": arrow.bool_(),
        "BYTE": arrow.int8(),
        "SHORT": arrow.int16(),
        "INT": arrow.int32(),
        "LONG": arrow.int64(),
        "FLOAT": arrow.float32(),
        "DOUBLE": arrow.float64(),
        "DATE": arrow.date32(),
        "TIMESTAMP": arrow.timestamp("us", "UTC"),
    }
    return types.get(column.type_name, arrow.string())
