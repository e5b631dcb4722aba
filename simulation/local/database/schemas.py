"""`information_schema`, with Unity Catalog's columns, over what the database holds now.

See https://docs.databricks.com/sql/language-manual/sql-ref-information-schema.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from . import errors
from .standing import Standing

Row = tuple[Any, ...]
Lister = Callable[["Standing", list[str]], Iterator[Row]]

OWNER = "local"


def _catalogs(_session: Standing, catalogs: list[str]) -> Iterator[Row]:
    for catalog in catalogs:
        yield catalog, OWNER, None


def _schemata(session: Standing, catalogs: list[str]) -> Iterator[Row]:
    for catalog in catalogs:
        for schema in [*session.catalogs.schemas(catalog), "information_schema"]:
            yield catalog, schema, OWNER, None


def _tables(session: Standing, catalogs: list[str]) -> Iterator[Row]:
    for catalog in catalogs:
        for each in session.catalogs.relations(catalog):
            kind = "VIEW" if each.is_view else "MANAGED"
            source = None if each.is_view else "DELTA"
            yield catalog, each.schema, each.name, kind, "NO", OWNER, each.comment, source


def _views(session: Standing, catalogs: list[str]) -> Iterator[Row]:
    for catalog in catalogs:
        for each in session.catalogs.relations(catalog):
            if each.is_view:
                yield catalog, each.schema, each.name, "NONE", "NO"


def _columns(session: Standing, catalogs: list[str]) -> Iterator[Row]:
    for catalog in catalogs:
        for each in session.catalogs.relations(catalog):
            for column in session.catalogs.columns(catalog, each.schema, each.name):
                yield (
                    catalog,
                    each.schema,
                    each.name,
                    column.name,
                    column.position,
                    column.default,
                    "YES" if column.nullable else "NO",
                    column.kind.name,
                    column.kind.simple,
                    column.kind.precision,
                    column.kind.scale,
                    column.comment,
                )


NUMBERS = frozenset({"ordinal_position", "numeric_precision", "numeric_scale"})
TABLE_NAME = ("table_catalog", "table_schema", "table_name")
LISTINGS: dict[str, tuple[tuple[str, ...], Lister]] = {
    "catalogs": (("catalog_name", "catalog_owner", "comment"), _catalogs),
    "schemata": (("catalog_name", "schema_name", "schema_owner", "comment"), _schemata),
    "tables": (
        (
            *TABLE_NAME,
            "table_type",
            "is_insertable_into",
            "table_owner",
            "comment",
            "data_source_format",
        ),
        _tables,
    ),
    "views": ((*TABLE_NAME, "check_option", "is_updatable"), _views),
    "columns": (
        (
            *TABLE_NAME,
            "column_name",
            "ordinal_position",
            "column_default",
            "is_nullable",
            "data_type",
            "full_data_type",
            "numeric_precision",
            "numeric_scale",
            "comment",
        ),
        _columns,
    ),
}


def listing(table: exp.Table, session: Standing) -> exp.Expr:
    """What `[catalog.]information_schema.name` holds, as a subquery.

    `system.information_schema` speaks of every catalog, any other of its own.

    Raises:
      SqlError: no such view, or no such catalog.
    """
    found = LISTINGS.get(table.name.lower())
    if found is None:
        raise errors.table_not_found(f"information_schema.{table.name}")
    columns, lister = found
    catalog = table.catalog or session.catalog
    if catalog.lower() == "system":
        catalogs = session.catalogs.names()
    else:
        known = session.catalogs.find(catalog)
        if known is None:
            raise errors.catalog_not_found(catalog)
        catalogs = [known]
    # A first row of typed NULLs, which is filtered out, gives each column its type.
    typed = [exp.cast(exp.null(), "BIGINT" if name in NUMBERS else "TEXT") for name in columns]
    rows = [exp.Tuple(expressions=typed)]
    rows += [
        exp.Tuple(expressions=[exp.convert(value) for value in row])
        for row in lister(session, catalogs)
    ]
    values = exp.Values(expressions=rows)
    values.set(
        "alias",
        exp.TableAlias(
            this=exp.to_identifier("listed"), columns=[exp.to_identifier(c) for c in columns]
        ),
    )
    query = exp.select("*").from_(values).where(f"{columns[0]} IS NOT NULL")
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
    return exp.Subquery(this=query, alias=alias)
