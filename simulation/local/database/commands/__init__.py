"""The statements about the database itself, which are no SQL to DuckDB.

See https://docs.databricks.com/sql/language-manual/ for what each one answers.
"""

from . import (
    descriptions,
    listings,
    standpoints,
    upkeep,
    variables,  # before `SET {rest}`, which would take `SET VAR` for a setting
)
from .patterns import Instead, find

__all__ = ["Instead", "descriptions", "find", "listings", "standpoints", "upkeep", "variables"]
