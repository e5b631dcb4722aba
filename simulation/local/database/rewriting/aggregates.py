"""Aggregates and window functions with Databricks' result types.

DuckDB sums integers in 128 bits and averages in DOUBLE; ranks are BIGINT there and INT here.
A call inside FILTER or OVER is cast outside of them.
"""

from __future__ import annotations

from sqlglot import exp

from .. import errors
from . import decimals
from .coercion import WHOLE
from .fragments import duck
from .gathering import AGGREGATES, AROUND, gathered
from .kinds import Kinds

RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)
SETTLED = "settled"  # in a node's meta: it has its type


def outermost(node: exp.Expr) -> exp.Expr:
    """`node` with the FILTER and OVER that belong to it."""
    while isinstance(node.parent, AROUND) and node.parent.this is node:
        node = node.parent
    return node


def settled(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """An aggregate, or what is around it, as a value of Databricks' type."""
    call = node
    while isinstance(call, AROUND):
        call = call.this
    if outermost(node) is not node or call.meta.get(SETTLED):
        return node
    match call:
        case exp.Sum() | exp.Avg():
            return _folded(node, call, kinds)
        case exp.Anonymous() if call.name.lower() in {"try_sum", "try_avg"}:
            return _tried(node, call, kinds)
        case exp.Anonymous() if call.name.lower() in AGGREGATES:
            return gathered(node, call, kinds)
        case _ if isinstance(call, RANKS):
            call.meta[SETTLED] = True
            return exp.cast(node.copy(), "INT")
        case exp.Grouping():
            call.meta[SETTLED] = True
            return exp.cast(node.copy(), "TINYINT")
        case _:
            return node


def _folded(node: exp.Expr, call: exp.Expr, kinds: Kinds) -> exp.Expr:
    call.meta[SETTLED] = True
    value = call.this.expressions[0] if isinstance(call.this, exp.Distinct) else call.this
    kind = kinds.of(value)
    if kind is None:
        return node
    if kind.name in {"STRING", "NULL"}:
        value.replace(exp.cast(value.copy(), "DOUBLE"))
    if kind.name == "INTERVAL":
        return _intervals(node, call)
    if isinstance(call, exp.Sum):
        if kind.name in WHOLE:
            return exp.cast(node.copy(), "BIGINT")
        if kind.name == "DECIMAL":
            return decimals.cast(node.copy(), decimals.summed(kind))
    elif kind.name == "DECIMAL":
        return _averaged(node, call, decimals.averaged(kind), kind.scale or 0)
    return node


def _intervals(node: exp.Expr, call: exp.Expr) -> exp.Expr:
    """SUM and AVG of intervals, which DuckDB has not: of their months, days and microseconds."""
    if node is not call:
        raise errors.unsupported("a sum of intervals with FILTER or OVER")
    value = call.this.sql("duckdb")
    share = f" / count({value})" if isinstance(call, exp.Avg) else ""
    return duck(
        f"to_months(CAST(sum(datepart('year', {value}) * 12 + datepart('month', {value})){share} "
        f"AS INT)) + to_microseconds(CAST(sum(datepart('day', {value}) * 86400000000 + "
        f"datepart('hour', {value}) * 3600000000 + datepart('minute', {value}) * 60000000 + "
        f"datepart('microseconds', {value})){share} AS BIGINT))"
    )


def _averaged(node: exp.Expr, call: exp.Expr, to: decimals.Digits, scale: int) -> exp.Expr:
    total = node.copy()
    _within(total).replace(exp.Sum(this=call.this.copy()))
    count = node.copy()
    _within(count).replace(exp.Count(this=call.this.copy()))
    if isinstance(node, exp.Avg):
        total, count = exp.Sum(this=call.this.copy()), exp.Count(this=call.this.copy())
    for each in (total, count):
        _within(each).meta[SETTLED] = True
    nonzero = exp.Nullif(this=count, expression=exp.Literal.number(0))
    return decimals.quotient(total, scale, nonzero, 0, to)


def _within(node: exp.Expr) -> exp.Expr:
    while isinstance(node, AROUND):
        node = node.this
    return node


def _tried(node: exp.Expr, call: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    made = exp.Sum if call.name.lower() == "try_sum" else exp.Avg
    value = call.expressions[0].copy()
    plain = made(this=value)
    if call is node:
        plain.parent, plain.arg_key, plain.index = node.parent, node.arg_key, node.index
        changed = settled(plain, kinds)
    else:
        call.replace(plain)
        changed = settled(node, kinds)
    if isinstance(changed, exp.Cast) and not isinstance(changed, exp.TryCast):
        return exp.TryCast(this=changed.this.copy(), to=changed.args["to"].copy())
    return changed


def counted(node: exp.Expr) -> exp.Expr:
    """`count(a, b)`: the rows where neither is NULL."""
    there = [
        exp.Not(this=exp.Is(this=exp.paren(each.copy()), expression=exp.null()))
        for each in (node.this, *node.expressions)
    ]
    both = exp.Case().when(exp.and_(*there), exp.Literal.number(1))
    return exp.Count(this=both)


def within_group(node: exp.Expr) -> exp.Expr:
    """`percentile_cont(share) WITHIN GROUP (ORDER BY value)`: a DOUBLE."""
    call, order = node.this, node.expression
    if not isinstance(call, (exp.PercentileCont, exp.PercentileDisc)):
        return node
    ordered = order.expressions[0]
    share: exp.Expr = call.this.copy()
    if ordered.args.get("desc"):
        share = exp.Sub(this=exp.Literal.number(1), expression=exp.paren(share))
    name = "quantile_cont" if isinstance(call, exp.PercentileCont) else "quantile_disc"
    value = exp.cast(ordered.this.copy(), "DOUBLE")
    return exp.Anonymous(this=name, expressions=[value, share])


def moment(node: exp.Expr) -> exp.Expr:
    """SKEWNESS and KURTOSIS of the population."""
    if isinstance(node, exp.Kurtosis):
        return exp.Anonymous(this="kurtosis_pop", expressions=[node.this.copy()])
    return exp.Anonymous(this="spark_skewness", expressions=[node.this.copy()])


def rounded(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """CEIL and FLOOR: a BIGINT, and a DECIMAL of a DECIMAL."""
    kind = kinds.of(node.this)
    places = node.args.get("decimals")
    if kind is None or kind.precision is None or kind.scale is None:
        return node if places else exp.cast(node.copy(), "BIGINT")
    name = "ceil" if isinstance(node, exp.Ceil) else "floor"
    if not places:
        plain = exp.Anonymous(this=name, expressions=[node.this.copy()])
        return decimals.cast(
            plain, (kind.precision - kind.scale + 1, 0) if kind.scale else (kind.precision, 0)
        )
    digits = _constant(places)
    if digits is None:
        raise errors.unsupported(f"`{name}` to so many digits as a column says")
    value = node.this.sql("duckdb")
    if digits >= 0:
        told = f"{name}(({value}) * {10**digits}) / {10**digits}"
    else:
        told = f"{name}(({value}) / {10**-digits}) * {10**-digits}"
    return decimals.cast(duck(told), _rounded_digits(kind.precision, kind.scale, digits))


def rounded_off(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """ROUND of a DECIMAL has as many digits as it needs."""
    kind = kinds.of(node.this)
    places = node.args.get("decimals")
    if kind is None or kind.precision is None or kind.scale is None:
        return node
    digits = _constant(places) if places is not None else 0
    if digits is None or digits >= kind.scale:
        return node
    return decimals.cast(node.copy(), _rounded_digits(kind.precision, kind.scale, digits))


def _constant(node: exp.Expr) -> int | None:
    """A whole number that is written out; None if it is computed."""
    sign, literal = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
    if isinstance(literal, exp.Literal) and literal.is_int:
        return sign * int(literal.name)
    return None


def _rounded_digits(precision: int, scale: int, digits: int) -> decimals.Digits:
    """The digits of a DECIMAL that is rounded to `digits` after its point."""
    whole = precision - scale + 1
    if digits < 0:
        return min(max(whole, 1 - digits), decimals.MAX), 0
    return min(whole + min(scale, digits), decimals.MAX), min(scale, digits)
