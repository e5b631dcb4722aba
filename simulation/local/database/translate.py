"""From a tree of Databricks SQL to what DuckDB is to run, and how its result is told.

sqlglot writes functions and types in DuckDB's dialect; what it cannot know is done here, to the
tree: parameters get their values, names their catalog, files their place on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.expressions import DataType

from . import definitions, errors, schemas
from .catalogs import inner
from .files import file_query, reads_files
from .functions import rewritten
from .naming import name_columns
from .outcomes import Outcome, affected, inserted, merged, silent

if TYPE_CHECKING:
    from .session import Session

Tell = Callable[[Outcome], Outcome]


@frozen
class Plan:
    """What to run.

    Attributes:
      statements: DuckDB SQL; more than one run as one transaction.
      told: makes the last one's result into the statement's.
      afterwards: comments and the like, which belong to no transaction.
    """

    statements: tuple[str, ...]
    told: Tell = field(default=lambda outcome: outcome, repr=False)
    afterwards: tuple[str, ...] = ()


def plan(tree: exp.Expr, session: Session, parameters: Sequence[Mapping[str, Any]]) -> Plan:
    """How DuckDB runs `tree` for `session`.

    Raises:
      SqlError: a parameter without a value, a name that leads nowhere, an unsupported clause.
    """
    tree = resolved(tree.copy(), session, parameters)
    match tree:
        case exp.Create():
            return definitions.create(tree, session)
        case exp.Alter():
            return definitions.alter(tree)
        case exp.Insert():
            return _insert(tree)
        case exp.Merge():
            return Plan((f"{duckdb_sql(_merge(tree, session))} RETURNING merge_action",), merged)
        case exp.Update() | exp.Delete():
            for target in tree.args.get("expressions") or ():
                target.this.set("table", None)
            return Plan((duckdb_sql(tree),), affected)
        case exp.Values():
            return Plan((_values(tree),))
        case exp.TruncateTable() | exp.Drop() | exp.Comment():
            return Plan((duckdb_sql(tree),), silent)
        case _:
            return Plan((duckdb_sql(tree),))


def duckdb_sql(tree: exp.Expr) -> str:
    """`tree` in DuckDB's dialect."""
    return tree.sql("duckdb")


def resolved(tree: exp.Expr, session: Session, parameters: Sequence[Mapping[str, Any]]) -> exp.Expr:
    """`tree` with values for its parameters, and its names and functions made DuckDB's."""
    values = {str(parameter["name"]).lower(): parameter for parameter in parameters}
    tree = tree.transform(lambda node: _bound(node, values))
    tree = tree.transform(_identified)
    for select in tree.find_all(exp.Select):
        name_columns(select)
    tree = tree.transform(lambda node: _placed(node, session))
    # From the leaves up, so that what is inside a changed node has been changed already.
    for node in reversed(list(tree.walk())):
        changed = _computed(node, session)
        if changed is not node:
            node.replace(changed)
    return tree


def _bound(node: exp.Expr, values: Mapping[str, Mapping[str, Any]]) -> exp.Expr:
    if not isinstance(node, exp.Placeholder):
        return node
    name = node.name
    if not name or name.lower() not in values:
        raise errors.unbound(name or "?")
    parameter = values[name.lower()]
    value, kind = parameter.get("value"), str(parameter.get("type") or "STRING")
    literal = exp.null() if value is None else exp.Literal.string(value)
    if kind.upper() == "STRING" and value is not None:
        return literal
    try:
        to = DataType.build("STRING" if kind.upper() == "VOID" else kind, dialect="databricks")
    except (ParseError, ValueError):
        raise errors.SqlError(
            "UNSUPPORTED_DATATYPE", f'Unsupported data type "{kind}".', "0A000"
        ) from None
    return exp.cast(literal, to)


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


def _placed(node: exp.Expr, session: Session) -> exp.Expr:
    """A table with its catalog, its files, or the listing that it stands for."""
    if not isinstance(node, exp.Table):
        return node
    if reads_files(node):
        return file_query(node, session)
    if not isinstance(node.this, exp.Identifier):
        return _with_id(node)
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


def _computed(node: exp.Expr, session: Session) -> exp.Expr:
    match node:
        case exp.CurrentUser() | exp.SessionUser():
            return exp.Literal.string(session.user_name)
        case exp.CurrentCatalog():
            return exp.Literal.string(session.catalog)
        case exp.CurrentSchema() | exp.CurrentDatabase():
            return exp.Literal.string(session.schema)
    return rewritten(node)


def _values(tree: exp.Values) -> str:
    """A table of its own, with Spark's column names."""
    first = tree.expressions[0]
    width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
    names = ", ".join(f"col{place}" for place in range(1, width + 1))
    return f"SELECT * FROM ({duckdb_sql(tree)}) AS listed({names})"


def _insert(tree: exp.Insert) -> Plan:
    if not tree.args.get("overwrite"):
        return Plan((duckdb_sql(tree),), inserted)
    tree.set("overwrite", False)
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return Plan((f"DELETE FROM {duckdb_sql(target)}", duckdb_sql(tree)), inserted)


def _merge(tree: exp.Merge, session: Session) -> exp.Merge:
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
