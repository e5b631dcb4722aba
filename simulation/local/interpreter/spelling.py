"""Names and texts spelled for DuckDB and for Spark."""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def identifier(name: str) -> str:
    """A name quoted for DuckDB."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def quoted(name: str) -> str:
    """A name between backticks, for Spark."""
    return exp.to_identifier(name, quoted=True).sql("spark")


def literal(text: str) -> str:
    """A text quoted for DuckDB."""
    return exp.Literal.string(text).sql("duckdb")


def truth(value: Any) -> bool:
    """Whether an option, `True` or `"true"`, is on."""
    return str(value).lower() == "true"
