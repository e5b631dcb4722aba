"""DESCRIBE and EXPLAIN.

See https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-describe-table.html.
"""

from __future__ import annotations

import re

from .. import errors, parsing, translate
from ..outcomes import Outcome
from ..standing import Standing
from ..types import STRING
from .patterns import Instead, catalog_of, command, schema_of, table

_DESCRIPTION = {"col_name": STRING, "data_type": STRING, "comment": STRING}


@command("DESCRIBE|DESC QUERY {rest}", "DESCRIBE|DESC SELECT {rest}")
def _describe_query(_session: Standing, rest: str) -> Instead:
    begins = re.match(r"(select|with|values|from|table)\b", rest, re.IGNORECASE)
    return Instead(rest if begins else f"SELECT {rest}", told=_columns_of)


def _columns_of(outcome: Outcome) -> Outcome:
    pairs = zip(outcome.names, outcome.kinds, strict=True)
    return Outcome.of(_DESCRIPTION, [(name, kind.simple, None) for name, kind in pairs])


@command("DESCRIBE|DESC SCHEMA|DATABASE [ EXTENDED ] {name}")
def _describe_schema(session: Standing, name: str) -> Outcome:
    catalog, schema = schema_of(session, name)
    columns = {"database_description_item": STRING, "database_description_value": STRING}
    return Outcome.of(
        columns, [("Catalog Name", catalog), ("Namespace Name", schema), ("Comment", "")]
    )


@command("DESCRIBE|DESC CATALOG [ EXTENDED ] {name}")
def _describe_catalog(session: Standing, name: str) -> Outcome:
    columns = {"info_name": STRING, "info_value": STRING}
    return Outcome.of(columns, [("Catalog Name", catalog_of(session, name)), ("Comment", "")])


@command("DESCRIBE|DESC TABLE EXTENDED {name}", "DESCRIBE|DESC EXTENDED {name}")
def _describe_extended(session: Standing, name: str) -> Outcome:
    described = _described(session, name)
    catalog, schema, last = session.located(table(name))
    found = [each for each in session.catalogs.relations(catalog, schema) if each.name == last]
    kind = "VIEW" if found and found[0].is_view else "MANAGED"
    told = {
        "Catalog": catalog,
        "Database": schema,
        "Table": last,
        "Type": kind,
        "Provider": "delta",
    }
    rows = [*described.rows(), ("", "", ""), ("# Detailed Table Information", "", "")]
    return Outcome.of(_DESCRIPTION, [*rows, *((key, value, "") for key, value in told.items())])


@command("DESCRIBE|DESC HISTORY|DETAIL {rest}")
def _describe_history(_session: Standing, rest: str) -> Outcome:
    del rest
    raise errors.unsupported("the history and details of Delta tables")


@command("DESCRIBE|DESC [ TABLE ] {name}")
def _describe(session: Standing, name: str) -> Outcome:
    return _described(session, name)


def _described(session: Standing, name: str) -> Outcome:
    columns = session.columns(table(name))
    rows = [(column.name, column.kind.simple, column.comment) for column in columns]
    return Outcome.of(_DESCRIPTION, rows)


@command("EXPLAIN [ EXTENDED|FORMATTED|COST|CODEGEN ] {rest}")
def _explain(session: Standing, rest: str) -> Outcome:
    sql = translate.plan(parsing.parse(rest), session, {}).statements[-1]
    told = session.cursor.execute(f"EXPLAIN {sql}").fetchall()
    return Outcome.of({"plan": STRING}, [("== Physical Plan ==\n" + str(told[0][1]),)])
