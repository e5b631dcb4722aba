"""Many bad days on all cores: `cd tests && python -m bad_days 0-9999`.

Days on which a promise was broken are told with how to live them again, and make it fail; at the
end it says how many days there were, and what happened in them.  With `--diary`, one day's diary.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from .lived import diary_of, run, told
from .promises import broken

AT_A_TIME = 10  # days that a process takes at once


def live(seed: int) -> tuple[Counter[str], str]:
    """Live a day: what happened, and what was broken."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        try:
            evidence = run(seed, Path(directory))
        except Exception:  # as text: not every error finds its way from one process to another
            return Counter(days=1), f"Day {seed} came to no end: {traceback.format_exc()}"
    found = broken(evidence)
    happened = Counter(
        days=1,
        hours=round(evidence.length / 3600),
        servers=len(evidence.endings),
        calls=len(evidence.records.calls),
        answers=len(evidence.records.told),
        requests=len(evidence.network.seen),
    )
    happened.update(f"ended: {ending.life.end.value}" for ending in evidence.endings)
    happened.update(f"fault: {seen.fault.value}" for seen in evidence.network.seen if seen.fault)
    return happened, told(evidence, found) if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bad_days", description=__doc__)
    parser.add_argument("seeds", help="one, or the first and the last: 0-9999")
    parser.add_argument("--diary", action="store_true", help="print one day's diary")
    chosen = parser.parse_args()
    first, _, last = chosen.seeds.partition("-")
    if chosen.diary:
        with tempfile.TemporaryDirectory() as directory:
            sys.stdout.write(diary_of(run(int(first), Path(directory))))
        return
    began, happened, bad = time.monotonic(), Counter[str](), 0
    with multiprocessing.Pool() as processes:
        seeds = range(int(first), int(last or first) + 1)
        for what, broken_promises in processes.imap_unordered(live, seeds, AT_A_TIME):
            happened += what
            if broken_promises:
                bad += 1
                print(broken_promises, flush=True)
    for name, times in happened.most_common():
        print(f"{times:12,}  {name}")
    print(f"{bad} of them broke a promise; {time.monotonic() - began:.0f} s")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
