"""What DuckDB is to run for one statement, and how its result is told."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen

from .outcomes import Outcome

Tell = Callable[[Outcome], Outcome]


@frozen
class Plan:
    """What to run.

    Attributes:
      statements: DuckDB SQL; more than one run as one transaction.
      told: makes the last one's result into the statement's.
      afterwards: comments and the like, which belong to no transaction.
    """

    statements: tuple[str, ...]
    told: Tell = field(default=lambda outcome: outcome, repr=False)
    afterwards: tuple[str, ...] = ()
