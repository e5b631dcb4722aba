"""A value that is needed more than once is computed once: `list_transform([value], x -> ...)[1]`.

DuckDB puts a macro's arguments wherever its body names them, so that calls inside of calls would
grow by powers: five quotients of DECIMALs, one inside the other, took it minutes, in which it
listens to no interrupt.  A column or a literal stays where it is; what holds a macro is shared.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import cache

from sqlglot import exp

from .. import functions
from .fragments import duck

SHARED = "shared"  # in a node's meta: it has been looked at, and what is in it
LONG = 80  # characters; what is longer holds a call, or soon will
GROWING = re.compile(r"\bspark_|\bCASE\b|\blist_transform\b", re.IGNORECASE)


def once(value: str, told: Callable[[str], str]) -> str:
    """DuckDB SQL of what `told` makes of `value`, which may name it more than once."""
    if len(value) <= LONG and not GROWING.search(value):
        return told(value)
    name = _name(value)
    return f"list_transform([{value}], lambda {name}: {told(name)})[1]"


def shared(tree: exp.Expr) -> exp.Expr:
    """`tree`, in which the macros that name an argument more than once get it by a name."""
    calls = [
        node
        for node in tree.walk(prune=lambda node: bool(node.meta.get(SHARED)))
        if isinstance(node, exp.Anonymous)
        and node.name.startswith(functions.PREFIX)
        and not node.meta.get(SHARED)
    ]
    for call in calls:
        call.meta[SHARED] = True
        made = _with_names(call)
        if call is tree:
            tree = made
        elif made is not call:
            call.replace(made)
    tree.meta[SHARED] = True
    return tree


def _with_names(call: exp.Anonymous) -> exp.Expr:
    places = repeated(call.name.lower().removeprefix(functions.PREFIX), len(call.expressions))
    bound: list[tuple[str, str]] = []
    arguments: list[exp.Expr] = []
    for place, each in enumerate(call.expressions):
        value = each.sql("duckdb") if place in places and not isinstance(each, exp.Lambda) else ""
        if GROWING.search(value):
            bound.append((value, _name(value)))
            arguments.append(exp.column(_name(value)))
        else:
            arguments.append(each.copy())
    if not bound:
        return call
    inner: exp.Expr = exp.Anonymous(this=call.name, expressions=arguments)
    inner.meta[SHARED] = True
    for value, name in bound:
        told = f"list_transform([{value}], lambda {name}: {inner.sql('duckdb')})[1]"
        inner = duck(told)
    for each in inner.find_all(exp.Anonymous):
        each.meta[SHARED] = True
    return inner


def _name(value: str) -> str:
    # Equal values have equal names: an expression and its like in GROUP BY stay alike.
    return f"once_{zlib.crc32(value.encode()):08x}"


@cache
def repeated(macro: str, count: int) -> frozenset[int]:
    """The places of the `count` arguments of `macro` that its body names more than once."""
    places: set[int] = set()
    for form in (*functions.FORMS.get(macro, ()), *functions.HELPERS.get(macro, ())):
        head, _, body = form.partition(") AS ")
        names = [each.split()[0] for each in head.strip("(").split(",") if each.strip()]
        if len(names) == count:
            nested = "spark_" in body
            places |= {
                place
                for place, name in enumerate(names)
                if nested or len(re.findall(rf"\b{name}\b", body)) > 1
            }
    return frozenset(places)
