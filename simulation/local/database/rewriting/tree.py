"""A tree of Databricks SQL made one that sqlglot can write for DuckDB.

The tree is changed from its leaves up, tables before what refers to them, so that the type of each
expression can be asked for where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from .. import errors
from . import (
    aggregates,
    arguments,
    calls,
    coercion,
    dates,
    documents,
    gathering,
    generators,
    hashing,
    intervals,
    lists,
    pictures,
    timewindows,
)
from .coercion import spark
from .kinds import Kinds
from .sharing import shared

# With a minus these are still an INT and a BIGINT.
LOWEST = {"2147483648": "INT", "9223372036854775808": "BIGINT"}
FAMILIES = (
    calls,
    dates,
    documents,
    lists,
    pictures,
    hashing,
)  # of functions; each registers its own
AGGREGATED = frozenset({"try_sum", "try_avg", *gathering.AGGREGATES})
SMALL = re.compile(r"0?\.\d+")
# What binds the names in the rest of a query, in the order in which it does.
FIRST = ("with_", "from_", "joins", "laterals", "using", "where", "group")


def rewritten(tree: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`tree` as DuckDB can run it.

    Raises:
      SqlError: something that the local engine leaves out, or that Databricks would refuse.
    """
    if isinstance(tree, exp.Select):
        timewindows.opened(tree)
    for child in _children(tree):
        rewritten(child, kinds)
    if isinstance(tree, exp.Select):
        generators.in_views(tree, kinds)
        generators.in_projections(tree, kinds)
    changed = _changed(tree, kinds)
    if not isinstance(changed, (exp.Query, exp.Table, exp.Lateral)):
        changed = shared(changed)
    if changed is not tree and tree.parent is not None:
        tree.replace(changed)
    return changed


def _children(tree: exp.Expr) -> Iterator[exp.Expr]:
    keys = [key for key in FIRST if key in tree.args]
    for key in [*keys, *(key for key in tree.args if key not in keys)]:
        value = tree.args.get(key)
        for each in list(value) if isinstance(value, list) else [value]:
            if isinstance(each, exp.Expr):
                yield each


def _changed(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    kind = type(node)
    if kind in coercion.CHANGES:
        return coercion.CHANGES[kind](node, kinds)
    match node:
        case exp.Column() if kinds.variables and node.name.lower() in kinds.variables:
            return _variable(node, kinds)
        case exp.Anonymous() if generators.is_generator(node):
            return node
        case exp.Anonymous() if node.name.lower() in AGGREGATED:
            return aggregates.settled(node, kinds)
        case exp.Anonymous():
            return calls.call(node, kinds)
        case exp.Table() | exp.Lateral() if not node.args.get("view"):
            return generators.in_tables(node, kinds)
        case exp.Rank() | exp.DenseRank() | exp.PercentRank() | exp.CumeDist() if node.expressions:
            node.set("expressions", None)  # Databricks takes arguments, and makes nothing of them
            return aggregates.settled(node, kinds)
        case exp.Pivot() if len(node.expressions) == 1 and not node.args.get("unpivot"):
            # One aggregate gives its columns no name of its own.
            node.set("expressions", [node.expressions[0].unalias()])
            return node
        case exp.Count() if node.expressions:
            return aggregates.counted(node)
        case exp.Sum() | exp.Avg() | exp.RowNumber() | exp.Rank() | exp.DenseRank() | exp.Ntile():
            return aggregates.settled(node, kinds)
        case exp.Filter() | exp.Window() | exp.Grouping() | exp.IgnoreNulls() | exp.RespectNulls():
            return aggregates.settled(node, kinds)
        case exp.Ceil() | exp.Floor():
            return aggregates.rounded(node, kinds)
        case exp.Extract():
            return dates.extract(node, kinds)
        case exp.JSONExtract():
            return documents.path(node, kinds)
        case exp.DPipe():
            return calls.dpipe(node, kinds)
        case exp.Bracket():
            return _item(node, kinds)
        case exp.Like() | exp.ILike():
            return _escaped(arguments.inside(node, kinds))
        case _ if isinstance(node, arguments.NODES):
            return arguments.inside(node, kinds)
        case exp.Literal() if SMALL.fullmatch(node.name) and not node.is_string:
            return exp.cast(
                node.copy(),
                f"DECIMAL({len(node.name.partition('.')[2])}, {len(node.name.partition('.')[2])})",
            )
        case exp.WithinGroup() if isinstance(node.this, exp.Anonymous):
            return aggregates.settled(node, kinds)
        case exp.WithinGroup():
            return aggregates.within_group(node)
        case exp.Skewness() | exp.Kurtosis():
            return aggregates.moment(node)
        case exp.Group() if node.args.get("rollup") or node.args.get("cube"):
            return _grouped(node)
        case exp.If() | exp.Where():
            return coercion.condition(node, kinds)
        case exp.Neg(this=exp.Literal(this=digits)) if digits in LOWEST:
            return exp.cast(node.copy(), LOWEST[digits])
        case exp.Column() if isinstance(node.find_ancestor(exp.Order, exp.Select), exp.Order):
            return _field(node)
        case exp.Abs() if kinds.name(node.this) == "INTERVAL":
            return spark("interval_size", node.this)
        case exp.Round():
            return aggregates.rounded_off(node, kinds)
        case exp.Interval():
            return intervals.literal(node)
        case exp.Array():
            return coercion.array(node, kinds)
        case exp.Any() if isinstance(node.this, exp.Paren):
            return exp.Anonymous(this="bool_or", expressions=[node.this.this.copy()])
        case exp.Exists() if node.expression:
            return spark("exists", node.this, node.expression)
    if kind in CALLED_BY_SYNTAX:
        call = CALLED_BY_SYNTAX[kind](node)
        calls.standing(call, node)
        return calls.call(call, kinds)
    return node


def _grouped(node: exp.Expr) -> exp.Expr:
    """`GROUP BY a, b WITH ROLLUP`, which is `ROLLUP (a, b)`."""
    for key in ("rollup", "cube"):
        for each in node.args.get(key) or ():
            if not each.expressions:
                each.set("expressions", node.expressions)
                node.set("expressions", None)
    return node


def _field(node: exp.Expr) -> exp.Expr:
    """`ORDER BY alias.field`, the alias being a struct of the query's."""
    scope = node.find_ancestor(exp.Select)
    names = {each.alias.lower() for each in scope.expressions} if scope is not None else set()
    sources = (
        {table.alias_or_name.lower() for table in scope.find_all(exp.Table)} if scope else set()
    )
    if not node.args.get("table") or node.text("table").lower() not in names - sources:
        return node
    field = exp.Literal.string(node.name)
    return exp.Anonymous(this="struct_extract", expressions=[exp.column(node.text("table")), field])


def _variable(node: exp.Column, kinds: Kinds) -> exp.Expr:
    """A session variable, unless there is a column of its name."""
    if isinstance(node.parent, exp.EQ) and isinstance(node.parent.parent, exp.Update):
        return node
    if node.args.get("table") is None and kinds.of(node) is not None:
        return node
    if node.args.get("table") is not None and node.table.lower() != "session":
        return node
    return exp.func("getvariable", exp.Literal.string(node.name.lower()))


def _item(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`array[i]` from 0, an error outside; `map[key]`."""
    (key,) = node.expressions
    if node.args.get("offset") is not None:
        return node
    kind = kinds.name(node.this)
    if kind == "MAP" or (isinstance(key, exp.Literal) and key.is_string):
        node.set("offset", 1)
        return node
    return spark("item", node.this, key)


def _escaped(node: exp.Expr) -> exp.Expr:
    """LIKE's backslash, which DuckDB must be told of."""
    form = node.expression
    if isinstance(node.parent, exp.Escape) or isinstance(form, (exp.Any, exp.All)):
        return node
    if isinstance(form, exp.Literal):
        if "\\" not in form.name:
            return node
        _check_escapes(form.name)
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def _check_escapes(form: str) -> None:
    """A backslash stands before `_`, `%` or another one; in any other place it is an error."""
    bad = re.sub(r"\\[_%\\]", "", form)
    if "\\" not in bad:
        return
    after = bad[bad.index("\\") + 1 :][:1]
    kind, told = ("MIDDLE", f"to precede '{after}'") if after else ("END", "to end with")
    article = "IN_THE" if after else "AT_THE"
    shown = form.replace("\\", "\\\\")
    raise errors.SqlError(
        f"INVALID_FORMAT.ESC_{article}_{kind}",
        f"The format is invalid: '{shown}'. The escape character is not allowed {told}.",
        "42601",
    )


def _called(name: str, *given: exp.Expr | None) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[each.copy() for each in given if each is not None])


def _substring(node: exp.Expr) -> exp.Anonymous:
    start = node.args.get("start") or exp.Literal.number(1)
    return _called("substring", node.this, start, node.args.get("length"))


def _position(node: exp.Expr) -> exp.Anonymous:
    return _called("locate", node.args["substr"], node.this, node.args.get("position"))


def _overlay(node: exp.Expr) -> exp.Anonymous:
    return _called("overlay", node.this, node.expression, node.args["from_"], node.args.get("for_"))


CALLED_BY_SYNTAX = {
    exp.Substring: _substring,
    exp.StrPosition: _position,
    exp.Overlay: _overlay,
}
