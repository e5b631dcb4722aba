"""Where a caller stands in the database: the current catalog and schema, settings, variables.

This is what translating a statement needs to know of a session, and what commands change.
"""

from __future__ import annotations

from sqlglot import exp

from ..places import Places
from . import errors
from .catalogs import (
    DEFAULT_CATALOG,
    DEFAULT_SCHEMA,
    Catalogs,
    ColumnOf,
    dotted,
    inner,
    outer,
)


class Standing:
    """A caller's cursor on the database, with its current catalog and schema.

    Args:
      catalogs: the database.
      places: where DBFS and volumes lie.
      user_name: what `current_user()` says.

    Attributes:
      settings: what `SET` set.
      variables: session variables' types, as DuckDB writes them; their values are the cursor's.
    """

    def __init__(self, catalogs: Catalogs, places: Places, user_name: str) -> None:
        self.catalogs = catalogs
        self.places = places
        self.user_name = user_name
        self.settings: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.cursor = catalogs.root.cursor()
        self.catalog, self.schema = DEFAULT_CATALOG, DEFAULT_SCHEMA
        self.stand(self.catalog, self.schema)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.catalog}.{self.schema}>"

    def use(self, *, catalog: str | None = None, schema: str | None = None) -> None:
        """`USE CATALOG` and `USE SCHEMA`; a catalog alone goes to its schema `default`.

        Raises:
          SqlError: there is no such catalog or schema; the session stays where it was.
        """
        at = self.catalogs.find(catalog) if catalog else self.catalog
        if at is None:
            raise errors.catalog_not_found(str(catalog))
        wanted = schema or DEFAULT_SCHEMA
        known = {name.lower(): name for name in self.catalogs.schemas(at)}
        if schema and wanted.lower() not in known:
            raise errors.schema_not_found(f"{at}.{wanted}")
        self.stand(at, known.get(wanted.lower(), wanted))

    def stand(self, catalog: str, schema: str) -> None:
        """Moves there, unchecked."""
        if schema in self.catalogs.schemas(catalog):
            here = f"{dotted([inner(catalog), schema])},"
        else:
            here = ""
        path = (here + "memory.main").replace("'", "''")
        self.cursor.execute(f"SET search_path = '{path}'")
        self.catalog, self.schema = catalog, schema

    def located(self, table: exp.Table) -> tuple[str, str, str]:
        """Catalog, schema and name of what `table` means here."""
        return outer(table.catalog) or self.catalog, table.db or self.schema, table.name

    def columns(self, table: exp.Table) -> list[ColumnOf]:
        """The columns of a table or view, a temporary one of this session included.

        Raises:
          SqlError: it is not there.
        """
        found = self.catalogs.columns(*self.located(table))
        if not found and not table.db:
            found = self.catalogs.temporary_columns(self.cursor, table.name)
        if not found:
            raise errors.table_not_found(table.sql("databricks").replace("`", ""))
        return found
