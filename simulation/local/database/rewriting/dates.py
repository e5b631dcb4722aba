"""Calls about dates and timestamps: their patterns, units and types.

See https://docs.databricks.com/sql/language-manual/sql-ref-datetime-pattern.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from .. import errors
from . import coercion
from .coercion import spark
from .fragments import duck, quote
from .kinds import Kinds
from .registry import called
from .sharing import once

# Databricks' runs of a letter: DuckDB's directive.  A quoted part, or any other sign, is itself.
PATTERNS = {
    "yyyy": "%Y",
    "y": "%Y",
    "uuuu": "%Y",
    "u": "%Y",
    "yyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "LLLL": "%B",
    "MMM": "%b",
    "LLL": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "DDD": "%j",
    "D": "%-j",
    "EEEE": "%A",
    **dict.fromkeys(("E", "EE", "EEE"), "%a"),
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "SSS": "%g",
    "SSSSSS": "%f",
    "SSSSSSSSS": "%n",
    "a": "%p",
    "VV": "%Z",
    "z": "%Z",
    **dict.fromkeys(("Z", "X", "XX", "XXX", "x", "xx", "xxx"), "%z"),
}
# Runs that DuckDB has no directive for when writing: DuckDB SQL of the instant `{0}`.
WRITTEN = {
    **dict.fromkeys(("Q", "q"), "CAST(quarter({0}) AS VARCHAR)"),
    **dict.fromkeys(("QQ", "qq"), "'0' || quarter({0})"),
    **dict.fromkeys(("QQQ", "qqq"), "'Q' || quarter({0})"),
    "DD": "lpad(CAST(dayofyear({0}) AS VARCHAR), 2, '0')",
    "K": "CAST(hour({0}) % 12 AS VARCHAR)",
    "KK": "lpad(CAST(hour({0}) % 12 AS VARCHAR), 2, '0')",
    "k": "CAST((hour({0}) + 23) % 24 + 1 AS VARCHAR)",
    "kk": "lpad(CAST((hour({0}) + 23) % 24 + 1 AS VARCHAR), 2, '0')",
    "X": "spark_zone({0}, '', false, true)",
    "XX": "spark_zone({0}, '', true, true)",
    "XXX": "spark_zone({0}, ':', true, true)",
    "x": "spark_zone({0}, '', false, false)",
    "xx": "spark_zone({0}, '', true, false)",
    "xxx": "spark_zone({0}, ':', true, false)",
    **dict.fromkeys(("Z", "ZZ", "ZZZ"), "spark_zone({0}, '', true, false)"),
    **dict.fromkeys(("VV", "z"), "spark_current_timezone()"),
    "F": "CAST((day({0}) - 1) // 7 + 1 AS VARCHAR)",
}
RUNS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|.", re.DOTALL)
TRUNCATIONS = {
    **dict.fromkeys(("YEAR", "YYYY", "YY"), "year"),
    **dict.fromkeys(("MONTH", "MM", "MON"), "month"),
    **dict.fromkeys(("DAY", "DD"), "day"),
    "QUARTER": "quarter",
    "WEEK": "week",
    "HOUR": "hour",
    "MINUTE": "minute",
    "SECOND": "second",
    "MILLISECOND": "milliseconds",
    "MICROSECOND": "microseconds",
}
MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
COARSE = frozenset({"year", "quarter", "month", "week"})
PARTS = {
    **dict.fromkeys(("YEAR", "Y", "YEARS", "YR", "YRS"), "year"),
    **dict.fromkeys(("QUARTER", "QTR"), "quarter"),
    **dict.fromkeys(("MONTH", "MON", "MONS", "MONTHS"), "month"),
    **dict.fromkeys(("WEEK", "W", "WEEKS"), "weekofyear"),
    **dict.fromkeys(("DAY", "D", "DAYS"), "day"),
    **dict.fromkeys(("DAYOFWEEK", "DOW"), "dayofweek"),
    **dict.fromkeys(("DAYOFWEEK_ISO", "DOW_ISO"), "weekday_iso"),
    "YEAROFWEEK": "year_of_week",
    **dict.fromkeys(("DOY",), "dayofyear"),
    **dict.fromkeys(("HOUR", "H", "HOURS", "HR", "HRS"), "hour"),
    **dict.fromkeys(("MINUTE", "M", "MIN", "MINS", "MINUTES"), "minute"),
    **dict.fromkeys(("SECOND", "S", "SEC", "SECS", "SECONDS"), "whole_second"),
}


def pattern(node: exp.Expr) -> exp.Expr:
    """A date pattern as DuckDB reads it.

    Raises:
      SqlError: it is no literal, or has a letter that DuckDB has no directive for.
    """
    told: list[str] = []
    for run, plain in _runs(node):
        if plain:
            told.append(run.replace("%", "%%"))
        elif run not in PATTERNS:
            raise errors.unsupported(f"the date pattern `{run}`")
        else:
            told.append(PATTERNS[run])
    return exp.Literal.string("".join(told))


def _runs(node: exp.Expr) -> Iterator[tuple[str, bool]]:
    """The pieces of a pattern: each a run of one letter, or a text that stands for itself."""
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise errors.unsupported("a date pattern that is not a literal")
    for found in RUNS.finditer(node.name):
        run = found.group()
        if run.startswith("'"):
            yield (run[1:-1] or "'").replace("''", "'"), True
        elif run not in "[]":
            yield run, not run[0].isalpha()


def written(instant: str, node: exp.Expr) -> exp.Expr:
    """`instant`, DuckDB SQL of a date or timestamp, written by the pattern `node`.

    Raises:
      SqlError: it is no literal, or has a letter that is left out.
    """
    pieces: list[str] = []
    directives = ""
    for run, plain in _runs(node):
        if plain or (run in PATTERNS and run not in WRITTEN):
            directives += run.replace("%", "%%") if plain else PATTERNS[run]
            continue
        if run not in WRITTEN and set(run) != {"S"}:
            raise errors.unsupported(f"the date pattern `{run}`")
        if directives:
            pieces.append(f"strftime({instant}, {quote(directives)})")
        pieces.append(WRITTEN.get(run, f"spark_fraction({{0}}, {len(run)})").format(instant))
        directives = ""
    if directives or not pieces:
        pieces.append(f"strftime({instant}, {quote(directives)})")
    return duck(f"({' || '.join(pieces)})")


def _instant(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`node` as a date or timestamp, read if it is a text."""
    return exp.cast(node.copy(), "TIMESTAMP") if kinds.name(node) in {"STRING", ""} else node.copy()


@called("date_format")
def formatted(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """`date_format(instant, pattern)`."""
    instant, form = node.expressions
    told = once(_instant(instant, kinds).sql("duckdb"), lambda at: written(at, form).sql("duckdb"))
    return duck(told)


@called("from_unixtime")
def _from_unixtime(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    seconds, *form = node.expressions
    told = form[0] if form else exp.Literal.string("yyyy-MM-dd HH:mm:ss")
    return duck(
        once(
            seconds.sql("duckdb"),
            lambda value: written(f"to_timestamp({value})", told).sql("duckdb"),
        )
    )


TARGETS = {
    "to_date": "DATE",
    "to_timestamp": "TIMESTAMPTZ",
    "to_timestamp_ltz": "TIMESTAMPTZ",
    "to_timestamp_ntz": "TIMESTAMP",
}


@called(*TARGETS, "try_to_date", "try_to_timestamp")
def _read(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    name = node.name.lower()
    tried, target = name.startswith("try_"), TARGETS[name.removeprefix("try_")]
    value, *form = node.expressions
    if form and kinds.name(value) in {"STRING", ""}:
        value = _parsed(value, form[0], tried=tried)
        return duck(f"CAST({value.sql('duckdb')} AS {target})")
    if target == "DATE" and kinds.name(value) == "STRING":
        value = spark("whole_date", value)
    cast = "TRY_CAST" if tried else "CAST"
    return duck(f"{cast}({value.sql('duckdb')} AS {target})")


def _parsed(value: exp.Expr, form: exp.Expr, *, tried: bool) -> exp.Expr:
    # DuckDB parses what it would write without leading zeros as well with them.
    read = exp.Literal.string(pattern(form).name.replace("%-", "%"))
    if tried:
        return exp.Anonymous(this="try_strptime", expressions=[value.copy(), read])
    return exp.Anonymous(this="strptime", expressions=[value.copy(), read])


@called("unix_timestamp", "to_unix_timestamp")
def _unix_timestamp(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    if not node.expressions:
        return spark("unix_timestamp")
    value, *form = node.expressions
    if form and kinds.name(value) in {"STRING", ""}:
        value = _parsed(value, form[0], tried=False)
    return spark("unix_timestamp", value)


@called("trunc")
def _trunc(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value, unit = node.expressions
    if kinds.name(value) in coercion.NUMBERS:
        raise errors.unsupported("truncating a number by `trunc`")
    to = TRUNCATIONS.get(unit.name.upper(), "")
    if to not in COARSE:
        return exp.cast(exp.null(), "DATE")
    told = f"CAST(date_trunc('{to}', CAST({value.sql('duckdb')} AS DATE)) AS DATE)"
    return duck(told)


@called("date_trunc")
def _date_trunc(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    unit, value = node.expressions
    to = TRUNCATIONS.get(unit.name.upper())
    del kinds
    told = f"date_trunc('{to}', CAST({value.sql('duckdb')} AS TIMESTAMPTZ))" if to else "NULL"
    return duck(f"CAST({told} AS TIMESTAMPTZ)")


@called("date_add", "dateadd", "timestampadd", "date_sub")
def _date_add(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    if len(node.expressions) == 3:
        unit, count, value = node.expressions
        to = unit.name.lower().rstrip("s")
        target = "TIMESTAMP" if kinds.name(value) == "TIMESTAMP_NTZ" else "TIMESTAMPTZ"
        moved = (
            f"CAST({value.sql('duckdb')} AS {target}) + ({count.sql('duckdb')}) * INTERVAL 1 {to}"
        )
        return duck(f"({moved})")
    value, count = node.expressions
    sign = "-" if node.name.lower() == "date_sub" else "+"
    told = f"CAST({value.sql('duckdb')} AS DATE) {sign} CAST({count.sql('duckdb')} AS INT)"
    return duck(f"({told})")


@called("datediff", "date_diff", "timestampdiff")
def _datediff(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    if len(node.expressions) == 3:
        unit, start, end = node.expressions
        months = MONTHS.get(unit.name.upper().removesuffix("S"))
        if months:
            ends = (f"CAST({each.sql('duckdb')} AS TIMESTAMP)" for each in (start, end))
            return duck(f"spark_whole_months({', '.join(ends)}) // {months}")
        # Whole units, as `date_sub` counts them in DuckDB.
        told = (
            f"date_sub('{unit.name.lower().rstrip('s')}', CAST({start.sql('duckdb')} AS "
            "TIMESTAMP), "
            f"CAST({end.sql('duckdb')} AS TIMESTAMP))"
        )
        return duck(told)
    end, start = node.expressions
    told = f"CAST(CAST({end.sql('duckdb')} AS DATE) - CAST({start.sql('duckdb')} AS DATE) AS INT)"
    return duck(told)


@called("date_part", "datepart")
def _date_part(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    unit, value = node.expressions
    return part(unit.name, value, kinds)


def extract(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`extract(unit FROM value)`."""
    return part(node.this.name, node.expression, kinds)


def part(unit: str, value: exp.Expr, kinds: Kinds) -> exp.Expr:
    """One part of a date, timestamp or interval."""
    if kinds.name(value) == "INTERVAL":
        name = PARTS.get(unit.upper())
        if name == "whole_second":
            micros = f"date_part('microseconds', {value.sql('duckdb')})"
            return duck(f"CAST({micros} / 1000000.0 AS DECIMAL(8, 6))")
        if name not in {"year", "month", "day", "hour", "minute"}:
            raise errors.unsupported(f"the part `{unit}` of an interval")
        to = "INT" if name in {"day", "year"} else "TINYINT"
        return duck(f"CAST(date_part('{name}', {value.sql('duckdb')}) AS {to})")
    name = PARTS.get(unit.upper())
    if name is None:
        raise errors.unsupported(f"the date part `{unit}`")
    return spark(name, value)
