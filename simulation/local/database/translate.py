"""From a tree of Databricks SQL to what DuckDB is to run, and how its result is told.

sqlglot writes functions and types in DuckDB's dialect; what it cannot know is done here, to the
tree: parameters get their values, names their catalog, files their place on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve
from sqlglot import exp

from . import definitions, errors, routines, schemas
from .catalogs import inner
from .files import file_query, reads_files
from .outcomes import Outcome, affected, inserted, merged, silent
from .parameters import Values, bound
from .plans import Plan, Tell
from .rewriting import intervals
from .rewriting.checks import check
from .rewriting.fragments import duck
from .rewriting.kinds import Kinds
from .rewriting.naming import name_columns
from .rewriting.tree import rewritten
from .standing import Standing
from .types import interval

__all__ = ["Tell", "plan", "resolved"]


def plan(tree: exp.Expr, session: Standing, values: Values) -> Plan:
    """How DuckDB runs `tree` for `session`.

    Raises:
      SqlError: a parameter without a value, a name that leads nowhere, an unsupported clause.
    """
    check(tree)
    tree = tree.copy()
    units = intervals.shown(tree) if isinstance(tree, exp.Select) else {}
    tree = resolved(tree, session, values)
    match tree:
        case exp.Create():
            return definitions.create(tree, session)
        case exp.Alter():
            return definitions.alter(tree)
        case exp.Insert():
            return _insert(tree, session)
        case exp.Merge():
            return Plan((f"{duckdb_sql(_merge(tree, session))} RETURNING merge_action",), merged)
        case exp.Update() | exp.Delete():
            for target in tree.args.get("expressions") or ():
                target.this.set("table", None)
            return Plan((duckdb_sql(tree),), affected)
        case exp.Values():
            return Plan((_values(tree),))
        case exp.Drop() if str(tree.args.get("kind")).upper() == "FUNCTION":
            return Plan((routines.drop(tree),), silent)
        case exp.TruncateTable() | exp.Drop() | exp.Comment():
            return Plan((duckdb_sql(tree),), silent)
        case exp.Select():
            found = {**units, **intervals.shown(tree)}
            return Plan(
                (duckdb_sql(tree),), partial(with_units, found) if found else lambda told: told
            )
        case _:
            return Plan((duckdb_sql(tree),))


def with_units(units: Mapping[int, str], outcome: Outcome) -> Outcome:
    """`outcome` whose intervals' types tell their units."""
    kinds = [
        interval(units[place]) if place in units else kind
        for place, kind in enumerate(outcome.kinds)
    ]
    return evolve(outcome, kinds=tuple(kinds))


def duckdb_sql(tree: exp.Expr) -> str:
    """`tree` in DuckDB's dialect."""
    return tree.sql("duckdb")


def resolved(tree: exp.Expr, session: Standing, values: Values) -> exp.Expr:
    """`tree` with values for its parameters, and its names and functions made DuckDB's."""
    tree = bound(tree, values)
    tree = tree.transform(_identified, copy=False)
    for select in tree.find_all(exp.Select):
        name_columns(select, str(tree.meta.get("statement", "")))
    tree = tree.transform(lambda node: _placed(node, session), copy=False)
    tree = tree.transform(lambda node: _computed(node, session), copy=False)
    at = (session.catalog, session.schema)
    return rewritten(tree, Kinds(session.cursor, session.variables, session.user_name, at))


def _identified(node: exp.Expr) -> exp.Expr:
    """`IDENTIFIER('a.b')` is the name itself."""
    if isinstance(node, exp.Table) and _is_identifier_clause(node.this):
        table = exp.to_table(node.this.expressions[0].name, dialect="databricks")
        table.set("alias", node.args.get("alias"))
        return table
    if _is_identifier_clause(node) and not isinstance(node.parent, exp.Table):
        return exp.to_column(node.expressions[0].name, dialect="databricks")
    return node


def _is_identifier_clause(node: Any) -> bool:
    return (
        isinstance(node, exp.Anonymous)
        and node.name.upper() == "IDENTIFIER"
        and len(node.expressions) == 1
        and isinstance(node.expressions[0], exp.Literal)
    )


def _placed(node: exp.Expr, session: Standing) -> exp.Expr:
    """A table with its catalog, its files, or the listing that it stands for."""
    match node:
        case exp.Dot(this=exp.Dot(this=exp.Identifier() as owner), expression=exp.Anonymous()):
            catalog = session.catalogs.find(owner.name)  # of a function
            if catalog is None:
                raise errors.catalog_not_found(owner.name)
            owner.replace(exp.to_identifier(inner(catalog), quoted=True))
    if not isinstance(node, exp.Table):
        return node
    if reads_files(node):
        return file_query(node, session)
    if not isinstance(node.this, exp.Identifier):
        return _with_id(node)
    if "/" in node.name or "." in node.name:  # DuckDB would read a file of that name
        raise errors.table_not_found(node.name)
    if node.db.lower() == "information_schema":
        return schemas.listing(node, session)
    if node.db:
        catalog = session.catalogs.find(node.catalog or session.catalog)
        if catalog is None:
            raise errors.catalog_not_found(node.catalog)
        node.set("catalog", exp.to_identifier(inner(catalog)))
    return node


def _with_id(node: exp.Table) -> exp.Table:
    """`range(...)`, whose column is `id` on Databricks."""
    if node.this.sql("duckdb").upper().startswith("RANGE(") and not node.alias_column_names:
        columns = [exp.to_identifier("id")]
        node.set(
            "alias", exp.TableAlias(this=exp.to_identifier(node.alias or "range"), columns=columns)
        )
    return node


def _computed(node: exp.Expr, session: Standing) -> exp.Expr:
    match node:
        case exp.CurrentUser() | exp.SessionUser():
            return exp.Literal.string(session.user_name)
        case exp.CurrentCatalog():
            return exp.Literal.string(session.catalog)
        case exp.CurrentSchema() | exp.CurrentDatabase():
            return exp.Literal.string(session.schema)
    return node


def _values(tree: exp.Values) -> str:
    """A table of its own, with Spark's column names."""
    first = tree.expressions[0]
    width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
    names = ", ".join(f"col{place}" for place in range(1, width + 1))
    return f"SELECT * FROM ({duckdb_sql(tree)}) AS listed({names})"


def _insert(tree: exp.Insert, session: Standing) -> Plan:
    overwrite = tree.args.get("overwrite")
    tree.set("overwrite", False)
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    fixed = _partition(tree, target, session)
    if not overwrite:
        return Plan((duckdb_sql(tree),), inserted)
    where = f" WHERE {fixed}" if fixed else ""
    return Plan((f"DELETE FROM {duckdb_sql(target)}{where}", duckdb_sql(tree)), inserted)


def _partition(tree: exp.Insert, target: exp.Table, session: Standing) -> str:
    """`PARTITION (day = ...)` as values of columns; the condition that they are, or nothing."""
    partition = target.args.get("partition")
    if partition is None:
        return ""
    target.set("partition", None)
    given = {
        each.this.name: each.expression
        for each in partition.expressions
        if isinstance(each, exp.EQ)
    }
    if not given:
        return ""
    fixed = {name.lower() for name in given}
    others = [each.name for each in session.columns(target) if each.name.lower() not in fixed]
    columns = [exp.to_identifier(name, quoted=True) for name in [*others, *given]]
    values = ", ".join(f"{value.sql('duckdb')}" for value in given.values())
    rows = duck(f"SELECT *, {values} FROM ({tree.expression.sql('duckdb')}) AS given")
    tree.set("this", exp.Schema(this=target.copy(), expressions=columns))
    tree.set("expression", rows)
    return " AND ".join(f"{name} = {value.sql('duckdb')}" for name, value in given.items())


def _merge(tree: exp.Merge, session: Standing) -> exp.Merge:
    """`UPDATE SET *` and `INSERT *` spelled out, and targets without their table's name."""
    source = tree.args["using"].alias_or_name
    names = [column.name for column in session.columns(tree.this)]
    for when in tree.args["whens"].expressions:
        action = when.args["then"]
        if isinstance(action, exp.Update):
            if any(isinstance(each, exp.Star) for each in _listed(action)):
                action.set("expressions", [_from_source(name, source) for name in names])
            for assignment in action.expressions:
                assignment.this.set("table", None)
        elif isinstance(action, exp.Insert) and isinstance(action.this, exp.Star):
            columns = [exp.to_identifier(name, quoted=True) for name in names]
            action.set("this", exp.Tuple(expressions=columns))
            values = [exp.column(name, table=source, quoted=True) for name in names]
            action.set("expression", exp.Tuple(expressions=values))
    return tree


def _listed(action: exp.Expr) -> list[exp.Expr]:
    listed: Any = action.args.get("expressions")
    return listed if isinstance(listed, list) else [listed]


def _from_source(name: str, source: str) -> exp.Expr:
    return exp.EQ(
        this=exp.column(name, quoted=True), expression=exp.column(name, table=source, quoted=True)
    )
