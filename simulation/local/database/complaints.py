"""DuckDB's errors in Databricks' words, by a table of patterns.

What the table does not know keeps DuckDB's message, which says more than a vague class would.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
from attrs import frozen
from sqlglot import exp

from .errors import (
    SqlError,
    already_exists,
    catalog_not_found,
    file_not_found,
    quoted,
    schema_not_found,
    table_not_found,
    unsupported,
)


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
    r"(?:(?:was )?not found (?:in|because)|does not have a column named \"(?P<name>[^\"]+)\")"
    r".*?(?:Candidate bindings: (?P<near>[^\n]+))?$"
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
    r"Function with name \"?(?P<name>[\w.]+)\"? does not exist"
    r"|function \"?(?P<also>[\w.]+)\"? does not exist"
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
    r"^(?:Table|View|Type) with name \"?(?P<name>[^ ]+?)\"? already exists"
    r"|^Table \"(?P<also>[^\"]+)\" already"
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
    r"(?:invalid (?P<type>date|timestamp|time) field format"
    r"|(?P<also>timestamp|date) field value out of range): "
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
        "malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` "
        "to tolerate malformed input and return NULL instead.",
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
        f'aggregate the expression, or use "any_value({found["name"]})" if you do not care which '
        "of the values within a group is returned.",
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
        f"Cannot write to {quoted(found['name'])}, the reason is a wrong number of columns: "
        f"the table has {found['has']}, the data has {found['got']}.",
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


def from_duckdb(error: duckdb.Error, statement: exp.Expr | None = None) -> SqlError:
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


def place_of(statement: exp.Expr | None, found: re.Match[str]) -> tuple[exp.Expr | None, str]:
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
