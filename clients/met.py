"""What the requests of one piece of work have met, for whoever loses patience with it.

Attempts that failed are repeated in silence.  Who gives up before they do should say why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import attrs

from ..errors import ToolkitError


@attrs.define
class Met:
    """How the latest attempt ended: `trouble`, or None where it went well."""

    trouble: ToolkitError | None = None


_met: ContextVar[Met | None] = ContextVar("met", default=None)


@contextmanager
def noting() -> Iterator[Met]:
    """Notes what requests meet that are made in the block, and in tasks that it starts."""
    met = Met()
    token = _met.set(met)
    try:
        yield met
    finally:
        _met.reset(token)


def note(trouble: ToolkitError | None) -> None:
    """An attempt ended, in `trouble` or well."""
    if (met := _met.get()) is not None:
        met.trouble = trouble
