"""Values of every type as the text that `CAST(... AS STRING)` makes of them.

[1, null]     {a -> 1}     {1, z}     1.0E10     2024-01-31 10:00:00.5
"""

from __future__ import annotations

from sqlglot import exp

from ..types import SparkType
from . import intervals
from .fragments import duck, quote
from .sharing import once


def as_text(value: exp.Expr, kind: SparkType) -> exp.Expr:
    """`value`, of type `kind`, as a text."""
    if kind.name == "INTERVAL":
        units = intervals.qualifier(value)
        return duck(once(value.sql("duckdb"), lambda told: f"({intervals.written(told, units)})"))
    return duck(once(value.sql("duckdb"), lambda told: f"({_told(told, kind, 0)})"))


def _told(value: str, kind: SparkType, depth: int) -> str:
    name = f"e{depth}"
    match kind.name:
        case "STRING":
            return f"CAST({value} AS TEXT)"
        case "DOUBLE" | "FLOAT":
            return f"spark_double_text({value})"
        case "TIMESTAMP" | "TIMESTAMP_NTZ":
            return f"spark_timestamp_text({value})"
        case "BINARY":
            return f"decode({value})"
        case "INTERVAL":
            return intervals.written(value)
        case "VARIANT":
            return f"spark_variant_text({value})"
        case "ARRAY":
            item = _or_null(_told(name, kind.parts[0], depth + 1))
            listed = f"list_transform({value}, lambda {name}: {item})"
            return f"'[' || array_to_string({listed}, ', ') || ']'"
        case "MAP":
            key = _told(f"{name}.key", kind.parts[0], depth + 1)
            item = _or_null(_told(f"{name}.value", kind.parts[1], depth + 1))
            listed = (
                f"list_transform(map_entries({value}), lambda {name}: {key} || ' -> ' || {item})"
            )
            return f"'{{' || array_to_string({listed}, ', ') || '}}'"
        case "STRUCT":
            fields = " || ', ' || ".join(
                _or_null(
                    _told(
                        f"struct_extract({value}, {quote(field)})",
                        part,
                        depth + 1,
                    )
                )
                for field, part in zip(kind.names, kind.parts, strict=True)
            )
            return f"CASE WHEN {value} IS NOT NULL THEN '{{' || {fields} || '}}' END"
        case _:
            return f"CAST({value} AS TEXT)"


def _or_null(told: str) -> str:
    return f"coalesce({told}, 'null')"
