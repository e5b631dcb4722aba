"""Values as Databricks sends them: strings in a `data_array`, JSON in a command's table.

A `Teller` is made once per column and called once per value, so that the type is looked at once.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .types import SparkType

Teller = Callable[[Any], Any]

MAX_LONG = 2**63 - 1
SINGLE_DIGITS = range(6, 10)  # how many digits tell one 32-bit float from the next
PLAIN_DOUBLES = (1e-3, 1e7)  # Java writes a double outside of these with an exponent


class Overflow(ValueError):
    """A sum that needs more than the 64 bits of a BIGINT."""


def double_text(value: float) -> str:
    """A double as Java, and so Spark, writes it: `1.5`, `1.0E10`, `NaN`, `-Infinity`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or PLAIN_DOUBLES[0] <= abs(value) < PLAIN_DOUBLES[1]:
        plain = format(Decimal(repr(value)), "f")
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    head, tail = str(digits[0]), "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{head}.{tail}E{exponent + len(digits) - 1}"


def single(value: float) -> float:
    """A 32-bit float without the digits that only its 64-bit image has."""
    if not math.isfinite(value):
        return value
    for digits in SINGLE_DIGITS:
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def timestamp_text(value: datetime.datetime) -> str:
    """A TIMESTAMP (an instant) in ISO 8601, in UTC: to milliseconds, or finer where it is."""
    if value.tzinfo is not None:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    fine = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.isoformat(timespec=fine) + "Z"


def local_timestamp_text(value: datetime.datetime) -> str:
    """A TIMESTAMP_NTZ (a clock's reading): as above, and no zone."""
    return timestamp_text(value.replace(tzinfo=None)).removesuffix("Z")


def interval_text(value: datetime.timedelta | str, units: str) -> str:
    """An INTERVAL as its literal: `INTERVAL '1 02:03:04.5' DAY TO SECOND`, `INTERVAL '14' MONTH`.

    Args:
      value: the time that it is; years and months, as `1-2`, of one that has no length in time.
      units: of its type, such as `DAY TO SECOND`.
    """
    first, _, last = units.partition(" TO ")
    told = _months(value, units) if isinstance(value, str) else _time(value, first, last or first)
    return f"INTERVAL '{told}' {units}"


def _months(value: str, units: str) -> str:
    sign, (years, months) = value[: value.startswith("-")], value.lstrip("-").split("-")
    match units:
        case "YEAR":
            return f"{sign}{years}"
        case "MONTH":
            return f"{sign}{int(years) * 12 + int(months)}"
        case _:
            return value


UNITS = ("DAY", "HOUR", "MINUTE", "SECOND")
MICROSECONDS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)  # in each of them


def _time(value: datetime.timedelta, first: str, last: str) -> str:
    rest = abs(value) // datetime.timedelta(microseconds=1)
    told = "-" if value < datetime.timedelta(0) else ""
    start, end = UNITS.index(first), UNITS.index(last)
    for place in range(start, end + 1):
        count, rest = divmod(rest, MICROSECONDS[place])
        told += "" if place == start else " " if UNITS[place - 1] == "DAY" else ":"
        told += str(count) if UNITS[place] == "DAY" else f"{count:02}"
    if last == "SECOND" and rest:
        told += f".{rest:06}".rstrip("0")
    return told


def _long(value: int) -> int:
    if not -MAX_LONG - 1 <= value <= MAX_LONG:
        raise Overflow(value)
    return value


def _double(value: float) -> float | str:
    # JSON has no word for these three.
    return value if math.isfinite(value) else double_text(value)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _json(value: Any) -> str:
    """A VARIANT as the text of its JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plainly)


def _plainly(value: Any) -> Any:
    """What JSON has no word for, in a VARIANT."""
    return float(value) if isinstance(value, Decimal) else str(value)


# JSON-ready values by the API's type name; the rest are texts.
NATIVE: dict[str, Teller] = {
    "BOOLEAN": bool,
    "BYTE": int,
    "SHORT": int,
    "INT": int,
    "LONG": _long,
    "FLOAT": lambda value: _double(single(value)),
    "DOUBLE": _double,
    "BINARY": _base64,
    "DATE": datetime.date.isoformat,
    "TIMESTAMP": timestamp_text,
    "TIMESTAMP_NTZ": local_timestamp_text,
    "VARIANT": lambda value: value,
}


def native(kind: SparkType) -> Teller:
    """How a value of `kind` becomes JSON: numbers, booleans, lists and objects stay what they are.

    A DECIMAL becomes text, which keeps its scale, and so does anything that JSON has no word for.
    """
    return _or_none(_native(kind))


def _native(kind: SparkType) -> Teller:
    match kind.name:
        case "ARRAY":
            element = native(kind.parts[0])
            return lambda value: [element(item) for item in value]
        case "MAP":
            key, value_of = wire(kind.parts[0]), native(kind.parts[1])
            return lambda value: {key(name): value_of(item) for name, item in value.items()}
        case "STRUCT":
            tellers = tuple(native(part) for part in kind.parts)
            return lambda value: {
                name: teller(value[name]) for name, teller in zip(kind.names, tellers, strict=True)
            }
        case "INTERVAL":
            units = kind.text.removeprefix("INTERVAL ")
            return lambda value: interval_text(value, units)
        case simple:
            return NATIVE.get(simple, str)


def wire(kind: SparkType) -> Teller:
    """How a value of `kind` becomes the string of a `data_array`; NULL is None.

    ARRAY, MAP and STRUCT become JSON text, in which each value is the string that it would be by
    itself: `["1","2"]`.
    """
    return _or_none(_wire(kind))


def _wire(kind: SparkType) -> Teller:
    match kind.name:
        case "BOOLEAN":
            return lambda value: "true" if value else "false"
        case "FLOAT":
            return lambda value: double_text(single(value))
        case "DOUBLE":
            return double_text
        case "LONG":
            return lambda value: str(_long(value))
        case "ARRAY" | "MAP" | "STRUCT":
            tell = _leaves(kind)
            return lambda value: json.dumps(tell(value), separators=(",", ":"), ensure_ascii=False)
        case "VARIANT":
            return _json
        case _:
            tell = _native(kind)
            return lambda value: str(tell(value))


def _leaves(kind: SparkType) -> Teller:
    """A value of `kind` with text for all that is no ARRAY, MAP, STRUCT or VARIANT in it."""
    match kind.name:
        case "ARRAY":
            element = _or_none(_leaves(kind.parts[0]))
            return lambda value: [element(item) for item in value]
        case "MAP":
            key, value_of = wire(kind.parts[0]), _or_none(_leaves(kind.parts[1]))
            return lambda value: {key(name): value_of(item) for name, item in value.items()}
        case "STRUCT":
            tellers = tuple(_or_none(_leaves(part)) for part in kind.parts)
            return lambda value: {
                name: teller(value[name]) for name, teller in zip(kind.names, tellers, strict=True)
            }
        case "VARIANT":
            return _native(kind)
        case _:
            return _wire(kind)


def _or_none(teller: Teller) -> Teller:
    return lambda value: None if value is None else teller(value)
