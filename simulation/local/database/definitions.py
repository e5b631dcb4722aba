"""CREATE and ALTER: what DuckDB keeps of a table's definition, and what only Databricks has.

Formats, partitions, clustering and table properties say how Delta lays files out; there are none
here, so they are accepted and change nothing.  Comments are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from . import errors, routines
from .catalogs import inner
from .files import files_at
from .outcomes import created, silent
from .plans import Plan
from .standing import Standing

# Constraints that mean the same to DuckDB.  Keys are informational on Databricks: not enforced.
KEPT_CONSTRAINTS = (exp.NotNullColumnConstraint, exp.DefaultColumnConstraint)
KEPT_PROPERTIES = (exp.TemporaryProperty,)


def create(tree: exp.Create, session: Standing) -> Plan:
    """CREATE TABLE, VIEW or FUNCTION."""
    kind = str(tree.args.get("kind")).upper()
    if kind == "FUNCTION":
        return Plan((routines.create(tree),), silent)
    if kind not in {"TABLE", "VIEW"}:
        raise errors.unsupported(f"CREATE {kind}")
    properties = list(tree.args["properties"].expressions) if tree.args.get("properties") else []
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    comments = list(_comments(tree, target, kind, properties))
    prepared = _prepare_columns(tree, target, session)
    selects = kind == "TABLE" and tree.expression is not None
    for each in properties:
        if isinstance(each, exp.LikeProperty):
            tree.set("expression", exp.select("*").from_(each.this.copy()).limit(0))
        if isinstance(each, exp.LocationProperty) and not tree.expression:
            _read_in_place(tree, each, properties, session)
    kept = [each for each in properties if isinstance(each, KEPT_PROPERTIES)]
    tree.set("properties", exp.Properties(expressions=kept) if kept else None)
    clone = tree.args.get("clone")
    if clone is not None:
        tree.set("expression", exp.select("*").from_(clone.this.copy()))
    for layout in ("clone", "indexes"):
        tree.set(layout, None)
    told = created if selects and not prepared else silent
    return Plan((*prepared, tree.sql("duckdb")), told, tuple(comments))


def _comments(
    tree: exp.Create, target: exp.Expr, kind: str, properties: list[exp.Expr]
) -> Iterator[str]:
    """The COMMENT statements that say what the definition says aside."""
    name = target.sql("duckdb")
    for each in properties:
        if isinstance(each, exp.SchemaCommentProperty):
            yield f"COMMENT ON {kind} {name} IS {each.this.sql('duckdb')}"
    if isinstance(tree.this, exp.Schema):
        for column in tree.this.find_all(exp.ColumnDef):
            for constraint in column.find_all(exp.CommentColumnConstraint):
                told = constraint.this.sql("duckdb")
                yield f"COMMENT ON COLUMN {name}.{column.this.sql('duckdb')} IS {told}"


def _prepare_columns(tree: exp.Create, target: exp.Expr, session: Standing) -> list[str]:
    """Keeps what DuckDB knows of each column; gives the statements that identities need before."""
    prepared: list[str] = []
    if not isinstance(tree.this, exp.Schema):
        return prepared
    columns: list[exp.Expr] = []
    for column in tree.this.expressions:
        if not isinstance(column, (exp.ColumnDef, exp.Identifier)):
            continue  # PRIMARY KEY, FOREIGN KEY, CONSTRAINT
        constraints = [each for each in column.args.get("constraints") or () if _kept(each)]
        identity = column.find(exp.GeneratedAsIdentityColumnConstraint)
        if identity is not None:
            sequence = _sequence(target, column, session)
            start = identity.args.get("start") or exp.Literal.number(1)
            step = identity.args.get("increment") or exp.Literal.number(1)
            prepared.append(
                f"CREATE OR REPLACE SEQUENCE {sequence} "
                f"START {start.sql('duckdb')} INCREMENT {step.sql('duckdb')}"
            )
            following = exp.func("nextval", exp.Literal.string(sequence))
            default = exp.DefaultColumnConstraint(this=following)
            constraints.append(exp.ColumnConstraint(kind=default))
        elif column.find(exp.ComputedColumnConstraint):
            raise errors.unsupported("generated columns")
        if isinstance(column, exp.ColumnDef):
            column.set("constraints", constraints)
        columns.append(column)
    tree.this.set("expressions", columns)
    return prepared


def _kept(constraint: exp.Expr) -> bool:
    return isinstance(constraint, exp.ColumnConstraint) and isinstance(
        constraint.args.get("kind"), KEPT_CONSTRAINTS
    )


def _sequence(target: exp.Expr, column: exp.Expr, session: Standing) -> str:
    assert isinstance(target, exp.Table)
    catalog, schema, table = session.located(target)
    sequence = exp.table_(
        f"{table}_{column.name}_identity", db=schema, catalog=inner(catalog), quoted=True
    )
    return sequence.sql("duckdb")


def _read_in_place(
    tree: exp.Create,
    location: exp.LocationProperty,
    properties: list[exp.Expr],
    session: Standing,
) -> None:
    """An external table without columns of its own: a view on the files at its location."""
    if isinstance(tree.this, exp.Schema):
        return
    formats = [each.this.name for each in properties if isinstance(each, exp.FileFormatProperty)]
    files = files_at(location.this.name, formats[0] if formats else "parquet", {}, session)
    tree.set("kind", "VIEW")
    tree.set("expression", exp.select("*").from_(files))


def alter(tree: exp.Alter) -> Plan:
    """ALTER TABLE or VIEW, one DuckDB statement for each column it names."""
    name = tree.this.sql("duckdb")
    statements = [
        sql for action in tree.args.get("actions") or () for sql in _altered(name, tree, action)
    ]
    return Plan(tuple(statements), silent)


def _altered(name: str, tree: exp.Alter, action: exp.Expr) -> Iterator[str]:
    match action:
        case exp.Schema():
            for column in action.expressions:
                yield from _altered(name, tree, column)
        case exp.ColumnDef():
            column_name = action.this.sql("duckdb")
            yield f"ALTER TABLE {name} ADD COLUMN {column_name} {action.args['kind'].sql('duckdb')}"
            for constraint in action.find_all(exp.CommentColumnConstraint):
                yield f"COMMENT ON COLUMN {name}.{column_name} IS {constraint.this.sql('duckdb')}"
        case exp.Drop():
            for dropped in action.args.get("tables") or [action.this]:
                for column in dropped.expressions if isinstance(dropped, exp.Schema) else [dropped]:
                    yield f"ALTER TABLE {name} DROP COLUMN {column.sql('duckdb')}"
        case exp.AlterColumn() if action.args.get("comment"):
            told = action.args["comment"].sql("duckdb")
            yield f"COMMENT ON COLUMN {name}.{action.this.sql('duckdb')} IS {told}"
        case exp.AlterRename():
            # DuckDB renames within the schema, and takes the last part of the name.
            new_name = exp.to_identifier(action.this.name, quoted=True).sql("duckdb")
            yield f"ALTER {tree.args['kind']} {name} RENAME TO {new_name}"
        case exp.AlterSet():
            return
        case _:
            yield f"ALTER {tree.args['kind']} {name} {action.sql('duckdb')}"
