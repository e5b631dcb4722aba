"""SQL values as Python values: on the wire every one is text, and the manifest says what it means.

| SQL                            | Python                                                  |
|--------------------------------|---------------------------------------------------------|
| BOOLEAN                        | `bool`                                                  |
| TINYINT, SMALLINT, INT, BIGINT | `int`                                                   |
| FLOAT, DOUBLE                  | `float`, with NaN and the infinities                    |
| DECIMAL                        | `decimal.Decimal`, every digit kept                     |
| DATE, TIMESTAMP, TIMESTAMP_NTZ | `datetime.date`, `datetime.datetime`, zoned as sent     |
| ARRAY, MAP, STRUCT             | `list`, `dict`, `dict` by field; what is in them, typed |
| STRING, BINARY, INTERVAL, …    | `str`, as sent                                          |
| NULL                           | `None`                                                  |

A value that does not fit its type (a date after the year 9999) stays text: it is never lost, and
never guessed at.

https://docs.databricks.com/api/workspace/statementexecution/getstatement
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..clients.statements import Column, Rows

Convert = Callable[[Any], Any]
"""Makes a Python value of what is not null: of text, or inside a complex value of JSON."""


def _as_sent(value: Any) -> Any:
    return value


def _boolean(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


SIMPLE: Mapping[str, Convert] = {
    "BOOLEAN": _boolean,
    **dict.fromkeys(("TINYINT", "BYTE", "SMALLINT", "SHORT", "INT", "BIGINT", "LONG"), int),
    **dict.fromkeys(("FLOAT", "REAL", "DOUBLE"), float),
    **dict.fromkeys(("DECIMAL", "DEC", "NUMERIC"), _decimal),
    "DATE": date.fromisoformat,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ"), datetime.fromisoformat),
}
COMPLEX = ("ARRAY", "MAP", "STRUCT")


def typed(rows: Rows, columns: Sequence[Column]) -> list[list[Any]]:
    """The rows, with every value typed by its column."""
    converts = [_of_column(column) for column in columns]
    return [
        [
            _converted(text, converts[i] if i < len(converts) else _as_sent)
            for i, text in enumerate(row)
        ]
        for row in rows
    ]


def _converted(value: Any, convert: Convert) -> Any:
    if value is None:
        return None
    try:
        return convert(value)
    except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError):
        return value


def _of_column(column: Column) -> Convert:
    """`type_text` says more than `type_name`, which knows no TIMESTAMP_NTZ and nothing inside."""
    text = column.type_text or column.type_name
    try:
        kind, convert = _Type(text).read()
    except (ValueError, RecursionError):
        return _as_sent
    if kind in COMPLEX:
        return lambda value: convert(json.loads(value, parse_float=Decimal))
    return convert


def _array(element: Convert) -> Convert:
    return lambda values: [_converted(each, element) for each in values]


def _map(key: Convert, item: Convert) -> Convert:
    return lambda values: {_converted(k, key): _converted(v, item) for k, v in values.items()}


def _struct(fields: Mapping[str, Convert]) -> Convert:
    return lambda values: {k: _converted(v, fields.get(k, _as_sent)) for k, v in values.items()}


class _Type:
    """Reads the SQL spelling of a type: `MAP<STRING, STRUCT<a: INT, b: DECIMAL(10,2)>>`."""

    _TOKEN = re.compile(r"\s*(`(?:[^`]|``)*`|'(?:[^'\\]|\\.)*'|[\w.+-]+|[<>(),:])")

    def __init__(self, text: str) -> None:
        self._tokens = self._TOKEN.findall(text)[::-1]

    def read(self) -> tuple[str, Convert]:
        """The kind of the next type, and what makes its values."""
        kind = self._next().upper()
        if kind not in COMPLEX or self._peek() != "<":
            self._skip()
            return kind, SIMPLE.get(kind, _as_sent)
        self._next()
        if kind == "ARRAY":
            convert = _array(self.read()[1])
        elif kind == "MAP":
            key = self.read()[1]
            self._next()
            convert = _map(key, self.read()[1])
        else:
            convert = _struct(self._fields())
        self._next()
        self._skip()
        return kind, convert

    def _fields(self) -> dict[str, Convert]:
        fields = {}
        while self._peek() != ">":
            name = self._next()
            if name.startswith("`"):
                name = name[1:-1].replace("``", "`")
            if self._peek() == ":":
                self._next()
            _, fields[name] = self.read()
            if self._peek() == ",":
                self._next()
        return fields

    def _skip(self) -> None:
        """What does not change the value: `(10,2)`, `NOT NULL`, `COMMENT '…'`, `YEAR TO MONTH`."""
        depth = 0
        while (token := self._peek()) and (depth or token not in (",", ">")):
            depth += {"(": 1, ")": -1}.get(token, 0)
            self._next()

    def _peek(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError("the type ends too soon")
        return str(self._tokens.pop())


def parameters(values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Statement parameters as the wire wants them.

    Args:
      values: Python values by the names of their markers, typed as the table above reads backwards;
        or the wire's own `{"name", "value", "type"}` objects, which are taken as they are.
    """
    if not isinstance(values, Mapping):
        return [dict(each) for each in values]
    return [{"name": name, **_parameter(value)} for name, value in values.items()]


def _parameter(value: Any) -> dict[str, str]:
    match value:
        case None:
            return {}
        case bool():
            return {"value": str(value).lower(), "type": "BOOLEAN"}
        case int():
            fits = -(2**63) <= value < 2**63
            return {"value": str(value), "type": "BIGINT" if fits else "DECIMAL(38,0)"}
        case float():
            return {"value": repr(value), "type": "DOUBLE"}
        case Decimal():
            _, _, point = f"{value:f}".partition(".")
            return {"value": f"{value:f}", "type": f"DECIMAL(38,{len(point)})"}
        case datetime():
            kind = "TIMESTAMP_NTZ" if value.tzinfo is None else "TIMESTAMP"
            return {"value": value.isoformat(), "type": kind}
        case date():
            return {"value": value.isoformat(), "type": "DATE"}
        case _:
            return {"value": str(value), "type": "STRING"}
