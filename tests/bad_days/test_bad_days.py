"""Bad days: `plan` says what a seed makes of one, and `promises` what must hold.

pytest tests/bad_days                               # the 300 of every day
BAD_DAYS=0-9999 pytest tests/bad_days               # many more
BAD_DAYS=1234 pytest tests/bad_days                 # one of them again, exactly
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .promises import broken
from .world import Evidence, run

USUAL = "0-299"


def _seeds() -> range:
    first, _, last = os.environ.get("BAD_DAYS", USUAL).partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("seed", _seeds())
def test_a_bad_day(seed: int, quick_dir: Path) -> None:
    evidence = run(seed, quick_dir)
    if found := broken(evidence):
        pytest.fail(_told(seed, evidence, found), pytrace=False)


def _told(seed: int, evidence: Evidence, found: list[str]) -> str:
    calls = [str(call) for call in evidence.records.calls]
    return "\n".join(
        [
            f"On day {seed}, which `BAD_DAYS={seed} pytest tests/bad_days` lives again:",
            *(f"  {line}" for line in found[:20]),
            "It was planned as",
            *(f"  {life}" for life in evidence.day.lives),
            f"  {evidence.day.weather}",
            f"  {evidence.day.mishaps}",
            "and the calls were",
            *(f"  {line}" for line in calls[:200]),
        ]
    )


def test_a_day_is_lived_the_same_way_each_time(tmp_path: Path) -> None:
    days = [run(41, tmp_path / name) for name in ("once", "again")]
    once, again = ([str(call) for call in day.records.calls] for day in days)
    assert once == again
    assert [seen.at for seen in days[0].network.seen] == [seen.at for seen in days[1].network.seen]
