"""SHOW: what there is.

See https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-show.html.
"""

from __future__ import annotations

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
