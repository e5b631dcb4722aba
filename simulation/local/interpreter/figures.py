"""The matplotlib backend of an interpreter: draws into memory, and shows at the end of the command.

matplotlib finds it by `MPLBACKEND=module://...`, so nothing is imported until the user's code asks.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

__all__ = ["FigureCanvas", "show"]


def show(*_: Any, **__: Any) -> None:
    """`plt.show()`: the figure stays open, and the command's end shows it."""
