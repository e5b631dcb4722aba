"""Operators and casts as ANSI Databricks computes them, where DuckDB's types or rounding differ.

See https://docs.databricks.com/sql/language-manual/sql-ref-ansi-compliance.html.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .. import errors
from ..types import SparkType
from . import decimals
from .fragments import duck
from .kinds import KIND, Kinds
from .naming import name_of
from .texts import as_text

WHOLE = frozenset({"BYTE", "SHORT", "INT", "LONG"})
BROKEN = frozenset({"FLOAT", "DOUBLE", "DECIMAL"})
INSTANTS = frozenset({"TIMESTAMP", "TIMESTAMP_NTZ"})
NUMBERS = WHOLE | BROKEN
WHOLE_CASTS = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})
# An interval of these units, added to a DATE, leaves a DATE.
DAYS = frozenset({"DAY", "DAYS", "WEEK", "WEEKS", "MONTH", "MONTHS", "YEAR", "YEARS", "QUARTER"})
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)

Change = Callable[[exp.Expr, Kinds], exp.Expr]


def spark(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of one of our macros."""
    copies = [argument.copy() for argument in arguments]
    return exp.Anonymous(this=f"spark_{name}", expressions=copies)


def arithmetic(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`+ - * / % div`, with Databricks' result type.

    Raises:
      SqlError: of a BOOLEAN, an ARRAY and a number, and the like.
    """
    sides = [_bare(node.this), _bare(node.expression)]
    if all(isinstance(side, exp.Literal) and side.is_int for side in sides):
        return _whole(node) if not isinstance(node, exp.Div) else _divided(node)
    left, right = kinds.of(node.this), kinds.of(node.expression)
    names = [_named(side, kind) for side, kind in zip(sides, (left, right), strict=True)]
    _read_texts(node, names)
    if left and right and _foreign(left.name, right.name):
        shown = name_of(node, "")
        raise errors.SqlError(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            f'Cannot resolve "{shown}" due to data type mismatch: the left and right operands of '
            "the "
            f'binary operator have incompatible types ("{left.text}" and "{right.text}").',
            "42K09",
        )
    if names[0] in {"DATE", *INSTANTS} or names[1] in {"DATE", *INSTANTS}:
        return _moved(node, names)
    if "DECIMAL" in names and left and right:
        exact = _exact(node, left, right)
        if exact is not None:
            return exact
    if isinstance(node, exp.Div):
        return _divided(node)
    if (
        left
        and right
        and isinstance(node, (exp.Add, exp.Sub, exp.Mul))
        and _whole_both(left, right)
    ):
        # A chain of a hundred sums would be asked for a hundred times.
        node.meta[KIND] = max(left, right, key=lambda kind: decimals.WHOLE[kind.name])
    return _whole(node)


def _whole_both(left: SparkType, right: SparkType) -> bool:
    return {left.name, right.name} <= decimals.WHOLE.keys()


def _foreign(left: str, right: str) -> bool:
    """Whether no operator takes the one with the other."""
    odd = {"BOOLEAN", "ARRAY", "MAP", "STRUCT"}
    return (left in odd or right in odd) and left != right and "NULL" not in {left, right}


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    return node


def _named(side: exp.Expr, kind: SparkType | None) -> str:
    if isinstance(side, exp.Literal) and side.is_string:
        return "STRING"
    return kind.name if kind else ""


def _read_texts(node: exp.Expr, names: list[str]) -> None:
    """A text beside a number is read as one: whole numbers as BIGINT, others as DOUBLE."""
    for place, key in enumerate(("this", "expression")):
        other = names[1 - place]
        if names[place] == "STRING" and other in NUMBERS:
            side = node.args[key]
            names[place] = "LONG" if other in WHOLE else "DOUBLE"
            node.set(key, _whole_text(side) if other in WHOLE else exp.cast(side.copy(), "DOUBLE"))


def _whole_text(side: exp.Expr, to: str = "BIGINT") -> exp.Expr:
    return exp.cast(spark("integral", side, exp.Literal.string(to)), to)


def _divided(node: exp.Expr) -> exp.Expr:
    divisor = node.expression
    literal = isinstance(divisor, exp.Literal) and divisor.is_number and float(divisor.name) != 0
    called = isinstance(divisor, exp.Anonymous) and divisor.name == "spark_divisor"
    if not literal and not called:
        node.set("expression", spark("divisor", divisor))
    return node


def _whole(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "BIGINT") if isinstance(node, exp.IntDiv) else node


def _moved(node: exp.Expr, names: list[str]) -> exp.Expr:
    """Dates and timestamps, moved by days or intervals, or the time between two."""
    if names == ["DATE", "DATE"] and isinstance(node, exp.Sub):
        return exp.func("to_days", exp.cast(exp.paren(node.copy()), "INT"))
    if "DATE" in names and any(name in WHOLE for name in names):
        return exp.cast(exp.paren(node.copy()), "DATE")
    interval = node.expression if names[0] == "DATE" else node.this
    if "DATE" in names and isinstance(interval, exp.Interval):
        unit = str(interval.args.get("unit") or "").upper()
        if unit in DAYS:
            return exp.cast(exp.paren(node.copy()), "DATE")
        if unit:
            return exp.cast(exp.paren(node.copy()), exp.DType.TIMESTAMPTZ)
    return node


def _exact(node: exp.Expr, left: SparkType, right: SparkType) -> exp.Expr | None:
    one, two = decimals.digits_of(node.this, left), decimals.digits_of(node.expression, right)
    if one is None or two is None:
        return None
    if isinstance(node, exp.IntDiv):
        fraction = exp.Div(this=node.this.copy(), expression=spark("divisor", node.expression))
        return exp.cast(exp.func("trunc", fraction), "BIGINT")
    to = decimals.combined(type(node), one, two)
    if isinstance(node, exp.Div):
        return decimals.quotient(node.this, one[1], node.expression, two[1], to)
    if isinstance(node, exp.Mul) and sum(one[0:1] + two[0:1]) > decimals.MAX:
        narrowed = [
            _narrow(side, each) for side, each in ((node.this, one), (node.expression, two))
        ]
        return decimals.cast(exp.Mul(this=narrowed[0], expression=narrowed[1]), to)
    return decimals.cast(exp.paren(node.copy()), to)


def _narrow(side: exp.Expr, digits: decimals.Digits) -> exp.Expr:
    """An operand of a product that would not fit into 38 digits."""
    return decimals.cast(side.copy(), (min(digits[0], 19), min(digits[1], 9)))


def comparison(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """Comparisons of texts with numbers read the text; DuckDB would refuse, or write the number."""
    if all(
        isinstance(side, (exp.Literal, exp.Null, exp.Tuple))
        for side in (node.this, node.expression)
    ):
        if not (node.this.is_string ^ node.expression.is_string):
            return node
    elif not any(_may_be_text(side) for side in (node.this, node.expression)):
        return node
    names = [kinds.name(node.this), kinds.name(node.expression)]
    if "STRING" in names and names[0] != names[1]:
        _read_texts(node, names)
    return node


def _may_be_text(side: exp.Expr) -> bool:
    return not isinstance(side, exp.Literal) or side.is_string


def cast(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """CAST, `::` and TRY_CAST."""
    to: exp.DataType = node.args["to"]
    tried = isinstance(node, exp.TryCast)
    if to.is_type("TEXT"):
        kind = kinds.of(node.this)
        return as_text(node.this.copy(), kind) if kind else node
    target = to.this.name if isinstance(to.this, exp.DType) else ""
    if target not in WHOLE_CASTS | {
        "TIMESTAMPTZ",
        "DATE",
        "STRUCT",
        "BINARY",
        "VARBINARY",
        "DECIMAL",
    }:
        return node
    name = kinds.name(node.this)
    if target in WHOLE_CASTS:
        return _to_whole(node, name, target, tried=tried)
    if target == "DECIMAL" and not to.expressions:
        node.set("to", exp.DataType.build("DECIMAL(10, 0)"))
    if target == "TIMESTAMPTZ" and name in NUMBERS:
        return exp.func("to_timestamp", node.this.copy())
    if (
        target == "DATE"
        and name == "STRING"
        and not (isinstance(node.this, exp.Literal) and len(node.this.name) == len("2024-01-31"))
    ):
        node.set("this", spark("whole_date", node.this))
    elif target in {"BINARY", "VARBINARY"} and name == "STRING":
        return exp.Anonymous(this="encode", expressions=[node.this.copy()])
    elif target == "STRUCT":
        return _to_struct(node, kinds.of(node.this))
    return node


def _to_whole(node: exp.Expr, name: str, target: str, *, tried: bool) -> exp.Expr:
    if name == "STRING":
        if tried:
            read: exp.Expr = spark("integral_or_null", node.this)
        else:
            read = spark("integral", node.this, exp.Literal.string(target))
        node.set("this", read)
    elif name in BROKEN:
        node.set("this", exp.func("trunc", node.this.copy()))
    elif name in INSTANTS:
        seconds = exp.func("floor", exp.func("epoch", node.this.copy()))
        node.set("this", seconds)
    return node


def _to_struct(node: exp.Expr, kind: SparkType | None) -> exp.Expr:
    """Databricks casts a struct field by field, whatever their names."""
    if kind is None or kind.name != "STRUCT":
        return node
    fields = [
        exp.Anonymous(
            this="struct_extract", expressions=[node.this.copy(), exp.Literal.string(name)]
        )
        for name in kind.names
    ]
    node.set("this", exp.Anonymous(this="row", expressions=fields))
    return node


def array(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`array('5', 1)`: texts among numbers are read."""
    if not any(isinstance(each, exp.Literal) and each.is_string for each in node.expressions):
        return node
    names = {kinds.name(each) for each in node.expressions}
    if names <= {"STRING"} | WHOLE and len(names) > 1:
        texts = [
            _whole_text(each) if kinds.name(each) == "STRING" else each.copy()
            for each in node.expressions
        ]
        node.set("expressions", texts)
    return node


# Around a tuple that is no value: lists of rows, of columns, of what is compared.
TUPLES = (
    *(exp.Values, exp.In, exp.Insert, exp.Group, exp.GroupingSets, exp.Cube, exp.Rollup),
    *(exp.PivotAlias, exp.Schema, exp.Binary, exp.When, exp.Pivot, exp.Window, exp.Distinct),
)


def structure(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`(a, 1)` as a value: a struct of `a` and `col2`."""
    del kinds
    if not isinstance(node.parent, (exp.Alias, exp.Lambda, exp.Func, exp.Select)) or isinstance(
        node.parent, TUPLES
    ):
        return node
    fields = ", ".join(
        f"{exp.to_identifier(each.name, quoted=True).sql('duckdb')} := {each.sql('duckdb')}"
        if isinstance(each, (exp.Column, exp.Identifier))
        else f"col{place} := {each.sql('duckdb')}"
        for place, each in enumerate(node.expressions, 1)
    )
    return duck(f"struct_pack({fields})")


def collated(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """COLLATE, by bytes or without regard to case.

    Raises:
      SqlError: another collation.
    """
    del kinds
    name = node.expression.name.upper()
    if name not in COLLATIONS:
        raise errors.unsupported(f"the collation {name}")
    node.set("expression", exp.var(COLLATIONS[name]))
    return node


COLLATIONS = {"UTF8_BINARY": "BINARY", "UTF8_LCASE": "NOCASE"}


def condition(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """IF and WHERE want a BOOLEAN.

    Raises:
      SqlError: it is another type.
    """
    test = node.this
    if isinstance(test, (exp.Binary, exp.Not, exp.Boolean, exp.Paren)):
        return node
    kind = kinds.of(test)
    if kind is None or kind.name in {"BOOLEAN", "NULL"}:
        return node
    shown = name_of(test, "")
    if isinstance(node, exp.Where):
        raise errors.SqlError(
            "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
            f'Cannot resolve "{shown}" due to data type mismatch: Filter expression "{shown}" of '
            "type "
            f'"{kind.text}" is not a boolean.',
            "42K09",
        )
    if isinstance(node.parent, exp.Case):
        return node
    raise errors.SqlError(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        f'Cannot resolve "{name_of(node, "")}" due to data type mismatch: The first parameter '
        "requires "
        f'the "BOOLEAN" type, however "{shown}" has the type "{kind.text}".',
        "42K09",
    )


CHANGES: dict[type[exp.Expr], Change] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv), arithmetic),
    **dict.fromkeys(COMPARISONS, comparison),
    exp.Cast: cast,
    exp.TryCast: cast,
    exp.Tuple: structure,
    exp.Collate: collated,
}
