"""One caller's conversation with the database: where it stands, what it set, its temporary views.

A session runs one statement at a time; `interrupt` may come from another thread.  Statements come
in Databricks' SQL and results leave in Databricks' types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
from attrs import evolve
from sqlglot import exp

from ..places import Places, Unreachable
from . import commands, errors, parsing, translate
from .catalogs import (
    DEFAULT_CATALOG,
    DEFAULT_SCHEMA,
    Catalogs,
    ColumnOf,
    dotted,
    identifier,
    inner,
    outer,
)
from .complaints import from_duckdb
from .outcomes import Outcome
from .types import spark_type

FETCHED_AT_ONCE = (
    5_000  # rows; small enough for a message, large enough that the calls do not count
)


class Session:
    """A caller's cursor on the database, with its current catalog and schema.

    Args:
      catalogs: the database.
      places: where DBFS and volumes lie.
      user_name: what `current_user()` says.
    """

    def __init__(self, catalogs: Catalogs, places: Places, user_name: str) -> None:
        self.catalogs = catalogs
        self.places = places
        self.user_name = user_name
        self.settings: dict[str, str] = {}
        self.cursor = catalogs.root.cursor()
        self.catalog, self.schema = DEFAULT_CATALOG, DEFAULT_SCHEMA
        self.stand(self.catalog, self.schema)

    def __repr__(self) -> str:
        return f"<Session at {self.catalog}.{self.schema}>"

    def close(self) -> None:
        """Drops the session's temporary views with its cursor."""
        self.cursor.close()

    def interrupt(self) -> None:
        """Ends the statement that runs now, from another thread."""
        self.cursor.interrupt()

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

    def run(self, statement: str, parameters: Sequence[Mapping[str, Any]] = ()) -> Outcome:
        """Runs one statement.

        Args:
          statement: Databricks SQL.
          parameters: `name`, `value` (text, or None for NULL) and `type` of each `:name`.

        Raises:
          SqlError: it is wrong, or went wrong.
          Cancelled: it was interrupted.
        """
        command = commands.find(statement)
        parsed = parsing.parse(statement) if command is None else None
        try:
            if command is not None:
                return command(self)
            assert parsed is not None
            return self._run(parsed, parameters)
        except duckdb.InterruptException:
            raise errors.Cancelled from None
        except duckdb.Error as error:
            raise from_duckdb(error, parsed) from error
        except Unreachable as unreachable:
            raise errors.unreachable(unreachable.path) from None

    def _run(self, parsed: exp.Expr, parameters: Sequence[Mapping[str, Any]]) -> Outcome:
        plan = translate.plan(parsed, self, parameters)
        if len(plan.statements) > 1:
            self.cursor.execute("BEGIN")
            try:
                for sql in plan.statements[:-1]:
                    self.cursor.execute(sql)
                outcome = plan.told(self._execute(plan.statements[-1]))
            except BaseException:
                self.cursor.execute("ROLLBACK")
                raise
            self.cursor.execute("COMMIT")
        else:
            outcome = plan.told(self._execute(plan.statements[0]) if plan.statements else Outcome())
        for sql in plan.afterwards:
            self.cursor.execute(sql)
        return outcome

    def _execute(self, sql: str) -> Outcome:
        self.cursor.execute(sql)
        described = self.cursor.description or []
        kinds = tuple(spark_type(column[1]) for column in described)
        return Outcome(tuple(column[0] for column in described), kinds, self._batches())

    def _batches(self) -> Iterator[list[tuple[Any, ...]]]:
        try:
            while batch := self.cursor.fetchmany(FETCHED_AT_ONCE):
                yield batch
        except duckdb.InterruptException:
            raise errors.Cancelled from None
        except duckdb.Error as error:
            raise from_duckdb(error) from error

    def select(self, sql: str, written: exp.Expr | None = None) -> Outcome:
        """Runs DuckDB's own SQL, as it is: what a data frame library has translated already.

        Args:
          sql: for DuckDB.
          written: what the user wrote, for places in errors.
        """
        try:
            return self._execute(sql)
        except duckdb.InterruptException:
            raise errors.Cancelled from None
        except duckdb.Error as error:
            raise from_duckdb(error, written) from error

    def view(
        self,
        query: exp.Expr,
        name: str,
        parameters: Sequence[Mapping[str, Any]] = (),
        *,
        rows: bool = False,
    ) -> Outcome:
        """Makes `query` the temporary view `name`; gives its columns, and its rows if asked to."""
        (sql,) = translate.plan(query, self, parameters).statements
        view = identifier(name)
        self.select(f"CREATE OR REPLACE TEMPORARY VIEW {view} AS {sql}", query).rows()
        limit = "" if rows else " LIMIT 0"
        outcome = self.select(f"SELECT * FROM temp.main.{view}{limit}", query)
        return evolve(outcome, view=name)
