"""Databricks functions that DuckDB lacks and sqlglot does not rewrite.

Most are macros; they stand in the schema `memory.main`, which is last on every session's search
path.  What a macro cannot say is a change to the tree.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin-alpha.html.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

_MACROS = {
    # ANSI mode: a division by zero is an error, where DuckDB makes it infinite or NULL.
    "ansi_divisor(x)": "CASE WHEN x = 0 THEN error('[DIVIDE_BY_ZERO]') ELSE x END",
    "raise_error(x)": "error(x)",
    "pmod(a, b)": "((a % b) + b) % b",
    "positive(x)": "+x",
    "negative(x)": "-x",
    "bround(x)": "round_even(x, 0)",
    "rint(x)": "round_even(x, 0)",
    "hypot(a, b)": "sqrt(a * a + b * b)",
    "e()": "exp(1)",
    "zeroifnull(x)": "coalesce(x, 0)",
    "nullifzero(x)": "nullif(x, 0)",
    "safe_add(a, b)": "try(a + b)",
    "safe_subtract(a, b)": "try(a - b)",
    "safe_multiply(a, b)": "try(a * b)",
    "isnull(x)": "x IS NULL",
    "isnotnull(x)": "x IS NOT NULL",
    "every(x)": "bool_and(x)",
    "try_sum(x)": "sum(x)",
    "try_avg(x)": "avg(x)",
    "btrim(x)": "trim(x)",
    "substring_index(x, d, n)": (
        "CASE WHEN n > 0 THEN array_to_string(string_split(x, d)[1:n], d)"
        " ELSE array_to_string(string_split(x, d)[n:], d) END"
    ),
    "find_in_set(x, list)": "coalesce(list_position(string_split(list, ','), x), 0)",
    "format_number(x, d)": "format('{:,.' || d || 'f}', x::DOUBLE)",
    "timestamp_millis(x)": "to_timestamp(x / 1000.0)",
    "timestamp_seconds(x)": "to_timestamp(x)",
    "current_timezone()": "current_setting('TimeZone')",
    "monotonically_increasing_id()": "row_number() OVER () - 1",
    "spark_partition_id()": "0",
    '"get"(a, i)': "a[i + 1]",
    "array_union(a, b)": "list_distinct(list_concat(a, b))",
    "array_repeat(x, n)": "list_transform(range(n), lambda i: x)",
    "arrays_overlap(a, b)": "list_has_any(a, b)",
    "str_to_map(x)": (
        "map_from_entries(list_transform(string_split(x, ','),"
        " lambda p: row(string_split(p, ':')[1], string_split(p, ':')[2])))"
    ),
    "map_has_key(m, k)": "list_contains(map_keys(m), k)",
}

MACROS = tuple(
    f"CREATE OR REPLACE MACRO memory.main.{head} AS {body}" for head, body in _MACROS.items()
)

# Spark's names of date parts, where DuckDB has another.
TRUNCATIONS = {
    "MM": "month",
    "MON": "month",
    "MONTH": "month",
    "YY": "year",
    "YYYY": "year",
    "Q": "quarter",
}


def rewritten(node: exp.Expr) -> exp.Expr:
    """`node` as DuckDB can run it; itself if nothing is to be done."""
    change = _CHANGES.get(type(node))
    return change(node) if change else node


def _division(node: exp.Expr) -> exp.Expr:
    divisor = node.expression
    literal = isinstance(divisor, exp.Literal) and divisor.is_number and float(divisor.name) != 0
    if not literal and not (isinstance(divisor, exp.Anonymous) and divisor.name == "ansi_divisor"):
        node.set("expression", exp.Anonymous(this="ansi_divisor", expressions=[divisor]))
    return node


def _date_only(node: exp.Expr) -> exp.Expr:
    # A date plus days is a date to Spark, a timestamp to DuckDB.
    if isinstance(node.parent, exp.Cast) and node.parent.is_type("DATE"):
        return node
    return exp.cast(node.copy(), "DATE")


def _whole(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.Cast) or node.args.get("decimals"):
        return node
    return exp.cast(node.copy(), "BIGINT")


def _truncation(node: exp.Expr) -> exp.Expr:
    unit = node.args.get("unit")
    if isinstance(unit, (exp.Literal, exp.Var)) and unit.name.upper() in TRUNCATIONS:
        node.set("unit", exp.Literal.string(TRUNCATIONS[unit.name.upper()]))
    return _date_only(node) if isinstance(node, exp.DateTrunc) else node


def _to_unix(node: exp.Expr) -> exp.Expr:
    instant = node.this
    if not isinstance(instant, exp.Literal):
        instant = exp.cast(instant.copy(), "TIMESTAMPTZ")
        return exp.cast(exp.func("epoch", instant), "BIGINT")
    return node


def _exists(node: exp.Expr) -> exp.Expr:
    return _over_list("list_bool_or", node.this, node.expression) if node.expression else node


def _over_list(fold: str, listed: exp.Expr, test: exp.Expr) -> exp.Expr:
    # An anonymous call keeps sqlglot from reading the lambda as an arrow of another dialect.
    tested = exp.Anonymous(this="list_transform", expressions=[listed.copy(), test.copy()])
    return exp.func("coalesce", exp.Anonymous(this=fold, expressions=[tested]), exp.false())


def _map_key(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(
        this="map_has_key", expressions=[node.this.copy(), node.args["key"].copy()]
    )


def _anonymous(node: exp.Expr) -> exp.Expr:
    match node.name.lower(), node.expressions:
        case "forall", [listed, test]:
            return _over_list("list_bool_and", listed, test)
        case "some", [condition]:
            return exp.Anonymous(this="bool_or", expressions=[condition.copy()])
        case "bigint" | "int" | "string" | "double" | "boolean" as kind, [value]:
            return exp.cast(value.copy(), kind, dialect="databricks")
    return node


_CHANGES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _division,
    exp.TsOrDsAdd: _date_only,
    exp.AddMonths: _date_only,
    exp.Ceil: _whole,
    exp.Floor: _whole,
    exp.DateTrunc: _truncation,
    exp.TimestampTrunc: _truncation,
    exp.StrToUnix: _to_unix,
    exp.Exists: _exists,
    exp.MapContainsKey: _map_key,
    exp.Anonymous: _anonymous,
}
