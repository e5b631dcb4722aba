"""Values for a statement's parameters: `:name` and `?`.

See https://docs.databricks.com/sql/language-manual/sql-ref-parameter-marker.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError

from . import errors

Values = Mapping[str, exp.Expr]


def values_of(parameters: Sequence[Mapping[str, Any]]) -> Values:
    """Typed literals from the API's parameters, by name, or by place from "1" where there is none.

    Args:
      parameters: `name`, `value` (text, or None for NULL) and `type` of each.

    Raises:
      SqlError: a type that is none.
    """
    return {
        str(parameter.get("name") or place).lower(): _literal(parameter)
        for place, parameter in enumerate(parameters, 1)
    }


def _literal(parameter: Mapping[str, Any]) -> exp.Expr:
    value, kind = parameter.get("value"), str(parameter.get("type") or "STRING")
    literal = exp.null() if value is None else exp.Literal.string(str(value))
    if kind.upper() == "STRING" and value is not None:
        return literal
    try:
        told = "STRING" if kind.upper() == "VOID" else kind
        to = exp.DataType.build(told, dialect="databricks")
    except (ParseError, ValueError):
        raise errors.SqlError(
            "UNSUPPORTED_DATATYPE", f'Unsupported data type "{kind}".', "0A000"
        ) from None
    return exp.cast(literal, to)


def bound(tree: exp.Expr, values: Values) -> exp.Expr:
    """`tree` with a value for each parameter.

    Raises:
      SqlError: one has none.
    """
    place = 0

    def given(node: exp.Expr) -> exp.Expr:
        nonlocal place
        if not isinstance(node, exp.Placeholder):
            return node
        name = node.name.strip("?")
        if not name:
            place += 1
        found = values.get(name.lower() or str(place))
        if found is None:
            raise errors.unbound(name or f"_{node.meta.get('start', place)}")
        return found.copy()

    return tree.transform(given)
