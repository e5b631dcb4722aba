"""`spark.catalog` of every Spark here: catalogs, schemas and tables are the workspace's own."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from typing import Any

from .database import AnalysisException, Database
from .spelling import quoted

HIDDEN = ("__", "_sqlframe_")  # how our own views, and sqlframe's, begin


class WorkspaceCatalog:
    """The methods of `spark.catalog` that look at the workspace.

    Args:
      database: the context's line to the workspace.
      told: a module with Spark's `CatalogMetadata`, `Database`, `Table` and `Column`.
      views: the names of temporary views that only this Spark knows.
    """

    def __init__(self, database: Database, told: Any, views: Callable[[], Sequence[str]]) -> None:
        self._database = database
        self._told = told
        self._views = views

    def _rows(self, statement: str) -> list[Any]:
        return self._database.script(statement).rows

    def currentCatalog(self) -> str:  # noqa: N802 (these are Spark's names, here and below)
        """The current catalog."""
        return str(self._rows("SELECT current_catalog()")[0][0])

    def currentDatabase(self) -> str:  # noqa: N802
        """The current schema."""
        return str(self._rows("SELECT current_schema()")[0][0])

    def setCurrentCatalog(self, catalogName: str) -> None:  # noqa: N802, N803
        """`USE CATALOG`."""
        self._rows(f"USE CATALOG {catalogName}")

    def setCurrentDatabase(self, dbName: str) -> None:  # noqa: N802, N803
        """`USE`."""
        self._rows(f"USE {dbName}")

    def listCatalogs(self, pattern: str | None = None) -> list[Any]:  # noqa: N802
        """The catalogs, by name."""
        names = [row[0] for row in self._rows("SHOW CATALOGS")]
        return [self._told.CatalogMetadata(each, None) for each in names if _fits(each, pattern)]

    def listDatabases(self, pattern: str | None = None) -> list[Any]:  # noqa: N802
        """The schemas of the current catalog."""
        names = [row[0] for row in self._rows("SHOW SCHEMAS")]
        return [self._schema(each) for each in names if _fits(each, pattern)]

    def _schema(self, name: str, catalog: str | None = None) -> Any:
        return self._told.Database(name, catalog or self.currentCatalog(), None, "")

    def databaseExists(self, dbName: str) -> bool:  # noqa: N802, N803
        """Whether there is such a schema."""
        try:
            self.getDatabase(dbName)
        except AnalysisException:
            return False
        return True

    def getDatabase(self, dbName: str) -> Any:  # noqa: N802, N803
        """A schema.

        Raises:
          AnalysisException: there is none of that name.
        """
        self._rows(f"DESCRIBE SCHEMA {dbName}")
        catalog, _, name = dbName.rpartition(".")
        return self._schema(name.strip("`"), catalog.strip("`"))

    def listTables(  # noqa: N802
        self,
        dbName: str | None = None,  # noqa: N803
        pattern: str | None = None,
    ) -> list[Any]:
        """The tables and views of a schema, and the temporary views."""
        schema = dbName or ".".join(map(quoted, (self.currentCatalog(), self.currentDatabase())))
        views = {row[1] for row in self._rows(f"SHOW VIEWS IN {schema}")}
        catalog, _, _ = schema.rpartition(".")
        found = [
            self._table(catalog.strip("`") or self.currentCatalog(), space, name, name in views)
            for space, name, temporary in self._rows(f"SHOW TABLES IN {schema}")
            if not temporary
        ]
        temporary = {row[1] for row in self._rows(f"SHOW TABLES IN {schema}") if row[2]}
        found += [self._view(name) for name in sorted(temporary | set(self._views()))]
        return [
            each for each in found if _fits(each.name, pattern) and not each.name.startswith(HIDDEN)
        ]

    def _table(self, catalog: str, schema: str, name: str, is_view: bool) -> Any:
        kind = "VIEW" if is_view else "MANAGED"
        return self._told.Table(name, catalog, [schema], None, kind, False)

    def _view(self, name: str) -> Any:
        return self._told.Table(name, None, [], None, "TEMPORARY", True)

    def tableExists(self, tableName: str, dbName: str | None = None) -> bool:  # noqa: N802, N803
        """Whether there is such a table or view."""
        try:
            self.getTable(f"{dbName}.{tableName}" if dbName else tableName)
        except AnalysisException:
            return False
        return True

    def getTable(self, tableName: str) -> Any:  # noqa: N802, N803
        """A table or view.

        Raises:
          AnalysisException: there is none of that name.
        """
        bare = tableName.strip("`")
        if bare in self._views():
            return self._view(bare)
        self._rows(f"DESCRIBE TABLE {tableName}")
        schema, _, name = tableName.rpartition(".")
        named = [each for each in self.listTables(schema or None) if _same(each.name, name)]
        temporary = [each for each in named if each.isTemporary] if not schema else []
        return (temporary or named or [self._view(bare)])[0]

    def listColumns(self, tableName: str, dbName: str | None = None) -> list[Any]:  # noqa: N802, N803
        """The columns of a table or view."""
        name = f"{dbName}.{tableName}" if dbName else tableName
        rows = self._rows(f"DESCRIBE TABLE {name}")
        # What newer Sparks add to these (is it clustered?) is False as well.
        flags = [False] * (len(self._told.Column._fields) - 4)
        return [
            self._told.Column(column, comment, kind, True, *flags)
            for column, kind, comment, *_ in rows
        ]


# What of Spark's own catalog is answered by the workspace.
METHODS = tuple(name for name in vars(WorkspaceCatalog) if not name.startswith("_"))


def _same(name: str, other: str) -> bool:
    return name.lower() == other.strip("`").lower()


def _fits(name: str, pattern: str | None) -> bool:
    return pattern is None or fnmatch.fnmatch(name.lower(), pattern.lower())
