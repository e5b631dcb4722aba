"""One DuckDB with many catalogs: each is an attached database, in memory or in a file of its own.

Databricks' `catalog.schema.table` is DuckDB's `database.schema.table`.  DuckDB gives every database
a schema `main`, which stays hidden here; ours begin with `default`, as in Unity Catalog.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

import duckdb
from attrs import frozen
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from . import errors, functions
from .types import SparkType, spark_type

DEFAULT_CATALOG = "main"
DEFAULT_SCHEMA = "default"
HIDDEN_CATALOGS = frozenset({"system", "temp", "memory"})
# DuckDB keeps these names for itself; here they are attached under another.
RESERVED = frozenset({"main", "system", "temp", "memory"})
HIDDEN_SCHEMAS = frozenset({"main", "pg_catalog", "information_schema"})
ENDING = ".duckdb"


@frozen
class Relation:
    """A table or view, as listings show it."""

    catalog: str
    schema: str
    name: str
    is_view: bool
    is_temporary: bool = False
    comment: str | None = None


@frozen
class ColumnOf:
    """A column of a relation, as listings show it.  `position` counts from 0."""

    name: str
    kind: SparkType
    position: int
    nullable: bool = True
    comment: str | None = None
    default: str | None = None


class Catalogs:
    """The DuckDB of one workspace.

    Args:
      folder: where each catalog keeps its file; None keeps everything in memory.
      spill: a folder for what does not fit into memory.
    """

    def __init__(self, folder: Path | None = None, spill: Path | None = None) -> None:
        self._folder = folder
        config: dict[str, str | bool | int | float | list[str]] = {
            # Nothing is fetched from the network behind the user's back.
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
        if spill is not None:
            config["temp_directory"] = str(spill)
        self.root = duckdb.connect(":memory:", config=config)
        for macro in functions.definitions():
            self.root.execute(macro)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(folder.glob(f"*{ENDING}")):
                self._attach(unquote(file.name.removesuffix(ENDING)))
        if DEFAULT_CATALOG not in self.names():
            self.create(DEFAULT_CATALOG)

    def __repr__(self) -> str:
        return f"<Catalogs {', '.join(self.names())}>"

    def close(self) -> None:
        """Writes everything down and closes the files."""
        for name in self.names():
            self.root.execute(f"DETACH {identifier(inner(name))}")
        self.root.close()

    def _file(self, name: str) -> Path | None:
        return self._folder / f"{quote(name, safe=' ')}{ENDING}" if self._folder else None

    def _attach(self, name: str) -> None:
        place = str(self._file(name) or ":memory:").replace("'", "''")
        self.root.execute(f"ATTACH '{place}' AS {identifier(inner(name))}")

    def names(self) -> list[str]:
        """The catalogs, by name."""
        rows = self.root.cursor().execute("SELECT database_name FROM duckdb_databases()").fetchall()
        return sorted(outer(name) for (name,) in rows if name not in HIDDEN_CATALOGS)

    def find(self, name: str) -> str | None:
        """The catalog that `name` means, in its own spelling: names know no case."""
        return next((known for known in self.names() if known.lower() == name.lower()), None)

    def create(self, name: str) -> None:
        """Adds an empty catalog with the schema `default`."""
        name = name.lower()
        if self.find(name):
            raise errors.already_exists("CATALOG", name)
        self._attach(name)
        self.root.execute(f"CREATE SCHEMA IF NOT EXISTS {dotted([inner(name), DEFAULT_SCHEMA])}")

    def drop(self, name: str, *, cascade: bool) -> None:
        """Removes a catalog, and its file.

        Raises:
          SqlError: there is none, or it holds schemas and `cascade` was not said.
        """
        known = self.find(name)
        if known is None:
            raise errors.catalog_not_found(name)
        if not cascade and (self.schemas(known) != [DEFAULT_SCHEMA] or self.relations(known)):
            raise errors.schema_not_empty(known)
        self.root.execute(f"DETACH {identifier(inner(known))}")
        file = self._file(known)
        if file is not None:
            file.unlink(missing_ok=True)

    def schemas(self, catalog: str) -> list[str]:
        """The schemas of a catalog, by name."""
        rows = (
            self.root.cursor()
            .execute(
                "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ?", [inner(catalog)]
            )
            .fetchall()
        )
        return sorted(name for (name,) in rows if name not in HIDDEN_SCHEMAS)

    def relations(self, catalog: str, schema: str | None = None) -> list[Relation]:
        """Tables and views of a catalog, or of one schema of it, by name."""
        rows = (
            self.root.cursor()
            .execute(
                "SELECT schema_name, name, is_view, comment FROM ("
                "  SELECT schema_name, table_name AS name, false AS is_view, comment,"
                "  database_name, internal"
                "  FROM duckdb_tables()"
                "  UNION ALL SELECT schema_name, view_name, true, comment, database_name, internal"
                "  FROM duckdb_views())"
                " WHERE database_name = $1 AND NOT internal"
                " AND ($2 IS NULL OR lower(schema_name) = lower($2)) ORDER BY 1, 2",
                [inner(catalog), schema],
            )
            .fetchall()
        )
        return [
            Relation(catalog, of_schema, name, is_view, comment=comment)
            for of_schema, name, is_view, comment in rows
            if of_schema not in HIDDEN_SCHEMAS
        ]

    def columns(self, catalog: str, schema: str, name: str) -> list[ColumnOf]:
        """The columns of a table or view, in order; none if it is not there."""
        return self._columns(self.root.cursor(), inner(catalog), schema, name)

    def temporary_columns(self, cursor: duckdb.DuckDBPyConnection, name: str) -> list[ColumnOf]:
        """The same, of a temporary view, which only its own session's cursor sees."""
        return self._columns(cursor, "temp", "main", name)

    def _columns(
        self, cursor: duckdb.DuckDBPyConnection, database: str, schema: str, name: str
    ) -> list[ColumnOf]:
        rows = cursor.execute(
            "SELECT column_name, data_type, is_nullable, comment, column_default"
            " FROM duckdb_columns()"
            " WHERE lower(database_name) = lower($1) AND lower(schema_name) = lower($2)"
            " AND lower(table_name) = lower($3) ORDER BY column_index",
            [database, schema, name],
        ).fetchall()
        return [
            ColumnOf(column, spark_type(DuckDBPyType(kind)), place, nullable, comment, default)
            for place, (column, kind, nullable, comment, default) in enumerate(rows)
        ]


def inner(catalog: str) -> str:
    """The catalog's name in DuckDB."""
    return f"{catalog.lower()}$" if catalog.lower() in RESERVED else catalog


def outer(database: str) -> str:
    """The catalog's name on Databricks."""
    return database.removesuffix("$")


def identifier(name: str) -> str:
    """`name` quoted for DuckDB."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def dotted(parts: Sequence[str]) -> str:
    """A qualified name quoted for DuckDB."""
    return ".".join(identifier(part) for part in parts)
