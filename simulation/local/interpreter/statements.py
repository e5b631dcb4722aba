"""Databricks SQL as `spark.sql` gets it, looked through before a real Spark sees it.

A statement is Spark's own, or for the workspace; and a query's names of tables and files can be
replaced where they stand, so that the rest reaches Spark as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from attrs import frozen
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..database.dialect import DIALECT
from ..database.files import FORMATS

# What a Spark session does itself: queries, its own settings, and temporary views.
SPARKS_OWN = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:\(|(?:SELECT|WITH|VALUES|FROM|TABLE|EXPLAIN|SET|RESET|CACHE|UNCACHE|CLEAR|REFRESH|DECLARE"
    r"|EXECUTE|BEGIN)\b|CREATE\s+(?:OR\s+REPLACE\s+)?(?:GLOBAL\s+)?TEMP)",
    re.IGNORECASE | re.DOTALL,
)


@frozen
class Named:
    """A table or some files that a statement names.

    Attributes:
      start, end: where, in the statement's text.
      text: how it is written there.
      table: what it means.
      bare: whether it stands without a name of its own (`AS x`), by which columns may call it.
    """

    start: int
    end: int
    text: str
    table: exp.Table
    bare: bool

    @property
    def is_file(self) -> bool:
        """Whether it is a path, as in `` parquet.`/data/x` ``."""
        return self.table.db.lower() in FORMATS and "/" in self.table.name


def is_sparks_own(statement: str) -> bool:
    """Whether Spark runs it; else it is for the workspace."""
    return SPARKS_OWN.match(statement) is not None


def named(statement: str) -> list[Named]:
    """What `statement` reads, in the order of the text; nothing of one that cannot be read."""
    try:
        trees = DIALECT.parse(statement)
    except SqlglotError:
        return []
    return sorted(
        (found for tree in trees if tree is not None for found in _in(tree, statement)),
        key=lambda each: each.start,
    )


def _in(tree: exp.Expr, statement: str) -> Iterator[Named]:
    inside = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Anonymous) and table.this.name.lower() == "read_files":
            # Other functions that give tables are Spark's own.
            start = table.this.meta.get("start")
            end = None if start is None else _closing(statement, start)
        else:
            spots = [part.meta for part in table.parts if isinstance(part, exp.Identifier)]
            if len(spots) != len(table.parts) or not all("start" in spot for spot in spots):
                continue
            start, end = spots[0]["start"], spots[-1]["end"]
        if start is None or end is None or (not table.db and table.name.lower() in inside):
            continue
        bare = not table.alias and not table.args.get("sample")
        yield Named(start, end, statement[start : end + 1], table, bare)


def _closing(statement: str, start: int) -> int | None:
    """Where the bracket closes that opens behind `start`."""
    depth = 0
    for token in DIALECT.tokenize(statement):
        if token.start >= start:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == ")" and depth == 0:
                return token.end
    return None


def replaced(statement: str, by: Callable[[Named], str | None]) -> str:
    """`statement` with what it names replaced; None leaves a name as it is."""
    for each in reversed(named(statement)):
        new = by(each)
        if new is not None:
            statement = statement[: each.start] + new + statement[each.end + 1 :]
    return statement
