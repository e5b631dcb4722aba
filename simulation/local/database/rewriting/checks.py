"""What Databricks refuses by looking at a statement, in its words; DuckDB would say it otherwise.

See https://docs.databricks.com/error-messages/error-classes.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..errors import SqlError, unsupported
from .naming import name_of

RANKING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.PercentRank, exp.CumeDist)
AGGREGATES = (exp.AggFunc,)


def check(tree: exp.Expr) -> None:
    """Refuses `tree` if Databricks would.

    Raises:
      SqlError: with the class that Databricks has for it.
    """
    statement = str(tree.meta.get("statement", ""))
    if any(each.is_type("TIME") for each in tree.find_all(exp.DataType)):
        raise SqlError("UNSUPPORTED_TIME_TYPE", "The data type TIME is not supported.", "0A000")
    for table in tree.find_all(exp.Table):
        if table.args.get("version"):
            raise unsupported("time travel: it keeps no versions of a table")
    for union in tree.find_all(exp.SetOperation):
        _check_set(union)
    for select in tree.find_all(exp.Select):
        _check_limit(select)
        _check_positions(select)
        _check_aggregates(select, statement)


def _check_set(union: exp.SetOperation) -> None:
    left, right = union.left, union.right
    while isinstance(left, exp.SetOperation):
        left = left.left
    sides = [left.unnest(), right.unnest()]
    if not all(isinstance(side, exp.Select) for side in sides):
        return
    if any(
        isinstance(each, exp.Star) or each.find(exp.Star)
        for side in sides
        for each in side.expressions
    ):
        return
    one, two = (len(side.expressions) for side in sides)
    if one != two:
        word = type(union).__name__.upper()
        raise SqlError(
            "NUM_COLUMNS_MISMATCH",
            f"{word} can only be performed on inputs with the same number of columns, but the "
            "first "
            f"input has {one} columns and the second input has {two} columns.",
            "42826",
        )


def _check_limit(select: exp.Select) -> None:
    limit = select.args.get("limit")
    if limit is not None and isinstance(limit.expression, exp.Neg):
        shown = limit.expression.sql("databricks")
        raise SqlError(
            "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
            f'The limit like expression "{shown}" is invalid. The limit expression must be equal '
            "to "
            f"or greater than 0, but got {shown}.",
            "42K0E",
        )


def _check_positions(select: exp.Select) -> None:
    width = len(select.expressions)
    if any(each.is_star or isinstance(each, exp.Aliases) for each in select.expressions):
        return
    order, group = select.args.get("order"), select.args.get("group")
    ordered = [each.this for each in order.expressions] if order else []
    grouped = group.expressions if group else []
    for word, terms in (("ORDER BY", ordered), ("GROUP BY", grouped)):
        for term in terms:
            if isinstance(term, exp.Literal) and term.is_int and not 1 <= int(term.name) <= width:
                raise SqlError(
                    f"{word.replace(' ', '_')}_POS_OUT_OF_RANGE",
                    f"{word} position {term.name} is not in select list (valid range is [1, "
                    f"{width}]).",
                    "42805",
                )


def _check_aggregates(select: exp.Select, statement: str) -> None:
    for call in _own(select, RANKING):
        if not isinstance(call.parent, exp.Window):
            raise SqlError(
                "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",
                f'Window function "{name_of(call, statement)}" requires an OVER clause.',
                "42601",
            )
    for call in _own(select, AGGREGATES):
        inner = next((each for each in call.find_all(exp.AggFunc) if each is not call), None)
        if inner is not None and not _windowed(call) and inner.find_ancestor(exp.Select) is select:
            raise SqlError(
                "NESTED_AGGREGATE_FUNCTION",
                "It is not allowed to use an aggregate function in the argument of another "
                "aggregate "
                "function. Please use the inner aggregate function in a sub-query.",
                "42607",
            )
    where: exp.Expr | None = select.args.get("where")
    if where is None:
        return
    for call in _own(where, AGGREGATES):
        told, condition = name_of(call, statement), name_of(where.this, statement)
        raise SqlError(
            "INVALID_WHERE_CONDITION",
            f'The WHERE condition "{condition}" contains invalid expressions: {told}.\nRewrite the '
            "query to avoid window functions, aggregate functions, and generator functions in the "
            "WHERE clause.",
            "42903",
        )


def _windowed(call: exp.Expr) -> bool:
    return isinstance(call.parent, exp.Window)


def _own(tree: exp.Expr, kinds: tuple[type[exp.Expr], ...]) -> Iterator[exp.Expr]:
    """The calls of some kinds in `tree`, those of its subqueries left out."""
    owner = tree if isinstance(tree, exp.Select) else tree.find_ancestor(exp.Select)
    for each in tree.find_all(*kinds):
        if each.find_ancestor(exp.Select) is owner:
            yield each
