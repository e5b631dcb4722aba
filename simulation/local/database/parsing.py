"""Databricks SQL taken apart: a script into statements, a statement into a tree.

sqlglot reads more than Databricks runs, so a tree of the wrong kind is a syntax error here.
"""

from __future__ import annotations

import logging
import re

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from . import errors
from .dialect import DIALECT

# The statements that can be translated; the rest is in `commands`, or is refused.
RUNNABLE = (
    exp.Query,
    exp.Values,
    exp.Create,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.TruncateTable,
    exp.Alter,
    exp.Drop,
    exp.Comment,
)

# Databricks' statements that sqlglot does not read.
LEFT_OUT = frozenset({"BEGIN", "CALL", "CONVERT", "FSCK", "GENERATE", "REORG", "RESTORE", "UNDROP"})

DEEP_CLONE = re.compile(r"\bDEEP\s+CLONE\b", re.IGNORECASE)  # sqlglot reads it without DEEP

# It warns of each statement that it hands over unparsed; those are told to the caller as errors.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def split(script: str) -> list[str]:
    """The statements of a script, without their semicolons; comments alone are no statement.

    Raises:
      SqlError: a quote or a comment that does not end.
    """
    statements: list[str] = []
    run: list[Token] = []
    for token in [*_tokens(script), None]:
        if token is not None and token.token_type is not TokenType.SEMICOLON:
            run.append(token)
        elif run:
            statements.append(script[run[0].start : run[-1].end + 1])
            run = []
    return statements


def single(statement: str) -> str:
    """The one statement in `statement`.

    Raises:
      SqlError: there is none, or more than one.
    """
    found = split(statement)
    if not found:
        raise errors.empty_statement()
    if len(found) > 1:
        second = next(iter(_tokens(found[1])), None)
        near = second.text if second else ""
        before = statement[: statement.index(found[1], len(found[0]))]
        line = before.count("\n") + 1
        raise errors.syntax_error(statement, near, line, len(before) - before.rfind("\n") - 1)
    return found[0]


def parse(statement: str) -> exp.Expr:
    """The tree of one statement.

    Raises:
      SqlError: Databricks would not read it, or the local engine cannot run its kind.
    """
    begins = statement.split(None, 1)[0].upper() if statement.split() else ""
    if begins in LEFT_OUT:
        raise errors.unsupported(f"{begins} statements")
    text = DEEP_CLONE.sub("CLONE", statement) if begins == "CREATE" else statement
    try:
        trees = [tree for tree in DIALECT.parse(text) if tree is not None]
    except (ParseError, TokenError) as error:
        if isinstance(error, ParseError):
            raise errors.from_parser(error, statement) from None
        raise _unreadable(statement) from None
    if not trees:
        raise errors.empty_statement()
    if len(trees) > 1:
        raise errors.syntax_error(statement, "", 1, 0)
    tree = trees[0]
    tree.meta["statement"] = statement  # columns are named by what was written
    if isinstance(tree, exp.Select) and not tree.expressions:
        raise errors.syntax_error(statement, "", 1, len(statement))
    if isinstance(tree, exp.Drop) and len(tree.args.get("tables") or ()) > 1:
        place = statement.index(",")
        raise errors.syntax_error(statement, ",", 1, place)
    if isinstance(tree, RUNNABLE):
        return tree
    first = statement.split(None, 1)[0]
    if first.upper() in errors.STATEMENTS or isinstance(tree, (exp.Command, exp.Grant, exp.Revoke)):
        raise errors.unsupported(f"{' '.join(statement.split()[:2]).upper()} statements")
    raise errors.syntax_error(statement, first, 1, 0)


def _tokens(text: str) -> list[Token]:
    try:
        return list(DIALECT.tokenize(text))
    except TokenError:
        raise _unreadable(text) from None


def _unreadable(text: str) -> errors.SqlError:
    """A quote or a comment that does not end."""
    for quote in ("'", '"', "`"):
        if text.count(quote) % 2:
            before = text[: text.rindex(quote)]
            place = len(before) - before.rfind("\n") - 1
            return errors.syntax_error(text, quote, before.count("\n") + 1, place)
    return errors.syntax_error(text, "", text.count("\n") + 1, len(text) - text.rfind("\n") - 1)
