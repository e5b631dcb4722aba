"""Pieces of DuckDB SQL as trees, and back."""

from __future__ import annotations

from sqlglot import exp

OURS = "ours"  # in a call's meta: DuckDB's function, which no caller could have named


def duck(sql: str) -> exp.Expr:
    """The tree of an expression or a query in DuckDB's dialect."""
    tree: exp.Expr = exp.maybe_parse(sql, dialect="duckdb")
    return tree


def quote(value: str) -> str:
    """A string literal in DuckDB's dialect."""
    return exp.Literal.string(value).sql("duckdb")
