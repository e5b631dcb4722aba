"""What people asked for on a bad day, and what they were told, when."""

from __future__ import annotations

from typing import Any

import attrs

from .diary import Mark
from .host import Answered

UNBOUNDED = 500.0  # seconds that a call without a limit of its own may take on the worst of days


class Refusal(Exception):
    """A tool's answer that it failed."""

    def __init__(self, answer: Answered) -> None:
        self.name = str(answer.structured.get("error", ""))
        self.structured = answer.structured
        super().__init__(f"{self.name}: {answer.text}")


@attrs.define(eq=False)
class Call:
    """One call, from its beginning to its answer.

    Attributes:
      person: who called.
      what: the tool, or the method.
      limit: seconds within which it must come back.
      began: the second of the day.
      ended: likewise; None while it goes on.
      error: what it raised.
      left: whether the caller left before there was an answer.
    """

    person: str
    what: str
    limit: float
    began: float
    mark: Mark | None = None
    ended: float | None = None
    error: BaseException | None = None
    left: bool = False
    answer: Any = attrs.field(default=None, repr=False)

    @property
    def trouble(self) -> str:
        """The name of the error, as the library raises it or a tool tells it; empty if none."""
        if isinstance(self.error, Refusal):
            return self.error.name
        return type(self.error).__name__ if self.error else ""

    def __str__(self) -> str:
        end = "never came back" if self.ended is None else f"{self.ended:.2f}"
        how = "left" if self.left else repr(self.error) if self.error else "answered"
        name = f" {self.mark.name}" if self.mark else ""
        return f"{self.began:9.2f} - {end} {self.person} {self.what}{name}: {how}"


@attrs.frozen
class Told:
    """What somebody was told about a piece of work.

    Attributes:
      mark: the work.
      at: the second of the day at which it was told.
      asked: the second at which the question was put.
      over: whether it was told as over.
      well: whether it was told as gone well; None where that was not told.
      text: the result, if that was told.
      rows: how many rows there were, if that was told.
      cut: whether the result was told as cut.
      pace: seconds between two looks at the longest.
    """

    mark: Mark
    at: float
    asked: float
    over: bool
    well: bool | None = None
    text: str | None = None
    rows: int | None = None
    cut: bool = False
    pace: float = 5.0


@attrs.define(eq=False)
class Records:
    """All calls of a day, all that was told, and the ids that came back."""

    calls: list[Call] = attrs.field(factory=list)
    told: list[Told] = attrs.field(factory=list)
    contexts: dict[str, str] = attrs.field(factory=dict)
    """Who asked for each context whose id came back."""
    runs: dict[str, int] = attrs.field(factory=dict)
    """The run of each mark, where its id came back."""
    heard: list[bytes] = attrs.field(factory=list)
    """Everything that servers sent to hosts."""
    shown: list[str] = attrs.field(factory=list)
    """Status lines of whatever was alive."""
