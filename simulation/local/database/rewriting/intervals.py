"""INTERVAL literals of several units, which DuckDB writes otherwise.

    INTERVAL '1 02:03:04' DAY TO SECOND     INTERVAL '2-3' YEAR TO MONTH

See https://docs.databricks.com/sql/language-manual/data-types/interval-type.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from .naming import name_of

FINE = ("DAY", "HOUR", "MINUTE", "SECOND")


def literal(node: exp.Expr) -> exp.Expr:
    """`node` as DuckDB reads it; itself if it has one unit, or names its units in its text."""
    span, given = node.args.get("unit"), node.this
    negative = isinstance(given, exp.Neg) and given.this.is_string
    if not isinstance(span, exp.IntervalSpan):
        if negative:
            node.set("this", exp.Literal.string(f"-{given.this.name}"))
        return node
    first, text = str(span.this).upper(), (given.this if negative else given).name.strip()
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
    made = exp.cast(exp.Literal.string(told), "INTERVAL")
    made.meta["units"] = f"{span.this} TO {span.expression}".upper()
    return made


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
        case exp.Cast() if "units" in node.meta:
            return str(node.meta["units"])
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


# Microseconds in each unit that has a length.
LENGTHS = {"DAY": 86_400_000_000, "HOUR": 3_600_000_000, "MINUTE": 60_000_000, "SECOND": 1_000_000}


def written(value: str, units: str | None = None) -> str:
    """DuckDB SQL that writes the interval `value`, DuckDB SQL too, as Databricks casts it to text.

    Args:
      value: the interval.
      units: of its type; all that have a length unless given.
    """
    first, _, last = (units or "DAY TO SECOND").partition(" TO ")
    last = last or first
    if first in MONTHLY:
        count = f"(datepart('year', {value}) * 12 + datepart('month', {value}))"
        shown = {
            "YEAR": f"CAST(abs({count}) // 12 AS VARCHAR)",
            "MONTH": f"CAST(abs({count}) AS VARCHAR)",
        }
        whole = f"(abs({count}) // 12 || '-' || abs({count}) % 12)"
        told = shown[first] if first == last else whole
    else:
        count = f"epoch_us({value})"
        told = _clock(f"abs({count})", FINE[FINE.index(first) : FINE.index(last) + 1])
    sign = f"CASE WHEN {count} < 0 THEN '-' ELSE '' END"
    name = first if first == last else f"{first} TO {last}"
    return f"""'INTERVAL ''' || {sign} || {told} || ''' {name}'"""


def _clock(count: str, units: Sequence[str]) -> str:
    """So many microseconds in units, the first of which takes all that it can."""
    pieces: list[str] = []
    for place, unit in enumerate(units):
        left = count if place == 0 else f"({count} % {LENGTHS[units[place - 1]]})"
        piece = f"CAST({left} // {LENGTHS[unit]} AS VARCHAR)"
        if unit != "DAY":
            piece = f"lpad({piece}, CAST(greatest(2, length({piece})) AS INT), '0')"
        between = "" if place == 0 else "' ' || " if units[place - 1] == "DAY" else "':' || "
        pieces.append(between + piece)
    if units[-1] == "SECOND":
        part = f"lpad(CAST({count} % 1000000 AS VARCHAR), 6, '0')"
        pieces.append(f"CASE WHEN {count} % 1000000 = 0 THEN '' ELSE rtrim('.' || {part}, '0') END")
    return " || ".join(pieces)


def _ends(told: str) -> tuple[int, int]:
    first, _, last = told.partition(" TO ")
    return UNITS.index(first), UNITS.index(last or first)


def shown(select: exp.Select) -> dict[int, str]:
    """The units of each interval among a query's columns, by place.

    An interval of months becomes the text that Databricks sends, `1-2`: Python has none.
    """
    found: dict[int, str] = {}
    statement = str(select.meta.get("statement", ""))
    if any(each.is_star for each in select.expressions):
        return found
    for place, projection in enumerate(select.expressions):
        told = qualifier(projection)
        if told is None:
            continue
        found[place] = told
        if told.startswith(MONTHLY):
            value = projection.unalias()
            text = exp.Anonymous(this="spark_month_text", expressions=[value.copy()])
            value.replace(text)
            if value is projection:
                text.replace(exp.alias_(text.copy(), name_of(value, statement), quoted=True))
    return found
