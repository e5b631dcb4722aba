"""The program's log: lines on stderr, bounded in length and in number.

A host keeps what its servers write there, and nobody empties it.  So a line is cut at
`LONGEST_LINE`, and of one minute's lines no more than `A_MINUTE` are written; the rest is counted,
and told in one line.  With `debug`, which somebody asked for, all lines are written.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

# httpx tells whole URLs at INFO, and a link to a result in cloud storage is a secret.
QUIET_LIBRARIES = ("httpx", "httpx2", "httpcore", "httpcore2", "hpack", "databricks", "mcp")
LONGEST_LINE = 20_000  # characters: a traceback through all floors has some 10,000
A_MINUTE = 600  # lines, twenty times what a busy hour has: 12 MB at the very worst
MINUTE = 60.0  # seconds


class Bounded(logging.Handler):
    """Writes records to stderr, each within `LONGEST_LINE`, and no more than `most` a minute."""

    def __init__(self, most: float, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._most, self._now = most, now
        self._since, self._written, self._left_out = now(), 0, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, or count it."""
        if self._now() - self._since >= MINUTE:
            self._turn()
        if self._written >= self._most:
            self._left_out += 1
            return
        self._written += 1
        try:
            self._write(self.format(record))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Tell what was left out last."""
        self._turn()
        super().close()

    def _turn(self) -> None:
        left_out = self._left_out
        self._since, self._written, self._left_out = self._now(), 0, 0
        if left_out:
            self._write(
                f"{left_out:,} more lines are left out: {self._most:g} a minute are written"
            )

    def _write(self, text: str) -> None:
        if len(text) > LONGEST_LINE:
            text = f"{text[:LONGEST_LINE]}… ({len(text):,} characters)"
        if sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


def log_to_stderr(level: int) -> None:
    """Log from `level` on, and nothing but what matters of the libraries."""
    most = float("inf") if level <= logging.DEBUG else A_MINUTE
    logging.basicConfig(level=level, handlers=[Bounded(most)], force=True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
