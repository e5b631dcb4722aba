"""Aggregates that gather or pick values: lists, sets, joined texts, first and last, quantiles.

DuckDB has each under another name, with FILTER, OVER and NULLs treated otherwise; what is done to
the gathered values is done outside of FILTER and OVER.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html#aggregate-functions.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .. import errors
from .fragments import duck
from .kinds import Kinds

AROUND = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)

Made = tuple[exp.Expr, Callable[[str], str]]  # the aggregate, and what is done to its value


def gathered(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """`call`, with the FILTER, OVER and WITHIN GROUP around it, up to `node`, as DuckDB's.

    Raises:
      SqlError: it has an argument that is left out.
    """
    name = call.name.lower()
    made, told = AGGREGATES[name](node, call, kinds)
    whole: exp.Expr = made
    inner: exp.Expr = call
    while inner is not node:
        around = inner.parent
        assert around is not None
        if isinstance(around, (exp.Filter, exp.Window)):
            copied = around.copy()
            copied.set("this", whole)
            whole = _filters_joined(copied)
        inner = around
    return duck(told(whole.sql("duckdb")))


def _filters_joined(node: exp.Expr) -> exp.Expr:
    """`f(x) FILTER (WHERE a) FILTER (WHERE b)` with one FILTER."""
    if isinstance(node, exp.Filter) and isinstance(node.this, exp.Filter):
        inner = node.this
        both = exp.and_(inner.expression.this.copy(), node.expression.this.copy())
        return exp.Filter(this=inner.this, expression=exp.Where(this=both))
    return node


def _arguments(call: exp.Anonymous) -> tuple[list[exp.Expr], bool]:
    """A call's arguments, and whether they are DISTINCT."""
    first = call.expressions[0] if call.expressions else None
    if isinstance(first, exp.Distinct):
        return [*first.expressions, *call.expressions[1:]], True
    return list(call.expressions), False


def _aggregate(name: str, *arguments: exp.Expr | str, distinct: bool = False) -> exp.Expr:
    told = ", ".join(each if isinstance(each, str) else each.sql("duckdb") for each in arguments)
    return exp.Anonymous(this=name, expressions=[exp.var(f"{'DISTINCT ' * distinct}{told}")])


def _plain(told: str) -> str:
    return told


def _within(node: exp.Expr, call: exp.Anonymous) -> exp.Order | None:
    """The ORDER BY of the WITHIN GROUP around `call`."""
    around: exp.Expr = call
    while around is not node:
        parent = around.parent
        assert parent is not None
        if isinstance(parent, exp.WithinGroup):
            order: exp.Order = parent.expression
            return order
        around = parent
    return None


def _listed(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> Made:
    del node, kinds
    (value,), distinct = _arguments(call)
    there = "coalesce(list_filter({}, lambda e: e IS NOT NULL), [])"
    if call.name.lower() == "collect_set":
        return _aggregate("list", value, distinct=True), f"list_sort({there})".format
    return _aggregate("list", value, distinct=distinct), there.format


def _joined(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> Made:
    """LISTAGG and STRING_AGG: nothing between the texts unless given; in the order given."""
    (value, *between), distinct = _arguments(call)
    order = _within(node, call)
    text = value.sql("duckdb")
    if kinds.name(value) not in {"STRING", ""}:
        text = f"CAST({text} AS VARCHAR)"
    separator = between[0].sql("duckdb") if between else "''"
    if order is not None:
        separator += f" {order.sql('duckdb').strip()}"
    elif distinct:
        separator += f" ORDER BY {text}"
    return _aggregate("string_agg", text, separator, distinct=distinct), _plain


def _picked(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> Made:
    """FIRST, LAST, ANY_VALUE: of all values, or of those that are not NULL."""
    del kinds
    value, *said = call.expressions
    around = _up(call, node)
    ignoring = any(isinstance(each, exp.IgnoreNulls) for each in around) or bool(
        said and isinstance(said[0], exp.Boolean) and said[0].this
    )
    word = "last" if call.name.lower().startswith("last") else "first"
    text = value.sql("duckdb")
    if any(isinstance(each, exp.Window) for each in around):
        return _aggregate(f"{word}_value", text + " IGNORE NULLS" * ignoring), _plain
    made = _aggregate(word, text)
    if ignoring:
        there = exp.Where(this=duck(f"({text}) IS NOT NULL"))
        return exp.Filter(this=made, expression=there), _plain
    return made, _plain


def _up(call: exp.Expr, node: exp.Expr) -> list[exp.Expr]:
    around: list[exp.Expr] = []
    while call is not node:
        assert call.parent is not None
        call = call.parent
        around.append(call)
    return around


def _quantile(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> Made:
    """PERCENTILE and MEDIAN, between two values; APPROX_PERCENTILE, one of the values."""
    del node
    (value, *shares), distinct = _arguments(call)
    exact = not call.name.lower().startswith(("approx", "percentile_"))
    if kinds.name(value) == "INTERVAL" or (exact and len(shares) > 1):
        raise errors.unsupported(f"`{call.name.lower()}` of an interval, or with frequencies")
    share = shares[0].sql("duckdb") if shares else "0.5"
    if exact:
        text = f"CAST({value.sql('duckdb')} AS DOUBLE)"
        return _aggregate("quantile_cont", text, share, distinct=distinct), _plain
    return _aggregate("quantile_disc", value, share, distinct=distinct), _plain


def _mode(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> Made:
    """The most frequent value; the lowest of them, unless another order is given."""
    del kinds
    order = _within(node, call)
    if order is not None:
        value = order.expressions[0].this.sql("duckdb")
        return _aggregate("mode", f"{value} {order.sql('duckdb').strip()}"), _plain
    value = call.expressions[0].sql("duckdb")
    return _aggregate("mode", f"{value} ORDER BY {value}"), _plain


AGGREGATES: dict[str, Callable[[exp.Expr, exp.Anonymous, Kinds], Made]] = {
    **dict.fromkeys(("collect_list", "collect_set", "array_agg"), _listed),
    **dict.fromkeys(("listagg", "string_agg"), _joined),
    **dict.fromkeys(("first", "last", "first_value", "last_value", "any_value"), _picked),
    **dict.fromkeys(("percentile", "median", "approx_percentile", "percentile_approx"), _quantile),
    "mode": _mode,
}
