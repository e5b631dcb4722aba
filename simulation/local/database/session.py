"""One caller's conversation with the database: where it stands, what it set, its temporary views.

A session runs one statement at a time; `interrupt` may come from another thread.  Statements come
in Databricks' SQL and results leave in Databricks' types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import duckdb
from attrs import evolve
from sqlglot import exp

from ..places import Unreachable
from . import commands, errors, parsing, translate
from .catalogs import identifier
from .complaints import from_duckdb
from .outcomes import Outcome
from .parameters import Values, values_of
from .standing import Standing
from .suggestions import suggested
from .types import spark_type

T = TypeVar("T")
UNRESOLVED = re.compile(r"with name (?:`[^`]*`\.)*`([^`]*)` cannot be resolved")
FETCHED_AT_ONCE = (
    5_000  # rows; small enough for a message, large enough that the calls do not count
)


class Session(Standing):
    """A caller's conversation; see `Standing` for where it stands."""

    def close(self) -> None:
        """Drops the session's temporary views with its cursor."""
        self.cursor.close()

    def interrupt(self) -> None:
        """Ends the statement that runs now, from another thread."""
        self.cursor.interrupt()

    def run(self, statement: str, parameters: Sequence[Mapping[str, Any]] = ()) -> Outcome:
        """Runs one statement.

        Args:
          statement: Databricks SQL.
          parameters: `name`, `value` (text, or None for NULL) and `type` of each `:name`.

        Raises:
          SqlError: it is wrong, or went wrong.
          Cancelled: it was interrupted.
        """
        try:
            return self._told(statement, values_of(parameters))
        except RecursionError:
            raise errors.unsupported("a statement that is nested so deep") from None

    def _told(self, statement: str, values: Values) -> Outcome:
        command = commands.find(statement)
        if command is None:
            parsed = parsing.parse(statement)
            return self._complaining(lambda: self._run(parsed, values), parsed)
        outcome = self._complaining(lambda: command(self))
        if isinstance(outcome, commands.Instead):
            inside, given, told = outcome.statement, outcome.values, outcome.told
            return self._complaining(lambda: told(self._told(parsing.single(inside), given)))
        return outcome

    def _complaining(self, run: Callable[[], T], parsed: exp.Expr | None = None) -> T:
        """What `run` gives, or its failure in Databricks' words."""
        try:
            return run()
        except duckdb.InterruptException:
            raise errors.Cancelled from None
        except duckdb.Error as error:
            raise self._complaint(error, parsed) from error
        except Unreachable as unreachable:
            raise errors.unreachable(unreachable.path) from None

    def _complaint(self, error: duckdb.Error, written: exp.Expr | None = None) -> errors.SqlError:
        said = from_duckdb(error, written, (self.catalog, self.schema))
        missing = UNRESOLVED.search(said.sentence)
        if written is not None and missing and said.error_class.startswith("UNRESOLVED_COLUMN"):
            return suggested(said, missing[1].lower(), written, self)
        return said

    def _run(self, parsed: exp.Expr, values: Values) -> Outcome:
        plan = translate.plan(parsed, self, values)
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
            raise self._complaint(error) from error

    def select(self, sql: str, written: exp.Expr | None = None) -> Outcome:
        """Runs DuckDB's own SQL, as it is: what a data frame library has translated already.

        Args:
          sql: for DuckDB.
          written: what the user wrote, for places in errors.
        """
        return self._complaining(lambda: self._execute(sql), written)

    def view(
        self,
        query: exp.Expr,
        name: str,
        parameters: Sequence[Mapping[str, Any]] = (),
        *,
        rows: bool = False,
    ) -> Outcome:
        """Makes `query` the temporary view `name`; gives its columns, and its rows if asked to."""
        (sql,) = translate.plan(query, self, values_of(parameters)).statements
        view = identifier(name)
        self.select(f"CREATE OR REPLACE TEMPORARY VIEW {view} AS {sql}", query).rows()
        limit = "" if rows else " LIMIT 0"
        outcome = self.select(f"SELECT * FROM temp.main.{view}{limit}", query)
        return evolve(outcome, view=name)
