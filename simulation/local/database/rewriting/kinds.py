"""The type of an expression, asked of DuckDB: it binds the expression where it stands.

Databricks' arithmetic, casts and sizes depend on types, which a tree does not know.  What an
expression refers to is given with it: the tables of its query, and the parameters of its lambdas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import duckdb
from attrs import define, field
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from ..types import SparkType, spark_type
from .fragments import duck

# What a lambda's parameters are, by the call it belongs to: where `L` stands for an element of the
# first argument, `R` for one of the second, `K` and `V` for a map's keys and values.
PARAMETERS = {
    "transform": "LI",
    "filter": "LI",
    "exists": "L",
    "any_match": "L",
    "forall": "L",
    "array_sort": "LL",
    "aggregate": "ZL",
    "reduce": "ZL",
    "zip_with": "LR",
    "map_filter": "KV",
    "transform_values": "KV",
    "transform_keys": "KV",
    "map_zip_with": "KVW",
}


KIND = "kind"  # in a node's meta: its type, where that is known without asking


@define
class Kinds:
    """Answers which type an expression has.

    Args:
      cursor: a session's.
      variables: that session's variables, and their types.
      user_name: whose session it is.
      at: the catalog and schema that it stands in.
    """

    _cursor: duckdb.DuckDBPyConnection
    variables: Mapping[str, str] = field(factory=dict)
    user_name: str = ""
    at: tuple[str, str] = ("", "")
    _known: dict[str, SparkType | None] = field(factory=dict)
    _columns: dict[tuple[int, str], tuple[exp.Expr, SparkType]] = field(factory=dict)

    def of(self, node: exp.Expr) -> SparkType | None:
        """The type of `node`, which is in its tree and has been translated; None if unknown."""
        if isinstance(node, exp.Literal):
            return None if node.is_string else self._bound(f"SELECT {node.sql('duckdb')}")
        if KIND in node.meta:
            known: SparkType = node.meta[KIND]
            return known
        if isinstance(node, exp.Column):
            return self._column(node)
        return self._asked(node)

    def _column(self, node: exp.Column) -> SparkType | None:
        """A column's type, asked once for each query that it stands in."""
        scope = node.find_ancestor(exp.Lambda, exp.Pivot, exp.Select, exp.Update, exp.Merge)
        if not isinstance(scope, exp.Select) or _earlier(node, scope):
            return self._asked(node)
        place = (id(scope), node.sql("duckdb"))
        if place not in self._columns:
            kind = self._asked(node)
            if kind is None:
                return None
            self._columns[place] = scope, kind  # the query is kept, and its id with it
        return self._columns[place][1]

    def _asked(self, node: exp.Expr) -> SparkType | None:
        try:
            asked = _query(node).sql("duckdb")
        except (IndexError, ValueError, AttributeError):  # sqlglot cannot write part of it yet
            return None
        return self._bound(asked)

    def name(self, node: exp.Expr) -> str:
        """The API's name of the type of `node`; `STRING` for a literal; empty if unknown."""
        if isinstance(node, exp.Literal) and node.is_string:
            return "STRING"
        kind = self.of(node)
        return kind.name if kind else ""

    def owner_of(self, function: str) -> str:
        """Whose `function` is: `user`, `duckdb`, or nobody's at all."""
        asked = "SELECT bool_and(internal) FROM duckdb_functions() WHERE function_name = ?"
        found = self._cursor.execute(asked, [function]).fetchone()
        return {True: "duckdb", False: "user"}.get(found[0], "") if found else ""

    def _bound(self, query: str) -> SparkType | None:
        if query not in self._known:
            self._known[query] = self._described(query)
        return self._known[query]

    def _described(self, query: str) -> SparkType | None:
        try:
            rows = self._cursor.execute(f"DESCRIBE {query}").fetchall()
        except duckdb.Error:
            return None
        return spark_type(DuckDBPyType(rows[-1][1])) if rows else None


def _query(node: exp.Expr) -> exp.Select:
    """A query for `node` alone, over what it may refer to."""
    query = exp.Select()
    for scope in _scopes(node):
        _add_sources(query, scope, node)
    for bound in _lambdas(node):
        query.append("joins", exp.Join(this=bound, kind="CROSS"))
    if query.args.get("joins") and not query.args.get("from_"):
        query = query.from_(exp.select("1").subquery("nothing"), copy=False)
    owner = node.find_ancestor(exp.Select)
    if owner is not None:
        query.set("windows", [window.copy() for window in owner.args.get("windows") or ()])
    _add_withs(query, node)
    query.set("expressions", [*_earlier(node, owner), node.copy()])
    return query


def _scopes(node: exp.Expr) -> Iterator[exp.Expr]:
    """What encloses `node` and has tables: its own query first."""
    scope: exp.Expr | None = node.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Merge)
    while scope is not None:
        yield scope
        inside = scope.find_ancestor(exp.Subquery, exp.Exists, exp.In, exp.CTE)
        if inside is None or isinstance(inside.parent, (exp.From, exp.Join, exp.With)):
            return
        scope = inside.find_ancestor(exp.Select, exp.Update)


def _add_sources(query: exp.Select, scope: exp.Expr, node: exp.Expr) -> None:
    around = {id(each) for each in _ancestors(node)}
    start: Any = scope.args.get("from_")
    if not isinstance(scope, exp.Select):
        start = exp.From(this=scope.this.copy())
        if isinstance(scope, exp.Merge):
            query.append("joins", exp.Join(this=scope.args["using"].copy(), kind="CROSS"))
    in_pivot = node.find_ancestor(exp.Pivot, exp.Select) if start is not None else None
    if start is None or (id(start) in around and not isinstance(in_pivot, exp.Pivot)):
        return
    told = start.copy()
    if isinstance(in_pivot, exp.Pivot):
        told.this.set("pivots", None)  # what it is made of
    if query.args.get("from_"):
        query.append("joins", exp.Join(this=told.this, kind="CROSS"))
    else:
        query.set("from_", told)
    for key in ("joins", "laterals"):
        for each in scope.args.get(key) or ():
            if id(each) in around:
                break  # what stands behind it is not seen by it
            query.append(key, each.copy())


def _lambdas(node: exp.Expr) -> Iterator[exp.Expr]:
    """A table of one column for each parameter of each lambda around `node`."""
    around: list[exp.Expr] = []
    inner = node.find_ancestor(exp.Lambda)
    while inner is not None:
        call = inner.parent
        if isinstance(call, exp.Anonymous) and call.name.lower() in PARAMETERS:
            around.append(_parameters(inner, call))
        inner = inner.find_ancestor(exp.Lambda)
    yield from reversed(around)


def _parameters(bound: exp.Lambda, call: exp.Anonymous) -> exp.Expr:
    arguments = call.expressions
    signs = PARAMETERS[call.name.lower()]
    makers: dict[str, Callable[[], str]] = {
        "L": lambda: f"unnest({arguments[0].sql('duckdb')})",
        "R": lambda: f"unnest({arguments[1].sql('duckdb')})",
        "I": lambda: "0::INT",
        "Z": lambda: arguments[1].sql("duckdb"),
        "K": lambda: f"unnest(map_keys({arguments[0].sql('duckdb')}))",
        "V": lambda: f"unnest(map_values({arguments[0].sql('duckdb')}))",
        "W": lambda: f"unnest(map_values({arguments[1].sql('duckdb')}))",
    }
    columns = ", ".join(
        f"{makers[sign]()} AS {parameter.sql('duckdb')}"
        for sign, parameter in zip(signs, bound.expressions, strict=False)
    )
    name = exp.TableAlias(this=exp.to_identifier(f"bound_{id(bound)}"))
    inside = duck(f"SELECT {columns}")
    return exp.Lateral(this=exp.Subquery(this=inside), alias=name)


def _add_withs(query: exp.Select, node: exp.Expr) -> None:
    kept: list[exp.Expr] = []
    recursive = False
    owner = node.find_ancestor(exp.Select, exp.SetOperation)
    while owner is not None:
        told = owner.args.get("with_")
        if told is not None:
            before: list[exp.Expr] = []
            for each in told.expressions:
                if any(ancestor is each for ancestor in _ancestors(node)):
                    break
                before.append(each.copy())
            kept = before + kept
            recursive = recursive or bool(told.args.get("recursive"))
        owner = owner.find_ancestor(exp.Select, exp.SetOperation)
    if kept:
        query.set("with_", exp.With(expressions=kept, recursive=recursive))


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _earlier(node: exp.Expr, scope: exp.Expr | None) -> list[exp.Expr]:
    """The aliased columns before `node`, which it may refer to."""
    if scope is None or not isinstance(scope, exp.Select):
        return []
    names = {column.name.lower() for column in node.find_all(exp.Column) if not column.table}
    earlier: list[exp.Expr] = []
    for projection in scope.expressions:
        if any(each is projection for each in [node, *_ancestors(node)]):
            break
        named = isinstance(projection, exp.Alias) and projection.alias.lower() in names
        if named and projection.this.name.lower() != projection.alias.lower():
            earlier.append(projection.copy())
    return earlier
