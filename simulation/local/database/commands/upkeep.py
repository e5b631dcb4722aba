"""TABLE, and the upkeep of files that this engine does not have."""

from __future__ import annotations

from ..outcomes import Outcome
from ..standing import Standing
from .patterns import Instead, command


@command("TABLE {name}")
def _whole_table(_session: Standing, name: str) -> Instead:
    return Instead(f"SELECT * FROM {name}")


@command(
    "OPTIMIZE {rest}",
    "VACUUM {rest}",
    "ANALYZE {rest}",
    "REFRESH {rest}",
    "CACHE {rest}",
    "UNCACHE {rest}",
    "CLEAR CACHE",
    "MSCK {rest}",
)
def _upkeep(_session: Standing, rest: str = "") -> Outcome:
    # Upkeep of files that this engine does not have: nothing to do is done.
    del rest
    return Outcome()
