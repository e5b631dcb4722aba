"""The precision and scale of DECIMAL arithmetic, by Databricks' rules.

See https://docs.databricks.com/sql/language-manual/data-types/decimal-type.html and the pages of
the operators.
"""

from __future__ import annotations

from sqlglot import exp

from ..types import SparkType

MAX = 38
KEPT_SCALE = 6  # digits after the point that a product or quotient keeps, whatever else it loses
WHOLE = {"BYTE": 3, "SHORT": 5, "INT": 10, "LONG": 20}

Digits = tuple[int, int]


def digits_of(node: exp.Expr, kind: SparkType) -> Digits | None:
    """Precision and scale that `node` has as an operand; None if it is no exact number."""
    if kind.precision is not None and kind.scale is not None:
        return kind.precision, kind.scale
    literal = node.this if isinstance(node, (exp.Neg, exp.Paren, exp.Nullif)) else node
    if isinstance(literal, exp.Cast) and not literal.meta.get("spelled"):
        literal = literal.this  # `2L`
    if kind.name in WHOLE and isinstance(literal, exp.Literal) and not literal.is_string:
        return len(literal.name), 0
    return (WHOLE[kind.name], 0) if kind.name in WHOLE else None


def combined(operator: type[exp.Expr], left: Digits, right: Digits) -> Digits:
    """What an operator makes of two DECIMALs."""
    (p1, s1), (p2, s2) = left, right
    if operator in {exp.Add, exp.Sub}:
        scale = max(s1, s2)
        return fitted(max(p1 - s1, p2 - s2) + scale + 1, scale)
    if operator is exp.Mul:
        return fitted(p1 + p2 + 1, s1 + s2)
    if operator is exp.Mod:
        scale = max(s1, s2)
        return fitted(min(p1 - s1, p2 - s2) + scale, scale)
    scale = max(KEPT_SCALE, s1 + p2 + 1)
    return fitted(p1 - s1 + s2 + scale, scale)


def fitted(precision: int, scale: int) -> Digits:
    """The digits that 38 leave room for: whole ones first."""
    if precision <= MAX:
        return precision, scale
    whole = precision - scale
    return MAX, max(MAX - whole, min(scale, KEPT_SCALE))


def summed(kind: SparkType) -> Digits:
    """A sum of DECIMALs."""
    assert kind.precision is not None
    assert kind.scale is not None
    return min(kind.precision + 10, MAX), kind.scale


def averaged(kind: SparkType) -> Digits:
    """An average of DECIMALs."""
    assert kind.precision is not None
    assert kind.scale is not None
    return min(kind.precision + 4, MAX), min(kind.scale + 4, MAX)


def cast(node: exp.Expr, digits: Digits) -> exp.Expr:
    """`node` as a DECIMAL of so many digits."""
    return exp.cast(node, f"DECIMAL({digits[0]}, {digits[1]})", dialect="databricks")


def quotient(
    left: exp.Expr, left_scale: int, right: exp.Expr, right_scale: int, to: Digits
) -> exp.Expr:
    """An exact division, rounded half up; beyond 128 bits it is a DOUBLE's."""
    shift = to[1] - left_scale + right_scale
    exact = exp.Anonymous(
        this="spark_decimal_quotient",
        expressions=[
            left.copy(),
            right.copy(),
            exp.Literal.number(max(shift, 0)),
            exp.Literal.number(to[1]),
        ],
    )
    return cast(exact, to)
