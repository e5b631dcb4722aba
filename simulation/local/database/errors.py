"""Failures of a statement in Databricks' words: an error class, a sentence, a SQLSTATE, a place.

    [TABLE_OR_VIEW_NOT_FOUND] The table or view `x` ... SQLSTATE: 42P01; line 1 pos 14

See https://docs.databricks.com/error-messages/error-classes.html.
"""

from __future__ import annotations

from sqlglot.errors import ParseError

STATEMENTS = frozenset(
    {"SELECT", "WITH", "VALUES", "FROM", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE"}
    | {"DROP", "ALTER", "TRUNCATE", "USE", "SET", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "COMMENT"}
    | {"COPY", "OPTIMIZE", "VACUUM", "ANALYZE", "REFRESH", "CACHE", "UNCACHE", "MSCK"}
)


class SqlError(Exception):
    """A statement is wrong or went wrong.

    Attributes:
      message: as Databricks words it, class and SQLSTATE included.
      sql_state: five characters.
    """

    def __init__(self, error_class: str, sentence: str, sql_state: str, place: str = "") -> None:
        self.error_class = error_class
        self.sql_state = sql_state
        self.message = f"[{error_class}] {sentence} SQLSTATE: {sql_state}{place}"
        super().__init__(self.message)


class Cancelled(Exception):
    """The statement was interrupted because somebody asked for it."""


def syntax_error(statement: str, near: str, line: int, position: int) -> SqlError:
    """`[PARSE_SYNTAX_ERROR]`, with the statement and a mark below the place.

    Args:
      statement: the whole text.
      near: the word that does not fit; empty at the end of input.
      line: from 1.
      position: characters into the line, from 0.
    """
    lines = statement.splitlines() or [""]
    at = min(line, len(lines))
    shown = [*lines[:at], "-" * position + "^^^", *lines[at:]]
    where = f"at or near '{near}'" if near else "at or near end of input"
    return SqlError(
        "PARSE_SYNTAX_ERROR",
        f"Syntax error {where}.",
        "42601",
        f" (line {line}, pos {position})\n\n== SQL ==\n" + "\n".join(shown),
    )


def from_parser(error: ParseError, statement: str) -> SqlError:
    """What sqlglot's parser stumbled over."""
    first = statement.split(None, 1)[:1]
    if first and first[0].upper().strip("(;") not in {*STATEMENTS, ""}:
        return syntax_error(statement, first[0], 1, 0)
    found = error.errors[0] if error.errors else {}
    near = str(found.get("highlight") or "")
    line = int(found.get("line") or 1)
    column = int(found.get("col") or 1)
    if found and not str(found.get("end_context") or "").strip() and "missing" in str(error):
        return syntax_error(statement, "", line, column)
    return syntax_error(statement, near, line, max(column - max(len(near), 1), 0))


def unreachable(path: str) -> SqlError:
    """A path in cloud storage."""
    return SqlError(
        "PATH_NOT_FOUND", f"The local engine cannot reach cloud storage: {path}.", "42K03"
    )


def unsupported(what: str) -> SqlError:
    """Databricks has it, and the local engine has not."""
    return SqlError(
        "UNSUPPORTED_FEATURE.LOCAL_ENGINE", f"The local engine does not support {what}.", "0A000"
    )


def table_not_found(name: str, place: str = "") -> SqlError:
    """The table or view is not there."""
    return SqlError(
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {quoted(name)} cannot be found. "
        "Verify the spelling and correctness of the schema and catalog.\n"
        "If you did not qualify the name with a schema, verify the current_schema() output, or "
        "qualify the name with the correct schema and catalog.",
        "42P01",
        place,
    )


def schema_not_found(name: str) -> SqlError:
    """The schema is not there."""
    return SqlError("SCHEMA_NOT_FOUND", f"The schema {quoted(name)} cannot be found.", "42704")


def catalog_not_found(name: str) -> SqlError:
    """The catalog is not there."""
    return SqlError("CATALOG_NOT_FOUND", f"The catalog {quoted(name)} not found.", "42P08")


def already_exists(kind: str, name: str) -> SqlError:
    """Created twice.  `kind` is TABLE_OR_VIEW, SCHEMA or CATALOG."""
    state = {"TABLE_OR_VIEW": "42P07", "SCHEMA": "42P06", "CATALOG": "42710"}[kind]
    words = {"TABLE_OR_VIEW": "table or view", "SCHEMA": "schema", "CATALOG": "catalog"}[kind]
    return SqlError(
        f"{kind}_ALREADY_EXISTS",
        f"Cannot create {words} {quoted(name)} because it already exists.",
        state,
    )


def schema_not_empty(name: str) -> SqlError:
    """Dropped without CASCADE while it holds something."""
    return SqlError(
        "SCHEMA_NOT_EMPTY",
        f"Cannot drop a schema {quoted(name)} because it contains objects. "
        "Use DROP SCHEMA ... CASCADE to drop the schema and all its objects.",
        "2BP01",
    )


def unbound(name: str) -> SqlError:
    """A `:name` without a value."""
    return SqlError("UNBOUND_SQL_PARAMETER", f"Found the unbound parameter: {name}.", "42P02")


def file_not_found(path: str) -> SqlError:
    """Nothing lies at a path that a statement reads."""
    return SqlError("PATH_NOT_FOUND", f"Path does not exist: {path}.", "42K03")


def quoted(name: str) -> str:
    """`a.b` with each part between backticks."""
    return ".".join(f"`{part}`" for part in name.replace('"', "").split("."))
