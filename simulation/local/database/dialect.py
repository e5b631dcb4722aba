"""Databricks SQL as it is read here: sqlglot's dialect, with most functions left as calls.

sqlglot knows many functions by their meaning, those of other databases too, and writes them for
DuckDB as it sees fit.  Here it knows what `vocabulary` says that it knows as Databricks does.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.dialects.dialect import DialectType
from sqlglot.parsers.databricks import DatabricksParser
from sqlglot.tokenizer_core import Token, TokenType

from .vocabulary import SHARED

# A type's name as a function is a cast.
CASTS = (
    "string",
    "int",
    "bigint",
    "tinyint",
    "smallint",
    "double",
    "float",
    "decimal",
    "boolean",
    "binary",
    "date",
    "timestamp",
)
# Read by their syntax rather than as lists of arguments.
OWN_SYNTAX = frozenset({"SUBSTR", "SUBSTRING", "OVERLAY"})
READ = frozenset(name.upper() for name in SHARED)


def _flagged(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A CAST that knows it was one; `DATE'2024-01-31'` is a cast to sqlglot as well."""

    def parsed(parser: Any) -> Any:
        tree = parse(parser)
        if isinstance(tree, exp.Expr):
            tree.meta["spelled"] = True
        return tree

    return parsed


def _named(name: str, parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What is read by a syntax of its own, with the name that it was called by."""

    def parsed(parser: Any) -> Any:
        tree = parse(parser)
        if isinstance(tree, exp.Expr):
            tree.meta["called"] = name.lower()
        return tree

    return parsed


class LocalDialect(Databricks):
    """Databricks SQL, for `parsing` alone; it writes as sqlglot's does."""

    class Tokenizer(Databricks.Tokenizer):
        """`'it''s'` is one text."""

        STRING_ESCAPES = ["\\", "'"]  # noqa: RUF012 (sqlglot reads a list here)

    class Parser(DatabricksParser):
        """The functions that stay calls are not among those it knows."""

        FUNCTIONS = {  # noqa: RUF012 (likewise)
            name: build for name, build in DatabricksParser.FUNCTIONS.items() if name in READ
        }
        FUNCTION_PARSERS = {  # noqa: RUF012 (likewise)
            name: _named(name, _flagged(parse) if name.endswith("CAST") else parse)
            for name, parse in DatabricksParser.FUNCTION_PARSERS.items()
            if name in READ | OWN_SYNTAX
        }
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012 (likewise)
            name: parse
            for name, parse in DatabricksParser.NO_PAREN_FUNCTION_PARSERS.items()
            if name not in {"ANY", "TRANSFORM", "CURDATE"}
        }

    def tokenize(self, sql: str, dialect: DialectType = None) -> list[Token]:
        """Tokens, where `window(` is a function, and so is `IDENTIFIER('f')(`."""
        tokens: list[Token] = super().tokenize(sql, dialect)
        for place in range(len(tokens) - 4, -1, -1):
            run = tokens[place : place + 5]
            if [token.text.upper() for token in (run[0], *run[3:])] == ["IDENTIFIER", ")", "("]:
                run[0].text = run[2].text
                del tokens[place + 1 : place + 4]
        for place in range(len(tokens) - 2, -1, -1):  # X 'FF', with a space
            mark, digits = tokens[place : place + 2]
            if mark.text.upper() == "X" and digits.token_type is TokenType.STRING:
                digits.token_type = TokenType.HEX_STRING
                del tokens[place]
        for token, following in pairwise(tokens):
            if token.token_type is TokenType.WINDOW and following.token_type is TokenType.L_PAREN:
                token.token_type = TokenType.VAR
        return tokens


DIALECT = LocalDialect()
