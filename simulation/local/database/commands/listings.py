"""SHOW: what there is.

See https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-show.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogs import Relation
from ..outcomes import Outcome
from ..standing import Standing
from ..types import BOOLEAN, STRING
from .patterns import catalog_of, command, matching, schema_of, table


@command("SHOW CATALOGS [ LIKE ] [ {text} ]")
def _show_catalogs(session: Standing, text: str | None = None) -> Outcome:
    names = matching(session.catalogs.names(), text)
    return Outcome.of({"catalog": STRING}, [(name,) for name in names])


@command("SHOW SCHEMAS|DATABASES [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_schemas(session: Standing, name: str | None = None, text: str | None = None) -> Outcome:
    names = matching(session.catalogs.schemas(catalog_of(session, name)), text)
    return Outcome.of({"databaseName": STRING}, [(schema,) for schema in names])


def _relations(session: Standing, name: str | None, text: str | None) -> list[Relation]:
    catalog, schema = schema_of(session, name)
    temporary = [
        Relation("", "", relation.name, is_view=True, is_temporary=True)
        for relation in _temporary(session)
    ]
    found = session.catalogs.relations(catalog, schema) + temporary
    kept = matching([relation.name for relation in found], text)
    return [relation for relation in found if relation.name in kept]


def _temporary(session: Standing) -> list[Relation]:
    rows = session.cursor.execute(
        "SELECT view_name FROM duckdb_views()"
        " WHERE database_name = 'temp' AND NOT internal"
        # What stands behind a data frame is nobody's view.
        " AND NOT starts_with(view_name, '__') ORDER BY 1"
    ).fetchall()
    return [Relation("temp", "main", name, is_view=True) for (name,) in rows]


@command("SHOW TABLES [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_tables(session: Standing, name: str | None = None, text: str | None = None) -> Outcome:
    rows = [(each.schema, each.name, each.is_temporary) for each in _relations(session, name, text)]
    return Outcome.of({"database": STRING, "tableName": STRING, "isTemporary": BOOLEAN}, rows)


@command("SHOW TABLES FROM|IN CATALOG {name} [ SCHEMA LIKE {schema} ] [ LIKE ] [ {text} ]")
@command("SHOW TABLES FROM|IN ALL CATALOGS [ SCHEMA LIKE {schema} ] [ LIKE ] [ {text} ]")
def _show_tables_of_catalogs(
    session: Standing, name: str | None = None, schema: str | None = None, text: str | None = None
) -> Outcome:
    """As Databricks' drivers ask for a catalog's tables."""
    rows = [
        (catalog, each.schema, each.name, "VIEW" if each.is_view else "TABLE", each.comment)
        for catalog, each in _everywhere(session, name, schema, text)
    ]
    names = ("catalogName", "namespace", "tableName", "tableType", "remarks")
    return Outcome.of(dict.fromkeys(names, STRING), rows)


@command(
    "SHOW COLUMNS FROM|IN CATALOG {name} [ SCHEMA LIKE {schema} ] [ TABLE LIKE {table} ] "
    "[ LIKE ] [ {text} ]"
)
def _show_columns_of_catalog(
    session: Standing,
    name: str,
    schema: str | None = None,
    table: str | None = None,
    text: str | None = None,
) -> Outcome:
    """As Databricks' drivers ask for a catalog's columns."""
    rows = [
        (catalog, each.schema, each.name, column.name, column.kind.text, column.nullable)
        for catalog, each in _everywhere(session, name, schema, table)
        for column in session.catalogs.columns(catalog, each.schema, each.name)
        if matching([column.name], text)
    ]
    names = ("catalogName", "namespace", "tableName", "col_name", "columnType")
    columns = {**dict.fromkeys(names, STRING), "isNullable": BOOLEAN}
    return Outcome.of(columns, rows)


def _everywhere(
    session: Standing, name: str | None, schema: str | None, text: str | None
) -> Iterator[tuple[str, Relation]]:
    """The tables and views of one catalog, or of all, each with its catalog."""
    for catalog in [catalog_of(session, name)] if name else session.catalogs.names():
        for each in session.catalogs.relations(catalog):
            if matching([each.schema], schema) and matching([each.name], text):
                yield catalog, each


@command("SHOW VIEWS [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_views(session: Standing, name: str | None = None, text: str | None = None) -> Outcome:
    rows = [
        (each.schema, each.name, each.is_temporary, False)
        for each in _relations(session, name, text)
        if each.is_view
    ]
    columns = {
        "namespace": STRING,
        "viewName": STRING,
        "isTemporary": BOOLEAN,
        "isMaterialized": BOOLEAN,
    }
    return Outcome.of(columns, rows)


@command("SHOW COLUMNS FROM|IN {name}")
def _show_columns(session: Standing, name: str) -> Outcome:
    columns = session.columns(table(name))
    return Outcome.of({"col_name": STRING}, [(column.name,) for column in columns])


@command("SHOW CREATE TABLE {name}")
def _show_create_table(session: Standing, name: str) -> Outcome:
    shown = table(name)
    lines = ",\n".join(
        f"  {column.name} {column.kind.text}" + ("" if column.nullable else " NOT NULL")
        for column in session.columns(shown)
    )
    told = f"CREATE TABLE {'.'.join(session.located(shown))} (\n{lines})\nUSING delta\n"
    return Outcome.of({"createtab_stmt": STRING}, [(told,)])


@command("SHOW [ USER|SYSTEM|ALL ] FUNCTIONS [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_functions(session: Standing, name: str | None = None, text: str | None = None) -> Outcome:
    del name
    rows = session.cursor.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions()"
        " WHERE function_type LIKE '%macro' AND NOT internal"
        " AND NOT starts_with(function_name, 'spark_') ORDER BY 1"
    ).fetchall()
    return Outcome.of(
        {"function": STRING}, [(each,) for each in matching([row[0] for row in rows], text)]
    )
