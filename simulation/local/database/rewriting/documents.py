"""Calls about JSON: schemas written as DDL, and values read by them.

`from_json` reads a text by a schema; what does not fit is NULL, as in Databricks' PERMISSIVE mode.
See https://docs.databricks.com/sql/language-manual/functions/from_json.html.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError

from .. import errors
from ..types import SparkType
from .coercion import spark
from .dates import pattern, written
from .fragments import duck, quote
from .kinds import Kinds
from .registry import called
from .sharing import once


def schema_of(ddl: str) -> exp.DataType:
    """The type that a DDL schema says: `a INT, b STRING` or a type of any kind.

    Raises:
      SqlError: it is no schema.
    """
    for text in (f"STRUCT<{ddl}>", ddl):  # a column may have a type's name
        try:
            found = exp.DataType.build(text, dialect="databricks")
        except (ParseError, ValueError):
            continue
        if not found.is_type("STRUCT") or (
            found.expressions and all(map(_typed, found.expressions))
        ):
            return found
    last = ddl.rsplit(maxsplit=1)[-1] if ddl.split() else ""
    raise errors.SqlError(
        "PARSE_SYNTAX_ERROR", f"Syntax error at or near '{last}': extra input '{last}'.", "42601"
    )


def _typed(column: exp.Expr) -> bool:
    return isinstance(column, exp.ColumnDef) and column.args.get("kind") is not None


@called("from_json")
def _from_json(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value, schema, *options = node.expressions
    if not (isinstance(schema, exp.Literal) and schema.is_string):
        raise errors.unsupported("`from_json` with a schema that is not a literal")
    to = schema_of(schema.name)
    formats = _options(options)

    def told(text: str) -> str:
        read = _read(f"TRY_CAST({text} AS JSON)", to, formats, 0)
        return f"CASE WHEN {text} IS NOT NULL THEN {read} END" if to.is_type("STRUCT") else read

    return duck(once(value.sql("duckdb"), told))


# Options that are kept to; those that ask for nothing but the default; and the rest is refused.
FORMATS = frozenset({"timestampformat", "dateformat", "ignorenullfields"})
DEFAULTS = {"mode": "permissive", "sortkeys": "false", "primitivesasstring": "false"}


def _options(listed: list[exp.Expr]) -> dict[str, str]:
    """The options of `from_json` and `to_json`, their names in small letters.

    Raises:
      SqlError: one that is left out.
    """
    if not listed:
        return {}
    keys, values = (
        [each.name for each in listed[0].args[key].expressions] for key in ("keys", "values")
    )
    options = dict(zip(map(str.lower, keys), values, strict=True))
    for name, value in options.items():
        if name not in FORMATS and DEFAULTS.get(name) != value.lower():
            raise errors.unsupported(f"the JSON option `{name}`")
    return options


def _read(value: str, to: exp.DataType, formats: dict[str, str], depth: int) -> str:
    """DuckDB SQL that reads the JSON `value` as `to`."""
    if to.is_type("STRUCT"):
        fields = []
        for each in to.expressions:
            name = each.this.name
            path = quote(f'$."{name}"')
            inside = _read(f"json_extract({value}, {path})", each.args["kind"], formats, depth)
            if each.args["kind"].is_type("STRUCT"):
                inside = f"CASE WHEN json_type({value}, {path}) = 'OBJECT' THEN {inside} END"
            fields.append(f"{exp.to_identifier(name, quoted=True).sql('duckdb')} := {inside}")
        return f"struct_pack({', '.join(fields)})"
    if to.is_type("ARRAY"):
        name = f"j{depth}"
        item = _read(name, to.expressions[0], formats, depth + 1)
        listed = f"list_transform(CAST({value} AS JSON[]), lambda {name}: {item})"
        return f"CASE WHEN json_type({value}) = 'ARRAY' THEN {listed} END"
    if to.is_type("MAP"):
        name = f"j{depth}"
        path = f"'$.\"' || {name} || '\"'"
        item = _read(f"json_extract({value}, {path})", to.expressions[1], formats, depth + 1)
        rows = f"list_transform(json_keys({value}), lambda {name}: row({name}, {item}))"
        return f"CASE WHEN json_type({value}) = 'OBJECT' THEN map_from_entries({rows}) END"
    text = f"json_extract_string({value}, '$')"
    if to.is_type("TEXT"):
        return f"CASE WHEN json_type({value}) <> 'NULL' THEN {text} END"
    if to.is_type("DATE") and "dateformat" in formats:
        form = pattern(exp.Literal.string(formats["dateformat"])).sql("duckdb")
        return f"CAST(try_strptime({text}, {form}) AS DATE)"
    if to.is_type("TIMESTAMP", "TIMESTAMPTZ") and "timestampformat" in formats:
        form = pattern(exp.Literal.string(formats["timestampformat"])).sql("duckdb")
        return f"CAST(try_strptime({text}, {form}) AS TIMESTAMPTZ)"
    return f"TRY_CAST({text} AS {to.sql('duckdb')})"


@called("schema_of_json")
def _schema_of_json(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value = node.expressions[0]
    _options(node.expressions[1:])
    if not (isinstance(value, exp.Literal) and value.is_string):
        raise errors.unsupported("`schema_of_json` of what is not a literal")
    try:
        return exp.Literal.string(_shape(json.loads(value.name)))
    except ValueError:
        return exp.Literal.string("STRING")


def _shape(value: Any) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case list():
            return f"ARRAY<{_shape(value[0]) if value else 'STRING'}>"
        case dict():
            fields = ", ".join(f"{name}: {_shape(item)}" for name, item in sorted(value.items()))
            return f"STRUCT<{fields}>"
        case _:
            return "STRING"


@called("to_json")
def _to_json(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value = node.expressions[0]
    kind = kinds.of(value)
    if kind is None:
        return exp.Anonymous(this="to_json", expressions=[value.copy()])
    if kind.name not in {"STRUCT", "ARRAY", "MAP", "VARIANT"}:
        raise errors.SqlError(
            "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
            f'Cannot resolve "to_json({value.sql("databricks")})" due to data type mismatch: '
            f'Input schema "{kind.text}" must be a struct, an array, a map or a variant.',
            "42K09",
        )
    options = _options(node.expressions[1:])
    return duck(once(value.sql("duckdb"), lambda told: f"({_written(told, kind, 0, options)})"))


def _written(value: str, kind: SparkType, depth: int, options: dict[str, str]) -> str:
    """DuckDB SQL that writes `value` as JSON text; NULL fields are left out."""
    name = f"w{depth}"
    match kind.name:
        case "STRUCT":
            fields = [
                (
                    quote(f'"{field}":'),
                    f"struct_extract({value}, {quote(field)})",
                    part,
                )
                for field, part in zip(kind.names, kind.parts, strict=True)
            ]
            keeps = options.get("ignorenullfields", "true").lower() == "false"
            told = ((head, _written(item, part, depth + 1, options)) for head, item, part in fields)
            parts = ", ".join(
                f"{head} || coalesce({item}, 'null')" if keeps else f"{head} || {item}"
                for head, item in told
            )
            there = f"list_filter([{parts}], lambda {name}: {name} IS NOT NULL)"
            whole = f"'{{' || array_to_string({there}, ',') || '}}'"
            return f"CASE WHEN {value} IS NOT NULL THEN {whole} END"
        case "ARRAY":
            item = f"coalesce({_written(name, kind.parts[0], depth + 1, options)}, 'null')"
            items = f"list_transform({value}, lambda {name}: {item})"
            return f"'[' || array_to_string({items}, ',') || ']'"
        case "MAP" if kind.parts[0].name in {"ARRAY", "MAP", "STRUCT"}:
            raise errors.unsupported("`to_json` of a map whose keys are no simple values")
        case "MAP":
            inside = _written(f"{name}.value", kind.parts[1], depth + 1, options)
            item = f"coalesce({inside}, 'null')"
            pair = f"CAST(to_json(CAST({name}.key AS VARCHAR)) AS VARCHAR) || ':' || {item}"
            pairs = f"list_transform(map_entries({value}), lambda {name}: {pair})"
            return f"'{{' || array_to_string({pairs}, ',') || '}}'"
        case "DECIMAL":
            return f"CAST({value} AS VARCHAR)"
        case "TIMESTAMP" | "TIMESTAMP_NTZ" if "timestampformat" in options:
            form = exp.Literal.string(options["timestampformat"])
            return f"'\"' || {written(value, form).sql('duckdb')} || '\"'"
        case "DATE" if "dateformat" in options:
            form = exp.Literal.string(options["dateformat"])
            return f"'\"' || {written(value, form).sql('duckdb')} || '\"'"
        case "TIMESTAMP":
            return f"'\"' || strftime({value}, '%Y-%m-%dT%H:%M:%S.%gZ') || '\"'"
        case "TIMESTAMP_NTZ":
            return f"'\"' || strftime({value}, '%Y-%m-%dT%H:%M:%S.%g') || '\"'"
        case "VARIANT":
            return f"CAST(CAST({value} AS JSON) AS VARCHAR)"
        case _:
            return f"CAST(to_json({value}) AS VARCHAR)"


@called("get_json_object")
def _get_json_object(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value, where = node.expressions
    several = isinstance(where, exp.Literal) and "*" in where.name
    plain = where.copy()
    if isinstance(where, exp.Literal):
        plain = exp.Literal.string(re.sub(r"\['([^']*)'\]", r'."\1"', where.name))
    return spark("get_json_objects" if several else "get_json_object", value, plain)


@called("variant_get", "try_variant_get")
def _variant_get(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value, path, *kind = (each for each in node.expressions)
    found = f"json_extract(CAST({value.sql('duckdb')} AS JSON), {path.sql('duckdb')})"
    if not kind:
        return duck(f"CAST({found} AS VARIANT)")
    to = schema_of(kind[0].name)
    if to.is_type("STRUCT", "ARRAY", "MAP"):
        return duck(_read(found, to, {}, 0))
    cast = "TRY_CAST" if node.name.lower().startswith("try") else "CAST"
    return duck(f"{cast}(json_extract_string({found}, '$') AS {to.sql('duckdb')})")


def path(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`column:path`: of a text a text, of a VARIANT a VARIANT."""
    if not node.args.get("variant_extract"):
        return node
    where = quote(_json_path(node.expression))
    value = node.this.sql("duckdb")
    if kinds.name(node.this) == "VARIANT":
        return duck(f"CAST(json_extract(CAST({value} AS JSON), {where}) AS VARIANT)")
    return duck(f"spark_get_json_object({value}, {where})")


def _json_path(tree: exp.Expr) -> str:
    told = "$"
    for each in tree.expressions:
        match each:
            case exp.JSONPathKey():
                told += f'."{each.this}"'
            case exp.JSONPathSubscript() if isinstance(each.this, exp.JSONPathWildcard):
                told += "[*]"
            case exp.JSONPathSubscript():
                told += f"[{each.this}]"
    return told
