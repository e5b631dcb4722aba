"""What changes a call of each function: filled by the modules of the functions' families."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .kinds import Kinds

Call = Callable[[exp.Anonymous, Kinds], exp.Expr]
CALLS: dict[str, Call] = {}


def called(*names: str) -> Callable[[Call], Call]:
    """Registers what changes a call of one of `names`."""

    def add(call: Call) -> Call:
        CALLS.update(dict.fromkeys(names, call))
        return call

    return add


def renamed(name: str, node: exp.Anonymous) -> exp.Anonymous:
    """The same call of another function."""
    return exp.Anonymous(this=name, expressions=[each.copy() for each in node.expressions])
