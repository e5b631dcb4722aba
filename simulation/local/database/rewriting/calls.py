"""Calls whose translation depends on their arguments' types, or on a literal.

Each is a function of the call and of `Kinds`, under the function's name.  What is not here and has
no macro goes to DuckDB as it is.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin-alpha.html.
"""

from __future__ import annotations

import re

from sqlglot import exp

from .. import errors, functions
from ..dialect import CASTS, LEFT_OUT
from . import coercion, intervals
from .fragments import duck
from .kinds import Kinds
from .registry import CALLS, called, renamed
from .texts import as_text


def call(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """A call as DuckDB can run it.

    Raises:
      SqlError: Databricks has the function, and the local engine has not; or the number of
        arguments is wrong.
    """
    name = node.name.lower()
    if name in CALLS:
        return CALLS[name](node, kinds)
    if name in LEFT_OUT:
        raise errors.unsupported(f"the function `{name}`")
    if name in functions.NAMES:
        accepted = functions.arities(name)
        if len(node.expressions) not in accepted:
            raise errors.wrong_arity(name, accepted, len(node.expressions))
        node.set("this", functions.PREFIX + name)
    return node


def standing(made: exp.Expr, place: exp.Expr) -> exp.Expr:
    """`made` where `place` stands, so that types can be asked for; the tree itself is as it was."""
    made.parent = place.parent
    return made


@called("concat")
def _concat(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    if not node.expressions:
        return exp.Literal.string("")
    named = [kinds.of(each) for each in node.expressions]
    if any(kind is not None and kind.name == "ARRAY" for kind in named):
        return renamed("list_concat", node)
    texts = [_texted(each, kinds) for each in node.expressions]
    joined = texts[0]
    for each in texts[1:]:
        joined = exp.DPipe(this=joined, expression=each, safe=False)
    return exp.paren(joined, copy=False)


def _texted(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    if isinstance(node, exp.Literal) and node.is_string:
        return node.copy()
    kind = kinds.of(node)
    if kind is None or kind.name == "STRING":
        return node.copy()
    if kind.name == "NULL":
        return exp.cast(node.copy(), "TEXT")
    return as_text(node.copy(), kind)


def dpipe(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`||` of texts, whatever else its sides are."""
    for key in ("this", "expression"):
        node.set(key, _texted(node.args[key], kinds))
    return node


@called("elt")
def _elt(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    place, *texts = node.expressions
    listed = exp.Anonymous(this="list_value", expressions=[each.copy() for each in texts])
    return exp.Anonymous(this="list_extract", expressions=[listed, place.copy()])


@called("typeof")
def _typeof(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value = node.expressions[0]
    if isinstance(value, exp.Literal) and value.is_string:
        return exp.Literal.string("string")
    units = intervals.qualifier(value)
    if units is not None:
        return exp.Literal.string(f"interval {units.lower()}")
    kind = kinds.of(value)
    return exp.Literal.string(kind.simple if kind else "string")


@called("decode")
def _decode(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    if len(node.expressions) == 2:
        return exp.Anonymous(this="decode", expressions=[node.expressions[0].copy()])
    value, *rest = (each.copy() for each in node.expressions)
    case = exp.Case()
    while len(rest) > 1:
        test, then, *rest = rest
        case = case.when(exp.NullSafeEQ(this=value.copy(), expression=test), then)
    return case.else_(rest[0]) if rest else case


# ---- texts and numbers


@called("format_string", "printf")
def _printf(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    return renamed("printf", node)


@called(*CASTS)
def _cast(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value = exp.cast(node.expressions[0].copy(), node.name, dialect="databricks", copy=False)
    return coercion.cast(standing(value, node), kinds)


@called("mod", "pmod")
def _mod(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    left, right = node.expressions
    rest = standing(exp.Mod(this=left.copy(), expression=right.copy()), node)
    changed = coercion.arithmetic(rest, kinds)
    if node.name.lower() == "mod":
        return changed
    told, by = changed.sql("duckdb"), right.sql("duckdb")
    positive = duck(f"CASE WHEN ({told}) < 0 THEN ({told}) + abs({by}) ELSE {told} END")
    return (
        exp.cast(positive, changed.args["to"].copy()) if isinstance(changed, exp.Cast) else positive
    )


@called("try_add", "try_subtract", "try_multiply")
def _tried(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    operators = {"try_add": exp.Add, "try_subtract": exp.Sub, "try_multiply": exp.Mul}
    left, right = (each.copy() for each in node.expressions)
    operation = standing(operators[node.name.lower()](this=left, expression=right), node)
    return exp.Anonymous(this="try", expressions=[coercion.arithmetic(operation, kinds).copy()])


@called("try_divide")
def _try_divide(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    left, right = (each.copy() for each in node.expressions)
    nonzero = exp.Nullif(this=right, expression=exp.Literal.number(0))
    return coercion.arithmetic(standing(exp.Div(this=left, expression=nonzero), node), kinds)


NUMBER_PICTURE = re.compile(r"[09.,$GDSMIPRLB]+", re.IGNORECASE)


@called("to_char", "to_varchar")
def _to_char(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value, picture = node.expressions[0], node.expressions[1].name
    if not NUMBER_PICTURE.fullmatch(picture):
        return CALLS["date_format"](node, kinds)
    scale = _scale(picture)
    comma = "," if "," in picture or "G" in picture.upper() else ""
    told = f"format('{{:{comma}.{scale}f}}', CAST({value.sql('duckdb')} AS DOUBLE))"
    money = "'$' || " if "$" in picture or "L" in picture.upper() else ""
    return duck(money + told)


@called("to_number", "try_to_number")
def _to_number(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    text, picture = node.expressions[0], node.expressions[1].name
    digits = len(re.findall(r"[09]", picture))
    plain = f"regexp_replace({text.sql('duckdb')}, '[,$]', '', 'g')"
    cast = "TRY_CAST" if node.name.lower().startswith("try") else "CAST"
    return duck(f"{cast}({plain} AS DECIMAL({digits}, {_scale(picture)}))")


def _scale(picture: str) -> int:
    return (
        len(re.findall(r"[09]", re.split(r"[.D]", picture, maxsplit=1, flags=re.IGNORECASE)[-1]))
        if re.search(r"[.D]", picture, re.IGNORECASE)
        else 0
    )


# ---- numbers and aggregates


@called("any", "some")
def _any(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    return renamed("bool_or", node)


@called("mode")
def _mode(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    return renamed("mode", node)


@called("median", "percentile")
def _percentile(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value = exp.cast(node.expressions[0].copy(), "DOUBLE")
    share = node.expressions[1].copy() if len(node.expressions) > 1 else exp.Literal.number("0.5")
    return exp.Anonymous(this="quantile_cont", expressions=[value, share])
