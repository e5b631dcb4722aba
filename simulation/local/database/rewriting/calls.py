"""Calls whose translation depends on their arguments' types, or on a literal.

Each is a function of the call and of `Kinds`, under the function's name.  What is not here and has
no macro goes to DuckDB as it is.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin-alpha.html.
"""

from __future__ import annotations

from sqlglot import exp

from .. import errors, functions, vocabulary
from ..dialect import CASTS
from . import arguments, coercion, intervals
from .fragments import OURS, duck
from .kinds import Kinds
from .registry import CALLS, called, renamed
from .sharing import once


def call(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """A call as DuckDB can run it.

    Raises:
      SqlError: Databricks has the function, and the local engine has not; nobody has it but
        DuckDB; or the number of arguments is wrong.
    """
    name = node.name.lower()
    if node.meta.get(OURS) or (isinstance(node.parent, exp.Dot) and node.arg_key == "expression"):
        return node  # a user's, with its schema before it
    if name in CALLS:
        return CALLS[name](node, kinds)
    if vocabulary.left_out(name):
        raise errors.unsupported(f"the function `{name}`")
    if name not in vocabulary.SHARED | functions.NAMES:
        _check_own(node, kinds)
    given = arguments.called(node, kinds)
    if given is not node:
        return given
    if name in functions.NAMES:
        accepted = functions.arities(name)
        if len(node.expressions) not in accepted:
            raise errors.wrong_arity(name, accepted, len(node.expressions))
        node.set("this", functions.PREFIX + name)
    return node


def _check_own(node: exp.Anonymous, kinds: Kinds) -> None:
    """Refuses a call of what is no user's function, though DuckDB might have it."""
    owner = kinds.owner_of(node.name.lower())
    if isinstance(node.parent, exp.Table) and owner != "user":
        raise errors.table_function_not_found(node.name)
    if owner == "duckdb":
        raise errors.routine_not_found(node.name, kinds.at)


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
    texts = [arguments.texted(each, kinds).copy() for each in node.expressions]
    joined = texts[0]
    for each in texts[1:]:
        joined = exp.DPipe(this=joined, expression=each, safe=False)
    return exp.paren(joined, copy=False)


def dpipe(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`||` of texts, whatever else its sides are."""
    for key in ("this", "expression"):
        node.set(key, arguments.texted(node.args[key], kinds))
    return node


@called("elt")
def _elt(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    place, *values = node.expressions
    texts = [arguments.texted(each, kinds).copy() for each in values]
    return coercion.spark("elt", exp.Anonymous(this="list_value", expressions=texts), place)


@called("concat_ws")
def _concat_ws(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """Texts and arrays of them, NULLs left out; DuckDB has it for texts alone."""
    between, *values = node.expressions
    listed = [
        each.sql("duckdb")
        if (kind := kinds.of(each)) is not None and kind.name == "ARRAY"
        else f"[{arguments.texted(each, kinds).sql('duckdb')}]"
        for each in values
    ]
    texts = f"list_concat({', '.join(listed)})" if listed else "CAST([] AS VARCHAR[])"
    separator = arguments.texted(between, kinds).sql("duckdb")
    told = f"array_to_string(list_filter({texts}, lambda e: e IS NOT NULL), {separator})"
    if isinstance(between, exp.Literal):
        return duck(told)
    return duck(f"CASE WHEN {separator} IS NOT NULL THEN {told} END")


@called("collation")
def _collation(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value = node.expressions[0]
    lower = isinstance(value, exp.Collate) and value.expression.name == "NOCASE"
    return exp.Literal.string(f"SYSTEM.BUILTIN.UTF8_{'LCASE' if lower else 'BINARY'}")


@called("user")
def _user(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del node
    return exp.Literal.string(kinds.user_name)


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
    by = right.sql("duckdb")
    positive = duck(
        once(
            changed.sql("duckdb"),
            lambda told: f"CASE WHEN ({told}) < 0 THEN ({told}) + abs({by}) ELSE {told} END",
        )
    )
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


@called("any", "some")
def _any(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    return renamed("bool_or", node)
