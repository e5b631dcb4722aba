"""Session variables, and EXECUTE IMMEDIATE.

A variable's value is a variable of DuckDB's, of its type; so it lives as long as the session.
See https://docs.databricks.com/sql/language-manual/sql-ref-variables.html.
"""

from __future__ import annotations

import re

from sqlglot import exp

from .. import errors, parsing, translate
from ..catalogs import identifier
from ..outcomes import Outcome
from ..rewriting.documents import schema_of
from ..standing import Standing
from .patterns import Instead, command, parts, unquoted

SHAPE = re.compile(
    r"(?:(?P<kind>(?!DEFAULT\b|=)[^=]+?)\s*)?(?:(?:DEFAULT\b|=)\s*(?P<default>.+))?$",
    re.IGNORECASE | re.DOTALL,
)


@command(
    "DECLARE ?OR_REPLACE [ VARIABLE|VAR ] {variable} [ {rest} ]",
)
def _declare(session: Standing, variable: str, rest: str = "", or_replace: str = "") -> Outcome:
    name = parts(variable)[-1].lower()
    if name in session.variables and not or_replace:
        raise errors.SqlError(
            "VARIABLE_ALREADY_EXISTS",
            f"Cannot create the variable `system`.`session`.`{name}` because it already exists.\n"
            "Choose a different name, or drop or replace the existing variable.",
            "42723",
        )
    found = SHAPE.match(rest.strip())
    kind = (found["kind"] or "").strip() if found else ""
    default = (found["default"] if found else None) or "NULL"
    _store(session, name, default, schema_of(kind).sql("duckdb") if kind else None)
    return Outcome()


def _store(session: Standing, name: str, expression: str, kind: str | None) -> None:
    query = _query(session, f"SELECT {expression}")
    if kind is None:
        described = session.cursor.execute(f"DESCRIBE {query}").fetchall()
        kind = str(described[0][1])
    _assign(session, name, f"({query})", kind)


def _query(session: Standing, statement: str) -> str:
    return translate.plan(parsing.parse(statement), session, {}).statements[-1]


def _assign(session: Standing, name: str, value: str, kind: str) -> None:
    (read,) = session.cursor.execute(f"SELECT {value}").fetchone() or (None,)
    checked = (
        exp.cast(exp.convert(read), "VARCHAR").sql("duckdb") if isinstance(read, str) else value
    )
    if isinstance(read, str) and kind in {"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT"}:
        checked = f"spark_integral({checked}, '{kind}')"
    session.cursor.execute(f"SET VARIABLE {identifier(name)} = CAST({checked} AS {kind})")
    session.variables[name] = kind


def _known(session: Standing, variable: str) -> str:
    name = parts(variable)[-1].lower()
    if name not in session.variables:
        raise errors.SqlError(
            "UNRESOLVED_VARIABLE",
            f"Cannot resolve variable `{name}` on search path [`system`.`builtin`, "
            f"`system`.`session`, `{session.catalog}`.`{session.schema}`].",
            "42883",
        )
    return name


@command("SET VARIABLE|VAR {variable} = {rest}")
def _set_variable(session: Standing, variable: str, rest: str) -> Outcome:
    name = _known(session, variable)
    expression = "NULL" if rest.strip().upper() == "DEFAULT" else rest
    _store(session, name, expression, session.variables[name])
    return Outcome()


@command("SET VARIABLE|VAR {names} = {rest}")
def _set_variables(session: Standing, names: str, rest: str) -> Instead:
    known = [_known(session, each) for each in names.strip("() ").split(",")]
    return Instead(rest.strip()[1:-1], told=_into(session, known))


def _into(session: Standing, names: list[str]) -> translate.Tell:
    def stored(outcome: Outcome) -> Outcome:
        rows = outcome.rows()
        if len(rows) > 1:
            raise errors.SqlError(
                "ROW_SUBQUERY_TOO_MANY_ROWS",
                "More than one row returned by a subquery used as a row.",
                "21000",
            )
        values = rows[0] if rows else (None,) * len(names)
        for name, value in zip(names, values, strict=True):
            _assign(session, name, exp.convert(value).sql("duckdb"), session.variables[name])
        return Outcome()

    return stored


@command("DROP TEMPORARY|TEMP VARIABLE ?IF_EXISTS {variable}")
def _drop_variable(session: Standing, variable: str, if_exists: str = "") -> Outcome:
    name = parts(variable)[-1].lower()
    if name not in session.variables and if_exists:
        return Outcome()
    session.cursor.execute(f"RESET VARIABLE {identifier(_known(session, variable))}")
    del session.variables[name]
    return Outcome()


@command(
    "EXECUTE IMMEDIATE {text} [ INTO {names} ] [ USING {rest} ]",
    "EXECUTE IMMEDIATE {variable} [ INTO {names} ] [ USING {rest} ]",
)
def _execute(
    session: Standing,
    text: str | None = None,
    variable: str | None = None,
    names: str | None = None,
    rest: str | None = None,
) -> Instead:
    if text is not None:
        statement = unquoted(text)
    else:
        name = _known(session, str(variable))
        found = session.cursor.execute("SELECT getvariable(?)", [name]).fetchone()
        statement = str(found[0] if found else "")
    values = _using(rest.strip().strip("()")) if rest else {}
    if names is None:
        return Instead(statement, values)
    known = [_known(session, each) for each in names.split(",")]
    return Instead(statement, values, _into(session, known))


def _using(listed: str) -> dict[str, exp.Expr]:
    tree = parsing.parse(f"SELECT {listed}")
    values: dict[str, exp.Expr] = {}
    for place, each in enumerate(tree.expressions, 1):
        values[each.alias.lower() if isinstance(each, exp.Alias) else str(place)] = each.unalias()
    return values
