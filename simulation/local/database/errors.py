"""Failures of a statement in Databricks' words: an error class, a sentence, a SQLSTATE, a place.

    [TABLE_OR_VIEW_NOT_FOUND] The table or view `hr`.`x` cannot be found. ... SQLSTATE: 42P01; line 1 pos 14

DuckDB's own errors become these by a table of patterns; what the table does not know keeps DuckDB's
message, which says more than a vague class would.
See https://docs.databricks.com/error-messages/error-classes.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
from attrs import frozen
from sqlglot import exp
from sqlglot.errors import ParseError

STATEMENTS = frozenset(
    "SELECT WITH VALUES FROM TABLE INSERT UPDATE DELETE MERGE CREATE DROP ALTER TRUNCATE USE SET SHOW "
    "DESCRIBE DESC EXPLAIN COMMENT COPY OPTIMIZE VACUUM ANALYZE REFRESH CACHE UNCACHE MSCK".split()
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
        f"The table or view {quoted(name)} cannot be found. Verify the spelling and correctness of the "
        "schema and catalog.\nIf you did not qualify the name with a schema, verify the "
        "current_schema() output, or qualify the name with the correct schema and catalog.",
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


@frozen
class _Rule:
    """How one of DuckDB's messages reads on Databricks; `say` gets the match and the place."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], str], SqlError]


def _rule(pattern: str) -> Callable[[Callable[[re.Match[str], str], SqlError]], None]:
    def add(say: Callable[[re.Match[str], str], SqlError]) -> None:
        RULES.append(_Rule(re.compile(pattern, re.DOTALL), say))

    return add


RULES: list[_Rule] = []


@_rule(r"^(?:Table|View) with name \"?(?P<name>[^ ]+?)\"? does not exist")
def _(found: re.Match[str], place: str) -> SqlError:
    return table_not_found(found["name"], place)


@_rule(r"Referenced table \"(?P<name>[^\"]+)\" not found")
def _(found: re.Match[str], place: str) -> SqlError:
    return _column_not_found(f"{found['name']}", "", place)


@_rule(
    r"(?:Referenced (?:update )?column|Values list|Table) \"(?P<owner>[^\"]*)\" "
    r"(?:not found in|does not have a column named \"(?P<name>[^\"]+)\").*?(?:Candidate bindings: (?P<near>[^\n]+))?$"
)
def _(found: re.Match[str], place: str) -> SqlError:
    return _column_not_found(found["name"] or found["owner"], found["near"] or "", place)


def _column_not_found(name: str, near: str, place: str) -> SqlError:
    sentence = (
        f"A column, variable, or function parameter with name {quoted(name)} cannot be resolved."
    )
    names = [part.rpartition(".")[2] for part in re.findall(r"\"([^\"]+)\"", near)]
    if names:
        hints = ", ".join(f"`{hint}`" for hint in names)
        sentence += f" Did you mean one of the following? [{hints}]."
    kind = "WITH_SUGGESTION" if names else "WITHOUT_SUGGESTION"
    return SqlError(f"UNRESOLVED_COLUMN.{kind}", sentence, "42703", place)


@_rule(
    r"Function with name \"?(?P<name>[\w.]+)\"? does not exist|function \"?(?P<also>[\w.]+)\"? does not exist"
)
def _(found: re.Match[str], place: str) -> SqlError:
    name = found["name"] or found["also"]
    return SqlError(
        "UNRESOLVED_ROUTINE",
        f"Cannot resolve routine `{name}` on search path [`system`.`builtin`, `system`.`session`].",
        "42883",
        place,
    )


@_rule(
    r"^(?:Table|View|Type) with name \"?(?P<name>[^ ]+?)\"? already exists|^Table \"(?P<also>[^\"]+)\" already"
)
def _(found: re.Match[str], _place: str) -> SqlError:
    return already_exists("TABLE_OR_VIEW", found["name"] or found["also"])


@_rule(r"^Schema with name \"?(?P<name>[^ ]+?)\"? already exists")
def _(found: re.Match[str], _place: str) -> SqlError:
    return already_exists("SCHEMA", found["name"])


@_rule(r"^(?:Schema with name|schema) \"?(?P<name>[^ ]+?)\"? (?:does not exist|not found)")
def _(found: re.Match[str], _place: str) -> SqlError:
    return schema_not_found(found["name"])


@_rule(r"^Catalog \"(?P<name>[^\"]+)\" does not exist")
def _(found: re.Match[str], _place: str) -> SqlError:
    return catalog_not_found(found["name"])


@_rule(r"Could not convert string '(?P<value>.*)' to (?P<type>\w+)")
def _(found: re.Match[str], place: str) -> SqlError:
    return _bad_cast(found["value"], found["type"], place)


@_rule(
    r"(?:invalid (?P<type>date|timestamp|time) field format|(?P<also>timestamp|date) field value out of range): "
    r"\"(?P<value>[^\"]*)\""
)
def _(found: re.Match[str], place: str) -> SqlError:
    return _bad_cast(found["value"], (found["type"] or found["also"]).upper(), place)


# DuckDB's physical names where they are not Databricks' own.
_CAST_TYPES = {
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INT",
    "INT64": "BIGINT",
    "BOOL": "BOOLEAN",
}


def _bad_cast(value: str, kind: str, place: str) -> SqlError:
    kind = _CAST_TYPES.get(kind, kind)
    return SqlError(
        "CAST_INVALID_INPUT",
        f'The value \'{value}\' of the type "STRING" cannot be cast to "{kind}" because it is '
        "malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to "
        "tolerate malformed input and return NULL instead.",
        "22018",
        place,
    )


@_rule(r"\[DIVIDE_BY_ZERO\]")
def _(_found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "DIVIDE_BY_ZERO",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.",
        "22012",
        place,
    )


@_rule(r"[Oo]verflow in|out of range for the destination type|Overflow on")
def _(found: re.Match[str], place: str) -> SqlError:
    detail = " ".join(found.string.split("\n", 1)[0].split())
    return SqlError("ARITHMETIC_OVERFLOW", f"{detail}.", "22003", place)


@_rule(r"column \"(?P<name>[^\"]+)\" must appear in the GROUP BY clause")
def _(found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "MISSING_AGGREGATION",
        f'The non-aggregating expression "{found["name"]}" is based on columns which are not '
        "participating in the GROUP BY clause.\nAdd the columns or the expression to the GROUP BY, "
        f'aggregate the expression, or use "any_value({found["name"]})" if you do not care which of '
        "the values within a group is returned.",
        "42803",
        place,
    )


@_rule(r"[Aa]mbiguous reference to column name \"(?P<name>[^\"]+)\"(?P<rest>.*)")
def _(found: re.Match[str], place: str) -> SqlError:
    hints = ", ".join(quoted(hint) for hint in re.findall(r"\"([^\"]+\.[^\"]+)\"", found["rest"]))
    return SqlError(
        "AMBIGUOUS_REFERENCE",
        f"Reference {quoted(found['name'])} is ambiguous, could be: [{hints}].",
        "42704",
        place,
    )


@_rule(
    r"table \"?(?P<name>[^ \"]+)\"? has (?P<has>\d+) columns but (?P<got>\d+) values were supplied"
)
def _(found: re.Match[str], _place: str) -> SqlError:
    kind = "NOT_ENOUGH" if int(found["got"]) < int(found["has"]) else "TOO_MANY"
    return SqlError(
        f"INSERT_COLUMN_ARITY_MISMATCH.{kind}_DATA_COLUMNS",
        f"Cannot write to {quoted(found['name'])}, the reason is a wrong number of columns: the table has "
        f"{found['has']}, the data has {found['got']}.",
        "21S01",
    )


@_rule(r"NOT NULL constraint failed: (?P<name>\S+)")
def _(found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
        f"NOT NULL constraint violated for column: {found['name'].rpartition('.')[2]}.",
        "23502",
    )


@_rule(r"No files found that match the pattern \"(?P<path>[^\"]+)\"")
def _(found: re.Match[str], _place: str) -> SqlError:
    return file_not_found(found["path"])


@_rule(r"[Cc]onflict")
def _(_found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "DELTA_CONCURRENT_WRITE",
        "ConcurrentWriteException: A concurrent transaction has written new data since the current "
        "transaction read the table. Please try the operation again.",
        "2D521",
    )


def from_duckdb(error: duckdb.Error, statement: exp.Expression | None = None) -> SqlError:
    """DuckDB's `error` as Databricks would have said it.

    Args:
      error: what running the translation raised.
      statement: the parsed statement as the caller wrote it; gives the error its line and position.
    """
    _, _, told = str(error).partition(": ")
    told = told or str(error)
    head = told.split("\n\nLINE ", 1)[0]
    for rule in RULES:
        found = rule.pattern.search(head)
        if found:
            owner, place = place_of(statement, found)
            said = rule.say(found, place)
            if said.error_class == "TABLE_OR_VIEW_NOT_FOUND" and isinstance(owner, exp.Table):
                return table_not_found(".".join(part.name for part in owner.parts), place)
            return said
    if isinstance(error, duckdb.ParserException):
        return unsupported(f"this statement (its translation failed: {head.splitlines()[0]})")
    if isinstance(error, duckdb.BinderException):
        return SqlError("DATATYPE_MISMATCH.LOCAL_ENGINE", head, "42K09")
    return SqlError("LOCAL_ENGINE_ERROR", head, "XX000")


def place_of(
    statement: exp.Expression | None, found: re.Match[str]
) -> tuple[exp.Expression | None, str]:
    """What `found` speaks of in the statement, and where it stands, as `; line 1 pos 14`."""
    named = [
        value
        for key, value in found.groupdict().items()
        if value and key in {"name", "also", "owner"}
    ]
    if statement is None or not named:
        return None, ""
    name = named[0].replace('"', "").rpartition(".")[2].lower()
    for identifier in statement.find_all(exp.Identifier):
        if identifier.name.lower() == name and "start" in identifier.meta:
            owner = identifier.parent
            first = min(
                (part.meta for part in getattr(owner, "parts", []) if "start" in part.meta),
                key=lambda meta: int(meta["start"]),
                default=identifier.meta,
            )
            length = int(first["end"]) - int(first["start"]) + 1
            return owner, f"; line {first['line']} pos {int(first['col']) - length}"
    return None, ""
