"""Spark's names for columns that a query does not name: `count(1)`, `avg(salary)`, `(a + 1)`.

See https://docs.databricks.com/sql/language-manual/sql-ref-names.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from ..dialect import CASTS
from .generators import is_generator
from .signatures import signature

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
TYPED = frozenset({"DATE", "TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMPNTZ"})
TYPED_NAMES = {"TIMESTAMPTZ": "TIMESTAMP", "TIMESTAMPNTZ": "TIMESTAMP_NTZ"}


def name_columns(select: exp.Select, statement: str) -> None:
    """Gives each unnamed column of `select`, a part of `statement`, the name that Spark would."""
    for projection in list(select.expressions):
        if isinstance(projection, exp.Column) and not isinstance(projection.this, exp.Star):
            # Spelled as it is asked for, whatever the table spells.
            name = projection.name
            projection.replace(exp.alias_(projection.copy(), name, quoted=True))
        elif (cast := _of_column(projection)) is not None:
            projection.replace(exp.alias_(projection.copy(), cast.name, quoted=True))
        elif not is_generator(projection) and (
            not isinstance(projection, SELF_NAMED) or isinstance(projection.expression, exp.Func)
        ):
            name = name_of(projection, statement)
            projection.replace(exp.alias_(projection.copy(), name, quoted=True))


def _of_column(node: exp.Expr) -> exp.Column | None:
    """The column that `node` casts: a cast has the name of what it casts."""
    is_cast = isinstance(node, exp.Cast) or (
        isinstance(node, exp.Anonymous) and node.name.lower() in CASTS and node.expressions
    )
    if not is_cast:
        return None
    inner = node.this if isinstance(node, exp.Cast) else node.expressions[0]
    return inner if isinstance(inner, exp.Column) and _column(inner) == inner.name else None


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
        case exp.Column():
            return _column(node)
        case exp.Literal() | exp.Identifier() | exp.Var() | exp.HexString():
            return f"X'{node.name.upper()}'" if isinstance(node, exp.HexString) else node.name
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
            return _like(node, of)
        case exp.Dot():
            return f"{of(node.this)}.{of(node.expression)}"
        case exp.DPipe():
            return f"concat({of(node.this)}, {of(node.expression)})"
        case exp.Trim():
            return _trim(node, of)
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
        case exp.Map() | exp.VarMap():
            keys, values = node.args["keys"].expressions, node.args["values"].expressions
            pairs = [each for pair in zip(keys, values, strict=True) for each in pair]
            return f"map({listed(pairs)})"
        case exp.Anonymous() if node.name.lower() in {"from_json", "from_csv"}:
            return f"{node.name.lower()}({of(node.expressions[0])})"
        case exp.JSONExtract() if node.args.get("variant_extract"):
            return _last_field(node)
        case exp.WithinGroup():
            return _within(node, of)
        case exp.Window():
            return _window(node, of)
        case exp.Func():
            return _call(node, statement)
    return node.sql("databricks").replace("`", "")


def _call(node: exp.Func, statement: str) -> str:
    arguments = _arguments(node)
    if isinstance(node, exp.Initcap):
        arguments = arguments[:1]
    if isinstance(node, exp.StrPosition):
        given = (node.args["substr"], node.this, node.args.get("position"))
        arguments = [each for each in given if each is not None]
    return signature(_spelled(node, statement), [name_of(each, statement) for each in arguments])


def _column(node: exp.Column) -> str:
    """A column's name; a field's with that of the struct which it is in."""
    owner = node.find_ancestor(exp.Select)
    if not node.table or owner is None:
        return node.name
    start = owner.args.get("from_")
    sources = [start.this] if start is not None else []
    sources += [join.this for join in owner.args.get("joins") or ()]
    names = {each.alias_or_name.lower() for each in sources}
    return node.name if not names or node.table.lower() in names else f"{node.table}.{node.name}"


def _last_field(node: exp.Expr) -> str:
    """`doc:a.b[0]`, which is named `b`."""
    keys = list(node.expression.find_all(exp.JSONPathKey))
    return str(keys[-1].this) if keys else str(node.this.name)


def _like(node: exp.Expr, of: Callable[[exp.Expr], str]) -> str:
    told = f"{of(node.this)} LIKE {of(node.expression)}"
    if isinstance(node, exp.ILike):
        told = f"ilike({of(node.this)}, {of(node.expression)})"
    return f"(NOT {told})" if node.args.get("negate") else told


def _within(node: exp.Expr, of: Callable[[exp.Expr], str]) -> str:
    """`percentile_cont(0.5) WITHIN GROUP (ORDER BY n)`."""
    call = of(node.this)
    terms = node.expression.expressions
    if call.startswith(("listagg", "string_agg")):
        order = ", ".join(_ordered(each, of) for each in terms)
    else:
        order = ", ".join(of(each.this) + " DESC" * bool(each.args.get("desc")) for each in terms)
    return f"{call} WITHIN GROUP (ORDER BY {order})"


def _trim(node: exp.Trim, of: Callable[[exp.Expr], str]) -> str:
    side = str(node.args.get("position") or "").upper()
    if node.expression is None:
        return f"{ {'LEADING': 'ltrim', 'TRAILING': 'rtrim'}.get(side, 'trim') }({of(node.this)})"
    return f"TRIM({side or 'BOTH'} {of(node.expression)} FROM {of(node.this)})"


RANKS = frozenset({"row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist"})
WHOLE = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
SO_FAR = "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def _window(node: exp.Window, of: Callable[[exp.Expr], str]) -> str:
    """`sum(x) OVER (PARTITION BY k ORDER BY n ASC NULLS FIRST RANGE BETWEEN ...)`."""
    call = (
        node.this.this if isinstance(node.this, (exp.IgnoreNulls, exp.RespectNulls)) else node.this
    )
    told = of(call)
    name = told.partition("(")[0]
    spec = _named_window(node) or node
    parts = []
    if spec.args.get("partition_by"):
        parts.append(f"PARTITION BY {', '.join(of(each) for each in spec.args['partition_by'])}")
    order = spec.args.get("order")
    if order is not None:
        parts.append(f"ORDER BY {', '.join(_ordered(each, of) for each in order.expressions)}")
    frame = spec.args.get("spec")
    if frame is not None:
        parts.append(frame.sql("databricks"))
    elif name in {"lag", "lead"}:
        at = f"{'-' if name == 'lag' else ''}{of(call.args.get('offset') or exp.Literal.number(1))}"
        parts.append(f"ROWS BETWEEN {at} FOLLOWING AND {at} FOLLOWING")
    elif name in RANKS:
        parts.append(f"{'RANGE' if name == 'cume_dist' else 'ROWS'} {SO_FAR}")
    else:
        parts.append(WHOLE if order is None else f"RANGE {SO_FAR}")
    head = told.upper() if name in {"rank", "dense_rank", "percent_rank"} else told
    return f"{head} OVER ({' '.join(parts)})"


def _named_window(node: exp.Window) -> exp.Expr | None:
    """The window of `OVER w`, which stands at the end of its query."""
    owner = node.find_ancestor(exp.Select)
    if not node.args.get("alias") or owner is None:
        return None
    for each in owner.args.get("windows") or ():
        if each.name.lower() == node.alias.lower():
            found: exp.Expr = each
            return found
    return None


def _ordered(node: exp.Expr, of: Callable[[exp.Expr], str]) -> str:
    down = bool(node.args.get("desc"))
    first = node.args.get("nulls_first")
    first = (not down) if first is None else bool(first)
    return f"{of(node.this)} {'DESC' if down else 'ASC'} NULLS {'FIRST' if first else 'LAST'}"


def _spelled(node: exp.Func, statement: str) -> str:
    """A function's name, as it was written."""
    if isinstance(node, exp.Anonymous):
        name = node.name
    elif "called" in node.meta:
        name = str(node.meta["called"])
    elif "start" in node.meta and statement:
        name = statement[int(node.meta["start"]) : int(node.meta["end"]) + 1]
    else:
        name = node.sql_name()
    return name.lower()


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
    if isinstance(node.this, exp.Literal) and not literal and not node.meta.get("spelled"):
        return str(node.this.name)  # `2L`
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
