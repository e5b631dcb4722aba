"""What people asked for on a bad day, and what they were told, when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from typing import Any

import attrs

from .diary import Mark


class Refusal(Exception):
    """A tool's answer that it failed."""

    def __init__(self, structured: dict[str, Any], text: str) -> None:
        self.name = str(structured.get("error", ""))
        self.structured = structured
        super().__init__(f"{self.name}: {text}")


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

    @property
    def advice(self) -> str:
        """What the error says is to be done."""
        if isinstance(self.error, Refusal):
            return str(self.error.structured.get("advice") or "")
        return str(getattr(self.error, "advice", None) or "")

    def __str__(self) -> str:
        end = "never came back" if self.ended is None else f"{self.ended:.2f}"
        how = "left" if self.left else repr(self.error) if self.error else "answered"
        name = f" {self.mark.name}" if self.mark else ""
        return f"{self.began:9.2f} - {end} {self.person} {self.what}{name}: {how}"


@attrs.frozen
class Sight:
    """What one answer says of a piece of work.

    Attributes:
      over: whether it is told as over.
      well: whether it is told as gone well; None where that is not told.
      text: the result, if that is told.
      rows: the numbers in its rows, if those are told.
      offset: the number of the first of them.
      cut: whether the result is told as cut.
      said: what a model reads of it; empty where there is no such text.
      said_over: whether that text tells it as over.
      said_well: likewise, as gone well.
    """

    over: bool
    well: bool | None = None
    text: str | None = attrs.field(default=None, repr=False)
    rows: tuple[int, ...] | None = attrs.field(default=None, repr=False)
    offset: int = 0
    cut: bool = False
    said: str = attrs.field(default="", repr=False)
    said_over: bool | None = None
    said_well: bool | None = None


@attrs.frozen
class Told:
    """What somebody was told about a piece of work.

    Attributes:
      mark: the work.
      kind: "command", "run" or "statement".
      at: the second of the day at which it was told.
      asked: the second at which the question was put.
      limit: seconds for which the caller was ready to wait; none where that is not said.
      sight: what was told.
    """

    mark: Mark
    kind: str
    at: float
    asked: float
    limit: float
    sight: Sight


@attrs.define(eq=False)
class Records:
    """All calls of a day, all that was told, and the ids that came back."""

    calls: list[Call] = attrs.field(factory=list)
    told: list[Told] = attrs.field(factory=list)
    runs: dict[str, set[int]] = attrs.field(factory=lambda: defaultdict(set))
    """The run ids that came back for each mark."""
    alive: Callable[[], Container[str]] = attrs.field(default=frozenset)
    """Asks the workspaces themselves which contexts live."""
    where: Mapping[str, str] = attrs.field(factory=dict)
    """The context in which each command was run."""
    not_destroyed: list[tuple[str, float]] = attrs.field(factory=list)
    """The contexts that were told as destroyed, and when, and that lived at that moment."""
    cuts: dict[str, list[float]] = attrs.field(factory=lambda: defaultdict(list))
    """When each person's calls were cancelled."""
    heard: list[bytes] = attrs.field(factory=list)
    """Everything that servers sent to hosts."""
    shown: list[str] = attrs.field(factory=list)
    """Status lines of whatever was alive."""
