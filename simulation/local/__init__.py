"""The local engine: code and SQL of a simulated workspace, run for real on this machine.

Only `Local` is for others, and it is imported when asked for: the child processes of the engine
pass through here too, and start quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import Local

__all__ = ["Local"]


def __getattr__(name: str) -> Any:
    if name == "Local":
        from .engine import Local  # noqa: PLC0415 (see above)

        return Local
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
