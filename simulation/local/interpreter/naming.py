"""What Spark calls a column that nobody gave a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from typing import Any

from sqlframe.base.column import Column
from sqlframe.duckdb import functions
from sqlframe.duckdb.group import DuckDBGroupedData
from sqlglot import exp

MANY = (exp.Star, exp.Aliases, exp.Posexplode)  # columns, or one that is named later
OPERATIONS = (exp.Binary, exp.Not, exp.In)
UNBRACKETED = (exp.Like, exp.ILike, exp.Dot)
# How sqlframe calls them: the function and the first name in it.
GENERATED = re.compile(r"[a-z]\w*?__\w*__")


def named(column: Any) -> Any:
    """A column of a `select` or an `agg`, under the name that Spark gives it."""
    if isinstance(column, str):
        dotted = re.fullmatch(r"\w+(\.\w+)*\.(\w+)", column)
        return functions.col(column).alias(dotted[2]) if dotted else column
    if not isinstance(column, Column):
        return column
    expression: Any = column.expression
    if isinstance(expression, exp.Column):
        shown = str(expression.meta.get("display_name") or "")
        return named(shown) if re.fullmatch(r"[A-Za-z_]\w*\.\w+", shown) else column
    if isinstance(expression, exp.Alias):
        given = not GENERATED.fullmatch(expression.alias)
    elif isinstance(expression, exp.Literal):
        given = False
    else:
        given = bool(expression.alias_or_name) or isinstance(expression, MANY)
    if given:
        return column
    bare = expression.unalias()
    return _called(bare.copy(), "col" if isinstance(bare, exp.Explode) else written(bare))


def written(expression: Any) -> str:
    """An expression as Spark writes it: every operation in brackets, texts without quotes."""
    whole = exp.Tuple(expressions=[expression.copy()])
    for paren in list(whole.find_all(exp.Paren)):
        paren.replace(paren.this)
    whole = whole.transform(_bare)
    for node in reversed(list(whole.walk())):
        if isinstance(node, OPERATIONS) and not isinstance(node, UNBRACKETED):
            node.replace(exp.Paren(this=node.copy()))
    text: str = whole.expressions[0].sql("spark", normalize_functions="lower").replace("`", "")
    return text.replace("count(*)", "count(1)").replace("count(distinct ", "count(DISTINCT ")


def _bare(node: Any) -> Any:
    """Without tables and quotes; what Spark makes two comparisons of is two."""
    match node:
        case exp.Column():
            return exp.column(node.this)
        case exp.Literal(is_string=True):
            return exp.var(node.this)
        case exp.Not(this=exp.Is(this=one)):
            return exp.Is(this=one.transform(_bare), expression=exp.var("NOT NULL"))
        case exp.Neg() if not isinstance(node.this, exp.Literal):
            return exp.func("negative", node.this.transform(_bare))
        case exp.NEQ():
            return exp.Not(this=exp.EQ(**node.args).transform(_bare))
        case exp.Between():
            return exp.And(
                this=exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()),
                expression=exp.LTE(this=node.this.copy(), expression=node.args["high"].copy()),
            ).transform(_bare)
    return node


class NamedGroups(DuckDBGroupedData):
    """`df.groupBy(...)`, whose aggregates are called as in Spark."""

    def agg(self, *exprs: Any) -> Any:
        """The aggregates of every group, and of every value of the pivot if there is one."""
        if exprs and isinstance(exprs[0], dict):
            pairs = exprs[0].items()
            exprs = tuple(self._get_function_applied_columns(how, (of,))[0] for of, how in pairs)
        columns = [named(each) for each in exprs]
        if self.pivot_col is not None:
            groups = copy(self)
            groups.pivot_col = None
            return groups.agg(*self._pivoted(columns))
        frame = super().agg(*columns)
        # sqlframe has put the names into small letters.
        made = frame.expression.expressions[-len(columns) :]
        frame._update_display_name_mapping([Column(each) for each in made], columns)
        return frame

    def _pivoted(self, columns: Sequence[Column]) -> list[Column]:
        """The aggregates, each over the rows that have the pivot's value."""
        pivot: Any = Column.ensure_col(self.pivot_col).column_expression
        found = []
        for value in self.pivot_values or ():
            of_value = exp.NullSafeEQ(this=pivot.copy(), expression=exp.convert(value))
            name = str(value).lower() if isinstance(value, bool) else str(value)
            for column in columns:
                cell = exp.Case().when(  # a cell without rows is empty, also a count
                    exp.LogicalOr(this=of_value.copy()),
                    column.column_expression.transform(_filtered, of_value),
                )
                called = column.expression.meta.get("display_name") or column.expression.alias
                whole = name if len(columns) == 1 else f"{name}_{called}"
                found.append(_called(cell, whole))
        return found


def _filtered(node: Any, condition: exp.Expression) -> Any:
    """An aggregate of the rows that fulfil a condition; anything else as it is."""
    if isinstance(node, exp.Filter):
        node.expression.set("this", exp.and_(node.expression.this, condition))
        return exp.Paren(this=node)
    if isinstance(node, exp.AggFunc):
        return exp.Filter(this=node.copy(), expression=exp.Where(this=condition.copy()))
    return node


def _called(expression: exp.Expression, name: str) -> Column:
    column = Column(exp.alias_(expression, name, quoted=True))
    column.expression.meta["display_name"] = name
    return column
