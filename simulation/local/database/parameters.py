"""Values for a statement's parameters: `:name` and `?`.

See https://docs.databricks.com/sql/language-manual/sql-ref-parameter-marker.html.
"""

from __future__ import annotations

import re
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
    values: dict[str, exp.Expr] = {}
    for place, parameter in enumerate(parameters, 1):
        name = str(parameter.get("name") or place)
        if name.lower() in values:
            raise _bad_marker("DUPLICATE_NAME", name, "the name is there twice")
        values[name.lower()] = _literal(name, parameter)
    return values


def _bad_marker(kind: str, name: str, said: str) -> errors.SqlError:
    return errors.SqlError(
        f"INVALID_PARAMETER_MARKER_VALUE.{kind}",
        f"An invalid parameter mapping was provided: {said}, for the parameter `{name}`.",
        "22023",
    )


def _literal(name: str, parameter: Mapping[str, Any]) -> exp.Expr:
    value, kind = parameter.get("value"), str(parameter.get("type") or "STRING")
    literal = exp.null() if value is None else exp.Literal.string(str(value))
    if value is None and kind.upper() == "VOID":
        return literal
    if kind.upper() in {"STRING", "VOID"} and value is not None:
        return literal
    try:
        to: exp.DataType | None = exp.DataType.build(kind, dialect="databricks")
    except (ParseError, ValueError):
        to = None
    if to is None or to.is_type(*NO_LITERALS) or to.this == exp.DType.USERDEFINED:
        raise _bad_marker("INVALID_DATA_TYPE", name, f"no literal has the type {kind.upper()}")
    if value is not None and not _fits(str(value), to):
        raise errors.SqlError(
            "INVALID_VALUE_FOR_DATA_TYPE",
            f"The value '{value}' of the parameter `{name}` is no {kind.upper()}.",
            "22023",
        )
    cast = exp.cast(literal, to)
    if to.is_type("DECIMAL") and not to.expressions:
        cast.set("to", exp.DataType.build("DECIMAL(10, 0)"))
    return cast


NO_LITERALS = ("ARRAY", "MAP", "STRUCT", "BINARY", "VARBINARY", "VARIANT", "OBJECT")
WHOLE = re.compile(r"\s*[+-]?\d+\s*")
# What a value of each type looks like; a type that is not here takes what a cast takes.
FORMS = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "BIGINT"), WHOLE),
    **dict.fromkeys(
        ("FLOAT", "DOUBLE", "DECIMAL"),
        re.compile(
            r"\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|inf(inity)?)\s*[df]?", re.IGNORECASE
        ),
    ),
    "BOOLEAN": re.compile(r"\s*(true|false|t|f|yes|no|y|n|0|1)\s*", re.IGNORECASE),
    "DATE": re.compile(r"\s*[+-]?\d{4,}(-\d{1,2}(-\d{1,2}([ T].*)?)?)?\s*"),
    "TIMESTAMPTZ": re.compile(r"\s*[+-]?\d{4,}(-\d{1,2}(-\d{1,2}([ T].*)?)?)?\s*"),
}


def _fits(value: str, to: exp.DataType) -> bool:
    form = FORMS.get(to.this.name if isinstance(to.this, exp.DType) else "")
    return form is None or bool(form.fullmatch(value))


def bound(tree: exp.Expr, values: Values) -> exp.Expr:
    """`tree` with a value for each parameter, in place.

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

    return tree.transform(given, copy=False)
