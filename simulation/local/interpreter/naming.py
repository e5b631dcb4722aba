"""What Spark calls a column that nobody gave a name."""

from __future__ import annotations

import re
from typing import Any

from sqlframe.base.column import Column
from sqlframe.duckdb import functions
from sqlframe.duckdb.group import DuckDBGroupedData
from sqlglot import exp

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
    if not isinstance(expression, exp.Alias) or not GENERATED.fullmatch(expression.alias):
        return column
    text = expression.this.sql("spark", normalize_functions="lower").replace("`", "")
    text = text.replace("count(*)", "count(1)").replace("count(distinct ", "count(DISTINCT ")
    return Column(exp.alias_(expression.this.copy(), text, quoted=True))


class NamedGroups(DuckDBGroupedData):
    """`df.groupBy(...)`, whose aggregates are called as in Spark."""

    def agg(self, *exprs: Any) -> Any:
        """The aggregates of every group."""
        if self.pivot_col is not None:
            return super().agg(*exprs)
        return super().agg(*map(named, exprs))
