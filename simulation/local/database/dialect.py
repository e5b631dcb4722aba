"""Databricks SQL as it is read here: sqlglot's dialect, with our own functions left as calls.

sqlglot knows many functions by their meaning, and writes them for DuckDB as it sees fit.  Where
`functions` has a macro, or `calls` a change to the tree, the call stays a call.
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

from . import functions

# Calls that `calls` and `generators` change, and that sqlglot would read as something else.
CHANGED = frozenset(
    {"date_format", "to_char", "to_varchar", "to_number", "try_to_number", "elt", "format_string"}
    | {"from_json", "schema_of_json", "json_tuple", "to_json", "from_csv", "to_csv", "variant_get"}
    | {"stack", "inline", "inline_outer", "explode", "explode_outer", "posexplode", "printf"}
    | {"posexplode_outer", "zip_with", "map_zip_with", "transform_keys", "transform_values"}
    | {"size", "cardinality", "reverse", "sequence", "element_at", "typeof", "map_concat", "hash"}
    | {"pmod", "mod", "unix_timestamp", "to_unix_timestamp", "from_unixtime", "to_date"}
    | {"to_timestamp", "try_to_timestamp", "try_to_date", "to_timestamp_ntz", "date_part"}
    | {"datepart", "try_variant_get", "schema_of_csv", "arrays_zip", "map_filter", "decode"}
    | {"percentile", "median", "to_timestamp_ltz", "date_add"}
    | {"date_sub", "datediff", "date_diff", "dateadd", "timestampdiff", "timestampadd", "string"}
    | {
        "get_json_object",
        "trunc",
        "date_trunc",
        "any",
        "some",
        "mode",
        "try_add",
        "try_subtract",
        "try_multiply",
    }
    | {"try_divide", "try_sum", "try_avg", "months_between", "xxhash64", "crc32", "concat"}
)
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
# Databricks has them, and neither DuckDB nor we do.
LEFT_OUT = frozenset(
    {
        "hash",
        "xxhash64",
        "crc32",
        "soundex",
        "sentences",
        "from_xml",
        "to_xml",
        "xpath",
        "aes_encrypt",
    }
    | {"aes_decrypt", "try_aes_decrypt", "from_avro", "to_avro", "from_protobuf", "to_protobuf"}
    | {"ai_query", "ai_gen", "ai_classify", "ai_extract", "ai_summarize", "ai_translate", "ai_mask"}
    | {"ai_analyze_sentiment", "ai_similarity", "ai_fix_grammar", "ai_forecast", "vector_search"}
    | {
        "histogram_numeric",
        "count_min_sketch",
        "hll_sketch_agg",
        "hll_sketch_estimate",
        "hll_union",
    }
    | {"h3_longlatash3", "h3_boundaryaswkt", "st_point", "st_distance", "http_request", "reflect"}
    | {"java_method", "schema_of_csv", "from_csv", "to_csv", "secret", "try_secret", "read_kafka"}
    | {"bitmap_bit_position", "bitmap_construct_agg", "bitmap_count", "randstr", "schema_of_xml"}
    | {
        "schema_of_variant",
        "is_variant_null",
        "schema_of_variant_agg",
        "make_interval",
        "approx_top_k",
        "kll_sketch_agg",
    }
)
LEFT_ALONE = frozenset(name.upper() for name in CHANGED | functions.NAMES | set(CASTS) | LEFT_OUT)
# Read by their syntax rather than as lists of arguments.
OWN_SYNTAX = frozenset({"SUBSTRING", "SUBSTR", "OVERLAY", "POSITION", "TRIM", "CAST", "TRY_CAST"})


def _flagged(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A CAST that knows it was one; `DATE'2024-01-31'` is a cast to sqlglot as well."""

    def parsed(parser: Any) -> Any:
        tree = parse(parser)
        if isinstance(tree, exp.Expr):
            tree.meta["spelled"] = True
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
            name: build
            for name, build in DatabricksParser.FUNCTIONS.items()
            if name not in LEFT_ALONE
        }
        FUNCTION_PARSERS = {  # noqa: RUF012 (likewise)
            name: _flagged(parse) if name.endswith("CAST") else parse
            for name, parse in DatabricksParser.FUNCTION_PARSERS.items()
            if name not in LEFT_ALONE or name in OWN_SYNTAX
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
        for token, following in pairwise(tokens):
            if token.token_type is TokenType.WINDOW and following.token_type is TokenType.L_PAREN:
                token.token_type = TokenType.VAR
        return tokens


DIALECT = LocalDialect()
