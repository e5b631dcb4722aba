"""Which columns there are where one was looked for in vain: "Did you mean ...?"."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from .errors import SqlError, column_not_found
from .standing import Standing

SHOWN = 5  # as many as Databricks names


def suggested(said: SqlError, name: str, statement: exp.Expr, at: Standing) -> SqlError:
    """`said`, an unresolved column `name` of `statement`, with what stands there instead."""
    column = next(
        (
            each
            for each in statement.find_all(exp.Column)
            if name in {each.name.lower(), each.table.lower()}
        ),
        None,
    )
    if column is None:
        return said
    scope = column.find_ancestor(exp.Select, exp.Update, exp.Delete)
    if scope is None:
        return said
    whole = ".".join(part.name for part in column.parts)
    having = column.find_ancestor(exp.Having)
    if having is not None and isinstance(scope, exp.Select) and not scope.args.get("group"):
        candidates = [each.alias_or_name or each.sql("databricks") for each in scope.expressions]
    elif column.table:
        candidates = [f"{owner}.{each}" for owner, each in _columns(scope, at)]
    else:
        candidates = [each for _, each in _columns(scope, at)]
    nearest = sorted(
        dict.fromkeys(candidates), key=lambda each: _distance(each.lower(), whole.lower())
    )
    place = said.message.partition(f"SQLSTATE: {said.sql_state}")[2]
    return column_not_found(whole, nearest[:SHOWN], place)


def _columns(scope: exp.Expr, at: Standing) -> Iterator[tuple[str, str]]:
    """Each column in a query's tables, with its table's name."""
    start = scope.args.get("from_") if isinstance(scope, exp.Select) else scope
    sources = [start.this] if start is not None else []
    sources += [join.this for join in scope.args.get("joins") or ()]
    for source in sources:
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            try:
                for column in at.columns(source):
                    yield source.alias_or_name, column.name
            except SqlError:
                continue
        elif isinstance(source, exp.Values):
            for name in source.alias_column_names:
                yield source.alias, name
        elif isinstance(source, exp.Subquery):
            for each in source.this.selects:
                yield source.alias_or_name, each.alias_or_name


def _distance(one: str, two: str) -> int:
    """Levenshtein's: how many letters to change."""
    row = list(range(len(two) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, other in enumerate(two, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != other))
    return row[-1]
