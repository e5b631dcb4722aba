"""Living the day of a seed: the same way each time, in any process."""

from __future__ import annotations

import logging
import os
import random
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import trio
import trio.testing

from .plan import plan
from .world import Evidence, live


class _Log(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("databricks_mcp_toolkit.simulation"):
            self._lines.append(self.format(record))


def run(seed: int, state: Path) -> Evidence:
    """Live the day of a seed, the same way each time."""
    log: list[str] = []
    handler = _Log(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    random.seed(seed)
    _make_deterministic(seed)
    try:
        # Tokens, names of lock files and the secret ends of links come from here.
        chance = random.Random(f"urandom {seed}").randbytes
        with patch.object(os, "urandom", chance), patch.object(random, "_urandom", chance):
            return trio.run(
                live,
                plan(seed),
                state,
                log,
                clock=trio.testing.MockClock(autojump_threshold=0),
            )
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _make_deterministic(seed: int) -> None:
    """Trio runs the tasks that are ready in random order; here, of this seed's."""
    from trio._core import _run

    with suppress(AttributeError):
        _run._ALLOW_DETERMINISTIC_SCHEDULING = True
        _run._r.seed(seed)


def diary_of(evidence: Evidence) -> str:
    """All that happened on a day, a line each: what two lives of the same day must share."""
    lines = [
        *(f"{seen.at!r} {seen} {seen.text}" for seen in evidence.network.seen),
        *map(str, evidence.records.calls),
        *map(str, evidence.records.told),
        *evidence.records.shown,
        *(heard.decode() for heard in evidence.records.heard),
        *map(str, evidence.diary.truths.values()),
        evidence.log,
    ]
    return "\n".join(lines).replace(str(evidence.state), "STATE")


def told(evidence: Evidence, found: list[str]) -> str:
    """What was broken on a day, how to live it again, and what it was like."""
    seed = evidence.day.seed
    return "\n".join(
        [
            f"On day {seed}, which `BAD_DAYS={seed} pytest tests/bad_days` lives again:",
            *(f"  {line}" for line in found[:20]),
            "It was planned as",
            *(f"  {life}" for life in evidence.day.lives),
            f"  {evidence.day.weather}",
            f"  {evidence.day.mishaps}",
            "and the calls were",
            *(f"  {call}" for call in evidence.records.calls[:200]),
        ]
    )
