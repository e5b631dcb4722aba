"""Spark's names for columns that a query does not name: `count(1)`, `avg(salary)`, `(a + 1)`.

See https://docs.databricks.com/sql/language-manual/sql-ref-names.html.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.databricks import Databricks

# Expressions that give several columns, or name theirs themselves.
SELF_NAMED = (
    exp.Alias,
    exp.Aliases,
    exp.Column,
    exp.Star,
    exp.Explode,
    exp.ExplodeOuter,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Inline,
    exp.Subquery,
    exp.Identifier,
    exp.Dot,
    exp.PropertyEQ,
)
SPARKS = Databricks()


def name_columns(select: exp.Select) -> None:
    """Gives each unnamed column of `select` the name that Spark would."""
    for projection in list(select.expressions):
        if isinstance(projection, (exp.Explode, exp.ExplodeOuter)) and not isinstance(
            projection, exp.Posexplode
        ):
            projection.replace(exp.alias_(projection.copy(), "col", quoted=True))
        elif not isinstance(projection, SELF_NAMED):
            projection.replace(exp.alias_(projection.copy(), name_of(projection), quoted=True))


def name_of(projection: exp.Expr) -> str:
    """What Spark calls the column of `projection`."""
    if isinstance(projection, exp.Literal):
        return projection.name
    if isinstance(projection, exp.Count) and isinstance(projection.this, exp.Star):
        return "count(1)"
    text = SPARKS.generate(projection, normalize_functions="lower").replace("`", "")
    return f"({text})" if isinstance(projection, (exp.Binary, exp.Not)) else text
