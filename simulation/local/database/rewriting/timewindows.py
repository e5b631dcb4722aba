"""`window(time, length[, slide])` and `session_window(time, gap)`: groups by time.

A window is a struct column `window` or `session_window`, made before the grouping: the query's
tables become a subquery with it.
See https://docs.databricks.com/sql/language-manual/functions/window.html.
"""

from __future__ import annotations

from sqlglot import exp

from .. import errors
from .fragments import duck

WINDOWS = ("window", "session_window")


def opened(select: exp.Select) -> None:
    """Gives the tables of `select` the windows that it groups by.

    Raises:
      SqlError: more than one window, or one whose lengths are no literals.
    """
    found = [
        each
        for each in select.find_all(exp.Anonymous)
        if each.name.lower() in WINDOWS and each.find_ancestor(exp.Select) is select
    ]
    if not found or not select.args.get("from_"):
        return
    spelled = {each.sql("duckdb").lower() for each in found}
    if len(spelled) > 1:
        raise errors.unsupported("more than one time window in a query")
    call = found[0]
    name = call.name.lower()
    inside = exp.Select(expressions=[exp.Star()], from_=select.args["from_"].pop())
    for key in ("joins", "laterals"):
        if select.args.get(key):
            inside.set(key, [each.pop() for each in select.args[key]])
    if select.args.get("where"):
        inside.set("where", select.args["where"].pop())
    sliding = _sliding(call, inside) if name == "window" else _session(call, inside, select)
    select.set("from_", exp.From(this=sliding))
    for each in found:
        column = exp.column(name)
        is_projection = each.parent is select and each.arg_key == "expressions"
        each.replace(exp.alias_(column, name) if is_projection else column)


def _interval(node: exp.Expr) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise errors.unsupported("a time window whose length is not a literal")
    return f"INTERVAL {node.sql('duckdb')}"


def _instant(time: exp.Expr) -> exp.Expr:
    """A text is read as a TIMESTAMP; whatever else it is, DuckDB knows by its type."""
    told = time.sql("duckdb")
    return duck(f"CAST({told} AS TIMESTAMPTZ)")


def _sliding(call: exp.Anonymous, inside: exp.Select) -> exp.Expr:
    time, length, *rest = call.expressions
    time = _instant(time)
    width = _interval(length)
    slide = _interval(rest[0]) if rest else width
    # The starts of the windows that a time is in: the last one, and those a slide before it.
    start = f"spark_time_slot({time.sql('duckdb')}, {width}, {slide}) - slot * {slide}"
    steps = f"range(CAST(ceil(epoch({width}) / epoch({slide})) AS BIGINT))"
    kept = f"{time.sql('duckdb')} < {start} + {width}"
    made = duck(
        f'SELECT struct_pack(start := {start}, "end" := {start} + {width}) AS "window" '
        f"FROM (SELECT unnest({steps}) AS slot) AS slots WHERE {kept}"
    )
    lateral = exp.Lateral(
        this=exp.Subquery(this=made), alias=exp.TableAlias(this=exp.to_identifier("slotted"))
    )
    inside.append("joins", exp.Join(this=lateral, kind="CROSS"))
    return exp.Subquery(this=inside, alias=exp.TableAlias(this=exp.to_identifier("windowed")))


def _session(call: exp.Anonymous, inside: exp.Select, select: exp.Select) -> exp.Expr:
    time, gap = call.expressions
    time = _instant(time)
    width = _interval(gap)
    group = select.args.get("group")
    keys = [
        each.sql("duckdb")
        for each in (group.expressions if group else [])
        if not (isinstance(each, exp.Anonymous) and each.name.lower() == "session_window")
    ]
    split = f"PARTITION BY {', '.join(keys)} " if keys else ""
    moment = time.sql("duckdb")
    numbered = (
        f"SELECT *, sum(fresh) OVER ({split}ORDER BY {moment}) AS session_number FROM (SELECT *, "
        f"CASE WHEN {moment} <= lag({moment}) OVER ({split}ORDER BY {moment}) + {width} THEN 0 "
        "ELSE 1 END "
        f"AS fresh FROM ({inside.sql('duckdb')}) AS given) AS marked"
    )
    by = ", ".join([*keys, "session_number"])
    made = (
        f"SELECT * EXCLUDE (fresh, session_number), struct_pack(start := min({moment}) OVER "
        f'(PARTITION BY {by}), "end" := max({moment}) OVER (PARTITION BY {by}) + {width}) '
        f"AS session_window FROM ({numbered}) AS numbered"
    )
    query = duck(made)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("windowed")))
