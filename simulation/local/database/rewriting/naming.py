"""Spark's names for columns that a query does not name: `count(1)`, `avg(salary)`, `(a + 1)`.

See https://docs.databricks.com/sql/language-manual/sql-ref-names.html.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from .generators import is_generator

# Expressions that give several columns, or name theirs themselves.
SELF_NAMED = (
    exp.Alias,
    exp.Aliases,
    exp.Column,
    exp.Star,
    exp.Subquery,
    exp.Identifier,
    exp.Dot,
    exp.PropertyEQ,
)
OPERATORS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.IntDiv: "div",
    exp.EQ: "=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.NullSafeEQ: "<=>",
    exp.And: "AND",
    exp.Or: "OR",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "^",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}
# Spark writes these in capitals.
CAPITALS = frozenset(
    {
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "ceil",
        "cos",
        "cosh",
        "cot",
    }
    | {
        "csc",
        "degrees",
        "e",
        "exp",
        "expm1",
        "floor",
        "hypot",
        "ln",
        "log",
        "log10",
        "log1p",
        "log2",
    }
    | {"pi", "power", "radians", "sec", "sin", "sinh", "sqrt", "tan", "tanh"}
)
TYPED = frozenset({"DATE", "TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMPNTZ"})
TYPED_NAMES = {"TIMESTAMPTZ": "TIMESTAMP", "TIMESTAMPNTZ": "TIMESTAMP_NTZ"}


def name_columns(select: exp.Select, statement: str) -> None:
    """Gives each unnamed column of `select`, a part of `statement`, the name that Spark would."""
    for projection in list(select.expressions):
        if isinstance(projection, exp.Column) and not isinstance(projection.this, exp.Star):
            # Spelled as it is asked for, whatever the table spells.
            name = projection.name
            projection.replace(exp.alias_(projection.copy(), name, quoted=True))
        elif not is_generator(projection) and (
            not isinstance(projection, SELF_NAMED) or isinstance(projection.expression, exp.Func)
        ):
            name = name_of(projection, statement)
            projection.replace(exp.alias_(projection.copy(), name, quoted=True))


def name_of(node: exp.Expr, statement: str) -> str:
    """What Spark calls the column of `node`."""

    def of(each: exp.Expr) -> str:
        return name_of(each, statement)

    def listed(each: Iterable[exp.Expr]) -> str:
        return ", ".join(of(item) for item in each)

    kind = type(node)
    if kind in OPERATORS:
        return f"({of(node.this)} {OPERATORS[kind]} {of(node.expression)})"
    match node:
        case exp.Literal() | exp.Identifier() | exp.Column():
            return node.name
        case exp.Boolean() | exp.Null():
            return {True: "true", False: "false"}.get(node.this, "NULL")
        case exp.Paren():
            return of(node.this)
        case exp.Alias():
            return f"{of(node.this)} AS {node.alias}"
        case exp.Neg():
            inner = of(node.this)
            return f"-{inner}" if isinstance(node.this, exp.Literal) else f"(- {inner})"
        case exp.NEQ():
            return f"(NOT ({of(node.this)} = {of(node.expression)}))"
        case exp.Not(this=exp.Is(this=value, expression=exp.Null())):
            return f"({of(value)} IS NOT NULL)"
        case exp.Not():
            return f"(NOT {of(node.this)})"
        case exp.Is():
            return f"({of(node.this)} IS {of(node.expression)})"
        case exp.In() if node.expressions:
            return f"({of(node.this)} IN ({listed(node.expressions)}))"
        case exp.Between():
            return f"between({of(node.this)}, {of(node.args['low'])}, {of(node.args['high'])})"
        case exp.Like() | exp.ILike() if not isinstance(node.expression, (exp.Any, exp.All)):
            word = "LIKE" if isinstance(node, exp.Like) else "ilike"
            told = f"{of(node.this)} {word} {of(node.expression)}"
            return told if word == "LIKE" else f"ilike({of(node.this)}, {of(node.expression)})"
        case exp.Dot():
            return f"{of(node.this)}.{of(node.expression)}"
        case exp.DPipe():
            return f"concat({listed(_piped(node))})"
        case exp.Bracket(expressions=[key]) if node.args.get("offset") is None:
            return f"{of(node.this)}[{of(key)}]"
        case exp.Cast() | exp.TryCast():
            return _cast(node, of)
        case exp.Interval():
            unit = str(node.args.get("unit") or "").upper()
            text = node.this.name if node.this else ""
            return f"INTERVAL '{text}' {unit.rstrip('S')}" if unit else f"INTERVAL '{text}'"
        case exp.Extract():
            return f"extract({node.this.name} FROM {of(node.expression)})"
        case exp.Case():
            return _case(node, of)
        case exp.If():
            last = node.args.get("false")
            return f"(IF({of(node.this)}, {of(node.args['true'])}, {of(last) if last else 'NULL'}))"
        case exp.Count(this=exp.Star()):
            return "count(1)"
        case exp.Distinct():
            return f"DISTINCT {listed(node.expressions)}"
        case exp.Filter():
            return f"{of(node.this)} FILTER (WHERE {of(node.expression.this)})"
        case exp.Round():
            places = node.args.get("decimals")
            return f"round({of(node.this)}, {of(places) if places else '0'})"
        case exp.Struct():
            return _struct(node, statement)
        case exp.Lambda():
            names = {each.name.lower() for each in node.expressions}
            body = node.this.copy().transform(
                lambda each: (
                    exp.var("namedlambdavariable()")
                    if isinstance(each, (exp.Column, exp.Identifier)) and each.name.lower() in names
                    else each
                )
            )
            bound = ", ".join("namedlambdavariable()" for _ in node.expressions)
            return f"lambdafunction({of(body)}, {bound})"
        case exp.Var():
            return node.name
        case exp.Map() | exp.VarMap():
            keys, values = node.args["keys"].expressions, node.args["values"].expressions
            pairs = [each for pair in zip(keys, values, strict=True) for each in pair]
            return f"map({listed(pairs)})"
        case exp.Anonymous() if node.name.lower() in {"from_json", "from_csv"}:
            return f"{node.name.lower()}({of(node.expressions[0])})"
        case exp.Window():
            return node.sql("databricks").replace("`", "")
        case exp.Func():
            name = _spelled(node, statement)
            return f"{name}({listed(_arguments(node))})"
    return node.sql("databricks").replace("`", "")


def _piped(node: exp.Expr) -> list[exp.Expr]:
    left = _piped(node.this) if isinstance(node.this, exp.DPipe) else [node.this]
    return [*left, node.expression]


def _spelled(node: exp.Func, statement: str) -> str:
    """A function's name, as it was written."""
    if isinstance(node, exp.Anonymous):
        name = node.name
    elif "start" in node.meta and statement:
        name = statement[int(node.meta["start"]) : int(node.meta["end"]) + 1]
    else:
        name = node.sql_name()
    name = name.lower()
    return name.upper() if name in CAPITALS else name


def _arguments(node: exp.Func) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for key in node.arg_types:
        value = node.args.get(key)
        found += [
            each
            for each in (value if isinstance(value, list) else [value])
            if isinstance(each, exp.Expr)
        ]
    return found


def _cast(node: exp.Expr, of: object) -> str:
    assert callable(of)
    to = node.args["to"]
    kind = to.this.name if isinstance(to.this, exp.DType) else ""
    literal = isinstance(node.this, exp.Literal) and node.this.is_string
    if literal and kind in TYPED and not node.meta.get("spelled"):
        return f"{TYPED_NAMES.get(kind, kind)} '{node.this.name}'"
    word = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    return f"{word}({of(node.this)} AS {to.sql('databricks').upper()})"


def _case(node: exp.Case, of: object) -> str:
    assert callable(of)
    words = ["CASE"]
    for branch in node.args["ifs"]:
        test = of(branch.this)
        if node.this is not None:
            test = f"({of(node.this)} = {test})"
        words.append(f"WHEN {test} THEN {of(branch.args['true'])}")
    if node.args.get("default") is not None:
        words.append(f"ELSE {of(node.args['default'])}")
    return " ".join([*words, "END"])


def _struct(node: exp.Struct, statement: str) -> str:
    spelled = _spelled(node, statement)
    parts: list[str] = []
    for each in node.expressions:
        if not isinstance(each, exp.PropertyEQ):
            parts.append(name_of(each, statement))
            continue
        value = name_of(each.expression, statement)
        if spelled == "named_struct":
            parts.append(f"{each.name}, {value}")
        elif each.name == value or each.name.startswith("col"):
            parts.append(value)
        else:
            parts.append(f"{value} AS {each.name}")
    return f"{spelled}({', '.join(parts)})"
