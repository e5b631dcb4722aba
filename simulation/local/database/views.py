"""A statement as a temporary view, so that a data frame library can go on from it.

A query stays lazy, as in Spark; any other statement runs now, and the view holds what it told.
"""

from __future__ import annotations

from attrs import evolve
from sqlglot import exp

from . import commands, parsing
from .catalogs import identifier
from .outcomes import Outcome
from .session import Session

# How the types of told tables (SHOW, DESCRIBE, counts) are spelled for DuckDB.
DUCKDB_TYPES = {"LONG": "BIGINT", "BOOLEAN": "BOOLEAN"}


def define(session: Session, statement: str, name: str) -> Outcome:
    """Defines the temporary view `name`; gives its columns, without rows.

    A statement without a result gives no columns, and no view.
    """
    statement = parsing.single(statement)
    query = query_of(statement)
    if query is not None:
        return session.view(query, name)
    outcome = session.run(statement)
    if not outcome.names:
        outcome.rows()
        return outcome
    _hold(session, name, outcome)
    told = session.select(f"SELECT * FROM temp.main.{identifier(name)} LIMIT 0")
    return evolve(told, view=name)


def query_of(statement: str) -> exp.Expr | None:
    """The tree of `statement` if it is a query.

    Raises:
      SqlError: it is no SQL.
    """
    tree = parsing.parse(statement) if commands.find(statement) is None else None
    return tree if isinstance(tree, exp.Query) else None


def _hold(session: Session, name: str, outcome: Outcome) -> None:
    columns = ", ".join(
        f"{identifier(column)} {DUCKDB_TYPES.get(kind.name, 'VARCHAR')}"
        for column, kind in zip(outcome.names, outcome.kinds, strict=True)
    )
    table = identifier(f"{name}_rows")
    session.cursor.execute(f"CREATE OR REPLACE TEMPORARY TABLE {table} ({columns})")
    rows = outcome.rows()
    if rows:
        marks = ", ".join("?" for _ in outcome.names)
        session.cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    session.cursor.execute(
        f"CREATE OR REPLACE TEMPORARY VIEW {identifier(name)} AS SELECT * FROM {table}"
    )
