"""Bad days: `plan` says what a seed makes of one, and `promises` what must hold.

pytest tests/bad_days                               # the 300 of every day
BAD_DAYS=1234 pytest tests/bad_days                 # one of them again, exactly
cd tests && python -m bad_days 0-9999               # many more, on all cores
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from .faults import Fault
from .lived import diary_of, run, told
from .plan import Front, Life, Part, plan
from .promises import broken

# The SDK leaves streams to the garbage collector when it is cancelled before the first message.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*MemoryObject(Send|Receive)Stream:pytest.PytestUnraisableExceptionWarning"
)

USUAL = "0-299"
TESTS = Path(__file__).parent.parent


def _seeds() -> range:
    first, _, last = os.environ.get("BAD_DAYS", USUAL).partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("seed", _seeds())
def test_a_bad_day(seed: int, quick_dir: Path) -> None:
    evidence = run(seed, quick_dir)
    if found := broken(evidence):
        pytest.fail(told(evidence, found), pytrace=False)


@pytest.mark.parametrize("seed", [4, 41, 53, 207])
def test_a_day_is_lived_the_same_way_in_every_process(seed: int, quick_dir: Path) -> None:
    diaries = {diary_of(run(seed, quick_dir))}
    for hash_seed in ("1", "2"):
        lived = subprocess.run(
            [sys.executable, "-m", "bad_days", str(seed), "--diary"],
            cwd=TESTS,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        diaries.add(lived.stdout)
    (diary,) = diaries
    assert len(diary.splitlines()) > 50


def test_the_usual_days_have_everything_in_them() -> None:
    """Whoever makes days milder must say so here."""
    days = [plan(seed) for seed in range(300)]
    lives = [life for day in days for life in day.lives]
    people = [person for life in lives for person in life.people]
    fronts, parts = Counter(life.front for life in lives), Counter(p.part for p in people)
    assert min(fronts[front] for front in Front) >= 100
    assert min(parts[part] for part in Part) >= 100
    assert Counter(life.end for life in lives).total() == len(lives)
    assert min(Counter(life.end for life in lives).values()) >= 50
    assert sum(person.name.endswith("again") for person in people) >= 20
    assert sum(person.vanishes is not None for person in people) >= 200
    assert sum(day.abroad for day in days) >= 20
    assert sum(day.neighbour for day in days) >= 50
    assert sum(bool(day.victim) for day in days) >= 50
    assert sum(bool(day.token_life) for day in days) >= 50
    assert sum(_is_a_night(life) for life in lives) >= 5


def _is_a_night(life: Life) -> bool:
    return life.lasts > 8 * 3600


def test_the_usual_days_meet_every_fault(quick_dir: Path) -> None:
    """Sixty of them, in which each kind of fault happens, and most of them often."""
    met: Counter[Fault | None] = Counter()
    for seed in range(60):
        met.update(seen.fault for seen in run(seed, quick_dir / str(seed)).network.seen)
    assert all(met[fault] for fault in Fault), met
