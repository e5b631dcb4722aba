"""INTERVAL literals of several units, which DuckDB writes otherwise.

    INTERVAL '1 02:03:04' DAY TO SECOND     INTERVAL '2-3' YEAR TO MONTH

See https://docs.databricks.com/sql/language-manual/data-types/interval-type.html.
"""

from __future__ import annotations

from sqlglot import exp

FINE = ("DAY", "HOUR", "MINUTE", "SECOND")


def literal(node: exp.Expr) -> exp.Expr:
    """`node` as DuckDB reads it; itself if it has one unit, or names its units in its text."""
    span = node.args.get("unit")
    if not isinstance(span, exp.IntervalSpan):
        return node
    first, text = str(span.this).upper(), node.this.name.strip()
    sign = "-" if text.startswith("-") else ""
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
        case exp.ToDays():
            return "DAY"
        case exp.Add() | exp.Sub():
            ends = [
                _ends(side) for side in (qualifier(node.this), qualifier(node.expression)) if side
            ]
            if len(ends) < 2:
                return None
            first, last = min(end[0] for end in ends), max(end[1] for end in ends)
            return UNITS[first] if first == last else f"{UNITS[first]} TO {UNITS[last]}"
        case exp.Mul() | exp.Div():
            side = qualifier(node.this) or qualifier(node.expression)
            if side is None:
                return None
            return "YEAR TO MONTH" if side.startswith(MONTHLY) else "DAY TO SECOND"
    return None


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
            value.replace(exp.Anonymous(this="month_text", expressions=[value.copy()]))
    return found
