"""Pages of runs, the newest first, in both directions, over a list to which runs are added.

A token names the run at the edge of a page, and not how many stand before it: runs that start
meanwhile move nothing that a client has not seen yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from ..wire import Refusal
from .run import JobRun

OLDER, NEWER = "r", "n"  # how a token begins that leads to the runs before, or after, its run


def page_of_runs(
    runs: Sequence[JobRun],
    wanted: Callable[[JobRun], bool],
    token: str,
    limit: int,
    skipped: int = 0,
) -> tuple[list[JobRun], dict[str, str]]:
    """One page, and the tokens that lead on from it and back.

    Args:
      runs: all of them, the oldest first.
      wanted: whether a run is to be shown.
      token: as a client sent it; empty for the first page.
      limit: how many fit on a page.
      skipped: how many of the newest are left out (the deprecated `offset`).
    """
    back, edge = token.startswith(NEWER), _edge(token)

    def found() -> Iterator[JobRun]:
        for run in runs if back else reversed(runs):
            if (edge is None or (run.run_id > edge if back else run.run_id < edge)) and wanted(run):
                yield run

    page = list(islice(found(), skipped, skipped + limit + 1))
    beyond = len(page) > limit
    del page[limit:]
    if back:
        page.reverse()
    older, newer = (True, beyond) if back else (beyond, edge is not None)
    tokens = {}
    if page and older:
        tokens["next_page_token"] = f"{OLDER}{page[-1].run_id}"
    if page and newer:
        tokens["prev_page_token"] = f"{NEWER}{page[0].run_id}"
    return page, tokens


def _edge(token: str) -> int | None:
    if not token:
        return None
    try:
        return int(token.removeprefix(NEWER).removeprefix(OLDER))
    except ValueError:
        raise Refusal.invalid("Invalid page token.") from None
