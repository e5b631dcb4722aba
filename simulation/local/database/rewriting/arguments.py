"""Arguments that Databricks casts by itself: numbers, dates and binaries where a text is wanted.

`upper(12)`, `lpad(id, 5, 0)`, `day LIKE '2024%'`.  A function of texts that does otherwise with a
binary has a helper `bytes_NAME` among the macros.
See https://docs.databricks.com/sql/language-manual/sql-ref-datatype-rules.html.
"""

from __future__ import annotations

from sqlglot import exp

from .. import functions
from .coercion import spark
from .kinds import Kinds
from .texts import as_text

# Functions whose first argument is a text, and those whose first two are.
FIRST = """
ascii base64 bit_length char_length character_length crc32 initcap left len length mask md5
octet_length quote regexp regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like
regexp_substr repeat reverse right rlike sha sha1 sha2 soundex split str_to_map substr substring
translate
"""
TWO = """
btrim charindex contains endswith find_in_set instr levenshtein locate ltrim overlay rtrim
split_part startswith substring_index
"""
# Which arguments are texts, by the function's name.
TEXTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(FIRST.split(), (0,)),
    **dict.fromkeys(TWO.split(), (0, 1)),
    **dict.fromkeys(("lpad", "rpad"), (0, 2)),
    **dict.fromkeys(("regexp_replace", "replace"), (0, 1, 2)),
}
# What takes a date, also one that a text says by its year, or its year and month.
DATES = frozenset(
    {"add_months", "day", "dayofmonth", "dayofweek", "dayofyear", "last_day", "month", "quarter"}
    | {"weekday", "weekofyear", "year"}
)
# These take a binary as it is.
BINARIES = frozenset(
    {"base64", "bit_length", "char_length", "character_length", "crc32", "hash", "len", "length"}
    | {"md5", "octet_length", "sha", "sha1", "sha2", "substr"}
)
# What is read by its syntax, and has its text in `this`.
NODES = (
    *(exp.Upper, exp.Lower, exp.Initcap, exp.Trim, exp.Translate, exp.SplitPart, exp.Repeat),
    *(exp.Like, exp.ILike, exp.RegexpLike, exp.MD5, exp.SHA),
)


def texted(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """`node` as a text where its type is another; itself where it is unknown."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node
    kind = kinds.of(node)
    if kind is None or kind.name == "STRING":
        return node
    if kind.name == "NULL":
        return exp.cast(node.copy(), "TEXT")
    return as_text(node.copy(), kind)


def called(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    """A call with texts where it wants them."""
    name = node.name.lower()
    places = TEXTS.get(name)
    if name in DATES and kinds.name(node.expressions[0]) == "STRING":
        first = node.expressions[0]
        first.replace(spark("whole_date", first))
    if places is None or not node.expressions:
        return node
    binary = kinds.name(node.expressions[0]) == "BINARY"
    if binary and f"bytes_{name}" in functions.HELPERS:
        return spark(f"bytes_{name}", *node.expressions)
    if binary and name in BINARIES:
        return node
    for place in places:
        if place < len(node.expressions):
            each = node.expressions[place]
            each.replace(texted(each, kinds))
    return node


def inside(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """What `NODES` says, with a text in `this`."""
    value = node.this
    if isinstance(node, (exp.MD5, exp.SHA)) and kinds.name(value) == "BINARY":
        return node
    node.set("this", texted(value, kinds))
    return node
