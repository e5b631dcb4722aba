"""DuckDB's errors in Databricks' words, by tables of patterns.

What the tables do not know keeps DuckDB's message, which says more than a vague class would.
"""

from __future__ import annotations

import re

import duckdb
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from ..errors import SqlError, unsupported
from ..functions import PREFIX
from ..rewriting.naming import name_of
from ..types import spark_type
from . import names, values
from .retelling import retold
from .rules import RULES

__all__ = ["from_duckdb", "names", "values"]

MISMATCH = re.compile(
    r"^(?:No function matches the given name and argument types|Could not choose a best candidate "
    r"function for the function call) ['\"](?P<name>[^(]+)\((?P<types>.*?)\)['\"]\."
)


def from_duckdb(
    error: duckdb.Error, statement: exp.Expr | None = None, at: tuple[str, str] = ("", "")
) -> SqlError:
    """DuckDB's `error` as Databricks would have said it.

    Args:
      error: what running the translation raised.
      statement: the parsed statement as the caller wrote it; gives the error its line and position.
      at: the catalog and schema that the caller stands in.
    """
    _, _, told = str(error).partition(": ")
    told = told or str(error)
    head = told.split("\n\nLINE ", 1)[0]
    bad = _bad_literal(head, statement)
    if bad is not None:
        return bad
    no_cast = _no_cast(head, statement)
    if no_cast is not None:
        return no_cast
    for rule in RULES:
        found = rule.pattern.search(head)
        if found:
            owner, place = place_of(statement, found)
            return retold(rule.say(found, place), statement, owner, place, at)
    mismatch = MISMATCH.search(head)
    if mismatch:
        return SqlError(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            f'Cannot resolve "{mismatch["name"].removeprefix(PREFIX)}" due to data type mismatch: '
            "it "
            f"does not take arguments of the types ({mismatch['types']}).",
            "42K09",
        )
    if isinstance(error, duckdb.ParserException):
        return unsupported(f"this statement (its translation failed: {head.splitlines()[0]})")
    if isinstance(error, duckdb.BinderException):
        return SqlError("DATATYPE_MISMATCH.LOCAL_ENGINE", head, "42K09")
    return SqlError("LOCAL_ENGINE_ERROR", head, "XX000")


NO_CAST = re.compile(r"^Unimplemented type for cast \((?P<start>.+) -> (?P<end>.+)\)")


def _no_cast(head: str, statement: exp.Expr | None) -> SqlError | None:
    """A cast from a type to one that it has nothing in common with."""
    found = NO_CAST.search(head)
    if found is None:
        return None
    start, end = (spark_type(DuckDBPyType(found[key])).text for key in ("start", "end"))
    casts = statement.find_all(exp.Cast) if statement is not None else ()
    shown = next(
        (name_of(each, "") for each in casts if each.args["to"].sql("databricks") == end), "CAST"
    )
    return SqlError(
        "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
        f'Cannot resolve "{shown}" due to data type mismatch: cannot cast "{start}" to "{end}".',
        "42K09",
    )


def _bad_literal(head: str, statement: exp.Expr | None) -> SqlError | None:
    """`DATE'2024-02-30'`, which is a cast to sqlglot."""
    if statement is None or "field" not in head:
        return None
    for cast in statement.find_all(exp.Cast):
        literal = cast.this
        if (
            isinstance(literal, exp.Literal)
            and f'"{literal.name}"' in head
            and not cast.meta.get("spelled")
        ):
            kind = str(cast.args["to"].sql("databricks"))
            return SqlError(
                "INVALID_TYPED_LITERAL",
                f"The value of the typed literal \"{kind}\" is invalid: '{literal.name}'.",
                "42604",
            )
    return None


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
