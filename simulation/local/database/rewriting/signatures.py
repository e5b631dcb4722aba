"""How Spark writes a call in the name of a column: the function's name, and all of its arguments.

substring(name, 2)  ->  substring(name, 2, 2147483647)     array_agg(x)  ->  collect_list(x)
"""

from __future__ import annotations

from collections.abc import Sequence

# Written in capitals.
_CAPITALS = """
acos acosh asin asinh atan atan2 atanh cbrt cos cosh cot csc degrees e exp expm1 hypot ln log log10
log1p log2 pi power radians regexp regexp_like rlike sec sin sinh spark_partition_id sqrt tan tanh
"""
CAPITALS = frozenset(_CAPITALS.split())
# In capitals as well, of one argument.
ROUNDED = frozenset({"ceil", "floor"})
# Known by another name.
ALIASES = {
    "array_agg": "collect_list",
    "curdate": "current_date",
    "current_database": "current_schema",
    "position": "locate",
}
# Of so many arguments.
FORMS = {
    ("date_add", 3): "timestampadd",
    ("date_diff", 3): "timestampdiff",
    ("dateadd", 2): "date_add",
    ("dateadd", 3): "timestampadd",
    ("datediff", 3): "timestampdiff",
}
# What returns what it gets.
UNCHANGED = "lambdafunction(namedlambdavariable(), namedlambdavariable())"
# The last arguments, which may be left out, and how many there are with them.
ADDED: dict[str, tuple[int, tuple[str, ...]]] = {
    **dict.fromkeys(("substring", "substr"), (3, ("2147483647",))),
    **dict.fromkeys(("lpad", "rpad"), (3, (" ",))),
    **dict.fromkeys(("listagg", "string_agg"), (2, ("NULL",))),
    **dict.fromkeys(("approx_percentile", "percentile_approx"), (3, ("10000",))),
    **dict.fromkeys(
        ("from_unixtime", "unix_timestamp", "to_unix_timestamp"), (2, ("yyyy-MM-dd HH:mm:ss",))
    ),
    **dict.fromkeys(("lag", "lead"), (3, ("1", "NULL"))),
    **dict.fromkeys(("aggregate", "reduce"), (4, (UNCHANGED,))),
    "locate": (3, ("1",)),
    "mask": (5, ("X", "x", "n", "NULL")),
    "months_between": (3, ("true",)),
    "overlay": (4, ("-1",)),
    "percentile": (3, ("1",)),
    "regexp_instr": (3, ("0",)),
    "regexp_replace": (4, ("1",)),
    "split": (3, ("-1",)),
    "str_to_map": (3, (",", ":")),
}
# These do not tell that they leave NULLs out.
PICKED = frozenset({"any_value", "first", "first_value", "last", "last_value"})


def signature(name: str, arguments: Sequence[str]) -> str:
    """The call of `name`, in small letters, with `arguments` as Spark writes them."""
    told = list(arguments[:1] if name in PICKED else arguments)
    name = FORMS.get((name, len(told)), ALIASES.get(name, name))
    whole, added = ADDED.get(name, (0, ()))
    if told:
        told += added[len(added) - min(max(0, whole - len(told)), len(added)) :]
    if name in CAPITALS or (name in ROUNDED and len(told) == 1):
        name = name.upper()
    return f"{name}({', '.join(told)})"
