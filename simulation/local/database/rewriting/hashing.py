"""`hash` and `xxhash64`: which words a value is folded by, which its type says.

See https://docs.databricks.com/sql/language-manual/functions/hash.html.
"""

from __future__ import annotations

from sqlglot import exp

from .. import errors
from .fragments import duck
from .kinds import Kinds
from .registry import called
from .sharing import once

SEED = 42
LONG_DECIMAL = 18  # digits; one of more is folded as bytes
# A value of each type, DuckDB SQL `{0}`, as what is folded, and how.
FOLDED = {
    **dict.fromkeys(("BYTE", "SHORT", "INT"), ("int", "{0}")),
    "BOOLEAN": ("int", "CAST({0} AS INT)"),
    "DATE": ("int", "spark_unix_date({0})"),
    "LONG": ("long", "{0}"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_NTZ"), ("long", "epoch_us({0})")),
    "DECIMAL": ("long", "CAST(spark_whole({0}) AS BIGINT)"),
    "STRING": ("bytes", "encode({0})"),
    "BINARY": ("bytes", "{0}"),
    "NULL": ("int", "CAST({0} AS INT)"),
}


def _folded(fold: str, value: str, before: str) -> str:
    return once(value, lambda told: once(before, lambda seed: f"{fold}({told}, {seed})"))


@called("hash", "xxhash64")
def _hashed(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    short = node.name.lower() == "hash"
    family, width = ("hash", "UBIGINT") if short else ("xx", "UHUGEINT")
    told = f"CAST({SEED} AS {width})"
    for each in node.expressions:
        kind = kinds.of(each)
        name = "STRING" if isinstance(each, exp.Literal) and each.is_string else ""
        name = name or (kind.name if kind else "STRING")
        if name not in FOLDED or (kind and (kind.precision or 0) > LONG_DECIMAL):
            raise errors.unsupported(f"`{node.name.lower()}` of a {kind.text if kind else name}")
        word, value = FOLDED[name]
        told = _folded(f"spark_{family}_{word}", value.format(each.sql("duckdb")), told)
    end = "spark_signed_int" if short else "spark_signed_long"
    return duck(f"list_transform([{told}], lambda h: {end}(h))[1]")
