"""State machines as data: which word a later poll may show.

A table says what may follow directly; `closed` makes of it what a later *poll* may show, since
polls skip states.  Two rules for reading a table:

* A word that the table does not have is not a crash.  It is not final, and polling goes on.
* A word that cannot follow the last one is old news, and is passed over: Databricks' answers may
  lag by seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import attrs

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=StrEnum)
S = TypeVar("S")
Later = Mapping[E, frozenset[E]]
"""For each state, the others that a later poll may show; for a final one, none."""

_told: set[tuple[str, str]] = set()  # unknown words that were logged; Databricks has few of them
MOST_TOLD = 100  # words; a server that makes up new ones for ever shall not fill our memory


def closed(steps: Mapping[E, Iterable[E]]) -> Later[E]:
    """The table closed under skipping: what can be reached in one step or more.

    A state on a circle is not counted as following itself.
    """

    def reached(state: E) -> frozenset[E]:
        found: set[E] = set()
        to_do = [*steps[state]]
        while to_do:
            if (step := to_do.pop()) not in found:
                found.add(step)
                to_do += steps[step]
        return frozenset(found - {state})

    return MappingProxyType({state: reached(state) for state in steps})


@attrs.frozen
class Course(Generic[S]):
    """The course that one kind of resource takes.

    Attributes:
      later: its table.
      word: what a sight of it says of its state.
    """

    later: Later[Any]
    word: Callable[[S], str]

    def is_over(self, seen: S) -> bool:
        """Whether nothing follows.  An unknown word is not the end."""
        return self.later.get(self.word(seen)) == frozenset()

    def is_news(self, before: S | None, seen: S) -> bool:
        """Whether `seen` may follow `before`; what is unknown may follow anything."""
        word = self.word(seen)
        if word not in self.later:
            _tell(type(next(iter(self.later))).__name__, word)
            return True
        last = None if before is None else self.word(before)
        return last == word or last not in self.later or word in self.later[last]


def _tell(kind: str, word: str) -> None:
    if (kind, word) not in _told and len(_told) < MOST_TOLD:
        _told.add((kind, word))
        logger.warning("%s %r is not known here; it is taken as not final", kind, word)
