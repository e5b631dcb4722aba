"""What statements give back: queries a table, changes their counts, definitions nothing at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from .types import LONG, SparkType


@frozen
class Outcome:
    """What a statement gave: columns and rows, or no columns at all.

    `view` is the temporary view that the statement is now, if one was asked for.
    """

    names: tuple[str, ...] = ()
    kinds: tuple[SparkType, ...] = ()
    batches: Iterator[list[tuple[Any, ...]]] = field(factory=lambda: iter(()))
    view: str | None = None

    @classmethod
    def of(cls, columns: Mapping[str, SparkType], rows: Sequence[tuple[Any, ...]]) -> Outcome:
        """A small table that is here already."""
        return cls(tuple(columns), tuple(columns.values()), iter([list(rows)] if rows else []))

    def rows(self) -> list[tuple[Any, ...]]:
        """Every row."""
        return [row for batch in self.batches for row in batch]


AFFECTED = {"num_affected_rows": LONG}
INSERTED = {"num_affected_rows": LONG, "num_inserted_rows": LONG}
MERGED = {
    "num_affected_rows": LONG,
    "num_updated_rows": LONG,
    "num_deleted_rows": LONG,
    "num_inserted_rows": LONG,
}


def affected(outcome: Outcome) -> Outcome:
    """`num_affected_rows`, from DuckDB's count."""
    return Outcome.of(AFFECTED, [(_count(outcome),)])


def inserted(outcome: Outcome) -> Outcome:
    """The counts that an INSERT tells."""
    count = _count(outcome)
    return Outcome.of(INSERTED, [(count, count)])


def created(outcome: Outcome) -> Outcome:
    """What CREATE TABLE ... AS tells: the counts' names, and no counts."""
    outcome.rows()
    return Outcome.of(INSERTED, [])


def merged(outcome: Outcome) -> Outcome:
    """The counts that a MERGE tells, from the action taken on each row."""
    actions = [str(row[0]) for row in outcome.rows()]
    counts = [actions.count(action) for action in ("UPDATE", "DELETE", "INSERT")]
    return Outcome.of(MERGED, [(len(actions), *counts)])


def silent(outcome: Outcome) -> Outcome:
    """A statement without a result."""
    outcome.rows()
    return Outcome()


def _count(outcome: Outcome) -> int:
    rows = outcome.rows()
    return int(rows[0][0]) if rows else 0
