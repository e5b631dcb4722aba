"""Failures of a statement in Databricks' words: an error class, a sentence, a SQLSTATE, a place.

    [TABLE_OR_VIEW_NOT_FOUND] The table or view `x` ... SQLSTATE: 42P01; line 1 pos 14

See https://docs.databricks.com/error-messages/error-classes.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp
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
        self.sentence = sentence
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


def empty_statement() -> SqlError:
    """Nothing, white space, comments or a semicolon alone."""
    return SqlError("PARSE_EMPTY_STATEMENT", "Syntax error, unexpected empty statement.", "42617")


def from_parser(error: ParseError, statement: str) -> SqlError:
    """What sqlglot's parser stumbled over."""
    arity = _arity(error, statement)
    if arity is not None:
        return arity
    if _names_type(error, statement):
        word = str(error.errors[0].get("highlight"))
        return SqlError("UNSUPPORTED_DATATYPE", f'Unsupported data type "{word}".', "0A000")
    first = statement.split(None, 1)[:1]
    if first and first[0].upper().strip("(;") not in {*STATEMENTS, ""}:
        return syntax_error(statement, first[0], 1, 0)
    found = error.errors[0] if error.errors else {}
    near = str(found.get("highlight") or "")
    line = int(found.get("line") or 1)
    column = int(found.get("col") or 1)
    at_end = not str(found.get("end_context") or "").strip()
    if found and at_end and ("missing" in str(error) or "Expecting )" in str(error)):
        return syntax_error(statement, "", line, column)
    return syntax_error(statement, near, line, max(column - max(len(near), 1), 0))


TOO_MANY = re.compile(
    r"provided arguments \((?P<given>\d+)\) is greater than the maximum number of supported "
    r"arguments \((?P<most>\d+)\)"
)
MISSING = re.compile(r"Required keyword: '\w+' missing for <class '.*\.(?P<kind>\w+)'>")


def _arity(error: ParseError, statement: str) -> SqlError | None:
    """A function that sqlglot knows, with too few arguments, or too many."""
    many = TOO_MANY.search(str(error))
    if many:
        before = str(error.errors[0].get("start_context") or "")
        names = re.findall(r"(\w+)\s*\([^()]*$", before)
        return wrong_arity(names[0], [int(many["most"])], int(many["given"])) if names else None
    told = MISSING.search(str(error))
    kind = getattr(exp, told["kind"], None) if told else None
    if kind is None or not issubclass(kind, exp.Func):
        return None
    name = kind.sql_name().lower()
    call = re.search(rf"\b{name}\s*\((?P<arguments>[^()]*)\)", statement, re.IGNORECASE)
    given = call["arguments"].split(",") if call and call["arguments"].strip() else []
    return wrong_arity(name, [sum(kind.arg_types.values())], len(given))


def _names_type(error: ParseError, statement: str) -> bool:
    """Whether a column's definition has a word for its type that is none."""
    found = error.errors[0] if error.errors else {}
    before, word = str(found.get("start_context") or ""), str(found.get("highlight") or "")
    after = str(found.get("end_context") or "").strip()
    return (
        statement.split(None, 1)[0].upper() == "CREATE"
        and bool(re.search(r"[(,]\s*\w+\s+$", before))
        and word.isidentifier()
        and after.startswith((")", ","))
    )


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


def wrong_arity(name: str, accepted: Sequence[int], given: int) -> SqlError:
    """A built-in function with too few or too many arguments."""
    wanted = str(accepted[0]) if len(accepted) == 1 else f"[{', '.join(map(str, accepted))}]"
    return SqlError(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        f"The `{name}` requires {wanted} parameters but the actual number is {given}. Please, "
        "refer "
        "to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix.",
        "42605",
    )


def routine_not_found(name: str, at: tuple[str, str] = ("", ""), place: str = "") -> SqlError:
    """A function that is not there; `at` is the catalog and schema that the caller stands in."""
    here = f", {quoted('.'.join(at))}" if at[0] else ""
    path = f"`system`.`builtin`, `system`.`session`{here}"
    sentence = f"Cannot resolve routine `{name}` on search path [{path}]."
    return SqlError("UNRESOLVED_ROUTINE", sentence, "42883", place)


def table_function_not_found(name: str) -> SqlError:
    """A function of rows that is not there."""
    return SqlError(
        "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
        f"Could not resolve `{name}` to a table-valued function.\nPlease make sure that `{name}` "
        "is defined as a table-valued function and that all required parameters are provided "
        "correctly.",
        "42883",
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


def column_not_found(name: str, near: Sequence[str], place: str = "") -> SqlError:
    """No column of that name; `near` are the names that it may have been meant to be."""
    sentence = (
        f"A column, variable, or function parameter with name {quoted(name)} cannot be resolved."
    )
    if near:
        sentence += f" Did you mean one of the following? [{', '.join(map(quoted, near))}]."
    kind = "WITH_SUGGESTION" if near else "WITHOUT_SUGGESTION"
    return SqlError(f"UNRESOLVED_COLUMN.{kind}", sentence, "42703", place)


def schema_not_found(name: str) -> SqlError:
    """The schema is not there."""
    return SqlError(
        "SCHEMA_NOT_FOUND",
        f"The schema {quoted(name)} cannot be found. Verify the spelling and correctness of the "
        "schema and catalog.\nIf you did not qualify the name with a catalog, verify the "
        "current_schema() output, or qualify the name with the correct catalog.\nTo tolerate the "
        "error on drop use DROP SCHEMA IF EXISTS.",
        "42704",
    )


def catalog_not_found(name: str) -> SqlError:
    """The catalog is not there."""
    return SqlError("CATALOG_NOT_FOUND", f"The catalog {quoted(name)} not found.", "42P08")


def already_exists(kind: str, name: str) -> SqlError:
    """Created twice.  `kind` is TABLE_OR_VIEW, SCHEMA or CATALOG."""
    state = {"TABLE_OR_VIEW": "42P07", "SCHEMA": "42P06", "CATALOG": "42710"}[kind]
    words = {"TABLE_OR_VIEW": "table or view", "SCHEMA": "schema", "CATALOG": "catalog"}[kind]
    return SqlError(
        f"{kind}_ALREADY_EXISTS",
        f"Cannot create {words} {quoted(name)} because it already exists.\nChoose a different "
        "name, "
        "drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate "
        "pre-existing objects.",
        state,
    )


def schema_not_empty(name: str) -> SqlError:
    """Dropped without CASCADE while it holds something."""
    return SqlError(
        "SCHEMA_NOT_EMPTY",
        f"Cannot drop a schema {quoted(name)} because it contains objects.\n"
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
