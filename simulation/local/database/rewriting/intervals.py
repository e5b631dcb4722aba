"""INTERVAL literals of several units, which DuckDB writes otherwise.

    INTERVAL '1 02:03:04' DAY TO SECOND     INTERVAL '2-3' YEAR TO MONTH

See https://docs.databricks.com/sql/language-manual/data-types/interval-type.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

FINE = ("DAY", "HOUR", "MINUTE", "SECOND")


def literal(node: exp.Expr) -> exp.Expr:
    """`node` as DuckDB reads it; itself if it has one unit, or names its units in its text."""
    span = node.args.get("unit")
    if not isinstance(span, exp.IntervalSpan):
        return node
    first, written = str(span.this).upper(), node.this
    negative = isinstance(written, exp.Neg)
    text = (written.this if negative else written).name.strip()
    sign = "-" if text.startswith("-") != negative else ""
    text = text.lstrip("+-")
    if first == "YEAR":
        years, _, months = text.partition("-")
        told = f"{sign}{years} years {sign}{months or 0} months"
    else:
        days, _, clock = text.rpartition(" ") if first == "DAY" else ("0", "", text)
        parts = clock.split(":")
        units = FINE[1:] if first == "DAY" else FINE[FINE.index(first) :]
        pairs = zip(parts, units, strict=False)
        told = " ".join(
            [f"{sign}{days or 0} days", *(f"{sign}{part} {unit.lower()}s" for part, unit in pairs)]
        )
    return exp.cast(exp.Literal.string(told), "INTERVAL")


UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
MONTHLY = UNITS[:2]


def qualifier(node: exp.Expr) -> str | None:
    """Which units the interval `node` has, as its type tells: `DAY TO SECOND`; None if unknown."""
    node = node.unalias().unnest()
    match node:
        case exp.Interval():
            unit = node.args.get("unit")
            if isinstance(unit, exp.IntervalSpan):
                return f"{unit.this} TO {unit.expression}".upper()
            name = str(unit or "").upper().removesuffix("S")
            return {"WEEK": "DAY", "QUARTER": "MONTH"}.get(name, name if name in UNITS else None)
        case exp.Anonymous() if node.name.lower() == "make_ym_interval":
            return "YEAR TO MONTH"
        case exp.Neg():
            return qualifier(node.this)
        case exp.Column():
            return _listed(node)
        case exp.Anonymous() if node.name.lower() in {"try_add", "try_subtract"}:
            return _of(node.expressions) if all(map(qualifier, node.expressions)) else None
        case exp.Anonymous() if node.name.lower() in KEEPING | WIDENING and node.expressions:
            return _of(node.expressions, wide=node.name.lower() in WIDENING)
        case exp.Func() if node.sql_name().lower() in KEEPING | WIDENING:
            given = [node.this, *(node.args.get("expressions") or ())]
            return _of(given, wide=node.sql_name().lower() in WIDENING)
        case exp.ToDays():
            return "DAY"
        case exp.Add() | exp.Sub():
            sides = [qualifier(node.this), qualifier(node.expression)]
            return _of([node.this, node.expression]) if all(sides) else None
        case exp.Mul() | exp.Div():
            return _of([node.this, node.expression], wide=True)
    return None


# Functions whose interval has the units of their arguments', and those with all units of its kind.
KEEPING = frozenset(
    {"abs", "any_value", "coalesce", "first", "greatest", "last", "least", "max", "min", "mode"}
    | {"negative", "nvl", "positive", "sum", "try_sum"}
)
WIDENING = frozenset({"avg", "mean", "try_avg", "try_divide", "try_multiply"})


def _of(nodes: Sequence[exp.Expr], *, wide: bool = False) -> str | None:
    """The units that the intervals among `nodes` have in all."""
    told = [qualifier(each) for each in nodes]
    ends = [_ends(each) for each in told if each]
    if not ends:
        return None
    first, last = min(end[0] for end in ends), max(end[1] for end in ends)
    if wide:
        return "YEAR TO MONTH" if UNITS[first] in MONTHLY else "DAY TO SECOND"
    return UNITS[first] if first == last else f"{UNITS[first]} TO {UNITS[last]}"


def _listed(node: exp.Column) -> str | None:
    """The units of a column of `FROM VALUES (...) AS t(column)`."""
    select = node.find_ancestor(exp.Select)
    source = select.args.get("from_") if select is not None else None
    values = source.this if source is not None else None
    if not isinstance(values, exp.Values) or node.name not in values.alias_column_names:
        return None
    place = values.alias_column_names.index(node.name)
    rows = [
        each.expressions[place] if isinstance(each, exp.Tuple) else each
        for each in values.expressions
    ]
    return _of(rows)


def _ends(told: str) -> tuple[int, int]:
    first, _, last = told.partition(" TO ")
    return UNITS.index(first), UNITS.index(last or first)


def shown(select: exp.Select) -> dict[int, str]:
    """The units of each interval among a query's columns, by place.

    An interval of months becomes the text that Databricks sends, `1-2`: Python has none.
    """
    found: dict[int, str] = {}
    if any(each.is_star for each in select.expressions):
        return found
    for place, projection in enumerate(select.expressions):
        told = qualifier(projection)
        if told is None:
            continue
        found[place] = told
        if told.startswith(MONTHLY):
            value = projection.unalias()
            value.replace(exp.Anonymous(this="spark_month_text", expressions=[value.copy()]))
    return found
