"""How DuckDB's messages read on Databricks: patterns, each with what it says there."""

from __future__ import annotations

import re
from collections.abc import Callable

from attrs import frozen

from ..errors import SqlError

Say = Callable[[re.Match[str], str], SqlError]


@frozen
class Rule:
    """How one of DuckDB's messages reads on Databricks; `say` gets the match and the place."""

    pattern: re.Pattern[str]
    say: Say


RULES: list[Rule] = []


def rule(pattern: str) -> Callable[[Say], None]:
    """Adds what messages like `pattern` say; the first rule that matches counts."""

    def add(say: Say) -> None:
        RULES.append(Rule(re.compile(pattern, re.DOTALL), say))

    return add
